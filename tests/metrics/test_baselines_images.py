"""Matched filters: templates are found where they are, light is measured as well as it can be."""

import numpy as np
import pytest
from scipy import signal

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.metrics import baselines, run_baseline
from deepbench_hf.metrics.baselines.objects import (
    TEMPLATES,
    class_of_counted,
    class_of_even,
    counted_peaks,
)
from deepbench_hf.metrics.baselines.photometry import fitted_flux
from deepbench_hf.metrics.baselines.templates import (
    binned,
    centred,
    centroids,
    drawn,
    lattice,
    middle,
    shifts,
    template_bank,
)
from tests.support.recipes import extended


@pytest.fixture(scope="module")
def rng():
    return np.random.default_rng(9)


def accuracy(recipe, split="test", rows=160):
    """Accuracy and chance of the matched filter."""
    (one,) = [one for one in baselines(recipe) if one.target == "label"]
    scores = run_baseline(recipe, one, split, rows).results[0].scores()
    return scores["accuracy"].value, scores["chance"].value


def test_the_best_shift_is_that_of_a_direct_correlation(rng):
    images, templates = (rng.normal(size=(n, 9, 12)).astype(np.float32) for n in (3, 2))
    best, at = shifts(images, templates)
    for t, template in enumerate(templates):
        for i, image in enumerate(images):
            direct = signal.correlate2d(image, template)  # shifts from -8 and -11 on
            near = direct[4:13, 5:18]  # those up to half the frame, 4 and 6
            assert best[t, i] == pytest.approx(near.max(), rel=1e-4)
            assert tuple(at[t, i] + [4, 6]) == np.unravel_index(near.argmax(), near.shape)


def test_centring_moves_the_centroid_to_the_middle_and_binning_keeps_the_mean(rng):
    image = np.zeros((1, 20, 30), np.float32)
    image[0, 3:6, 21:26] = 1 + rng.random((3, 5))
    moved = centred(image, centroids(image))
    assert np.abs(centroids(moved) - [10, 15]).max() <= 0.5
    assert moved.sum() == pytest.approx(image.sum())
    assert binned(image, 5).mean() == pytest.approx(image.mean())
    assert binned(image, 3).shape == (1, 6, 10)


def test_a_lattice_fills_every_projection_evenly():
    for dimensions, gap in ((1, 0.002), (6, 0.025)):
        for column in lattice(1000, dimensions).T:
            assert np.abs(np.sort(column) - (np.arange(1000) + 0.5) / 1000).max() < gap


@pytest.mark.parametrize("name", ["shapes", "galaxy_morphology"])
def test_a_template_itself_is_told_wherever_it_is(name, rng):
    recipe = load_recipe(name)
    bank = template_bank(recipe, TEMPLATES)
    some = rng.choice(len(bank.labels), 60, replace=False)
    given = {n: np.full(60, at) + rng.integers(-6, 7, 60) for n, at in middle(recipe).items()}
    uniforms = {n: u[some] for n, u in bank.uniforms.items()}
    inputs = drawn(recipe, uniforms, {**given, "label": bank.labels[some]})
    rows = {"image": recipe.simulator(**inputs)["image"]}
    settings = {"exposure_s": 100.0, "sky_e_s_px": 2.0, "read_noise_e": 5.0, "gain_e_adu": 1.0}
    rows |= {name: np.full(60, value) for name, value in settings.items()}
    predict = class_of_even if name == "shapes" else class_of_counted
    found, _ = predict(recipe, rows)
    assert np.mean(found == bank.labels[some]) > 0.9


@pytest.mark.parametrize(
    ("name", "split", "size", "margin"),
    [
        ("shapes", "test", 64, 0.5),
        ("shapes", "test", 28, 0.4),
        ("galaxy_morphology", "test", 64, 0.2),
    ],
)
def test_classes_are_told_far_better_than_by_chance(name, split, size, margin):
    found, chance = accuracy(load_recipe(name, image_size=size), split)
    assert found > chance + margin
    assert chance < 0.6


def test_noise_that_hides_the_shape_leaves_little_more_than_chance():
    found, chance = accuracy(load_recipe("shapes_snr"), "test_snr_0_3")
    assert found < chance + 0.15


