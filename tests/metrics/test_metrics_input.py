"""What metrics do not depend on and refuse; distances between domains; flips of a classifier."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from deepbench_hf import metrics
from deepbench_hf.metrics import maximum_mean_discrepancy, sliced_wasserstein

small = arrays(np.float64, (7, 3), elements=st.floats(-50, 50).map(lambda x: round(x, 3)))


@settings(max_examples=50, deadline=None)
@given(small, st.floats(-100, 100), st.floats(0.01, 100))
def test_calibration_depends_on_neither_zero_point_nor_unit(values, shift, scale):
    truth, mean, sigma = values[:, 0], values[:, 1], np.abs(values[:, 2]) + 1
    there = shift + scale * truth, shift + scale * mean, scale * sigma
    pit = metrics.pit_values(truth, mean, sigma)
    np.testing.assert_allclose(metrics.pit_values(*there), pit, atol=1e-9)
    score = metrics.crps(truth, mean, sigma)
    np.testing.assert_allclose(metrics.crps(*there), scale * score, rtol=1e-8, atol=1e-8 * scale)
    log = metrics.negative_log_likelihood(truth, mean, sigma) + np.log(scale)
    np.testing.assert_allclose(metrics.negative_log_likelihood(*there), log, rtol=1e-7, atol=1e-7)


@settings(max_examples=50, deadline=None)
@given(small, st.permutations(range(7)))
def test_the_order_of_examples_does_not_matter_and_parameters_are_scored_one_by_one(values, order):
    truth, mean = values, values[::-1]
    found = metrics.root_mean_squared_error(truth, mean)
    there = metrics.root_mean_squared_error(truth[order], mean[order])
    np.testing.assert_allclose(found, there, rtol=1e-12, atol=1e-12)
    alone = metrics.root_mean_squared_error(truth[:, 1], mean[:, 1])
    np.testing.assert_allclose([part[1] for part in found], alone, rtol=1e-12, atol=1e-12)


GOOD = np.array([1.0, 2.0])


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


WEIGHTS = np.random.default_rng(0).normal(size=(6, 7))
IMAGES = np.random.default_rng(1).normal(size=(9, 6, 7))
VALUES = metrics.one_pixel_values(IMAGES, 1.0, sigmas=3.0).astype(float)


def linear(images):
    """1 where the weighted sum of pixels is above 0."""
    return (images.reshape(len(images), -1) @ WEIGHTS.ravel() > 0).astype(int)


def flipped():
    """Whether each image, pixel and value flips the linear model: s + w_p (v - x_p) < 0."""
    x, w = IMAGES.reshape(9, -1, 1), WEIGHTS.reshape(1, -1, 1)
    score = (x * w).sum(axis=1, keepdims=True)
    return (score + w * (VALUES[:, None] - x) > 0) != (score > 0)


def test_a_linear_model_flips_where_its_closed_form_says():
    shares = metrics.one_pixel_flips(linear, IMAGES, VALUES)
    np.testing.assert_array_equal(shares, flipped().mean(axis=(1, 2)))
    assert 0 < (shares > 0).mean() < 1  # it can fail
    rate = metrics.one_pixel_flip_rate(linear, IMAGES, VALUES)
    assert rate.value == flipped().any(axis=(1, 2)).mean()


@pytest.mark.parametrize("batch", [1, 7, 168])
def test_the_size_of_a_batch_does_not_matter(batch):
    shares = metrics.one_pixel_flips(linear, IMAGES, VALUES, batch=batch)
    np.testing.assert_array_equal(shares, flipped().mean(axis=(1, 2)))


def test_some_replacements_are_a_sample_of_all():
    every = flipped().mean(axis=(1, 2))
    whole = metrics.one_pixel_flips(linear, IMAGES, VALUES, tries=6 * 7 * 4, seed=3)
    np.testing.assert_array_equal(whole, every)
    some = [metrics.one_pixel_flips(linear, IMAGES, VALUES, tries=40, seed=k) for k in range(50)]
    assert np.abs(np.mean(some, axis=0) - every).max() < 6 * 0.5 / np.sqrt(40 * 50)
    assert (some[0] != some[1]).any()
    assert (np.array(some)[:, every == 0] == 0).all()


def test_a_model_that_sees_the_mean_flips_only_near_its_threshold():
    images = np.full((3, 4, 4), 0.0)
    images += np.array([0.5, 0.95, 1.5])[:, None, None]
    mean = metrics.one_pixel_flips(lambda x: x.mean(axis=(1, 2)) > 1, images, [0.0, 2.0])
    np.testing.assert_array_equal(mean, [0, 0.5, 0])  # (2 - 0.95) / 16 > 0.05


def test_flips_along_a_ladder_bound_the_drop_in_accuracy():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 2000)
    predicted = np.where(rng.random((4, 2000)) < [[0.1], [0.1], [0.3], [0.6]], 0, truth)
    flips, drop = metrics.flip_rate(predicted), metrics.accuracy_drop(truth, predicted)
    assert flips.value[0] == 0
    assert (flips.value >= np.abs(drop.value)).all()
    # A third of truths is class 0 already; the others flip if exactly one level turned them.
    expected = 2 / 3 * np.array([2 * 0.1 * 0.9, 0.1 * 0.7 + 0.3 * 0.9, 0.1 * 0.4 + 0.6 * 0.9])
    assert (np.abs(flips.value[1:] - expected) < 6 * flips.error[1:]).all()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: metrics.pulls(GOOD, GOOD, [1.0, 0.0]), r"sigma\[1\] is 0; it must be above 0"),
        (lambda: metrics.crps(GOOD, [1.0], GOOD), r"mean: shape \(1,\); the others have \(2,\)"),
        (lambda: metrics.bias(GOOD, [1.0, np.nan]), r"mean\[1\] is nan; it must be finite"),
        (lambda: metrics.average([]), r"values: shape \(0,\)"),
        (lambda: metrics.coverage([0.5, 1.5], 0.5), "pit: 1.5; it must be between 0 and 1"),
        (lambda: metrics.coverage([0.5], 68.3), "levels: 68.3"),
        (lambda: metrics.pit_histogram([0.5], 0), "bins 0"),
        (lambda: metrics.crps_of_samples(GOOD, [[1.0], [2.0]]), "k above 1"),
        (lambda: metrics.pit_of_samples(GOOD, [[1.0]]), "samples: shape"),
        (lambda: metrics.pit_of_quantiles([1.0], [[2.0, 1.0]], [0.1, 0.9]), "must rise"),
        (lambda: metrics.pit_of_quantiles([1.0], [[2.0]], [0.1, 0.9]), "quantiles: shape"),
        (lambda: metrics.pinball_loss(GOOD, GOOD, 1.0), "level: 1"),
        (lambda: metrics.efficiency(GOOD, GOOD, [1.0, -1.0]), r"bound\[1\] is -1"),
        (lambda: metrics.chance([]), r"truth: no example; give \(n,\) with n above 0"),
        (lambda: metrics.accuracy([0, 1], [0]), r"truth \(2,\), predicted \(1,\)"),
        (lambda: metrics.accuracy(["a", "b"], [0, 1]), "give two of one kind"),
        (lambda: metrics.accuracy_drop([0, 1], [["a", "b"]]), "give two of one kind"),
        (lambda: metrics.accuracy_drop([0, 1], [[0]]), r"give \(n,\) and \(k, n\)"),
        (lambda: metrics.cross_entropy([0], [[0.5, 0.6]]), "sum 1.1"),
        (lambda: metrics.cross_entropy([2], [[0.5, 0.5]]), "class 2; there are probabilities of 2"),
        (lambda: metrics.confidence_calibration_error([0], [[1.0, 0.0]], 0), "bins: 0"),
        (lambda: metrics.invariant_residuals(GOOD), r"give \(n, T, ...\)"),
        (lambda: metrics.invariant_residuals([GOOD], [[1.0]]), r"scale: shape \(1, 1\)"),
        (lambda: maximum_mean_discrepancy([[1.0]], [[1.0]]), "at least 2 of each"),
        (lambda: maximum_mean_discrepancy([1.0, 2.0], [1.0, 2.0]), "features"),
        (lambda: maximum_mean_discrepancy([[1.0]] * 2, [[1.0]] * 2), "most examples are equal"),
        (lambda: maximum_mean_discrepancy([[1.0]] * 2, [[1.0]] * 2, -1.0), "bandwidth: -1"),
        (lambda: sliced_wasserstein([[1.0]], [[1.0, 2.0]]), r"source \(1, 1\), target \(1, 2\)"),
        (lambda: sliced_wasserstein([[1.0]], [[np.inf]]), r"target\[0, 0\] is inf"),
        (lambda: sliced_wasserstein([[1.0]], [[1.0]], directions=0), "directions 0"),
        (lambda: metrics.one_pixel_flips(linear, IMAGES[0], VALUES), "give \\(n, H, W\\)"),
        (lambda: metrics.one_pixel_flips(linear, IMAGES, VALUES[:3]), "values \\(3, 4\\); give"),
        (lambda: metrics.one_pixel_flips(linear, IMAGES, VALUES, tries=169), "give 1 to 168"),
        (lambda: metrics.one_pixel_flips(lambda x: 1, IMAGES, VALUES), "one class each"),
        (lambda: metrics.one_pixel_values(IMAGES, [1.0, 2.0]), "sigma \\(2,\\); give"),
        (lambda: metrics.flip_rate([0, 1]), "give \\(k, n\\)"),
    ],
)
def test_wrong_input_is_refused_in_one_line(wrong, told):
    with pytest.raises(ValueError, match=told) as error:
        wrong()
    assert "\n" not in str(error.value)


def test_the_spread_of_two_has_no_error_that_is_known():
    value, error = metrics.spread([1.0, 3.0])
    assert value == pytest.approx(np.sqrt(2.0))
    assert np.isnan(error)


def test_a_csv_file_of_another_encoding_is_told_by_its_name(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_bytes(b"index,l\xff\n0,1\n")
    with pytest.raises(ValueError, match="mine.csv: give a Parquet file, or .*utf-8"):
        metrics.evaluate("pendulum_noisy", file)
