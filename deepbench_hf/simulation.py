"""The clean output for parameters of the user's choice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.catalog import load_recipe
from deepbench_hf.errors import did_you_mean
from deepbench_hf.recipe import Recipe
from deepbench_hf.schema import schema
from deepbench_hf.simulators.base import Columns, Field, check_limits

__all__ = ["simulate"]


def simulate(recipe: Recipe | str | Path, **parameters: Any) -> Columns:
    """The clean output for given parameters: a row's own give that row's output, bit by bit.

    Args:
        recipe: a recipe, or the name or path of one.
        **parameters: scalars or ``(n,)`` arrays, by column name and in its unit; coordinates
            such as ``time_s``, ``(T,)`` or ``(n, T)``, too. A parameter left out takes its
            prior's median, a coordinate the recipe's grid. With all parameters of the recipe
            other columns of a row may be given; they are not used, so that it can be fed back.

    Returns:
        Each output ``(n, ...)``; without the example axis where every parameter is a scalar.

    Raises:
        ValueError: an unknown name, a value outside the model's limits, or unequal lengths.

    >>> from deepbench_hf import simulate
    >>> round(float(simulate("pendulum", length_m=1.0, gravity_m_s2=9.81)["period_s"]), 4)
    2.0061
    """
    recipe = recipe if isinstance(recipe, Recipe) else load_recipe(recipe)
    simulator = recipe.simulator
    accepted = {**simulator.parameters, **simulator.coordinates}
    _refuse_unknown(recipe, parameters.keys(), accepted)
    given = {k: np.asarray(v, dtype=np.float64) for k, v in parameters.items() if k in accepted}
    values = {name: given.get(name, _default(recipe, name)) for name in simulator.parameters}
    n = _length(recipe, {**values, **given}, simulator.coordinates)
    truths = {name: _column(recipe, name, value, n) for name, value in values.items()}
    grid = {
        name: np.ascontiguousarray(np.broadcast_to(given[name], (n or 1, *given[name].shape[-1:])))
        for name in simulator.coordinates
        if name in given
    }
    missing = {} if len(grid) == len(simulator.coordinates) else simulator.locate(**truths)
    fields = simulator(**truths, **{**missing, **grid})
    return fields if n is not None else {name: field[0] for name, field in fields.items()}


def _refuse_unknown(recipe: Recipe, names: Collection[str], accepted: Mapping[str, Any]) -> None:
    """Stop at names that are no inputs, but for the other columns of a whole row."""
    others = [name for name in names if name not in accepted]
    whole_row = others and recipe.priors.keys() <= set(names)
    full = recipe if recipe.clean else recipe.model_copy(update={"clean": True})
    row = {*schema(full), "preview"} if whole_row else set()
    for name in others:
        if name not in row:
            known = did_you_mean(name, accepted)
            raise ValueError(f"{recipe.name}: {name!r} is no input of the model; {known}")


def _default(recipe: Recipe, name: str) -> NDArray:
    if name in recipe.priors:
        return recipe.priors[name].quantile(np.array([0.5]))[0]
    return np.asarray(recipe.simulator.parameters[name].default)


def _length(recipe: Recipe, values: Columns, coordinates: dict[str, Field]) -> int | None:
    """How many examples are asked for; None where every value is a scalar."""
    lengths = {}
    for name, value in values.items():
        extra = value.ndim - (1 if name in coordinates else 0)
        if extra not in (0, 1):
            expected = "(T,) or (n, T)" if name in coordinates else "() or (n,)"
            got = f"{name} has the shape {value.shape}"
            raise ValueError(f"{recipe.name}: {got}; accepted: {expected}")
        if not value.size:
            raise ValueError(f"{recipe.name}: {name} is empty")
        if extra:
            lengths[name] = len(value)
    if len(set(lengths.values())) > 1:
        raise ValueError(f"{recipe.name}: parameters have unequal lengths: {lengths}")
    return next(iter(lengths.values()), None)


def _column(recipe: Recipe, name: str, value: NDArray, n: int | None) -> NDArray:
    check_limits(name, np.atleast_1d(value), recipe.simulator.parameters[name])
    return np.ascontiguousarray(np.broadcast_to(value, (n or 1,)))
