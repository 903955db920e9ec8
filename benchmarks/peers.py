"""Yardsticks that are neither ours nor DeepBench's: SciPy's elliptic functions, PNG, Arrow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image
from scipy.special import ellipj, ellipk

from benchmarks.timing import Contestant, stopwatch

__all__ = ["arrow_floor", "grey", "png", "scipy_series", "smooth_picture"]

Array = NDArray[np.float64]
TIMES_S = np.linspace(0.0, 25.0, 100)
ROWS = 256


def scipy_series(batches: int) -> Contestant:
    """The exact pendulum by Jacobi's functions, a batch at a time, with parameters and noise."""
    random = np.random.default_rng(0)

    def run() -> float:
        with stopwatch() as watch:
            for _ in range(batches):
                _noisy_batch(random)
        return watch.seconds / (batches * ROWS)

    return Contestant("SciPy: ellipj in batches of 256", run)


def _noisy_batch(random: np.random.Generator) -> tuple[Array, Array]:
    """Clean and noisy x, m, (256, 100)."""
    length, gravity, angle = random.uniform(
        [[0.5], [1.6], [-np.pi / 2]], [[10.0], [25.0], [np.pi / 2]], (3, ROWS)
    )[..., None]
    clean = position(length, gravity, angle, TIMES_S)
    sigma = np.exp(random.uniform(np.log(0.01), np.log(0.5), (ROWS, 1)))
    return clean, clean + sigma * random.standard_normal(clean.shape)


def position(length: Array, gravity: Array, angle: Array, time: Array) -> Array:
    """Position of a pendulum released from rest.

    x = L sin(theta), sin(theta / 2) = k sn(w0 t + K(k) | k^2), k = sin(a / 2), w0 = sqrt(g / L)

    Args:
        length: m, (n, 1).
        gravity: m/s^2, (n, 1).
        angle: a, the angle at t = 0, rad, (n, 1).
        time: s, (T,).

    Returns:
        x, m, (n, T).
    """
    k = np.sin(0.5 * angle)
    sn = ellipj(np.sqrt(gravity / length) * time + ellipk(k * k), k * k)[0]
    half_sine = k * sn
    return 2.0 * length * half_sine * np.sqrt(1.0 - half_sine * half_sine)


def smooth_picture() -> NDArray[np.uint8]:
    """An easy picture of 64 x 64 pixels."""
    y, x = np.mgrid[-32:32, -32:32]
    return (255 * np.exp(-(x**2 + y**2) / 200)).astype(np.uint8)


def grey(images: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Images, (n, H, W), as 8-bit pictures from their darkest to their brightest pixel."""
    low, high = (edge(images, axis=(1, 2), keepdims=True) for edge in (np.min, np.max))
    return (255 * (images - low) / np.maximum(high - low, 1e-9)).astype(np.uint8)


def png(count: int, pictures: Sequence[NDArray[np.uint8]]) -> Contestant:
    """Pillow decoding 8-bit grey PNGs from memory, one picture after the other."""
    files = []
    for picture in pictures:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        files.append(file.getvalue())

    def run() -> float:
        with stopwatch() as watch:
            for number in range(count):
                np.asarray(Image.open(io.BytesIO(files[number % len(files)])))
        return watch.seconds / count

    return Contestant("Pillow: decoding a 64 x 64 PNG", run)


def arrow_floor(table: pa.Table, file: Path) -> Contestant:
    """Writing rows that are already made as an Arrow stream: no builder can be faster."""

    def run() -> float:
        with stopwatch() as watch, pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
        return watch.seconds / len(table)

    return Contestant("PyArrow: writing rows that are already made", run)
