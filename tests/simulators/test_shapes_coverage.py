"""One shape: the exact area of its intersection with every pixel, by shapely."""

import json

import numpy as np
import pytest

from deepbench_hf.simulators.shapes.outline import KINDS, OUTLINE, SHAPE
from tests.support.drawing import (
    drawn,
    geometry,
    layered,
    measured,
    painted,
    scene,
    shape,
    some_objects,
    true_coverage,
)
from tests.support.paths import ORACLES

SHAPES = json.loads((ORACLES / "shapes.json").read_text())["items"]
SCENES = json.loads((ORACLES / "scenes.json").read_text())["items"]
NEAR = 1e-6


def from_oracle(item):
    """An oracle's case in our parameters."""
    kind, stroke = item["kind"], item.get("line_width", 0.0)
    if kind == "line":
        dx, dy = item["x2"] - item["x1"], item["y2"] - item["y1"]
        center = (item["x1"] + item["x2"]) / 2, (item["y1"] + item["y2"]) / 2
        angle = np.degrees(np.arctan2(dy, dx))
        return shape(kind, *center, np.hypot(dx, dy) / 2, angle, stroke=stroke)
    center = item["cx"], item["cy"]
    if kind == "arc":
        extent = (item["theta2_deg"] - item["theta1_deg"]) % 360 or 360.0
        start = item["theta1_deg"]
        return shape(kind, *center, item["radius"], start, stroke=stroke, extent=extent)
    if kind == "polygon":
        name = KINDS[item["n"] + 2]
        return shape(name, *center, item["radius"], item["angle_deg"], stroke=stroke)
    short, long = sorted((item["width"], item["height"]))
    angle = item["angle_deg"] + (90 if item["height"] > item["width"] else 0)
    return shape(kind, *center, long / 2, angle, short / long, stroke)


@pytest.mark.parametrize("item", SHAPES, ids=lambda item: f"{item['kind']}-{item['id']}")
def test_the_coverage_is_that_of_the_oracle(item):
    given = scene(from_oracle(item))
    image = painted(given, item["H"], item["W"])[0][0]
    truth = np.load(ORACLES / "shapes.npz")[f"centred_{item['id']:02d}"]
    assert image == pytest.approx(truth, abs=NEAR)
    assert image.sum(dtype=float) == pytest.approx(item["area_in_frame_centred"], rel=1e-6)
    assert measured(given)[0] == pytest.approx(item["area_formula_centred"], rel=1e-13)


@pytest.mark.parametrize("item", SCENES, ids=lambda item: item["id"])
def test_the_layers_of_a_scene_are_those_of_the_oracle_g8(item):
    given = scene(*(from_oracle(o) for o in item["objects"]))
    mask, visible, _ = layered(given, item["H"], item["W"])
    image, fraction = painted(given, item["H"], item["W"])
    truth = np.load(ORACLES / "scenes.npz")
    assert mask[0] == pytest.approx(truth[f"masks_{item['id']:02d}"], abs=NEAR)
    assert visible[0] == pytest.approx(truth[f"visible_{item['id']:02d}"], abs=1e-4)
    assert image[0] == pytest.approx(truth[f"union_{item['id']:02d}"], abs=1e-4)
    shares = np.divide(item["visible_areas"], item["areas"])
    assert fraction[0] == pytest.approx(shares, abs=1e-5)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (33, 57), (57, 33)])
def test_random_shapes_cover_what_shapely_says_in_any_frame_g6_s5(height, width):
    given = some_objects(60, 1, height, height, width)
    image, fraction = painted(given, height, width)
    areas = measured(given)[0]
    for n, row in enumerate(given[:, 0]):
        region = geometry(row)
        truth = true_coverage(region, height, width)
        assert image[n] == pytest.approx(truth, abs=NEAR), row
        assert areas[n, 0] == pytest.approx(region.area, rel=1e-10)
        assert fraction[n, 0] == pytest.approx(truth.sum() / region.area, abs=1e-6)


