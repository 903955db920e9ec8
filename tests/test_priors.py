"""Priors against SciPy's distributions, and the quantile functions that they use."""

import numpy as np
import pytest
from scipy import special, stats

from deepbench_hf import quantiles
from deepbench_hf.priors import PRIORS

U = np.concatenate([np.linspace(0, 1, 5001, endpoint=False), [2.0**-53, 1 - 2.0**-53]])

ORACLES = {
    "uniform": ({"low": 2, "high": 5}, stats.uniform(2, 3)),
    "log_uniform": ({"low": 0.1, "high": 50}, stats.loguniform(0.1, 50)),
    "uniform_pieces": ({"intervals": [[-3, -1], [2, 6]]}, None),
    "choice": ({"values": [3, 1, 2, 9]}, None),
    "normal": ({"mean": 3, "sigma": 2, "low": 1, "high": 8}, stats.truncnorm(-1, 2.5, 3, 2)),
    "constant": ({"value": 4}, None),
}


def test_every_prior_has_an_oracle():
    assert ORACLES.keys() == PRIORS.keys()


@pytest.mark.parametrize("kind", PRIORS)
def test_quantiles_lie_in_the_support_and_rise(kind):
    settings, oracle = ORACLES[kind]
    prior = PRIORS[kind](**settings)
    values = prior.quantile(U)
    low, high = prior.support
    assert values.shape == U.shape
    assert low <= values.min()
    assert values.max() <= high
    if oracle is not None:
        np.testing.assert_allclose(values, oracle.ppf(U), rtol=1e-13, atol=1e-13)
    if kind not in ("choice", "constant"):
        assert (np.diff(prior.quantile(np.sort(U))) >= 0).all()


def test_pieces_are_filled_evenly():
    values = PRIORS["uniform_pieces"](intervals=[[-3, -1], [2, 6]]).quantile(U)
    assert not ((values > -1) & (values < 2)).any()
    assert np.mean(values < 0) == pytest.approx(1 / 3, abs=1e-3)


def test_choices_are_equally_likely():
    values = PRIORS["choice"](values=[3, 1, 2, 9]).quantile(np.arange(5000) / 5000)
    assert np.unique(values, return_counts=True)[1].tolist() == [1250] * 4


def test_an_untruncated_normal_is_the_normal_to_seven_sigma():
    values = PRIORS["normal"](mean=0, sigma=1).quantile(U[1:5001])
    np.testing.assert_allclose(values, stats.norm.ppf(U[1:5001]), rtol=1e-12, atol=1e-13)


def test_normal_quantiles_agree_with_scipy():
    p = np.concatenate([np.linspace(1e-4, 0.9999, 4001), 10.0 ** -np.arange(4, 16)])
    np.testing.assert_allclose(quantiles.normal(p), special.ndtri(p), rtol=2e-15, atol=1e-16)


@pytest.mark.parametrize("z", [-7.5, -3.0, -0.1, 0.0, 1.96, 5.0])
def test_normal_probabilities_agree_with_scipy(z):
    assert quantiles.normal_cdf(z) == pytest.approx(special.ndtr(z), rel=2e-13)


def test_the_exponential_is_cut_where_it_would_overflow():
    values = quantiles.exponential(np.array([-1e9, 0.0, 1e9]))
    assert np.isfinite(values).all()
    assert values[1] == 1.0


@pytest.mark.parametrize(
    ("kind", "settings", "told"),
    [
        ("uniform", {"low": 2, "high": 2}, "low must be below high"),
        ("log_uniform", {"low": 0, "high": 2}, "greater than 0"),
        ("uniform_pieces", {"intervals": [[1, 2], [1.5, 3]]}, "must rise and not overlap"),
        ("uniform_pieces", {"intervals": []}, "at least 1"),
        ("normal", {"mean": 0, "sigma": 0}, "greater than 0"),
        ("normal", {"mean": 0, "sigma": 1, "low": 7}, "more than a tail"),
        ("uniform", {"low": float("nan"), "high": 2}, "finite"),
    ],
)
def test_an_impossible_prior_is_refused(kind, settings, told):
    with pytest.raises(ValueError, match=told):
        PRIORS[kind](**settings)
