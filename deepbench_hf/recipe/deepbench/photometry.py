"""Flux and peak of DeepBench's star, galaxy and spiral galaxy, from its amplitudes.

Peaks are those of the blurred image: the profile's mean under a Gaussian with the variance of
DeepBench's blur and of a pixel, 0.7^2 + 1 / 12.
"""

import math
from collections.abc import Callable

import numpy as np

from deepbench_hf.simulators.sky.profiles import moffat_flux, moffat_gamma, sersic_b, sersic_flux

BLUR_PX = 0.7  # standard deviation of the blur that DeepBench has built in
SIGMA_PX = math.sqrt(BLUR_PX * BLUR_PX + 1 / 12)
STEPS, FARTHEST = 400, 6.0  # points of the mean, and its reach in standard deviations


def moffat_light(fwhm: float, beta: float) -> tuple[float, float]:
    """Flux and blurred peak of a star with the amplitude 1."""
    gamma = moffat_gamma(fwhm, beta)
    return moffat_flux(gamma, beta), _peak(lambda r: (1 + (r / gamma) ** 2) ** -beta)


def sersic_light(radius: float, n: float, ratio: float) -> tuple[float, float]:
    """Flux and blurred peak of a galaxy whose brightness is 1 at its half-light radius.

    The peak is that of a round galaxy of the same area.
    """
    b, size = sersic_b(n), radius * math.sqrt(ratio)
    flux = size * size * sersic_flux(n) * math.exp(b)
    return flux, _peak(lambda r: np.exp(-b * ((r / size) ** (1 / n) - 1)))


def arms_light(
    arms: int, width: float, pitch: float, scale: float, strength: float
) -> tuple[float, float]:
    """Flux and peak of a disc with logarithmic arms whose crests tend to exp(-r / scale).

    Crests are exp(k) / I0(k) times as bright as the disc, with k of `sky.arms`; the flux is that of
    the disc, 2 pi h^2 times its centre, with the scale length h in pixels; the pitch is in rad.
    """
    from scipy.special import i0e

    centre = float(i0e(strength))
    r = 5 * scale * np.arange(1, STEPS) / STEPS
    k = strength * np.exp(-0.5 * (width * arms / (r * math.sin(pitch))) ** 2)
    crests = centre * np.exp(-r / scale) / i0e(k)
    return 2 * math.pi * scale * scale * centre, max(centre, float(crests.max()))


def _peak(profile: Callable[[np.ndarray], np.ndarray]) -> float:
    """Mean of a profile under the Gaussian: Simpson's rule in the root of the radius."""
    root = math.sqrt(FARTHEST) * np.arange(1, STEPS + 1) / STEPS
    u = root * root
    weights = np.resize([4.0, 2.0], STEPS)
    weights[-1] = 1.0
    total = weights @ (profile(SIGMA_PX * u) * u * np.exp(-0.5 * u * u) * 2 * root)
    return float(total) * math.sqrt(FARTHEST) / STEPS / 3
