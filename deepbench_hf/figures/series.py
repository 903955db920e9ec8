"""Series over time, clean and observed with the noise band, and sets of pairs as points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns, of_role, word_of
from deepbench_hf.figures.labels import axis_label, truth
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate
from deepbench_hf.simulators.base import clean_fields

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


CLEAN, OBSERVED = "#1f4e79", "#d1603d"
ACROSS = 3


def draw_series(recipe: Recipe, split: str, rows: int, width: float | None = None) -> Figure:
    """A figure of the first ``rows`` examples of a split.

    Every example has one panel for each series that the recipe puts noise on, or for each clean
    series where there is no noise; the truth is written above it.

    Args:
        recipe: what to draw.
        split: which split of it.
        rows: how many examples.
        width: of the figure, inches; None for as wide as the panels like.

    Raises:
        KeyError: no such split.
    """
    from matplotlib.figure import Figure

    size = recipe.splits[split].size if split in recipe.splits else rows
    examples = generate(recipe, split, 0, min(rows, size))
    names = shown_series(recipe)
    panels = [(row, name) for row in range(len(examples["index"])) for name in names]
    usual = ACROSS if width is None else 2
    across = len(names) if len(names) > 1 else min(usual, len(panels))
    down = -(-len(panels) // across)
    size_inches = (4.6 * across, 2.9 * down) if width is None else (width, 2.2 * down + 0.6)
    figure = Figure(figsize=size_inches, layout="constrained")
    axes = figure.subplots(down, across, squeeze=False)
    for axis, (row, name) in zip(axes.flat, panels, strict=False):
        _draw(axis, recipe, examples, row, name)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    figure.suptitle(f"{recipe.name} {recipe.version}, split {split}")
    return figure


def draw_panel(axis: Axes, recipe: Recipe, examples: Columns, row: int) -> None:
    """The first series of one example."""
    _draw(axis, recipe, examples, row, shown_series(recipe)[0])
    axis.set_xlabel("")
    axis.set_ylabel("")


def shown_series(recipe: Recipe) -> list[str]:
    """The clean series to draw: those with noise, or all but those that others lie against."""
    fields = clean_fields(recipe.simulator)
    beside = {field.against for field in fields.values()}
    series = [name for name, field in fields.items() if field.shape and name not in beside]
    return [name for name in series if name in recipe.noise] or series


def _draw(axis: Axes, recipe: Recipe, examples: Columns, row: int, name: str) -> None:
    axis.set_title(truth(recipe, examples, row), fontsize=8)
    if recipe.simulator.columns[name].against:
        _draw_pairs(axis, recipe, examples, row, name)
    else:
        _draw_curve(axis, recipe, examples, row, name)


def _draw_pairs(axis: Axes, recipe: Recipe, examples: Columns, row: int, name: str) -> None:
    """Points in the plane; those beyond the outermost percent of either side are left out."""
    fields = recipe.simulator.columns
    other = fields[name].against
    x, y = examples[other][row], examples[name][row]
    axis.plot(x, y, ".", color=CLEAN, ms=2, label="pairs")
    axis.set_xlim(*_reach(x))
    axis.set_ylim(*_reach(y))
    axis.set_xlabel(axis_label(word_of(other, fields[other].unit), fields[other].unit))
    axis.set_ylabel(axis_label(word_of(name, fields[name].unit), fields[name].unit))


def _reach(values: NDArray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.01, 0.99])
    room = 0.08 * (high - low)
    return low - room, high + room


def _draw_curve(axis: Axes, recipe: Recipe, examples: Columns, row: int, name: str) -> None:
    field, curve = recipe.simulator.columns[name], _curve(recipe, name)
    time, _, _ = _places(recipe, examples, row, curve)
    clean = examples[curve][row] if curve in examples else None
    if clean is not None:
        axis.plot(time, clean, color=CLEAN, lw=1.3, label="clean")
    if name in recipe.noise:
        _draw_observed(axis, recipe, examples, row, name, clean if curve == name else None)
    axis.set_xlabel(_places(recipe, examples, row, name)[2])
    axis.set_ylabel(axis_label(word_of(name, field.unit), field.unit))
    axis.margins(x=0.01)


def _draw_observed(
    axis: Axes, recipe: Recipe, examples: Columns, row: int, name: str, clean: NDArray | None
) -> None:
    """Observed points: with an error bar each, or a band where all have the same error."""
    field, noise = recipe.simulator.columns[name], measurements(recipe)[name]
    time, seen, _ = _places(recipe, examples, row, name)
    observed = examples[noise.column][row]
    sigma = examples[noise.settings["sigma"]][row]
    if clean is not None and not noise.noise.per_sample:
        band = (clean - sigma, clean + sigma)
        axis.fill_between(time, *band, color=CLEAN, alpha=0.18, lw=0, label="noise, one sigma")
    there = examples[field.valid][row] if field.valid else np.ones(len(seen), bool)
    bars = {"yerr": sigma[there], "elinewidth": 0.7} if noise.noise.per_sample else {}
    points = {"fmt": ".", "color": OBSERVED, "ms": 3.5, "label": "observed"}
    axis.errorbar(seen[there], observed[there], **points, **bars)


def _curve(recipe: Recipe, name: str) -> str:
    """The clean series that is drawn: the same quantity along another coordinate, if there is one.

    Between irregular times the truth is not told by those times.
    """
    fields = clean_fields(recipe.simulator)
    own = fields[name]
    others = [n for n, f in fields.items() if f.along != own.along and f.unit == own.unit]
    return others[0] if others else name


def _places(
    recipe: Recipe, examples: Columns, row: int, series: str
) -> tuple[NDArray, NDArray, str]:
    """Where values truly are on the axis, where they are seen, and the axis' label.

    Without a coordinate the values are numbered.
    """
    columns = recipe.simulator.columns
    coordinates, own = of_role(columns, "coordinate"), columns[series]
    if not coordinates:
        numbers = np.arange(1, own.shape[0] + 1)
        return numbers, numbers, "number"
    name = own.along or next(iter(coordinates))
    field = coordinates[name]
    seen = measurements(recipe)[name].column if name in recipe.noise else name
    label = axis_label(word_of(name, field.unit), field.unit)
    return examples[name][row], examples[seen][row], label
