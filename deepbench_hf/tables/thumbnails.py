"""Small 8-bit pictures of rows, for viewers that show no numbers."""

import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from deepbench_hf.fields import Columns, Field
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe

WIDTH, HEIGHT, MARGIN = 192, 96, 6
PAPER, INK = 255, 40
VOLTAGE = "mV"
SMALLEST_SIDE = 128
"""Images are enlarged by whole pixels to about this side: viewers blur what is smaller."""

ROLES = ("observed", "clean")


def thumbnails(recipe: Recipe, columns: Columns) -> Iterator[bytes]:
    """A PNG of each row: its image, or its first observed or clean series over time."""
    arrays = {name: column for name, column in schema(recipe).items() if column.field.shape}
    columns_of = {role: [n for n, c in arrays.items() if c.role == role] for role in ROLES}
    shown = next(names[0] for names in columns_of.values() if names)
    field = schema(recipe)[shown].field
    for values in columns[shown]:
        plain = np.asarray(values, dtype=np.float64)
        yield _picture(stretched(plain, field)) if field.is_image else _curve(plain)


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


def _picture(brightness: NDArray) -> bytes:
    """A grey picture, row 0 at the bottom, each pixel a square."""
    grey = np.flipud((255 * brightness).round().astype(np.uint8))
    times = max(1, SMALLEST_SIDE // max(brightness.shape))
    return _png(Image.fromarray(np.kron(grey, np.ones((times, times), np.uint8))))


def _curve(series: NDArray) -> bytes:
    low, high = float(series.min()), float(series.max())
    x = np.linspace(MARGIN, WIDTH - MARGIN, len(series))
    y = HEIGHT - MARGIN - (series - low) / (high - low or 1.0) * (HEIGHT - 2 * MARGIN)
    picture = Image.new("L", (WIDTH, HEIGHT), PAPER)
    ImageDraw.Draw(picture).line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=INK)
    return _png(picture)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
