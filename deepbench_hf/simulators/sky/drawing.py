"""Batches of images of the sky: stars, ellipticals and spirals under a point-spread function.

Every profile is a mixture of Gaussians, and the arms of a spiral are a wave that is sampled and
spread. What an object has in the frame is the sum of its pixels.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import present
from deepbench_hf.simulators.sky.arms import fill_wave, lattice_of, point_of, wave_of
from deepbench_hf.simulators.sky.blur import add_point, add_smooth, margin_around, padded, room_for
from deepbench_hf.simulators.sky.gaussian import ORDERS, add_gaussian, gaussian
from deepbench_hf.simulators.sky.mixtures import (
    DRAWN,
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
from deepbench_hf.simulators.sky.objects import ELLIPTICAL, SPIRAL, STAR_KIND
from deepbench_hf.simulators.sky.profiles import DISC_HALF_LIGHT, moffat_gamma
from deepbench_hf.simulators.sky.slopes import galaxy_slopes, star_slopes

FAINTEST = 2e-6
"""Share of the light in the frame, and of the peak, below which a Gaussian is not drawn."""


def draw(
    objects: NDArray,
    count: NDArray[np.int64],
    psf: int,
    psf_fwhm_px: NDArray[np.float64],
    psf_beta: NDArray[np.float64],
    image: NDArray[np.float32],
    flux_fraction: NDArray[np.float64],
) -> None:
    """Draw a batch of scenes: the sum of the objects under the point-spread function.

    Args:
        objects: records (n, K) with the fields `kind` and those of `objects.py`.
        count: how many objects of each row there are, (n,).
        psf: 0 none, 1 Gaussian, 2 Moffat.
        psf_fwhm_px: full width at half maximum of the point-spread function, px, (n,).
        psf_beta: exponent of a Moffat one, (n,).
        image: output (n, H, W), electrons / s / px.
        flux_fraction: output (n, K): share of each object's flux that falls inside the frame.
    """
    _draw(objects, count, psf, psf_fwhm_px, psf_beta, mixture_tables(), image, flux_fraction)


def sample(
    objects: NDArray,
    count: NDArray[np.int64],
    psf: int,
    psf_fwhm_px: NDArray[np.float64],
    psf_beta: NDArray[np.float64],
    image: NDArray[np.float32],
    flux_fraction: NDArray[np.float64],
) -> None:
    """Do `draw` with the brightness at the centres of pixels; not blurred."""
    image[:], flux_fraction[:] = 0.0, 0.0
    for row, k in zip(*np.nonzero(np.arange(objects.shape[1]) < count[:, None]), strict=True):
        one = objects[row, k]
        slopes = star_slopes if one["kind"] == STAR_KIND else galaxy_slopes
        light = slopes(
            one, image.shape[1:], (psf, float(psf_fwhm_px[row]), float(psf_beta[row])), True
        )
        image[row] += one["flux_e_s"] * light["flux_e_s"]
        flux_fraction[row, k] = np.add.accumulate(light["flux_e_s"].ravel())[-1]  # in order


def draw_components(
    draw: Callable[..., None],
    objects: NDArray,
    count: NDArray[np.int64],
    psf: int,
    psf_fwhm_px: NDArray[np.float64],
    psf_beta: NDArray[np.float64],
    component: NDArray[np.float32],
) -> None:
    """Draw each object of a batch of scenes alone.

    Args:
        draw: what draws scenes.
        objects, count, psf, psf_fwhm_px, psf_beta: as in `draw`.
        component: output (n, K, H, W), C-contiguous, electrons / s / px; zero for objects that are
            not there.
    """
    n, most, rows, columns = component.shape
    alone = objects.reshape(n * most, 1)
    there = present(count, most).astype(np.int64).reshape(-1)
    optics = psf, np.repeat(psf_fwhm_px, most), np.repeat(psf_beta, most)
    image = component.reshape(n * most, rows, columns)
    draw(alone, there, *optics, image, np.empty((n * most, 1)))


@kernel(allocates=True)
def _draw(objects, count, psf, fwhm, beta, tables, image, fraction) -> None:
    n, rows, columns = image.shape
    side = max(rows, columns)
    profile, pairs = np.empty((TERMS, PROFILE)), np.empty((TERMS * TERMS, PAIR))
    optics, alone = np.empty((TERMS, PSF)), np.empty((rows, padded(columns)), np.float32)
    longest = max(rows, padded(columns)) + 1
    scratch, work = (
        np.empty((2 * ORDERS + 1, longest), np.float32),
        np.empty((3, longest), np.float32),
    )
    sums = np.empty(columns)
    for row in range(n):
        image[row] = np.float32(0.0)
        terms = psf_mixture(psf, fwhm[row], beta[row], side, tables, profile, optics)
        for k in range(fraction.shape[1]):
            fraction[row, k] = 0.0
        for k in range(count[row]):
            one = objects[row, k]
            if one.flux_e_s > 0.0:
                alone[:] = np.float32(0.0)
                _add_object(one, optics[:terms], tables, profile, pairs, alone, scratch, work)
                light = _add_up(alone, image[row], sums)
                fraction[row, k] = light / one.flux_e_s


@kernel
def _add_up(alone, image, sums) -> float:
    """Add an object to the image; return the sum of its pixels, column after column."""
    sums[:] = 0.0
    for j in range(alone.shape[0]):
        for i in range(sums.size):
            image[j, i] += alone[j, i]
            sums[i] += alone[j, i]
    total = 0.0
    for i in range(sums.size):
        total += sums[i]
    return total


@kernel(allocates=True)
def _add_object(one, optics, tables, profile, pairs, image, scratch, work) -> None:
    """Add an object to an image."""
    x, y, flux = one.center_x_px, one.center_y_px, one.flux_e_s
    if one.kind == STAR_KIND:
        gamma = moffat_gamma(one.fwhm_px, one.beta)
        widest = FARTHEST * max(image.shape[0], image.shape[1]) / gamma
        count = mixture(MOFFAT_LAW, one.beta, tables, widest, profile)
        place = (x, y, gamma, 1.0, 1.0, 0.0)
        _add_mixture(flux, place, profile[:count], optics, pairs, image, scratch, work)
        return
    sine, cosine = exact.sincosd(one.angle_deg)
    share = 1.0 if one.kind == ELLIPTICAL else one.bulge_fraction
    if share > 0.0:
        count = mixture(SERSIC_LAW, one.sersic_index, tables, np.inf, profile)
        place = (x, y, one.half_light_radius_px, one.axis_ratio, cosine, sine)
        _add_mixture(share * flux, place, profile[:count], optics, pairs, image, scratch, work)
    if one.kind == SPIRAL and share < 1.0:
        count = mixture(SERSIC_LAW, 1.0, tables, np.inf, profile)
        radius, rest = DISC_HALF_LIGHT * one.scale_length_px, (1.0 - share) * flux
        place = (x, y, radius, one.axis_ratio, cosine, sine)
        _add_mixture(rest, place, profile[:count], optics, pairs, image, scratch, work)
        if one.arm_strength > 0.0:
            _add_arms(rest, wave_of(one), optics, image)


@kernel
def _add_mixture(flux, place, profile, optics, pairs, image, scratch, work) -> None:
    """Add a profile: every Gaussian of it under every one of the point-spread function."""
    x, y, scale, ratio, cosine, sine = place
    found = blurred(profile, scale, ratio, optics, DRAWN, pairs)
    area, light, peak = 1.0 * image.shape[0] * image.shape[1], 0.0, 0.0
    for k in range(found):
        wide = 1.0 + np.sqrt(pairs[k, 1] * pairs[k, 2])
        light += pairs[k, 0] * min(1.0, area / wide)
        peak += pairs[k, 0] / wide
    for k in range(found):
        wide = 1.0 + np.sqrt(pairs[k, 1] * pairs[k, 2])
        seen = pairs[k, 0] * min(1.0, area / wide)
        if seen < FAINTEST * light and pairs[k, 0] < FAINTEST * peak * wide:
            continue
        one = gaussian(x, y, pairs[k, 1], pairs[k, 2], cosine, sine)
        add_gaussian(image, flux * pairs[k, 0], one, scratch, work)


@kernel(allocates=True)
def _add_arms(flux, wave, optics, image) -> None:
    """Add what the wave of a spiral adds to its disc."""
    lattice, margin = lattice_of(wave, optics[0, 0] == 0.0), margin_around(optics, wave.scale)
    high, wide, rows, columns, edge = room_for(optics, margin, *image.shape)
    smooth = np.zeros((high, wide), np.float32)
    plane, work = np.empty((rows, columns), np.float32), np.empty((6, columns), np.float32)
    for point in range(lattice[0]):
        ox, oy, weight = point_of(point, lattice)
        fill_wave(wave, ox - edge, oy - edge, plane, work)
        add_point(plane, ox, oy, weight, flux, optics, smooth, image)
    add_smooth(smooth, flux, optics, image)
