"""The heart: rows of a split as a pure function of (recipe, split, indices)."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import beyond, whole
from deepbench_hf.exact.draws import uniform_rows, uniforms, uniforms_of_keys
from deepbench_hf.fields import COUNT, OBJECTS, Columns, places
from deepbench_hf.noise.perturbation import perturb
from deepbench_hf.priors import Constant, Grid, InTurn, Prior
from deepbench_hf.recipe import steps
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.plan import Plan
from deepbench_hf.recipe.recipe import Recipe, split_of
from deepbench_hf.recipe.steps import Names, Stream
from deepbench_hf.rows.memory import keep_memory
from deepbench_hf.rows.truths import records, replaced, truths, with_fields
from deepbench_hf.rows.uncertainty import uncertainties

BLOCK = 256
"""Consecutive examples that are made, digested and stored together."""

Indices = NDArray[np.int64]


def generate(
    recipe: Recipe | str | Path, split: str, start: int = 0, stop: int | None = None
) -> Columns:
    """Rows ``start`` to ``stop`` of a split, as arrays; the same bits on any machine.

    A row does not depend on the range in which it is made. ``deepbench-hf info NAME`` explains
    the columns; `stream` makes some of them only, in batches.

    Args:
        recipe: what to make: a recipe, its name or its file.
        split: which split of it.
        start: first example.
        stop: one past the last example; None for the end of the split.

    Returns:
        One array ``(stop - start, ...)`` for each column of `deepbench_hf.recipe.columns.schema`,
        in its order.

    Raises:
        RecipeError: there is no such recipe.
        KeyError: no such split.
        IndexError: the range leaves the split.
        TypeError: start or stop is no whole number.

    >>> from deepbench_hf import generate
    >>> rows = generate("pendulum_noisy", "train", 0, 3)
    >>> rows["x_observed_m"].shape, rows["x_observed_m"].dtype
    ((3, 100), dtype('float32'))
    """
    recipe = as_recipe(recipe)
    part = split_of(recipe, split)
    start, stop = whole("start", start), whole("stop", part.size if stop is None else stop)
    if not 0 <= start <= stop <= part.size:
        raise IndexError(beyond(split, part.size, f"rows {start} to {stop}"))
    return rows_at(recipe, split, np.arange(start, stop, dtype=np.int64))


def rows_at(
    recipe: Recipe,
    split: str,
    indices: Indices,
    columns: Iterable[str] | None = None,
    given: Columns | None = None,
) -> Columns:
    """Rows of a split anywhere in it, the bits that `generate` gives there.

    Args:
        recipe: what to make.
        split: which split of it.
        indices: which examples, ``(n,)`` int64 in any order.
        columns: those that are wanted; None for all. Noise that none of them needs is not made.
        given: parameters ``(n,)`` in place of the rows' own; the noise stays that of the rows.

    Returns:
        One array ``(n, ...)`` for each column, in the order of `recipe.columns.schema`.

    Raises:
        KeyError: no such split.
        IndexError: an index leaves the split.
    """
    part = split_of(recipe, split)
    if len(indices) and not 0 <= indices.min() <= indices.max() < part.size:
        wrong = indices[(indices < 0) | (indices >= part.size)][0]
        raise IndexError(beyond(split, part.size, f"row {wrong}"))
    keep_memory()
    wanted = set(schema(recipe) if columns is None else columns)
    rows = _made(recipe.plan(split), indices, wanted, given)
    return {name: rows[name] for name in schema(recipe) if name in wanted}


def _made(
    plan: Plan, indices: Indices, wanted: Iterable[str], given: Columns | None = None
) -> Columns:
    """Some columns of rows, and those that they are made from."""
    rows = {"index": indices}
    for step, used in plan.needed(wanted):
        rows |= RUN[type(step)](plan, step, rows, used)
        if given and isinstance(step, steps.Truths):
            rows |= replaced(plan.simulator, rows, given)
    return rows


def _truths(plan: Plan, step: steps.Truths, rows: Columns, used: Names) -> Columns:
    simulator: Any = plan.simulator
    indices = rows["index"]
    found = truths(simulator.parameters, plan.priors, _uniform(step, simulator.parameters, indices))
    coordinates = simulator.locate(**found)
    if OBJECTS in step.makes:
        count = found[COUNT]
        uniform = _uniform(step, simulator.objects, indices, count)
        own = truths(simulator.objects, plan.priors, uniform)
        found[OBJECTS] = records(simulator, own, count)
    groups = {name: indices // members for name, members in step.groups.items()}
    return {**groups, **found, **coordinates}


def _uniform(
    step: steps.Truths,
    names: Iterable[str],
    indices: Indices,
    count: NDArray[np.int64] | None = None,
) -> Callable[[str, Prior], NDArray[np.float64]]:
    """The draws of the examples, or of all their objects: an object's number is its word block.

    Those of the parameters ``names`` that are drawn for every row are made together.
    """
    rows, numbers = (..., None) if count is None else places(count)
    plain = [name for name in names if name in step.streams and step.streams[name].rows == 1]
    keys = [step.streams[name].key for name in plain]
    drawn = dict(zip(plain, uniforms_of_keys(keys, indices[rows], numbers), strict=True))

    def uniform(name: str, prior: Prior) -> NDArray[np.float64]:
        if isinstance(prior, Grid):
            return prior.uniforms(indices // step.strides[name])
        if isinstance(prior, InTurn) and numbers is not None:
            return prior.uniforms(numbers)
        if name in drawn:
            return drawn[name]
        stream = step.streams[name]
        return uniforms_of_keys([stream.key], stream.draws(indices)[rows], numbers)[0]

    return uniform


def _simulate(plan: Plan, step: steps.Simulate, rows: Columns, used: Names) -> Columns:
    found = plan.simulator(**_inputs(plan, rows))
    more = {}
    if OBJECTS in found:
        more[OBJECTS] = with_fields(rows[OBJECTS], found.pop(OBJECTS), rows[COUNT])
    return {step.clean[name]: values for name, values in found.items()} | more


def _inputs(plan: Plan, rows: Columns) -> Columns:
    return {name: rows[name] for name in rows.keys() & plan.inputs}


def _measure(plan: Plan, step: steps.Measure, rows: Columns, used: Names) -> Columns:
    """The settings of a noise and what is measured, over true values that nobody uses later."""
    indices, one = rows["index"], step.measurement
    drawn = one.divided(drawn_settings(step, indices), rows)
    streams = [(stream.key, stream.draws(indices)) for stream in step.streams]
    clean = rows[step.clean]
    clean = clean.copy() if step.clean in used else clean
    return one.without_padding(one.draw(clean, drawn, streams, one.snr in used), rows)


def drawn_settings(step: steps.Measure, indices: Indices) -> Columns:
    """The draws of a noise's settings, by their names in the recipe, before they are applied."""
    one, found = step.measurement, {}
    for setting, (prior, stream) in step.settings.items():
        shape = one.columns[one.settings[setting]].shape  # where every sample has its own draw
        constant = isinstance(prior, Constant)  # needs no draws: only their shape counts
        u = np.empty((len(indices), *shape)) if constant else _uniforms(stream, indices, shape)
        found[setting] = prior.quantile(u).reshape(len(indices), *shape)
    return found


