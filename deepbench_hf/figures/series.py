"""Series over time, clean and observed with the noise band; pairs of numbers as points."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from deepbench_hf.fields import Columns, of_role
from deepbench_hf.figures.labels import column_label, heading, legend_below, panels, truth
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate
from deepbench_hf.simulators.base import clean_fields

CLEAN, OBSERVED = "#1f4e79", "#d1603d"
ACROSS = 3
SIGNS_PER_INCH = 14
"""Of a caption, at its size."""

MARGIN = 0.6
"""Inches to the left of a panel, of its numbers and label."""

MANY = 2000
"""More points than these are counted in hexagons."""

QUESTIONS = {"answer_m": "question_s"}
"""What is asked of a series: the number, and the parameter that says at which time."""


def draw_series(recipe: Recipe, split: str, rows: int, width: float | None = None) -> Figure:
    """A figure of the first ``rows`` examples of a split.

    Every example has one panel for each series that the recipe puts noise on, or for each clean
    series where there is no noise; the truth is written above them.

    Raises:
        KeyError: no such split.
    """
    size = recipe.splits[split].size if split in recipe.splits else rows
    examples = generate(recipe, split, 0, min(rows, size))
    names = shown_series(recipe)
    shown = [(row, name) for row in range(len(examples["index"])) for name in names]
    usual = ACROSS if width is None else 2
    across = len(names) if len(names) > 1 else min(usual, len(shown))
    down = -(-len(shown) // across)
    inches = (4.6 * across, 2.9 * down + 0.6) if width is None else (width, 2.2 * down + 0.6)
    figure, axes = panels(len(shown), across, inches, heading(recipe, split))
    signs = int(SIGNS_PER_INCH * (inches[0] / across * len(names) - MARGIN))
    for (row, name), axis in zip(shown, axes, strict=True):
        _draw(axis, recipe, examples, row, name)
        if across > ACROSS:  # numbers below narrow panels would touch
            axis.tick_params(axis="x", labelsize=7)
        if name == names[0]:  # once for all series of an example, over all of its panels
            _caption(axis, truth(recipe, examples, row, signs), alone=len(names) == 1)
    legend_below(figure, axes)
    return figure


def _caption(axis: Axes, text: str, alone: bool) -> None:
    """The truth above a panel, or from the left of it over those beside it.

    The panels then make room for the height of the words, not for their width.
    """
    axis.set_title(text if alone else "\n".join(" " for _ in text.splitlines()), fontsize=8)
    if not alone:
        place = {"xytext": (0, 6), "textcoords": "offset points", "xycoords": "axes fraction"}
        axis.annotate(text, (0, 1), fontsize=8, **place).set_in_layout(False)


def draw_panel(axis: Axes, recipe: Recipe, examples: Columns, row: int, name: str = "") -> None:
    """A series of one example, the first one unless named, without words."""
    _draw(axis, recipe, examples, row, name or shown_series(recipe)[0])
    axis.set_xlabel("")
    axis.set_ylabel("")


def shown_series(recipe: Recipe) -> list[str]:
    """The clean series to draw: points, else those with noise, else all."""
    fields = clean_fields(recipe.simulator)
    beside = {field.against for field in fields.values()}
    series = [name for name, field in fields.items() if field.shape and name not in beside]
    points = [name for name in series if fields[name].against]
    return points or [name for name in series if name in recipe.noise] or series


def _draw(axis: Axes, recipe: Recipe, examples: Columns, row: int, name: str) -> None:
    if recipe.simulator.columns[name].against:
        _draw_pairs(axis, recipe, examples, row, name)
    else:
        _draw_curve(axis, recipe, examples, row, name)


def _draw_pairs(axis: Axes, recipe: Recipe, examples: Columns, row: int, name: str) -> None:
    fields = recipe.simulator.columns
    other = fields[name].against
    x, y, (left, right), (low, high) = points_of(recipe, examples, row, name)
    if len(x) > MANY:
        inside = (x > left) & (x < right) & (y > low) & (y < high)
        cells = {"gridsize": 40, "mincnt": 1, "cmap": "Blues", "linewidths": 0.1}
        count = axis.hexbin(x[inside], y[inside], extent=(left, right, low, high), **cells)
        axis.figure.colorbar(count, ax=axis, label="pairs")
    else:
        axis.plot(x, y, ".", color=CLEAN, ms=2 if len(x) > 100 else 5)
    axis.set_xlim(left, right)
    axis.set_ylim(low, high)
    axis.set_xlabel(column_label(other, fields[other]))
    axis.set_ylabel(column_label(name, fields[name]))


def points_of(
    recipe: Recipe, examples: Columns, row: int, name: str
) -> tuple[NDArray, NDArray, tuple[float, float], tuple[float, float]]:
    """Points in the plane and the ends of both axes, which leave out the outermost percents."""
    field = recipe.simulator.columns[name]
    there = examples[field.valid][row] if field.valid else slice(None)
    x, y = examples[field.against][row][there], examples[name][row][there]
    return x, y, _reach(x), _reach(y)


def _reach(values: NDArray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.01, 0.99])
    room = 0.08 * (high - low) or 0.5
    return low - room, high + room


@dataclass(frozen=True)
class Curve:
    """What is drawn of a series of one example: places along the axis, and values there.

    Args:
        label: of the axis.
        clean: without noise, if the example has it.
        observed: with noise, if there is any.
        bars: the standard deviation of each observed value, where each has its own.
        band: one standard deviation below and above the clean values, where all have the same.
        question: the time that is asked for, and the answer.
    """

    label: str
    clean: tuple[NDArray, NDArray] | None = None
    observed: tuple[NDArray, NDArray] | None = None
    bars: NDArray | None = None
    band: tuple[NDArray, NDArray, NDArray] | None = None
    question: tuple[float, float] | None = None


def curve_of(recipe: Recipe, examples: Columns, row: int, name: str) -> Curve:
    """A series of one example as it is drawn, clean and observed."""
    shown = _curve(recipe, name)
    time, seen, label = places_of(recipe, examples, row, name)
    clean = observed = bars = band = question = None
    if shown in examples:
        there = _there(recipe, examples, row, shown)
        clean = places_of(recipe, examples, row, shown)[0][there], examples[shown][row][there]
    if name in recipe.noise:
        noise, there = measurements(recipe)[name], _there(recipe, examples, row, name)
        is_known = clean is not None and shown == name
        true = examples[name if is_known else noise.column][row]
        own = {column: values[row : row + 1] for column, values in examples.items()}
        sigma = np.sqrt(noise.variance(true[None].astype(np.float64), own))[0]
        observed = seen[there], examples[noise.column][row][there]
        if noise.noise.per_sample:
            bars = sigma[there]
        elif is_known:
            band = time[there], (true - sigma)[there], (true + sigma)[there]
    for answer, asked in QUESTIONS.items():
        if answer in examples:
            question = examples[asked][row], examples[answer][row]
    return Curve(label, clean, observed, bars, band, question)


def _there(recipe: Recipe, examples: Columns, row: int, name: str) -> NDArray | slice:
    """Which samples of a series an example has."""
    valid = recipe.simulator.columns[name].valid
    return examples[valid][row].astype(bool) if valid else slice(None)


def _draw_curve(axis: Axes, recipe: Recipe, examples: Columns, row: int, name: str) -> None:
    curve = curve_of(recipe, examples, row, name)
    if curve.clean:
        axis.plot(*curve.clean, color=CLEAN, lw=1.3, label="clean")
    if curve.band:
        label = "noise, one standard deviation"
        axis.fill_between(*curve.band, color=CLEAN, alpha=0.18, lw=0, label=label)
    if curve.observed:
        points = {"fmt": ".", "color": OBSERVED, "ms": 3.5, "label": "observed"}
        axis.errorbar(*curve.observed, curve.bars, elinewidth=0.7, **points)
    if curve.question:
        label = "question: where is it then?"
        axis.plot(*curve.question, "D", color=OBSERVED, ms=5, label=label)
    axis.set_xlabel(curve.label)
    axis.set_ylabel(column_label(name, recipe.simulator.columns[name]))
    axis.margins(x=0.01)


def _curve(recipe: Recipe, name: str) -> str:
    """The clean series that is drawn: the same quantity along another coordinate, if there is one.

    Values at irregular times do not show what lies between them.
    """
    fields = clean_fields(recipe.simulator)
    own = fields[name]
    series = {n: f for n, f in fields.items() if f.shape and f.unit == own.unit}
    others = [n for n, f in series.items() if f.along not in ("", own.along)]
    return others[0] if others else name


def places_of(
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
    return examples[name][row], examples[seen][row], column_label(name, field)
