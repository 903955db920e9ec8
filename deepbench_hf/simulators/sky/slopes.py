"""How images of single stars and galaxies answer to their parameters: the model that is drawn.

Profiles are the same mixtures of Gaussians as in `drawing.py`, and arms the same wave, both in
float64; sampled images have the closed forms of `profiles.py`.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns
from deepbench_hf.simulators.sky.arms import lattice_of, point_of, wave_of
from deepbench_hf.simulators.sky.arms_slopes import PLANES, fill_slopes, in_force
from deepbench_hf.simulators.sky.blur import (
    GROUP,
    SMOOTH,
    margin_around,
    margin_of,
    narrow_terms,
    room_for,
    set_samples,
    set_taps,
    spread,
    taps_of,
)
from deepbench_hf.simulators.sky.gaussian_slopes import MOMENTS, add_profile_slopes
from deepbench_hf.simulators.sky.mixtures import (
    DIFFERENTIATED,
    FARTHEST,
    MOFFAT_LAW,
    PAIR,
    PROFILE,
    PSF,
    SERSIC_LAW,
    TERMS,
    blurred,
    mixture,
    mixture_tables,
    psf_mixture,
)
from deepbench_hf.simulators.sky.objects import SPIRAL
from deepbench_hf.simulators.sky.profiles import (
    DISC_HALF_LIGHT,
    SLOPES,
    moffat_gamma,
    moffat_widening,
    sampled_slopes,
    sersic_constants,
)

RADIAN = 0.017453292519943295
OPTICS = ("psf_fwhm", "psf_beta")
PSF_PLANES = (len(PLANES), len(PLANES) + 1)
Optics = tuple[int, float, float]
"""Kind of the point-spread function, its full width at half maximum, px, and its exponent."""


def star_slopes(star: NDArray, size: tuple[int, int], optics: Optics, sampled: bool) -> Columns:
    """The derivatives of the image of a star by parameter, (H, W) each.

    Args:
        star: one record.
        size: height and width of the image, px.
        optics: of the point-spread function.
        sampled: pixel centres instead of means.
    """
    fwhm, beta, flux = (float(star[name]) for name in ("fwhm_px", "beta", "flux_e_s"))
    gamma = moffat_gamma(fwhm, beta)
    place = (float(star["center_x_px"]), float(star["center_y_px"]), gamma, 1.0, 0.0)
    found = _profile(True, place, beta, 1.0, size, optics, sampled)
    unit = found["flux"]
    return {
        **_named(found, flux),
        "flux_e_s": unit,
        "fwhm_px": flux * found["scale"] * gamma / fwhm,
        "beta": flux * (found["shape"] + gamma * moffat_widening(beta) * found["scale"]),
    }


def galaxy_slopes(one: NDArray, size: tuple[int, int], optics: Optics, sampled: bool) -> Columns:
    """The same of an elliptical or a spiral; zero by what it has not."""
    flux, share = float(one["flux_e_s"]), 1.0
    x, y, q, angle = (
        float(one[name]) for name in ("center_x_px", "center_y_px", "axis_ratio", "angle_deg")
    )
    s, c = exact.sincosd(angle)
    if one["kind"] == SPIRAL:
        share = float(one["bulge_fraction"])
    place = (x, y, float(one["half_light_radius_px"]), c, s)
    bulge = _profile(False, place, float(one["sersic_index"]), q, size, optics, sampled)
    if one["kind"] != SPIRAL:
        return {**_named(bulge, flux), "flux_e_s": bulge["flux"], **_own(bulge, flux)}
    place = (x, y, DISC_HALF_LIGHT * float(one["scale_length_px"]), c, s)
    disc = _profile(False, place, 1.0, q, size, optics, sampled)
    wave = _wave(one, size, optics, sampled)
    disc["scale"] *= DISC_HALF_LIGHT
    for name in SLOPES:
        if name != "shape":
            disc[name] += wave["light" if name == "flux" else name]
    unit = {k: share * bulge[k] + (1.0 - share) * disc[k] for k in SLOPES}
    rest = (1.0 - share) * flux
    return {
        **_named(unit, flux),
        **_own(bulge, share * flux),
        "axis_ratio": flux * unit["ratio"],
        "angle_deg": flux * unit["angle"] * RADIAN,
        "flux_e_s": unit["flux"],
        "scale_length_px": rest * disc["scale"],
        "bulge_fraction": flux * (bulge["flux"] - disc["flux"]),
        "arm_phase_deg": rest * wave["phase"] * RADIAN,
        "pitch_deg": rest * wave["pitch"] * RADIAN,
        "winding": rest * wave["winding"],
        "sweep": rest * wave["sweep"],
        "arm_scale_px": rest * wave["length"],
        "arm_strength": rest * wave["strength"],
        "arm_width_px": rest * wave["width"],
    }


def _named(unit: Columns, flux: float) -> Columns:
    """What all objects have, by the parameters' names."""
    return {
        "center_x_px": flux * unit["x"],
        "center_y_px": flux * unit["y"],
        "psf_fwhm_px": flux * unit["psf_fwhm"],
        "psf_beta": flux * unit["psf_beta"],
    }


def _own(bulge: Columns, flux: float) -> Columns:
    """What an elliptical has."""
    return {
        "half_light_radius_px": flux * bulge["scale"],
        "sersic_index": flux * bulge["shape"],
        "axis_ratio": flux * bulge["ratio"],
        "angle_deg": flux * bulge["angle"] * RADIAN,
    }


