"""Rows of quasars: what is told of them, what is observed of them, and what the splits shift."""

import numpy as np
import pytest
from scipy import linalg, stats

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.simulators.quasar import Quasar
from tests.support.draws import ALPHA
from tests.support.light_curves import kernel

CONFIGS = ("quasar_drw", "quasar_cdrw")


@pytest.fixture(scope="module", params=CONFIGS)
def told(request):
    """A config, and rows of it with all that can be known of them."""
    recipe = load_recipe(request.param, uncertainty=True)
    return recipe, generate(recipe, "train", 0, 1000)


def test_the_told_prediction_is_that_of_the_dense_formula(told):
    _, rows = told
    for i in range(2):
        there = rows["valid"][i]
        time, target = rows["time_d"][i, there], rows["time_target_d"][i]
        process = [rows[name][i] for name in ("sigma_mag", "tau_d", "rho_d")]
        error = rows["magnitude_noise_sigma_mag"][i, there].astype(float)
        observed = rows["magnitude_observed_mag"][i, there].astype(float)
        factor = linalg.cho_factor(kernel(time[:, None] - time, *process) + np.diag(error**2))
        spread = 2 * np.log(np.diag(factor[0])).sum() + len(time) * np.log(2 * np.pi)
        between = kernel(time[:, None] - target, *process)
        mean = between.T @ linalg.cho_solve(factor, observed)
        left = process[0] ** 2 - (between * linalg.cho_solve(factor, between)).sum(axis=0)
        density = -0.5 * (observed @ linalg.cho_solve(factor, observed) + spread)
        assert rows["magnitude_optimal_mag"][i] == pytest.approx(mean, abs=1e-10)
        assert rows["magnitude_optimal_variance_mag2"][i] == pytest.approx(left, abs=1e-12)
        assert rows["log_likelihood"][i] == pytest.approx(density, abs=1e-6)


def reduced(rows, best):
    """Squares of (truth - prediction) / sigma, (n, M)."""
    miss = rows["magnitude_target_mag"] - best["magnitude_optimal_mag"]
    return miss**2 / best["magnitude_optimal_variance_mag2"]


def test_the_reduced_chi_square_of_the_optimal_prediction_is_one(told):
    recipe, rows = told
    n = len(rows["index"])
    square = reduced(rows, rows)
    one_time = square[np.arange(n), 37 * np.arange(n) % square.shape[1]]  # one number of each row
    assert abs(one_time.mean() - 1) < 5 * np.sqrt(2 / n)
    of_rows = square.mean(axis=1)
    assert abs(of_rows.mean() - 1) < 5 * of_rows.std() / np.sqrt(n)
    other = {"quasar_drw": 10.0, "quasar_cdrw": 0.0}[recipe.name]
    wrong = reduced(rows, recipe.simulator.estimate({**rows, "rho_d": np.full(n, other)}))
    assert abs(wrong.mean() - 1) > 10 * of_rows.std() / np.sqrt(n)


@pytest.mark.parametrize(("name", "factor"), [("sigma_mag", 1.2), ("tau_d", 0.8), ("rho_d", 1.2)])
def test_the_true_parameters_are_the_likeliest_on_average(told, name, factor):
    recipe, rows = told
    other = rows[name] * factor if rows[name].any() else rows[name] + 1.0
    loss = (
        rows["log_likelihood"] - recipe.simulator.estimate({**rows, name: other})["log_likelihood"]
    )
    assert loss.mean() > 5 * loss.std() / np.sqrt(len(loss))


def test_gaps_are_of_the_declared_length_and_no_series_is_cut(told):
    recipe, rows = told
    first = rows["time_d"][:, 0]
    count = rows["valid"].sum(axis=1)
    assert count.max() < recipe.simulator.epochs - 20
    # A gap of 72 +- 25 d, cut at 0 and 150 d, then a wait of 2.5 d.
    cut = stats.truncnorm(-72 / 25, 78 / 25, 72, 25)
    z = (first.mean() - cut.mean() - 2.5) / np.sqrt((cut.var() + 2.5**2) / len(first))
    assert abs(z) < 5
    assert first.var() == pytest.approx(cut.var() + 2.5**2, rel=5 * np.sqrt(2 / len(first)))


def test_padding_is_zero_in_all_columns_of_a_series(told):
    _, rows = told
    names = ["time_d", "magnitude_mag", "magnitude_observed_mag", "magnitude_variance_mag2"]
    for name in [*names, "magnitude_noise_sigma_mag"]:
        assert not rows[name][~rows["valid"]].any(), name
    assert (rows["magnitude_noise_sigma_mag"][rows["valid"]] >= 0.005).all()


def test_every_observation_has_an_error_of_its_own(told):
    _, rows = told
    sigma = rows["magnitude_noise_sigma_mag"][rows["valid"]].astype(float)
    assert stats.kstest(np.log(sigma / 0.005) / np.log(10), "uniform").pvalue > ALPHA
    assert len(np.unique(rows["magnitude_noise_sigma_mag"][0])) > 250


def test_shifted_splits_hold_the_quasars_of_test():
    drw, cdrw = (load_recipe(name) for name in CONFIGS)
    test, cross = generate(drw, "test", 0, 20), generate(drw, "test_cross_kernel", 0, 20)
    for split in ("test_short_baseline", "test_sparse", "test_cross_kernel"):
        rows = generate(drw, split, 0, 20)
        for name in ("sigma_mag", "tau_d", "realization"):
            assert np.array_equal(rows[name], test[name]), (split, name)
    assert generate(drw, "test_short_baseline", 0, 20)["time_d"].max() < 3 * 365.25
    assert generate(drw, "test_sparse", 0, 20)["valid"].sum(axis=1).mean() < 80
    damped = generate(cdrw, "test", 0, 20)
    for name in ("time_d", "rho_d", "magnitude_mag"):  # the same numbers under the other kernel
        assert np.array_equal(cross[name], damped[name]), name
        assert (cross[name] != test[name]).any() == (name != "time_d"), name


def test_a_realization_decides_path_and_times():
    one = simulate("quasar_drw", realization=5, sigma_mag=0.1)
    double = simulate("quasar_drw", realization=5, sigma_mag=0.2)
    other = simulate("quasar_drw", realization=6, sigma_mag=0.1)
    for name, values in one.items():
        assert double[name] == pytest.approx(2 * values, rel=1e-12)
        assert not np.isclose(other[name], values).all()


def test_times_of_the_users_choice_are_taken():
    given = {"time_d": [0.0, 1.0, 1.0], "valid": [1, 1, 1], "time_target_d": [1.0, 700.0]}
    seen, target = simulate("quasar_cdrw", realization=1, **given).values()
    assert seen[1] == seen[2] == target[0]
    assert seen.shape == (3,)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"time_d": [0.0, 2.0]}, "valid must have the shape of time_d"),
        ({"time_d": [2.0, 1.0], "valid": [1, 1]}, "time_d must rise"),
        ({"time_target_d": [2.0, np.nan]}, r"time_target_d must lie within \[.*\] d; got nan"),
    ],
)
def test_times_that_make_no_sense_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        simulate("quasar_drw", realization=1, **given)


def test_gaps_that_leave_no_season_are_refused():
    with pytest.raises(ValueError, match=r"gap_d reaches \[10, 200\] d; accepted is 0 to below"):
        Quasar.model_validate({"gap_d": {"kind": "uniform", "low": 10.0, "high": 200.0}})
