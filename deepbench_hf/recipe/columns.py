"""Which columns a recipe's rows have, with unit, meaning and role; what notebooks show of it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from types import MappingProxyType

from deepbench_hf.fields import COUNT, OBJECTS, Field, Parameter, of_role
from deepbench_hf.markup import folded
from deepbench_hf.recipe.plan import Plan
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.steps import Bounds, Estimate, Infer, Perturb, Separate
from deepbench_hf.simulators.base import Scene, all_parameters, clean_fields, objects_of


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


@lru_cache
def schema(recipe: Recipe) -> Mapping[str, Column]:
    """The columns of every split of ``recipe``, by name, in the order in which they are stored."""
    columns = dict(_columns(recipe))
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


def any_plan(recipe: Recipe) -> Plan:
    """The plan of a split: all of them have the same columns."""
    return recipe.plan(next(iter(recipe.splits)))


def rows_within(recipe: Recipe, limit: int, most: int) -> int:
    """As many rows as fit in ``limit`` bytes: ``most``, halved as often as needed, at least 1."""
    while most > 1 and most * row_bytes(recipe) > limit:
        most //= 2
    return most


def _columns(recipe: Recipe) -> Iterator[tuple[str, Column]]:
    simulator, plan = recipe.simulator, any_plan(recipe)
    index = Field("1", "the example's index in its split", dtype="int64")
    yield "index", Column("index", index)
    if recipe.posterior is not None:
        yield from _posterior(plan)
        return
    labels = of_role(simulator.columns, "label")
    own = simulator.parameters
    parameters = {name: own[name] for name in recipe.priors if name in own}
    for level, group in recipe.levels.items():
        if group.rows != "all":
            meaning = f"index of the {level} that the example belongs to"
            yield f"{level}_index", Column("group", Field("1", meaning, dtype="int64"))
    for name, parameter in parameters.items():
        yield name, Column("parameter", _field(parameter))
    for name, field in labels.items():
        yield name, Column("derived", field)
    for name in (*parameters, *labels):
        yield from _measured(plan, name, "measured")
    if objects_of(simulator):
        yield OBJECTS, Column("objects", _records(recipe, simulator))
    for name, field in of_role(simulator.columns, "coordinate").items():
        yield name, Column("coordinate", field)
        yield from _measured(plan, name, "measured")
    for name, field in of_role(simulator.columns, "output").items():
        yield plan.clean[name], Column(_role(recipe, name), field)
        yield from _measured(plan, name, "observed")
    for step in plan.of(Separate):
        yield from ((name, Column("layer", field)) for name, field in step.columns.items())
    for step in plan.of(Bounds):
        yield from ((name, Column("uncertainty", field)) for name, field in step.columns.items())
    for step in plan.of(Estimate):
        for name, field in step.columns.items():
            yield name, Column("estimate" if field.role == "estimate" else "uncertainty", field)


def _posterior(plan: Plan) -> Iterator[tuple[str, Column]]:
    """Draws, true parameters and diagnostics."""
    (step,) = plan.of(Infer)
    for name, field in step.columns.items():
        yield name, Column("parameter" if name.endswith("_truth") else "estimate", field)


def _role(recipe: Recipe, name: str) -> str:
    """The role of a clean output: an image without noise is what is seen, unless others have it."""
    images = {n for n, field in clean_fields(recipe.simulator).items() if field.is_image}
    if name not in images or name in recipe.noise:
        return "clean"
    return "derived" if images & recipe.noise.keys() else "observed"


def _field(parameter: Parameter) -> Field:
    return Field(
        parameter.unit, parameter.meaning, dtype=parameter.dtype, names=parameter.names,
        only=parameter.only, absent=parameter.absent,
    )  # fmt: skip


def _records(recipe: Recipe, simulator: Scene) -> Field:
    """The list of objects: their parameters, then what the simulator finds of each."""
    own = {n: _field(p) for n, p in simulator.objects.items() if n in recipe.priors}
    meaning = f"the objects, {COUNT} of them, in the order in which they are drawn"
    fields = {**own, **simulator.object_fields}
    return Field("1", meaning, (simulator.most_objects,), fields=fields)


def _measured(plan: Plan, name: str, role: str) -> Iterator[tuple[str, Column]]:
    """What noise and perturbation did to ``name``, and what they made of it, where there is any."""
    one = plan.measurements.get(name)
    if one is None:
        return
    done = {step.measurement.name: step.columns for step in plan.of(Perturb)}
    for column, field in {**one.columns, **done.get(name, {})}.items():
        yield column, Column("noise", field)
    yield one.column, Column(role, one.field)


def html(recipe: Recipe) -> str:
    """A heading, the description, and three tables that open on a click; all text is escaped.

    >>> from deepbench_hf import load_recipe
    >>> html(load_recipe("pendulum")).splitlines()[0]
    '<h4>pendulum 1.0.0</h4>'
    """
    known = all_parameters(recipe.simulator)
    parameters = [
        (name, one.unit, prior.kind, *map("{:g}".format, prior.support), one.meaning)
        for name, prior in recipe.priors.items()
        if (one := known.get(name))
    ]
    splits = [(name, split.size) for name, split in recipe.splits.items()]
    columns = [
        (name, column.role, column.field.unit, column.field.type_name, column.field.shape or "")
        for name, column in schema(recipe).items()
    ]
    head = f"<h4>{escape(recipe.name)} {recipe.version}</h4>\n<p>{escape(recipe.description)}</p>"
    tables = [
        folded("parameters", ("name", "unit", "prior", "low", "high", "meaning"), parameters),
        folded("splits", ("name", "rows"), splits),
        folded("columns", ("name", "role", "unit", "type", "shape"), columns),
    ]
    return "\n".join([head, *tables])
