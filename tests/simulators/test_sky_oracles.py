"""The sky against astropy, GalSim and SciPy."""

import json

import numpy as np
import pytest
from scipy import special

from deepbench_hf.simulators.sky.profiles import moffat_flux, moffat_gamma, sersic_b, sersic_flux
from tests.support.paths import ORACLES
from tests.support.sky_reference import (
    ELLIPTICAL,
    GAUSSIAN,
    MOFFAT,
    STAR,
    batch,
    draw,
    picture,
    thing,
)

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
    assert np.max(np.abs(image - truth)) < 2e-4 * truth.max()
    assert 1000 * fraction[0] == pytest.approx(item["flux_in_frame"], rel=1e-4)


def test_half_of_the_sersic_flux_is_within_b():
    n = np.concatenate([np.geomspace(0.5, 1, 300), np.geomspace(1, 10, 300)])
    ours = [sersic_b(value) for value in n]
    assert np.max(np.abs(ours - special.gammaincinv(2 * n, 0.5))) < 1e-9


@pytest.mark.parametrize(
    "row",
    [r for r in TRUTH["sersic"]["b_n_table"] if r["n"] >= 0.5],
    ids=lambda row: f"n={row['n']}",
)
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


PIXELS = np.load(ORACLES / "sky_pixels.npz")
CONFIGS = {
    "sky_stars": ("fwhm_px", "beta"),
    "sky_ellipticals": ("half_light_radius_px", "sersic_index", "axis_ratio", "angle_deg"),
}
"""What a row holds after the centre and the width of the point-spread function."""
SETS = sorted({key.rsplit("/", 1)[0] for key in PIXELS.files})


@pytest.mark.parametrize("key", SETS)
def test_shipped_stars_and_ellipticals_are_those_of_galsim(key):
    config, _, size = key.split("/")
    row, value = PIXELS[f"{key}/row"].astype(float), PIXELS[f"{key}/value"]
    x, y = PIXELS[f"{key}/place"].transpose(1, 0, 2).astype(np.int64)
    kind = STAR if config == "sky_stars" else ELLIPTICAL
    names = CONFIGS[config]
    scenes = [[thing(kind, *one[:2], flux_e_s=1.0, **dict(zip(names, one[3:], strict=True)))]
              for one in row]  # fmt: skip
    records, count, (_, _, beta) = batch(scenes)
    image = np.empty((len(row), int(size), int(size)), np.float32)
    optics = GAUSSIAN, row[:, 2].copy(), beta
    draw(records, count, optics, False, image, np.empty(records.shape))
    found = image[np.arange(len(row))[:, None], y, x]
    assert (np.abs(found - value).max(axis=1) / value.max(axis=1)).max() < 3e-4
