"""What all statistics share: arrays with the example axis first, a few of them at a time."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.metrics.estimates import Array, finite

__all__ = ["chunks", "rising", "samples", "scipy"]

NUMBERS_AT_ONCE = 1 << 21
"""Numbers of fields that are worked on together: what they need then stays in memory."""


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
