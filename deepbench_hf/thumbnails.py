"""Small 8-bit pictures of rows, for viewers that show no numbers."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw

from deepbench_hf.recipe import Recipe
from deepbench_hf.schema import schema
from deepbench_hf.simulators.base import Columns

__all__ = ["thumbnails"]

WIDTH, HEIGHT, MARGIN = 192, 96, 6
PAPER, INK = 255, 40


def thumbnails(recipe: Recipe, columns: Columns) -> Iterator[bytes]:
    """A PNG of each row: its first observed series, or its first clean one, over time."""
    shown = [name for name, column in schema(recipe).items() if column.role == "observed"]
    shown = shown or [n for n, c in schema(recipe).items() if c.role == "clean"]
    for series in columns[shown[0]]:
        yield _curve(np.asarray(series, dtype=np.float64))


def _curve(series: np.ndarray) -> bytes:
    low, high = float(series.min()), float(series.max())
    x = np.linspace(MARGIN, WIDTH - MARGIN, len(series))
    y = HEIGHT - MARGIN - (series - low) / (high - low or 1.0) * (HEIGHT - 2 * MARGIN)
    picture = Image.new("L", (WIDTH, HEIGHT), PAPER)
    ImageDraw.Draw(picture).line(list(zip(x.tolist(), y.tolist(), strict=True)), fill=INK)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
