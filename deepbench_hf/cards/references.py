"""Reference results of a card: closed-form baselines, scored when the card is made."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from deepbench_hf.cards.phrases import unit
from deepbench_hf.metrics import Baseline, Estimate, baselines, run_baseline
from deepbench_hf.metrics.results import Classes, Numbers
from deepbench_hf.recipe.recipe import Recipe

Row = tuple[str, ...]

ROUNDING = 1e-9
"""An error this small, relative to the truth, is rounding, which differs between machines."""


class References(NamedTuple):
    """The rows of the two tables; each begins with column, baseline, split and number of rows."""

    numbers: tuple[Row, ...]
    classes: tuple[Row, ...]


@lru_cache(256)  # a card is made several times: to compare, to publish
def references(recipe: Recipe) -> References:
    """The scores of the baselines; two digits, as machines differ in the last."""
    found: tuple[list[Row], list[Row]] = [], []
    for baseline in baselines(recipe) if recipe.posterior is None else ():
        row, is_class = _row(recipe, baseline)
        found[is_class].append(row)
    return References(*map(tuple, found))


def _row(recipe: Recipe, baseline: Baseline) -> tuple[Row, bool]:
    """A row, and whether it is one of classes."""
    found = run_baseline(recipe, baseline)
    (result,) = found.results
    head = f"`{result.column}`", baseline.name, f"`{found.split}`", str(found.rows)
    if isinstance(result, Classes):
        return (*head, *_of_class(result.scores())), True
    return (*head, unit(result.unit), *_of_number(result)), False


def _of_number(result: Numbers) -> Row:
    """Bias, root mean squared error, spread of pulls and coverage."""
    scores, least = result.scores(), ROUNDING * float(np.abs(result.truth).max())
    exact = scores["rmse"].value <= least  # as of a constant: its pulls are those of rounding
    pull, inside = (None if exact else scores.get(n) for n in ("pull_std", "coverage_683"))
    return (
        _told(scores["bias"], least, signed=True),
        _told(scores["rmse"], least),
        "-" if pull is None else f"{pull.value:.1f}",
        "-" if inside is None else f"{100 * inside.value:.0f} %",
    )


def _of_class(scores: dict[str, Estimate]) -> Row:
    """Accuracy and chance."""
    right, error = scores["accuracy"]
    return f"{100 * right:.0f} ± {100 * error:.0f} %", f"{100 * scores['chance'].value:.0f} %"


def _told(score: Estimate, least: float, signed: bool = False) -> str:
    """Two digits; a number that may have either sign is 0 within its error."""
    if abs(score.value) <= least:
        return "0"
    if signed and abs(score.value) < 2 * score.error:
        return f"0 ± {score.error:.1g}"
    return f"{float(f'{score.value:.2g}'):g}"
