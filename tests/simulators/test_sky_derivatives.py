"""Derivatives of stars and galaxies against differences of a model that is not the library's."""

import numpy as np
import pytest

from deepbench_hf import jacobian, load_recipe, simulate
from deepbench_hf.simulators.differences import richardson
from deepbench_hf.simulators.sky import Elliptical, EllipticalTotal, Galaxy, Spiral, Star
from deepbench_hf.simulators.sky.mixtures import MOFFAT_LAW
from deepbench_hf.simulators.sky.pixels import point_of
from deepbench_hf.simulators.sky.waves import lattice_of
from tests.support import sky_model
from tests.support.sky_reference import FWHM, NAMES, SPIRAL, table_terms, thing

SHAPE = (11, 13)
STAR = {"center_x_px": 6.3, "center_y_px": 5.1, "flux_e_s": 300.0, "fwhm_px": 3.0, "beta": 2.7}
GALAXY = {
    "center_x_px": 6.3, "center_y_px": 5.1, "flux_e_s": 300.0, "half_light_radius_px": 3.0,
    "sersic_index": 2.2, "axis_ratio": 0.6, "angle_deg": 37.0,
}  # fmt: skip
ARMS = {
    **GALAXY, "scale_length_px": 3.0, "bulge_fraction": 0.2, "arm_model": 0, "arms": 2,
    "handedness": 1, "arm_phase_deg": 25.0, "pitch_deg": 24.0, "winding": 1.5, "sweep": 0.9,
    "arm_scale_px": 3.0, "arm_strength": 1.7, "arm_width_px": 1.6,
}  # fmt: skip
CASES = {
    "star": (Star, STAR),
    "flat star": (Star, STAR | {"beta": 1.6, "fwhm_px": 1.3}),
    "elliptical": (Elliptical, GALAXY),
    "gaussian": (Elliptical, GALAXY | {"sersic_index": 0.55}),
    "disc": (Elliptical, GALAXY | {"sersic_index": 1.2, "axis_ratio": 0.25}),
    "steep": (Elliptical, GALAXY | {"sersic_index": 5.5, "half_light_radius_px": 6.0}),
    "logarithmic": (Spiral, ARMS),
    "bar": (Spiral, ARMS | {"arm_model": 1, "handedness": -1}),
    "archimedean": (Spiral, ARMS | {"arm_model": 2, "arms": 3}),
}
OPTICS = {
    "none": {},
    "gaussian": {"psf_fwhm_px": 2.1},
    "moffat": {"psf_fwhm_px": 2.4, "psf_beta": 3.1},
}
KINDS = {Star: 0, Elliptical: 1, Spiral: 2}
SLOW = (
    *("center_x_px", "fwhm_px", "beta", "sersic_index", "axis_ratio", "arm_width_px"),
    *("psf_fwhm_px", "psf_beta"),
)
"""Under a Moffat function there are hundreds of Gaussians: these stand for all."""


@pytest.fixture(autouse=True)
def _the_model_that_is_drawn(monkeypatch):
    """Gaussians of profiles as tabulated: how good they are is another test's question."""
    monkeypatch.setattr(sky_model, "sersic_terms", table_terms)
    monkeypatch.setattr(sky_model, "moffat_terms", lambda beta: table_terms(beta, MOFFAT_LAW))


MOFFAT = ("star", "elliptical")
"""The other model takes minutes for a wave under a Moffat function, and seconds for these."""


def sampled_at(row, blur):
    """The points that a wave is sampled at, under a blur of some variance, px^2."""
    names = {k: v for k, v in row.items() if k in NAMES and not k.startswith("center")}
    one = thing(SPIRAL, row["center_x_px"], row["center_y_px"], **names).reshape(1)[0]
    number, generator, rows, quarters = lattice_of(one, blur)
    middle = (row["center_x_px"], row["center_y_px"]) if blur else (0.0, 0.0)
    found = []
    for k in range(number):
        x, y, weight = point_of(k, (number, generator))
        # After 16 rows of pixels these lie as before.
        for line in range(4 * rows):
            place = middle[0] + x + line * quarters / 4, middle[1] + y + line * 4 / rows
            found.append((*place, weight * 4 / rows, 16))
    return found


