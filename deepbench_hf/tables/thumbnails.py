"""Small 8-bit pictures of rows, for viewers that show no numbers."""

import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from deepbench_hf.fields import Columns, Field
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe

WIDTH, HEIGHT, MARGIN, GAP = 192, 96, 6, 4
PAPER, INK = 255, 40
VOLTAGE = "mV"
SMALLEST_SIDE = 128
"""Images are enlarged by whole pixels to about this side: viewers blur what is smaller."""

ROLES = ("observed", "clean")


def thumbnails(recipe: Recipe, columns: Columns) -> Iterator[bytes]:
    """A PNG of each row: its images, a slice of its volume, points in the plane, or a series.

    Observed arrays are taken, or clean ones; images before all others, of which all are shown.
    """
    arrays = {name: column for name, column in schema(recipe).items() if column.field.shape}
    names = [n for role in ROLES for n, c in arrays.items() if c.role == role]
    first = arrays[next((n for n in names if arrays[n].field.is_image), names[0])]
    if first.field.is_image or first.field.is_volume:
        kind = "is_image" if first.field.is_image else "is_volume"
        alike = {n: arrays[n] for n in names if arrays[n].role == first.role}
        shown = {n: c.field for n, c in alike.items() if getattr(c.field, kind)}
        for row in zip(*(columns[name] for name in shown), strict=True):
            plain = [
                stretched(sliced(np.asarray(values, dtype=np.float64), field), field)
                for values, field in zip(row, shown.values(), strict=True)
            ]
            yield _picture(plain)
        return
    pairs = (n for n in names if arrays[n].field.against)
    upwards = next(pairs, None)
    if upwards is not None:
        yield from _scatter(columns, upwards, arrays[upwards].field)
        return
    for values in columns[names[0]]:
        yield _curve(np.asarray(values, dtype=np.float64))


def sliced(values: NDArray, field: Field) -> NDArray:
    """What is drawn of an array: of a volume the slice through its middle, else all of it."""
    return values[len(values) // 2] if field.is_volume else values


def extreme(images: NDArray) -> float:
    """The size up to which a fluctuation is shown: that of all but the largest 0.5 %."""
    return float(np.percentile(np.abs(images), 99.5))


def stretched(image: NDArray, field: Field, most: float | None = None) -> NDArray[np.float64]:
    """Brightness from 0 to 1 for the eye.

    Coverage, a pure number, is shown as it is; a fluctuation with 1/2 at zero, from -most to most;
    surface brightness by the asinh of multiples of its noise, so that faint wings and bright cores
    are both seen; a voltage likewise, but grey at zero.

    Args:
        image: of any shape.
        field: what it shows.
        most: of a fluctuation; its own `extreme` without.
    """
    if field.signed:
        most = extreme(image) if most is None else most
        return np.clip(0.5 + 0.5 * image / (most or 1.0), 0, 1)
    low, middle, high = np.percentile(image, [0.5, 50, 99.5])
    if field.unit == "1":
        low, high = min(0.0, low), max(1.0, high)
        return np.clip((image - low) / (high - low), 0, 1)
    scatter = 1.5 * float(np.median(np.abs(image - middle)))
    step = 2 * max(scatter, 1e-3 * float(high - low), 1e-12)
    if field.unit == VOLTAGE:
        signed = np.arcsinh(image / step)
        return 0.5 + 0.5 * signed / max(float(np.abs(signed).max()), 1.0)
    scaled = np.arcsinh((image - middle) / step)
    return np.clip((scaled + 1.0) / (max(float(scaled.max()), 1.0) + 1.0), 0, 1)


def _picture(images: list[NDArray]) -> bytes:
    """Pictures ``(H, W)`` or ``(3, H, W)`` side by side, row 0 at the bottom.

    Pixels are squares; those of images of several sizes are stretched to about the same frame.
    """
    shapes = {image.shape[-2:] for image in images}
    square = max(1, SMALLEST_SIDE // max(map(max, shapes)))
    parts = []
    for image in images:
        times = (
            [square] * 2
            if len(shapes) == 1
            else [max(1, SMALLEST_SIDE // side) for side in image.shape[-2:]]
        )
        shades = np.flip((255 * image).round().astype(np.uint8), axis=-2)
        parts.append(np.kron(shades, np.ones(times, np.uint8)))
    high = max(part.shape[-2] for part in parts)
    gap = np.full((*parts[0].shape[:-2], high, GAP), PAPER, np.uint8)
    framed = [gap]
    for part in parts:
        missing = [(0, 0)] * (part.ndim - 2) + [(high - part.shape[-2], 0), (0, 0)]
        framed += [np.pad(part, missing, constant_values=PAPER), gap]
    whole = np.concatenate(framed[1:-1], axis=-1)
    return _png(Image.fromarray(whole if whole.ndim == 2 else np.moveaxis(whole, 0, -1)))


def _scatter(columns: Columns, upwards: str, field: Field) -> Iterator[bytes]:
    """The points of each row that are there."""
    there = columns[field.valid] if field.valid else np.ones(columns[upwards].shape, bool)
    for x, y, here in zip(columns[field.against], columns[upwards], there, strict=True):
        yield _points(x[here], y[here])


def _points(x: NDArray, y: NDArray) -> bytes:
    """Dots in a square that the furthest of them reach."""
    picture = Image.new("L", (SMALLEST_SIDE, SMALLEST_SIDE), PAPER)
    across, up = (_between(part, MARGIN, SMALLEST_SIDE - MARGIN) for part in (x, -y))
    places = list(zip(across.tolist(), up.tolist(), strict=True))
    for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
        ImageDraw.Draw(picture).point([(a + dx, b + dy) for a, b in places], fill=INK)
    return _png(picture)


def _between(values: NDArray, first: float, last: float) -> NDArray[np.float64]:
    """Values moved and stretched so that the least is at ``first`` and the greatest at ``last``."""
    low, high = (float(end) for end in (values.min(), values.max())) if values.size else (0.0, 1.0)
    return first + (values.astype(np.float64) - low) / (high - low or 1.0) * (last - first)


def _curve(series: NDArray) -> bytes:
    x = np.linspace(MARGIN, WIDTH - MARGIN, len(series))
    y = _between(-series, MARGIN, HEIGHT - MARGIN)
    picture = Image.new("L", (WIDTH, HEIGHT), PAPER)
    ImageDraw.Draw(picture).line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=INK)
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
