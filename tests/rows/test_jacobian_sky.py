"""Derivatives of stars and ellipticals, means over pixels, blurred or not, by closed forms."""

from functools import partial

import numpy as np
import pytest
from scipy.special import digamma as scipy_digamma
from scipy.special import ndtr

from deepbench_hf import jacobian, load_recipe, simulate
from deepbench_hf.simulators.differences import richardson
from deepbench_hf.simulators.sky import Elliptical, EllipticalTotal, Star
from deepbench_hf.simulators.sky.gaussian import at_edges
from deepbench_hf.simulators.sky.light import digamma
from tests.support.blurred_reference import (
    SIZE,
    around,
    by_amplitude,
    central,
    double_star,
    exponential,
    star,
    steep,
)

STAR = {"center_x_px": 6.3, "center_y_px": 5.1, "flux_e_s": 300.0, "fwhm_px": 3.0, "beta": 2.7}
GALAXY = {
    "center_x_px": 6.3, "center_y_px": 5.1, "flux_e_s": 300.0, "half_light_radius_px": 3.0,
    "sersic_index": 1.0, "axis_ratio": 0.6, "angle_deg": 0.0,
}  # fmt: skip
TOLERANCE = 1e-6


def agree(model, reference, row, names, part=np.s_[:]):
    """Hold the derivatives with respect to some parameters to the differences of a reference."""
    columns = {name: np.array([value]) for name, value in row.items()}
    found = model.derivatives(**columns)["image"]
    for name in names:
        step = 5e-3 * np.maximum(np.abs(columns[name]), 1.0)
        (expected,) = richardson(
            lambda v, n=name: (reference(**row | {n: v[0]})[None],), columns[name], step
        )
        error = np.abs(found[name][0][part] - expected[0]).max()
        assert error <= TOLERANCE * np.abs(found[name]).max(), (name, error)


def frame(kind, psf):
    return kind(image_size=SIZE, psf=psf)


CHANGES = [{}, {"beta": 1.3, "fwhm_px": 0.8}, {"beta": 15, "center_x_px": 0.5}]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("psf_fwhm", [0.6, 1.65, 6.0, 0.0])
def test_a_star_answers_as_a_mixture_of_gaussians_does(change, psf_fwhm):
    row = {**STAR, **change} | ({"psf_fwhm_px": psf_fwhm} if psf_fwhm else {})
    agree(frame(Star, "gaussian" if psf_fwhm else "none"), star, row, row)


def test_a_star_under_a_moffat_function_answers_as_two_mixtures_do():
    row = {**STAR, "psf_fwhm_px": 2.0, "psf_beta": 3.5}
    agree(frame(Star, "moffat"), double_star, row, row)


@pytest.mark.parametrize("change", [{}, {"half_light_radius_px": 0.3}, {"axis_ratio": 0.1}])
@pytest.mark.parametrize("psf_fwhm", [0.5, 2.0, 0.0])
def test_an_exponential_galaxy_answers_as_a_mixture_of_gaussians_does(change, psf_fwhm):
    row = {**GALAXY, **change} | ({"psf_fwhm_px": psf_fwhm} if psf_fwhm else {})
    names = [n for n in row if n not in ("sersic_index", "angle_deg")]

    def reference(sersic_index, angle_deg, psf_fwhm_px=0.0, **more):
        return exponential(**more, psf_fwhm_px=psf_fwhm_px)

    agree(frame(Elliptical, "gaussian" if psf_fwhm else "none"), reference, row, names)


@pytest.mark.parametrize(("index", "ratio", "angle"), [(0.4, 0.3, 137), (8, 0.3, 70)])
def test_a_blurred_galaxy_of_any_index_answers_as_a_sum_along_its_ellipses_does(
    index, ratio, angle
):
    row = {
        **GALAXY,
        "sersic_index": index,
        "axis_ratio": ratio,
        "angle_deg": angle,
        "psf_fwhm_px": 2.0,
    }
    pixels, names = [(5, 7), (4, 5)], list(row)[3:]
    part = tuple(np.transpose(pixels))
    agree(frame(Elliptical, "gaussian"), lambda **r: steep(pixels, **r), row, names, part)


