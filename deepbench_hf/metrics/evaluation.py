"""Predictions against the truth that a recipe makes anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.fields import Columns, Field, absences
from deepbench_hf.markup import table
from deepbench_hf.metrics.circles import nearest_turn
from deepbench_hf.metrics.estimates import Array
from deepbench_hf.metrics.predictions import Predictions, read
from deepbench_hf.metrics.results import Classes, Numbers, Result
from deepbench_hf.noise.measurement import tagged
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import BLOCK, rows_at, split_of
from deepbench_hf.simulators.base import periods

ROLES = ("parameter", "derived", "clean", "noise")
"""The roles of columns that a model can predict."""


@dataclass(frozen=True)
class Evaluation:
    """How good the predictions of a split are.

    Args:
        config: name of the recipe.
        version: of the recipe.
        fingerprint: of the recipe.
        split: which split.
        rows: how many rows were predicted.
        size: how many the split has.
        results: one for each predicted column.
    """

    config: str
    version: str
    fingerprint: str
    split: str
    rows: int
    size: int
    results: list[Result]

    def to_mapping(self) -> dict[str, Any]:
        """All of it as JSON can hold it; None for what is not finite."""
        own = {k: v for k, v in vars(self).items() if k != "results"}
        return {**own, "columns": {result.column: _plain(result) for result in self.results}}

    def _repr_html_(self) -> str:
        """What notebooks show: every score with its standard error."""
        scores = [
            (one.column, one.unit, name, *each.texts)
            for one in self.results
            for name, each in one.scores().items()
        ]
        head = f"<h4>{escape(self.config)}, {escape(self.split)}</h4>"
        told = f"<p>{self.rows} of {self.size} rows</p>"
        return head + told + table(("column", "unit", "score", "value", "error"), scores)


def _plain(result: Result) -> dict[str, Any]:
    """A result as JSON can hold it."""
    scores = {name: each.plain for name, each in result.scores().items()}
    return {"kind": result.kind, "unit": result.unit, "n": len(result.truth), "scores": scores}


def evaluate(
    recipe: Recipe | str | Path,
    predictions: str | Path | Mapping[str, ArrayLike],
    split: str = "test",
) -> Evaluation:
    """Score predictions against the truth, which is made anew from the recipe.

    Args:
        recipe: what was predicted, or its name or file.
        predictions: a Parquet or CSV file, or a mapping of arrays ``(n,)``: ``index``, and for
            each predicted column its mean by the column's name and maybe ``<column>_sigma``; for a
            class its number or name, or ``<column>_probability_<class>`` for each class.
        split: which split of the recipe.

    Raises:
        KeyError: no such split.
        ValueError: what is wrong with the predictions, with the row and the column.

    >>> guess = {"index": [0, 1], "length_m": [5.0, 5.0], "length_m_sigma": [3.0, 3.0]}
    >>> found = evaluate("pendulum_noisy", guess)
    >>> sorted(found.results[0].scores())[:3]
    ['bias', 'coverage_683', 'coverage_954']
    """
    recipe = as_recipe(recipe)
    known, size = known_truths(recipe), split_of(recipe, split).size
    given = read(predictions, known, size)
    rows = truth_rows(recipe, split, given.index)
    results = []
    for name in given.targets:
        here, period = present(recipe, name, rows), periods(recipe.simulator, name, rows)
        results.append(score(name, known[name], rows, given, here, period))
    identity = recipe.name, recipe.version, recipe.fingerprint
    return Evaluation(*identity, split, len(given.index), size, results)


def score(
    name: str,
    field: Field,
    rows: Columns,
    given: Predictions,
    here: NDArray[np.bool_],
    period: Array | None = None,
) -> Result:
    """The result of one predicted column.

    Args:
        name: of the column.
        field: its unit and classes.
        rows: the truth, ``(n,)`` each, with the column's Cramer-Rao bound if it is known.
        given: the predictions of these rows.
        here: which rows have this parameter, ``(n,)``.
        period: of what goes round, ``(n,)``: predictions are moved to the turn of the truth.

    Raises:
        ValueError: no row has it, or what is wrong with its predictions.
    """
    if not here.any():
        raise ValueError(f"{given.source}: none of its rows has a {name}; leave the column out")
    if field.names:
        return _classes(name, field, rows[name][here], given, here)
    bound = rows.get(tagged(name, "crlb", field.unit, field.unit))
    truth, mean = rows[name][here].astype(np.float64), given.mean(name, here)
    return Numbers(
        name,
        field.unit,
        truth,
        mean if period is None else nearest_turn(mean, truth, period[here]),
        given.sigma(name, here),
        None if bound is None else bound[here],
    )


def _classes(
    name: str, field: Field, truth: NDArray, given: Predictions, here: NDArray[np.bool_]
) -> Classes:
    predicted = given.classes(name, field.names, here)
    probabilities = given.probabilities(name, field.names, here, np.unique(truth))
    if predicted is None and probabilities is not None:
        predicted = probabilities.argmax(axis=1)
    assert predicted is not None
    return Classes(name, field.names, truth, predicted, probabilities)


def known_truths(recipe: Recipe) -> dict[str, Field]:
    """The columns that can be predicted: one number or class in each row."""
    columns = schema(recipe).items()
    known = {name: c.field for name, c in columns if c.role in ROLES and not c.field.shape}
    return {name: field for name, field in known.items() if not field.is_text}


def truth_rows(recipe: Recipe, split: str, index: NDArray[np.int64]) -> Columns:
    """The columns with one value a row, ``(n,)``, of rows in any order, a block at a time."""
    names = [name for name, column in schema(recipe).items() if not column.field.shape]
    blocks = [index[start : start + BLOCK] for start in range(0, len(index), BLOCK)]
    parts = [rows_at(recipe, split, block, names) for block in blocks]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def present(recipe: Recipe, name: str, rows: Columns) -> NDArray[np.bool_]:
    """Which rows have a value: finite, and of the classes that a parameter is for, ``(n,)``."""
    fields = {name: column.field for name, column in schema(recipe).items()}
    return np.isfinite(rows[name]) & ~absences(name, fields, rows)
