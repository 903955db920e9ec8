"""The heart: rows of a split as a pure function of (recipe, split, indices)."""

import operator
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.exact.draws import uniforms, uniforms_of_blocks
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import COUNT, OBJECTS, Columns, Field, of_image, places
from deepbench_hf.noise import Stream, without_padding
from deepbench_hf.noise.perturbation import perturb
from deepbench_hf.priors import Grid, InTurn, Prior, strides
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.columns import Noisy, clean_name, noisy, schema
from deepbench_hf.recipe.recipe import Recipe, Split
from deepbench_hf.rows.objects import records, with_fields
from deepbench_hf.rows.truths import call_inputs, truths
from deepbench_hf.rows.uncertainty import uncertainties

BLOCK = 256
"""Consecutive examples that are made, digested and stored together."""

Indices = NDArray[np.int64]


def generate(
    recipe: Recipe | str | Path, split: str, start: int = 0, stop: int | None = None
) -> Columns:
    """Rows ``start`` to ``stop`` of a split, the same bits on any machine and in any cut.

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
    start, stop = operator.index(start), operator.index(part.size if stop is None else stop)
    if not 0 <= start <= stop <= part.size:
        raise IndexError(f"rows {start} to {stop} of {split}: it has rows 0 to {part.size}")
    return rows_at(recipe, split, np.arange(start, stop, dtype=np.int64))


def rows_at(
    recipe: Recipe, split: str, indices: Indices, columns: Iterable[str] | None = None
) -> Columns:
    """Rows of a split anywhere in it, the bits that `generate` gives there.

    Args:
        recipe: what to make.
        split: which split of it.
        indices: which examples, ``(n,)`` int64 in any order.
        columns: those that are wanted; None for all. Noise that none of them needs is not made.

    Returns:
        One array ``(n, ...)`` for each column, in the order of `recipe.columns.schema`.

    Raises:
        KeyError: no such split.
        IndexError: an index leaves the split.
    """
    part = split_of(recipe, split)
    if len(indices) and not 0 <= indices.min() <= indices.max() < part.size:
        wrong = indices[(indices < 0) | (indices >= part.size)][0]
        raise IndexError(f"row {wrong} of {split}: it has rows 0 to {part.size}")
    wanted = set(schema(recipe) if columns is None else columns)
    rows = {"index": indices, **_groups(part, indices), **_inputs(recipe, split, indices)}
    inputs = {name: rows[name] for name in rows.keys() & call_inputs(part.simulator)}
    clean = part.simulator(**inputs)
    if OBJECTS in clean:
        rows[OBJECTS] = with_fields(rows[OBJECTS], clean.pop(OBJECTS), rows[COUNT])
    rows |= {clean_name(recipe, name): values for name, values in clean.items()}
    roles = {column.role for name, column in schema(recipe).items() if name in wanted}
    layers, uncertain = "layer" in roles, "uncertainty" in roles
    needed = wanted | (part.simulator.needs if "estimate" in roles else set())
    for name, noise in noisy(recipe, split).items():
        if layers or uncertain or needed & noise.made:
            # The noise is put on the clean output itself, unless that is used as well.
            spare = name in clean and not uncertain and clean_name(recipe, name) not in needed
            true = clean[name] if name in clean else rows[name]
            values = true if spare else true.copy()
            rows |= _measured(recipe, split, name, noise, values, rows, indices, needed)
            if name in part.perturbation:
                rows |= _perturbed(recipe, split, name, rows, indices)
    if "estimate" in roles:
        rows |= part.simulator.estimate(rows)
    if layers:
        rows |= part.simulator.separate(_threshold(recipe, split, rows), **inputs)
    if uncertain:
        rows |= uncertainties(recipe, part, rows, clean)
        rows |= part.simulator.infer(rows) if part.simulator.needs <= rows.keys() else {}
    return {name: rows[name] for name in schema(recipe) if name in wanted}


def split_of(recipe: Recipe, split: str) -> Split:
    """A split of the recipe by name.

    Raises:
        KeyError: no such split, with the ones there are.
    """
    if split not in recipe.splits:
        raise KeyError(
            f"{recipe.name} has no split {split!r}; {did_you_mean(split, recipe.splits)}"
        )
    return recipe.splits[split]


def _groups(part: Split, indices: Indices) -> Columns:
    """Which group of each level every row belongs to."""
    levels = {name: level.rows for name, level in part.levels.items() if level.rows != "all"}
    return {f"{name}_index": indices // rows for name, rows in levels.items()}


def _inputs(recipe: Recipe, split: str, indices: Indices) -> Columns:
    """The true parameters and coordinates; each parameter has a random stream of its own."""
    part = recipe.splits[split]
    rows = truths(part.simulator.parameters, part.priors, _uniform(recipe, part, indices))
    coordinates = part.simulator.locate(**rows)
    if part.simulator.objects:
        count = rows[COUNT]
        own = truths(part.simulator.objects, part.priors, _uniform(recipe, part, indices, count))
        rows[OBJECTS] = records(part.simulator, own, count)
    return rows | coordinates


def _uniform(
    recipe: Recipe, part: Split, indices: Indices, count: NDArray[np.int64] | None = None
) -> Callable[[str, Prior], NDArray[np.float64]]:
    """The draws of the examples, or of all their objects: an object's number is its word block."""
    used = None if count is None else places(count)
    steps = strides(part.simulator.parameters, part.priors)

    def uniform(name: str, prior: Prior) -> NDArray[np.float64]:
        if isinstance(prior, Grid):
            return prior.uniforms(indices // steps[name])
        if isinstance(prior, InTurn) and used is not None:
            return prior.uniforms(used[1])
        whose, draws = _draws(part, prior, part.truths, indices)
        key = stream_key(recipe.stream, recipe.seed, whose, "parameter", name)
        if used is None:
            return uniforms(key, draws)
        rows, numbers = used
        return uniforms_of_blocks(key, draws[rows], numbers)

    return uniform


def _measured(
    recipe: Recipe,
    split: str,
    name: str,
    noisy: Noisy,
    clean: NDArray,
    rows: Columns,
    indices: Indices,
    wanted: Collection[str],
) -> Columns:
    """The settings of a noise, ``(n,)``, and what it makes of ``clean``."""
    part, noise, target = recipe.splits[split], noisy.noise, noisy.target
    own = part.noise_of or split

    def stream(column: str) -> Stream:
        whose, draws = _draws(part, noise, own, indices)
        return _noise_key(recipe, whose, "noise", column), draws

    drawn = {}
    for column, prior in noise.settings(name, target).items():
        whose, draws = _draws(part, prior, own, indices)
        key = _noise_key(recipe, whose, "nuisance", column)
        shape = noisy.told[column].shape  # of a series where every sample has its own draw
        values = prior.quantile(_uniforms(key, draws, *shape)).reshape(len(draws), *shape)
        if noise.over is not None:
            values = (values.T / np.abs(rows[noise.over])).T
        drawn[column] = values
    measured = noise.measure(name, target, clean, drawn, stream, wanted)
    return without_padding(measured, target, rows)


def _uniforms(key: np.uint64, draws: Indices, size: int | None = None) -> NDArray[np.float64]:
    """One draw for each example, ``(n,)``, or for each sample of its series, ``(n size,)``."""
    if size is None:
        return uniforms(key, draws)
    samples = np.tile(np.arange(size), len(draws))
    return uniforms_of_blocks(key, np.repeat(draws, size), samples)


def _perturbed(recipe: Recipe, split: str, name: str, rows: Columns, indices: Indices) -> Columns:
    """Perturb an observed image in place; the columns that say what was done, ``(n,)``."""
    part = recipe.splits[split]
    noise, field = part.noise[name], part.simulator.fields[name]
    sigma = noise.background(name, field, rows) * noise.response(rows)

    def uniform(purpose: str) -> NDArray[np.float64]:
        key = _noise_key(recipe, split, "nuisance", of_image(name, purpose))
        return uniforms(key, indices)

    how = part.perturbation[name]
    return perturb(name, noise.observed(field), how, rows[name], sigma, uniform)


def _threshold(recipe: Recipe, split: str, rows: Columns) -> NDArray[np.float64] | None:
    """Three sigma of an empty pixel, (n,), above which an object counts as seen; 0 for no noise."""
    for name, noise in noisy(recipe, split).items():
        if isinstance(noise.target, Field) and noise.target.is_image:
            return 3.0 * noise.noise.background(name, noise.target, rows)
    return None


def _noise_key(recipe: Recipe, split: str, purpose: str, column: str) -> np.uint64:
    return stream_key(recipe.noise_stream, recipe.seed, split, purpose, column)


def _draws(part: Split, entry: Any, own: str, indices: Indices) -> tuple[str, Indices]:
    """Whose draws an entry takes and which: one for each row, or one for each group of a level."""
    if entry.level is None:
        return own, indices
    level = part.levels[entry.level]
    groups = np.zeros_like(indices) if level.rows == "all" else indices // level.rows
    return level.truths or own, groups
