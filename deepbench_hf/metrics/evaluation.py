"""Predictions against the truth that a recipe makes anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.fields import Columns, Field, tagged
from deepbench_hf.metrics.predictions import Predictions, read
from deepbench_hf.metrics.results import Classes, Numbers, Result
from deepbench_hf.metrics.rows import known_truths, present, truth_rows
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import split_of


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
        return {**own, "columns": {result.column: _told(result) for result in self.results}}


def _told(result: Result) -> dict[str, Any]:
    scores = {
        name: {key: float(x) if np.isfinite(x) else None for key, x in each._asdict().items()}
        for name, each in result.scores().items()
    }
    return {"kind": result.kind, "unit": result.unit, "n": len(result.truth), "scores": scores}


def evaluate(
    recipe: Recipe, predictions: str | Path | Mapping[str, ArrayLike], split: str = "test"
) -> Evaluation:
    """Score predictions against the truth, which is made anew from the recipe.

    Args:
        recipe: what was predicted.
        predictions: a Parquet or CSV file, or a mapping of arrays ``(n,)``: ``index``, and for
            each predicted column its mean by the column's name and maybe ``<column>_sigma``; for a
            class its number or name, or ``<column>_probability_<class>`` for each class.
        split: which split of the recipe.

    Raises:
        KeyError: no such split.
        ValueError: what is wrong with the predictions, with the row and the column.

    >>> from deepbench_hf import load_recipe
    >>> guess = {"index": [0, 1], "length_m": [5.0, 5.0], "length_m_sigma": [3.0, 3.0]}
    >>> found = evaluate(load_recipe("pendulum_noisy"), guess)
    >>> sorted(found.results[0].scores())[:3]
    ['bias', 'coverage_683', 'coverage_954']
    """
    known, size = known_truths(recipe), split_of(recipe, split).size
    given = read(predictions, known, size)
    rows = truth_rows(recipe, split, given.index)
    results = [
        score(name, known[name], rows, given, present(recipe, name, rows)) for name in given.targets
    ]
    identity = recipe.name, recipe.version, recipe.fingerprint
    return Evaluation(*identity, split, len(given.index), size, results)


def score(
    name: str, field: Field, rows: Columns, given: Predictions, here: NDArray[np.bool_]
) -> Result:
    """The result of one predicted column.

    Args:
        name: of the column.
        field: its unit and classes.
        rows: the truth, ``(n,)`` each, with the column's Cramer-Rao bound if it is known.
        given: the predictions of these rows.
        here: which rows have this parameter, ``(n,)``.

    Raises:
        ValueError: no row has it, or what is wrong with its predictions.
    """
    if not here.any():
        raise ValueError(f"{given.source}: none of its rows has a {name}; leave the column out")
    if field.names:
        return _classes(name, field, rows[name][here], given, here)
    bound = rows.get(tagged(name, "crlb", field.unit, field.unit))
    return Numbers(
        name,
        field.unit,
        rows[name][here].astype(np.float64),
        given.mean(name, here),
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
