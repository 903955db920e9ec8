"""Batches of images of the sky: stars, ellipticals and spirals under a point-spread function.

Every profile is a mixture of Gaussians, and the arms of a spiral are a wave that is sampled and
spread. What an object has in the frame is the sum of its pixels.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import present
from deepbench_hf.simulators.sky.arms import wave_of
from deepbench_hf.simulators.sky.gaussian import add_profile, padded, scratch_for
from deepbench_hf.simulators.sky.mixtures import (
    MOFFAT_LAW,
    PSF,
    SERSIC_LAW,
    TERMS,
    mixture_tables,
    psf_mixture,
)
from deepbench_hf.simulators.sky.objects import ELLIPTICAL, SPIRAL, STAR_KIND
from deepbench_hf.simulators.sky.profiles import DISC_HALF_LIGHT, moffat_gamma
from deepbench_hf.simulators.sky.slopes import slopes_of
from deepbench_hf.simulators.sky.waves import add_wave

PointSpread = tuple[int, NDArray[np.float64], NDArray[np.float64]]
"""0 none, 1 Gaussian, 2 Moffat; full width at half maximum, px, and exponent, (n,) each."""


def draw(
    objects: NDArray,
    count: NDArray[np.int64],
    optics: PointSpread,
    sampled: bool,
    image: NDArray[np.float32],
    flux_fraction: NDArray[np.float64],
) -> None:
    """Draw a batch of scenes: the sum of the objects under the point-spread function.

    Args:
        objects: records (n, K) with the fields `kind` and those of `objects.py`.
        count: how many objects of each row there are, (n,).
        optics: the point-spread function of each row.
        sampled: the brightness at the centres of pixels, not blurred, instead of means.
        image: output (n, H, W), electrons / s / px.
        flux_fraction: output (n, K): share of each object's flux that falls inside the frame.
    """
    if not sampled:
        _draw(objects, count, *optics, mixture_tables(), image, flux_fraction)
        return
    image[:], flux_fraction[:] = 0.0, 0.0
    for row, k in zip(*np.nonzero(present(count, objects.shape[1])), strict=True):
        one = objects[row, k]
        light = slopes_of(one, image.shape[1:], (0, 1.0, 2.0), True)["flux_e_s"]
        image[row] += one["flux_e_s"] * light
        flux_fraction[row, k] = np.add.accumulate(light.ravel())[-1]  # in order


def draw_components(
    objects: NDArray,
    count: NDArray[np.int64],
    optics: PointSpread,
    sampled: bool,
    component: NDArray[np.float32],
) -> None:
    """Draw each object of a batch of scenes alone.

    Args:
        objects, count, optics, sampled: as in `draw`.
        component: output (n, K, H, W), C-contiguous, electrons / s / px; zero for objects that are
            not there.
    """
    n, most, rows, columns = component.shape
    there = present(count, most).astype(np.int64).reshape(-1)
    each = optics[0], np.repeat(optics[1], most), np.repeat(optics[2], most)
    image = component.reshape(n * most, rows, columns)
    draw(objects.reshape(n * most, 1), there, each, sampled, image, np.empty((n * most, 1)))


@kernel(allocates=True)
def _draw(objects, count, psf, fwhm, beta, tables, image, fraction) -> None:
    n, rows, columns = image.shape
    alone = np.empty((rows, 1, padded(columns)), np.float32)
    scratch, optics = scratch_for(alone), np.empty((TERMS, PSF))
    sums = np.empty(columns)
    for row in range(n):
        image[row] = np.float32(0.0)
        terms = psf_mixture(
            psf, fwhm[row], beta[row], max(rows, columns), tables, scratch[0], optics
        )
        for k in range(fraction.shape[1]):
            fraction[row, k] = 0.0
        for k in range(count[row]):
            one = objects[row, k]
            if one.flux_e_s > 0.0:
                alone[:] = np.float32(0.0)
                _add_object(one, optics[:terms], tables, alone, scratch)
                fraction[row, k] = _add_up(alone, one.flux_e_s, image[row], sums)


@kernel
def _add_up(alone, flux, image, sums) -> float:
    """Add an object of unit flux to the image; return the sum of its pixels, column by column."""
    factor = np.float32(flux)
    sums[:] = 0.0
    for j in range(image.shape[0]):
        line, light = image[j], alone[j, 0]
        for i in range(sums.size):
            line[i] += factor * light[i]
            sums[i] += light[i]
    total = 0.0
    for i in range(sums.size):
        total += sums[i]
    return total


@kernel(allocates=True)
def _add_object(one, optics, tables, image, scratch) -> None:
    """Add an object of unit flux to an image."""
    x, y = one.center_x_px, one.center_y_px
    if one.kind == STAR_KIND:
        law = MOFFAT_LAW, one.beta
        place = x, y, 1.0, 0.0
        size = moffat_gamma(one.fwhm_px, one.beta), 1.0
        add_profile(image, 1.0, law, place, size, optics, tables, None, scratch)
        return
    sine, cosine = exact.sincosd(one.angle_deg)
    place = x, y, cosine, sine
    share = 1.0 if one.kind == ELLIPTICAL else one.bulge_fraction
    if share > 0.0:
        law, size = (SERSIC_LAW, one.sersic_index), (one.half_light_radius_px, one.axis_ratio)
        add_profile(image, share, law, place, size, optics, tables, None, scratch)
    if one.kind == SPIRAL and share < 1.0:
        law, size = (SERSIC_LAW, 1.0), (DISC_HALF_LIGHT * one.scale_length_px, one.axis_ratio)
        rest = 1.0 - share
        add_profile(image, rest, law, place, size, optics, tables, None, scratch)
        if one.arm_strength > 0.0:
            planes = image.reshape(1, image.shape[0], image.shape[2])
            add_wave(planes, rest, wave_of(one), False, optics, None)
