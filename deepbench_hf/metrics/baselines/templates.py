"""Templates, what a recipe's simulator draws without noise, and how they fit images.

Their points are those of a lattice in the uniforms of the priors, so that any recipe has them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.metrics.estimates import Prediction
from deepbench_hf.priors import Constant
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import BLOCK, rows_at
from deepbench_hf.rows.truths import truths

Images = NDArray[np.float32]
Predict = Callable[[Recipe, Columns], Prediction]
"""What a recipe and the columns of its rows make of a target."""


def binned(images: NDArray, factor: int) -> Images:
    """Means over squares of ``factor`` pixels, (n, h, w); what does not fill one is left out."""
    height, width = (side // factor * factor for side in images.shape[1:])
    total = np.zeros((len(images), height // factor, width // factor), np.float32)
    for y, x in np.ndindex(factor, factor):  # faster than a sum over two short axes
        total += images[:, y:height:factor, x:width:factor]
    return total / np.float32(factor * factor)


def centroids(images: NDArray) -> NDArray[np.float64]:
    """Centre of the light along y and x, pixels, (n, 2); the middle where there is none."""
    total = images.sum(axis=(1, 2), dtype=np.float64)
    found = np.empty((len(images), 2))
    for axis, side in enumerate(images.shape[1:]):
        profile = images.sum(axis=2 - axis, dtype=np.float64)
        moment = profile @ np.arange(side)
        found[:, axis] = np.divide(
            moment, total, out=np.full(len(images), side / 2), where=total > 0
        )
    return found


def centred(images: NDArray, at: NDArray) -> Images:
    """The images with pixel ``at`` (n, 2), rounded, moved to the middle; zero beyond the frame."""
    size = images.shape[1:]
    half = [side // 2 for side in size]
    first = np.clip(np.rint(at).astype(int), 0, [2 * reach for reach in half])
    wide = np.pad(images, ((0, 0), *((side, side) for side in half)))
    found = np.empty(images.shape, np.float32)
    for i, (y, x) in enumerate(first):
        found[i] = wide[i, y : y + size[0], x : x + size[1]]
    return found


def normalised(images: Images) -> Images:
    """The images over the root of the sum of their squares."""
    norm = np.sqrt((images * images).sum(axis=(1, 2), keepdims=True))
    return images / np.maximum(norm, np.finfo(np.float32).tiny)


def shifts(images: Images, templates: Images) -> tuple[NDArray, NDArray[np.int64]]:
    """Where each template fits each image best, over all shifts up to half the frame.

        c(d) = sum_r image(r + d) template(r), by the Fourier transform

    Args:
        images: (n, h, w).
        templates: of the same size, (T, h, w).

    Returns:
        The largest c, (T, n), and its d along y and x, pixels, (T, n, 2).

    Source: G. L. Turin, An introduction to matched filters, IRE Trans. Inf. Theory 6 (1960) 311.
    """
    size = [side + side // 2 for side in images.shape[1:]]  # empty borders: nothing comes around
    down, right = (np.r_[0 : side // 2 + 1, -(side // 2) : 0] for side in images.shape[1:])
    spectrum = np.fft.rfft2(images, size)
    best = np.empty((len(templates), len(images)), np.float32)
    at = np.empty((len(templates), len(images)), np.int64)
    for i, template in enumerate(templates):
        filtered = spectrum * np.fft.rfft2(template, size).conj()
        correlation = np.fft.irfft2(filtered, size)[:, down[:, None], right]
        flat = correlation.reshape(len(images), -1)
        at[i] = flat.argmax(axis=1)
        best[i] = np.take_along_axis(flat, at[i][:, None], 1)[:, 0]
    return best, np.stack([down[at // len(right)], right[at % len(right)]], axis=-1)


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


def first_rows(recipe: Recipe, names: Sequence[str], count: int = BLOCK) -> Columns:
    """Columns of the first training rows, from which a baseline may learn."""
    split, part = next(iter(recipe.splits.items()))
    return rows_at(recipe, split, np.arange(min(count, part.size)), names)


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
    sides = recipe.simulator.image_size
    factor = max(1, min(round(max(sides) / COARSE), *sides))
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
