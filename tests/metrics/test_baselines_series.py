"""Closed forms of series, numbers and maps: exact where they should be, and wrong where known."""

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import generate, load_recipe
from deepbench_hf.metrics import baselines, run_baseline
from deepbench_hf.metrics.baselines.likelihoods import _log_likelihood


def result(name, target, split="test", rows=256):
    """The truth, and what the baseline of a target makes of it."""
    recipe = load_recipe(name)
    (one, *_) = [one for one in baselines(recipe) if one.target == target]
    return run_baseline(recipe, one, split, rows).results[0]


def relative(found):
    return np.abs(found.mean / found.truth - 1)


def test_the_period_of_a_cosine_is_found_and_that_of_a_pendulum_nearly():
    assert np.median(relative(result("pendulum_small_angle", "period_s"))) < 1e-4
    assert np.quantile(relative(result("pendulum", "period_s")), 0.99) < 0.01
    assert np.quantile(relative(result("pendulum_hamiltonian", "period_s")), 0.9) < 0.01


def test_pronys_method_is_exact_for_a_harmonic_oscillation_at_any_time():
    for split in ("test", "test_late_question", "test_stiff", "test_strong_damping"):
        found = result("scinet_damped", "answer_m", split)
        assert np.abs(found.mean - found.truth).max() < 1e-9


def test_pronys_method_tells_damping_and_is_off_at_large_angles():
    small, large = (
        result("pendulum_damped", "damping_1_s", split)
        for split in ("test_small_angle", "test_large_angle")
    )
    assert np.abs(small.mean - small.truth).max() < 2e-3
    assert np.median(np.abs(large.mean - large.truth)) > 5e-3


def test_the_lorentzian_is_right_at_the_peak_and_wrong_beside_it():
    near, beside = (
        relative(result(name, "amplitude")).mean()
        for name in ("scinet_logspace_near_peak_narrow", "scinet_boring_patch")
    )
    assert near < 0.05
    assert beside > 0.2
    narrow = result("scinet_peak_narrow", "phase_rad")
    assert np.abs(narrow.mean - narrow.truth).max() < 0.02


@pytest.mark.parametrize("name", ["scinet_linear", "scinet_step"])
def test_lines_and_steps_hold_far_beyond_what_was_seen(name):
    found = result(name, "y", "test_far_30_100")
    assert np.abs(found.mean - found.truth).max() < 1e-9


def test_the_gravity_of_planets_is_told_by_the_peak_of_the_spectrum():
    found = result("pendulum_hierarchical", "gravity_m_s2", rows=64)
    assert np.quantile(relative(found), 0.9) < 0.1


def test_the_likelihood_of_a_light_curve_is_that_of_its_covariance():
    rows = generate(load_recipe("quasar_drw"), "test", 0, 3)
    rows |= {"magnitude_mag": rows["magnitude_observed_mag"]}
    rows["valid"][:, 80:] = False  # what is not there counts for nothing
    sigma, tau = np.array([0.1, 0.2, 0.1]), np.array([50.0, 50.0, 300.0])
    found = _log_likelihood(rows, sigma**2, tau)
    for i in range(3):
        there = rows["valid"][i]
        time, seen = rows["time_d"][i][there], rows["magnitude_observed_mag"][i][there]
        error = rows["magnitude_noise_sigma_mag"][i][there]
        apart = np.abs(time[:, None] - time)
        direct = [
            stats.multivariate_normal.logpdf(
                seen, cov=s**2 * np.exp(-apart / t) + np.diag(error.astype(float) ** 2)
            )
            for s, t in zip(sigma, tau, strict=True)
        ]
        assert np.diff(found[i]) == pytest.approx(np.diff(direct), abs=1e-6)


def test_what_is_not_a_damped_random_walk_is_told_too_slow():
    found = result("quasar_cdrw", "tau_d", rows=128)
    assert np.median(found.mean - found.truth) > 10


def test_conditions_of_maps_are_told_apart():
    for target, least in (("amplitude", 0.8), ("tilt", 0.9), ("shift", 0.9)):
        found = result("kappa_conditional", target, rows=128)
        assert np.corrcoef(found.truth, found.mean)[0, 1] > least, target


def test_tracks_hardly_change_the_median_deviation():
    for plane in ("induction", "collection"):
        found = result("lartpc_pair", f"{plane}_white_mV", rows=24)
        assert np.abs(found.mean - found.truth).max() < 0.1
        assert np.corrcoef(found.truth, found.mean)[0, 1] > 0.9