ODD = {
    "in one pixel": shape("circle", 7.1, 4.2, 0.06),
    "ellipse in one pixel": shape("ellipse", 7.1, 4.2, 0.3, 33, 0.05),
    "outline in one pixel": shape("hexagon", 7.3, 4.7, 0.2, 10, stroke=0.05),
    "around a corner of pixels": shape("dodecagon", 7.5, 4.5, 0.3, -100),
    "hairline": shape("line", 8, 5, 7, 31, stroke=0.01),
    "thin ring": shape("circle", 8, 5, 6, stroke=0.2),
    "thin ellipse": shape("ellipse", 8, 5, 9, 17, 0.01),
    "thin leaning outline": shape("ellipse", 8, 5, 9, 47, 0.3, stroke=0.2),
    "stroke thicker than the shape": shape("square", 8, 5, 1, 5, stroke=7),
    "stroke as wide as the shape": shape("rectangle", 8, 5, 6, 5, 0.5, stroke=6),
    "stroke wider than the arc's radius": shape("arc", 8, 5, 2, 5, stroke=6, extent=200),
    "whole turn": shape("arc", 8, 5, 4, 77, stroke=1, extent=360),
    "nearly a whole turn": shape("arc", 8, 5, 4, -77, stroke=1, extent=359.9),
    "half a turn": shape("arc", 8, 5, 4, -90, stroke=1, extent=180),
    "sliver of an arc": shape("arc", 8, 5, 4, 360, stroke=1, extent=0.5),
    "start at minus a turn": shape("arc", 8, 5, 4, -360, stroke=2, extent=271),
    "on the grid": shape("rectangle", 8.5, 5.5, 3, 90, 2 / 3),
    "nearly level": shape("rectangle", 8.5, 5.5, 3, 1e-9, 2 / 3),
    "larger than the frame": shape("triangle", 8, 5, 400, 12),
    "edge of a huge disc": shape("circle", -2000, 1500, 2508.4),
    "ring around the frame": shape("circle", 8, 5, 40, stroke=30),
    "left of the frame": shape("ellipse", -3, 5, 9, 30, 0.4, stroke=1),
    "below the frame": shape("arc", 8, -3, 7, 200, stroke=2, extent=300),
    "beyond a corner": shape("pentagon", 18, 12, 5, 20, stroke=2),
    "outside": shape("square", 8, -30, 5),
    "far away": shape("circle", 1e4, -1e4, 20),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_shapes_cover_what_shapely_says(name):
    given = scene(ODD[name])
    image = painted(given, 11, 17)[0][0]
    assert image == pytest.approx(true_coverage(geometry(given[0, 0]), 11, 17), abs=NEAR)


def test_the_ends_of_all_limits_give_finite_coverage():
    rng = np.random.default_rng(4)
    given = some_objects(600, 2, 4)
    for name, p in SHAPE.items():
        if not p.names:
            ends = np.where(rng.random(given.shape) < 0.5, p.low, p.high)
            given[name] = np.where(rng.random(given.shape) < 0.6, ends, given[name])
    image, fraction = painted(given, 20, 30)
    assert np.all((image >= 0) & (image <= 1)) and np.all((fraction >= 0) & (fraction <= 1))
    assert all(np.all(np.isfinite(values)) for values in measured(given))
    assert np.all((image == 0) | (image > 1e-37))


@pytest.mark.parametrize("width", [0.01, 0.3, 1.0, 2.0])
@pytest.mark.parametrize("angle", [0, 45, 90, -135])
def test_thin_lines_keep_their_area_at_every_angle_g6(width, angle):
    image = drawn(kind="line", x=32.2, y=31.7, radius=20, angle=angle, stroke=width)
    assert image.sum() == pytest.approx(40 * width, rel=1e-6)


@pytest.mark.parametrize(("dx", "dy"), [(40, -40), (-30, 22), (5, -41), (50, 0)])
def test_a_line_lies_between_its_ends_and_across_its_direction_g5(dx, dy):
    radius, angle = np.hypot(dx, dy) / 2, np.degrees(np.arctan2(dy, dx))
    image = drawn(kind="line", x=30, y=30, radius=radius, angle=angle, stroke=2)
    y, x = np.mgrid[:64, :64]
    on = image > 0.5
    along = ((x - 30) * dx + (y - 30) * dy)[on] / (2 * radius)
    across = ((x - 30) * dy - (y - 30) * dx)[on] / (2 * radius)
    assert np.abs(across).max() <= 1.5 and np.abs(along).max() <= radius + 0.75
    assert along.min() < 1.5 - radius and along.max() > radius - 1.5
    assert (image * across_of(x, y, dx, dy)).sum() == pytest.approx(0, abs=1e-5)


def across_of(x, y, dx, dy):
    """Distance of pixels from a line through (30, 30)."""
    return ((x - 30) * dy - (y - 30) * dx) / np.hypot(dx, dy)


def test_real_valued_axes_are_not_rounded_g7():
    areas = [drawn(kind="ellipse", x=32, y=32, radius=r, ratio=0.5).sum() for r in (20.05, 20.5)]
    assert areas == pytest.approx([np.pi * r * r / 2 for r in (20.05, 20.5)], rel=1e-7)


@pytest.mark.parametrize("kind", ["circle", "ellipse", "rectangle", "triangle", "octagon"])
def test_an_outline_without_an_inside_is_solid_g11(kind):
    thick = scene(shape(kind, 32.3, 31.6, 8, 20, 0.7, stroke=18))
    thick["style"] = OUTLINE
    image = painted(thick)[0][0]
    assert image[32, 32] == 1
    assert image.sum(dtype=float) == pytest.approx(geometry(thick[0, 0]).area, rel=1e-6)
