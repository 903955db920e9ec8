"""The parts that objects are drawn as: profiles and arms, each with the flux it stands for.

A star or an elliptical is one profile; a spiral is a bulge, a disc without its arms, and the arms.
Also how finely each part has to be sampled under a PSF.
"""

from __future__ import annotations

from deepbench_hf.kernel import kernel
from deepbench_hf.simulators.sky.objects import ELLIPTICAL, SPIRAL, STAR_KIND
from deepbench_hf.simulators.sky.profile import (
    INDEX,
    RATIO,
    SCALE,
    set_sersic,
    set_star,
)
from deepbench_hf.simulators.sky.sersic import sersic_b
from deepbench_hf.simulators.sky.spiral import (
    CENTRAL as ARMS_CENTRAL,
)
from deepbench_hf.simulators.sky.spiral import (
    PEAK as ARMS_PEAK,
)
from deepbench_hf.simulators.sky.spiral import (
    RATIO as ARMS_RATIO,
)
from deepbench_hf.simulators.sky.spiral import (
    WIDTH,
    arms_flux,
    set_arms,
    trace,
)

__all__ = ["ARMS_PART", "PARTS", "SIZE", "arms_level", "needs_core", "profile_level", "set_parts"]

PARTS, SIZE = 3, 20
"""The most parts of an object, and the size of the vector of a part."""
ARMS_PART = 2
"""The part of a spiral that is its arms."""
FINE = 0.28
"""Least harmonic sum of the variances of light and PSF, over the spacing of the points squared."""
_TWO_PI = 6.283185307179586


@kernel
def set_parts(source, parts, flux, work) -> None:
    """Fill in the vectors of an object's parts and their fluxes, electrons / s.

    Args:
        source: a record of an object.
        parts: output (PARTS, SIZE), float64.
        flux: output (PARTS,): what the parts are to be multiplied by; 0 where there is none. Only
            for the arms it is not their flux.
        work: scratch.
    """
    flux[0] = flux[1] = flux[2] = 0.0
    x, y = source.center_x_px, source.center_y_px
    if source.kind == STAR_KIND:
        set_star(parts[0], x, y, source.fwhm_px, source.beta)
        flux[0] = source.flux_e_s
    if source.kind == ELLIPTICAL or source.kind == SPIRAL:
        q, angle, n = source.axis_ratio, source.angle_deg, source.sersic_index
        set_sersic(parts[0], x, y, source.half_light_radius_px, n, q, angle)
        flux[0] = source.flux_e_s
    if source.kind == SPIRAL:
        _set_spiral(source, parts, flux, work)


@kernel
def _set_spiral(source, parts, flux, work) -> None:
    """Share the flux of a spiral among its bulge, its disc and its arms."""
    q, h, contrast = source.axis_ratio, source.scale_length_px, source.arm_contrast
    disc, arms = parts[1], parts[ARMS_PART]
    set_sersic(
        disc, source.center_x_px, source.center_y_px, h * sersic_b(1.0), 1.0, q, source.angle_deg
    )
    set_arms(arms, source)
    arms[ARMS_PEAK] = 0.0
    count = trace(arms, work.pieces) if contrast > 0.0 else 0
    in_arms = contrast * arms_flux(arms, work.pieces, count, work.z, work.near)
    whole = in_arms + (1.0 - contrast) * _TWO_PI * h * h
    central = contrast * arms[ARMS_CENTRAL]
    rest = source.flux_e_s * (1.0 - source.bulge_fraction)
    flux[0] = source.flux_e_s * source.bulge_fraction
    if whole > 0.0:
        flux[1] = rest * ((1.0 - contrast + central) * _TWO_PI * h * h / whole)
        flux[ARMS_PART] = rest if count > 0 else 0.0
        arms[ARMS_PEAK] = contrast / (q * whole)


@kernel
def _level(width2: float, sigma: float, highest: int) -> int:
    """The lowest level, 1, 2 or 4, whose points resolve light of a variance under a Gaussian."""
    variance, level = sigma * sigma, 1
    while level < highest and level * level * width2 * variance < FINE * (width2 + variance):
        level *= 2
    return level


@kernel
def arms_level(a, sigma: float, highest: int) -> int:
    """Level at which arms are sampled under a Gaussian of `sigma`, px."""
    width = a[WIDTH] * min(1.0, 1.2 * a[ARMS_RATIO])
    return _level(width * width, sigma, highest)


@kernel
def profile_level(p, sigma: float, highest: int) -> int:
    """Level at which a profile, its core cut out, is sampled under a Gaussian of `sigma`, px."""
    level = 1
    while level < highest and (level * sigma < 0.6 or level * p[RATIO] < 0.22):
        level *= 2
    return level


@kernel
def needs_core(p, level: int, sigma: float) -> bool:
    """Whether a profile is too sharp for the points of its level, so that its core is cut out."""
    scale = p[SCALE] * p[RATIO] * level
    if p[INDEX] == 0.0:
        spread = sigma * level
        power = scale * scale / (2.0 * spread * spread) - _TWO_PI * scale
        return scale < 4.0 and (power > -9.0 or scale > _TWO_PI * spread * spread)
    return (p[INDEX] > 0.6 and (p[INDEX] > 1.01 or scale < 9.0)) or scale < 4.0
