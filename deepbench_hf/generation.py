"""The heart: rows of a split as a pure function of (recipe, split, start, stop)."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import philox
from deepbench_hf.errors import did_you_mean
from deepbench_hf.noise import Noise
from deepbench_hf.recipe import Recipe, Split
from deepbench_hf.schema import measured_name, schema, sigma_name
from deepbench_hf.simulators.base import Columns, Field, Parameter

__all__ = ["BLOCK", "generate", "split_of"]

BLOCK = 256
"""Consecutive examples that are made, digested and stored together."""

Indices = NDArray[np.int64]


def generate(recipe: Recipe, split: str, start: int = 0, stop: int | None = None) -> Columns:
    """Rows ``start`` to ``stop`` of a split, the same bits on any machine and in any cut.

    Args:
        recipe: what to make.
        split: which split of it.
        start: first example.
        stop: one past the last example; None for the end of the split.

    Returns:
        One array ``(stop - start, ...)`` for each column of `deepbench_hf.schema.schema`,
        in its order.

    Raises:
        KeyError: no such split.
        IndexError: the range leaves the split.
        TypeError: start or stop is no whole number.

    >>> from deepbench_hf import generate, load_recipe
    >>> rows = generate(load_recipe("pendulum_noisy"), "train", 0, 3)
    >>> rows["x_observed_m"].shape, rows["x_observed_m"].dtype
    ((3, 100), dtype('float32'))
    """
    part = split_of(recipe, split)
    start, stop = operator.index(start), operator.index(part.size if stop is None else stop)
    if not 0 <= start <= stop <= part.size:
        raise IndexError(f"rows {start} to {stop} of {split}: it has rows 0 to {part.size}")
    indices = np.arange(start, stop, dtype=np.int64)
    rows: Columns = {"index": indices, **_groups(part, indices)}
    truths = _parameters(recipe, split, indices)
    coordinates = part.simulator.locate(**truths)
    clean = part.simulator(**truths, **coordinates)
    rows |= truths | coordinates | clean
    targets = {**part.simulator.parameters, **part.simulator.fields}
    for name in part.noise:
        rows |= _measured(recipe, split, name, targets[name], rows[name], indices)
    return {name: rows[name] for name in schema(recipe)}


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


def _parameters(recipe: Recipe, split: str, indices: Indices) -> Columns:
    """The true parameters ``(n,)``: each column has a random stream of its own."""
    part = recipe.splits[split]
    columns = {}
    for name, prior in part.priors.items():
        truths, draws = _draws(part, prior, part.truths, indices)
        key = philox.stream_key(recipe.stream, recipe.seed, truths, "parameter", name)
        columns[name] = prior.quantile(philox.uniforms(key, draws))
    return columns


def _measured(
    recipe: Recipe,
    split: str,
    name: str,
    target: Parameter | Field,
    clean: NDArray,
    indices: Indices,
) -> Columns:
    """The strength of a noise, ``(n,)``, and what it makes of ``clean``."""
    part = recipe.splits[split]
    noise: Noise = part.noise[name]
    sigma_column, column = sigma_name(name, noise, target), measured_name(name, target)
    whose, draws = _draws(part, noise.sigma, split, indices)
    key = _noise_key(recipe, whose, "nuisance", sigma_column)
    strength = noise.strength(clean, noise.sigma.quantile(philox.uniforms(key, draws)))
    whose, draws = _draws(part, noise, split, indices)
    stream = (_noise_key(recipe, whose, "noise", column), draws)
    observed = noise.apply(clean, strength, stream, target)
    dtype = np.float32 if observed.ndim > 1 else np.float64
    return {sigma_column: strength, column: observed.astype(dtype, copy=False)}


def _noise_key(recipe: Recipe, split: str, purpose: str, column: str) -> np.uint64:
    return philox.stream_key(recipe.noise_stream, recipe.seed, split, purpose, column)


def _draws(part: Split, entry: Any, own: str, indices: Indices) -> tuple[str, Indices]:
    """Whose draws an entry takes and which: one for each row, or one for each group of a level."""
    if entry.level is None:
        return own, indices
    level = part.levels[entry.level]
    groups = np.zeros_like(indices) if level.rows == "all" else indices // level.rows
    return level.truths or own, groups
