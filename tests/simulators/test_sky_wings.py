"""Arms under point-spread functions whose wings hardly end."""

import time

import numpy as np
from scipy import signal, special

from deepbench_hf.simulators.sky import Spiral

SIDE, AROUND = 64, 800
CENTER = 35.5, 26.0
SPIRAL = {
    "center_x_px": CENTER[0], "center_y_px": CENTER[1], "flux_e_s": 1e4, "axis_ratio": 1.0,
    "half_light_radius_px": 3.0, "sersic_index": 1.0, "bulge_fraction": 0.0, "angle_deg": 0.0,
    "scale_length_px": 20.0, "arm_model": 2, "arms": 1, "arm_scale_px": 20.0, "arm_width_px": 2.0,
    "psf_fwhm_px": 3.0, "psf_beta": 1.5,
}  # fmt: skip


def test_the_largest_disc_under_the_widest_wings_is_drawn_at_once():
    """Of an exponent of 1.5 a thousandth of the light lies beyond a thousand widths."""
    large = {**SPIRAL, "scale_length_px": 1024.0, "psf_fwhm_px": 64.0}
    drawn(SPIRAL)  # compiled
    begin = time.perf_counter()
    assert np.isfinite(drawn(large)).all()
    assert time.perf_counter() - begin < 20  # the wings end after 18 000 pixels: 6 GB


def test_one_arm_under_the_widest_wings_is_that_of_a_convolution():
    found = drawn(SPIRAL) - drawn({**SPIRAL, "arm_strength": 0.0})
    size = SIDE + 2 * AROUND
    y, x = np.mgrid[:size, :size] - float(AROUND)
    u, v = x - CENTER[0], y - CENTER[1]
    r = np.hypot(u, v) + 1e-9
    k = 1.5 * np.exp(-0.5 * 2.0**2 * (1 / r**2 + 1 / 20.0**2))
    excess = np.exp(k * np.cos(np.arctan2(v, u) - r / 20)) / special.i0(k) - 1
    wave = 1e4 * np.exp(-r / 20) / (2 * np.pi * 400) * excess
    gamma = 1.5 / np.sqrt(2 ** (1 / 1.5) - 1)
    nodes, weights = np.polynomial.legendre.leggauss(4)  # the mean over a pixel
    far, spread = np.mgrid[:size, :size] - (size - 1) // 2, 0.0
    for a, one in zip(nodes / 2, weights / 2, strict=True):
        for b, other in zip(nodes / 2, weights / 2, strict=True):
            square = (far[0] + a) ** 2 + (far[1] + b) ** 2
            spread += one * other * (1 + square / gamma**2) ** -1.5 / (2 * np.pi * gamma**2)
    inside = slice(AROUND, AROUND + SIDE)
    expected = signal.fftconvolve(wave, spread, "same")[inside, inside]
    assert np.abs(found - expected).max() < 3e-3 * drawn(SPIRAL).max()


def drawn(spiral):
    """An image, float64."""
    model = Spiral(image_size=(SIDE, SIDE), psf="moffat")
    return model(**{name: np.array([value]) for name, value in spiral.items()})["image"][0] + 0.0
