"""The clean output for parameters of the user's choice."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import COUNT, OBJECTS, Columns, Field, Parameter, absences, of_role
from deepbench_hf.priors import Prior
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.truths import listed, records, truths, with_fields
from deepbench_hf.simulators.base import Layered, Scene, Simulator, call_inputs
from deepbench_hf.simulators.inputs import check, check_limits, check_together, numbers


def simulate(recipe: Recipe | str | Path, **parameters: Any) -> Columns:
    """The clean output for given parameters: a row's own give that row's output, bit for bit.

    Args:
        recipe: a recipe, or the name or path of one.
        **parameters: scalars or ``(n,)`` arrays, by column name and in its unit; a class by its
            name or number; coordinates such as ``time_s``, ``(T,)`` or ``(n, T)``, too. Scenes
            take ``objects``: a list of dicts, one such list for each example, or the records of
            `generate`. A parameter left out takes its prior's median (a release angle the
            upper quartile, as a pendulum that hangs still shows nothing), a coordinate the
            recipe's grid. With all parameters of the recipe other columns of a row may be given;
            they are not used, so that it can be fed back.

    Returns:
        Each output ``(n, ...)``; without the example axis where every parameter is a scalar.

    Raises:
        ValueError: an unknown name, a value outside the model's limits, or unequal lengths.

    >>> from deepbench_hf import simulate
    >>> round(float(simulate("pendulum", length_m=1.0, gravity_m_s2=9.81)["period_s"]), 4)
    2.0863
    >>> round(float(simulate("shapes", label="square", radius_px=5, style="filled")["area_px2"]), 4)
    50.0
    """
    recipe = as_recipe(recipe)
    rows, n = model_inputs(recipe, parameters)
    fields = recipe.simulator(**rows)
    if OBJECTS in fields:
        fields[OBJECTS] = with_fields(rows[OBJECTS], fields[OBJECTS], rows[COUNT])
    return fields if n is not None else {name: field[0] for name, field in fields.items()}


def model_inputs(recipe: Recipe, parameters: Mapping[str, Any]) -> tuple[Columns, int | None]:
    """All inputs of the model, as `simulate` takes them, and the number of examples.

    Raises:
        ValueError: as `simulate`.
    """
    simulator: Simulator = recipe.simulator
    _refuse_unknown(recipe, parameters.keys())
    try:
        given, n = _given(simulator, parameters)
        inputs = _completed(recipe, given, n or 1)
        check(simulator, inputs)
        check_together(simulator, inputs)
    except ValueError as error:
        raise ValueError(f"{recipe.name}: {error}") from None
    return inputs, n


def _refuse_unknown(recipe: Recipe, names: Collection[str]) -> None:
    """Stop at names that are no inputs, but for the other columns of a whole row."""
    accepted = call_inputs(recipe.simulator)
    others = [name for name in names if name not in accepted]
    own = {name for name in recipe.priors if name in recipe.simulator.parameters}
    masks = isinstance(recipe.simulator, Layered)
    full = recipe.model_copy(update={"clean": True, "masks": masks, "uncertainty": True})
    row = {*schema(full), "preview"} if others and own <= set(names) else set()
    for name in others:
        if name not in row:
            known = did_you_mean(name, sorted(accepted))
            raise ValueError(f"{recipe.name}: {name!r} is no input of the model; {known}")


def _given(simulator: Simulator, parameters: Mapping[str, Any]) -> tuple[Columns, int | None]:
    """The inputs as columns with an example axis, and the length of that; None for scalars only."""
    coordinates = of_role(simulator.columns, "coordinate")
    known = {**simulator.parameters, **coordinates}
    values, single, objects = {k: v for k, v in parameters.items() if k in known}, True, {}
    if isinstance(simulator, Scene) and OBJECTS in parameters:
        scenes, single = listed(parameters[OBJECTS], values.get(COUNT), simulator)
        counts = np.array([len(scene) for scene in scenes])
        values[COUNT] = counts[0] if single else counts
        everyone = [one for scene in scenes for one in scene]
        own = {name: p for name, p in simulator.objects.items() if name in scenes[0][0]}
        objects = {
            name: _numbers(name, [one[name] for one in everyone], parameter)
            for name, parameter in own.items()
        }
        objects = _without_nulls(objects, simulator.objects)
    arrays = {name: _numbers(name, value, known[name]) for name, value in values.items()}
    n = _length(coordinates, arrays)
    for name, array in arrays.items():
        shape = (n or 1, *array.shape[-1:]) if name in coordinates else (n or 1,)
        arrays[name] = np.ascontiguousarray(np.broadcast_to(array, shape))
    return {**_without_nulls(arrays, known), **objects}, n


def _numbers(name: str, value: Any, target: Parameter | Field) -> NDArray[np.float64]:
    """What a user gives as numbers, NaN for null where some examples have no such parameter."""
    if target.only and value is None:
        value = np.nan
    elif target.only and isinstance(value, (list, tuple)):
        value = [np.nan if one is None else one for one in value]
    return numbers(name, value, target)


def _without_nulls(given: Columns, known: Mapping[str, Parameter | Field]) -> Columns:
    """The numbers with what the model takes for null.

    Raises:
        ValueError: a parameter is null where the example has it.
    """
    filled = dict(given)
    for name in [name for name in given if known[name].only]:
        filled[name] = np.where(np.isnan(given[name]), known[name].absent, given[name])
    for name, values in filled.items():
        if np.any(np.isnan(given[name]) & ~np.isnan(values) & ~absences(name, known, filled)):
            raise ValueError(f"{name} is missing; only classes that do not have it may lack it")
    return filled


def _length(coordinates: Collection[str], values: Columns) -> int | None:
    """How many examples are asked for; None where every value is a scalar."""
    lengths = {}
    for name, value in values.items():
        located = name in coordinates
        if value.ndim - located not in (0, 1):
            expected = "(T,) or (n, T)" if located else "() or (n,)"
            raise ValueError(f"{name} has the shape {value.shape}; accepted: {expected}")
        if not value.size:
            raise ValueError(f"{name} is empty")
        if value.ndim > located:
            lengths[name] = len(value)
    if len(set(lengths.values())) > 1:
        raise ValueError(f"parameters have unequal lengths: {lengths}")
    return next(iter(lengths.values()), None)


def _completed(recipe: Recipe, given: Columns, n: int) -> Columns:
    """All inputs of ``n`` examples: the given ones, usual values, defaults and the grid else."""
    simulator: Simulator = recipe.simulator
    rows = _known(simulator.parameters, recipe, given, n)
    for name, parameter in simulator.parameters.items():
        if parameter.default is not None:
            rows.setdefault(name, np.full(n, float(parameter.default)))
    coordinates = of_role(simulator.columns, "coordinate").keys()
    located = {name: given[name] for name in coordinates & given.keys()}
    if len(located) < len(coordinates):
        located = simulator.locate(**rows) | located
    if isinstance(simulator, Scene):
        own = _known(simulator.objects, recipe, given, int(np.add.reduce(rows[COUNT])))
        rows[OBJECTS] = records(simulator, own, rows[COUNT])
    return {name: np.ascontiguousarray(values) for name, values in {**rows, **located}.items()}


def _known(parameters: Mapping[str, Parameter], recipe: Recipe, given: Columns, n: int) -> Columns:
    """The given parameters ``(n,)``, and usual values of those that have a prior."""
    known = {name: values for name, values in given.items() if name in parameters}
    for name, values in known.items():
        check_limits(name, values, parameters[name])

    def usual(name: str, prior: Prior) -> NDArray[np.float64]:
        own = parameters[name].usual
        return np.full(n, prior.middle if own is None else own)

    found = truths(parameters, recipe.priors, usual, known)
    rest = {k: v.astype(parameters[k].dtype) for k, v in known.items() if k not in found}
    return {**found, **rest}
