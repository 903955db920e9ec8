"""The time grid of a series, and the inputs of a call as checked float64 columns."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import Columns, Parameter
from deepbench_hf.simulators.grid import Grid
from deepbench_hf.simulators.limits import FINITE, check_limits, within

LONGEST_S = 1e7  # later, the phase of the fastest pendulum is lost to rounding


class TimeGrid(Grid):
    """Equally spaced times, both ends included.

    Args:
        unit: ``"s"``, or ``"period"`` for multiples of the small-angle period of the row,
            T0 = 2 pi sqrt(L / g).
        start: first time, in ``unit``, from 0.
        stop: last time, in ``unit``, up to 1000.
        samples: number of times, 2 to 65536.

    >>> TimeGrid(stop=1.0, samples=5).times(np.ones(1))
    array([[0.  , 0.25, 0.5 , 0.75, 1.  ]])
    """

    unit: Literal["s", "period"] = "s"
    start: Annotated[float, pydantic.Field(ge=0.0, le=1000.0)] = 0.0
    stop: Annotated[float, pydantic.Field(ge=0.0, le=1000.0)] = 25.0

    def times(self, period: NDArray[np.float64]) -> NDArray[np.float64]:
        """Times in seconds (n, samples) for the rows' small-angle periods (n,), s."""
        scale = period if self.unit == "period" else np.ones_like(period)
        return scale[:, None] * self.spaced()


def columns(parameters: Mapping[str, Parameter], given: Mapping[str, Any]) -> Columns:
    """Parameters (n,), defaults filled in, and ``time_s`` (n, T) if given, as float64 columns.

    Raises:
        ValueError: an unknown or a missing name, a wrong shape, a value that is not finite.
    """
    for name in given.keys() - parameters.keys() - {"time_s"}:
        raise ValueError(f"unknown input {name!r}; {did_you_mean(name, [*parameters, 'time_s'])}")
    n = len(np.atleast_1d(next(iter(given.values()), ())))
    found = {name: _parameter(name, limits, given, n) for name, limits in parameters.items()}
    if "time_s" in given:
        found["time_s"] = _checked("time_s", given["time_s"], n, axes=2)
        if not within(found["time_s"], -LONGEST_S, LONGEST_S):
            raise ValueError(f"time_s must lie within {LONGEST_S:g} s of the start")
    return found


def _parameter(name: str, limits: Parameter, given: Mapping[str, Any], n: int) -> NDArray:
    if name in given:
        values = _checked(name, given[name], n, axes=1)
        check_limits(name, values, limits)
        return values
    if limits.default is None:
        raise ValueError(f"{name} is missing; its unit is {limits.unit}")
    return np.full(n, float(limits.default))


def _checked(name: str, value: Any, n: int, axes: int) -> NDArray[np.float64]:
    array = np.require(value, np.float64, ["C", "W"])  # kernels are compiled for this layout
    if array.ndim != axes or len(array) != n or (axes == 2 and not array.shape[1]):
        expected = f"({n},)" if axes == 1 else f"({n}, T)"
        raise ValueError(f"{name} must have the shape {expected}; got {np.shape(value)}")
    if not within(array, -FINITE, FINITE):
        raise ValueError(f"{name} must be finite; got {array[~np.isfinite(array)][0]}")
    return array
