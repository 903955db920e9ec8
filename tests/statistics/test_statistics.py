"""Histograms, spectra, structure functions and mutual information, and refused arguments."""

import json
from itertools import pairwise

import numpy as np
import pytest
from scipy import signal

from deepbench_hf import statistics
from tests.support.fields import gaussian_maps, spectrum
from tests.support.paths import ORACLES

ORACLE = json.loads((ORACLES / "mutual_information.json").read_text())


@pytest.fixture(scope="module")
def maps():
    return gaussian_maps(np.random.default_rng(2), 400, 64, 2.0)


def test_the_histogram_is_numpys(maps):
    edges = np.linspace(-1, 1, 9)
    found = statistics.intensity_histogram(maps[:3], edges)
    expected = [np.histogram(m, edges)[0] / m.size for m in maps[:3]]
    np.testing.assert_array_equal(found, expected)


def test_the_histogram_counts_valid_samples_only():
    found = statistics.intensity_histogram([[0.0, 1.0, 9.0]], [0.0, 0.5, 10.0], [[1, 1, 0]])
    np.testing.assert_array_equal(found, [[0.5, 0.5]])


def test_the_mean_power_is_the_input_within_its_scatter(maps):
    edges = np.linspace(0.15, 1.5, 15)
    k, power, modes = statistics.power_spectrum(maps, bins=edges)
    every = 2 * np.pi * np.hypot(*np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64)))
    bins = [every[(every >= low) & (every < high)] for low, high in pairwise(edges)]
    expected = np.array([spectrum(inside, 2.0).mean() for inside in bins])
    np.testing.assert_array_equal(modes, [len(inside) for inside in bins])
    np.testing.assert_allclose(k, [inside.mean() for inside in bins])
    pulls = (power.mean(0) / expected - 1) / np.sqrt(2 / (modes * len(maps)))
    assert np.abs(pulls).max() < 5
    assert np.std(power[:, 0]) / expected[0] == pytest.approx(np.sqrt(2 / modes[0]), rel=0.2)


def test_the_power_of_a_series_is_that_of_scipy():
    series = np.random.default_rng(0).normal(size=(3, 101))
    k, power, modes = statistics.power_spectrum(series, spacing=0.2)
    f, expected = signal.periodogram(series, 5.0, detrend=False, return_onesided=False)
    half = slice(1, 51)
    np.testing.assert_allclose(k, 2 * np.pi * f[half], rtol=1e-12)
    np.testing.assert_allclose(power, expected[:, half], rtol=1e-10)
    assert (modes == 2).all()
    variance = (power * modes).sum(1) / (101 * 0.2)
    np.testing.assert_allclose(variance, series.var(1), rtol=1e-12)


def test_the_structure_function_is_its_definition():
    rng = np.random.default_rng(1)
    t, m, valid = rng.uniform(0, 9, (2, 12)), rng.normal(size=(2, 12)), rng.random((2, 12)) < 0.8
    edges = [0.0, 1.0, 3.0, 50.0, 60.0]
    found = statistics.structure_function(t, m, edges, valid)
    for row in range(2):
        for (low, high), value in zip(pairwise(edges), found[row], strict=True):
            pairs = [
                (m[row, i] - m[row, j]) ** 2
                for i in range(12)
                for j in range(i)
                if valid[row, i] and valid[row, j] and low <= abs(t[row, i] - t[row, j]) < high
            ]
            assert value == pytest.approx(np.mean(pairs) if pairs else np.nan, nan_ok=True)


def test_a_damped_random_walk_has_its_structure_function():
    rng, tau, sigma, n = np.random.default_rng(3), 30.0, 0.2, 1500
    times = np.sort(rng.uniform(0, 200, 40))
    covariance = sigma**2 * np.exp(-np.abs(np.subtract.outer(times, times)) / tau)
    series = rng.multivariate_normal(np.zeros(40), covariance, n)
    edges = np.linspace(0, 150, 16)
    found = statistics.structure_function(times, series, edges)
    lags = np.abs(np.subtract.outer(times, times))[np.triu_indices(40, 1)]
    theory = 2 * sigma**2 * (1 - np.exp(-lags / tau))
    expected = [theory[(lags >= a) & (lags < b)].mean() for a, b in pairwise(edges)]
    error = found.std(0) / np.sqrt(n)
    assert (np.abs(found.mean(0) - expected) < 5 * error).all()


