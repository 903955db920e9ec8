"""Weak shear: the law of ellipticities, its mean, and the image of a map that is stretched."""

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from deepbench_hf import generate, jacobian, load_recipe, simulate
from deepbench_hf.simulators.galaxy_shear import components, sheared_slopes

GALAXY = {
    **{"center_x_px": 19.5, "center_y_px": 19.5, "flux_e_s": 1000.0, "sersic_index": 1.0},
    **{"half_light_radius_px": 4.0, "psf_fwhm_px": 2.0},
}


def lensed(**more):
    found = simulate("galaxy_shear", **{**GALAXY, **more})
    return found, found["ellipticity_1"] + 1j * found["ellipticity_2"]


def test_ellipticities_follow_the_law_of_reduced_shear():
    e, g = 0.4 * np.exp(2j * np.radians(25)), 0.2 * np.exp(2j * np.radians(-60))
    more = {"ellipticity": 0.4, "position_angle_deg": 25.0, "shear": 0.2, "shear_angle_deg": -60.0}
    found, seen = lensed(**more)
    assert seen == pytest.approx((e + g) / (1 + np.conj(g) * e), rel=1e-14)
    assert found["shear_1"] + 1j * found["shear_2"] == pytest.approx(g, rel=1e-14)


def test_the_mean_ellipticity_of_isotropic_galaxies_is_the_shear():
    angle = np.arange(0, 180, 2.0)
    _, seen = lensed(
        ellipticity=0.5, position_angle_deg=angle, shear=np.full(90, 0.1), shear_angle_deg=15.0
    )
    assert seen.mean() == pytest.approx(0.1 * np.exp(2j * np.radians(15)), abs=1e-12)


def test_a_lensed_galaxy_is_the_unlensed_one_stretched():
    """I'(x) = I(A x), A = [[1 - g_1, -g_2], [-g_2, 1 + g_1]]: surface brightness is conserved."""
    size, shape = 120, {"ellipticity": 0.3, "position_angle_deg": 40.0}
    recipe = load_recipe("galaxy_shear", image_size=(size, size))
    galaxy = {
        **GALAXY, **shape, "center_x_px": 59.5, "center_y_px": 59.5,
        "half_light_radius_px": 15.0, "psf_fwhm_px": 0.5,
    }  # fmt: skip
    plain = simulate(recipe, **galaxy, shear=0.0)["image"]
    bent = simulate(recipe, **galaxy, shear=0.1, shear_angle_deg=70.0)["image"]
    g_1, g_2 = 0.1 * np.cos(np.radians(140)), 0.1 * np.sin(np.radians(140))
    y, x = np.indices(plain.shape) - 59.5
    at = [-g_2 * x + (1 + g_1) * y + 59.5, (1 - g_1) * x - g_2 * y + 59.5]
    expected = map_coordinates(plain, at, order=3)
    outside = np.hypot(x, y) > 3  # the cusp is sharper than a pixel
    assert abs(bent - expected)[outside].max() < 4e-3 * plain.max()
    assert bent.sum() == pytest.approx(plain.sum() / (1 - 0.01), rel=2e-3)


def test_a_hundred_galaxies_share_a_shear_and_nothing_else():
    rows = generate(load_recipe("galaxy_shear"), "train", 0, 300)
    for field in range(3):
        own = rows["field_index"] == field
        assert own.sum() == 100
        assert len(np.unique(rows["shear"][own])) == 1
        assert len(np.unique(rows["ellipticity"][own])) == 100
    assert (rows["shear"] <= 0.05).all()


LENS = {
    "flux_e_s": 60.0, "half_light_radius_px": 3.0, "ellipticity": 0.3, "position_angle_deg": 25.0,
    "shear": 0.08, "shear_angle_deg": 110.0,
}  # fmt: skip


def ellipse(flux, radius, size, angle, shear, direction):
    """Flux, semi-major axis, axis ratio and angle in degrees, by complex numbers."""
    e, g = size * np.exp(2j * np.radians(angle)), shear * np.exp(2j * np.radians(direction))
    seen = (e + g) / (1 + np.conj(g) * e)
    ratio, larger = (1 - abs(seen)) / (1 + abs(seen)), 1 / (1 - shear**2)
    return np.array(
        [flux * larger, radius * np.sqrt(larger / ratio), ratio, np.degrees(np.angle(seen)) / 2]
    )


def test_the_ellipse_answers_as_the_complex_law_does():
    values, factors = np.array(list(LENS.values())), np.empty((6, 4, 1))
    flux, radius, size, angle, shear, direction = values[:, None]
    both = components(size, angle), components(shear, direction)
    angles = np.stack([angle, direction])
    found = sheared_slopes(flux, radius, *both, angles, factors)
    np.testing.assert_allclose(found[:, 0], ellipse(*values), rtol=1e-12)
    for k in range(6):
        step = 1e-5 * np.eye(6)[k] * values[k]
        slope = (ellipse(*(values + step)) - ellipse(*(values - step))) / (2 * step[k])
        np.testing.assert_allclose(factors[k, :, 0], slope, atol=1e-7 * abs(slope).max())


def test_derivatives_of_an_image_are_its_differences():
    recipe = load_recipe("galaxy_shear", image_size=(24, 24))
    given = {"center_x_px": 11.3, "center_y_px": 11.8, "sersic_index": 1.5, **LENS}
    found = jacobian(recipe, **given)["image"]
    for name in LENS:
        step = 0.03 * LENS[name]
        up, down, near, low = (
            simulate(recipe, **given | {name: LENS[name] + h})["image"].astype(float)
            for h in (step, -step, step / 2, -step / 2)
        )
        slope = (8 * (near - low) - (up - down)) / (6 * step)
        np.testing.assert_allclose(found[name], slope, atol=2e-3 * abs(slope).max())
