"""A recipe at another image size: everything that is measured in pixels is stretched with it."""

from collections.abc import Sequence
from typing import Any

from deepbench_hf.errors import RecipeError
from deepbench_hf.fields import Parameter
from deepbench_hf.model import FrozenDict
from deepbench_hf.priors import Prior
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.base import all_parameters
from deepbench_hf.simulators.images import Picture

AXES = {"center_x_px": 1, "center_y_px": 0}
"""The side of the image along which a position lies."""


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
    parts = {name: _changed(split, size) for name, split in recipe.splits.items()}
    splits = {n: recipe.splits[n].model_copy(update=change) for n, change in parts.items()}
    changed = recipe.model_copy(update={**_changed(recipe, size), "splits": FrozenDict(splits)})
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
    if name in AXES:
        ratio = ratios[AXES[name]]
        return prior.stretched(ratio, 0.5 * ratio - 0.5)  # the left edge is at -1/2
    ratio = min(ratios)
    scales = {"pix": ratio, "arcsec pix-1": 1 / ratio, "electron s-1 pix-1": 1 / (ratio * ratio)}
    scale = scales.get(parameter.unit)
    return prior if scale is None else prior.stretched(scale, 0.0)
