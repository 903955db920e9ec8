"""Posterior metrics: the exact posterior is calibrated in all of them, other widths are not."""

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import metrics

N, K = 900, 150
RNG = np.random.default_rng(11)


def normal_posteriors(scale=1.0, correlation=0.9, seed=11):
    """Normal truths and errors: draws of the posterior, ``scale`` times as wide, and exact ones."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(N, 2)) @ np.array([[1.0, 0.0], [correlation, 1.0]]).T
    covariance = np.linalg.inv(np.linalg.inv(np.cov(truth.T)) + np.eye(2))
    seen = truth + rng.normal(size=(N, 2))
    mean = seen @ covariance
    root = np.linalg.cholesky(covariance)
    wide, exact = (s * rng.normal(size=(N, K, 2)) @ root.T for s in (scale, 1.0))
    return truth, mean[:, None] + wide, mean[:, None] + exact


@pytest.mark.parametrize(("scale", "good"), [(1.0, True), (0.8, False), (1.25, False)])
def test_only_the_right_width_is_calibrated_in_every_metric(scale, good):
    truth, draws, exact = normal_posteriors(scale)
    pit = metrics.pit_of_samples(truth, draws.transpose(0, 2, 1))
    value, error = metrics.coverage(pit, [0.683])
    z = metrics.posterior_z_scores(truth, draws)
    width = metrics.spread(z[:, 0])
    sigma = exact.std(axis=(0, 1))
    pairs = list(zip(draws[:60] / sigma, exact[:60] / sigma, strict=True))
    found = metrics.average([metrics.classifier_two_sample_test(a, b) for a, b in pairs])
    apart = np.mean([metrics.sliced_wasserstein(a, b) for a, b in pairs])
    tests = {
        "ranks": min(metrics.rank_uniformity(one) for one in pit.T) > 1e-3,
        "coverage": bool((np.abs(value - 0.683) < 3.5 * error).all()),
        "tarp": metrics.rank_uniformity(metrics.tarp(truth, draws)) > 1e-3,
        "z": abs(width.value - 1.0) < 4 * width.error,
        "ece": max(metrics.expected_calibration_error(one) for one in pit.T) < 0.02,
        "c2st": abs(found.value - 0.5) < 4 * found.error + 0.01,
        "wasserstein": apart < 0.14,
    }
    assert tests == dict.fromkeys(tests, good)


def test_the_right_width_is_the_most_probable():
    scores = {}
    for scale in (0.8, 1.0, 1.25):
        truth, draws, _ = normal_posteriors(scale)
        scores[scale] = metrics.log_probability_of_truth(truth, draws).mean()
    assert max(scores, key=scores.get) == 1.0


def test_tarp_finds_a_correlation_that_no_single_parameter_shows():
    truth, draws, _ = normal_posteriors()
    mixed = np.stack([draws[..., 0], RNG.permuted(draws[..., 1], axis=1)], axis=-1)
    pit = metrics.pit_of_samples(truth, mixed.transpose(0, 2, 1))
    assert min(metrics.rank_uniformity(one) for one in pit.T) > 1e-3
    found = metrics.log_probability_of_truth(truth, mixed).mean()
    assert found < metrics.log_probability_of_truth(truth, draws).mean() - 0.05


def test_the_log_probability_is_that_of_the_normal_distribution():
    draws = RNG.normal(size=(1, 200_000, 2)) * [1.0, 3.0]
    expected = stats.norm.logpdf(0.5) + stats.norm(0, 3).logpdf(-1.0)
    found = metrics.log_probability_of_truth([[0.5, -1.0]], draws)
    assert found[0] == pytest.approx(expected, abs=0.01)


def test_draws_without_spread_along_some_direction_have_no_density():
    """As of no more draws than parameters, whatever rounding makes of it; units do not matter."""
    truth, draws = RNG.normal(size=(40, 4)), RNG.normal(size=(40, 9, 4))
    assert (metrics.log_probability_of_truth(truth, draws[:, :4]) == -np.inf).all()
    units = np.array([1e-30, 1.0, 1e12, 1e50])
    found = metrics.log_probability_of_truth(truth * units, draws * units)
    expected = [
        stats.multivariate_normal(x.mean(0), np.cov(x.T)).logpdf(t)
        for t, x in zip(truth, draws, strict=True)
    ]
    np.testing.assert_allclose(found + np.log(units).sum(), expected, rtol=1e-9)


def test_draws_that_leave_no_doubt_are_right_or_infinitely_wrong():
    z = metrics.posterior_z_scores([[1.0], [2.0], [3.0]], np.full((3, 5, 1), 2.0))
    assert z.ravel().tolist() == [np.inf, 0.0, -np.inf]


@pytest.mark.parametrize("sigma", [[1.0], [0.0, 1.0], [[1.0, 1.0]]])
def test_the_prior_has_a_width_for_each_parameter(sigma):
    with pytest.raises(ValueError, match="prior_sigma"):
        metrics.contraction(RNG.normal(size=(2, 5, 2)), sigma)


def test_contraction_is_the_share_of_the_variance_that_is_gone():
    draws = RNG.normal(size=(3, 4000, 1)) * 0.5
    np.testing.assert_allclose(metrics.contraction(draws, [1.0]), 0.75, atol=0.02)


def test_a_classifier_tells_other_draws_from_like_ones():
    a, b = RNG.normal(size=(2, 800, 3))
    assert metrics.classifier_two_sample_test(a, b) == pytest.approx(0.5, abs=0.06)
    shifted = metrics.classifier_two_sample_test(a + np.array([2.0, 0, 0]), b)
    assert shifted == pytest.approx(stats.norm.cdf(1.0), abs=0.04)  # the best there is
    assert metrics.classifier_two_sample_test(a[:, :1], a[:, :1] + 50.0) == 1.0
