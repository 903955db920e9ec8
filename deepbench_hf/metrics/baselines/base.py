"""What a baseline is."""

from collections.abc import Callable
from dataclasses import dataclass

from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.recipe.recipe import Recipe

Estimates = tuple[NDArray, NDArray | None]
"""Means or numbers of classes ``(n,)``, and standard deviations if there are any."""

Predict = Callable[[Recipe, Columns], Estimates]
"""What a recipe and the columns of its rows make of a target."""


@dataclass(frozen=True)
class Baseline:
    """A pure function from what is observed to a prediction.

    Args:
        name: one phrase for tables, another one for each baseline of a simulator.
        target: the column that it predicts.
        needs: the columns that it looks at, those with noise as they are observed; a recipe that
            lacks one has no such baseline.
        predict: the predictions of rows, from the recipe (its simulator and the priors of its
            training rows) and the columns of ``needs``.
        split: the split that cards score it on, if the recipe has it.
    """

    name: str
    target: str
    needs: tuple[str, ...]
    predict: Predict
    split: str = "test"
