"""Perturbed images: what was done is told, nothing else differs, and JPEG is JPEG."""

import io

import numpy as np
import pytest
from PIL import Image
from scipy import fft, stats

from deepbench_hf import generate, load_recipe
from deepbench_hf.cards.phrases import PERTURBED
from deepbench_hf.noise.jpeg import BLACK, GAIN, compress, steps
from deepbench_hf.noise.perturbation import PERTURBATIONS, OnePixel, candidates, perturbed_columns
from deepbench_hf.recipe.columns import schema
from deepbench_hf.rows.generation import rows_at
from tests.support.draws import identical

ROWS = 60
QUALITIES = [95, 75, 50, 25, 10]
LADDER = {"t100": 100, "t30": 30, "y10": 10, "t3": 3, "y1": 1, "t0_3": 0.3, "t0_1": 0.1}
"""The rungs of noise and their years."""
NAMES = ("test", "test_onepixel_random", *(f"test_jpeg_{q}" for q in QUALITIES))
DONE = {"perturbation", "pixel_x_px", "pixel_y_px", "pixel_value_e_s_px"}
DONE |= {"pixel_original_e_s_px", "jpeg_quality"}


@pytest.fixture(scope="module")
def recipe():
    return load_recipe("galaxy_perturbed")


@pytest.fixture(scope="module")
def rows(recipe):
    """The same galaxies, as they are observed and perturbed."""
    return {split: generate(recipe, split, 0, ROWS) for split in NAMES}


@pytest.fixture(scope="module")
def ladder():
    """The same galaxies after other times, with their clean images."""
    recipe = load_recipe("galaxy_perturbed", clean=True)
    return {rung: generate(recipe, f"test_{rung}", 0, ROWS) for rung in LADDER}


def empty_sigma(one):
    """The standard deviation of the noise of an empty pixel, (n,)."""
    time, sky, read = (one[key] for key in ("exposure_s", "sky_e_s_px", "read_noise_e"))
    return np.sqrt(time * sky + read * read) / time


def levels(images, sigma):
    """The grey levels of the asinh stretch."""
    return BLACK + GAIN * np.arcsinh(images.astype(float) / sigma[:, None, None])


def test_perturbed_splits_differ_from_test_in_the_image_and_what_was_done_to_it(rows):
    for split, one in rows.items():
        same = one.keys() - DONE - {"image"}
        assert identical({k: one[k] for k in same}, {k: rows["test"][k] for k in same})
        assert identical(one, rows["test"]) == (split == "test")


def test_one_pixel_is_replaced_by_what_the_row_tells(rows):
    before, row = rows["test"]["image"], rows["test_onepixel_random"]
    assert ((row["image"] != before).sum(axis=(1, 2)) == 1).all()
    places = np.arange(ROWS), row["pixel_y_px"], row["pixel_x_px"]
    assert (row["image"][places] == row["pixel_value_e_s_px"]).all()
    assert (before[places] == row["pixel_original_e_s_px"]).all()
    values = candidates(before, empty_sigma(row))
    assert (row["pixel_value_e_s_px"][:, None] == values).any(axis=1).all()
    assert (row["perturbation"] == list(PERTURBATIONS).index("one_pixel")).all()


