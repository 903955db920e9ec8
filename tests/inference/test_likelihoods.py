"""Likelihoods against SciPy's densities of what rows hold, and the data against the likelihood."""

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import generate, load_recipe, log_likelihood, log_prior, metrics, observe
from deepbench_hf.noise.readout import Readout
from deepbench_hf.noise.readout_density import readout_density
from deepbench_hf.simulators.lartpc.wires import TICK_US
from tools.calibration import data_ranks, misstated
from tools.posteriors import differences

KINDS = {
    "pendulum_noisy": {},  # log-normal and Gaussian
    "deeply_uncertain_t10": {},  # relative
    "transients": {},  # one strength for each sample, and padding
    "halo_profile": {},  # counts
    "calo_shower": {},  # a calorimeter
    "two_body_decay": {},  # a tracker
    "shapes_poisson": {"image_size": 32},
    "sky_stars": {"image_size": 20},  # a CCD: the sum over counts
    "quasar_drw": {},  # a Gaussian process
    "kappa_spectrum": {},  # a random field
}


@pytest.mark.parametrize("name", KINDS)
def test_the_likelihood_of_the_truth_is_scipys_density_of_the_columns(name):
    recipe = load_recipe(name, **KINDS[name])
    rows = 3 if name in ("quasar_drw", "kappa_spectrum") else 50
    assert differences(recipe, rows).max() < 1e-9
    if name in ("pendulum_noisy", "deeply_uncertain_t10", "transients"):
        assert differences(recipe, rows, power=2).min() > 1e-3  # a variance for a sigma is found


@pytest.mark.parametrize(("step", "dead"), [(0.0, 0.0), (0.5, 0.3)])
def test_what_wires_share_is_in_the_density_of_a_readout(step, dead):
    """Against the covariance matrix of all samples, written out."""
    white, flicker, line, spread = 1.0, 0.7, 0.4, 0.1
    rng = np.random.default_rng(5)
    clean, seen = 5.0 * rng.normal(size=(2, 3, 6)), 5.0 * rng.normal(size=(1, 3, 6))
    seen[0, 1] = 0.0 if dead else seen[0, 1]
    numbers = (white, flicker, line, spread, dead, step)
    settings = {n: np.array([v]) for n, v in zip(Readout.SETTINGS, numbers, strict=True)}
    found = Readout.model_validate({"white_mV": {"kind": "constant", "value": 1.0}}).log_prob(
        seen, clean, settings, target=None
    )
    ticks = np.arange(6) * TICK_US
    lag = 2 * np.pi * (ticks[:, None] - ticks)
    k = np.arange(1, 33)
    shared = 0.5 * line**2 * np.cos(0.06 * lag)
    shared = shared + sum(flicker**2 / n / (1 / k).sum() * np.cos(0.004 * n * lag) for n in k)
    alive = [0, 2] if dead else [0, 1, 2]
    for row, value in enumerate(found):
        covariance = np.kron(np.ones((len(alive), len(alive))), shared)
        covariance += (white**2 + step**2 / 12) * np.eye(len(covariance))
        for place, wire in enumerate(alive):
            v, here = clean[row, wire], slice(6 * place, 6 * place + 6)
            covariance[here, here] += spread**2 * np.outer(v, v)
        off = (seen[0] - clean[row])[alive].ravel()
        expected = stats.multivariate_normal(np.zeros(len(off)), covariance).logpdf(off)
        if dead:
            expected += 2 * np.log(1 - dead) + np.log(dead)
        assert value == pytest.approx(expected, rel=1e-9)


def test_steps_that_are_wide_beside_the_noise_have_no_density():
    numbers = (1.0, 0.0, 0.0, 0.0, 0.0, 2.5)
    settings = {n: np.array([v]) for n, v in zip(Readout.SETTINGS, numbers, strict=True)}
    with pytest.raises(ValueError, match="the error of rounding is not uniform"):
        readout_density(np.ones((1, 2, 4)), np.ones((1, 2, 4)), settings, 32)


