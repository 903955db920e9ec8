"""Tests of differences: calibrated for sets of one kind, and sure of sets that differ."""

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import statistics
from deepbench_hf.statistics.standard import curves
from tests.support.fields import gaussian_maps


def halvings(count, seed, size=400):
    """Both halves of a set, in many ways."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        order = rng.permutation(size)
        yield order[: size // 2], order[size // 2 :]


def uniform(p, seldom=0.0):
    """Whether p-values are spread evenly; of 6 sigma, and ties may make them larger."""
    p = np.asarray(p)
    for level in (0.05, 0.2, 0.5, 0.8):
        error = np.sqrt(level * (1 - level) / len(p))
        if not -seldom * level - 6 * error < (p < level).mean() - level < 6 * error:
            return False
    return True


@pytest.fixture(scope="module")
def values():
    """Every statistic of every one of 400 Gaussian maps, by name."""
    maps = gaussian_maps(np.random.default_rng(2), 400, 64, 2.0)
    sample = statistics.comparison.find_source(maps)
    both = statistics.standard.read_pair(sample, sample, None, None, 400)
    return {c.name: c.a for c in curves(*both, bins=20, periodic=True)}


def test_halves_of_one_set_have_uniform_p_values(values):
    for found in values.values():
        p = [statistics.mean_difference(found[a], found[b]).p for a, b in halvings(300, 7)]
        assert uniform(p)
        some = found[:, [4, 9, 15]]
        ks = [statistics.ks_per_bin(some[a], some[b]) for a, b in halvings(60, 8)]
        assert all(uniform(each, seldom=0.3) for each in np.transpose(ks))


def test_correlated_pixels_are_not_taken_for_independent_draws():
    maps = gaussian_maps(np.random.default_rng(6), 60, 32, 4.0)
    ours, naive = [], []
    for a, b in halvings(60, 9, 60):
        ours.append(statistics.ks_per_bin(maps[a].mean((1, 2)), maps[b].mean((1, 2))))
        naive.append(stats.ks_2samp(maps[a].ravel(), maps[b].ravel()).pvalue)
    assert uniform(ours, seldom=0.5)
    assert np.mean(np.array(naive) < 0.001) > 0.5


def test_one_bin_is_students_test():
    a, b = np.random.default_rng(0).normal(size=(2, 30, 1))
    found = statistics.mean_difference(a, b[:20] + 0.5)
    expected = stats.ttest_ind(a[:, 0], b[:20, 0] + 0.5)
    assert found.z[0] == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-10)


def test_bins_may_be_mixed_and_what_follows_from_them_adds_nothing():
    rng = np.random.default_rng(1)
    a, b, mix = rng.normal(size=(50, 4)), rng.normal(size=(40, 4)) + 0.3, rng.normal(size=(4, 4))
    found = statistics.mean_difference(a, b)
    mixed = statistics.mean_difference(a @ mix, b @ mix)
    more = statistics.mean_difference(
        *(np.hstack([x, 1 - x.sum(1)[:, None], 0.1 + 0 * x]) for x in (a, b))
    )
    for other in (mixed, more):
        assert (other.dof, other.chi2) == (4, pytest.approx(found.chi2, rel=1e-8))
        assert other.p == pytest.approx(found.p, rel=1e-8)
    assert found.chi2 == pytest.approx(explicit(a, b), rel=1e-10)


def explicit(a, b):
    """chi2 by its formula."""
    nu = len(a) + len(b) - 2
    pooled = ((len(a) - 1) * np.cov(a.T) + (len(b) - 1) * np.cov(b.T)) / nu
    d = a.mean(0) - b.mean(0)
    inverse = (nu - a.shape[1] - 1) / nu * np.linalg.inv(pooled)
    return d @ inverse @ d / (1 / len(a) + 1 / len(b))


def test_what_never_varies_and_differs_is_told_apart_at_once():
    a, b = np.zeros((9, 2)), np.zeros((9, 2))
    assert statistics.mean_difference(a, b)[1:] == (0.0, 0, 1.0)
    b[:, 0] = 1
    assert statistics.mean_difference(a, b)[1:] == (np.inf, 0, 0.0)


def test_one_example_of_each_set_does_not_tell_them_apart():
    maps = np.random.default_rng(6).normal(size=(2, 1, 8, 8))
    with pytest.raises(ValueError, match="bins that vary need .* examples.*; got 2"):
        statistics.compare(*maps)


def test_sets_are_told_apart_along_any_direction_in_which_neither_varies():
    """Two bins that add up to 1 in the one set and to 1.1 in the other; each alone overlaps."""
    x, y = np.random.default_rng(5).normal(size=(2, 50, 1))
    a, b, other = np.hstack([x, 1 - x]), np.hstack([y, 1 - y]), np.hstack([y, 1.1 - y])
    same, apart = (statistics.mean_difference(a, one) for one in (b, other))
    assert (same.dof, same.p > 0.01, same.chi2 < 9) == (1, True, True)
    assert (apart.chi2, apart.p, np.abs(apart.z).max() < 5) == (np.inf, 0.0, True)


def test_curve_ks_does_not_see_what_the_calibrated_tests_see(values):
    found = values["power spectrum"]
    a, b = found[:200], 1.21 * found[200:]
    assert statistics.curve_ks(a.mean(0), b.mean(0)) > 0.9
    assert statistics.mean_difference(a, b).p < 1e-9
    assert statistics.ks_per_bin(a, b).min() < 1e-9
