"""Fluxes and peaks of DeepBench's star, galaxy and spiral galaxy, from its amplitudes.

Peaks are those of the blurred image: the profile's mean under a Gaussian with the variance of
DeepBench's blur and of a pixel, 0.7^2 + 1 / 12.
"""

import math
from collections.abc import Callable

from deepbench_hf.simulators.sky.profiles import moffat_flux, moffat_gamma, sersic_b, sersic_flux

BLUR_PX = 0.7
"""Standard deviation of the blur that DeepBench has built in."""
STEEP = 2.5
"""In the place of an alpha whose light has no end."""
VARIANCE = BLUR_PX * BLUR_PX + 1 / 12
STEPS = 400
FARTHEST = 6.0
"""Reach of the Gaussian, in its standard deviations."""


def moffat_fwhm(radius: float, alpha: float) -> float:
    """Full width at half maximum of A (1 + r^2 / radius^2)^-alpha, in the unit of the radius."""
    return 2 * radius * math.sqrt(2 ** min(1 / alpha, 300.0) - 1)


def moffat_light(fwhm: float, alpha: float) -> tuple[float, float]:
    """Flux and blurred peak of a star with the amplitude 1."""
    gamma = moffat_gamma(fwhm, alpha)
    return moffat_flux(gamma, alpha), _peak(lambda r: (1 + (r / gamma) ** 2) ** -alpha)


def sersic_light(radius: float, n: float, ratio: float) -> tuple[float, float]:
    """Flux and blurred peak of a galaxy whose brightness is 1 at its half-light radius.

    The peak is that of a round galaxy of the same area.
    """
    b, size = sersic_b(n), radius * math.sqrt(ratio)
    flux = size * size * sersic_flux(n) * math.exp(b)
    return flux, _peak(lambda r: math.exp(-b * ((r / size) ** (1 / n) - 1)))


def arms_light(
    arms: int, width: float, pitch: float, scale: float, strength: float
) -> tuple[float, float]:
    """Flux and peak of a disc with logarithmic arms whose crests tend to exp(-r / scale).

    Crests are exp(k) / I0(k) times as bright as the disc, with k of `sky.arms`; the flux is that of
    the disc, 2 pi h^2 times its centre.

    Args:
        arms: M, number of arms.
        width: w, pixels.
        pitch: pitch angle, rad.
        scale: h, scale length of the disc, pixels.
        strength: K, strength of the wave.
    """
    centre = _bessel(strength) / math.exp(strength)
    crests = [centre]
    for i in range(1, STEPS):
        r = 5 * scale * i / STEPS
        k = strength * math.exp(-0.5 * (width * arms / (r * math.sin(pitch))) ** 2)
        crests.append(centre * math.exp(k - r / scale) / _bessel(k))
    return 2 * math.pi * scale * scale * centre, max(crests)


def _bessel(k: float) -> float:
    """I0(k) by its power series."""
    return sum((k / 2) ** (2 * m) / math.factorial(m) ** 2 for m in range(30))


def _peak(profile: Callable[[float], float]) -> float:
    """Mean of a profile under the Gaussian: Simpson's rule in the root of the radius."""
    sigma = math.sqrt(VARIANCE)
    total, end = 0.0, math.sqrt(FARTHEST)
    for i in range(1, STEPS + 1):
        root = end * i / STEPS
        u = root * root
        weight = 1 if i == STEPS else 2 + 2 * (i % 2)
        total += weight * profile(sigma * u) * u * math.exp(-0.5 * u * u) * 2 * root
    return total * end / STEPS / 3