def _uniforms(stream: Stream, indices: Indices, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """One draw for each example, ``(n,)``, or for each sample of its series, ``(n size,)``."""
    draws = stream.draws(indices)
    if not shape:
        return uniforms(stream.key, draws)
    return uniform_rows(stream.key, draws, *shape).ravel()


def _perturb(plan: Plan, step: steps.Perturb, rows: Columns, used: Names) -> Columns:
    """Perturb an observed image in place; the columns that say what was done, ``(n,)``."""
    one = step.measurement

    def uniform(purpose: str) -> NDArray[np.float64]:
        return uniforms(step.streams[purpose].key, rows["index"])

    sigma = one.background(rows) * one.response(rows)
    try:
        return perturb(step.columns, step.how, rows[one.column], sigma, uniform)
    except ValueError as error:
        raise ValueError(f"perturbation of {one.name}: {error}") from None


def _separate(plan: Plan, step: steps.Separate, rows: Columns, used: Names) -> Columns:
    """Masks and single objects: seen is what stands out by three sigma of an empty pixel."""
    threshold = None if step.measurement is None else 3.0 * step.measurement.background(rows)
    return step.model.separate(threshold, **_inputs(plan, rows))


def _infer(plan: Plan, step: steps.Infer, rows: Columns, used: Names) -> Columns:
    """The reference posterior of each row, one by one, or group by group."""
    # Imported here: SciPy's statistics take longer to import than most rows to make.
    from deepbench_hf.inference.likelihoods import observed
    from deepbench_hf.inference.posteriors import inferred

    asked = rows["index"]
    if step.group > 1:  # the members of all groups
        members = np.unique(asked // step.group)[:, None] * step.group + np.arange(step.group)
        before = replace(plan, steps=tuple(one for one in plan.steps if one is not step))
        rows = _made(before, members.ravel(), step.needs)
    drawn = {one.measurement.name: drawn_settings(one, rows["index"]) for one in step.measured}
    found = inferred(step, observed(plan, step.measured, rows, drawn), rows)
    place = np.searchsorted(rows["index"], asked) if step.group > 1 else slice(None)
    return {name: values[place] for name, values in found.items()}


RUN: dict[type, Callable[[Plan, Any, Columns, Names], Columns]] = {
    steps.Truths: _truths,
    steps.Simulate: _simulate,
    steps.Measure: _measure,
    steps.Perturb: _perturb,
    steps.Separate: _separate,
    steps.Estimate: lambda plan, step, rows, used: step.model.estimate(rows),
    steps.Bounds: lambda plan, step, rows, used: uncertainties(
        step, plan.simulator, rows, _inputs(plan, rows)
    ),
    steps.Infer: _infer,
}
"""How each step is run: from the rows so far and the names of the columns that are used later."""