def test_positions_and_values_of_the_pixel_are_uniform(recipe):
    row = generate(recipe, "test_onepixel_random", 0, 1000)
    for column in ("pixel_x_px", "pixel_y_px"):
        counts = np.bincount(row[column] // 4, minlength=16)
        assert len(counts) == 16
        assert stats.chisquare(counts).pvalue > 1e-6
    corner = np.abs(np.corrcoef(row["pixel_x_px"], row["pixel_y_px"])[0, 1])
    assert corner < 5 / np.sqrt(1000)
    value = row["pixel_value_e_s_px"] / empty_sigma(row)
    kinds = [value == 0, np.isclose(value, 5), np.isclose(value, -5)]
    counts = [int(kind.sum()) for kind in kinds]
    assert stats.chisquare([*counts, 1000 - sum(counts)]).pvalue > 1e-6


@pytest.mark.parametrize("first", [0.0, 0.3, 0.6, 0.9])
def test_a_pixel_that_has_the_value_already_gets_the_next_one(first):
    images = np.zeros((2, 4, 4), np.float32)
    images[:, 1, 2] = 7.0
    draws = {"pixel_x_px": [0.5, 0.0], "pixel_y_px": [0.25, 0.0], "pixel_value": [first, first]}
    changed = images.copy()
    OnePixel().apply(changed, np.ones(2), lambda word: np.array(draws[word]))
    assert ((changed != images).sum(axis=(1, 2)) == 1).all()


def test_an_image_that_no_value_changes_is_refused():
    with pytest.raises(ValueError, match="0 everywhere, without noise"):
        OnePixel().apply(np.zeros((1, 4, 4), np.float32), np.zeros(1), lambda word: np.zeros(1))


def test_steps_are_those_of_pillow_at_every_quality():
    for quality in range(1, 101):
        file = io.BytesIO()
        Image.new("L", (8, 8)).save(file, "JPEG", quality=quality)
        table = Image.open(file).quantization[0]
        assert steps(np.array([quality])).ravel().tolist() == list(table), quality


@pytest.mark.parametrize("shape", [(64, 64), (33, 57), (28, 28)])
def test_compression_is_a_quantised_cosine_transform_of_scipy(shape):
    rng = np.random.default_rng(3)
    images = rng.normal(0, 3, (5, *shape)).astype(np.float32) ** 3
    sigma, quality = np.array([1.0, 2.0, 0.5, 10.0, 0.1]), np.array(QUALITIES)
    found = images.copy()
    compress(found, sigma, quality)
    margin = [(0, 0), *((0, -side % 8) for side in shape)]
    grey = np.pad(levels(images, sigma), margin, mode="edge") - 128
    n, height, width = grey.shape
    blocks = grey.reshape(n, height // 8, 8, width // 8, 8).transpose(0, 1, 3, 2, 4)
    step = steps(quality)[:, None, None]
    share = fft.dctn(blocks, axes=(3, 4), norm="ortho") / step
    assert abs(share - np.floor(share) - 0.5).min() > 1e-9  # no coefficient is between two steps
    back = fft.idctn(step * np.round(share), axes=(3, 4), norm="ortho")
    back = back.transpose(0, 1, 3, 2, 4).reshape(grey.shape)[:, : shape[0], : shape[1]] + 128
    np.testing.assert_allclose(levels(found, sigma), back, atol=1e-4)


def test_coefficients_are_those_of_pillow_but_between_two_steps(rows):
    sigma = empty_sigma(rows["test"])[:20]
    grey = np.clip(np.round(levels(rows["test"]["image"][:20], sigma)), 0, 255)
    sure = []
    for quality in QUALITIES[1:]:  # Pillow rounds what it decodes: that hides the finest steps
        step = steps(np.array([quality]))[0]
        found = (sigma[:, None, None] * np.sinh((grey - BLACK) / GAIN)).astype(np.float32)
        compress(found, sigma, np.full(20, quality))
        ours, theirs = levels(found, sigma), decoded(grey, quality)
        share = coefficients(grey) / step
        plain = abs(share - np.floor(share) - 0.5) > 0.02  # its transform is one of whole numbers
        inside = (blocks_of(abs(ours - 127.5)) < 127.5).all(axis=(-2, -1))
        known = plain & inside[..., None, None]
        np.testing.assert_array_equal(
            *(np.round(coefficients(image) / step)[known] for image in (ours, theirs))
        )
        sure.append(known.mean())
    assert min(sure) > 0.9


def blocks_of(images):
    """Images (n, 64, 64) as blocks (n, 8, 8, 8, 8)."""
    return images.reshape(-1, 8, 8, 8, 8).transpose(0, 1, 3, 2, 4)


def coefficients(grey):
    return fft.dctn(blocks_of(grey - 128), axes=(3, 4), norm="ortho")


def decoded(grey, quality):
    """What Pillow makes of grey levels, by way of a JPEG file."""
    found = np.empty_like(grey)
    for image, one in zip(grey, found, strict=True):
        file = io.BytesIO()
        Image.fromarray(image.astype(np.uint8)).save(file, "JPEG", quality=quality)
        one[:] = np.asarray(Image.open(file))
    return found


def test_a_compressed_image_is_compressed_to_itself(rows):
    for quality in QUALITIES:
        row = rows[f"test_jpeg_{quality}"]
        again = row["image"].copy()
        compress(again, empty_sigma(row), row["jpeg_quality"])
        assert again.tobytes() == row["image"].tobytes()
        assert (row["jpeg_quality"] == quality).all()


def test_the_better_the_quality_the_closer_the_image(rows):
    sigma = empty_sigma(rows["test"])
    grey = levels(rows["test"]["image"], sigma)
    errors = [
        np.square(levels(rows[f"test_jpeg_{quality}"]["image"], sigma) - grey).mean(axis=(1, 2))
        for quality in QUALITIES
    ]
    ratio = 10 * np.log10(255**2 / np.array(errors))  # peak signal to noise, dB
    assert (np.diff(ratio, axis=0) < 0).all()
    assert ratio[0].min() > 35
    assert ratio[-1].max() < 30


def test_a_tenth_of_the_time_is_root_ten_times_the_noise():
    recipe = load_recipe("galaxy_perturbed", clean=True)
    one, ten = (generate(recipe, f"test_{rung}", 0, 1000) for rung in ("y1", "y10"))
    np.testing.assert_allclose(empty_sigma(one) / empty_sigma(ten), np.sqrt(10), rtol=1e-15)
    sky = one["image_clean"] < 0.002  # a thousandth of the sky's light
    scatter = [np.median(np.abs(row["image"][sky])) for row in (one, ten)]
    assert sky.sum() > 1_000_000  # so that 1 % is seven standard errors
    assert abs(scatter[0] / scatter[1] / np.sqrt(10) - 1) < 0.01


def test_every_visit_has_the_same_read_noise_and_every_rung_the_same_galaxies(ladder):
    for rung, years in LADDER.items():
        row, visits = ladder[rung], 10 * years
        np.testing.assert_allclose(row["exposure_s"], 3 * visits, rtol=1e-14)
        np.testing.assert_allclose(row["read_noise_e"], 1.5 * np.sqrt(visits), rtol=1e-14)
        assert row["image_clean"].tobytes() == ladder["y10"]["image_clean"].tobytes()
        assert (row["image"] != ladder["y10"]["image"]).any() == (rung != "y10")


def test_the_variance_is_that_of_the_noise_before_the_perturbation(recipe):
    more = load_recipe("galaxy_perturbed", uncertainty=True)
    assert "before its perturbation" in schema(more)["image_variance"].field.meaning
    plain, jpeg = (
        rows_at(more, split, np.arange(3), ["image_variance"]) for split in ("test", "test_jpeg_10")
    )
    assert plain["image_variance"].tobytes() == jpeg["image_variance"].tobytes()


def test_every_perturbation_tells_the_columns_and_has_words(recipe):
    assert set(PERTURBED) == set(PERTURBATIONS)
    assert perturbed_columns("image", schema(recipe)["image"].field).keys() == DONE
