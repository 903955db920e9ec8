"""The parts that objects are drawn as: profiles and arms, each with the flux it stands for.

A star or an elliptical is one profile; a spiral is a bulge, a disc and its arms. Also how finely an
object has to be sampled under a PSF.
"""

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.armsflux import arms_flux
from deepbench_hf.simulators.sky.objects import ELLIPTICAL, SPIRAL, STAR_KIND
from deepbench_hf.simulators.sky.profile import INDEX, RATIO, SCALE, set_sersic, set_star
from deepbench_hf.simulators.sky.sersic import sersic_b
from deepbench_hf.simulators.sky.spiral import CENTRAL, CONTRAST, PIECES, WIDTH, set_arms, trace
from deepbench_hf.simulators.sky.spiral import PEAK as ARMS_PEAK
from deepbench_hf.simulators.sky.spiral import RATIO as ARMS_RATIO

PARTS = 3
"""The most parts of an object."""
MAIN, DISC, ARMS = range(PARTS)
"""Star, elliptical or bulge; disc of a spiral, with the A_0 of `spiral.py` everywhere; its arms."""
FINE = 0.28
"""Least harmonic sum of the variances of light and PSF, over the spacing of the points squared."""
_TWO_PI = 6.283185307179586


@kernel
def set_parts(source, parts, flux, pieces, work) -> None:
    """Fill in the vectors of an object's parts and their fluxes, electrons / s.

    Args:
        source: a record of an object.
        parts: output (PARTS, SIZE), float64.
        flux: output (PARTS,): what the parts are to be multiplied by; 0 where there is none. For
            the arms it is the flux of disc and arms.
        pieces: output (ELEMENTS, 9), float64: of a spiral's arm.
        work: scratch.
    """
    flux[MAIN] = flux[DISC] = flux[ARMS] = parts[ARMS, PIECES] = 0.0
    x, y = source.center_x_px, source.center_y_px
    if source.kind == STAR_KIND:
        set_star(parts[MAIN], x, y, source.fwhm_px, source.beta)
        flux[MAIN] = source.flux_e_s
    if source.kind == ELLIPTICAL or source.kind == SPIRAL:
        q, angle, n = source.axis_ratio, source.angle_deg, source.sersic_index
        set_sersic(parts[MAIN], x, y, source.half_light_radius_px, n, q, angle)
        flux[MAIN] = source.flux_e_s
    if source.kind == SPIRAL:
        _set_spiral(source, parts, flux, pieces, work)


@kernel
def _set_spiral(source, parts, flux, pieces, work) -> None:
    """Share the flux of a spiral among its bulge, its disc and its arms."""
    q, h, contrast = source.axis_ratio, source.scale_length_px, source.arm_contrast
    disc, arms = parts[DISC], parts[ARMS]
    set_sersic(
        disc, source.center_x_px, source.center_y_px, h * sersic_b(1.0), 1.0, q, source.angle_deg
    )
    set_arms(arms, source)
    count = trace(arms, pieces) if contrast > 0.0 else 0
    arms[PIECES] = count
    in_arms = contrast * arms_flux(arms, pieces[:count], work.ring_points, work.rings)
    round_ = _TWO_PI * h * h
    whole = in_arms + (1.0 - contrast) * round_
    rest = source.flux_e_s * (1.0 - source.bulge_fraction)
    flux[MAIN] = source.flux_e_s * source.bulge_fraction
    if whole > 0.0:
        flux[DISC] = rest * ((1.0 - contrast + contrast * arms[CENTRAL]) * round_ / whole)
        flux[ARMS] = rest
        arms[ARMS_PEAK] = 1.0 / (q * whole)


@kernel
def _level(width2: float, sigma: float, highest: int) -> int:
    """The lowest level, 1, 2 or 4, whose points resolve light of a variance under a Gaussian."""
    variance, level = sigma * sigma, 1
    while level < highest and level * level * width2 * variance < FINE * (width2 + variance):
        level *= 2
    return level


@kernel
def level_of(parts, flux, sigma: float, highest: int) -> int:
    """Level at which an object, its core cut out, is sampled under a Gaussian of `sigma`, px."""
    level, arms = 1, parts[ARMS]
    if flux[ARMS] > 0.0 and arms[CONTRAST] > 0.0:
        width = arms[WIDTH] * min(1.0, 1.2 * arms[ARMS_RATIO])
        level = _level(width * width, sigma, highest)
    ratio = parts[MAIN, RATIO]
    while level < highest and (level * sigma < 0.6 or level * ratio < 0.22):
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
