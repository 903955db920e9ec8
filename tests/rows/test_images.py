"""What every image config promises beyond the contract of all: masks, sizes, noise, records."""

import io

import datasets
import numpy as np
import pytest
from PIL import Image

from deepbench_hf import Recipe, generate, list_recipes, load_dataset, load_recipe, simulate
from deepbench_hf.recipe.columns import any_plan, digested, schema
from deepbench_hf.recipe.text import read_recipe
from deepbench_hf.rows.digest import block_digests
from deepbench_hf.simulators.base import Layered
from deepbench_hf.tables.arrow import columns, table
from tests.support.draws import identical

FAMILIES = [one for one in map(load_recipe, list_recipes()) if one.family in ("shapes", "sky")]
IMAGES = [one.name for one in FAMILIES if isinstance(one.simulator, Layered)]
NOISY = [name for name in IMAGES if load_recipe(name).noise]
SKY = [name for name in IMAGES if load_recipe(name).family == "sky"]


def clean_images(name, rows, split="train", **overrides):
    recipe = load_recipe(name, clean=True, **overrides)
    found = generate(recipe, split, 0, rows)
    return found[any_plan(recipe).clean["image"]], found


def residuals(name, split, rows):
    """Noise of images, scaled to a standard deviation of one each, (n, pixels)."""
    clean, found = clean_images(name, rows, split)
    noise = (found["image"] - clean).astype(float).reshape(rows, -1)
    noise -= noise.mean(axis=1, keepdims=True)
    return noise / noise.std(axis=1, keepdims=True)


def test_the_noise_of_a_thousand_pairs_of_images_is_uncorrelated():
    names = ["shapes_noisy", "sky_noisy", "galaxy_morphology"]
    fields = {(n, s): residuals(n, s, 100) for n in names for s in ("train", "test")}
    base = fields["shapes_noisy", "train"]
    pairs = [(base[:-1], base[1:]), (base[:50], base[50:])]
    pairs += [(one[:-1], one[1:]) for one in list(fields.values())[1:]]
    pairs += [(base, other) for key, other in fields.items() if key != ("shapes_noisy", "train")]
    correlations = np.concatenate([(a * b).mean(axis=1) for a, b in pairs])
    assert len(correlations) >= 1000
    z = correlations * np.sqrt(base.shape[1])
    assert abs(z).max() < 6
    assert 0.8 < z.std() < 1.2
    assert abs((base * base).mean(axis=1)).min() * np.sqrt(base.shape[1]) > 6  # it can fail


@pytest.mark.parametrize("name", IMAGES)
def test_masks_change_nothing_else_and_no_digest(name):
    plain, masked = load_recipe(name), load_recipe(name, masks=True)
    rows, more = generate(plain, "train", 0, 20), generate(masked, "train", 0, 20)
    assert identical(rows, {key: more[key] for key in rows})
    layers = more.keys() - rows.keys()
    wanted = {"shapes": {"mask", "visible"}, "sky": {"component"}}[plain.family]
    assert layers == wanted | {"segmentation"}
    most = plain.simulator.most_objects
    assert all(more[layer].shape == (20, most, *plain.simulator.image_size) for layer in wanted)
    assert more["segmentation"].dtype == np.int16
    assert digested(plain) == digested(masked)
    sizes = {"num_examples": 40}
    ones = [load_recipe(name, masks=m, preview=m, **sizes) for m in (False, True)]
    assert len({next(block_digests(recipe, "train")) for recipe in ones}) == 1


@pytest.mark.parametrize("name", IMAGES)
def test_layers_add_up_to_the_clean_image(name):
    clean, _ = clean_images(name, 20)
    more = generate(load_recipe(name, masks=True), "train", 0, 20)
    stack = more["visible"] if "visible" in more else more["component"]
    total = coloured(stack.astype(float).sum(axis=1), more)
    np.testing.assert_allclose(total, clean, atol=2e-6 * max(1.0, float(clean.max())))
    number = more["segmentation"]
    count = more["n_objects"] if "n_objects" in more else np.ones(20)
    assert number.min() == 0
    assert (number.max(axis=(1, 2)) <= count).all()
    assert number.max() >= 1


