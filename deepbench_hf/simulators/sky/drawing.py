"""Scenes of the sky: batches of images of stars, ellipticals and spirals, under a PSF or not.

Without a PSF each pixel is the mean of the brightness over it. With one, the light is kept as point
values on canvases, level by level, the cores of sharp objects apart, and spread from there.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import present
from deepbench_hf.simulators.sky.canvas import paint_canvas, paint_core
from deepbench_hf.simulators.sky.convolve import add_convolved, set_views
from deepbench_hf.simulators.sky.items import ARMS, PARTS, level_of, set_parts
from deepbench_hf.simulators.sky.objects import SPIRAL
from deepbench_hf.simulators.sky.painting import paint_means, paint_values
from deepbench_hf.simulators.sky.profile import SIZE
from deepbench_hf.simulators.sky.psf import TERMS, psf_reach, psf_terms
from deepbench_hf.simulators.sky.scratch import HIGHEST, LEVELS, new_scratch
from deepbench_hf.simulators.sky.spiral import CONTRAST, PIECES

_ZERO = np.float32(0.0)


def draw(
    objects: NDArray,
    count: NDArray[np.int64],
    psf: int,
    psf_fwhm_px: NDArray[np.float64],
    psf_beta: NDArray[np.float64],
    sampled: bool,
    image: NDArray[np.float32],
    flux_fraction: NDArray[np.float64],
) -> None:
    """Draw a batch of scenes: the PSF applied to the sum of the objects.

    Args:
        objects: records (n, K) with the fields `kind` and those of `objects.py`.
        count: how many objects of each row there are, (n,).
        psf: 0 none, 1 Gaussian, 2 Moffat.
        psf_fwhm_px: full width at half maximum of the PSF, px, (n,).
        psf_beta: exponent of a Moffat PSF, (n,).
        sampled: whether pixels are values at their centres instead of means; without a PSF only.
        image: output (n, H, W), electrons / s / px.
        flux_fraction: output (n, K): share of each object's flux that falls inside the frame.
    """
    # Two kernels: few calls need both, and each takes long to compile.
    if psf == 0:
        _draw_sharp(objects, count, sampled, image, flux_fraction)
    else:
        _draw_blurred(objects, count, psf, psf_fwhm_px, psf_beta, image, flux_fraction)


def draw_components(
    objects: NDArray,
    count: NDArray[np.int64],
    psf: int,
    psf_fwhm_px: NDArray[np.float64],
    psf_beta: NDArray[np.float64],
    sampled: bool,
    component: NDArray[np.float32],
) -> None:
    """Draw each object of a batch of scenes alone, under the PSF.

    Args:
        objects, count, psf, psf_fwhm_px, psf_beta, sampled: as in `draw`.
        component: output (n, K, H, W), C-contiguous, electrons / s / px; zero for objects that are
            not there.
    """
    n, most, rows, columns = component.shape
    alone = objects.reshape(n * most, 1)
    there = present(count, most).astype(np.int64).reshape(-1)
    optics = psf, np.repeat(psf_fwhm_px, most), np.repeat(psf_beta, most)
    image = component.reshape(n * most, rows, columns)
    draw(alone, there, *optics, sampled, image, np.empty((n * most, 1)))


@kernel(allocates=True)
def _draw_sharp(objects, count, sampled, image, fraction) -> None:
    """Do `draw` without a PSF: object by object."""
    n, rows, columns = image.shape
    work = new_scratch(rows, columns, np.int64(0), np.int64(0), np.int64(1))
    parts, flux = np.empty((PARTS, SIZE)), np.empty(PARTS)
    for row in range(n):
        _clear(image[row], fraction[row])
        for k in range(count[row]):
            set_parts(objects[row, k], parts, flux, work.pieces[0], work)
            arm = work.pieces[0, : int(parts[ARMS, PIECES])]
            light = _draw_alone(parts, flux, arm, sampled, work, image[row])
            fraction[row, k] = light / objects[row, k].flux_e_s if light != 0.0 else 0.0


@kernel(allocates=True)
def _draw_blurred(objects, count, psf, fwhm, beta, image, fraction) -> None:
    """Do `draw` with a PSF: level by level."""
    n, rows, columns = image.shape
    size, most = max(rows, columns), objects.shape[1]
    margin, planes = _widest(count, psf, fwhm, beta, size), HIGHEST * HIGHEST
    work = new_scratch(rows, columns, margin, planes, _most_spirals(objects, count) + 1)
    parts, flux = np.empty((most, PARTS, SIZE)), np.empty((most, PARTS))
    slots = np.empty(most, np.int64)
    for row in range(n):
        _clear(image[row], fraction[row])
        optics = (psf, fwhm[row], beta[row])
        terms = psf_terms(*optics, size, work.sigma, work.weight)
        margin = psf_reach(*optics, work.sigma, terms, size)
        spirals = 0
        for k in range(count[row]):
            slots[k] = spirals
            set_parts(objects[row, k], parts[k], flux[k], work.pieces[spirals], work)
            spirals += 1 if objects[row, k].kind == SPIRAL else 0
        for doublings in range(LEVELS):
            chosen = (count[row], parts, flux, slots, 1 << doublings)
            _draw_level(*chosen, terms, margin, work, image[row], fraction[row])
        for k in range(count[row]):
            whole = objects[row, k].flux_e_s
            fraction[row, k] = fraction[row, k] / whole if whole > 0.0 else 0.0


@kernel
def _clear(image, fraction) -> None:
    flat = image.reshape(-1)
    for i in range(flat.size):
        flat[i] = _ZERO
    for k in range(fraction.size):
        fraction[k] = 0.0


@kernel
def _most_spirals(objects, count) -> int:
    """The most spirals of a row: only their arms need room, and it is most of the scratch."""
    most = 0
    for row in range(count.size):
        spirals = 0
        for k in range(count[row]):
            spirals += 1 if objects[row, k].kind == SPIRAL else 0
        most = max(most, spirals)
    return most


@kernel(allocates=True)
def _widest(count, psf, fwhm, beta, size) -> int:
    """The widest margin of the rows' canvases, px."""
    sigma, weight = np.empty(TERMS), np.empty(TERMS)
    margin = 0
    for row in range(count.size):
        optics = (psf, fwhm[row], beta[row])
        terms = psf_terms(*optics, size, sigma, weight)
        margin = max(margin, psf_reach(*optics, sigma, terms, size))
    return margin


