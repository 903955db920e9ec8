"""Noise that follows from what is measured; and ladders of noise over the same truths."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import generate, list_recipes, load_recipe
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Field
from deepbench_hf.noise import NOISES
from deepbench_hf.simulators.base import all_parameters
from tests.support.draws import ALPHA, continuous, identical

N = 4000
STREAM = (stream_key("test", 5), np.arange(N))
ENERGY = Field("MeV", "energy", (50,), low=0.0)
NUMBER = Field("1", "expected number", (50,), low=0.0)
MOMENTUM = Field("GeV", "momentum", (3,))
P_VALUE = 1e-6


def drawn(kind, target, clean, **settings):
    """What is measured, and the variance that the measurement claims."""
    noise = NOISES[kind](**settings)
    one = noise.on("true", target)
    values = {
        name: prior.quantile(np.full(len(clean), 0.5)) for name, prior in noise.priors.items()
    }
    found = one.draw(clean.copy(), values, [STREAM])
    return found[one.column].astype(float), one.variance(clean, found)


def test_counts_are_poisson_numbers_of_the_expected_number():
    clean = np.full((N, 50), 7.3)
    seen, variance = drawn("counts", NUMBER, clean)
    observed = np.bincount(seen.astype(int).ravel(), minlength=40)[:20]
    expected = stats.poisson.pmf(np.arange(20), 7.3) * seen.size
    assert stats.chisquare(observed, expected * observed.sum() / expected.sum()).pvalue > P_VALUE
    assert np.all(variance == 7.3)


def test_a_resolution_has_its_three_terms():
    clean = np.linspace(0, 400, N)[:, None] * np.ones(50)
    terms = {"stochastic": 3.0, "constant": 0.02, "noise": 5.0}
    seen, variance = drawn("resolution", ENERGY, clean, **terms)
    np.testing.assert_allclose(variance, 9 * clean + (0.02 * clean) ** 2 + 25, rtol=1e-12)
    z = (seen - clean) / np.sqrt(variance)
    assert stats.kstest(z[:, ::5].ravel(), "norm").pvalue > P_VALUE
    assert stats.kstest(1.03 * z.ravel(), "norm").pvalue < P_VALUE  # 3 % wrong would be seen


def test_a_tracker_smears_length_and_direction():
    direction = np.array([0.36, -0.48, 0.8])
    clean = np.outer(np.linspace(0.5, 60, N), direction)
    size = np.linspace(0.5, 60, N)
    seen, _ = drawn("tracker", MOMENTUM, clean, scattering=0.01, curvature=0.0005, angle_mrad=2.0)
    length = np.sqrt((seen**2).sum(axis=1))
    sigma = size * np.hypot(0.01, 0.0005 * size)
    assert stats.kstest((length - size) / sigma, "norm").pvalue > P_VALUE
    angle = np.arccos(np.clip(seen @ direction / length, -1, 1))
    assert stats.kstest(angle / 2e-3, "rayleigh").pvalue > P_VALUE


def test_the_variance_of_a_tracker_is_that_of_its_components():
    clean = np.tile([[3.0, -4.0, 12.0]], (N, 1))
    seen, variance = drawn(
        "tracker", MOMENTUM, clean, scattering=0.02, curvature=0.0, angle_mrad=5.0
    )
    np.testing.assert_allclose(seen.var(axis=0), variance[0], rtol=5 * np.sqrt(2 / N))


@pytest.mark.parametrize("kind", ["resolution", "tracker"])
def test_no_error_is_no_noise(kind):
    target = MOMENTUM if kind == "tracker" else ENERGY
    clean = 1 + np.arange(N * target.shape[0]).reshape(N, -1) / N
    seen, variance = drawn(kind, target, clean)
    np.testing.assert_allclose(seen, clean, rtol=1e-7)
    assert np.all(variance == 0)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("counts", ENERGY), ("counts", Field("1", "number", (50,))), ("tracker", ENERGY),
        ("resolution", Field("MeV", "energy", (50,))),
        ("resolution", Field("MeV", "energy", low=0.0)),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(kind, target):
    assert NOISES[kind]().refuse(target)


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