def test_other_parameters_have_the_density_of_what_they_would_give():
    recipe = load_recipe("deeply_uncertain_t10")
    row = generate(recipe, "test", 0, 1)
    length = np.array([0.3, 0.5])
    found = log_likelihood(recipe, "test", 0, length_m=length)
    period = 2 * np.pi * np.sqrt(length / row["gravity_m_s2"])[:, None]
    true = row["period_s"].reshape(1, -1)[:, :1]
    share = row["period_noise_sigma_s"].reshape(1, -1)[:, :1] / true  # the strength is relative
    expected = stats.norm(length, 0.02 * length).logpdf(row["length_measured_m"])
    expected = expected + stats.norm(period, share * period).logpdf(row["period_observed_s"]).sum(1)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_noise_that_is_stated_three_percent_too_strong_is_found():
    """By the rank of each row's likelihood among those of repetitions at the same truth."""
    recipe, rows = load_recipe("deepuq_linear"), 250
    assert metrics.rank_uniformity(data_ranks(recipe, rows)) > 1e-4
    assert metrics.rank_uniformity(data_ranks(recipe, rows, misstated(recipe))) < 1e-4


@pytest.mark.parametrize(
    ("name", "split", "reason"),
    [
        ("sky_noisy", "test", "number of objects is unknown"),
        ("galaxy_perturbed", "test_jpeg_50", "images are perturbed"),
        ("allocation", "test", "number of points is unknown"),
        ("pendulum", "test", "nothing is measured with noise"),
        ("deepuq_linear", "train_input", "y_observed has no noise"),
    ],
)
def test_what_has_no_closed_likelihood_says_so_in_one_line(name, split, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        log_likelihood(name, split, 0)
    assert "\n" not in str(caught.value)


def test_a_momentum_with_an_exact_direction_or_an_exact_size_has_no_density(tmp_path):
    """Off the truth, by the rounding of what is stored alone, it was minus infinity."""
    recipe = tmp_path / "exact.yaml"
    text = "extends: two_body_decay\nversion: 1.0.0\ndescription: exact\nnoise: {momentum_1_GeV: "
    for setting, give in (
        ("{angle_mrad: 0}", "angle_mrad"),
        ("{scattering: 0, curvature: 0}", "scattering or curvature"),
    ):
        recipe.write_text(f"{text}{setting}}}\n")
        with pytest.raises(ValueError, match=f"a part of .* is exact; give it {give} above 0$"):
            log_likelihood(recipe, "test", 0)
    recipe.write_text(text + "{scattering: 0}}\n")
    assert np.isfinite(log_likelihood(recipe, "test", 0)).all()


def test_a_wrong_name_and_a_value_outside_the_model_are_told():
    with pytest.raises(ValueError, match="did you mean 'length_m'"):
        log_likelihood("pendulum_noisy", "test", 0, lenght_m=2.0)
    with pytest.raises(ValueError, match="the model accepts"):
        log_likelihood("pendulum_noisy", "test", 0, length_m=-2.0)


def test_the_prior_of_a_galaxy_depends_on_its_class_and_on_what_it_has():
    half = np.log(0.5)
    inside = -np.log(3.0) - np.log(np.log(12 / 3))
    given = {"label": ["elliptical", "spiral"], "half_light_radius_px": [3.0, 3.0]}
    found = log_prior("galaxy_morphology", **given)
    spiral = -np.log(3.0) - np.log(np.log(3 / 1))
    np.testing.assert_allclose(found, [half + inside, half + spiral])
    arms = log_prior(
        "galaxy_morphology", label=["elliptical", "elliptical", "spiral"], arms=[0, 2, 2]
    )
    np.testing.assert_allclose(arms, [half, -np.inf, half - np.log(3)])
    with pytest.raises(ValueError, match="depends on label"):
        log_prior("galaxy_morphology", half_light_radius_px=3.0)


def test_own_parameters_under_own_noise_are_the_row():
    for name in ("pendulum_noisy", "sky_stars"):
        rows = generate(name, "test", 3, 5)
        own = {n: rows[n] for n in load_recipe(name).priors}
        again = observe(name, "test", [3, 4], **own)
        assert rows.keys() == again.keys()
        assert all(np.array_equal(rows[n], again[n]) for n in rows)


def test_the_difference_of_a_pair_has_hardly_any_noise_left():
    flux = 300.0
    pair = [
        observe("sky_stars", "test", np.arange(30), flux_e_s=f)["image"]
        for f in (flux, 1.02 * flux)
    ]
    alone = observe("sky_stars", "test", np.arange(30, 60), flux_e_s=flux)["image"]
    total = [images.astype(float).sum((1, 2)) for images in (*pair, alone)]
    assert np.std(total[1] - total[0]) < 0.4 * np.std(total[0] - total[2])
    assert np.mean(total[1] - total[0]) == pytest.approx(0.02 * flux, rel=0.3)
