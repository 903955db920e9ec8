"""What all statistics share: arrays with the example axis first, a few of them at a time."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.metrics.estimates import Array, finite

NUMBERS_AT_ONCE = 1 << 17
"""Numbers of fields that are worked on together: what they need then fits in a cache."""


def samples(name: str, values: ArrayLike, *axes: int) -> Array:
    """An argument ``(n, ...)`` as finite float64 with one of these numbers of axes.

    Raises:
        ValueError: it is not.
    """
    array = finite(name, values)
    if array.ndim not in axes:
        shapes = {1: "(n,)", 2: "(n, T)", 3: "(n, H, W)"}
        accepted = " or ".join(shapes[number] for number in axes)
        raise ValueError(f"{name}: shape {array.shape}; give {accepted}")
    return array


def rising(name: str, values: ArrayLike, least: int = 2) -> Array:
    """Edges or thresholds ``(k,)`` that rise; the outer ones may be infinite.

    Raises:
        ValueError: they do not.
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or len(array) < least or not (array[1:] > array[:-1]).all():
        raise ValueError(f"{name}: shape {array.shape}; give {least} or more numbers that rise")
    return array


def chunks(fields: Array) -> Iterator[Array]:
    """The examples of ``(n, ...)`` in their order, some at a time."""
    step = max(1, NUMBERS_AT_ONCE * len(fields) // fields.size)
    return (fields[start : start + step] for start in range(0, len(fields), step))


def places(edges: Array, values: Array) -> NDArray[np.int64]:
    """Which bin each value is in, from 1; 0 for what is below all, one more for what is above.

    A bin holds its lower edge.
    """
    return np.searchsorted(edges, values, side="right")


def sums(place: NDArray[np.int64], bins: int, weights: Array | None = None) -> Array:
    """The weights of each example's values by their bin, ``(n, bins)``; 1 each for None."""
    rows, width = len(place), bins + 2
    number = (place.reshape(rows, -1) + width * np.arange(rows)[:, None]).reshape(-1)
    flat = None if weights is None else weights.reshape(-1)
    found = np.bincount(number, flat, rows * width).reshape(rows, width)
    return np.asarray(found[:, 1:-1], np.float64)


def scipy(module: str) -> Any:
    """A module of SciPy, loaded when it is needed.

    Raises:
        ImportError: SciPy is not installed.
    """
    try:
        return import_module(f"scipy.{module}")
    except ModuleNotFoundError:
        hint = 'pip install "deepbench-hf[statistics]"'
        raise ImportError(f"this statistic needs scipy, which is not installed; {hint}") from None
