"""Metrics: a calibrated model scores calibrated, one that is too sure does not."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from deepbench_hf import generate, load_recipe, metrics

N, SIGMAS = 20_000, 6
"""Rows of the toy model, and how many standard errors chance may be off: 2e-9 of all cases."""


@pytest.fixture(scope="module")
def toy():
    """Truth, mean, and the standard deviation with which the mean really scatters."""
    rng = np.random.default_rng(6)
    truth, sigma = rng.uniform(-3, 8, N), rng.uniform(0.2, 2, N)
    return truth, truth + sigma * rng.normal(size=N), sigma


def theory(f):
    """What a model scores whose sigma is f times the right one, by score."""
    return {
        "pull_mean": 0.0,
        "pull_std": 1 / f,
        "coverage_683": math.erf(f * stats.norm.ppf((1 + 0.683) / 2) / math.sqrt(2)),
        "coverage_954": math.erf(f * stats.norm.ppf((1 + 0.954) / 2) / math.sqrt(2)),
        "nll": math.log(2 * math.pi) / 2 + math.log(f) + 1 / (2 * f**2),
        "crps": math.sqrt(2 * (1 + f**2) / math.pi) - f / math.sqrt(math.pi),
    }


def scored(toy, f):
    """The same as they are measured; scores of examples in units of the right sigma."""
    truth, mean, sigma = toy
    claim = truth, mean, f * sigma
    inside = metrics.coverage(metrics.pit_values(*claim), [0.683, 0.954])
    return {
        "pull_mean": metrics.average(metrics.pulls(*claim)),
        "pull_std": metrics.spread(metrics.pulls(*claim)),
        "coverage_683": metrics.Estimate(inside.value[0], inside.error[0]),
        "coverage_954": metrics.Estimate(inside.value[1], inside.error[1]),
        "nll": metrics.average(metrics.negative_log_likelihood(*claim) - np.log(sigma)),
        "crps": metrics.average(metrics.crps(*claim) / sigma),
    }


@pytest.mark.parametrize("f", [1.0, 0.5, 2.0])
def test_every_score_is_what_theory_says_for_a_sigma_that_is_off_by_a_factor(toy, f):
    found = scored(toy, f)
    for name, expected in theory(f).items():
        value, error = found[name]
        spread = max(error, 0.5 / math.sqrt(N)) if name.startswith("coverage") else error
        assert abs(value - expected) < SIGMAS * spread, name


@pytest.mark.parametrize("f", [0.5, 2.0])
def test_every_score_tells_a_wrong_sigma_from_the_right_one(toy, f):
    wrong = scored(toy, f)
    for name in ("pull_std", "coverage_683", "coverage_954"):
        assert abs(wrong[name].value - theory(1.0)[name]) > 2 * SIGMAS * wrong[name].error, name
    truth, mean, sigma = toy
    for score in (metrics.negative_log_likelihood, metrics.crps):
        worse = metrics.average(score(truth, mean, f * sigma) - score(truth, mean, sigma))
        assert worse.value > SIGMAS * worse.error, score.__name__


def test_the_mean_of_pulls_tells_a_bias_and_so_does_the_bias(toy):
    truth, mean, sigma = toy
    shifted = metrics.average(metrics.pulls(truth, mean + 0.3 * sigma, sigma))
    assert abs(shifted.value - 0.3) < SIGMAS * shifted.error
    off, none = metrics.bias(truth, mean + 0.3), metrics.bias(truth, mean)
    assert off.value - none.value == pytest.approx(0.3, abs=1e-12)
    assert abs(none.value) < SIGMAS * none.error


@pytest.mark.parametrize("f", [1.0, 0.5, 2.0])
def test_the_calibration_error_is_a_quarter_less_an_arctangent(toy, f):
    truth, mean, sigma = toy
    found = metrics.expected_calibration_error(metrics.pit_values(truth, mean, f * sigma))
    expected = abs(0.25 - math.atan(f) / math.pi) * 100 / 99  # 99 levels, none at 0 or 1
    assert abs(found - expected) < 3 / math.sqrt(N)  # Dvoretzky-Kiefer-Wolfowitz: 3e-8
    assert (expected > 6 / math.sqrt(N)) == (f != 1)


def test_chance_alone_gives_the_calibration_error_that_its_docstring_names():
    pit = np.random.default_rng(1).uniform(size=(500, 2000))
    found = metrics.average(metrics.expected_calibration_error(pit))
    expected = math.sqrt(math.pi / 32 / 500) * 100 / 99
    assert found.value == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("f", [1.0, 0.5])
def test_the_pit_histogram_is_flat_if_calibrated_and_a_u_if_overconfident(toy, f):
    truth, mean, sigma = toy
    density, error = metrics.pit_histogram(metrics.pit_values(truth, mean, f * sigma), 10)
    edges = stats.norm.cdf(f * stats.norm.ppf(np.linspace(0, 1, 11)))
    assert np.abs(density - 10 * np.diff(edges)).max() < 2 * SIGMAS * error[0]
    assert (np.ptp(density) > 4 * SIGMAS * error[0]) == (f != 1)
    assert density.mean() == pytest.approx(1)


@pytest.mark.parametrize("f", [1.0, 0.5])
def test_samples_score_as_the_distribution_that_they_come_from(toy, f):
    truth, mean, sigma = toy
    noise = np.random.default_rng(2).normal(size=(N, 9))
    samples = mean[:, None] + f * sigma[:, None] * noise
    score = metrics.average(metrics.crps_of_samples(truth, samples) / sigma)
    assert abs(score.value - theory(f)["crps"]) < SIGMAS * score.error
    found = metrics.coverage(metrics.pit_of_samples(truth, samples), 0.8)  # ranks 1 to 8 of 0 to 9
    assert (abs(found.value[0] - 0.8) < SIGMAS * found.error[0]) == (f == 1)


def test_quantiles_give_the_pit_of_the_distribution_that_they_come_from(toy):
    truth, mean, sigma = (part[:2000] for part in toy)
    levels = np.arange(1, 200) / 200
    quantiles = mean[:, None] + sigma[:, None] * stats.norm.ppf(levels)
    found = metrics.pit_of_quantiles(truth, quantiles, levels)
    np.testing.assert_allclose(found, metrics.pit_values(truth, mean, sigma), atol=0.005)
    assert metrics.pit_of_quantiles([0.0, 9.0], [[1.0], [1.0]], [0.4]).tolist() == [0.2, 0.7]
    at_ends = metrics.pit_of_quantiles([1.0, 2.0, 3.0], [[1, 2], [1, 2], [3, 3]], [0.4, 0.6])
    assert at_ends.tolist() == [0.4, 0.6, 0.6]


def test_the_right_quantile_has_the_least_pinball_loss(toy):
    truth, mean, sigma = toy
    losses = [
        metrics.pinball_loss(truth, mean + sigma * stats.norm.ppf(p), 0.8).mean()
        for p in (0.6, 0.7, 0.8, 0.87, 0.95)
    ]
    assert np.argmin(losses) == 2


def test_scores_are_those_of_scipy():
    truth, mean, sigma = np.array([0.3, -4.0, 30.0]), np.zeros(3), np.array([1.0, 2.5, 3.0])
    law = stats.norm(mean, sigma)
    np.testing.assert_allclose(metrics.pit_values(truth, mean, sigma), law.cdf(truth), rtol=1e-12)
    found = metrics.negative_log_likelihood(truth, mean, sigma)
    np.testing.assert_allclose(found, -law.logpdf(truth), rtol=1e-13)
    for t, s, score in zip(truth, sigma, metrics.crps(truth, mean, sigma), strict=True):
        below = integrate.quad(lambda y, s=s: stats.norm.cdf(y / s) ** 2, -40 * s, t)[0]
        above = integrate.quad(lambda y, s=s: stats.norm.sf(y / s) ** 2, t, 40 * s)[0]
        assert score == pytest.approx(below + above, rel=1e-6)


def test_the_score_of_samples_is_its_definition():
    samples, truth = np.array([[1.0, 4.0, 2.5, -1.0]]), np.array([2.0])
    pairs = np.abs(samples[0][:, None] - samples[0]).sum() / (2 * 4 * 3)
    expected = np.abs(samples - 2.0).mean() - pairs
    assert metrics.crps_of_samples(truth, samples)[0] == pytest.approx(expected, rel=1e-14)


def test_standard_errors_are_the_scatter_over_repeated_samples():
    z = np.random.default_rng(3).exponential(size=(400, 3000))
    for metric in (metrics.average, metrics.spread, metrics.sharpness):
        found = metric(z)
        assert np.mean(found.error) == pytest.approx(found.value.std(), rel=0.15), metric.__name__


def test_the_mean_is_efficient_and_half_of_the_data_is_half_and_the_median_of_three_is_not():
    draws = np.random.default_rng(4).normal(5, 2, size=(N, 3))
    truth, bound = np.full(N, 5.0), np.full(N, 2 / math.sqrt(3))
    known = {1.0: draws.mean(1), 1 / 3: draws[:, 0]}
    known[(1 / 3) / (1 - math.sqrt(3) / math.pi)] = np.median(draws, axis=1)
    for expected, estimate in known.items():
        value, error = metrics.efficiency(truth, estimate, bound)
        assert abs(value - expected) < SIGMAS * error
        assert error < 0.015


def test_sharpness_is_the_sigma_and_the_error_of_a_perfect_model_is_zero():
    assert metrics.sharpness(np.full(4, 0.7)).value == pytest.approx(0.7)
    assert metrics.root_mean_squared_error([1, 2], [1, 2]) == (0, 0)
    assert metrics.root_mean_squared_error([1.0, 2.0], [1.3, 1.7]).value == pytest.approx(0.3)


def test_predicted_probabilities_that_are_true_are_calibrated_and_sharpened_ones_are_not():
    rng = np.random.default_rng(5)
    p = rng.uniform(0.5, 1, N)
    truth = (rng.uniform(size=N) > p).astype(int)
    sharp = p**2 / (p**2 + (1 - p) ** 2)
    gap = integrate.quad(lambda q: 2 * (q**2 / (q**2 + (1 - q) ** 2) - q), 0.5, 1)[0]
    for q, expected in ((p, 0.0), (sharp, gap)):
        rows = np.stack([q, 1 - q], axis=1)
        found = metrics.confidence_calibration_error(truth, rows)
        assert abs(found - expected) < SIGMAS * math.sqrt(15 / N) / 2
    rows = [np.stack([q, 1 - q], axis=1) for q in (p, sharp)]
    worse = metrics.average(np.subtract(*(metrics.cross_entropy(truth, row) for row in rows[::-1])))
    assert gap > SIGMAS * math.sqrt(15 / N) / 2
    assert worse.value > SIGMAS * worse.error


def test_a_drop_of_accuracy_is_known_better_from_pairs_than_from_two_samples():
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 3, N)
    first = np.where(rng.uniform(size=N) < 0.7, truth, (truth + 1) % 3)
    second = np.where(rng.uniform(size=N) < 0.1, (truth + 1) % 3, first)
    drop = metrics.accuracy_drop(truth, [first, second])
    assert drop.value[0] == drop.error[0] == 0
    assert abs(drop.value[1] - 0.07) < SIGMAS * drop.error[1]
    apart = [metrics.accuracy(truth, each) for each in (first, second)]
    assert drop.value[1] == pytest.approx(apart[0].value - apart[1].value)
    assert drop.error[1] < 0.5 * math.hypot(apart[0].error, apart[1].error)


def test_energy_is_conserved_and_a_drift_of_one_percent_is_found():
    rows = generate(load_recipe("pendulum_hamiltonian"), "test", 0, 50)
    q, p = rows["q_rad"], rows["p_kg_m2_s"]
    m, length, g = (rows[k][:, None] for k in ("mass_kg", "length_m", "gravity_m_s2"))
    energy = p**2 / (2 * m * length**2) + m * g * length * (1 - np.cos(q))
    residuals = metrics.invariant_residuals(energy, rows["mass_kg"] * rows["length_m"] * g[:, 0])
    assert residuals.max() < 1e-10
    drift = energy * np.linspace(1, 0.99, energy.shape[1])
    np.testing.assert_allclose(metrics.invariant_residuals(drift), 0.01, rtol=1e-6)
    assert metrics.invariant_residuals(np.zeros((1, 5))) == 0