def coloured(cover, rows):
    """Coverage in the colours of rows that have some."""
    if "background" not in rows:
        return cover
    ink = np.stack([rows[name] for name in ("red", "green", "blue")], axis=1)[..., None, None]
    ground = rows["background"][:, None, None, None]
    return ground + cover[:, None] * (ink - ground)


@pytest.mark.parametrize("name", SKY)
def test_a_pixel_belongs_to_an_object_above_three_sigma(name):
    rows = generate(load_recipe(name, masks=True, clean=True), "test", 0, 20)
    total = rows["component"].sum(axis=1)
    level = np.full(20, load_recipe(name).simulator.threshold_e_s_px)
    if "exposure_s" in rows:
        time, sky, read = (rows[key] for key in ("exposure_s", "sky_e_s_px", "read_noise_e"))
        level = 3 * np.sqrt(time * sky + read**2) / time
    elif "image_noise_sigma" in rows:
        sigma = rows["image_noise_sigma"]
        level = np.where(sigma > 0, 3 * sigma, level)
    sure = abs(total - level[:, None, None]) > 1e-4 * level[:, None, None]
    seen = total > level[:, None, None]
    assert ((rows["segmentation"] > 0) == seen)[sure].all()
    brightest = rows["component"].argmax(axis=1) + 1
    assert (rows["segmentation"] == brightest)[seen & sure].all()


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("size", [28, 128, (33, 57)])
def test_at_another_size_lengths_are_stretched_and_the_picture_stays(name, size):
    height, width = (size, size) if isinstance(size, int) else size
    base = load_recipe(name).simulator.image_size[0]
    ratio = min(height, width) / base
    before, rows = clean_images(name, 20)
    after, other = clean_images(name, 20, image_size=size)
    assert after.shape[-2:] == (height, width)
    here = rows.get("objects", rows)
    there = other.get("objects", other)
    np.testing.assert_allclose(
        there["center_x_px"], (here["center_x_px"] + 0.5) * width / base - 0.5, atol=1e-9
    ) if "objects" not in rows else None
    length = "radius_px" if "radius_px" in schema_names(here) else "flux_e_s"
    scale = ratio if length == "radius_px" else 1.0
    np.testing.assert_allclose(there[length], here[length] * scale, rtol=1e-12)
    if height == width and load_recipe(name).family == "shapes":
        share = after.mean(axis=(-2, -1)) - before.mean(axis=(-2, -1))
        assert abs(share).max() < 0.01
    if height == width and load_recipe(name).family == "sky":
        assert abs(inside(there) - inside(here)).max() < 0.03


def inside(rows):
    """The share of the flux that the frame holds."""
    if "total_e_s" in schema_names(rows):
        return rows["total_e_s"] / rows["flux_e_s"]
    return rows["flux_fraction"]


def schema_names(rows):
    return rows.dtype.names if isinstance(rows, np.ndarray) else rows.keys()


def test_features_are_as_documented():
    recipe = load_recipe("shapes_scene", masks=True, preview=True)
    stream = load_dataset("deepbench", "shapes_scene", streaming=True, masks=True, preview=True)
    features = stream["train"].features
    assert features["image"] == datasets.Array2D((64, 64), "float32")
    assert features["mask"] == datasets.Array3D((6, 64, 64), "float32")
    assert features["segmentation"] == datasets.Array2D((64, 64), "int16")
    assert isinstance(features["objects"], datasets.List)
    assert features["objects"].feature["kind"].names == list(recipe.simulator.kinds)
    assert isinstance(features["preview"], datasets.Image)
    label = load_dataset("deepbench", "galaxy_morphology", streaming=True)["test"].features["label"]
    assert label.names == ["elliptical", "spiral"]


@pytest.mark.parametrize("name", IMAGES)
def test_a_row_of_datasets_gives_its_clean_image_back(name):
    row = next(iter(load_dataset("deepbench", name, split="train", streaming=True)))
    clean, _ = clean_images(name, 1)
    assert simulate(name, **row)["image"].tobytes() == clean[0].tobytes()


