"""One draw, no draw, masks, words and very large numbers: an answer, or one line."""

import numpy as np
import pyarrow as pa
import pytest

from deepbench_hf import metrics

HUGE = np.array([[1e200], [-1e200], [3e199]])
IMAGES = np.zeros((2, 3, 3), np.float32)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: metrics.posterior_z_scores([[1.0]], [[[1.0]]]), "draws: one alone has no spread"),
        (lambda: metrics.contraction([[[1.0]]], [1.0]), "draws: one alone has no spread"),
        (lambda: metrics.contraction([[1.0, 2.0]], [1.0]), r"give \(n, k, d\)"),
        (lambda: metrics.log_probability_of_truth([[1.0]], [[[1.0]]]), "one alone has no spread"),
        (lambda: metrics.rank_uniformity([-0.1, 0.5]), "pit: -0.1; it must be between 0 and 1"),
        (lambda: metrics.rank_uniformity([0.5], 0), "draws: 0; give 1 or more"),
        (lambda: metrics.rank_uniformity([0.5], -1), "draws: -1; give 1 or more"),
        (lambda: metrics.flip_rate(np.empty((0, 3))), r"predicted \(0, 3\); give \(k, n\)"),
        (lambda: metrics.one_pixel_flips(len, IMAGES, [1.0], batch=0), "batch: 0; give 1 or more"),
        (lambda: metrics.one_pixel_flips(len, IMAGES, [1.0], batch=-1), "batch: -1; give 1"),
        (lambda: metrics.sliced_wasserstein([[1.0]], [[2.0]], order=np.nan), "order nan"),
        (lambda: metrics.bias(["a"], [1.0]), "truth: give an array of real numbers"),
        (lambda: metrics.bias([1.0], [1j]), "mean: give an array of real numbers"),
        (lambda: metrics.bias([1.0], np.ones(1) + 0j), "mean: give an array of real numbers"),
        (lambda: metrics.bias([[1.0], [1.0, 2.0]], [1.0]), "truth: give an array of real numbers"),
        (lambda: metrics.bias(np.ma.masked_equal([1.0, 2.0], 2.0), [1.0, 2.0]), "masked values"),
        (lambda: metrics.maximum_mean_discrepancy(HUGE, HUGE, 1.0), r"source\[0, 0\] is 1e\+200"),
        (lambda: metrics.nearest_turn([1.0], [1.0], 0.0), r"period\[0\] is 0"),
        (lambda: metrics.unwrapped([1.0], [1.0], 360.0), r"give \(n,\) and \(n, k\)"),
    ],
)
def test_what_has_no_answer_is_refused_in_one_line(wrong, told):
    with pytest.raises(ValueError, match=told) as error:
        wrong()
    assert "\n" not in str(error.value)


def test_one_draw_has_a_rank():
    truth, draws = np.zeros((400, 1)), np.random.default_rng(2).normal(size=(400, 1, 1))
    for ranks in (metrics.pit_of_samples(truth[:, 0], draws[:, 0]), metrics.tarp(truth, draws)):
        assert set(ranks) == {0.25, 0.75}


def test_the_error_of_a_spread_is_known_of_large_numbers():
    """As that of numbers of size 1, whose fourth powers no float64 can hold here."""
    values = np.random.default_rng(5).normal(size=300)
    value, error = metrics.spread(1e100 * values)
    expected = metrics.spread(values)
    assert value == pytest.approx(1e100 * expected.value, rel=1e-12)
    assert error == pytest.approx(1e100 * expected.error, rel=1e-12)
    fourth, second = (values - values.mean()) ** 4, (values - values.mean()) ** 2
    by_hand = np.sqrt((fourth.mean() - second.mean() ** 2) / 300) / (2 * values.std(ddof=1))
    assert expected.error == pytest.approx(by_hand, rel=1e-12)


def test_one_prediction_has_no_error_that_is_known_though_it_is_right():
    assert np.isnan(metrics.root_mean_squared_error([1.0], [1.0]).error)
    assert metrics.root_mean_squared_error([1.0, 2.0], [1.0, 2.0]).error == 0.0


ROWS = np.arange(3)
DRAWS = np.linspace(1.0, 9.0, 60).reshape(3, 20)
MASKED = np.ma.masked_equal([1.0, 2.0, 3.0], 2.0)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (MASKED, "predictions: length_m has masked values; leave these rows out"),
        ([1j, 1.0, 1.0], "predictions: length_m is complex; give real numbers"),
        ([[1.0], [1.0, 2.0], 3.0], "predictions: length_m: give each row as many numbers"),
    ],
)
def test_predictions_that_are_no_numbers_are_told_by_their_column(values, told):
    with pytest.raises(ValueError, match=told) as error:
        metrics.evaluate("pendulum_noisy", {"index": ROWS, "length_m": values})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "values", "reference", "told"),
    [
        ("length_m", DRAWS + 0j, 0, "draws: length_m is complex; give real numbers"),
        ("length_m", DRAWS.astype(str), 0, "draws: length_m holds <U32; give numbers"),
        ("length_m", [[1.0], [1.0, 2.0], [3.0]], 0, "draws: length_m: give each row as many"),
        ("length_m", DRAWS, -1, "reference: -1; give the number of rows, 0 or more"),
        ("period_s", DRAWS, 1, "draws: exact posteriors have no period_s; leave it out"),
    ],
)
def test_draws_that_cannot_be_judged_are_told_by_their_column(name, values, reference, told):
    with pytest.raises(ValueError, match=told) as error:
        table = {"index": ROWS, name: values}
        metrics.evaluate_posterior("pendulum_noisy", table, reference=reference)
    assert "\n" not in str(error.value)


def test_a_table_of_another_package_is_told_so():
    table = pa.table({"index": ROWS, "length_m": ROWS + 1.0})
    with pytest.raises(TypeError, match="^predictions: got Table; give a file or a dict$"):
        metrics.evaluate("pendulum_noisy", table)
    with pytest.raises(TypeError, match="^draws: got Table; give a file or a dict of arrays$"):
        metrics.evaluate_posterior("pendulum_noisy", table)
    assert metrics.evaluate("pendulum_noisy", table.to_pydict()).rows == 3
