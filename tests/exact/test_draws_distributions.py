"""Random numbers have the right distributions, and are independent.

Every test has a fixed seed and a false-alarm probability of at most 1e-6 (p-values are compared
with that), and a planted defect shows that it can fail.
"""

from functools import cache

import numpy as np
import pytest
from scipy import special, stats

from deepbench_hf.exact.draws import add_normals, normals, uniforms
from deepbench_hf.exact.poisson import poisson
from deepbench_hf.exact.words import stream_key
from tools.noise import EXACT, poisson_error

ALARM = 1e-6
KEY = stream_key("test", 42)
SIGMAS = 5.5
"""Of a normal statistic: 4e-8, as up to 20 of them are looked at together."""


def chi_square(observed, expected):
    """P-value of Pearson's test of counts with given expectations."""
    statistic = ((observed - expected) ** 2 / expected).sum()
    return stats.chi2.sf(statistic, len(expected) - 1)


def distance(sample, distribution):
    """P-value of the Kolmogorov-Smirnov test."""
    x = distribution(np.sort(sample))
    grid = np.arange(len(x) + 1) / len(x)
    largest = max((grid[1:] - x).max(), (x - grid[:-1]).max())
    return special.kolmogorov(largest * np.sqrt(len(x)))


def correlation(x, y):
    """Sigmas by which the correlation of two samples differs from zero."""
    return abs(np.corrcoef(x, y)[0, 1]) * np.sqrt(len(x))


def uniform_p(u):
    """The smaller p-value of two tests of uniform numbers."""
    return min(
        chi_square(
            np.bincount((u * 1000).astype(int), minlength=1000), np.full(1000, len(u) / 1e3)
        ),
        distance(u, lambda x: x),
    )


def test_uniform_numbers_are_uniform_and_independent():
    u = uniforms(KEY, np.arange(2_000_000))
    other = uniforms(stream_key("test", 43), np.arange(2_000_000))
    assert u.min() >= 0.0 and u.max() < 1.0
    assert np.array_equal(u * 2.0**53, np.floor(u * 2.0**53))
    assert uniform_p(u) > ALARM / 4
    assert uniform_p(np.mod(u * 2.0**20, 1.0)) > ALARM / 4
    for lag in (1, 2, 256, 4096):
        assert correlation(u[lag:], u[:-lag]) < SIGMAS
    assert correlation(u, other) < SIGMAS


def test_a_uniform_defect_is_found():
    u = uniforms(KEY, np.arange(2_000_000))
    assert uniform_p(u**1.01) < ALARM
    assert correlation(u[1:], u[1:] + 100 * u[:-1]) > SIGMAS
    assert correlation(u, 0.99 * np.random.default_rng(1).random(len(u)) + 0.01 * u) > SIGMAS


EDGES = np.linspace(-5, 5, 401)
MOMENTS = [(1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)]
"""Power, expectation and variance of the power of a standard normal number."""


def normal_faults(z):
    """The tests of standard normal numbers that a large sample fails."""
    n, z = z.size, z.ravel().astype(np.float64)
    inner, _ = np.histogram(z, EDGES)
    observed = np.array([(z < -5).sum() + inner[0], *inner[1:-1], inner[-1] + (z >= 5).sum()])
    share = np.diff(stats.norm.cdf([-np.inf, *EDGES[1:-1], np.inf]))
    wide = share * n > 20
    kept = np.append(observed[wide], observed[~wide].sum())
    expected = np.append(share[wide], share[~wide].sum()) * n
    p = {
        "chi square": chi_square(kept, expected),
        "distance": distance(z[:2_000_000], stats.norm.cdf),
    }
    for t in (3.0, 4.0, 4.5, 5.0):
        count, mean = int((np.abs(z) > t).sum()), 2 * n * stats.norm.sf(t)
        p[f"tail {t}"] = 2 * min(stats.poisson.cdf(count, mean), stats.poisson.sf(count - 1, mean))
    for power, mean, variance in MOMENTS:
        sigmas = ((z**power).mean() - mean) / np.sqrt(variance / n)
        p[f"moment {power}"] = 2 * stats.norm.sf(abs(sigmas))
    return {name for name, value in p.items() if value < ALARM / len(p)}


