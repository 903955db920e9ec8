"""The process of quasars: kernel, likelihood, prediction and times, by numbers not ours."""

import json

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import generate, load_recipe
from deepbench_hf.simulators.quasar import Quasar
from deepbench_hf.simulators.quasar.process import noise, predict, sample, transition
from tests.support.draws import ALPHA
from tests.support.light_curves import kernel
from tests.support.paths import ORACLES
from tests.support.recipes import recipe_of

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
def alike(request):
    """Many paths of one law over a year, with its rho."""
    return request.param, generate(recipe_of(FIXED.format(rho=request.param)), "train")


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


def test_the_noise_of_a_short_step_has_no_negative_variance():
    step = 0.001069257849182329, 790.1985634166884, 360.5709268803436  # else -1.7e-16
    dt, tau, rho = step
    assert noise(1.0, tau, rho, dt, *transition(dt, tau, rho))[2] == 0.0


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


@pytest.fixture(scope="module")
def published():
    """Rows at the published times."""
    return generate(load_recipe("quasar_drw_paper"), "test", 0, 1000)


def test_the_published_times_are_whole_nights_with_the_published_weights(published):
    time, valid = published["time_d"], published["valid"]
    night = np.round(time)
    off = (time - night)[valid] * 24
    assert stats.kstest(off, "uniform", (-5, 10)).pvalue > ALPHA
    # Row by row the first ten steps of the second season: no gap cuts them.
    steps = []
    for i in range(len(time)):
        seen = night[i, valid[i]]
        first = np.searchsorted(seen, 365 + 140)
        steps.append(np.diff(seen[first : first + 11]))
    k = np.arange(1, 25)
    weight = np.exp(-(k - 1) / 4) + 0.7338 * (k == 1)
    counts = np.bincount(np.concatenate(steps).astype(int), minlength=25)[1:]
    assert counts.size == 24
    merged = [*counts[:15], counts[15:].sum()], [*weight[:15], weight[15:].sum()]
    expected = np.array(merged[1]) / weight.sum() * counts.sum()
    assert stats.chisquare(merged[0], expected).pvalue > ALPHA
    assert stats.chisquare(merged[0], np.roll(expected, 1)).pvalue < ALPHA, "it can fail"


def test_the_published_gaps_are_one_a_year_round_its_turn(published):
    time, valid = published["time_d"], published["valid"]
    assert time[valid].max() < 3650 - 20
    for year in range(1, 9):  # some of the 918 nights end before the tenth year
        turn = 365 * year
        before = np.where(valid & (time < turn), time, -np.inf).max(axis=1)
        after = np.where(valid & (time > turn), time, np.inf).min(axis=1)
        assert (after - before).min() > 80
        # The gap is longer by a wait at either side.
        assert abs((after - before).mean() - 135) < 12
        assert abs(((after + before) / 2 - turn).mean()) < 2


def test_the_published_number_of_observations_is_that_of_the_original_code(published):
    count = published["valid"].sum(axis=1)
    numbers = np.random.default_rng(3)
    k = np.arange(1, 25)
    weight = np.exp(-(k - 1) / 4) + 0.7338 * (k == 1)
    size = round(3650 / ((k * weight).sum() / weight.sum()))
    original = []
    for _ in range(1000):  # RDRW_simulator of deepskies/Neural_GP, its steps in NumPy
        drawn = numbers.choice(24, size, p=weight / weight.sum())
        night = drawn[0] + np.concatenate([[0], np.cumsum(1 + drawn[1:])])
        seen = night + numbers.uniform(-5 / 24, 5 / 24, size)
        width = stats.truncnorm.rvs(-2.2, 3.4, 135, 25, size=11, random_state=numbers)
        shift = stats.truncnorm.rvs(-5 / 3, 5 / 3, 0, 12, size=11, random_state=numbers)
        begin, end = (shift + side * width / 2 + 365 * np.arange(11) for side in (-1, 1))
        inside = (seen[None] > end[:-1, None]) & (seen[None] < begin[1:, None])
        original.append(inside.any(axis=0).sum())
    assert stats.ks_2samp(count, original).pvalue > ALPHA
    assert stats.ks_2samp(count + 13, original).pvalue < ALPHA, "it can fail"
    assert count.max() < 768 - 50


def test_the_published_kernels_are_told_apart_as_published():
    """Medians over curves of chi-square, 0.333 and 2.695 under a fitted damped random walk."""
    recipe = load_recipe("quasar_cdrw_paper", uncertainty=True)
    rows = generate(recipe, "test_published", 0, 100)
    n, target = len(rows["index"]), rows["time_target_d"]
    season = np.zeros(target.shape, bool)
    for i in range(n):
        seen = rows["time_d"][i, rows["valid"][i]]
        near = np.clip(np.searchsorted(seen, target[i]), 1, seen.size - 1)
        season[i] = (seen[near] - seen[near - 1] < 40) & (target[i] > seen[0])
        season[i] &= target[i] < seen[-1]
    walk = {**rows, "rho_d": np.zeros(n)}
    fits = [{**walk, "sigma_mag": np.full(n, sigma)} for sigma in np.geomspace(0.3, 1, 13)]
    told = np.stack([recipe.simulator.estimate(fit)["log_likelihood"] for fit in fits])
    walk = {**walk, "sigma_mag": np.geomspace(0.3, 1, 13)[told.argmax(axis=0)]}
    for given, in_season, in_gaps in ((rows, 0.998, 0.981), (walk, 0.333, 2.695)):
        best = recipe.simulator.estimate(given)
        miss = rows["magnitude_target_mag"] - best["magnitude_optimal_mag"]
        square = miss**2 / best["magnitude_optimal_variance_mag2"]
        for where, wanted in ((season, in_season), (~season, in_gaps)):
            median = np.median(np.nanmean(np.where(where, square, np.nan), axis=1))
            assert median == pytest.approx(wanted, rel=0.15)


def test_settings_of_our_cadence_are_refused_with_the_published_one():
    with pytest.raises(ValueError, match="cadence_d, rest_d: belongs to cadence: waiting"):
        Quasar.model_validate({"cadence": "nightly", "cadence_d": 3.0, "rest_d": 1.0})
