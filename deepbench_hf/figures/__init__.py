"""Pictures of rows, evaluations and comparisons: what the command line draws."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from deepbench_hf.figures.comparison import draw_comparison
from deepbench_hf.figures.evaluation import draw_evaluation
from deepbench_hf.figures.images import draw_images
from deepbench_hf.figures.numbers import draw_numbers
from deepbench_hf.figures.series import draw_series, shown_series
from deepbench_hf.metrics import Evaluation
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.base import clean_fields
from deepbench_hf.statistics import Comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["preview", "save_comparison", "save_evaluation", "save_preview"]


def save_preview(
    recipe: Recipe, file: str | Path, split: str = "train", rows: int = 6, outlines: bool = False
) -> None:
    """Draw the first ``rows`` examples of a split to ``file``; its ending names the format.

    Raises:
        ValueError: an ending that matplotlib does not know.
        KeyError: no such split.
    """
    _check_ending(file)
    preview(recipe, split, rows, outlines).savefig(file, dpi=120)


def save_evaluation(evaluation: Evaluation, file: str | Path) -> None:
    """Draw calibration, pulls and confusion to ``file``; its ending names the format.

    Raises:
        ValueError: an ending that matplotlib does not know.
    """
    _check_ending(file)
    draw_evaluation(evaluation).savefig(file, dpi=120)


def save_comparison(comparison: Comparison, file: str | Path) -> None:
    """Draw both sets of a comparison to ``file``; its ending names the format.

    Raises:
        ValueError: an ending that matplotlib does not know.
    """
    _check_ending(file)
    draw_comparison(comparison).savefig(file, dpi=120)


def _check_ending(file: str | Path) -> None:
    if not Path(file).suffix:
        raise ValueError(f"{str(file)!r} has no ending; end it in .png, .pdf or .svg")


def preview(recipe: Recipe, split: str = "train", rows: int = 6, outlines: bool = False) -> Figure:
    """A figure of the first ``rows`` examples of a split.

    Series are drawn over time, clean and observed, with the truth above them; images in a grid,
    with the truth below each. Where a row has only numbers, rows from all over the split are points
    over the parameters.

    Args:
        recipe: what to draw.
        split: which split of it.
        rows: how many examples.
        outlines: whether every object of an image gets a line round it.

    Raises:
        ValueError: outlines are wanted and there is no image.
        KeyError: no such split.
    """
    if any(field.is_image for field in clean_fields(recipe.simulator).values()):
        return draw_images(recipe, split, rows, outlines)
    if outlines:
        raise ValueError(f"{recipe.name} has no images and so no outlines")
    return draw_series(recipe, split, rows) if shown_series(recipe) else draw_numbers(recipe, split)
