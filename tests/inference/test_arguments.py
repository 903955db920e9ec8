"""What is asked for wrongly is refused in one line; no rows and one are asked for as many are."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from deepbench_hf import (
    log_likelihood,
    log_prior,
    metrics,
    observe,
    posterior,
    sbi_task,
    simulate,
    stream,
)

NAME = "pendulum_noisy"
WRONG = [[True, False], [0.5], [[0, 1]], ["a"], [10**30]]
"""Rows: a mask, for one, would be rows 1 and 0."""


@pytest.mark.parametrize("rows", WRONG)
def test_rows_are_whole_numbers(rows, tmp_path):
    for asked in (
        lambda: posterior(NAME, "test", rows),
        lambda: observe(NAME, "test", rows, length_m=2.0),
        lambda: log_likelihood(NAME, "test", rows[0], length_m=2.0),
        lambda: sbi_task(NAME).export(tmp_path / "rows.h5", rows),
        lambda: stream(NAME, "test", 4).torch_dataset()[rows],
    ):
        with pytest.raises(ValueError, match=r"^rows: got .*; give whole numbers \(n,\)$"):
            asked()


def test_no_rows_are_a_question_too(tmp_path):
    found = posterior(NAME, "test", [], draws=7)
    assert found.draws["length_m"].shape == (0, 7)
    assert observe(NAME, "test", [])["x_observed_m"].shape == (0, 100)
    assert log_likelihood(NAME, "test", 0, length_m=[]).shape == (0,)
    task = sbi_task(NAME)
    assert task.simulator(task.prior.sample((0,))).shape == (0, 104)
    task.export(tmp_path / "none.h5", [])


def test_each_row_has_a_value_of_its_own_or_all_have_one():
    with pytest.raises(ValueError, match="^length_m has 2 values; give one for each of 3 rows$"):
        observe(NAME, "test", [0, 1, 2], length_m=[1.0, 2.0])


@pytest.mark.parametrize("name", ["label", "style"])
def test_half_a_class_is_none(name):
    """It was taken for the class before it."""
    whole = f"^.*{name} = 0.5; the model accepts .*, whole numbers$"
    for asked in (
        lambda: log_likelihood("shapes_noisy", "test", 0, **{name: 0.5}),
        lambda: observe("shapes_noisy", "test", [0], **{name: 0.5}),
        lambda: simulate("shapes", radius_px=5.0, **{name: 0.5}),
    ):
        with pytest.raises(ValueError, match=whole):
            asked()
    found = log_prior("shapes_noisy", label=[1, 0.5, 0]) if name == "label" else None
    assert found is None or np.isfinite(found).tolist() == [True, False, True]


def test_vectors_of_a_task_have_all_parameters_and_values_of_the_model():
    task = sbi_task(NAME)
    theta = task.prior.sample((2, 5))
    assert task.simulator(theta).shape == (2, 5, 104)
    flat = task.prior.log_prob(theta.reshape(10, 3))
    np.testing.assert_array_equal(task.prior.log_prob(theta), flat.reshape(2, 5))
    for wrong in (theta[..., :2], np.ones((4, 4)), 1.0):
        for asked in (task.simulator, task.prior.log_prob):
            with pytest.raises(ValueError, match="shape .* of length_m, gravity_m_s2, theta0_rad"):
                asked(wrong)
    for value in (np.nan, -1.0):
        with pytest.raises(ValueError, match="^length_m = .* m; the model accepts"):
            task.simulator([[value, 9.8, 0.3]])


def test_a_task_has_a_split_and_something_unknown():
    with pytest.raises(KeyError, match="has no split 'tset'; did you mean 'test'"):
        sbi_task(NAME, "tset")
    with pytest.raises(ValueError, match="^kappa_lognormal, split test: no task: no parameter is"):
        sbi_task("kappa_lognormal")


def test_of_a_config_of_posteriors_the_rows_are_meant_that_they_are_of():
    name = f"{NAME}_posterior"
    own = {"length_m": [2.0, 3.0]}
    expected = log_likelihood(NAME, "test", 1, **own)
    np.testing.assert_array_equal(log_likelihood(name, "test", 1, **own), expected)
    tasks = [sbi_task(one) for one in (NAME, name)]
    np.testing.assert_array_equal(*(task.truth(1) for task in tasks))
    np.testing.assert_array_equal(*(task.observation(1) for task in tasks))


def test_posteriors_of_no_rows_are_a_file_of_no_rows(tmp_path):
    posterior(NAME, "test", [], draws=7).save(tmp_path / "none.parquet")
    schema = pq.read_schema(tmp_path / "none.parquet")
    assert schema.field("length_m").type == pa.list_(pa.float64())
    with pytest.raises(ValueError, match="none.parquet: it has no rows$"):
        metrics.evaluate_posterior(NAME, tmp_path / "none.parquet")