@pytest.mark.parametrize(
    ("case", "psf"),
    [(case, psf) for case in CASES for psf in OPTICS if psf != "moffat" or case in MOFFAT],
)
def test_derivatives_are_the_differences_of_another_model(case, psf):
    kind, row = CASES[case]
    row = row | OPTICS[psf]
    shape = (5, 7) if psf == "moffat" else SHAPE
    model = kind(image_size=shape, psf=psf)
    found = model.derivatives(**{name: np.array([value]) for name, value in row.items()})["image"]
    assert list(found) == list(model.sensitive)

    blur = (row["psf_fwhm_px"] / FWHM) ** 2 if psf == "gaussian" else 0.0
    points = sampled_at(row, blur) if kind is Spiral else ()

    def image(name, value):
        one = row | {name: value, "kind": KINDS[kind]}
        optics = list(OPTICS).index(psf), one.get("psf_fwhm_px", 1.0), one.get("psf_beta", 3.0)
        return sky_model.picture(one, shape, *optics, 24 if psf == "none" else 8, points)

    for name in SLOW if psf == "moffat" else model.sensitive:
        if name not in model.sensitive:
            continue
        value = np.array([row[name]])
        step = np.array([0.05]) if "center" in name else 0.02 * value
        (expected,) = richardson(lambda v, n=name: (image(n, v[0])[None],), value, step)
        error, size = np.abs(found[name] - expected).max(), np.abs(expected).max()
        assert error <= 1e-5 * size + 1e-9, (name, error / size)


@pytest.mark.parametrize(
    ("case", "arms", "fwhm", "beta"),
    [("logarithmic", 1, 2.4, 3.1), ("bar", 2, 2.4, 3.1), ("bar", 2, 5.0, 2.6)],
)
def test_arms_under_a_moffat_function_answer_as_the_wave_alone_does(case, arms, fwhm, beta):
    psf = {"psf_fwhm_px": fwhm, "psf_beta": beta}
    row, shape = CASES[case][1] | psf | {"arms": arms}, (5, 7)
    model = Spiral(image_size=shape, psf="moffat")
    found = model.derivatives(**{name: np.array([value]) for name, value in row.items()})["image"]
    gamma = sky_model.gamma_of(row["psf_fwhm_px"], row["psf_beta"])
    points = sampled_at(row, gamma**2 * table_terms(row["psf_beta"], MOFFAT_LAW)[0][0])
    optics = 2, row["psf_fwhm_px"], row["psf_beta"]
    flux = row["flux_e_s"] * (1 - row["bulge_fraction"])
    for name in ("arm_width_px", "arm_strength", "arm_phase_deg"):

        def waves(values, n=name):
            return (
                flux * sky_model.wave(shape, row | {n: values[0]}, optics, points=points)[None],
            )

        value = np.array([row[name]])
        (expected,) = richardson(waves, value, 0.02 * value)
        assert np.abs(found[name] - expected).max() < 1e-5 * np.abs(expected).max(), name


@pytest.mark.parametrize("name", ["sky_stars", "sky_ellipticals", "sky_spirals", "deepuq_flux"])
def test_an_image_is_its_flux_times_its_derivative_by_the_flux(name):
    slopes, clean = jacobian(name)["image"], simulate(name)["image"]
    by = "amplitude_e_s_px" if name == "deepuq_flux" else "flux_e_s"
    amount = load_recipe(name).priors[by].quantile(np.array([0.5]))[0]
    assert np.abs(amount * slopes[by] - clean).max() < 1e-5 * clean.max()


def test_flux_and_total_answer_as_each_other_in_a_wide_frame():
    row = {
        **{"center_x_px": 30.2, "center_y_px": 31.1, "amplitude_e_s_px": 0.007, "angle_deg": 35.0},
        **{"half_light_radius_px": 1.6, "sersic_index": 1.0, "axis_ratio": 0.5},
    }
    model = EllipticalTotal(image_size=(64, 64), psf="none")
    found = model.derivatives(**{name: np.array([value]) for name, value in row.items()})
    bounded = [label for label, field in model.columns.items() if field.bounded]
    assert bounded == ["flux_e_s", "total_e_s"]
    for name, value in row.items():
        flux, total = (found[label][name][0] for label in bounded)
        size = simulate("deepuq_flux", **row)["flux_e_s"] / value
        assert total == pytest.approx(flux, abs=1e-5 * size), name


def test_a_galaxy_without_arms_answers_as_its_kind_does():
    row = {name: np.array([value]) for name, value in (ARMS | OPTICS["gaussian"]).items()}
    either = Galaxy(image_size=SHAPE).derivatives(label=np.array([0]), **row)["image"]
    plain = {name: row[name] for name in [*GALAXY, "psf_fwhm_px"]}
    own = Elliptical(image_size=SHAPE).derivatives(**plain)["image"]
    for name, slope in either.items():
        assert np.array_equal(slope, own.get(name, np.zeros_like(slope))), name
