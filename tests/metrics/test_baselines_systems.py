"""Baselines of haloes, lenses, clusters and decays: unbiased where they should be."""

import numpy as np
import pytest

from deepbench_hf import load_recipe
from deepbench_hf.metrics import baselines, run_baseline
from deepbench_hf.metrics.baselines import clusters, lensing
from deepbench_hf.rows.generation import rows_at


def result(name, target, split="test", rows=200):
    (one, *_) = [one for one in baselines(load_recipe(name)) if one.target == target]
    return run_baseline(load_recipe(name), one, split, rows).results[0]


def pulls(found):
    return (found.mean - found.truth) / found.sigma


@pytest.mark.parametrize("target", ["log10_mass_Msun", "concentration_offset_dex"])
def test_an_nfw_fit_is_right_for_nfw_haloes_and_biased_for_others(target):
    for name, split in (("halo_profile", "test_nfw"), ("halo_nfw", "test")):
        z = pulls(result(name, target, split))
        assert abs(z.mean()) < 0.35
        assert z.std() == pytest.approx(1, abs=0.25)
    assert pulls(result("halo_profile", target, "test_fast")).std() > 10


def test_the_invariant_mass_tells_decays_apart():
    found = result("two_body_decay", "label")
    assert np.mean(found.predicted == found.truth) > 0.85
    mass = result("two_body_decay", "parent_mass_GeV")
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
