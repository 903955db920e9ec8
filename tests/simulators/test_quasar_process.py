"""The process of quasars: kernel, likelihood, prediction and times, by numbers not ours."""

import json

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import generate, load_recipe
from deepbench_hf.simulators.quasar.prediction import predict
from deepbench_hf.simulators.quasar.process import sample
from tests.support.draws import ALPHA
from tests.support.light_curves import kernel
from tests.support.paths import ORACLES

CASES = json.loads((ORACLES / "gp.json").read_text())["items"]
FIXED = """
version: 1.0.0
simulator: {{kind: quasar, years: 1, epochs: 60, samples: 20, gap_d: 72}}
priors: {{sigma_mag: 0.2, tau_d: 40, rho_d: {rho}, realization: {{kind: integers, high: 1000000}}}}
splits: {{train: {{size: 6000}}}}
"""


@pytest.fixture(scope="module")
def oracle():
    return np.load(ORACLES / "gp.npz")


@pytest.fixture(scope="module", params=[0, 8])
def alike(request, tmp_path_factory):
    """Many paths of one law over a year, with its rho."""
    file = tmp_path_factory.mktemp("quasar") / "own.yaml"
    file.write_text(FIXED.format(rho=request.param))
    return request.param, generate(load_recipe(file), "train")


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
