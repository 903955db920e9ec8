"""Outputs of one number, over the parameters that differ between rows."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deepbench_hf.fields import Columns, of_role
from deepbench_hf.figures.labels import column_label, heading, panels, quantity_label
from deepbench_hf.priors import Constant
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import rows_at, split_of

POINTS = 4000
GOLDEN = 0.6180339887498949
WIDE = 30
"""A smaller ratio needs no logarithmic axis, whose numbers would lie over each other."""
COLOUR, SHADES = "#1f4e79", "viridis"


def draw_numbers(recipe: Recipe, split: str, width: float | None = None) -> Figure:
    """A figure of each output over the first two parameters that differ between rows.

    Raises:
        KeyError: no such split.
    """
    names = list(of_role(recipe.simulator.columns, "output"))
    across = min(3, len(names))
    down = -(-len(names) // across)
    broad = max(4.2 * across, 5.0) if width is None else width
    high = 3.6 * down if width is None else min(0.8 * broad / across, 3.6) * down
    figure, axes = panels(len(names), across, (broad, high + 0.3), heading(recipe, split))
    for axis, name in zip(axes, names, strict=True):
        draw_map(axis, recipe, split, name)
    return figure


def draw_map(axis: Axes, recipe: Recipe, split: str, name: str, title: bool = True) -> None:
    """One output: the colour of points over two parameters, or their height over one.

    Without a title nothing says what is drawn.
    """
    rows, priors = _rows(recipe, split), split_of(recipe, split).priors
    field = recipe.simulator.columns[name]
    shown = measurements(recipe)[name].column if name in recipe.noise else name
    label = column_label(shown, field)
    varied = [key for key, prior in priors.items() if not isinstance(prior, Constant)][:2]
    places = varied or ["index"]
    if len(places) == 2:
        # A few rows on a resonance would take all of the colours for themselves.
        low, high = np.percentile(rows[shown], [1, 99])
        style = {"c": rows[shown], "s": 5, "cmap": SHADES, "vmin": low, "vmax": high, "lw": 0}
        points = axis.scatter(rows[places[0]], rows[places[1]], **style)
        if title:
            axis.figure.colorbar(points, ax=axis, extend="both", label=label)
    else:
        axis.plot(rows[places[0]], rows[shown], ".", color=COLOUR, ms=3)
    labels = [quantity_label(recipe, place) for place in places] + [label]
    for direction, place, text in zip("xy", (*places, ""), labels, strict=False):
        wide = place in priors and rows[place].max() > WIDE * rows[place].min()
        if wide and priors[place].logarithmic:
            getattr(axis, f"set_{direction}scale")("log")
        if title:
            getattr(axis, f"set_{direction}label")(text)


def _rows(recipe: Recipe, split: str) -> Columns:
    """Rows from all over a split: in the first ones some parameter of a grid hardly changes.

    Multiples of the golden ratio are spread evenly, and in step with no grid.
    """
    size = split_of(recipe, split).size
    places = np.arange(size) if size <= POINTS else np.arange(POINTS) * GOLDEN % 1 * size
    return rows_at(recipe, split, places.astype(np.int64))
