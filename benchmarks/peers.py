"""Yardsticks that are neither ours nor DeepBench's: SciPy's elliptic functions, PNG, Arrow."""

import io
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image
from scipy.special import ellipj, ellipk

from benchmarks.timing import Contestant, timed

Array = NDArray[np.float64]
ROWS = 256


def scipy_series(batches: int, samples: int = 100) -> Contestant:
    """The exact pendulum by Jacobi's functions, a batch at a time, with parameters and noise."""
    random, times_s = np.random.default_rng(0), np.linspace(0.0, 25.0, samples)

    def work() -> None:
        for _ in range(batches):
            _noisy_batch(random, times_s)

    return timed("SciPy: ellipj in batches of 256", batches * ROWS, work)


def _noisy_batch(random: np.random.Generator, times_s: Array) -> tuple[Array, Array]:
    """Clean and noisy x, m, (256, T)."""
    length, gravity, angle = random.uniform(
        [[0.5], [1.6], [-np.pi / 2]], [[10.0], [25.0], [np.pi / 2]], (3, ROWS)
    )[..., None]
    clean = position(length, gravity, angle, times_s)
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


def grey(images: NDArray) -> NDArray[np.uint8]:
    """Images, (n, H, W), as 8-bit pictures from their darkest to their brightest pixel."""
    images = images.astype(float)
    low, high = (edge(images, axis=(1, 2), keepdims=True) for edge in (np.min, np.max))
    return (255 * (images - low) / np.maximum(high - low, 1e-9)).astype(np.uint8)


def encoded(pictures: Iterable[NDArray[np.uint8]]) -> list[bytes]:
    """Pictures as PNG files."""
    files = []
    for picture in pictures:
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        files.append(file.getvalue())
    return files


def png(count: int, pictures: NDArray[np.uint8]) -> Contestant:
    """Pillow decoding 8-bit grey PNGs from memory, one picture after the other."""
    files, (height, width) = encoded(pictures), pictures[0].shape

    def work() -> None:
        for number in range(count):
            np.asarray(Image.open(io.BytesIO(files[number % len(files)])))

    return timed(f"Pillow: decoding a {height} x {width} PNG", count, work)


def arrow_floor(table: pa.Table, file: Path) -> Contestant:
    """Writing rows that are already made as an Arrow stream: no builder can be faster."""

    def work() -> None:
        with pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)

    return timed("PyArrow: writing rows that are already made", len(table), work)


def memory_floor(table: pa.Table) -> Contestant:
    """Copying as many bytes as the rows have, from memory to memory: nothing can be faster."""
    source = np.ones(table.nbytes, np.uint8)
    target = np.empty_like(source)
    name = "NumPy: copying as many bytes in memory"
    return timed(name, len(table), lambda: np.copyto(target, source))
