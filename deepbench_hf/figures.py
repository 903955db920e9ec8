"""Pictures of rows: clean curves, observed points, the noise band, axes with units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import astropy.units as u

from deepbench_hf.generation import generate
from deepbench_hf.recipe import Recipe
from deepbench_hf.schema import measured_name, schema, sigma_name
from deepbench_hf.simulators.base import Columns, word_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["preview", "save_preview"]

CLEAN, OBSERVED = "#1f4e79", "#d1603d"
ACROSS = 3
SYMBOLS = {"theta": r"$\theta$", "omega": r"$\omega$", "dq_dt": "dq/dt", "dp_dt": "dp/dt"}


def save_preview(recipe: Recipe, file: str | Path, split: str = "train", rows: int = 6) -> None:
    """Draw the first ``rows`` examples of a split to ``file``; its ending names the format.

    Raises:
        ValueError: an ending that matplotlib does not know.
        KeyError: no such split.
    """
    if not Path(file).suffix:
        raise ValueError(f"{str(file)!r} has no ending; end it in .png, .pdf or .svg")
    preview(recipe, split, rows).savefig(file, dpi=120)


def preview(recipe: Recipe, split: str = "train", rows: int = 6) -> Figure:
    """A figure of the first ``rows`` examples of a split.

    Every example has one panel for each series that the recipe puts noise on, or for each clean
    series where there is no noise; the truth is written above it.
    """
    from matplotlib.figure import Figure

    size = recipe.splits[split].size if split in recipe.splits else rows
    examples = generate(recipe, split, 0, min(rows, size))
    names = _series(recipe)
    panels = [(row, name) for row in range(len(examples["index"])) for name in names]
    across = len(names) if len(names) > 1 else min(ACROSS, len(panels))
    down = -(-len(panels) // across)
    figure = Figure(figsize=(4.6 * across, 2.9 * down), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False)
    for axis, (row, name) in zip(axes.flat, panels, strict=False):
        _draw(axis, recipe, examples, row, name)
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    figure.suptitle(f"{recipe.name} {recipe.version}, split {split}")
    return figure


def _series(recipe: Recipe) -> list[str]:
    """The clean series to draw: those with noise, or all."""
    fields = recipe.simulator.fields
    series = [name for name, field in fields.items() if field.shape]
    return [name for name in series if name in recipe.noise] or series


def _draw(axis: Axes, recipe: Recipe, examples: Columns, row: int, name: str) -> None:
    field = recipe.simulator.fields[name]
    (time_name,) = recipe.simulator.coordinates
    time = examples[time_name][row]
    clean = examples[name][row] if name in examples else None
    if clean is not None:
        axis.plot(time, clean, color=CLEAN, lw=1.3, label="clean")
    if name in recipe.noise:
        observed = examples[measured_name(name, field)][row]
        sigma = examples[sigma_name(name, recipe.noise[name], field)][row]
        if clean is not None:
            band = (clean - sigma, clean + sigma)
            axis.fill_between(time, *band, color=CLEAN, alpha=0.18, lw=0, label="noise, one sigma")
        axis.plot(time, observed, ".", color=OBSERVED, ms=3.5, label="observed")
    time_unit = recipe.simulator.coordinates[time_name].unit
    axis.set_xlabel(_axis_label(word_of(time_name, time_unit), time_unit))
    axis.set_ylabel(_axis_label(word_of(name, field.unit), field.unit))
    axis.set_title(_truth(recipe, examples, row), fontsize=8)
    axis.margins(x=0.01)


def _axis_label(name: str, unit: str) -> str:
    return f"{SYMBOLS.get(name, name)} [{_unit(unit)}]"


def _truth(recipe: Recipe, examples: Columns, row: int) -> str:
    """The true parameters of one example, two to a line; constants say nothing of it."""
    shown = []
    for name, column in schema(recipe).items():
        if column.role == "parameter" and recipe.priors[name].kind != "constant":
            word = word_of(name, column.field.unit).replace("_", " ")
            shown.append(f"{word} {examples[name][row]:.3g} {_unit(column.field.unit)}")
    lines = [", ".join(shown[i : i + 2]) for i in range(0, len(shown), 2)]
    return "\n".join(lines)


def _unit(unit: str) -> str:
    return "" if unit == "1" else u.Unit(unit).to_string("latex_inline")
