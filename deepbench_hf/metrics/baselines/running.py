"""The baselines of a recipe, and their scores."""

import numpy as np

from deepbench_hf.metrics.baselines.base import Baseline
from deepbench_hf.metrics.baselines.table import BASELINES
from deepbench_hf.metrics.evaluation import Evaluation, evaluate
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import BLOCK, rows_at, split_of


def baselines(recipe: Recipe) -> list[Baseline]:
    """The baselines of a recipe: those of its simulator whose columns it has.

    >>> from deepbench_hf import load_recipe
    >>> [one.target for one in baselines(load_recipe("deepuq_linear"))]
    ['slope']
    """
    columns = schema(recipe).keys()
    known = BASELINES.get(recipe.simulator.kind, ())
    return [one for one in known if {one.target, *one.needs} <= columns]


def run_baseline(
    recipe: Recipe, baseline: Baseline, split: str | None = None, rows: int = BLOCK
) -> Evaluation:
    """Score a baseline on the first rows of a split.

    Args:
        recipe: what is predicted.
        baseline: one of `baselines`.
        split: which split; None for the baseline's own, or `test`, or the first.
        rows: how many, or as many as there are.

    Raises:
        KeyError: no such split.
    """
    liked = (baseline.split, "test", *recipe.splits)
    split = split or next(name for name in liked if name in recipe.splits)
    index = np.arange(min(rows, split_of(recipe, split).size))
    columns = {name: _seen(recipe, name) for name in baseline.needs}
    found = rows_at(recipe, split, index, columns.values())
    mean, sigma = baseline.predict(recipe, {name: found[own] for name, own in columns.items()})
    given = {"index": index, baseline.target: mean}
    if sigma is not None:
        given[f"{baseline.target}_sigma"] = sigma
    return evaluate(recipe, given, split)


def _seen(recipe: Recipe, name: str) -> str:
    """The column that shows a parameter or an output: with its noise, where there is any."""
    return measurements(recipe)[name].column if name in recipe.noise else name
