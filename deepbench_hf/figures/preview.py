"""Any rows as a figure, and figures as files."""

from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from deepbench_hf.figures.comparison import draw_comparison
from deepbench_hf.figures.evaluation import draw_evaluation
from deepbench_hf.figures.images import draw_images, shown_images
from deepbench_hf.figures.numbers import draw_numbers
from deepbench_hf.figures.posteriors import draw_ranks
from deepbench_hf.figures.series import draw_series, shown_series
from deepbench_hf.files import replacing
from deepbench_hf.metrics import Evaluation, PosteriorEvaluation
from deepbench_hf.metrics.evaluation import as_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.statistics import Comparison


def show(
    recipe: Recipe | str | Path, split: str = "train", rows: int = 6, outlines: bool = False
) -> Figure:
    """A figure of the first ``rows`` examples of a split; a notebook displays it.

    Series are drawn over time, clean and observed, with the truth above them; images, and slices of
    volumes, in a grid, with the truth below each. Where a row has only numbers, rows from all over
    the split are points over the parameters.

    Args:
        recipe: what to draw, or its name or file.
        split: which split of it.
        rows: how many examples, 1 or more.
        outlines: whether every object of an image gets a line round it.

    Raises:
        ValueError: there is no row to draw, or outlines are wanted and there is no image.
        KeyError: no such split.

    >>> from deepbench_hf import show
    >>> len(show("pendulum_noisy", "test", rows=2).axes)
    2
    """
    recipe = as_recipe(recipe)
    if rows < 1:
        raise ValueError(f"rows: {rows}; give 1 or more")
    if shown_images(recipe):
        return draw_images(recipe, split, rows, outlines)
    if outlines:
        raise ValueError(f"{recipe.name} has no images and so no outlines")
    return draw_series(recipe, split, rows) if shown_series(recipe) else draw_numbers(recipe, split)


def save_preview(
    recipe: Recipe, file: str | Path, split: str = "train", rows: int = 6, outlines: bool = False
) -> None:
    """Draw the first examples of a split to a file, as `show` does.

    Args:
        recipe: whose rows.
        file: to write; its ending names the format.
        split: which split of it.
        rows: how many.
        outlines: whether the objects of images are outlined.

    Raises:
        ValueError: an ending that matplotlib does not know.
        KeyError: no such split.
    """
    _save(file, lambda: show(recipe, split, rows, outlines))


def save_evaluation(evaluation: Evaluation | PosteriorEvaluation, file: str | Path) -> None:
    """Draw an evaluation to ``file``, as `save_preview` does.

    Of point predictions it draws calibration, pulls and confusion, of posteriors the ranks of the
    truths and the coverage.
    """
    if isinstance(evaluation, Evaluation):
        _save(file, lambda: draw_evaluation(evaluation))
    else:
        _save(file, lambda: draw_ranks(evaluation))


def save_comparison(comparison: Comparison, file: str | Path) -> None:
    """Draw both sets of a comparison to ``file``, as `save_preview` does."""
    _save(file, lambda: draw_comparison(comparison))


def _save(file: str | Path, draw: Callable[[], Figure]) -> None:
    if not Path(file).suffix:
        raise ValueError(f"{str(file)!r} has no ending; end it in .png, .pdf or .svg")
    figure = draw()
    with replacing(Path(file)) as hidden:
        figure.savefig(hidden, dpi=120)
