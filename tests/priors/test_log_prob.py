"""Densities of priors against SciPy's, against their own draws, and normalised."""

import numpy as np
import pytest
from scipy import integrate, stats

from deepbench_hf.priors import PRIORS

from .test_priors import ORACLES

CONTINUOUS = {
    "uniform", "log_uniform", "uniform_pieces", "log_uniform_pieces", "log_normal", "exponential",
    "folded", "normal", "power_law", "rayleigh",
}  # fmt: skip
FOLDED_LOGARITHM = {"of": {"kind": "log_normal", "median": 1, "sigma": 1.5}, "low": 0.2, "high": 4}
CASES = {kind: settings for kind, (settings, _) in ORACLES.items()} | {
    "folded_log": FOLDED_LOGARITHM
}


def prior_of(case):
    return PRIORS[case.removesuffix("_log")](**CASES[case])


def interior(prior, count=4001):
    low, high = prior.support
    if prior.logarithmic:
        return np.geomspace(low, high, count)
    return np.linspace(low, high, count)


@pytest.mark.parametrize("kind", [k for k, (_, oracle) in ORACLES.items() if oracle is not None])
def test_densities_are_those_of_scipy(kind):
    settings, oracle = ORACLES[kind]
    prior = PRIORS[kind](**settings)
    values = interior(prior)[1:-1]
    np.testing.assert_allclose(prior.log_prob(values), oracle.logpdf(values), rtol=1e-9, atol=1e-9)


def test_a_log_normal_density_is_that_of_scipy():
    prior = PRIORS["log_normal"](median=3, sigma=0.5)
    values = np.geomspace(0.1, 80, 500)
    expected = stats.lognorm(0.5, scale=3).logpdf(values)
    np.testing.assert_allclose(prior.log_prob(values), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.removesuffix("_log") in CONTINUOUS]
)
def test_densities_have_the_integral_one(case):
    prior = prior_of(case)
    low, high = prior.support
    if prior.logarithmic:

        def density(x):
            return np.exp(prior.log_prob(np.exp(x)) + x)

        low, high = np.log(low), np.log(high)
        edges = np.log(
            np.array([e for pair in getattr(prior, "intervals", ()) for e in pair] or 1.0)
        )
    else:

        def density(x):
            return np.exp(prior.log_prob(x))

        edges = np.array([e for pair in getattr(prior, "intervals", ()) for e in pair])
    points = [e for e in np.ravel(edges) if low < e < high] or None
    total = integrate.quad(density, low, high, points=points, limit=500, epsabs=1e-12)[0]
    assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.removesuffix("_log") in CONTINUOUS]
)
def test_densities_are_those_of_the_draws(case):
    """Of many draws, the share below a value is the integral of the density up to it."""
    prior = prior_of(case)
    draws = prior.quantile((np.arange(200_000) + 0.5) / 200_000)
    grid = interior(prior, 20_001)
    middle, width = 0.5 * (grid[1:] + grid[:-1]), np.diff(grid)
    below = np.cumsum(np.exp(prior.log_prob(middle)) * width)
    share = np.searchsorted(np.sort(draws), grid[1:]) / len(draws)
    np.testing.assert_allclose(below, share, atol=2e-3)


@pytest.mark.parametrize("kind", sorted(ORACLES.keys() - CONTINUOUS - {"in_turn"}))
def test_chances_of_values_add_up_to_one_and_are_those_of_the_draws(kind):
    prior = prior_of(kind)
    values, count = np.unique(
        prior.quantile((np.arange(100_000) + 0.5) / 100_000), return_counts=True
    )
    chance = np.exp(prior.log_prob(values))
    assert chance.sum() == pytest.approx(1.0, abs=1e-12)
    np.testing.assert_allclose(chance, count / 100_000, atol=2e-5)
    assert np.isneginf(prior.log_prob(values[:1] + 0.123)).all()


@pytest.mark.parametrize("case", CASES)
def test_nothing_outside_the_support_can_be_drawn(case):
    prior = prior_of(case)
    low, high = prior.support
    span = max(high - low, 1.0)
    assert np.isneginf(prior.log_prob(np.array([low - 0.01 * span, high + 0.01 * span]))).all()
    if case == "uniform_pieces":
        assert np.isneginf(prior.log_prob(np.array([0.0]))).all()


def test_a_conditional_density_needs_its_class():
    prior = PRIORS["conditional"](
        given="label", cases={"a": 1, "b": {"kind": "uniform", "low": 0, "high": 2}}
    )
    with pytest.raises(TypeError, match="needs the class of label"):
        prior.log_prob(np.array([1.0]))
    assert prior.case("b").log_prob(np.array([1.0])) == pytest.approx(-np.log(2))
