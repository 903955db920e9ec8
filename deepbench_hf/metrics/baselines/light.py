"""How bright an image is in all: the sum of its pixels; and what a detector makes of light."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.base import Estimates
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe

DETECTED = ("image", "exposure_s", "sky_e_s_px", "read_noise_e", "gain_e_adu")
"""An image of a detector, and what its noise depends on."""

DRAWN, NOTHING = 1e-3, 1e-30
"""How well images are drawn, over the brightest pixel; and a variance that is none."""


def sum_of_pixels(recipe: Recipe, rows: Columns) -> Estimates:
    """The sum of an image; each pixel has the same noise."""
    image = rows["image"].astype(np.float64)
    sigma = rows["image_noise_sigma"] * np.sqrt(image[0].size)
    return image.sum((1, 2)), np.maximum(sigma, 1e-12)


def counted_light(recipe: Recipe, rows: Columns) -> Estimates:
    """The sum S of an image, and the error of what was counted: (t (S + n B) + n r^2) / t^2."""
    image, time = electrons(recipe, rows).astype(np.float64), rows["exposure_s"]
    total, pixels = image.sum((1, 2)), image[0].size
    counts = time * (np.maximum(total, 0) + pixels * rows["sky_e_s_px"])
    return total, np.sqrt(counts + pixels * rows["read_noise_e"] ** 2) / time


def electrons(recipe: Recipe, rows: Columns) -> NDArray:
    """The image in the unit of the clean one, (n, H, W)."""
    response = np.reshape(recipe.noise["image"].response(rows), (-1, 1, 1))
    return (rows["image"] / response).astype(np.float32)


def variance(recipe: Recipe, rows: Columns, image: NDArray) -> NDArray[np.float64]:
    """The variance of the noise on pixels ``(n, h, w)`` that are as bright as ``image``.

    What is drawn counts as noise, too, so that none has the weight of certainty.
    """
    light = np.maximum(image, 0)
    least = (DRAWN * np.abs(image).max(axis=(1, 2), keepdims=True)) ** 2
    return np.maximum(measurements(recipe)["image"].variance(light, rows), least + NOTHING)
