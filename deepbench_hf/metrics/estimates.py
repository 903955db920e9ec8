"""Means with their standard errors, and the checks that all metrics share."""

from contextlib import suppress
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.exact.kernel import Array

LARGEST = 1e150
"""Squares of larger numbers are infinite, or nearly."""

Prediction = tuple[NDArray, NDArray | None]
"""Means or numbers of classes ``(n,)``, and standard deviations if there are any."""


class Estimate(NamedTuple):
    """A number from a finite sample.

    Args:
        value: the estimate.
        error: its standard error, in the same unit; NaN where one example is too few.
    """

    value: Array | np.float64
    error: Array | np.float64

    @property
    def texts(self) -> tuple[str, str]:
        """One value and its error in words for a table; nothing for an error that is not known."""
        return f"{self.value:.4g}", f"{self.error:.2g}" if np.isfinite(self.error) else ""

    @property
    def plain(self) -> dict[str, float | None]:
        """One value and its error as JSON can hold them; None for what is not finite."""
        return {k: float(x) if np.isfinite(x) else None for k, x in self._asdict().items()}


def average(values: ArrayLike) -> Estimate:
    """The mean over examples: of pulls, or of any score that has a value for each example.

        m = sum_i v_i / n,  error = s / sqrt(n)

    Args:
        values: ``(n, ...)``, any unit.

    Returns:
        Value and error ``(...)``, in the unit of the values.

    Raises:
        ValueError: no example, or a value that is not finite.

    Source: the definition, and the standard error of a mean.

    >>> average([1.0, 2.0, 3.0]).value
    np.float64(2.0)
    """
    values = finite("values", values)
    if len(values) == 1:
        return Estimate(values[0], values[0] * np.nan)
    return Estimate(values.mean(0), values.std(0, ddof=1) / np.sqrt(len(values)))


def spread(values: ArrayLike) -> Estimate:
    """The standard deviation over examples, such as that of pulls.

        s^2 = sum_i (v_i - m)^2 / (n - 1),  error = sqrt((m4 - s^4) / n) / (2 s)

    with m4 the fourth central moment; for Gaussian values the error is s / sqrt(2 n).

    Args:
        values: ``(n, ...)``, any unit.

    Returns:
        Value and error ``(...)``, in the unit of the values; NaN for one example. The error is NaN
        for two as well, of which the fourth moment says nothing.

    Raises:
        ValueError: no example, or a value that is not finite.

    Source: C. R. Rao, Linear Statistical Inference (1973), section 6h (delta method).

    >>> spread([1.0, 2.0, 3.0]).value
    np.float64(1.0)
    """
    values = finite("values", values)
    centred = values - values.mean(0)
    if len(values) == 1:
        return Estimate(centred[0] * np.nan, centred[0] * np.nan)
    deviation = values.std(0, ddof=1)
    with np.errstate(invalid="ignore"):  # equal values: 0 / 0
        square = (centred / deviation) ** 2  # first, as fourth powers may be too large
    error = deviation * np.sqrt(square.var(0) / len(values)) / 2
    return Estimate(deviation, error if len(values) > 2 else error * np.nan)


def finite(name: str, values: ArrayLike, shape: tuple[int, ...] | None = None) -> Array:
    """An argument as float64 with at least one example.

    Args:
        name: of the argument, for the message.
        values: ``(n, ...)``.
        shape: what is wanted; None for any.

    Raises:
        ValueError: the shape, no numbers, or the first value that is not finite or too large.
    """
    if np.ma.is_masked(values):
        raise ValueError(f"{name} has masked values; leave these examples out")
    array = None
    with suppress(TypeError, ValueError):  # words, or rows of different lengths
        given = np.asarray(values)
        array = None if given.dtype.kind == "c" else given.astype(np.float64, copy=False)
    if array is None:
        raise ValueError(f"{name}: give an array of real numbers")
    if array.ndim == 0 or array.size == 0:
        raise ValueError(f"{name}: shape {array.shape}; give an array (n, ...) with n above 0")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name}: shape {array.shape}; the others have {shape}")
    _refuse(name, array, np.isfinite(array), "must be finite")
    _refuse(name, array, np.abs(array) < LARGEST, f"must be below {LARGEST:g} in size")
    return array


def checked(**arguments: ArrayLike) -> list[Array]:
    """Arguments as finite float64 arrays of one shape.

    Raises:
        ValueError: the first argument that is not.
    """
    found: list[Array] = []
    for name, values in arguments.items():
        found.append(finite(name, values, found[0].shape if found else None))
    return found


def two_sets(**sets: ArrayLike) -> tuple[Array, Array]:
    """Two sets of examples, ``(n, features)`` and ``(m, features)``, as finite float64 arrays.

    Raises:
        ValueError: they are not.
    """
    (one, x), (other, y) = ((name, finite(name, values)) for name, values in sets.items())
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise ValueError(
            f"{one} {x.shape}, {other} {y.shape}; give (n, features) and (m, features)"
        )
    return x, y


def positive(name: str, values: Array) -> Array:
    """The same array.

    Raises:
        ValueError: the first value that is not above 0.
    """
    _refuse(name, values, values > 0, "must be above 0")
    return values


def _refuse(name: str, array: Array, good: NDArray[np.bool_], accepted: str) -> None:
    if not good.all():
        place = np.argwhere(~good)[0]
        where = ", ".join(map(str, place))
        raise ValueError(f"{name}[{where}] is {array[tuple(place)]:g}; it {accepted}")
