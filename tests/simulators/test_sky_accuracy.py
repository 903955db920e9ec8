"""The sky against integrals by brute force: over all limits, at all sizes, and over rings."""

import os

import mpmath
import numpy as np
import pytest
from scipy import special

from deepbench_hf import generate, load_recipe
from deepbench_hf.simulators.sky.objects import DISC, PLACE, SERSIC, STAR
from tests.support import sky_model
from tests.support.sky_reference import FWHM, SPIRAL, picture, table_terms, thing
from tools.mixtures import cumulants, log_scale

PSFS = ("none", "gaussian", "moffat")
PARAMETERS = {**PLACE, **STAR, **SERSIC, **DISC}


@pytest.mark.parametrize("n", [0.5, 0.52, 0.6, 0.61, 0.9, 1.0, 1.5, 2.3, 4.0, 6.0, 7.7])
def test_the_tabulated_gaussians_have_the_moments_of_the_mixing_density(n):
    variance, share = table_terms(n)
    log_s = -np.log(variance) - log_scale(n)
    first, second = (float(k) for k in cumulants(n, 2)[1:])
    mean = share @ log_s
    assert share.sum() == pytest.approx(1, abs=2e-6)
    assert mean == pytest.approx(first, abs=2e-4)
    assert share @ (log_s - mean) ** 2 == pytest.approx(second, abs=2e-3 * max(second, 1))


@pytest.mark.parametrize("n", [0.5, 0.55, 0.7, 1.0, 2.2, 4.0, 6.3, 8.0])
def test_the_tabulated_gaussians_sum_up_to_sersics_law(n):
    variance, share = table_terms(n)
    b = float(mpmath.findroot(
        lambda x: mpmath.gammainc(2 * n, 0, x, regularized=True) - 0.5, 2 * n - 0.33
    ))  # fmt: skip
    top = 2 * np.pi * n * b ** (-2 * n) * special.gamma(2 * n)
    for r in (0.05, 0.3, 1.0, 2.5):
        light = (share / (2 * np.pi * variance) * np.exp(-0.5 * r * r / variance)).sum()
        truth, centre = np.exp(-b * r ** (1 / n)) / top, np.exp(-b * 0.05 ** (1 / n)) / top
        assert light == pytest.approx(truth, rel=5e-4, abs=3e-5 * centre)


def sizes(rng, kind):
    """Parameters from all over the limits, sizes up to what a frame of 24 pixels can show."""

    def log(low, high):
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))

    return {
        **{"center_x_px": rng.uniform(4, 20), "center_y_px": rng.uniform(4, 18)},
        **{"flux_e_s": 1000.0, "fwhm_px": log(0.2, 256), "beta": log(1.5, 20), "kind": kind},
        **{"half_light_radius_px": log(0.2, 1024), "sersic_index": log(0.5, 8)},
        **{"axis_ratio": rng.uniform(0.05, 1), "angle_deg": rng.uniform(-360, 360)},
    }


def held(one, psf, fwhm, beta, shape):
    """The worst pixel's error over the peak, and the flux's."""
    values = {k: v for k, v in one.items() if k in PARAMETERS}
    place = values.pop("center_x_px"), values.pop("center_y_px")
    image, fraction = picture([thing(one["kind"], *place, **values)], shape, psf, fwhm, beta)
    truth = sky_model.picture(one, shape, psf, fwhm, beta, 16 if psf == 0 else 8)
    assert image.min() >= -1e-6 * image.max()
    assert fraction[0] <= 1 + 1e-4
    assert image.sum() == pytest.approx(1000 * fraction[0], rel=1e-5)
    return np.abs(image - truth).max() / truth.max(), abs(image.sum() - truth.sum()) / 1000


@pytest.mark.parametrize("psf", [0, 1, 2], ids=PSFS)
@pytest.mark.parametrize("kind", [0, 1], ids=["star", "elliptical"])
def test_all_that_is_within_the_limits_is_right(kind, psf):
    rng, worst = np.random.default_rng(17 + 3 * kind + psf), []
    few = 3 if psf == 2 else 16  # the other model takes seconds under a Moffat function
    for _ in range(500 if os.environ.get("ALL_CONFIGS") else few):
        one, fwhm = sizes(rng, kind), float(np.exp(rng.uniform(np.log(0.5), np.log(64))))
        if one["sersic_index"] < 0.52:
            one["sersic_index"] = 0.5
        worst.append((*held(one, psf, fwhm, rng.uniform(1.5, 20), (22, 24)), one, fwhm))
    assert max(w[0] for w in worst) < 3e-4, max(worst, key=lambda w: w[0])
    assert max(w[1] for w in worst) < 1e-4, max(worst, key=lambda w: w[1])


