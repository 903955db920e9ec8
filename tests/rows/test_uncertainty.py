"""The columns of known uncertainty: variances, propagated errors and Cramer-Rao bounds."""

import numpy as np
import pytest

from deepbench_hf import generate, jacobian, load_recipe, simulate
from deepbench_hf.exact.fisher import UNBOUNDED
from tests.support.recipes import extended, recipe_of
from tools.golden import uncertain

PENDULUM = """
version: 1.0.0
uncertainty: true
simulator: {kind: pendulum, time: {stop: 8, samples: 40}}
priors:
  length_m: {kind: uniform, low: 1, high: 2}
  gravity_m_s2: {kind: uniform, low: 8, high: 12}
  theta0_rad: {kind: uniform, low: 1, high: 1.5}
  omega0_rad_s: 0
noise:
  length_m: {kind: log_normal, sigma: 0.002}
  theta0_rad: {kind: gaussian, sigma: 0.003}
  x_m: {kind: gaussian, sigma: 0.002}
splits: {train: {size: 2000}, exact: {size: 10, noise: {x_m: {sigma: 0}}}}
"""
STAR = """
version: 1.0.0
uncertainty: true
simulator: {kind: sky_star, image_size: [16, 16], psf: none, sampled: true}
priors:
  center_x_px: {kind: uniform, low: 7, high: 9}
  center_y_px: {kind: uniform, low: 7, high: 9}
  flux_e_s: {kind: log_uniform, low: 300, high: 3000}
  fwhm_px: {kind: uniform, low: 3, high: 4}
  beta: 3
noise:
  image:
    kind: detector
    exposure_s: {kind: uniform, low: 50, high: 100}
    sky_e_s_px: {kind: uniform, low: 1, high: 4}
    read_noise_e: 5
    gain_e_adu: 2
    in_adu: true
splits: {train: {size: 2000}}
"""


@pytest.fixture(scope="module")
def pendulum():
    """A small pendulum whose parameters all differ between rows, and its rows."""
    recipe = recipe_of(PENDULUM)
    return recipe, generate(recipe, "train")


@pytest.fixture(scope="module")
def star():
    """A sampled star under a detector, and its rows."""
    recipe = recipe_of(STAR)
    return recipe, generate(recipe, "train")


def pulls(recipe, rows, output, observed, gain, names, fixed):
    """(fit - truth) / bound of maximum-likelihood fits, by Fisher scoring from the truth."""
    fit = np.stack([rows[name] for name in names])
    measured = gain * rows[observed].reshape(fit.shape[1], -1)
    for _ in range(4):
        given = dict(zip(names, fit, strict=True)) | fixed
        clean = simulate(recipe, **given)[output].reshape(measured.shape)
        slopes = jacobian(recipe, **given)[output]
        slope = np.stack([slopes[name].reshape(measured.shape) for name in names])
        if "exposure_s" in rows:
            t, sky, read = (rows[n][:, None] for n in ("exposure_s", "sky_e_s_px", "read_noise_e"))
            weight = t**2 / (t * (clean + sky) + read**2)
        else:
            weight = np.ones_like(measured)
        fisher = np.einsum("ins,jns,ns->nij", slope, slope, weight)
        score = np.einsum("ins,ns,ns->ni", slope, measured - clean, weight)
        fit = fit + np.linalg.solve(fisher, score[..., None])[..., 0].T
    bound = [rows[name] for name in uncertain(recipe) if "_crlb" in name]
    return (fit - np.stack([rows[name] for name in names])) / np.stack(bound)


def test_fits_to_a_pendulum_scatter_as_its_bounds_say(pendulum):
    recipe, rows = pendulum
    names = ["length_m", "gravity_m_s2", "theta0_rad"]
    assert [n for n in uncertain(recipe) if "crlb" in n] == [
        "length_crlb_m", "gravity_crlb_m_s2", "theta0_crlb_rad",
    ]  # fmt: skip
    scatter = pulls(recipe, rows, "x_m", "x_observed_m", 1, names, {}).std(axis=1)
    assert scatter == pytest.approx(1, abs=0.05)


def test_fits_to_a_counted_star_scatter_as_its_bounds_say(star):
    recipe, rows = star
    names = ["center_x_px", "center_y_px", "flux_e_s", "fwhm_px"]
    scatter = pulls(recipe, rows, "image", "image", 2, names, {"beta": 3}).std(axis=1)
    assert scatter == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", ["pendulum", "star"])
def test_bounds_are_those_of_an_inverted_fisher_matrix(name, request):
    recipe, rows = request.getfixturevalue(name)
    few = {k: v[:50] for k, v in rows.items()}
    names = [n for n, prior in recipe.priors.items() if prior.kind != "constant"]
    output = "x_m" if name == "pendulum" else "image"
    variance = few["x_variance_m2" if name == "pendulum" else "image_variance"].astype(float)
    gain = 1 if name == "pendulum" else 2
    slopes = jacobian(recipe, **{n: few[n] for n in recipe.priors})[output]
    slope = np.stack([slopes[n].reshape(50, -1) for n in names]) / gain
    fisher = np.einsum("ins,jns,ns->nij", slope, slope, 1 / variance.reshape(50, -1))
    expected = np.sqrt(np.diagonal(np.linalg.inv(fisher), axis1=1, axis2=2)).T
    bound = [few[column] for column in uncertain(recipe) if "_crlb" in column]
    assert np.stack(bound) == pytest.approx(expected, rel=1e-5)


