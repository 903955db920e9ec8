"""Equally spaced numbers: the times of a series, the places of a line."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.model import Model

LONGEST_S = 1e7
"""Of times of a pendulum: later, the phase of the fastest one is lost to rounding."""


class Grid(Model):
    """``samples`` equally spaced numbers from ``start`` to ``stop``, both included.

    Args:
        start, stop: the first and the last one, in the unit of whoever has the grid.
        samples: how many, 2 to 65536.
    """

    start: float
    stop: float
    samples: Annotated[int, pydantic.Field(ge=2, le=65536)] = 100

    @pydantic.model_validator(mode="after")
    def _rises(self) -> Self:
        if not self.start < self.stop:
            raise ValueError(f"start must be below stop; got {self.start} and {self.stop}")
        return self

    def spaced(self) -> NDArray[np.float64]:
        """The numbers, ``(samples,)``, in the unit of the ends."""
        i, last = np.arange(self.samples, dtype=np.float64), self.samples - 1.0
        return (self.start * (last - i) + self.stop * i) / last

    def rows(self, count: int) -> NDArray[np.float64]:
        """The numbers for each of ``count`` examples, ``(count, samples)``."""
        return np.repeat(self.spaced()[None], count, axis=0)


class TimeGrid(Grid):
    """Equally spaced times, both ends included, or any that rise.

    Args:
        unit: ``"s"``, or ``"period"`` for multiples of the small-angle period of the row,
            T0 = 2 pi sqrt(L / g).
        start: first time, in ``unit``, from 0.
        stop: last time, in ``unit``, up to 1000.
        samples: number of times, 2 to 65536.
        at: the times themselves, in ``unit``; ``start``, ``stop`` and ``samples`` follow from them.

    >>> TimeGrid(stop=1.0, samples=5).times(np.ones(1))
    array([[0.  , 0.25, 0.5 , 0.75, 1.  ]])
    >>> TimeGrid(at=(0.0, 0.1, 1.0)).times(np.ones(1))
    array([[0. , 0.1, 1. ]])
    """

    unit: Literal["s", "period"] = "s"
    start: Annotated[float, pydantic.Field(ge=0.0, le=1000.0)] = 0.0
    stop: Annotated[float, pydantic.Field(ge=0.0, le=1000.0)] = 25.0
    at: Annotated[tuple[float, ...], pydantic.Field(min_length=2, strict=False)] | None = None

    @pydantic.model_validator(mode="before")
    @classmethod
    def _ends_of(cls, given: Any) -> Any:
        at = given.get("at") if isinstance(given, Mapping) else None
        if not isinstance(at, list | tuple) or len(at) < 2:
            return given
        return {**given, "start": at[0], "stop": at[-1], "samples": len(at)}

    @pydantic.model_validator(mode="after")
    def _all_rise(self) -> Self:
        if self.at and not all(one < other for one, other in pairwise(self.at)):
            raise ValueError("at: times must rise")
        return self

    def spaced(self) -> NDArray[np.float64]:
        """The numbers, ``(samples,)``, in ``unit``."""
        return super().spaced() if self.at is None else np.array(self.at)

    def times(self, period: NDArray[np.float64]) -> NDArray[np.float64]:
        """Times in seconds (n, samples) for the rows' small-angle periods (n,), s."""
        scale = period if self.unit == "period" else np.ones_like(period)
        return scale[:, None] * self.spaced()
