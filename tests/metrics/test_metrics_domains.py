"""Distances between domains: nothing between equal ones, what theory says between others."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from deepbench_hf.metrics import maximum_mean_discrepancy, sliced_wasserstein

N = 1500


@pytest.fixture(scope="module")
def normal():
    """Two samples of the same distribution."""
    return np.random.default_rng(0).normal(size=(2, N, 1))


def test_the_discrepancy_is_its_definition():
    x, y = np.array([[0.0, 1.0], [2.0, 0.5], [1.0, 1.0]]), np.array([[0.3, 0.0], [4.0, 1.0]])

    def mean(a, b, same):
        return np.mean(
            [
                math.exp(-((p - q) @ (p - q)) / (2 * 0.8**2))
                for i, p in enumerate(a)
                for j, q in enumerate(b)
                if not (same and i == j)
            ]
        )

    expected = mean(x, x, True) + mean(y, y, True) - 2 * mean(x, y, False)
    assert maximum_mean_discrepancy(x, y, 0.8) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0])
def test_the_discrepancy_of_shifted_normals_is_what_theory_says(normal, shift):
    h = 1.3
    found = maximum_mean_discrepancy(normal[0], normal[1] + shift, h)
    most = 2 * h / math.sqrt(h**2 + 2)
    expected = most * (1 - math.exp(-(shift**2) / (2 * (h**2 + 2))))
    # A kernel is between 0 and 1, so the scatter of each mean is at most 1 / sqrt(n).
    assert abs(found - expected) < (0.003 if shift == 0 else 6 * 2 / math.sqrt(N) * 0.5)
    assert (found > 0.02) == (shift > 0)


def test_the_bandwidth_is_the_median_distance_unless_given(normal):
    x, y = normal[0][:40], normal[1][:40] + 1
    pooled = np.concatenate([x, y])[:, 0]
    apart = np.abs(pooled[:, None] - pooled)[np.triu_indices(80, 1)]
    expected = maximum_mean_discrepancy(x, y, float(np.median(apart)))
    assert maximum_mean_discrepancy(x, y) == pytest.approx(expected, rel=1e-9)


def test_on_a_line_the_distance_is_that_of_scipy_for_any_sizes(normal):
    x, y = normal[0][:317], 2 * normal[1][:200] + 1
    expected = stats.wasserstein_distance(x[:, 0], y[:, 0])
    assert sliced_wasserstein(x, y, order=1) == pytest.approx(expected, rel=1e-10)


def test_a_shift_is_its_length_by_the_square_root_of_the_number_of_features():
    x = np.random.default_rng(1).normal(size=(50, 5))
    shift = np.array([3.0, 0, 0, 4.0, 0])
    found = sliced_wasserstein(x, x + shift, directions=20_000)
    # (s . d)^2 has mean 1/5 and variance 8/175 of |s|^2: six standard errors.
    assert found**2 == pytest.approx(25 / 5, abs=6 * 25 * math.sqrt(8 / 175 / 20_000))
    assert sliced_wasserstein(x, x[::-1]) == 0


def test_the_same_seed_gives_the_same_directions_and_another_one_others():
    x, y = np.random.default_rng(2).normal(size=(2, 30, 3))
    assert sliced_wasserstein(x, y, seed=4) == sliced_wasserstein(x, y, seed=4)
    assert sliced_wasserstein(x, y, seed=4) != sliced_wasserstein(x, y, seed=5)


samples = arrays(np.float64, (6, 2), elements=st.floats(-5, 5).map(lambda x: round(x, 3)))


@settings(max_examples=40, deadline=None)
@given(samples, samples, st.floats(-1e4, 1e4))
def test_distances_are_symmetric_and_depend_on_no_common_offset(x, y, offset):
    for distance in (lambda a, b: maximum_mean_discrepancy(a, b, 1.0), sliced_wasserstein):
        assert distance(x, y) == pytest.approx(distance(y, x), abs=1e-9)
        assert distance(x + offset, y + offset) == pytest.approx(distance(x, y), abs=1e-7)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: maximum_mean_discrepancy([[1.0]], [[1.0]]), "at least 2 of each"),
        (lambda: maximum_mean_discrepancy([1.0, 2.0], [1.0, 2.0]), "features"),
        (lambda: maximum_mean_discrepancy([[1.0]] * 2, [[1.0]] * 2), "most examples are equal"),
        (lambda: maximum_mean_discrepancy([[1.0]] * 2, [[1.0]] * 2, -1.0), "bandwidth: -1"),
        (lambda: sliced_wasserstein([[1.0]], [[1.0, 2.0]]), r"source \(1, 1\), target \(1, 2\)"),
        (lambda: sliced_wasserstein([[1.0]], [[np.inf]]), r"target\[0, 0\] is inf"),
        (lambda: sliced_wasserstein([[1.0]], [[1.0]], directions=0), "directions 0"),
    ],
)
def test_wrong_input_is_refused_in_one_line(wrong, told):
    with pytest.raises(ValueError, match=told) as error:
        wrong()
    assert "\n" not in str(error.value)
