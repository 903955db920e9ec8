"""Which columns a recipe's rows have, in order, each with its unit, meaning and role."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from deepbench_hf.fields import COUNT, OBJECTS, Field, Parameter
from deepbench_hf.noise import Noise, measured_name
from deepbench_hf.noise.base import Target
from deepbench_hf.noise.perturbation import told
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.uncertainty import uncertainty_fields
from deepbench_hf.simulators.base import Simulator


@dataclass(frozen=True)
class Column:
    """One column of a row.

    Args:
        role: ``index``, ``group``, ``parameter``, ``objects``, ``derived``, ``noise``,
            ``measured``, ``coordinate``, ``clean``, ``observed``, ``layer``, ``estimate``,
            ``uncertainty`` or ``preview``.
        field: unit, meaning, shape and dtype.
    """

    role: str
    field: Field


@dataclass(frozen=True)
class Noisy:
    """The noise on one parameter or output of a split.

    Args:
        noise: its model.
        target: what it is on.
        told: the columns that are stored beside what is measured.
        made: the names of all columns that it makes, perturbations included.
    """

    noise: Noise
    target: Target
    told: Mapping[str, Field]
    made: frozenset[str]


@lru_cache
def schema(recipe: Recipe) -> Mapping[str, Column]:
    """The columns of every split of ``recipe``, by name, in the order in which they are stored."""
    columns, simulator = dict(_columns(recipe)), recipe.simulator
    if simulator.needs <= columns.keys():
        columns |= {name: Column("estimate", field) for name, field in simulator.estimates.items()}
        optima = simulator.optima if recipe.uncertainty else {}
        columns |= {name: Column("uncertainty", field) for name, field in optima.items()}
    kept = {k: c for k, c in columns.items() if recipe.clean or c.role != "clean"}
    return MappingProxyType(kept)


def digested(recipe: Recipe) -> list[str]:
    """The columns that digests cover: optional ones, which follow from others, are left out."""
    optional = ("layer", "uncertainty")
    return [name for name, column in schema(recipe).items() if column.role not in optional]


@lru_cache
def row_bytes(recipe: Recipe) -> int:
    """Bytes that one row takes in memory at most, pictures for viewers left out."""
    fields = (column.field for column in schema(recipe).values())
    return sum(math.prod(field.shape) * field.array_dtype.itemsize for field in fields)


def rows_within(recipe: Recipe, limit: int, most: int) -> int:
    """As many rows as fit in ``limit`` bytes: ``most``, halved as often as needed, at least 1."""
    while most > 1 and most * row_bytes(recipe) > limit:
        most //= 2
    return most


@lru_cache(1024)
def clean_name(recipe: Recipe, name: str) -> str:
    """The column of a clean output: where an image has noise, ``image`` is the observed one."""
    is_image = recipe.simulator.fields[name].is_image
    return f"{name}_clean" if is_image and name in recipe.noise else name


@lru_cache
def noisy(recipe: Recipe, split: str) -> Mapping[str, Noisy]:
    """The noise of a split, by what it is on: all blocks of rows ask for the same."""
    part = recipe.splits[split]
    targets, found = part.simulator.targets, {}
    for name, noise in part.noise.items():
        target, fields = targets[name], noise.told(name, targets[name])
        made = {*fields, measured_name(name, target)}
        if name in part.perturbation:
            made |= told(name, noise.observed(target)).keys()
        found[name] = Noisy(noise, target, fields, frozenset(made))
    return MappingProxyType(found)


def _columns(recipe: Recipe) -> Iterator[tuple[str, Column]]:
    simulator: Simulator = recipe.simulator
    outputs = simulator.outputs
    labels = {name: field for name, field in simulator.fields.items() if name not in outputs}
    own = simulator.parameters
    parameters = {name: own[name] for name in recipe.priors if name in own}
    index = Field("1", "the example's index in its split", dtype="int64")
    yield "index", Column("index", index)
    yield from _groups(recipe)
    for name, parameter in parameters.items():
        yield name, Column("parameter", _field(parameter))
    for name, field in labels.items():
        yield name, Column("derived", field)
    for name, target in {**parameters, **labels}.items():
        yield from _observed(recipe, name, target, "measured")
    if simulator.objects:
        yield OBJECTS, Column("objects", _records(recipe))
    for name, field in simulator.coordinates.items():
        yield name, Column("coordinate", field)
        yield from _observed(recipe, name, field, "measured")
    for name, field in outputs.items():
        role = _role(recipe, name)
        yield clean_name(recipe, name), Column(role, field)
        yield from _observed(recipe, name, field, "observed")
    for name, field in simulator.layers.items() if recipe.masks else ():
        yield name, Column("layer", field)
    for name, field in uncertainty_fields(recipe).items() if recipe.uncertainty else ():
        yield name, Column("uncertainty", field)


def _role(recipe: Recipe, name: str) -> str:
    """The role of a clean output: an image without noise is what is seen, unless others have it."""
    images = {n for n, field in recipe.simulator.fields.items() if field.is_image}
    if name not in images or name in recipe.noise:
        return "clean"
    return "derived" if images & recipe.noise.keys() else "observed"


def _groups(recipe: Recipe) -> Iterator[tuple[str, Column]]:
    for level, group in recipe.levels.items():
        if group.rows != "all":
            meaning = f"index of the {level} that the example belongs to"
            yield f"{level}_index", Column("group", Field("1", meaning, dtype="int64"))


def _field(parameter: Parameter) -> Field:
    dtype, names = parameter.dtype, parameter.names
    return Field(parameter.unit, parameter.meaning, dtype=dtype, names=names)


def _records(recipe: Recipe) -> Field:
    """The list of objects: their parameters, then what the simulator tells of each."""
    simulator: Simulator = recipe.simulator
    own = {n: _field(p) for n, p in simulator.objects.items() if n in recipe.priors}
    meaning = f"the objects, {COUNT} of them, in the order in which they are drawn"
    fields = {**own, **simulator.object_fields}
    return Field("1", meaning, (simulator.most_objects,), fields=fields)


def _observed(
    recipe: Recipe, name: str, target: Parameter | Field, role: str
) -> Iterator[tuple[str, Column]]:
    """What noise and perturbation did to ``name``, and what they made of it, where there is any."""
    if name not in recipe.noise:
        return
    noise: Noise = recipe.noise[name]
    for column, field in noise.told(name, target).items():
        yield column, Column("noise", field)
    seen = noise.observed(target)
    for column, field in told(name, seen).items() if name in recipe.perturbation else ():
        yield column, Column("noise", field)
    yield measured_name(name, target), Column(role, seen)
