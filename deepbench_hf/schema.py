"""Which columns a recipe's rows have, in order, each with its unit, meaning and role."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from deepbench_hf.noise import Noise
from deepbench_hf.recipe import Recipe
from deepbench_hf.simulators.base import Field, Parameter, unit_suffix, word_of

__all__ = ["Column", "measured_name", "row_bytes", "schema", "sigma_name"]


@dataclass(frozen=True)
class Column:
    """One column of a row.

    Args:
        role: ``index``, ``group``, ``parameter``, ``derived``, ``measured``, ``sigma``,
            ``coordinate``, ``clean``, ``observed`` or ``preview``.
        field: unit, meaning, shape and dtype.
    """

    role: str
    field: Field


@lru_cache
def schema(recipe: Recipe) -> Mapping[str, Column]:
    """The columns of every split of ``recipe``, by name, in the order in which they are stored."""
    kept = ((k, c) for k, c in _columns(recipe) if recipe.clean or c.role != "clean")
    return MappingProxyType(dict(kept))


def row_bytes(recipe: Recipe) -> int:
    """Bytes that one row takes in memory, pictures for viewers left out."""
    return sum(_bytes(column.field) for column in schema(recipe).values())


def measured_name(name: str, target: Parameter | Field) -> str:
    """``length_m`` gives ``length_measured_m``; the series ``x_m`` gives ``x_observed_m``."""
    word = "observed" if isinstance(target, Field) and target.shape else "measured"
    return _tagged(name, word, target.unit, target.unit)


def sigma_name(name: str, noise: Noise, target: Parameter | Field) -> str:
    """``x_m`` gives ``x_noise_sigma_m``; a pure number has no unit."""
    return _tagged(name, "noise_sigma", target.unit, "1" if noise.unitless else target.unit)


def _columns(recipe: Recipe) -> Iterator[tuple[str, Column]]:
    simulator = recipe.simulator
    scalars = {name: field for name, field in simulator.fields.items() if not field.shape}
    series = {name: field for name, field in simulator.fields.items() if field.shape}
    parameters = {name: simulator.parameters[name] for name in recipe.priors}
    index = Field("1", "the example's index in its split", dtype="int64")
    yield "index", Column("index", index)
    for level, group in recipe.levels.items():
        if group.rows != "all":
            meaning = f"index of the {level} that the example belongs to"
            yield f"{level}_index", Column("group", Field("1", meaning, dtype="int64"))
    for name, parameter in parameters.items():
        yield name, Column("parameter", Field(parameter.unit, parameter.meaning))
    for name, field in scalars.items():
        yield name, Column("derived", field)
    for name, target in {**parameters, **scalars}.items():
        yield from _observed(recipe, name, target, "measured")
    for name, field in simulator.coordinates.items():
        yield name, Column("coordinate", field)
    for name, field in series.items():
        yield name, Column("clean", field)
        yield from _observed(recipe, name, field, "observed")


def _observed(
    recipe: Recipe, name: str, target: Parameter | Field, role: str
) -> Iterator[tuple[str, Column]]:
    """The strength of a noise and what it made of ``name``, where the recipe puts noise on it."""
    if name not in recipe.noise:
        return
    noise = recipe.noise[name]
    unit = "1" if noise.unitless else target.unit
    strength = Field(unit, f"strength ({noise.kind}) of the noise on {name}")
    yield sigma_name(name, noise, target), Column("sigma", strength)
    series = isinstance(target, Field) and target.shape
    shape, dtype = (series, "float32") if series else ((), "float64")
    meaning = f"{target.meaning}, with noise"
    yield measured_name(name, target), Column(role, Field(target.unit, meaning, shape, dtype))


def _tagged(name: str, tag: str, unit: str, new_unit: str) -> str:
    return "_".join(filter(None, (word_of(name, unit), tag, unit_suffix(new_unit))))


def _bytes(field: Field) -> int:
    return math.prod(field.shape) * np.dtype(field.dtype).itemsize
