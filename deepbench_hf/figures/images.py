"""Images in a grid, the truth below each, and lines round the objects on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Field
from deepbench_hf.figures.labels import axis_label, gist, truth, unit_text
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate
from deepbench_hf.tables.thumbnails import extreme, stretched

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


ACROSS = 4
COLOURS = ("#d1603d", "#2a9d8f", "#e9c46a", "#4e79c7", "#b5179e", "#80b918")


def draw_images(
    recipe: Recipe, split: str, rows: int, outlines: bool, width: float | None = None
) -> Figure:
    """A figure of the first ``rows`` images of a split.

    Args:
        recipe: what to draw.
        split: which split of it.
        rows: how many examples.
        outlines: whether every object gets a line round it.
        width: of the figure, inches, with a few words below each image; None for all of the truth.

    Raises:
        KeyError: no such split.
    """
    from matplotlib.figure import Figure

    size = recipe.splits[split].size if split in recipe.splits else rows
    masked = recipe.model_copy(update={"masks": outlines})
    examples = generate(masked, split, 0, min(rows, size))
    count = len(examples["index"])
    names = shown_images(recipe)
    field = recipe.simulator.columns[names[0]]
    panels = [(row, name) for row in range(count) for name in names]
    across = min(ACROSS, count) if len(names) == 1 else len(names)
    down = -(-len(panels) // across)
    height, broad = field.shape
    side = 2.9 * max(1.0, broad / height / 2) if width is None else width / across
    below, words = (0.6, truth) if width is None else (0.3, gist)
    below += 0.2 * (len(names) > 1)
    size_inches = side * across + field.signed, (side * height / broad + below) * down + 0.4
    figure = Figure(figsize=size_inches, layout="constrained")
    axes = figure.subplots(down, across, squeeze=False)
    most = extreme(examples[names[0]]) if field.signed else None
    for (row, name), axis in zip(panels, axes.flat, strict=False):
        image = stretched(examples[name][row], field, most)
        draw_image(axis, image, words(recipe, examples, row), colours_of(field))
        if examples.get("pixel_x_px", [-1] * count)[row] >= 0:
            x, y = examples["pixel_x_px"][row], examples["pixel_y_px"][row]
            axis.plot(x, y, "o", mfc="none", mec=COLOURS[0], ms=9)
        if len(names) > 1:
            axis.set_title(name, fontsize=8)
        if outlines:
            alone = "mask" if "mask" in examples else "component"
            _outline(axis, examples[alone][row])
    for axis in axes.flat[len(panels) :]:
        axis.set_axis_off()
    if most is not None:
        _colour_bar(figure, axes, field, most)
    scale = "" if field.unit == "1" else f", {unit_text(field.unit)}, asinh scale"
    figure.suptitle(f"{recipe.name} {recipe.version}, split {split}{scale}", fontsize=10)
    return figure


def shown_images(recipe: Recipe) -> list[str]:
    """The images to draw: what is observed."""
    return [
        name
        for name, column in schema(recipe).items()
        if column.role == "observed" and column.field.is_image
    ]


def colours_of(field: Field) -> str:
    """The colour map of an image: two colours about zero for what fluctuates."""
    return "RdBu_r" if field.signed else "gray"


def draw_image(axis: Axes, image: NDArray, text: str, colours: str = "gray") -> None:
    """A picture from 0 to 1, row 0 at the bottom, with words below."""
    axis.imshow(image, cmap=colours, origin="lower", vmin=0, vmax=1)
    axis.set_xticks([0, image.shape[1] - 1])
    axis.set_yticks([0, image.shape[0] - 1])
    axis.tick_params(labelsize=6, length=2)
    axis.set_xlabel(text, fontsize=6.5)


def _colour_bar(figure: Figure, axes: NDArray, field: Field, most: float) -> None:
    """The values that the colours of all images stand for."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    values = ScalarMappable(Normalize(-most, most), colours_of(field))
    bar = figure.colorbar(values, ax=axes, extend="both", fraction=0.03, pad=0.01)
    bar.set_label(axis_label(field.meaning, field.unit), fontsize=8)
    bar.ax.tick_params(labelsize=7)


def _outline(axis: Axes, stack: NDArray) -> None:
    """A line where each object has half of its greatest value."""
    for number, single in enumerate(stack):
        if np.ptp(single) > 0:
            colour = COLOURS[number % len(COLOURS)]
            axis.contour(single, [0.5 * single.max()], colors=[colour], linewidths=0.8)
