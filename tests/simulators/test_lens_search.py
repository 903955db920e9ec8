"""Lenses and chance alignments: the same galaxies, told apart by the bending of light alone."""

import numpy as np
import pytest

from deepbench_hf import generate, load_recipe, simulate

GIVEN = {
    **{"center_x_arcsec": 0.2, "center_y_arcsec": -0.1, "r_mag": 19.0, "sersic_index": 3.0},
    **{"half_light_radius_arcsec": 1.2, "axis_ratio": 0.8, "angle_deg": 30.0},
    **{"second_distance_arcsec": 0.3, "second_direction_deg": 70.0, "second_r_mag": 21.0},
    **{"second_half_light_radius_arcsec": 0.5, "second_sersic_index": 1.0},
    **{"second_axis_ratio": 0.7, "second_angle_deg": 100.0, "einstein_radius_arcsec": 1.5},
}
INSTRUMENT = {"pixel_scale_arcsec_px": 0.262, "psf_fwhm_arcsec": 1.0, "zero_point_mag": 26.8}


def seen(label, **more):
    return simulate("lens_finding", label=label, **{**GIVEN, **more})


def test_a_lens_is_that_of_the_survey_family():
    ours = seen("lens")["image"]
    theirs = simulate("survey_pair", label="lens", **GIVEN, **INSTRUMENT)["image"]
    np.testing.assert_allclose(ours, theirs, atol=1e-4 * theirs.max())


def test_by_chance_both_galaxies_are_there_as_they_are():
    found = seen("chance")
    alone = seen("elliptical")
    assert alone["magnification"] == 0
    assert found["magnification"] == pytest.approx(1, abs=0.01)
    flux = 10 ** (-0.4 * (21.0 - 26.8))
    added = (found["image"] - alone["image"]).sum(dtype=float)
    assert added == pytest.approx(flux, rel=0.01)


def test_a_lens_makes_what_is_behind_it_brighter_by_the_area_of_its_images():
    """Behind an isothermal sphere a small source at beta is 2 theta_E / beta times as large."""
    small = {"axis_ratio": 1.0, "second_distance_arcsec": 0.6}
    small["second_half_light_radius_arcsec"] = 0.1
    found = seen("lens", **small)["magnification"]
    assert found == pytest.approx(2 * 1.5 / 0.6, rel=0.05)


def test_classes_share_their_galaxies():
    recipe = load_recipe("lens_finding")
    rows = generate(recipe, "train", 0, 60)
    for number in range(3):
        assert (rows["label"] == number).any()
    assert (rows["magnification"][rows["label"] == 0] == 0).all()
    lenses = rows["label"] == 2
    assert (rows["magnification"][lenses] > 2).mean() > 0.8


@pytest.mark.parametrize(("radius", "index"), [(0.25, 0.5), (0.25, 1.0), (0.5, 1.0), (1.0, 4.0)])
def test_what_a_weak_lens_shows_of_a_small_galaxy_is_the_galaxy(radius, index):
    """Half-light radii in pixels; the other image is not sampled."""
    small = {"second_half_light_radius_arcsec": 0.262 * radius, "second_sersic_index": index}
    small |= {"second_axis_ratio": 0.5, "einstein_radius_arcsec": 1e-4, "r_mag": 40.0}
    bent, plain = (seen(label, **small)["image"].astype(float) for label in ("lens", "chance"))
    np.testing.assert_allclose(bent, plain, atol=1e-3 * plain.max())
