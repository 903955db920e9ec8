"""Any rows as a figure, a row of each of several configs, and figures as files."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deepbench_hf.fields import of_role
from deepbench_hf.figures.evaluation import draw_comparison, draw_evaluation
from deepbench_hf.figures.images import colours_of, draw_image, draw_images, shown_images
from deepbench_hf.figures.labels import panels
from deepbench_hf.figures.numbers import draw_map, draw_numbers
from deepbench_hf.figures.posteriors import draw_ranks
from deepbench_hf.figures.series import draw_panel, draw_series, shown_series
from deepbench_hf.files import replacing
from deepbench_hf.metrics import Evaluation, PosteriorEvaluation
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate
from deepbench_hf.statistics import Comparison
from deepbench_hf.tables.thumbnails import sliced


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


CANDIDATES = 16
"""First rows of which the one with most contrast, or the widest swing, is drawn."""


def draw_overview(recipes: Sequence[Recipe], width: float = 8.0, most: int = 5) -> Figure:
    """A figure of a row of the first split of each recipe: of its first rows the clearest one."""
    across = min(most, len(recipes))
    down = -(-len(recipes) // across)
    side = width / most
    figure, axes = panels(len(recipes), across, (side * across, (side + 0.1) * down), "")
    for axis, recipe in zip(axes, recipes, strict=True):
        _draw(axis, recipe)
        axis.set_title(recipe.name, fontsize=min(8, 106 * side / len(recipe.name)))
        axis.set_xticks([])
        axis.set_yticks([])
        axis.set_aspect("auto")
        axis.set_box_aspect(1)
    return figure


def _draw(axis: Axes, recipe: Recipe) -> None:
    split = next(iter(recipe.splits))
    images, series = shown_images(recipe), shown_series(recipe)
    if not images and not series:
        first = next(iter(of_role(recipe.simulator.columns, "output")))
        draw_map(axis, recipe, split, first, title=False)
        return
    examples = generate(recipe, split, 0, min(CANDIDATES, recipe.splits[split].size))
    if images:
        field = recipe.simulator.columns[images[0]]
        values = np.array([sliced(one, field) for one in examples[images[0]]])
        colours = colours_of(field, values)
        clearest = max(values, key=lambda image: float(np.std(np.asarray(colours.norm(image)))))
        draw_image(axis, clearest, colours)
    else:
        ranges = np.ptp(examples[series[0]].reshape(len(examples["index"]), -1), axis=1)
        draw_panel(axis, recipe, examples, int(np.argmax(ranges)))