def test_a_class_that_was_never_drawn_is_never_told():
    assert accuracy(load_recipe("shapes"), "test_unseen_n", rows=32)[0] == 0


@pytest.mark.parametrize("place", [{"kind": "uniform", "low": 20, "high": 43}, 31.3])
def test_the_error_of_a_star_of_known_shape_is_that_of_optimal_photometry(place):
    known = {"fwhm_px": 3, "beta": 3, "psf_fwhm_px": 2}
    recipe = extended("sky_stars", priors={**known, "center_x_px": place, "center_y_px": place})
    rows = generate(recipe, "test", 0, 64)
    mean, sigma = fitted_flux(recipe, rows)
    time, flux = (rows[name][:, None, None] for name in ("exposure_s", "flux_e_s"))
    sky, read = (rows[name][:, None, None] for name in ("sky_e_s_px", "read_noise_e"))
    light = simulate(recipe, **rows)["image"]
    variance = (time * (light + sky) + read**2) / time**2
    optimal = 1 / np.sqrt(((light / flux) ** 2 / variance).sum(axis=(1, 2)))
    assert sigma == pytest.approx(optimal, rel=0.05)  # the light is as fitted there, not true
    assert np.median(sigma / optimal) == pytest.approx(1, abs=0.003)
    assert np.abs((mean - rows["flux_e_s"]) / optimal).max() < 5


@pytest.mark.parametrize(
    ("name", "split", "share"),
    [
        ("sky_stars", "test_faint", 0.3),
        ("sky_ellipticals", "test_faint", 0.6),
        ("deepuq_flux", "test_input_high", 0.8),
    ],
)
def test_a_fitted_profile_beats_the_sum_of_the_pixels(name, split, share):
    recipe = load_recipe(name)
    light = [one for one in baselines(recipe) if one.name in ("sum of the pixels", PROFILE)]
    results = [run_baseline(recipe, one, split, rows=64).results[0] for one in light]
    fitted, total = (one.scores()["rmse"].value for one in results)
    assert fitted < share * total


PROFILE = "matched filter, profile fitted"


def test_without_noise_the_total_is_found_to_a_thousandth():
    recipe = load_recipe("deepuq_flux")
    (one,) = [one for one in baselines(recipe) if one.name == PROFILE]
    result = run_baseline(recipe, one, "test", rows=64).results[0]
    assert np.median(np.abs(result.mean / result.truth - 1)) < 1e-3


def test_stars_apart_are_counted_and_an_empty_sky_has_none(rng):
    stars = [
        {"kind": "star", "center_x_px": x, "center_y_px": y, "flux_e_s": f, "fwhm_px": 3.0}
        for x, y, f in ((12.2, 15.0, 100.0), (40.5, 12.7, 400.0), (30.0, 45.3, 2000.0))
    ]
    scene = simulate("sky_noisy", objects=stars)["image"]
    settings = {"exposure_s": 100.0, "sky_e_s_px": 2.0, "read_noise_e": 5.0, "gain_e_adu": 1.0}
    rows = {name: np.full(20, value) for name, value in settings.items()}
    for clean, count in ((scene, 3), (np.zeros_like(scene), 0)):
        spread = np.sqrt(100 * (clean + 2) + 25) / 100
        rows["image"] = (clean + spread * rng.normal(size=(20, *clean.shape))).astype(np.float32)
        found, _ = counted_peaks(load_recipe("sky_noisy"), rows)
        assert (found == count).mean() > 0.9


@pytest.mark.parametrize("size", [9, (9, 31), 33])
def test_small_and_odd_images_are_classified_too(size):
    found, chance = accuracy(load_recipe("shapes", image_size=size), rows=32)
    assert 0 <= found <= 1
    assert size != 33 or found > chance


def test_an_odd_image_is_centred_from_every_pixel():
    images = np.arange(9 * 7, dtype=np.float32).reshape(1, 9, 7)
    for y, x in np.ndindex(9, 7):
        assert centred(images, np.array([[y, x]]))[0, 4, 3] == images[0, y, x]
    assert centred(images, np.array([[99.0, 99.0]])).shape == (1, 9, 7)
