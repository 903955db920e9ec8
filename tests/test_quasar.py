"""Quasars: their kernels, times, and the best that can be known of them, by numbers not ours."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import linalg, stats

from deepbench_hf import RecipeError, generate, load_recipe, simulate
from deepbench_hf.simulators.quasar import Quasar
from deepbench_hf.simulators.quasar.prediction import predict
from deepbench_hf.simulators.quasar.process import sample
from tests.draws import ALPHA

ORACLES = Path(__file__).parent / "oracles"
CASES = json.loads((ORACLES / "gp.json").read_text())["items"]
CONFIGS = ("quasar_drw", "quasar_cdrw")
FIXED = """
version: 1.0.0
simulator: {{kind: quasar, years: 1, epochs: 60, samples: 20, gap_d: 72}}
priors: {{sigma_mag: 0.2, tau_d: 40, rho_d: {rho}, realization: {{kind: integers, high: 1000000}}}}
splits: {{train: {{size: 6000}}}}
"""


@pytest.fixture(scope="module")
def oracle():
    return np.load(ORACLES / "gp.npz")


@pytest.fixture(scope="module", params=CONFIGS)
def told(request):
    """A config, and rows of it with all that can be known of them."""
    recipe = load_recipe(request.param, uncertainty=True)
    return recipe, generate(recipe, "train", 0, 1000)


@pytest.fixture(scope="module", params=[0, 8])
def alike(request, tmp_path_factory):
    """Many paths of one law over a year, with its rho."""
    file = tmp_path_factory.mktemp("quasar") / "own.yaml"
    file.write_text(FIXED.format(rho=request.param))
    return request.param, generate(load_recipe(file), "train")


def kernel(dt, sigma, tau, rho):
    """The covariance of two magnitudes, as the papers write it."""
    dt = np.abs(dt)
    if rho == tau:
        return sigma**2 * (1 + dt / tau) * np.exp(-dt / tau)
    fast = rho * np.exp(-dt / rho) if rho else 0.0
    return sigma**2 * (tau * np.exp(-dt / tau) - fast) / (tau - rho)


def covariance(sigma, tau, rho, time, target):
    """The covariance of all magnitudes, from the answers of `sample` to unit impulses."""
    size = 2 * (len(time) + len(target))
    same = [np.full(size, value) for value in (sigma, tau, rho)]
    times = [np.tile(values, (size, 1)) for values in (time, target)]
    seen, dense = (np.empty(values.shape) for values in times)
    valid = np.ones(times[0].shape, bool)
    sample(*same, times[0], valid, times[1], np.eye(size, dtype=np.float32), seen, dense)
    answers = np.hstack([seen, dense])
    return answers.T @ answers


def predicted(case, oracle):
    """What `predict` tells of a case: mean, variance, likelihood."""
    time, observed, target = (oracle[f"{k}_{case['id']}"][None] for k in ("t", "y", "t_pred"))
    process = [np.array([case[name]]) for name in ("sigma", "tau", "rho")]
    error = np.full(time.shape, case["err"])
    mean, variance, likelihood = np.empty(target.shape), np.empty(target.shape), np.empty(1)
    valid = np.ones(time.shape, bool)
    predict(*process, time, valid, target, observed, error, mean, variance, likelihood)
    return mean[0], variance[0], likelihood[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kernel']} {case['id']}")
def test_the_covariance_of_paths_is_that_of_the_oracle(case, oracle):
    time, target = oracle[f"t_{case['id']}"], oracle[f"t_pred_{case['id']}"]
    process = [case[name] for name in ("sigma", "tau", "rho")]
    found = covariance(*process, time, target)
    assert found[: len(time), : len(time)] == pytest.approx(oracle[f"K_{case['id']}"], abs=1e-13)
    every = np.concatenate([time, target])
    assert found == pytest.approx(kernel(every[:, None] - every, *process), abs=1e-13)


@pytest.mark.parametrize("rho", [0.0, 1e-300, 1e-9, 0.1, 29.0, 30 - 1e-9, 30.0, 30 + 1e-6, 45.0])
def test_the_kernel_is_smooth_where_the_two_times_meet_and_where_one_vanishes(rho):
    time, target = np.array([0.0, 1e-7, 3.0, 3.0, 40.0]), np.array([1e-3, 500.0])
    every = np.concatenate([time, target])
    nearest = 30.0 if abs(rho - 30) < 1e-3 else rho if rho > 1e-8 else 0.0
    expected = kernel(every[:, None] - every, 0.3, 30.0, nearest)
    assert covariance(0.3, 30.0, rho, time, target) == pytest.approx(expected, abs=2e-8)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['kernel']} {case['id']}")
def test_likelihood_and_prediction_are_those_of_the_oracle(case, oracle):
    mean, variance, likelihood = predicted(case, oracle)
    assert likelihood == pytest.approx(float(case["loglike"]), abs=1e-6)
    assert mean == pytest.approx(oracle[f"mean_pred_{case['id']}"], abs=1e-8)
    assert variance == pytest.approx(oracle[f"var_pred_{case['id']}"], abs=1e-8)


def test_the_told_prediction_is_that_of_the_dense_formula(told):
    _, rows = told
    for i in range(3):
        there = rows["valid"][i]
        time, target = rows["time_d"][i, there], rows["time_target_d"][i]
        process = [rows[name][i] for name in ("sigma_mag", "tau_d", "rho_d")]
        error = rows["magnitude_noise_sigma_mag"][i, there].astype(float)
        observed = rows["magnitude_observed_mag"][i, there].astype(float)
        factor = linalg.cho_factor(kernel(time[:, None] - time, *process) + np.diag(error**2))
        between = kernel(time[:, None] - target, *process)
        mean = between.T @ linalg.cho_solve(factor, observed)
        left = process[0] ** 2 - (between * linalg.cho_solve(factor, between)).sum(axis=0)
        density = stats.multivariate_normal(
            cov=kernel(time[:, None] - time, *process) + np.diag(error**2)
        ).logpdf(observed)
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
    wrong = reduced(rows, recipe.simulator.infer({**rows, "rho_d": np.full(n, other)}))
    assert abs(wrong.mean() - 1) > 10 * of_rows.std() / np.sqrt(n)


@pytest.mark.parametrize(("name", "factor"), [("sigma_mag", 1.2), ("tau_d", 0.8), ("rho_d", 1.2)])
def test_the_true_parameters_are_the_likeliest_on_average(told, name, factor):
    recipe, rows = told
    other = rows[name] * factor if rows[name].any() else rows[name] + 1.0
    loss = rows["log_likelihood"] - recipe.simulator.infer({**rows, name: other})["log_likelihood"]
    assert loss.mean() > 5 * loss.std() / np.sqrt(len(loss))


def test_the_structure_function_is_twice_the_loss_of_covariance(alike):
    rho, rows = alike
    grid, n = rows["time_target_d"][0], len(rows["index"])
    for lag in (1, 2, 4, 9, 19):
        miss = rows["magnitude_target_mag"][:, lag] - rows["magnitude_target_mag"][:, 0]
        wanted = 2 * (0.2**2 - kernel(grid[lag], 0.2, 40.0, rho))
        assert abs((miss**2).mean() / wanted - 1) < 5 * np.sqrt(2 / n)
        assert stats.kstest(miss / np.sqrt(wanted), "norm").pvalue > ALPHA


def test_observations_and_targets_lie_on_one_path(alike):
    rho, rows = alike
    n, when = len(rows["index"]), rows["time_d"][:, 5]
    near = np.searchsorted(rows["time_target_d"][0], when)
    lag = rows["time_target_d"][np.arange(n), near] - when
    miss = rows["magnitude_target_mag"][np.arange(n), near] - rows["magnitude_mag"][:, 5]
    z = miss / np.sqrt(2 * (0.2**2 - kernel(lag, 0.2, 40.0, rho)))
    assert stats.kstest(z, "norm").pvalue > ALPHA


def test_nothing_is_observed_in_the_gaps_and_each_time_a_while_after_the_last(alike):
    _, rows = alike
    time, valid = rows["time_d"], rows["valid"]
    assert np.all(valid[:, :-1] >= valid[:, 1:])
    assert time[valid].min() >= 72
    assert time[valid].max() <= 365.25 - 72
    assert np.diff(time, axis=1)[valid[:, 1:]].min() >= 5
    assert stats.kstest((time[:, 0] - 72) / 2.5, "expon").pvalue > ALPHA
    for number in (1, 10):  # these are never lost to the end of the season
        wait = time[:, number] - time[:, number - 1] - 5
        assert stats.kstest(wait / 2.5, "expon").pvalue > ALPHA


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
    recipe, rows = told
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
        ({"time_target_d": [2.0, np.nan]}, "time_target_d must lie within 1e"),
    ],
)
def test_times_that_make_no_sense_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        simulate("quasar_drw", realization=1, **given)


def test_gaps_that_leave_no_season_are_refused():
    with pytest.raises(ValueError, match=r"gap_d reaches \[10, 200\] d; accepted is 0 to below"):
        Quasar.model_validate({"gap_d": {"kind": "uniform", "low": 10.0, "high": 200.0}})
    with pytest.raises(RecipeError, match="heteroscedastic needs a series; use gaussian"):
        load_recipe("quasar_drw", noise={"tau_d": {"kind": "heteroscedastic", "sigma": 1}})
