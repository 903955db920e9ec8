"""Images in a grid, the truth below each, and lines round the objects on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.figures.labels import gist, truth, unit_text
from deepbench_hf.generation import generate
from deepbench_hf.recipe import Recipe
from deepbench_hf.thumbnails import stretched

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw_image", "draw_images"]

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
    unit = recipe.simulator.fields["image"].unit
    across = min(ACROSS, count)
    down = -(-count // across)
    side = 2.9 if width is None else width / across
    below, words = (0.6, truth) if width is None else (0.3, gist)
    size_inches = side * across, (side + below) * down + 0.4
    figure = Figure(figsize=size_inches, layout="constrained")
    axes = figure.subplots(down, across, squeeze=False)
    for row, axis in zip(range(count), axes.flat, strict=False):
        draw_image(axis, stretched(examples["image"][row], unit), words(recipe, examples, row))
        if outlines:
            alone = "mask" if "mask" in examples else "component"
            _outline(axis, examples[alone][row])
    for axis in axes.flat[count:]:
        axis.set_axis_off()
    scale = "" if unit == "1" else f", {unit_text(unit)}, asinh scale"
    figure.suptitle(f"{recipe.name} {recipe.version}, split {split}{scale}", fontsize=10)
    return figure


def draw_image(axis: Axes, image: NDArray, text: str) -> None:
    """A picture from 0 to 1, row 0 at the bottom, with words below."""
    axis.imshow(image, cmap="gray", origin="lower", vmin=0, vmax=1)
    axis.set_xticks([0, image.shape[1] - 1])
    axis.set_yticks([0, image.shape[0] - 1])
    axis.tick_params(labelsize=6, length=2)
    axis.set_xlabel(text, fontsize=6.5)


def _outline(axis: Axes, stack: NDArray) -> None:
    """A line where each object has half of its greatest value."""
    for number, single in enumerate(stack):
        if np.ptp(single) > 0:
            colour = COLOURS[number % len(COLOURS)]
            axis.contour(single, [0.5 * single.max()], colors=[colour], linewidths=0.8)
