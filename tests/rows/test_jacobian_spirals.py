"""Derivatives of spirals: of their light by differences, their light by brute force."""

import numpy as np
import pytest
from scipy.special import gammaincinv

from deepbench_hf import generate, jacobian, load_recipe, simulate
from deepbench_hf.simulators.differences import richardson
from deepbench_hf.simulators.sky import Elliptical, Galaxy, Spiral
from deepbench_hf.simulators.sky.blurred import elliptical_answers
from deepbench_hf.simulators.sky.psf import GAUSSIAN
from deepbench_hf.simulators.sky.spiral_slopes import galaxy_answers
from tests.support.blurred_reference import FWHM, SIZE, core, exponential, mixture
from tests.support.spiral_reference import ORACLE, SPIRALS, brightness

REST = {
    "half_light_radius_px": 1.1,
    "sersic_index": 1.0,
    "bulge_fraction": 0.2,
    "arm_contrast": 0.6,
}
BULGE = ("center_x_px", "center_y_px", "flux_e_s", "axis_ratio", "psf_fwhm_px")
TOLERANCE = 1e-6
BENT = {name: row | REST | {"angle_deg": 37.0, "axis_ratio": 0.7} for name, row in SPIRALS.items()}


def in_force(row):
    """The continuous parameters that the image depends on."""
    return [name for name in Spiral().sensitive if row.get(name, 0) != 0]


def columns(row):
    return {name: np.array([value]) for name, value in row.items()}


def answers(model, row):
    return model.derivatives(**columns(row))["image"]


def light(model, row):
    """The image in float64: the flux times its derivative."""
    return row["flux_e_s"] * answers(model, row)["flux_e_s"][0]


def hold(model, row, names, step=4e-3, creases=0):
    """Hold derivatives to differences of the light, but for some pixels at creases."""
    found = answers(model, row)
    for name in names:
        at = np.array([row[name]])
        (expected,) = richardson(
            lambda v, n=name: (light(model, row | {n: v[0]})[None],), at, step * np.maximum(at, 0.5)
        )
        error = np.sort(np.abs(found[name][0] - expected[0]), axis=None)[-1 - creases]
        assert error <= TOLERANCE * np.abs(found[name]).max(), (name, error)


@pytest.mark.parametrize("name", SPIRALS)
def test_the_light_of_a_spiral_is_that_of_a_fine_grid(name):
    row = SPIRALS[name] | REST
    with np.load(ORACLE) as known:
        arms, flux = known[f"{name}/image"], known[f"{name}/flux"]
    c, plain = row["arm_contrast"], 2 * np.pi * row["scale_length_px"] ** 2
    seen = {n: row[n] for n in BULGE}
    wide = gammaincinv(2, 0.5) * row["scale_length_px"]
    disc = exponential(**seen, half_light_radius_px=wide)
    bulge = exponential(**seen, half_light_radius_px=row["half_light_radius_px"])
    whole = (1 - c) * plain + c * flux
    disc = ((1 - c) * plain * disc + c * row["flux_e_s"] * arms) / whole
    expected = row["bulge_fraction"] * bulge + (1 - row["bulge_fraction"]) * disc
    found = light(Spiral(image_size=SIZE), row)
    assert np.abs(found - expected).max() <= TOLERANCE * expected.max()


OFTEN = ("arm_phase_deg", "arm_scale_px", "arm_width_px")
HELD = {
    "two logarithmic arms": ("half_light_radius_px", "bulge_fraction", "angle_deg", "pitch_deg"),
    "one left-handed arm": ("arm_extent_px", "arm_contrast"),
    "three bent arms": ("winding", "sweep", "scale_length_px", "arm_extent_px"),
    "five arms, cut off by the frame": ("center_x_px", "axis_ratio", "psf_fwhm_px", "pitch_deg"),
}


@pytest.mark.parametrize("name", BENT)
def test_a_blurred_spiral_answers_as_its_light_changes(name):
    hold(Spiral(image_size=SIZE), BENT[name], OFTEN + HELD[name])


def test_a_spiral_under_a_moffat_function_is_a_mixture_of_those_under_gaussians():
    row, model, beta = BENT["three bent arms"], Spiral(image_size=(5, 4), psf="moffat"), 3.5
    seen_from = mixture(beta, -8, 0.3)[1] > 1e-8

    def gaussians(beta):
        wide, share = (values[seen_from] for values in mixture(beta[0], -8, 0.3))
        fwhm = FWHM * core(row["psf_fwhm_px"], beta[0]) * np.sqrt(0.5 * wide)
        return share[None], fwhm[None]

    (share,), (fwhm,) = gaussians([beta])
    many = np.repeat(model.drawn(columns(row))[0][:, 0], fwhm.size)
    seen = galaxy_answers(elliptical_answers, many, (5, 4), GAUSSIAN, fwhm, np.ones_like(fwhm))
    found = answers(model, row | {"psf_beta": beta})
    names = ("flux_e_s", "center_x_px", "arm_phase_deg", "sweep", "arm_contrast")
    expected = {name: np.tensordot(share, seen[name], 1) for name in names}
    (more,), (wider,) = richardson(gaussians, np.array([beta]), np.array([0.1]))
    by_share = row["flux_e_s"] * np.tensordot(more, seen["flux_e_s"], 1)
    expected["psf_beta"] = by_share + np.tensordot(share * wider, seen["psf_fwhm_px"], 1)
    for name, slope in expected.items():
        error = np.abs(found[name][0] - slope).max()
        assert error <= TOLERANCE * np.abs(slope).max(), (name, error)


