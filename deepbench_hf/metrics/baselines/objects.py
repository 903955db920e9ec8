"""Objects in an image: how bright they are in all, which class the one is, how many there are.

The class is that of the template which fits best. A template t has the amplitude
a = sum w t d / sum w t^2 in an image d whose pixels have the variances 1 / w, and lowers its chi
square by a^2 sum w t^2: the square of

    r = sum w t d / sqrt(sum w t^2)

A coarse search over all shifts by the Fourier transform finds the object with a few templates; all
of them are tried there and a step to each side.

Source: G. L. Turin, An introduction to matched filters, IRE Transactions on Information Theory 6
(1960) 311.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines import templates
from deepbench_hf.metrics.estimates import Prediction
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe

DETECTED = ("image", "exposure_s", "sky_e_s_px", "read_noise_e", "gain_e_adu")
"""An image of a detector, and what its noise depends on."""

DRAWN, NOTHING = 1e-3, 1e-30
"""How well images are drawn, over the brightest pixel; and a variance that is none."""

TEMPLATES, FEW = 2000, 110
"""Templates that are tried for a class, and those of them that find the object."""

SIGNIFICANT, REACH = 5.0, 2.0
"""Standard deviations of a peak, and the radius of the filter in widths of its Gaussian."""


def sum_of_pixels(recipe: Recipe, rows: Columns) -> Prediction:
    """The sum of an image; each pixel has the same noise."""
    image = rows["image"].astype(np.float64)
    sigma = rows["image_noise_sigma"] * np.sqrt(image[0].size)
    return image.sum((1, 2)), np.maximum(sigma, 1e-12)


def counted_light(recipe: Recipe, rows: Columns) -> Prediction:
    """The sum S of an image, and the error of what was counted: (t (S + n B) + n r^2) / t^2."""
    image, time = electrons(recipe, rows).astype(np.float64), rows["exposure_s"]
    total, pixels = image.sum((1, 2)), image[0].size
    counts = time * (np.maximum(total, 0) + pixels * rows["sky_e_s_px"])
    return total, np.sqrt(counts + pixels * rows["read_noise_e"] ** 2) / time


def electrons(recipe: Recipe, rows: Columns) -> NDArray:
    """The image in the unit of the clean one, (n, H, W)."""
    response = np.reshape(measurements(recipe)["image"].response(rows), (-1, 1, 1))
    return (rows["image"] / response).astype(np.float32)


def variance(recipe: Recipe, rows: Columns, image: NDArray) -> NDArray[np.float64]:
    """The variance of the noise on pixels ``(n, h, w)`` that are as bright as ``image``.

    What is drawn counts as noise, too, so that none has the weight of certainty.
    """
    light, noise = np.maximum(image, 0), measurements(recipe)["image"]
    least = (DRAWN * np.abs(image).max(axis=(1, 2), keepdims=True)) ** 2
    return np.maximum(noise.variance(light, rows), least + NOTHING)


def class_of_even(recipe: Recipe, rows: Columns) -> Prediction:
    """The class, from an image whose pixels all have the same noise, or none."""
    bank = templates.template_bank(recipe, TEMPLATES)
    filters = bank.images.reshape(len(bank.images), -1).T
    fits = [part @ filters for part in _parts(bank, rows["image"])]
    return _best(bank, fits), None


def class_of_counted(recipe: Recipe, rows: Columns) -> Prediction:
    """The class, from an image of a detector: bright pixels have more noise."""
    bank = templates.template_bank(recipe, TEMPLATES)
    filters = bank.images.reshape(len(bank.images), -1).T
    squares, fits = filters * filters, []
    for part in _parts(bank, electrons(recipe, rows)):
        weight = (1 / variance(recipe, rows, part[:, None])[:, 0]).astype(np.float32)
        fits.append((weight * part) @ filters / np.sqrt(weight @ squares))
    return _best(bank, fits), None


def _parts(bank: templates.Bank, images: templates.Images) -> list[templates.Images]:
    """The binned images about the object, and a step to each side of it, (n, pixels) each."""
    _, offset = bank.places(images, FEW)
    at, step = offset + np.array(images.shape[1:]) // 2, max(1, bank.factor // 2)
    steps = product((-step, 0, step), repeat=2)
    near = (
        templates.binned(templates.centred(images, at + np.array(one)), bank.factor)
        for one in steps
    )
    return [part.reshape(len(images), -1) for part in near]


def _best(bank: templates.Bank, fits: list[NDArray]) -> NDArray[np.int64]:
    """The class of the template with the largest of all r, each (n, T)."""
    return bank.labels[np.maximum.reduce(fits).argmax(axis=1)]


def counted_peaks(recipe: Recipe, rows: Columns) -> Prediction:
    """Local maxima of the filtered image above 5 sigma of its noise.

    The filter is a Gaussian as wide as the middle one of the recipe's point-spread functions,
    lowered so that its sum is 0 and even light counts for nothing. Close objects are one, and a
    galaxy with arms may be several.

    Source: P. B. Stetson, DAOPHOT, PASP 99 (1987) 191, section III A.
    """
    image = electrons(recipe, rows).astype(np.float64)
    kernel = _lowered(sum(templates.span(recipe, "psf_fwhm_px")) / 2)
    noise = _filtered(variance(recipe, rows, image), kernel**2)
    seen = _filtered(image, kernel) / np.sqrt(np.maximum(noise, NOTHING))
    peaks = (seen == ndimage.maximum_filter(seen, (1, 3, 3))) & (seen > SIGNIFICANT)
    return peaks.sum(axis=(1, 2)).astype(np.float64), None


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
    return signal.fftconvolve(images, kernel[None], mode="same", axes=(1, 2))
