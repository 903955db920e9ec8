"""Images in a grid, the truth below each, and lines round the objects on demand."""

import re
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import AsinhNorm, Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from deepbench_hf.fields import Field, of_role
from deepbench_hf.figures.labels import axis_label, gist, heading, panels, truth
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import generate
from deepbench_hf.tables.thumbnails import VOLTAGE, extreme, sliced

ACROSS = 4
COLOURS = ("#d1603d", "#2a9d8f", "#e9c46a", "#4e79c7", "#b5179e", "#80b918")
WIDEST = 20.0
"""Inches, of images that are broader than high side by side."""
AS_STRONG = 8.0
"""Columns whose largest values differ by less are on one scale."""
SIGNS_PER_INCH = 15
"""Of a caption, at its size."""


def draw_images(
    recipe: Recipe, split: str, rows: int, outlines: bool, width: float | None = None
) -> Figure:
    """A figure of the first ``rows`` images of a split; where rows have several, one row a line.

    All images are on one scale, but for columns of other units, sizes or strengths, which have
    their own. One whose width, in inches, is given has a few words below, else all of the truth.

    Raises:
        KeyError: no such split.
    """
    size = recipe.splits[split].size if split in recipe.splits else rows
    examples = generate(recipe.model_copy(update={"masks": outlines}), split, 0, min(rows, size))
    count, names = len(examples["index"]), shown_images(recipe)
    fields = [recipe.simulator.columns[name] for name in names]
    for name, field in zip(names, fields, strict=True):
        examples[name] = np.array([sliced(one, field) for one in examples[name]])
    shown = [(row, k) for row in range(count) for k in range(len(names))]
    across = min(ACROSS, count) if len(names) == 1 else len(names)
    (height, broad), down = fields[0].shape[-2:], -(-len(shown) // across)
    same = len({field.shape for field in fields}) == 1
    square = same and 4 * height >= broad  # pixels; other images fill frames of one shape
    if not square:
        height, broad = 1, 4 if same else 1
    side = min(2.9 * max(1.0, broad / height / 2), max(2.9, WIDEST / across))
    side = side if width is None else (width - 0.9) / across
    words, signs = (truth if width is None else gist), int(side * SIGNS_PER_INCH)
    captions = [
        words(recipe, examples, row, signs) if k == len(names) // 2 else "" for row, k in shown
    ]
    lines = max(caption.count("\n") + bool(caption) for caption in captions)
    below = 0.25 + 0.14 * lines + 0.2 * (len(names) > 1)
    scales = _scales(fields, [examples[name].reshape(count, -1, 1) for name in names])
    shared = len(set(map(id, scales))) == 1
    bars = 0.6 if shared else 1.4
    inches = side * across + 0.9, (side * height / broad + below) * down + bars
    figure, axes = panels(len(shown), across, inches, heading(recipe, split))
    for (row, k), axis, caption in zip(shown, axes, captions, strict=True):
        draw_image(axis, examples[names[k]][row], scales[k], caption)
        axis.set_aspect("equal" if square else "auto")
        if examples.get("pixel_x_px", [-1] * count)[row] >= 0:
            x, y = examples["pixel_x_px"][row], examples["pixel_y_px"][row]
            axis.plot(x, y, "o", mfc="none", mec=COLOURS[0], ms=9)
        if len(names) > 1:
            axis.set_title(names[k], fontsize=8)
        if outlines:
            _outline(axis, examples["mask" if "mask" in examples else "component"][row])
    figure.supxlabel(f"x [{fields[0].axes[1]}]", fontsize=8)
    figure.supylabel(f"y [{fields[0].axes[0]}]", fontsize=8)
    for k, (field, colours) in enumerate(zip(fields, scales, strict=True)):
        if (field.unit != "1" or field.signed) and not (shared and k):
            _colour_bar(figure, axes if shared else axes[k :: len(names)], field, colours, shared)
    return figure


def _scales(fields: list[Field], images: list[NDArray]) -> list[ScalarMappable]:
    """The colours of each column of images; the same for all that are alike and as strong."""
    own = [colours_of(*pair) for pair in zip(fields, images, strict=True)]
    most = [np.abs(one.get_clim()).max() for one in own]
    alike = len({(field.unit, field.shape, field.signed) for field in fields}) == 1
    if alike and max(most) < AS_STRONG * min(most):
        return [colours_of(fields[0], np.concatenate(images, axis=1))] * len(fields)
    return own


def shown_images(recipe: Recipe) -> list[str]:
    """The images to draw: what is observed; where there is none, the first volume."""
    images = [
        name
        for name, column in schema(recipe).items()
        if column.role == "observed" and column.field.is_image
    ]
    outputs = of_role(recipe.simulator.columns, "output")
    return images or [name for name, field in outputs.items() if field.is_volume][:1]


def colours_of(field: Field, images: NDArray) -> ScalarMappable:
    """The colours that values of images ``(n, H, W)`` have.

    Coverage, a pure number, from 0 to 1; angles in proportion; a fluctuation in two colours about
    zero; surface brightness and voltages by the asinh of multiples of their noise, so that faint
    wings and bright cores are both seen, with voltages grey at zero.
    """
    if field.signed:
        most = extreme(images) or 1.0
        return ScalarMappable(Normalize(-most, most), "RdBu_r")
    images = images.astype(np.float64)  # of truth values there are no differences
    low, high = np.percentile(images, [0.5, 99.95]).tolist()
    if field.unit == "1":
        return ScalarMappable(Normalize(min(0.0, low), max(1.0, high)), "gray")
    if field.unit == "deg":
        return ScalarMappable(Normalize(low, high), "viridis")
    middle = np.median(images, axis=(1, 2), keepdims=True)
    scatter = 1.5 * float(np.median(np.abs(images - middle)))
    step = 2 * max(scatter, 1e-3 * (high - low), 1e-12)
    high = max(high, 2 * step)
    low = -high if field.unit == VOLTAGE else float(np.median(middle)) - step
    return ScalarMappable(AsinhNorm(step, low, high), "gray")


def draw_image(axis: Axes, image: NDArray, colours: ScalarMappable, caption: str = "") -> None:
    """A picture ``(H, W)`` or ``(3, H, W)``, row 0 at the bottom, with words below."""
    if image.ndim == 3:
        image = np.moveaxis(np.clip(image, 0, 1), 0, -1)
    axis.imshow(image, cmap=colours.cmap, norm=colours.norm, origin="lower")  # type: ignore[arg-type]
    axis.set_xticks([0, image.shape[1] - 1])
    axis.set_yticks([0, image.shape[0] - 1])
    axis.tick_params(labelsize=6, length=2)
    axis.set_xlabel(caption, fontsize=7)


def _colour_bar(
    figure: Figure, axes: list[Axes], field: Field, colours: ScalarMappable, right: bool
) -> None:
    """The values that colours stand for: to the right of all images, or below those of a column."""
    extend = "both" if field.signed else "max"
    # In a frame that is much higher than the bar its label would leave the figure.
    height = 0.1 / figure.get_figheight()
    below = {"location": "bottom", "aspect": 30, "fraction": height}
    beside = {"fraction": 0.03, "pad": 0.01}
    place: dict[str, Any] = beside if right else below
    bar = figure.colorbar(colours, ax=axes, extend=extend, **place)
    label = axis_label(re.split(" (?:of|at) ", field.meaning)[0], field.unit)
    if isinstance(colours.norm, AsinhNorm):
        label = f"{label}, asinh scale"
        bar.set_ticks(_round_values(colours.norm))
        (bar.ax.yaxis if right else bar.ax.xaxis).set_major_formatter(lambda value, _: f"{value:g}")
        bar.minorticks_off()
    # No wider than the column above it.
    signs = int(SIGNS_PER_INCH * figure.get_figwidth() * axes[0].get_position().width)
    bar.set_label(label if right else fill(label, signs), fontsize=8)
    bar.ax.tick_params(labelsize=7)


def _round_values(norm: AsinhNorm) -> list[float]:
    """Zero, and numbers such as 1, 3, 10 that lie apart from it."""
    low, high = norm.vmin or 0.0, norm.vmax or 0.0
    powers = np.outer(10.0 ** np.arange(-9, 10), [1, 3]).ravel()
    far = powers[(powers > 2 * norm.linear_width) & (powers <= high)][-4:]
    return [value for value in (*-far[::-1], 0.0, *far) if value >= low]


def _outline(axis: Axes, stack: NDArray) -> None:
    """A line where each object has half of its greatest value."""
    for number, single in enumerate(stack):
        if np.ptp(single) > 0:
            colour = COLOURS[number % len(COLOURS)]
            axis.contour(single, [0.5 * single.max()], colors=[colour], linewidths=0.8)
