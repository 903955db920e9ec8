"""Whether values lie within limits: asked of every input of every block, so in one pass."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Parameter

FINITE = float(np.finfo(np.float64).max)
"""The largest number: what is within minus and plus this is neither infinite nor NaN."""


def within(values: NDArray, low: float, high: float, other: float | None = None) -> bool:
    """Whether every value, of an array of any shape, lies between the ends or is the other one."""
    flat = np.ascontiguousarray(values, dtype=np.float64).reshape(-1)
    return _within(flat, float(low), float(high), float(low if other is None else other))


@kernel
def _within(values: NDArray[np.float64], low: float, high: float, other: float) -> bool:
    """Count the values outside: a loop that stops early would not become vectors."""
    outside = 0
    for i in range(values.size):
        inside = (low <= values[i]) & (values[i] <= high)
        outside += 0 if inside | (values[i] == other) else 1
    return outside == 0


def check_limits(name: str, values: NDArray, limits: Parameter) -> None:
    """Make sure that all values of a parameter are within its limits, or absent where they may be.

    Raises:
        ValueError: the first value that is not, and what is accepted.
    """
    absent = limits.absent if limits.only else None
    if not within(values, limits.low, limits.high, absent):
        inside = [within(value, limits.low, limits.high, absent) for value in values.flat]
        unit = "" if limits.unit == "1" else f" {limits.unit}"
        got = f"{name} = {values.flat[inside.index(False)]:g}{unit}"
        raise ValueError(f"{got}; the model accepts [{limits.low:g}, {limits.high:g}]")
