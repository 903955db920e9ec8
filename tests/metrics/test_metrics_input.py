"""What metrics do not depend on, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deepbench_hf import metrics

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
        (lambda: metrics.accuracy_drop([0, 1], [[0]]), r"give \(n,\) and \(k, n\)"),
        (lambda: metrics.cross_entropy([0], [[0.5, 0.6]]), "sum 1.1"),
        (lambda: metrics.cross_entropy([2], [[0.5, 0.5]]), "class 2; there are probabilities of 2"),
        (lambda: metrics.confidence_calibration_error([0], [[1.0, 0.0]], 0), "bins: 0"),
        (lambda: metrics.invariant_residuals(GOOD), r"give \(n, T, ...\)"),
        (lambda: metrics.invariant_residuals([GOOD], [[1.0]]), r"scale: shape \(1, 1\)"),
    ],
)
def test_wrong_input_is_refused_in_one_line(wrong, told):
    with pytest.raises(ValueError, match=told) as error:
        wrong()
    assert "\n" not in str(error.value)
