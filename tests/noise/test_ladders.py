"""Ladders: rungs hold the same truths, and noise of their own at the declared strength."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import generate, list_recipes, load_recipe
from deepbench_hf.simulators.base import all_parameters
from tests.support.draws import ALPHA, continuous, identical

LADDERS = {
    "pendulum_ladder": ["noiseless", "half_percent", "1_percent", "5_percent", "10_percent"],
    "shapes_snr": ["noiseless", "snr_10", "snr_3", "snr_1", "snr_0_3"],
    "galaxy_ladder": ["300s", "100s", "30s", "10s", "3s"],
}
"""The rungs of every ladder, the quietest first."""
ROWS = 40
STRENGTH = {"pendulum_ladder": "x_noise_sigma_m", "shapes_snr": "image_noise_sigma"}


@pytest.fixture(scope="module", params=LADDERS)
def ladder(request):
    """Recipe, rows of `test`, and rows of every rung."""
    recipe = load_recipe(request.param, clean=True)
    rungs = [f"test_{level}" for level in LADDERS[request.param]]
    return recipe, [generate(recipe, split, 0, ROWS) for split in ("test", *rungs)]


def test_rungs_hold_the_truths_and_clean_outputs_of_test(ladder):
    recipe, (test, *rungs) = ladder
    noise = {"snr", "exposure_s", "image", "x_observed_m", "image_noise_sigma", "x_noise_sigma_m"}
    kept = test.keys() - noise
    assert all_parameters(recipe.simulator).keys() & test.keys() <= kept
    for rung in rungs:
        assert identical({k: test[k] for k in kept}, {k: rung[k] for k in kept})


def residuals(recipe, rows):
    """Observed less clean, each example of unit length, (n, m)."""
    observed, clean = ("image", "image_clean") if "image" in rows else ("x_observed_m", "x_m")
    z = (rows[observed] - rows[clean]).astype(float).reshape(ROWS, -1)
    z -= z.mean(axis=1, keepdims=True)
    return z / np.linalg.norm(z, axis=1, keepdims=True)


def test_rungs_have_independent_noise(ladder):
    recipe, rows = ladder
    noisy = [
        one for one in rows if one.get("image_noise_sigma", one.get("x_noise_sigma_m", [1]))[0]
    ]
    fields = [residuals(recipe, one) for one in noisy]
    for one, other in combinations(fields, 2):
        z = (one * other).sum() * np.sqrt(one.shape[1] / ROWS)
        assert abs(z) < stats.norm.isf(ALPHA / 2)
    assert (fields[0] * fields[0]).sum() * np.sqrt(fields[0].shape[1] / ROWS) > 6  # it can fail


def test_every_rung_is_noisier_than_the_one_below_it(ladder):
    recipe, (_, *rungs) = ladder
    name = STRENGTH.get(recipe.name)
    levels = [rung[name] if name else 1 / rung["snr"] for rung in rungs]
    assert all((quiet < loud).all() for quiet, loud in pairwise(levels))


def test_a_signal_to_noise_rung_is_named_after_a_covered_pixel():
    recipe = load_recipe("shapes_snr")
    for split, ratio in {"snr_10": 10, "snr_3": 3, "snr_1": 1, "snr_0_3": 0.3}.items():
        sigma = generate(recipe, f"test_{split}", 0, 2)["image_noise_sigma"]
        np.testing.assert_allclose(1 / sigma, ratio)


def test_ten_times_the_exposure_is_at_least_root_ten_times_the_signal():
    recipe = load_recipe("galaxy_ladder")
    short, long = (generate(recipe, f"test_{t}", 0, ROWS)["snr"] for t in ("3s", "30s"))
    ratio = long / short
    assert (ratio >= np.sqrt(10)).all()  # more than that where the read noise counts
    assert (ratio <= 10).all()


NEW = [*LADDERS, "deepuq_linear", "deepuq_flux"]
NEW += [name for name in list_recipes() if name.startswith("deeply_uncertain")]


@pytest.mark.parametrize("name", NEW)
def test_splits_share_no_parameter_unless_they_say_so(name):
    recipe = load_recipe(name)
    drawn = {}
    for split, part in recipe.splits.items():
        if part.truths == split:
            drawn[split] = dict(continuous(recipe, split, generate(recipe, split, 0, 200)))
    for one, other in combinations(drawn.values(), 2):
        assert one.keys() == other.keys() != set()
        for parameter, values in one.items():
            assert not np.isin(values, other[parameter]).any(), parameter
