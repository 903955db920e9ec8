"""Scenes in painter's order: visible parts, union, labels; and shapes in colour."""

import numpy as np
import pytest

from deepbench_hf import generate, jacobian, load_recipe
from deepbench_hf.simulators.shapes.outline import KINDS
from tests.support.drawing import (
    geometry,
    layered,
    measured,
    painted,
    scene,
    shape,
    some_objects,
    true_coverage,
)


def crowded(n=30, k=6, seed=3, height=33, width=57):
    """Scenes of 2 to k objects that overlap a lot, and how many there are."""
    rows = some_objects(n, k, seed, height, width, margin=1)
    rows["radius_px"] = np.minimum(rows["radius_px"], 14)
    return rows, np.random.default_rng(seed).integers(2, k + 1, n)


def visible_regions(objects):
    """What shapely leaves of each object under the later ones, and the union of all."""
    union, regions = None, []
    for o in objects[::-1]:
        region = geometry(o)
        regions.append(region if union is None else region.difference(union))
        union = region if union is None else union.union(region)
    return regions[::-1], union


@pytest.mark.parametrize(("height", "width"), [(33, 57), (40, 40)])
def test_random_scenes_show_what_shapely_leaves_of_them_g8(height, width):
    given, count = crowded(14, 6, height, height, width)
    mask, visible, _ = layered(given, height, width, count)
    image, fraction = painted(given, height, width, count)
    for n in range(len(given)):
        objects = given[n, : count[n]]
        regions, union = visible_regions(objects)
        assert image[n] == pytest.approx(true_coverage(union, height, width), abs=2e-4)
        for k, region in enumerate(regions):
            truth = true_coverage(region, height, width)
            own = geometry(objects[k])
            assert mask[n, k] == pytest.approx(true_coverage(own, height, width), abs=1e-6)
            assert visible[n, k] == pytest.approx(truth, abs=2e-4)
            assert fraction[n, k] == pytest.approx(truth.sum() / own.area, abs=5e-4)


def test_objects_that_share_one_pixel_hide_each_other_exactly_g8():
    rng = np.random.default_rng(12)
    for _ in range(15):
        kinds = rng.choice(KINDS, 5)
        given = scene(
            *(
                shape(kind, *rng.uniform(3.6, 4.4, 2), rng.uniform(0.1, 0.6), rng.uniform(0, 360),
                      rng.uniform(0.1, 1), rng.choice([0.05, 0.2]), rng.uniform(20, 340))
                for kind in kinds
            )
        )  # fmt: skip
        visible = layered(given, 9, 9)[1][0]
        for part, region in zip(visible, visible_regions(given[0])[0], strict=True):
            assert part == pytest.approx(true_coverage(region, 9, 9), abs=2e-4)


def test_neighbours_that_share_an_edge_fill_its_pixels_g8():
    left = shape("rectangle", 10.2, 16, 4, 0, 0.5)
    right = shape("rectangle", 18.2, 16, 4, 0, 0.5)
    image, fraction = painted(scene(left, right), 32, 32)
    assert image[0, 16, 7:22] == pytest.approx(np.ones(15), abs=1e-7)
    assert fraction == pytest.approx(np.ones((1, 2)), abs=1e-7)


def test_an_object_under_its_copy_is_hidden_g8():
    for row in some_objects(25, 1, 8, 48, 48, margin=-5)[:, 0]:
        twice = np.stack([row, row])[None]
        mask, visible, _ = layered(twice, 48, 48)
        image, fraction = painted(twice, 48, 48)
        assert visible[0, 0] == pytest.approx(np.zeros((48, 48)), abs=1.5e-4)
        assert np.array_equal(visible[0, 1], mask[0, 1])
        assert image[0] == pytest.approx(mask[0, 0], abs=1.5e-4)
        assert fraction[0, 0] < 0.01 or measured(twice)[0][0, 0] < 3


def test_the_visible_parts_add_up_to_the_union_g8():
    given, count = crowded(60, 6)
    mask, visible, _ = layered(given, 33, 57, count)
    image, fraction = painted(given, 33, 57, count)
    assert visible.sum(axis=1, dtype=float) == pytest.approx(image, abs=5e-7)
    assert image.max() == 1 and image.min() == 0
    assert np.all(visible >= 0) and np.all(visible <= mask) and np.all(mask <= 1)
    shares = visible.sum(axis=(2, 3), dtype=float) / np.where(fraction > 0, measured(given)[0], 1)
    assert fraction == pytest.approx(shares, abs=1e-6)


def test_painting_at_most_once_gives_at_most_one_g8():
    given = scene(*[shape("circle", 32, 32, 15), shape("rectangle", 32, 32, 5)])
    image, fraction = painted(given)
    assert image.max() == 1
    assert fraction[0, 0] == pytest.approx(1 - 100 / (np.pi * 225), rel=1e-7)
    assert fraction[0, 1] == pytest.approx(1, abs=1e-12)