@kernel
def _draw_alone(parts, flux, pieces, sampled, work, image) -> float:
    """Draw an object without a PSF; return its flux in the frame."""
    total = 0.0
    for i in range(PARTS):
        if flux[i] > 0.0 and (i != ARMS or parts[i, CONTRAST] > 0.0):
            what = (parts[i], i, flux[i], pieces, work, image)
            total += paint_values(*what) if sampled else paint_means(*what)
    return total


@kernel
def _draw_level(count, parts, flux, slots, level, terms, margin, work, image, fraction) -> None:
    """Draw the objects of a level: canvas, cores, convolution."""
    rows, columns = image.shape
    high, wide = rows + 2 * margin, columns + 2 * margin
    planes = work.planes[: level * level * high * wide].reshape(level * level, high, wide)
    used = False
    for k in range(count):
        if level == level_of(parts[k], flux[k], work.sigma[0], HIGHEST):
            if not used:
                start_level(planes, level, rows, columns, margin, terms, work)
                used = True
            arm = work.pieces[slots[k], : int(parts[k, ARMS, PIECES])]
            fraction[k] += paint_canvas(parts[k], flux[k], arm, level, margin, terms, work, planes)
            fraction[k] += paint_core(parts[k], flux[k], level, terms, work, image)
    if used:
        finish_level(planes, level, margin, terms, work, image)


@kernel
def start_level(planes, level, rows, columns, margin, terms, work) -> None:
    """Empty the canvas; fill in how much of the light of its points falls in the frame."""
    flat = planes.reshape(-1)
    for i in range(flat.size):
        flat[i] = _ZERO
    for g in range(terms):
        set_views(work.view_x[g], work.below, level, columns, margin, work.sigma[g])
        set_views(work.view_y[g], work.below, level, rows, margin, work.sigma[g])


@kernel
def finish_level(planes, level, margin, terms, work, image) -> None:
    """Add the canvas, under the PSF, to the image."""
    rows, wide = image.shape[0], planes.shape[2]
    half_done = work.half_done[: rows * wide].reshape(rows, wide)
    done = work.z[: rows * wide].reshape(rows, wide)
    for g in range(terms):
        spread = (work.sigma[g], work.weight[g], half_done, done, work.taps, work.below)
        add_convolved(planes, level, margin, *spread, image)