@cache
def normal_sample(kind):
    """Ten million normals, pixel noise by rows of 2 500 or one per example."""
    if kind == "single":
        return normals(KEY, np.arange(10_000_000))
    pixels = np.zeros((4000, 2500), kind)
    add_normals(pixels, np.ones(4000), KEY, np.arange(4000))
    return pixels


@pytest.mark.parametrize("kind", [np.float32, "single"])
def test_normal_numbers_are_normal(kind):
    assert normal_faults(normal_sample(kind)) == set()


def test_normal_numbers_are_independent():
    z = normal_sample(np.float32).astype(np.float64)
    flat, single = z.ravel(), normal_sample("single")
    for lag in (1, 2, 3, 4, 1024, 2500):
        assert correlation(flat[lag:], flat[:-lag]) < SIGMAS
        assert correlation(flat[lag:] ** 2, flat[:-lag] ** 2) < SIGMAS
    assert correlation(single[1:], single[:-1]) < SIGMAS
    again = normals(KEY, np.arange(1_000_000), attempt=1)
    assert correlation(again, single[:1_000_000]) < SIGMAS


@pytest.mark.parametrize(
    ("defect", "symptom"),
    [
        (lambda z: 1.003 * z, "moment 2"),
        (lambda z: np.clip(z, -4.5, 4.5), "tail 4.5"),
        (lambda z: z + 0.002, "moment 1"),
        (lambda z: np.round(z * 32) / 32, "chi square"),
        (lambda z: np.where(z > 0, z, 1.01 * z), "moment 3"),
    ],
)
def test_a_normal_defect_is_found(defect, symptom):
    assert symptom in normal_faults(defect(normal_sample(np.float32)))


LOW_AND_HIGH = [0.05, 0.3, 1.0, 3.0, 7.0, 12.0, 15.99, 16.0, 30.0, 100.0, 300.0, 1000.0]


def poisson_p(counts, rate):
    """P-value of the chi-square test of Poisson counts, cells of at least 20 expected counts."""
    observed = np.bincount(counts.ravel().astype(np.int64))
    expected = counts.size * stats.poisson.pmf(np.arange(len(observed)), rate)
    wide = np.flatnonzero(expected > 20)
    first, last = wide[0], wide[-1]
    below, above = stats.poisson.cdf(first, rate), stats.poisson.sf(last - 1, rate)
    observed = [observed[: first + 1].sum(), *observed[first + 1 : last], observed[last:].sum()]
    expected = [below * counts.size, *expected[first + 1 : last], above * counts.size]
    return chi_square(np.array(observed), np.array(expected))


def counts_of(rate, kind=np.float32):
    """Two million counts of one rate, from a key of its own."""
    rates = np.full((500, 4000), rate, kind)
    return poisson(rates, stream_key("poisson", str(rate)), np.arange(500))


@pytest.mark.parametrize("rate", LOW_AND_HIGH)
def test_poisson_counts_follow_the_poisson_law(rate):
    assert poisson_p(counts_of(rate), rate) > ALARM


@pytest.mark.parametrize("rate", LOW_AND_HIGH)
def test_the_poisson_law_is_exact_over_every_4096th_word(rate):
    assert poisson_error(rate, 4096) < EXACT
    assert poisson_error(rate * 1.0001, 4096, rate) > EXACT


@pytest.mark.parametrize("rate", [3.0, 100.0, 1e6, 1e9])
def test_poisson_counts_have_the_mean_and_variance_of_the_rate(rate):
    counts = counts_of(rate, np.float64)
    n = counts.size
    assert abs(counts.mean() - rate) < SIGMAS * np.sqrt(rate / n)
    assert abs(counts.var() / rate - 1) < SIGMAS * np.sqrt((2 + 1 / rate) / n)


@pytest.mark.parametrize("rate", [1.0, 7.0, 15.99, 16.0, 100.0, 1000.0])
def test_a_wrong_poisson_rate_is_found(rate):
    wrong = 1.003 if rate > 5 else 1.01
    assert poisson_p(counts_of(rate * wrong), rate) < ALARM


@pytest.mark.parametrize("rate", [1.0, 7.0, 30.0, 300.0])
def test_a_normal_approximation_of_poisson_is_found(rate):
    z = normal_sample(np.float32).ravel()[:2_000_000].astype(np.float64)
    approximation = np.maximum(np.floor(rate + np.sqrt(rate) * z + 0.5), 0.0)
    assert poisson_p(approximation, rate) < ALARM
