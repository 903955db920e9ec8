"""Templates: what a recipe's simulator draws, without noise, all over the priors of its training.

The points are those of a lattice in the uniforms of the priors, so that any recipe has them.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.correlation import (
    Images,
    binned,
    centred,
    centroids,
    normalised,
    shifts,
)
from deepbench_hf.priors import Constant
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.truths import truths

CHUNK = 64
"""Images that are drawn at once: memory holds those, and the small ones."""

COARSE = 32
"""Pixels along an image as templates see it."""

PLACE = "center_"


class Bank(NamedTuple):
    """Templates of a recipe.

    Args:
        labels: number of the class of each, (T,); zero where there is none.
        uniforms: the point of each, by the parameters that differ, (T,).
        images: binned, the centroid in the middle, of unit norm, (T, h, w).
        factor: how many pixels of the recipe are a pixel of theirs.
    """

    labels: NDArray[np.int64]
    uniforms: Columns
    images: Images
    factor: int

    def places(self, images: Images, count: int) -> tuple[NDArray[np.int64], NDArray]:
        """The best of the first ``count`` templates, and how far the image is off the middle.

        Args:
            images: as they are observed, (n, H, W).
            count: how many templates are tried.

        Returns:
            Numbers of templates, (n,); offsets in pixels of the images along y and x, (n, 2).
        """
        score, offset = shifts(binned(images, self.factor), self.images[:count])
        best = score.argmax(axis=0)
        return best, offset[best, np.arange(len(images))] * self.factor


def lattice(count: int, dimensions: int) -> NDArray[np.float64]:
    """Points that fill the unit cube evenly, ``(count, dimensions)``.

        u_ij = frac(1/2 + i / g^j),  g^(d + 1) = g + 1

    Source: Kronecker's sequence with the steps of M. Roberts, The unreasonable effectiveness of
    quasirandom sequences (2018).

    >>> lattice(3, 1).round(3).ravel()
    array([0.5  , 0.118, 0.736])
    """
    g = 1.5
    for _ in range(64):
        g = (1 + g) ** (1 / (dimensions + 1))
    return (0.5 + np.outer(np.arange(count), g ** -np.arange(1.0, dimensions + 1))) % 1


def varied(recipe: Recipe, *known: str) -> list[str]:
    """The parameters that differ between rows, but for the class, the place and ``known``."""
    without = {"label", *known}
    return [
        name
        for name, prior in recipe.priors.items()
        if name in recipe.simulator.parameters
        and not (isinstance(prior, Constant) or name in without or name.startswith(PLACE))
    ]


def span(recipe: Recipe, name: str) -> tuple[float, float]:
    """The least and the largest value of a parameter: twice its default where it has no prior."""
    if name in recipe.priors:
        return recipe.priors[name].support
    default = recipe.simulator.parameters[name].default
    assert default is not None  # else a recipe needs a prior
    return default, default


def middle(recipe: Recipe) -> dict[str, float]:
    """The place in the middle of the frame, by the names of the recipe's parameters."""
    height, width = recipe.simulator.image_size
    place = {"center_x_px": (width - 1) / 2, "center_y_px": (height - 1) / 2}
    place |= {"center_x_arcsec": 0.0, "center_y_arcsec": 0.0}
    return {name: at for name, at in place.items() if name in recipe.priors}


def drawn(recipe: Recipe, uniforms: Columns, given: Mapping[str, NDArray]) -> Columns:
    """The inputs of the simulator at points of the priors, and where they are given, ``(n,)``."""
    n = len(next(iter({**uniforms, **given}.values())))
    half = np.full(n, 0.5)
    parameters = recipe.simulator.parameters
    known = {name: values for name, values in given.items() if name in recipe.priors}
    return truths(parameters, recipe.priors, lambda name, _: uniforms.get(name, half), known)


@lru_cache(8)
def template_bank(recipe: Recipe, count: int) -> Bank:
    """About ``count`` templates, as many of each class of the recipe."""
    names, classes = varied(recipe), _classes(recipe)
    each = -(-count // len(classes))
    points = np.repeat(lattice(each, len(names)), len(classes), axis=0)
    labels = np.tile(classes, each)
    uniforms = dict(zip(names, np.ascontiguousarray(points.T), strict=True))
    factor = max(1, round(max(recipe.simulator.image_size) / COARSE))
    images = np.concatenate(list(_drawings(recipe, labels, uniforms, factor)))
    return Bank(labels, uniforms, images, factor)


def _classes(recipe: Recipe) -> NDArray[np.int64]:
    """The numbers of the classes that the recipe draws."""
    if "label" not in recipe.priors:
        return np.zeros(1, np.int64)
    spread = {"label": (np.arange(1000) + 0.5) / 1000}
    return np.unique(drawn(recipe, spread, {})["label"])


def _drawings(recipe: Recipe, labels: NDArray, uniforms: Columns, factor: int) -> Iterator[Images]:
    for start in range(0, len(labels), CHUNK):
        part = slice(start, start + CHUNK)
        own = labels[part]
        place = {name: np.full(len(own), at) for name, at in middle(recipe).items()}
        inputs = drawn(recipe, {k: v[part] for k, v in uniforms.items()}, {**place, "label": own})
        images = recipe.simulator(**inputs)["image"]
        yield normalised(binned(centred(images, centroids(images)), factor))
