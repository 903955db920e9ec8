"""The sky against fine grids, adaptive quadrature at the cusps, and convolution by FFT."""

import numpy as np
import pytest

from deepbench_hf.simulators.sky.armsflux import arms_flux
from deepbench_hf.simulators.sky.items import PARTS, set_parts
from deepbench_hf.simulators.sky.profile import SIZE
from deepbench_hf.simulators.sky.scratch import new_scratch
from deepbench_hf.simulators.sky.spiral import trace
from tests.support.sky_reference import (
    ELLIPTICAL,
    FWHM,
    GAUSSIAN,
    MOFFAT,
    SPIRAL,
    STAR,
    convolved,
    disc_centre,
    picture,
    pixel_means,
    thing,
)

LENGTHS = ("fwhm_px", "half_light_radius_px", "scale_length_px", "arm_scale_px", "arm_extent_px")


def random_thing(kind, seed, size):
    """An object of the usual sizes in a frame of 64 pixels, scaled to another size."""
    rng, scale = np.random.default_rng(seed), size / 64
    place = size / 2 + rng.uniform(-5, 5, 2) * scale
    model = seed % 2
    values = {
        **{"fwhm_px": rng.uniform(2, 6), "beta": rng.uniform(2, 5)},
        **{"half_light_radius_px": rng.uniform(3, 10), "sersic_index": rng.uniform(0.5, 5)},
        **{"axis_ratio": rng.uniform(0.4, 1), "angle_deg": rng.uniform(0, 180)},
        **{"scale_length_px": rng.uniform(5, 12), "arms": rng.integers(2, 4), "arm_model": model},
        **{"arm_phase_deg": rng.uniform(0, 360), "handedness": rng.choice([-1, 1])},
        **{"arm_scale_px": 15 if model else 4, "arm_extent_px": 28.0, "arm_contrast": 0.6},
        **{"pitch_deg": rng.uniform(15, 30), "arm_width_px": rng.uniform(1.5, 3)},
        **{"bulge_fraction": 0.2 if kind == SPIRAL else 0.0},
    }
    for name in (*LENGTHS, "arm_width_px"):
        values[name] = float(values[name]) * scale
    return thing(kind, *place, **values)


def worst(image, truth):
    return np.max(np.abs(image - truth)) / truth.max()


@pytest.mark.parametrize("size", [28, 64])
@pytest.mark.parametrize(("kind", "seed"), [(STAR, 1), (STAR, 2), (ELLIPTICAL, 3), (ELLIPTICAL, 4)])
def test_means_over_the_pixels_agree_s12(kind, seed, size):
    item = random_thing(kind, seed, size)
    shape = (size - 6, size)
    assert worst(picture([item], shape)[0], pixel_means(item, shape, 5)) < 5e-4


@pytest.mark.parametrize("size", [28, 64])
@pytest.mark.parametrize(("kind", "seed"), [(STAR, 1), (STAR, 2), (ELLIPTICAL, 3), (ELLIPTICAL, 4)])
def test_light_under_a_gaussian_agrees_s6(kind, seed, size):
    item, shape, fwhm = random_thing(kind, seed, size), (size - 6, size), 0.7 * FWHM * size / 64
    truth = convolved(item, shape, GAUSSIAN, fwhm, fine=7, margin=7)
    assert worst(picture([item], shape, GAUSSIAN, fwhm)[0], truth) < 2.5e-3


@pytest.mark.parametrize(("kind", "seed"), [(STAR, 1), (ELLIPTICAL, 3)])
def test_light_under_a_moffat_function_agrees_s6(kind, seed):
    item, shape = random_thing(kind, seed, 40), (36, 40)
    truth = convolved(item, shape, MOFFAT, 3.0, 2.8, fine=7, margin=24)
    assert worst(picture([item], shape, MOFFAT, 3.0, 2.8)[0], truth) < 2e-3


@pytest.mark.parametrize("seed", [5, 6])
def test_a_spiral_agrees_with_its_formula_in_place_and_flux_s3(seed):
    item, shape = random_thing(SPIRAL, seed, 40), (36, 40)
    assert worst(picture([item], shape)[0], pixel_means(item, shape, 5)) < 7e-3
    truth = convolved(item, shape, GAUSSIAN, 1.4, fine=5, margin=3)
    assert worst(picture([item], shape, GAUSSIAN, 1.4)[0], truth) < 5e-3


@pytest.mark.parametrize("seed", range(7, 15))
def test_the_flux_of_the_arms_is_summed_to_five_in_ten_thousand(seed):
    item = random_thing(SPIRAL, seed, 64)
    item["bulge_fraction"], item["arm_contrast"] = 0.0, 0.9
    parts, flux, work = np.zeros((PARTS, SIZE)), np.zeros(PARTS), new_scratch(8, 8, 1, 1, 1)
    set_parts(item[()], parts, flux, work.pieces[0], work)
    disc = 2 * np.pi * item["scale_length_px"] ** 2
    arm = work.pieces[0, : trace(parts[2], work.pieces[0])]
    scratch = work.ring_points, work.rings
    whole = 0.1 * disc + 0.9 * arms_flux(parts[2], arm, *scratch)
    truth = item["flux_e_s"] / (item["axis_ratio"] * disc_centre(item))
    assert whole == pytest.approx(truth, rel=5e-4)


@pytest.mark.parametrize("kind", [STAR, ELLIPTICAL, SPIRAL])
@pytest.mark.parametrize("optics", [(0, 1.0), (GAUSSIAN, 1.65), (MOFFAT, 2.5)], ids=str)
def test_an_image_four_times_as_fine_averages_to_the_coarse_one(kind, optics):
    for seed in (13, 14):
        for size in (28, 64):
            coarse, fine = random_thing(kind, seed, size), random_thing(kind, seed, 4 * size)
            for axis in ("center_x_px", "center_y_px"):
                fine[axis] = 4 * coarse[axis] + 1.5
            psf, fwhm = optics[0], optics[1] * size / 64
            one, _ = picture([coarse], (size, size), psf, fwhm)
            many, _ = picture([fine], (4 * size, 4 * size), psf, 4 * fwhm)
            many = 16 * many.reshape(size, 4, size, 4).mean((1, 3))
            assert worst(one, many) < (6e-3 if kind == SPIRAL else 2.5e-3)
