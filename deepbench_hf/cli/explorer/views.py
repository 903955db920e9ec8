"""Pictures of one row: clean, observed and residual; derivatives; and tables of its numbers."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from html import escape

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from deepbench_hf.fields import Columns, of_role
from deepbench_hf.figures.images import colours_of, draw_image
from deepbench_hf.figures.labels import column_label, number_text, unit_text
from deepbench_hf.figures.series import CLEAN, OBSERVED, draw_panel, shown_series
from deepbench_hf.noise.measurement import tagged
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.variations import jacobian
from deepbench_hf.simulators.base import all_parameters, clean_fields
from deepbench_hf.tables.thumbnails import sliced

SIZE = (9.6, 3.4)
"""Of a figure with its panels side by side, inches."""

TITLE_AT = 1.0
"""Height of a title in its panel; left to matplotlib, looking for it takes a fifth of the time."""
ACROSS = 4
MOST_PANELS = 12


def outputs(recipe: Recipe) -> list[str]:
    """The images or series of a row that can be drawn; none where it has only numbers."""
    fields = clean_fields(recipe.simulator).items()
    images = [name for name, field in fields if field.is_image or field.is_volume]
    return images or shown_series(recipe)


def row_html(recipe: Recipe, row: Columns, output: str) -> str:
    """Clean, observed and residual of an output, side by side; what it has of them.

    Args:
        recipe: whose row it is.
        row: columns of one example, the clean output among them.
        output: one of `outputs`.
    """
    field = recipe.simulator.columns[output]
    if field.is_image or field.is_volume:
        return _images(recipe, row, output)
    return picture(draw_series_of(recipe, row, output), f"{output} of {recipe.name}")


def draw_series_of(recipe: Recipe, row: Columns, output: str) -> Figure:
    """A series, clean and observed, and the residual beside it."""
    field, measured = recipe.simulator.columns[output], measurements(recipe).get(output)
    figure = Figure(figsize=SIZE)
    seen = measured is not None
    axes = figure.subplots(1, 1 + seen, width_ratios=[2, 1][: 1 + seen], squeeze=False)[0]
    draw_panel(axes[0], recipe, row, 0, output)
    axes[0].set_title("clean and observed" if seen else "clean", fontsize=9, y=TITLE_AT)
    axes[0].set_ylabel(column_label(output, field))
    x, label = _along(recipe, row, output)
    axes[0].set_xlabel(label)
    if measured is not None:
        there = row[field.valid][0].astype(bool) if field.valid else slice(None)
        residual = (row[measured.column][0] - row[output][0])[there]
        sigma = np.sqrt(measured.variance(row[output].astype(np.float64), row))[0][there]
        axes[1].fill_between(x[there], -sigma, sigma, color=CLEAN, alpha=0.18, lw=0)
        axes[1].plot(x[there], residual, ".", color=OBSERVED, ms=3.5)
        axes[1].set_title("residual, and one standard deviation", fontsize=9, y=TITLE_AT)
        axes[1].set_xlabel(label)
    for axis in axes:
        axis.locator_params(nbins=4)
    figure.subplots_adjust(0.1, 0.16, 0.98, 0.9, 0.22)
    return figure


def draw_numbers_of(recipe: Recipe, row: Columns, sweeps: Mapping[str, Columns]) -> Figure:
    """Each output of one number over each parameter, the row's own value marked.

    Args:
        recipe: whose row it is.
        row: columns of one example.
        sweeps: for each parameter its values and the outputs there, ``(n,)``.
    """
    names = list(of_role(recipe.simulator.columns, "output"))
    panels = [(output, name) for output in names for name in sweeps][:MOST_PANELS]
    figure, axes = _grid(len(panels), SIZE[1])
    known = all_parameters(recipe.simulator)
    for axis, (output, name) in zip(axes, panels, strict=True):
        axis.plot(sweeps[name][name], sweeps[name][output], color=CLEAN)
        axis.plot(row[name][0], row[output][0], "o", color=OBSERVED)
        axis.set_xlabel(column_label(name, known[name]), fontsize=8)
        axis.set_ylabel(column_label(output, recipe.simulator.columns[output]), fontsize=8)
    figure.subplots_adjust(0.09, 0.18, 0.98, 0.92, 0.45, 0.6)
    return figure


def draw_derivatives(recipe: Recipe, values: Mapping[str, object], output: str) -> Figure:
    """The derivative of an output by each parameter that the model has one for.

    Raises:
        ValueError: the config offers no derivatives.
    """
    found = {n: v for n, v in jacobian(recipe, **values)[output].items() if np.any(v)}
    shown = list(found.items())[:MOST_PANELS]
    figure, axes = _grid(len(shown), 2.3)
    known, field = all_parameters(recipe.simulator), recipe.simulator.columns[output]
    for axis, (name, slope) in zip(axes, shown, strict=True):
        if field.is_image:
            most = float(np.abs(slope).max())
            draw_image(axis, slope, ScalarMappable(Normalize(-most, most), "RdBu_r"))
            axis.set_xticks([])
            axis.set_yticks([])
        else:
            axis.plot(slope, color=CLEAN)
        axis.set_title(f"by {column_label(name, known[name])}", fontsize=8)
    figure.subplots_adjust(0.06, 0.08, 0.98, 0.92, 0.3, 0.45)
    return figure


def numbers(recipe: Recipe, row: Columns) -> list[tuple[str, str, str, str]]:
    """Column, value, unit and meaning of all single numbers of a row."""
    found = []
    for name, column in schema(recipe).items():
        values = row.get(name)
        if values is None or values.ndim > 1 or column.field.fields:
            continue
        value, field = values[0], column.field
        named = field.names and 0 <= int(value) < len(field.names)
        if field.is_text:
            text = str(value)
        else:
            text = field.names[int(value)] if named else number_text(float(value), 5)
        found.append((name, text, unit_text(field.unit), field.meaning))
    return found


def bounds(recipe: Recipe, row: Columns) -> list[tuple[str, str, str, str]]:
    """Each parameter's value, its Cramer-Rao bound, their ratio, and the unit.

    Args:
        recipe: with uncertainty, so that its rows have bounds.
        row: columns of one example.
    """
    found = []
    known = {**recipe.simulator.columns, **all_parameters(recipe.simulator)}
    for name, what in known.items():
        column = tagged(name, "crlb", what.unit, what.unit)
        if column in row and name in row:
            value, bound = float(row[name][0]), float(row[column][0])
            ratio = f"{100 * abs(bound / value):.3g} %" if value and np.isfinite(bound) else "-"
            text = number_text(bound) if np.isfinite(bound) else "no information"
            found.append((name, number_text(value, 5), text, ratio, unit_text(what.unit)))
    return found


def picture(figure: Figure, words: str) -> str:
    """A figure as an image in HTML, with words for those who do not see it."""
    data = base64.b64encode(png(figure)).decode()
    return f'<img alt="{escape(words)}" src="data:image/png;base64,{data}">'


def png(figure: Figure) -> bytes:
    """The bytes of a figure: the same for the same rows."""
    file = io.BytesIO()
    FigureCanvasAgg(figure).print_png(file, pil_kwargs={"compress_level": 1})
    return file.getvalue()


def _images(recipe: Recipe, row: Columns, output: str) -> str:
    """Images, and slices of volumes, a pixel for a pixel; the browser makes them larger."""
    field, measured = recipe.simulator.columns[output], measurements(recipe).get(output)
    clean = row[recipe.plan(next(iter(recipe.splits))).clean[output]][0]
    seen = None if measured is None else sliced(row[measured.column][0], field)
    clean = sliced(clean, field)
    shared = colours_of(field, np.stack([clean] if seen is None else [clean, seen]))
    parts = [image_html(clean, shared, "clean", field.unit)]
    if seen is not None:
        most = float(np.abs(seen - clean).max()) or 1.0
        two_colours = ScalarMappable(Normalize(-most, most), "RdBu_r")
        parts += [
            image_html(seen, shared, "observed", field.unit),
            image_html(seen - clean, two_colours, "residual", field.unit),
        ]
    return f'<div class="images">{"".join(parts)}</div>'


def image_html(image: NDArray, colours: ScalarMappable, title: str, unit: str) -> str:
    """An image with its title and the values of its darkest and brightest colour."""
    file = io.BytesIO()
    Image.fromarray(pixels(image, colours)).save(file, "PNG", compress_level=1)
    data = base64.b64encode(file.getvalue()).decode()
    low, high = (number_text(float(end), 3) for end in (colours.norm.vmin, colours.norm.vmax))  # type: ignore[arg-type]
    words = f"{title}, {low} to {high} {unit_text(unit)}".rstrip()
    return (
        f'<figure><img alt="{title}" src="data:image/png;base64,{data}">'
        f"<figcaption>{escape(words)}</figcaption></figure>"
    )


def pixels(image: NDArray, colours: ScalarMappable) -> NDArray[np.uint8]:
    """The colours of an image, row 0 at the bottom, ``(H, W, 3)``."""
    if image.ndim == 3:  # red, green and blue
        image = np.moveaxis(np.clip(image, 0, 1), 0, -1)
    return np.ascontiguousarray(colours.to_rgba(image, bytes=True)[::-1, :, :3])


def _grid(count: int, high: float) -> tuple[Figure, list[Axes]]:
    across = min(ACROSS, max(count, 1))
    down = -(-count // across) or 1
    figure = Figure(figsize=(SIZE[0], high * down))
    axes = list(figure.subplots(down, across, squeeze=False).flat)
    for axis in axes:
        axis.tick_params(labelsize=7)
    for axis in axes[count:]:
        axis.set_axis_off()
    return figure, axes[:count]


def _along(recipe: Recipe, row: Columns, series: str) -> tuple[np.ndarray, str]:
    """The coordinate of a series, and its label; numbers where it has none."""
    columns = recipe.simulator.columns
    field, coordinates = columns[series], of_role(columns, "coordinate")
    if field.against:
        return row[field.against][0], column_label(field.against, columns[field.against])
    name = field.along or next(iter(coordinates), "")
    if not name:
        return np.arange(1, field.shape[0] + 1), "number"
    return row[name][0], column_label(name, coordinates[name])
