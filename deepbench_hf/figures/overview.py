"""One row of every config, in a grid; many where a row has only numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from deepbench_hf.fields import of_role
from deepbench_hf.figures.images import colours_of, draw_image, shown_images
from deepbench_hf.figures.numbers import draw_map
from deepbench_hf.figures.series import draw_panel, shown_series
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate
from deepbench_hf.tables.thumbnails import stretched

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


ACROSS = 5


def draw_overview(recipes: Sequence[Recipe], width: float = 8.0) -> Figure:
    """A figure of the first row of the first split of each recipe.

    Args:
        recipes: one or more.
        width: of the figure, inches.
    """
    from matplotlib.figure import Figure

    across = min(ACROSS, len(recipes))
    down = -(-len(recipes) // across)
    side = width / ACROSS
    figure = Figure(figsize=(side * across, (side + 0.1) * down), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, recipe in zip(axes.flat, recipes, strict=False):
        axis.set_axis_on()
        _draw(axis, recipe)
        axis.set_title(recipe.name, fontsize=min(8, 170 / len(recipe.name)))
        axis.set_xticks([])
        axis.set_yticks([])
    return figure


def _draw(axis: Axes, recipe: Recipe) -> None:
    split = next(iter(recipe.splits))
    examples = generate(recipe, split, 0, 1)
    if images := shown_images(recipe):
        field = recipe.simulator.columns[images[0]]
        draw_image(axis, stretched(examples[images[0]][0], field), "", colours_of(field))
    elif shown_series(recipe):
        draw_panel(axis, recipe, examples, 0)
    else:
        draw_map(
            axis,
            recipe,
            split,
            next(iter(of_role(recipe.simulator.columns, "output"))),
            title=False,
        )