def rows(name, split, count, size):
    """Objects of a config, with their point-spread function, scaled to another frame."""
    recipe = load_recipe(name, image_size=size)
    truths = generate(recipe, split, 0, count)
    for i in range(count):
        yield {k: float(v[i]) for k, v in truths.items() if v.ndim == 1 and v.dtype.kind in "fi"}


@pytest.mark.parametrize("size", [28, 48])
@pytest.mark.parametrize(
    ("name", "split", "kind"),
    [
        ("sky_stars", "train", 0), ("sky_ellipticals", "train", 1),
        ("sky_ellipticals", "test_steep", 1),
    ],
)  # fmt: skip
def test_shipped_stars_and_ellipticals_are_right_to_3e_4_of_the_peak(name, split, kind, size):
    for row in rows(name, split, 4, size):
        one = row | {"kind": kind, "flux_e_s": 1000.0}
        error, flux = held(one, 1, row["psf_fwhm_px"], 3.0, (size, size))
        assert error < 3e-4, one
        assert flux < 1e-4, one


@pytest.mark.parametrize(
    ("psf", "model"),
    [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0)],  # a Moffat takes the other model long
)
def test_spirals_are_right_to_1e_3_of_the_peak(model, psf):
    rng = np.random.default_rng(41 + model)
    for _ in range(1 if psf == 2 else 3):  # the other model takes seconds under a Moffat
        one = {
            **{"center_x_px": rng.uniform(12, 20), "center_y_px": rng.uniform(12, 20)},
            **{"flux_e_s": 1000.0, "kind": SPIRAL, "half_light_radius_px": rng.uniform(1, 3)},
            **{"sersic_index": rng.uniform(1, 4), "axis_ratio": rng.uniform(0.4, 1)},
            **{"angle_deg": rng.uniform(0, 180), "scale_length_px": rng.uniform(3, 9)},
            **{"bulge_fraction": rng.choice([0.0, 0.3]), "arm_model": model},
            **{"arms": int(rng.integers(1, 6)), "handedness": rng.choice([-1, 1])},
            **{"arm_phase_deg": rng.uniform(0, 360), "pitch_deg": rng.uniform(10, 45)},
            **{"winding": rng.uniform(1, 6), "sweep": rng.uniform(0.5, 2)},
            **{"arm_scale_px": rng.uniform(3, 15), "arm_strength": rng.uniform(0.5, 3)},
            **{"arm_width_px": rng.uniform(1, 3)},
        }
        error, flux = held(one, psf, 1.65 + rng.uniform(0, 2), 4.0, (32, 32))
        assert error < 1e-3, (error, one)
        assert flux < 2e-4, (flux, one)


@pytest.mark.parametrize("model", [0, 1, 2])
def test_rings_of_a_face_on_spiral_have_the_brightness_of_the_disc(model):
    shape = {"arm_model": model, "arm_strength": 3.0, "arm_width_px": 2.0, "scale_length_px": 7.0}
    spiral, _ = picture([thing(SPIRAL, 100.0, 100.0, **shape)], (201, 201), 1, 2.5)
    disc, _ = picture(
        [thing(SPIRAL, 100.0, 100.0, **shape | {"arm_strength": 0.0})], (201, 201), 1, 2.5
    )
    y, x = np.indices(disc.shape)
    r = np.hypot(x - 100, y - 100)
    for radius in (0, 8, 15, 25, 40, 60):
        ring = np.exp(-0.5 * ((r - radius) / 2) ** 2)
        assert (spiral * ring).sum() == pytest.approx((disc * ring).sum(), rel=3e-4)
    assert spiral.sum() == pytest.approx(disc.sum(), rel=1e-4)
    assert np.abs(spiral / disc - 1)[r < 60].max() > 1  # there are arms


def test_a_wave_smoothed_over_more_than_the_disc_leaves_the_plain_disc():
    plain, _ = picture([thing(SPIRAL, 31.0, 30.0, arm_strength=0.0)], (64, 64), 1, 2.0)
    smooth, _ = picture([thing(SPIRAL, 31.0, 30.0, arm_width_px=200.0)], (64, 64), 1, 2.0)
    assert smooth == pytest.approx(plain, abs=1e-6 * plain.max())


def test_pixels_of_a_frame_of_two_thousand_are_those_of_a_small_one():
    here, _ = picture([thing(SPIRAL, 31.3, 30.6)], (64, 64), 1, 2.0)
    there, _ = picture([thing(SPIRAL, 1031.3, 1030.6)], (1064, 1064), 1, 2.0)
    assert np.abs(there[1000:, 1000:] - here).max() < 1e-5 * here.max()


def test_the_variance_of_a_gaussian_point_spread_function_is_its_own():
    assert sky_model.psf_terms(1, 2.0, 3.0)[0][0] == pytest.approx((2.0 / FWHM) ** 2)
