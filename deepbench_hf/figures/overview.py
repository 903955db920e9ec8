"""One row of each of several configs, in a grid; many where a row has only numbers."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deepbench_hf.fields import of_role
from deepbench_hf.figures.images import colours_of, draw_image, shown_images
from deepbench_hf.figures.numbers import draw_map
from deepbench_hf.figures.panels import panels
from deepbench_hf.figures.series import draw_panel, shown_series
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate
from deepbench_hf.tables.thumbnails import sliced

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
    if images:
        examples = generate(recipe, split, 0, min(CANDIDATES, recipe.splits[split].size))
        field = recipe.simulator.columns[images[0]]
        values = np.array([sliced(one, field) for one in examples[images[0]]])
        colours = colours_of(field, values)
        clearest = max(values, key=lambda image: float(np.std(np.asarray(colours.norm(image)))))
        draw_image(axis, clearest, colours)
    elif series:
        examples = generate(recipe, split, 0, min(CANDIDATES, recipe.splits[split].size))
        ranges = np.ptp(examples[series[0]].reshape(len(examples["index"]), -1), axis=1)
        draw_panel(axis, recipe, examples, int(np.argmax(ranges)))
    else:
        first = next(iter(of_role(recipe.simulator.columns, "output")))
        draw_map(axis, recipe, split, first, title=False)
