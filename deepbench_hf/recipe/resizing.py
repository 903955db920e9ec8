"""A recipe at another image size: everything that is measured in pixels is stretched with it."""

import operator
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from deepbench_hf.errors import RecipeError, short
from deepbench_hf.fields import Parameter
from deepbench_hf.model import FrozenDict
from deepbench_hf.priors import Prior
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.base import all_parameters
from deepbench_hf.simulators.images import LARGEST, SMALLEST, Picture

AXES = {"center_x_px": 1, "center_y_px": 0}
"""The side of the image along which a position lies."""

SIDES = sorted(m << k for m in (4, 5, 6, 7) for k in range(11) if m << k <= LARGEST)
"""Sides of images that are tried, pixels, to name some that would do."""


def resized(recipe: Recipe, size: tuple[int, int]) -> Recipe:
    """The recipe with images of another size, and the same picture in them.

    Positions are stretched with their side, lengths with the side that changes least; what is
    counted for each pixel, such as the sky, falls as its area. Fluxes stay.

    Args:
        recipe: of an image family.
        size: height and width, pixels.

    Raises:
        RecipeError: the recipe makes no images, or not of this size.
    """
    if not isinstance(recipe.simulator, Picture):
        raise RecipeError(recipe.name, ["image_size: this recipe makes no images"])
    try:
        parts = {name: _changed(split, size) for name, split in recipe.splits.items()}
        own = _changed(recipe, size)
    except ValueError as error:
        raise RecipeError(recipe.name, [f"image_size: {error}"]) from None
    splits = {n: recipe.splits[n].model_copy(update=change) for n, change in parts.items()}
    changed = recipe.model_copy(update={**own, "splits": FrozenDict(splits)})
    return Recipe.from_mapping(recipe.name, changed.to_mapping())


def _changed(part: Any, size: tuple[int, int]) -> dict[str, Any]:
    """The sections of a recipe or a split that change."""
    simulator: Picture = part.simulator
    ratios = tuple(new / old for new, old in zip(size, simulator.image_size, strict=True))
    parameters = all_parameters(simulator)
    priors = {n: _stretched(n, p, parameters[n], ratios) for n, p in part.priors.items()}
    noise = {name: noise.resized(min(ratios)) for name, noise in part.noise.items()}
    return {
        "simulator": simulator.resized(size),
        "priors": FrozenDict(priors),
        "noise": FrozenDict(noise),
    }


def _stretched(name: str, prior: Prior, parameter: Parameter, ratios: Sequence[float]) -> Prior:
    ratio = min(ratios)
    scales = {"pix": ratio, "arcsec pix-1": 1 / ratio, "electron s-1 pix-1": 1 / (ratio * ratio)}
    scale, shift = scales.get(parameter.unit), 0.0
    if name in AXES:
        scale = ratios[AXES[name]]
        shift = 0.5 * scale - 0.5  # the left edge is at -1/2
    try:
        return prior if scale is None else prior.stretched(scale, shift)
    except ValueError as error:
        told = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise ValueError(f"priors.{name}: {told.removeprefix('Value error, ')}") from None


def at_size(recipe: Recipe, size: Any) -> Recipe:
    """As `resized`, of a side or (height, width); an error names sizes that would do."""
    sides = _sides(recipe.name, size)
    try:
        return resized(recipe, sides)
    except RecipeError as error:
        if not isinstance(recipe.simulator, Picture):
            raise
        good = []
        for side in SIDES:
            with suppress(RecipeError):
                resized(recipe, (side, side))
                good.append(side)
        near = sorted(sorted(good, key=lambda side: abs(side - max(sides)))[:3])
        hint = [f"image_size: {', '.join(map(str, near))} pixels would do"] if near else []
        raise RecipeError(recipe.name, [*error.problems, *hint]) from None


def _sides(name: str, size: Any) -> tuple[int, int]:
    """Height and width; one number stands for both."""
    sides = [plain(side) for side in (size if isinstance(size, (tuple, list)) else (size, size))]
    low, high = SMALLEST, LARGEST
    good = len(sides) == 2 and all(type(n) is int and low <= n <= high for n in sides)
    if not good:
        accepted = f"a side or (height, width), each {low} to {high} pixels"
        raise RecipeError(name, [f"image_size: must be {accepted}; got {short(size)}"])
    return sides[0], sides[1]


def plain(value: Any) -> Any:
    """NumPy's whole numbers and truth values as Python's, so that both name one cache."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    try:
        return operator.index(value)
    except TypeError:
        return value