def draws(item, rng, n=4000):
    """Samples of a case of the oracle; what has a long tail comes by its logarithm."""
    family = item["family"]
    if family == "bivariate_gaussian":
        x, z = rng.normal(size=(2, n))
        return x, item["rho"] * x + np.sqrt(1 - item["rho"] ** 2) * z
    if family == "gamma_exponential":
        x = rng.gamma(item["alpha"], size=n)
        return np.log(x), np.log(rng.exponential(size=n) / x)
    if family == "ordered_weinman_exponential":
        x = rng.exponential(0.5, n)
        return np.log(x), np.log(x + rng.exponential(item["alpha"], n))
    part = rng.choice(len(item["weights"]), n, p=item["weights"])
    roots = np.linalg.cholesky(item["covs"])[part]
    both = np.array(item["means"])[part] + (roots @ rng.normal(size=(n, 2, 1)))[..., 0]
    return both.T


@pytest.mark.parametrize("number", range(len(ORACLE["items"])))
def test_mutual_information_is_that_of_the_oracle(number):
    item = ORACLE["items"][number]
    x, y = draws(item, np.random.default_rng(number))
    value, error = statistics.mutual_information(x, y)
    assert abs(value - item["mi_nats"]) < 5 * error < 0.15


def test_independent_variables_share_nothing_and_scales_do_not_count():
    x, y = np.random.default_rng(5).normal(size=(2, 2000))
    value, error = statistics.mutual_information(x, y)
    assert abs(value) < 5 * error
    scaled = statistics.mutual_information(1000 * x + 3, -y / 7)
    assert scaled.value == pytest.approx(value, abs=1e-9)


def test_the_error_of_mutual_information_is_its_scatter_between_samples():
    rng, found = np.random.default_rng(4), []
    for _ in range(100):
        x, z = rng.normal(size=(2, 200))
        found.append(statistics.mutual_information(x, 0.6 * x + 0.8 * z))
    values, errors = np.transpose(found)
    # The scatter of 100 values is known to 7 %; that of an example's terms gives 0.8 of it.
    assert np.sqrt(np.mean(errors**2)) / values.std(ddof=1) == pytest.approx(1, abs=0.13)
    assert np.isnan(statistics.mutual_information([0.0, 1.0, 2.0, 3.0, 5.0], np.arange(5)).error)


FEW = np.array([[1.0, 0.0, 2.0], [0.5, 3.0, 0.0], [4.0, 0.0, 1.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: s.power_spectrum(np.zeros(8)), r"fields: shape \(8,\); give \(n, T\) or"),
        (lambda s: s.power_spectrum(np.zeros((2, 8)), bins=5), "bins: 5; a side of 8 has 1 to 4"),
        (lambda s: s.power_spectrum(np.zeros((2, 8)), bins=[0.0, 0.1]), "bins: 0 of 1 has no mode"),
        (lambda s: s.intensity_histogram(np.zeros((2, 8)), [1, 0]), "edges: .* that rise"),
        (lambda s: s.structure_function([0.0, 1.0], [[0.0, np.nan]], [0, 1]), "is nan; it must be"),
        (lambda s: s.mutual_information([0.0, 1.0], [0.0]), "give|constant"),
        (
            lambda s: s.mutual_information([0.0, 1.0, 2.0], [1.0, 0.0, 3.0]),
            "as many of both, above 3",
        ),
        (lambda s: s.mutual_information([1.0, 1.0], [0.0, 1.0]), "x: .* no constant"),
        (lambda s: s.ks_per_bin(np.zeros((4, 2)), np.zeros((4, 3))), "one value of each example"),
        (
            lambda s: s.mean_difference(np.eye(3), np.eye(3) ** 2 + FEW),
            "3 bins that vary need 7 examples.* got 6",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line(call, message):
    with pytest.raises(ValueError, match=message) as error:
        call(statistics)
    assert "\n" not in str(error.value)