@pytest.mark.parametrize(("index", "ratio"), [(0.5, 0.9), (4, 0.6), (6, 0.3)])
def test_the_pixel_of_a_cusp_answers_as_rays_from_the_centre_do(index, ratio):
    row = {**GALAXY, "sersic_index": index, "axis_ratio": ratio, "angle_deg": 37.0}
    agree(frame(Elliptical, "none"), central, row, row, np.s_[5:6, 6])


FAINT = {
    **{"center_x_px": 15.5, "center_y_px": 15.5, "amplitude_e_s_px": 0.007, "axis_ratio": 0.5},
    **{"half_light_radius_px": 4.0, "sersic_index": 1.0, "angle_deg": 35.0},
}
"""As in `deepuq_flux`: the centre is a corner of four pixels."""


@pytest.mark.parametrize("index", [1.0, 1.5])
def test_a_galaxy_answers_to_its_amplitude_as_quadrature_says(index):
    model, row = load_recipe("deepuq_flux").simulator, {**FAINT, "sersic_index": index}
    far = np.s_[np.r_[0:14, 18:32]]
    agree(model, lambda **r: by_amplitude(partial(around, 32), **r)[far], row, row, far)
    agree(model, lambda **r: by_amplitude(central, **r), row, list(row)[2:], np.s_[16:17, 16])


def test_flux_and_total_answer_as_the_closed_form_and_as_each_other_in_a_wide_frame():
    row = {**FAINT, "center_x_px": 30.2, "center_y_px": 31.1, "half_light_radius_px": 1.6}
    columns = {name: np.array([value]) for name, value in row.items()}
    model = EllipticalTotal(image_size=(64, 64), psf="none")
    found = model.derivatives(**columns)
    bounded = [name for name, field in model.columns.items() if field.bounded]
    assert bounded == ["flux_e_s", "total_e_s"]
    for name, value in columns.items():
        (expected,) = richardson(
            lambda v, n=name: (by_amplitude(lambda **r: r["flux_e_s"], **row | {n: v}),),
            value,
            5e-3 * value,
        )
        flux, total = (found[label][name][0] for label in bounded)
        size = simulate("deepuq_flux", **row)["flux_e_s"] / value[0]
        assert flux == pytest.approx(np.broadcast_to(expected, 1)[0], abs=1e-8 * size), name
        assert total == pytest.approx(flux, abs=1e-6 * size), name


@pytest.mark.parametrize("name", ["sky_stars", "sky_ellipticals", "deepuq_flux"])
def test_the_images_change_as_the_derivatives_say(name):
    slopes, clean = jacobian(name)["image"], simulate(name)["image"]
    model = load_recipe(name).simulator
    assert list(slopes) == list(model.sensitive)
    middle = {
        n: prior.quantile(np.array([0.5]))[0] for n, prior in load_recipe(name).priors.items()
    }
    for parameter, slope in slopes.items():
        value = middle[parameter]
        step = 0.1 if "center" in parameter else 0.02 * value
        up, down = (simulate(name, **{parameter: value + s})["image"] for s in (step, -step))
        assert np.abs(up - down - 2 * step * slope).max() < 4e-3 * clean.max(), parameter


def test_the_share_of_a_gaussian_below_an_edge_is_that_of_scipy():
    for sigma in (0.2, 1.0, 7.0):
        start, size = -5.8 * sigma - 0.3, int(12 * sigma + 2)
        below, density = np.empty(size), np.empty(size)
        at_edges(start, sigma, below, density)
        x = np.arange(size) + start
        assert below == pytest.approx(ndtr(x / sigma), abs=1e-12)
        assert density == pytest.approx(
            np.exp(-0.5 * (x / sigma) ** 2) / np.sqrt(2 * np.pi) / sigma, abs=1e-13
        )


def test_digamma_is_that_of_scipy():
    for x in (0.05, 0.6, 2.0, 19.0):
        assert digamma(x) == pytest.approx(scipy_digamma(x), rel=1e-10)