def test_the_picture_of_a_row_can_be_saved_and_read_g9():
    for name in IMAGES:
        recipe = load_recipe(name, preview=True, image_size=(33, 57))
        rows = table(recipe, generate(recipe, "train", 0, 2))
        for picture in rows["preview"].to_pylist():
            image = Image.open(io.BytesIO(picture["bytes"]))
            assert image.mode == ("RGB" if "colour" in name else "L")
            assert image.size[0] * 33 == image.size[1] * 57
            assert len(np.unique(np.asarray(image))) > 1


def test_tables_hold_the_bits_of_the_columns():
    for name in IMAGES:
        recipe = load_recipe(name, masks=True, clean=True, image_size=(27, 31))
        rows = generate(recipe, "train", 0, 30)
        assert identical(rows, columns(recipe, table(recipe, rows)))


def test_the_signal_to_noise_is_that_of_the_best_linear_filter():
    for name in NOISY:
        clean, rows = clean_images(name, 20)
        clean = clean.astype(float)
        if "exposure_s" in rows:
            time, sky, read = (
                rows[key][:, None, None] for key in ("exposure_s", "sky_e_s_px", "read_noise_e")
            )
            squares = (time * clean) ** 2 / (time * (clean + sky) + read**2)
        elif "counts_per_unit" in rows:
            rate, sky = (
                rows[key][:, None, None] for key in ("counts_per_unit", "background_level")
            )
            squares = rate * clean**2 / (clean + sky)
        else:
            sigma = rows["image_noise_sigma"].reshape(-1, *[1] * (clean.ndim - 1))
            squares = np.where(sigma > 0, (clean / np.where(sigma > 0, sigma, 1)) ** 2, np.inf)
        np.testing.assert_allclose(
            rows["snr"], np.sqrt(squares.reshape(20, -1).sum(axis=1)), rtol=1e-6
        )


def test_faint_objects_have_a_signal_to_noise_of_about_3_to_10():
    for name in ("sky_stars", "sky_ellipticals", "sky_spirals", "galaxy_morphology"):
        snr = generate(load_recipe(name), "test_faint", 0, 1000)["snr"]
        assert 3 < np.median(snr) < 10
        assert np.mean((snr > 3) & (snr < 10)) > 0.7


def other_noise(name, **noise):
    data = read_recipe(name)[1]
    return Recipe.from_mapping("own", {**data, "noise": {"image": noise}, "clean": True})


def test_a_sky_can_have_gaussian_noise_alone():
    recipe = other_noise("sky", kind="gaussian", sigma=0.5)
    rows = generate(recipe, "train", 0, 100)
    z = (rows["image"] - rows["image_clean"]) / 0.5
    assert abs(z.mean()) < 6 / np.sqrt(z.size)
    assert abs(z.std() - 1) < 0.01
    assert list(schema(recipe))[-4:] == ["image_clean", "image_noise_sigma", "snr", "image"]


def test_counts_of_the_converter_are_electrons_over_the_gain():
    settings = {"exposure_s": 100, "sky_e_s_px": 2, "read_noise_e": 3, "gain_e_adu": 2.5}
    electrons, counts = (
        other_noise("sky", kind="detector", in_adu=in_adu, **settings) for in_adu in (False, True)
    )
    one, other = (generate(recipe, "train", 0, 9) for recipe in (electrons, counts))
    np.testing.assert_allclose(other["image"] * 2.5, one["image"], rtol=1e-5, atol=1e-5)
    assert schema(counts)["image"].field.unit == "adu s-1 pix-1"
    assert schema(electrons)["image"].field.unit == "electron s-1 pix-1"


def test_a_detector_is_refused_where_it_makes_no_sense():
    with pytest.raises(ValueError, match="detector needs an image in electron s-1 pix-1"):
        other_noise("shapes", kind="detector", exposure_s=1, sky_e_s_px=1, read_noise_e=1)
    with pytest.raises(ValueError, match=r"exposure_s: is -1; accepted is"):
        other_noise("sky", kind="detector", exposure_s=-1, sky_e_s_px=1, read_noise_e=1)