@pytest.mark.parametrize("name", BENT)
def test_a_sampled_spiral_has_the_light_of_its_nearest_arms(name):
    row = BENT[name] | {"bulge_fraction": 0.0, "arm_contrast": 1.0}
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    dx, dy = x - row["center_x_px"], y - row["center_y_px"]
    with np.load(ORACLE) as known:
        flux = row["axis_ratio"] * known[f"{name}/flux"]
    expected = row["flux_e_s"] / flux * brightness(row, dx.ravel(), dy.ravel()).reshape(SIZE)
    found = light(Spiral(image_size=SIZE, psf="none", sampled=True), row)
    assert np.abs(found - expected).max() <= TOLERANCE * expected.max()


@pytest.mark.parametrize("name", BENT)
def test_a_sampled_spiral_answers_as_its_light_changes(name):
    """But for at most three of 195 pixels, whose centres a crease crosses within the step."""
    row = BENT[name]
    names = [n for n in in_force(row) if n != "psf_fwhm_px"]
    hold(Spiral(image_size=SIZE, psf="none", sampled=True), row, names, step=2e-3, creases=3)


def test_what_is_not_in_force_changes_nothing():
    found = answers(Spiral(image_size=SIZE), BENT["two logarithmic arms"])
    assert not found["winding"].any() and not found["sweep"].any() and found["pitch_deg"].any()
    found = answers(Spiral(image_size=SIZE), BENT["three bent arms"])
    assert found["winding"].any() and found["sweep"].any() and not found["pitch_deg"].any()


def test_arms_that_end_before_they_begin_leave_a_disc():
    row = BENT["two logarithmic arms"] | {"arm_extent_px": 1.0}
    found = answers(Spiral(image_size=SIZE), row)
    for name in ("arm_phase_deg", "arm_extent_px", "pitch_deg", "arm_contrast", "arm_width_px"):
        assert np.abs(found[name]).max() < 1e-12 * row["flux_e_s"], name
    round_ = {n: row[n] for n in ("center_x_px", "center_y_px", "axis_ratio", "angle_deg")}
    disc = {"sersic_index": 1.0, "half_light_radius_px": gammaincinv(2, 0.5) * 3.0}
    alone = row | {"bulge_fraction": 0.0}
    like = round_ | disc | {"flux_e_s": 300.0, "psf_fwhm_px": row["psf_fwhm_px"]}
    found, expected = (
        answers(model(image_size=SIZE), r)["angle_deg"]
        for model, r in ((Spiral, alone), (Elliptical, like))
    )
    assert found == pytest.approx(expected, abs=1e-8)
    dark = answers(Spiral(image_size=SIZE), row | {"arm_contrast": 1.0})
    assert all(np.isfinite(slopes).all() for slopes in dark.values())


def test_a_galaxy_answers_as_what_it_is():
    row = BENT["two logarithmic arms"]
    both = {name: np.repeat(values, 2) for name, values in columns(row).items()}
    found = Galaxy(image_size=SIZE).derivatives(**both, label=np.array([0, 1]))["image"]
    spiral = answers(Spiral(image_size=SIZE), row)
    own = {n: row[n] for n in Elliptical.parameters if n in row}
    elliptical = answers(Elliptical(image_size=SIZE), own)
    for name, slopes in found.items():
        assert np.array_equal(slopes[1], spiral[name][0]), name
        assert np.array_equal(slopes[0], elliptical.get(name, 0 * slopes[:1])[0]), name


def test_a_spiral_with_sharp_pixels_offers_no_jacobian():
    recipe = load_recipe("sky_spirals")
    sharp = recipe.simulator.model_copy(update={"psf": "none"})
    with pytest.raises(ValueError, match=r"sky_spiral offers no Jacobian with psf: none; without"):
        jacobian(recipe.model_copy(update={"simulator": sharp}))


def test_drawn_spirals_are_those_of_the_model():
    """Half of them to 1e-3 of the peak; narrow arms that meet in the centre are worst."""
    recipe = load_recipe("sky_spirals", num_examples={"train": 24})
    rows = generate(recipe, "train")
    given = {name: rows[name] for name in recipe.simulator.parameters if name in rows}
    exact = recipe.simulator.derivatives(**given)["image"]["flux_e_s"]
    exact = exact * rows["flux_e_s"][:, None, None]
    drawn = simulate(recipe, **given)["image"]
    error = np.abs(drawn - exact).max((1, 2)) / exact.max((1, 2))
    assert np.median(error) < 1e-3 and error.max() < 5e-3
    missing = (drawn - exact).sum((1, 2)) / rows["flux_e_s"]
    assert np.abs(missing).max() < 1e-3
