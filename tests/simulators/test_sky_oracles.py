"""The sky against astropy, GalSim, shapely and SciPy."""

import json

import numpy as np
import pytest
from scipy import special

from deepbench_hf.simulators.sky.arms import arm_angle, arm_radius, arm_slant
from deepbench_hf.simulators.sky.moffat import moffat_flux, moffat_gamma
from deepbench_hf.simulators.sky.sersic import sersic_b, sersic_flux
from deepbench_hf.simulators.sky.spiral import distance_map
from tests.support.paths import ORACLES
from tests.support.sky_reference import ELLIPTICAL, GAUSSIAN, MOFFAT, SPIRAL, STAR, picture, thing

TRUTH = json.loads((ORACLES / "sky.json").read_text())
ARRAYS = np.load(ORACLES / "sky.npz")
CASES = [(group, item) for group in ("sersic", "moffat") for item in TRUTH[group]["items"]]


def name(case):
    return f"{case[0]}_{case[1]['id']:02d}"


def record(group, item):
    place = item["x0"], item["y0"]
    if group == "moffat":
        shape = {"fwhm_px": item["fwhm"], "beta": item["alpha"]}
        return thing(STAR, *place, flux_e_s=item["total_flux"], **shape)
    radius = item.get("r_eff", item.get("r_eff_major"))
    shape = {"sersic_index": item["n"], "half_light_radius_px": radius, "axis_ratio": item["q"]}
    flux = item.get("total_flux", item.get("flux"))
    return thing(ELLIPTICAL, *place, flux_e_s=flux, angle_deg=item["theta_deg"], **shape)


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_sampled_image_is_the_formula_at_the_pixel_centres(case):
    truth = ARRAYS[f"{case[0]}_sampled_{case[1]['id']:02d}"]
    image, _ = picture([record(*case)], truth.shape, sampled=True)
    assert np.max(np.abs(image - truth)) < 1e-6 * truth.max()


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_pixel_is_the_mean_of_the_brightness_over_it_s12(case):
    truth = ARRAYS[f"{case[0]}_pixel_mean_{case[1]['id']:02d}"]
    image, fraction = picture([record(*case)], truth.shape)
    assert np.max(np.abs(image - truth)) < 4e-4 * truth.max()
    inside = case[1]["flux_in_frame"] / case[1]["total_flux"]
    assert fraction[0] == pytest.approx(inside, abs=1e-3)


@pytest.mark.parametrize("item", TRUTH["psf_galaxy"]["items"], ids=lambda item: str(item["id"]))
def test_a_galaxy_under_a_psf_is_that_of_galsim(item):
    truth = ARRAYS[f"psf_galaxy_image_{item['id']:02d}"]
    kind = GAUSSIAN if item["psf"][0] == "gaussian" else MOFFAT
    beta = item["psf"][2] if kind == MOFFAT else 3.0
    image, fraction = picture([record("", item)], truth.shape, kind, item["psf"][1], beta)
    assert np.max(np.abs(image - truth)) < 1e-3 * truth.max()
    assert 1000 * fraction[0] == pytest.approx(item["flux_in_frame"], rel=1e-3)


def test_half_of_the_sersic_flux_is_within_b():
    n = np.concatenate([np.geomspace(0.3, 1, 300), np.geomspace(1, 10, 300)])
    ours = [sersic_b(value) for value in n]
    assert np.max(np.abs(ours - special.gammaincinv(2 * n, 0.5))) < 1e-9


@pytest.mark.parametrize("row", TRUTH["sersic"]["b_n_table"], ids=lambda row: f"n={row['n']}")
def test_sersic_constants_are_those_of_the_table(row):
    b = sersic_b(float(row["n"]))
    assert b == pytest.approx(row["b_n"], abs=1e-9)
    flux = sersic_flux(float(row["n"])) * np.exp(b)
    assert flux == pytest.approx(row["flux_over_re2_Ie"], rel=1e-9)


@pytest.mark.parametrize("item", TRUTH["moffat"]["items"], ids=lambda item: str(item["id"]))
def test_a_star_has_a_finite_flux_and_the_width_that_is_asked_for_s9(item):
    gamma = moffat_gamma(item["fwhm"], item["alpha"])
    assert gamma == pytest.approx(item["gamma"], rel=1e-12)
    flux = item["amplitude"] * moffat_flux(gamma, item["alpha"])
    assert flux == pytest.approx(item["total_flux"], rel=1e-12)


SPIRALS = pytest.mark.parametrize("item", TRUTH["spiral"]["items"], ids=lambda i: str(i["id"]))


def arm(item):
    if item["kind"] == "log":
        return 0, item["a"], item["pitch_deg"], 1.0, 1.0
    return 1, item["A"], 20.0, item["N"], item["B"]


@SPIRALS
def test_arms_follow_their_formula_and_its_inverse_s3(item):
    phi, r, pitch = (ARRAYS[f"spiral_{k}_{item['id']:02d}"] for k in ("phi", "r", "pitch_rad"))
    for one_phi, one_r, one_pitch in zip(phi, r, pitch, strict=True):
        assert arm_radius(one_phi, *arm(item)) == pytest.approx(one_r, rel=1e-12)
        assert arm_angle(one_r, *arm(item)) == pytest.approx(one_phi, rel=1e-9, abs=1e-13)
        slant = arm_slant(one_r, one_phi, *arm(item)[:4])
        assert slant == pytest.approx(np.sin(one_pitch), rel=1e-9)


@SPIRALS
def test_distances_to_the_arms_are_those_of_shapely_s3(item):
    truth = ARRAYS[f"spiral_distance_{item['id']:02d}"]
    ours = np.empty(truth.shape)
    disc = item["x0"], item["y0"], 1.0, 0.0
    arms = item["arms"], item["handed"], item["phi0_deg"], item["r_end"]
    distance_map(*disc, *arms, *arm(item), 100.0, ours)
    assert np.max(np.abs(ours - truth)) < 0.02


@SPIRALS
def test_a_spiral_without_a_disc_shows_the_arms_of_the_oracle(item):
    truth = ARRAYS[f"spiral_arms_sigma1.5_{item['id']:02d}"]
    model, scale, pitch, winding, sweep = arm(item)
    curve = {"arm_model": model, "arm_scale_px": scale, "pitch_deg": pitch, "winding": winding}
    ends = {"sweep": sweep, "arm_extent_px": item["r_end"], "arm_phase_deg": item["phi0_deg"]}
    more = {"arms": item["arms"], "handedness": item["handed"], "arm_width_px": 1.5}
    flat = {"scale_length_px": 1000.0, "arm_contrast": 1.0}
    galaxy = thing(SPIRAL, item["x0"], item["y0"], **curve, **ends, **more, **flat)
    image, _ = picture([galaxy], truth.shape, sampled=True)
    y, x = np.indices(truth.shape)
    image *= np.exp(np.hypot(x - item["x0"], y - item["y0"]) / 1000.0)
    scale = np.vdot(image, truth) / np.vdot(image, image)
    assert np.max(np.abs(scale * image - truth)) < 0.01