def test_the_label_is_that_of_the_object_that_shows_most_of_the_pixel_g8():
    given, count = crowded(60, 6)
    _, visible, label = layered(given, 33, 57, count)
    assert label.dtype == np.int16
    for n in range(len(given)):
        numbers = np.arange(1, 7)[:, None, None] * (visible[n] >= 0.5)
        assert np.array_equal(label[n], numbers.max(axis=0))


def test_a_mask_does_not_depend_on_other_objects_g8():
    given, count = crowded(40, 6)
    mask = layered(given, 33, 57, count)[0]
    for k in range(6):
        alone, used = np.ascontiguousarray(given[:, k : k + 1]), (count > k).astype(np.int64)
        assert np.array_equal(layered(alone, 33, 57, used)[0][:, 0], mask[:, k])
        assert np.array_equal(painted(alone, 33, 57, used)[0], mask[:, k])


def test_a_row_does_not_depend_on_its_batch():
    given, count = crowded(40, 6)
    together = [*painted(given, 33, 57, count), *layered(given, 33, 57, count)]
    order = np.random.default_rng(1).permutation(40)
    mixed = [
        *painted(given[order], 33, 57, count[order]),
        *layered(given[order], 33, 57, count[order]),
    ]
    for n in (0, 17, 39):
        row, used = given[n : n + 1], count[n : n + 1]
        alone = [*painted(row, 33, 57, used), *layered(row, 33, 57, used)]
        assert all(a[0].tobytes() == t[n].tobytes() for a, t in zip(alone, together, strict=True))
    assert all(np.array_equal(m, t[order]) for m, t in zip(mixed, together, strict=True))


def test_unused_objects_leave_nothing_whatever_they_hold():
    given, count = crowded(20, 6)
    other = given.copy()
    for n in range(20):
        other[n, count[n] :] = given[(n + 1) % 20, 0]
    for run in (painted, layered):
        for ours, theirs in zip(run(given, 33, 57, count), run(other, 33, 57, count), strict=True):
            assert np.array_equal(ours, theirs)
    mask, visible, _ = layered(given, 33, 57, count)
    for n in range(20):
        assert not mask[n, count[n] :].any() and not visible[n, count[n] :].any()
        assert not painted(given, 33, 57, count)[1][n, count[n] :].any()


def test_a_scene_without_objects_is_empty():
    given = some_objects(3, 2)
    none = np.zeros(3, np.int64)
    assert not any(output.any() for output in painted(given, 12, 9, none))
    assert not any(output.any() for output in layered(given, 12, 9, none))


def test_nothing_is_drawn_of_objects_far_outside_the_frame():
    given = some_objects(50, 3, 2)
    given["center_x_px"] += 9000.0
    image, fraction = painted(given)
    assert not image.any() and not fraction.any()


def test_the_shift_of_a_scene_by_whole_pixels_is_a_shift_to_a_millionth():
    given = some_objects(40, 5, 7, 24, 24, margin=-8)
    given["radius_px"] = np.minimum(given["radius_px"], 6)
    given["stroke_width_px"] = np.minimum(given["stroke_width_px"], 2)
    moved = given.copy()
    moved["center_x_px"] += 30
    moved["center_y_px"] += 20
    here, there = painted(given, 64, 64)[0], painted(moved, 64, 64)[0]
    assert there[:, 20:, 30:] == pytest.approx(here[:, :44, :34], abs=1e-5)


def test_a_pixel_is_shape_and_background_by_the_coverage_of_the_same_row_of_shapes():
    rows = generate(load_recipe("shapes_colour", clean=True), "train", 0, 40)
    cover = generate("shapes", "train", 0, 40)["image"].astype(float)
    for k, name in enumerate(("red", "green", "blue")):
        ink, ground = (rows[one][:, None, None] for one in (name, "background"))
        expected = cover * ink + (1 - cover) * ground
        np.testing.assert_allclose(rows["image_clean"][:, k], expected, atol=1e-6)
    assert rows["image_clean"].min() >= 0


def test_the_light_of_a_channel_is_linear_in_its_colour_and_in_the_background():
    rows = generate(load_recipe("shapes_colour", clean=True), "test", 0, 3)
    for row in range(3):
        own = load_recipe("shapes_colour").simulator.parameters
        given = {name: rows[name][row] for name in own if name in rows}
        slopes = jacobian("shapes_colour", **given)["image"]
        cover = slopes["green"][1]
        assert not slopes["green"][[0, 2]].any()
        np.testing.assert_allclose(slopes["background"][0], 1 - cover, atol=1e-7)
        light = given["green"] * cover + given["background"] * (1 - cover)
        np.testing.assert_allclose(rows["image_clean"][row, 1], light, atol=1e-6)
