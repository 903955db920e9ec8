"""Reference results of a card: closed-form baselines, scored when the card is made."""

from __future__ import annotations

from functools import lru_cache

from deepbench_hf.cards.words import unit
from deepbench_hf.metrics import Baseline, Estimate, baselines, run_baseline
from deepbench_hf.recipe import Recipe

__all__ = ["references"]

Row = tuple[str, ...]


@lru_cache(256)  # a card is made several times: to compare, to publish
def references(recipe: Recipe) -> tuple[Row, ...]:
    """Column, baseline, split, rows, and the scores; two digits, as machines differ in the last."""
    return tuple(_row(recipe, baseline) for baseline in baselines(recipe))


def _row(recipe: Recipe, baseline: Baseline) -> Row:
    found = run_baseline(recipe, baseline)
    (result,) = found.results
    scores = result.scores()
    head = f"`{result.column}`", baseline.name, f"`{found.split}`", str(found.rows)
    pull, inside = (scores.get(name) for name in ("pull_std", "coverage_683"))
    return (
        *head,
        unit(result.unit),
        _told(scores["bias"], signed=True),
        _told(scores["rmse"]),
        "-" if pull is None else f"{pull.value:.1f}",
        "-" if inside is None else f"{100 * inside.value:.0f} %",
    )


def _told(score: Estimate, signed: bool = False) -> str:
    """Two digits; a number that may have either sign is 0 within its error."""
    if signed and abs(score.value) < 2 * score.error:
        return f"0 ± {score.error:.1g}"
    return f"{score.value:.2g}"