def _profile(
    star: bool,
    place: tuple[float, float, float, float, float],
    shape: float,
    ratio: float,
    size: tuple[int, int],
    optics: Optics,
    sampled: bool,
) -> Columns:
    """The derivatives of a profile of unit flux, by `SLOPES`."""
    slopes = np.zeros((len(SLOPES), *size))
    if sampled:
        x, y, scale, c, s = place
        constants = sersic_constants(np.array([max(shape, 0.5)]))[:, 0]
        sampled_slopes(star, (x, y, scale, ratio, c, s), shape, constants, slopes)
    else:
        _profile_slopes(star, place, shape, ratio, *optics, mixture_tables(), slopes)
    return dict(zip(SLOPES, slopes, strict=True))


@kernel(allocates=True)
def _profile_slopes(star, place, shape, ratio, psf, fwhm, beta, tables, slopes) -> None:
    side = max(slopes.shape[1], slopes.shape[2])
    profile, pairs = np.empty((TERMS, PROFILE)), np.empty((TERMS * TERMS, PAIR))
    optics = np.empty((TERMS, PSF))
    terms = psf_mixture(psf, fwhm, beta, side, tables, profile, optics)
    if star:
        count = mixture(MOFFAT_LAW, shape, tables, FARTHEST * side / place[2], profile)
    else:
        count = mixture(SERSIC_LAW, shape, tables, np.inf, profile)
    merging = DIFFERENTIATED
    found = blurred(profile[:count], place[2], ratio, optics[:terms], merging, pairs)
    scratch = np.empty((MOMENTS, slopes.shape[2])), np.empty((2, slopes.shape[2] + 1))
    coefficients = np.empty((len(SLOPES), MOMENTS))
    add_profile_slopes(place, ratio, pairs[:found], slopes, coefficients, *scratch)


def _wave(one: NDArray, size: tuple[int, int], optics: Optics, sampled: bool) -> Columns:
    """The derivatives of the wave of a disc of unit flux."""
    slopes = np.zeros((len(PLANES) + len(OPTICS), *size))
    if one["arm_strength"] > 0 or one["bulge_fraction"] < 1:
        _wave_slopes(one.reshape(1), *optics, mixture_tables(), sampled, slopes)
    return dict(zip((*PLANES, *OPTICS), slopes, strict=True))


@kernel(allocates=True)
def _wave_slopes(one, psf, fwhm, beta, tables, sampled, slopes) -> None:
    rows, columns = slopes.shape[1], slopes.shape[2]
    optics = np.empty((TERMS, PSF))
    terms = psf_mixture(
        psf, fwhm, beta, max(rows, columns), tables, np.empty((TERMS, PROFILE)), optics
    )
    optics, wave = optics[:terms], wave_of(one[0])
    lattice = (1, 1) if sampled else lattice_of(wave, optics[0, 0] == 0.0)
    margin, narrow = margin_around(optics, wave.scale), narrow_terms(optics)
    high, wide, tall, broad, edge = room_for(optics, margin, rows, columns)
    planes, smooth = np.empty((len(PLANES), tall, broad)), np.zeros((len(PLANES), high, wide))
    still = np.zeros((1, PSF))
    still[0, 0], still[0, 1] = SMOOTH, 1.0
    for point in range(lattice[0]):
        ox, oy, weight = point_of(point, lattice)
        fill_slopes(wave, ox - edge, oy - edge, planes)
        _add_planes(wave.model, planes, (ox, oy, weight), True, optics[:narrow], slopes)
        if narrow < terms:
            _add_planes(wave.model, planes, (ox, oy, weight), True, still, smooth)
    if narrow < terms:
        _add_planes(wave.model, smooth, (0.0, 0.0, 1.0), False, optics[narrow:], slopes)


@kernel(allocates=True)
def _add_planes(model, planes, place, points, optics, slopes) -> None:
    """Spread planes of points at a place of each pixel, or of what is smooth, by the Gaussians."""
    ox, oy, weight = place
    margin = (planes.shape[1] - slopes.shape[1]) // 2
    taps = np.empty((2, 2, taps_of(margin)))
    half_done = np.empty((planes.shape[1] + GROUP, slopes.shape[2]))
    for g in range(optics.shape[0]):
        reach = margin_of(optics[g, 0])
        if reach <= margin:
            cut, width = margin - reach, taps_of(reach)
            across, along = taps[0, :, :width], taps[1, :, :width]
            if points:
                set_taps(ox, optics[g, 0], 1.0, reach, across)
                set_taps(oy, optics[g, 0], optics[g, 1] * weight, reach, along)
            else:
                set_samples(optics[g, 0] - SMOOTH, 1.0, reach, across)
                set_samples(optics[g, 0] - SMOOTH, optics[g, 1] * weight, reach, along)
            inner = planes[:, cut : planes.shape[1] - cut, cut:]
            done = half_done[: inner.shape[1] + GROUP]
            _spread_planes(model, inner, across, along, optics[g], slopes, done)


@kernel
def _spread_planes(model, planes, across, along, optic, slopes, half_done) -> None:
    """Spread the planes by one Gaussian, and the light by its derivatives too."""
    for p in range(planes.shape[0]):
        if in_force(model, p):
            spread(planes[p], across[0], along[0], slopes[p], half_done)
    weight = optic[1] if optic[1] > 0.0 else 1.0
    for which in range(2):
        by_variance, by_share = optic[2 + which], optic[4] * which / weight
        if by_variance != 0.0 or by_share != 0.0:
            width = across.shape[1]
            for t in range(width):
                along[1, t] = by_variance * along[1, t] + by_share * along[0, t]
                across[1, t] *= by_variance
            spread(planes[0], across[0], along[1], slopes[planes.shape[0] + which], half_done)
            spread(planes[0], across[1], along[0], slopes[planes.shape[0] + which], half_done)
            for t in range(width):
                along[1, t] = (along[1, t] - by_share * along[0, t]) / by_variance
                across[1, t] /= by_variance
