"""Pictures of one row: clean, observed and residual; derivatives; and tables of its numbers."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from html import escape

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from deepbench_hf.cli.explorer.plots import Band, Line, Points, plot
from deepbench_hf.fields import Columns, of_role
from deepbench_hf.figures.images import colours_of
from deepbench_hf.figures.labels import column_label, number_text, unit_text
from deepbench_hf.figures.series import MANY, curve_of, places_of, points_of, shown_series
from deepbench_hf.noise.measurement import tagged
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.variations import jacobian
from deepbench_hf.simulators.base import all_parameters, clean_fields
from deepbench_hf.tables.thumbnails import sliced

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
        return _beside(*_images(recipe, row, output))
    if field.against:
        return _beside(_pairs(recipe, row, output))
    return _beside(*_series(recipe, row, output))


def _pairs(recipe: Recipe, row: Columns, output: str) -> str:
    """Points in the plane."""
    columns = recipe.simulator.columns
    other = columns[output].against
    x, y, *ends = points_of(recipe, row, 0, output)
    title = f"the first {MANY} of {len(x)} points" if len(x) > MANY else f"{len(x)} points"
    labels = column_label(other, columns[other]), column_label(output, columns[output])
    return plot(title, labels, [Points(x[:MANY], y[:MANY])], (ends[0], ends[1]))


def _series(recipe: Recipe, row: Columns, output: str) -> list[str]:
    """A series, clean and observed, and the residual."""
    curve, measured = curve_of(recipe, row, 0, output), measurements(recipe).get(output)
    field = recipe.simulator.columns[output]
    label = column_label(output, field)
    marks = [Band(*curve.band)] if curve.band else []
    marks += [Line(*curve.clean)] if curve.clean else []
    marks += [Points(*curve.observed, curve.bars)] if curve.observed else []
    marks += [Points(*curve.question, is_large=True)] if curve.question else []
    title = "clean (line) and observed (points)" if curve.observed else "clean"
    if curve.question:
        title += ", and the question (large point)"
    parts = [plot(title, (curve.label, label), marks)]
    if measured is not None:
        there = row[field.valid][0].astype(bool) if field.valid else slice(None)
        residual = (row[measured.column][0] - row[output][0])[there]
        sigma = np.sqrt(measured.variance(row[output].astype(np.float64), row))[0][there]
        x = places_of(recipe, row, 0, output)[0][there]
        marks = [Band(x, -sigma, sigma), Points(x, residual)]
        parts += [plot("residual, and one standard deviation (band)", (curve.label, label), marks)]
    return parts


def numbers_html(recipe: Recipe, row: Columns, sweeps: Mapping[str, Columns]) -> str:
    """Each output of one number over each parameter, the row's own value marked.

    Args:
        recipe: whose row it is.
        row: columns of one example.
        sweeps: for each parameter its values and the outputs there, ``(n,)``.
    """
    columns, known = recipe.simulator.columns, all_parameters(recipe.simulator)
    panels = [(output, name) for output in of_role(columns, "output") for name in sweeps]
    return _beside(
        *(
            plot(
                f"{output} over {name}",
                (column_label(name, known[name]), column_label(output, columns[output])),
                [
                    Line(sweeps[name][name], sweeps[name][output]),
                    Points(row[name][0], row[output][0], is_large=True),
                ],
            )
            for output, name in panels[:MOST_PANELS]
        )
    )


def derivatives_html(recipe: Recipe, values: Mapping[str, object], output: str) -> str:
    """The derivative of an output by each parameter that the model has one for.

    Raises:
        ValueError: the config offers no derivatives.
    """
    found = {n: v for n, v in jacobian(recipe, **values)[output].items() if np.any(v)}
    known, field = all_parameters(recipe.simulator), recipe.simulator.columns[output]
    measure, parts = unit_text(field.unit) or "1", []
    for name, slope in list(found.items())[:MOST_PANELS]:
        title = (
            f"derivative of {output} by {name} [{measure} / {unit_text(known[name].unit) or '1'}]"
        )
        if field.is_image:
            most = float(np.abs(slope).max())
            colours = ScalarMappable(Normalize(-most, most), "RdBu_r")
            parts.append(image_html(slope, colours, title))
        else:
            labels = "number", f"by {column_label(name, known[name])}"
            parts.append(plot(title, labels, [Line(np.arange(1, len(slope) + 1), slope)]))
    return _beside(*parts)


def _beside(*parts: str) -> str:
    """Pictures in lines as long as the window is wide."""
    return f'<div class="pictures">{"".join(parts)}</div>'


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
    file = io.BytesIO()
    FigureCanvasAgg(figure).print_png(file, pil_kwargs={"compress_level": 1})
    data = base64.b64encode(file.getvalue()).decode()
    return f'<img alt="{escape(words)}" src="data:image/png;base64,{data}">'


def _images(recipe: Recipe, row: Columns, output: str) -> list[str]:
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
    return parts


def image_html(image: NDArray, colours: ScalarMappable, title: str, unit: str = "1") -> str:
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