def test_the_variance_of_a_detector_is_that_of_its_images(star):
    _, rows = star
    clean = simulate(star[0], **{n: rows[n] for n in star[0].priors})["image"]
    pull = (rows["image"] - clean / 2) / np.sqrt(rows["image_variance"])
    assert np.var(pull) == pytest.approx(1, abs=0.01)
    assert np.var(pull, axis=0) == pytest.approx(1, abs=0.2)


MEASURED = {
    "pendulum_noisy": {"length_m": 0.02, "gravity_m_s2": 0.05},
    "pendulum_hierarchical": {
        **{"gravitational_constant_m3_kg_s2": 0.01, "planet_mass_kg": 0.05},
        **{"planet_radius_m": 0.02, "length_m": 0.02},
    },
}
"""Log-normal errors of the shipped configs; the angle has 0.03 rad."""


@pytest.mark.parametrize("name", MEASURED)
def test_the_propagated_sigma_is_the_error_of_twenty_thousand_draws(name):
    recipe = load_recipe(name, uncertainty=True)
    rows = generate(recipe, "train", 760, 775)
    for i in (0, 4, 9):  # row 769 is a rod of 0.69 m, of which the first order says 3.28 m
        numbers = np.random.default_rng(i)
        drawn = {own: np.full(20_000, rows[own][i]) for own in recipe.priors}
        for own, sigma in MEASURED[name].items():
            drawn[own] *= np.exp(sigma * numbers.standard_normal(20_000))
        drawn["theta0_rad"] += 0.03 * numbers.standard_normal(20_000)
        for output, column in (("x_m", "x_propagated_sigma_m"), ("theta_rad", "theta_propa")):
            told = next(v[i] for n, v in rows.items() if n.startswith(column))
            square = ((simulate(recipe, **drawn)[output] - rows[output][i]) ** 2).mean(axis=0)
            seen = told > 0.05 * told.max()
            assert seen.sum() > 80
            assert told[seen] == pytest.approx(np.sqrt(square)[seen], rel=0.06)
            assert (told**2).mean() == pytest.approx(square.mean(), rel=0.03)


def test_no_propagated_sigma_is_larger_than_the_motion_allows():
    rows = generate(load_recipe("pendulum_noisy", uncertainty=True), "train", 0, 60)
    swing = rows["length_m"] * np.abs(np.sin(rows["theta0_rad"]))
    assert (rows["x_propagated_sigma_m"].max(axis=1) < 2.1 * swing + 0.2).all()


def test_small_errors_propagate_to_first_order(pendulum):
    recipe, rows = pendulum
    few = {own: rows[own][:5] for own in recipe.priors}
    slopes = jacobian(recipe, **few)["x_m"]
    variance = (slopes["length_m"] * 0.002 * few["length_m"][:, None]) ** 2
    first = np.sqrt(variance + (slopes["theta0_rad"] * 0.003) ** 2)
    told = rows["x_propagated_sigma_m"][:5]
    seen = told > 0.05 * told.max()
    assert told[seen] == pytest.approx(first[seen], rel=0.02)


def test_measured_values_that_the_model_refuses_are_left_out():
    text = PENDULUM.replace("{kind: log_normal, sigma: 0.002}", "{kind: log_normal, sigma: 3}")
    text = text.replace("{kind: gaussian, sigma: 0.003}", "{kind: truncated_gaussian, sigma: 3}")
    rows = generate(recipe_of(text), "train", 0, 3)
    assert np.isfinite(rows["x_propagated_sigma_m"]).all()
    assert (rows["x_propagated_sigma_m"] < 1e3).all()  # the longest rod


def test_measured_values_that_do_not_fit_together_are_left_out():
    """A planet measured at a tenth of its radius has a gravity that no pendulum takes."""
    wide = {"planet_radius_m": {"kind": "log_normal", "sigma": 1.5}}
    recipe = extended("pendulum_hierarchical", uncertainty=True, noise=wide)
    rows = generate(recipe, "test", 0, 8)
    sigma = rows["x_propagated_sigma_m"]
    assert np.isfinite(sigma).all() and (sigma.max(axis=1) > 0).all()
    assert (sigma <= 2 * rows["length_m"][:, None]).all()
    slow = {"fall_d": {"kind": "log_normal", "sigma": 2.0}}
    flare = generate(extended("transients", uncertainty=True, noise=slow), "test", 0, 4)
    assert all(np.isfinite(v).all() for n, v in flare.items() if "propagated" in n)


def test_without_noise_the_bound_is_zero(pendulum):
    rows = generate(pendulum[0], "exact")
    assert np.all(rows["length_crlb_m"] == 0)
    assert np.all(rows["x_variance_m2"] == 0)


def test_what_the_data_cannot_tell_has_no_bound_and_spoils_no_other():
    rows = generate(load_recipe("pendulum_hierarchical", uncertainty=True), "train", 0, 40)
    assert np.all(rows["planet_mass_crlb_kg"] == UNBOUNDED)
    assert np.all(rows["planet_radius_crlb_m"] == UNBOUNDED)
    wide = np.abs(rows["theta0_rad"]) > 0.5
    assert np.all(rows["length_crlb_m"][wide] < rows["length_m"][wide])


def test_a_row_with_uncertainty_can_be_fed_back(pendulum):
    recipe, rows = pendulum
    again = simulate(recipe, **{name: values[:3] for name, values in rows.items()})
    assert np.array_equal(again["x_m"], rows["x_m"][:3])
