"""How many objects a detector sees: peaks of a matched filter above the noise."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.base import Estimates
from deepbench_hf.metrics.baselines.light import NOTHING, electrons, variance
from deepbench_hf.metrics.baselines.templates import span
from deepbench_hf.recipe.recipe import Recipe

SIGNIFICANT, REACH = 5.0, 2.0
"""Standard deviations of a peak, and the radius of the filter in widths of its Gaussian."""

Array = NDArray[np.float64]


def counted_peaks(recipe: Recipe, rows: Columns) -> Estimates:
    """Local maxima of the filtered image above 5 sigma of its noise.

    The filter is a Gaussian as wide as the middle one of the recipe's point-spread functions,
    lowered so that its sum is 0 and even light counts for nothing. Close objects are one, and a
    galaxy with arms may be several.

    Source: P. B. Stetson, DAOPHOT, PASP 99 (1987) 191, section III A.
    """
    image = electrons(recipe, rows).astype(np.float64)
    kernel = _lowered(sum(span(recipe, "psf_fwhm_px")) / 2)
    noise = _filtered(variance(recipe, rows, image), kernel * kernel)
    seen = _filtered(image, kernel) / np.sqrt(np.maximum(noise, NOTHING))
    count = (_peaks(seen) & (seen > SIGNIFICANT)).sum(axis=(1, 2))
    return count.astype(np.float64), None


def _lowered(fwhm: float) -> Array:
    """The filter, an odd number of pixels wide."""
    reach = int(np.ceil(REACH * fwhm))
    along = np.arange(-reach, reach + 1)
    square = along[:, None] ** 2 + along**2
    inside = square <= (REACH * fwhm) ** 2
    gaussian = np.exp(-4 * np.log(2) * square / fwhm**2) * inside
    return gaussian - inside * (gaussian.sum() / inside.sum())


def _filtered(images: Array, kernel: Array) -> Array:
    """The images filtered by a symmetric kernel, dark beyond the frame."""
    reach, size = len(kernel) // 2, [side + len(kernel) - 1 for side in images.shape[1:]]
    whole = np.fft.irfft2(np.fft.rfft2(images, size) * np.fft.rfft2(kernel, size), size)
    return whole[:, reach : size[0] - reach, reach : size[1] - reach]


def _peaks(images: Array) -> NDArray[np.bool_]:
    """Where a pixel is above its eight neighbours."""
    height, width = images.shape[1:]
    wide = np.pad(images, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    about = [(y, x) for y in range(3) for x in range(3) if (y, x) != (1, 1)]
    neighbours = (wide[:, y : y + height, x : x + width] for y, x in about)
    return np.logical_and.reduce([images > other for other in neighbours])
