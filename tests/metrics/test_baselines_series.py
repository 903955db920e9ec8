"""Closed forms of series, numbers and systems: exact where they should be, wrong where known."""

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import generate, load_recipe
from deepbench_hf.metrics import baselines, run_baseline
from deepbench_hf.metrics.baselines import clusters, lensing
from deepbench_hf.metrics.baselines.likelihoods import _log_likelihood
from deepbench_hf.rows.generation import rows_at


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


def pulls(found):
    return (found.mean - found.truth) / found.sigma


@pytest.mark.parametrize("target", ["log10_mass_Msun", "concentration_offset_dex"])
def test_an_nfw_fit_is_right_for_nfw_haloes_and_biased_for_others(target):
    for name, split in (("halo_profile", "test_nfw"), ("halo_nfw", "test")):
        z = pulls(result(name, target, split, 200))
        assert abs(z.mean()) < 0.35
        assert z.std() == pytest.approx(1, abs=0.25)
    assert pulls(result("halo_profile", target, "test_fast", 200)).std() > 10


def test_the_invariant_mass_tells_decays_apart():
    found = result("two_body_decay", "label", rows=200)
    assert np.mean(found.predicted == found.truth) > 0.85
    mass = result("two_body_decay", "parent_mass_GeV", rows=200)
    related = mass.truth > 0
    assert np.median(abs(mass.mean / np.maximum(mass.truth, 1e-9) - 1)[related]) < 0.02


def test_the_quadratic_estimator_finds_the_convergence_without_bias():
    recipe = load_recipe("cmb_lensing")
    rows = rows_at(recipe, "test", np.arange(24), (*lensing.SEEN, "kappa", "lensing_amplitude"))
    found = np.fft.rfft2(lensing.quadratic_convergence(recipe, rows))
    true = np.fft.rfft2(rows["kappa"].astype(float))
    wave = [np.fft.fftfreq(128, 1 / 128)[:, None], np.fft.rfftfreq(128, 1 / 128)]
    band = abs(72 * np.hypot(*wave) - 500) < 300
    product = (true * found.conj()).real[:, band].sum()
    assert product / (abs(true) ** 2)[:, band].sum() == pytest.approx(1, abs=0.06)
    power = (abs(found) ** 2)[:, band].sum() * (abs(true) ** 2)[:, band].sum()
    assert product / np.sqrt(power) > 0.6
    mean, sigma = lensing.lens_amplitude(recipe, rows)
    z = (mean - rows["lensing_amplitude"]) / sigma
    assert np.sqrt(np.mean(z**2)) < 1.6
    assert sigma[0] < 0.2  # the prior's standard deviation is 0.29


def test_the_matched_filter_is_standard_normal_without_a_cluster_and_finds_most_with_one():
    recipe = load_recipe("sz_cutouts")
    rows = rows_at(recipe, "train", np.arange(160), (*clusters.SEEN, "label", "compton_y0"))
    top, y0 = clusters.statistic(recipe, rows)
    there = rows["label"] == 1
    assert np.corrcoef(y0[there], rows["compton_y0"][there])[0, 1] > 0.9
    assert np.mean(top[~there] < 4) > 0.9
    assert np.mean(top[there] > 4) > 0.85
    found = result("sz_cutouts", "label", rows=100)
    assert np.mean(found.predicted == found.truth) > 0.9


def test_the_mean_of_moments_is_the_shear_of_a_field():
    found = result("galaxy_shear", "shear_1", "test_strong", rows=1000)
    error = (found.mean - found.truth)[::100]
    assert found.sigma[0] == pytest.approx(0.25 / 10, rel=0.2)  # of isotropic ellipticities
    assert np.sqrt(np.mean(error**2)) < 1.7 * found.sigma[0]
    assert abs(found.truth[::100]).max() > 0.05
