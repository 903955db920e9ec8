"""The closed set of parameter distributions, each a quantile function of a uniform draw."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from deepbench_hf import quantiles
from deepbench_hf.model import Model, OneOf

__all__ = ["PRIORS", "Constant", "Prior", "PriorOrNumber"]

Array = NDArray[np.float64]
Interval = Annotated[tuple[float, float], Field(strict=False)]


class Prior(Protocol):
    """The distribution of one scalar parameter."""

    level: str | None

    @property
    def support(self) -> tuple[float, float]:
        """The smallest and the largest value that a draw can give."""
        ...

    def quantile(self, u: Array) -> Array:
        """Values ``(n,)`` for uniforms ``(n,)`` in [0, 1)."""
        ...


class _Prior(Model):
    """What all priors share.

    Args:
        level: the level of the hierarchy whose members share one draw; None for every example.
    """

    level: str | None = None


class _Bounded(_Prior):
    """What uniform and log-uniform share: two ends in rising order."""

    low: float
    high: float

    @model_validator(mode="after")
    def _rises(self) -> _Bounded:
        if not self.low < self.high:
            raise ValueError(f"low must be below high; got low={self.low}, high={self.high}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high


class Uniform(_Bounded):
    """Uniform on [low, high), in the parameter's unit."""

    kind: Literal["uniform"] = "uniform"

    def quantile(self, u: Array) -> Array:
        return self.low + (self.high - self.low) * u


class LogUniform(_Bounded):
    """Uniform in the logarithm on [low, high); both ends above zero, in the parameter's unit."""

    kind: Literal["log_uniform"] = "log_uniform"
    low: float = Field(gt=0)

    def quantile(self, u: Array) -> Array:
        return np.clip(quantiles.log_uniform(u, self.low, self.high), self.low, self.high)


class UniformPieces(_Prior):
    """Uniform on a union of intervals, such as both tails of an angle's range."""

    kind: Literal["uniform_pieces"] = "uniform_pieces"
    intervals: Annotated[tuple[Interval, ...], Field(strict=False, min_length=1)]

    @model_validator(mode="after")
    def _rises(self) -> UniformPieces:
        ends = [end for interval in self.intervals for end in interval]
        if any(a >= b for a, b in pairwise(ends)):
            raise ValueError(f"intervals must rise and not overlap; got {list(self.intervals)}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        return self.intervals[0][0], self.intervals[-1][1]

    def quantile(self, u: Array) -> Array:
        width = 0.0
        for low, high in self.intervals:  # not sum(): its rounding changed in Python 3.12
            width += high - low
        rest = u * width
        value = np.full_like(u, self.intervals[-1][1])
        done = np.zeros(u.shape, bool)
        for low, high in self.intervals:
            here = ~done & (rest < high - low)
            value[here] = low + rest[here]
            done |= here
            rest = rest - (high - low)
        return value


class Choice(_Prior):
    """One of ``values``, each as likely as the others."""

    kind: Literal["choice"] = "choice"
    values: Annotated[tuple[float, ...], Field(strict=False, min_length=1)]

    @property
    def support(self) -> tuple[float, float]:
        return min(self.values), max(self.values)

    def quantile(self, u: Array) -> Array:
        return np.asarray(self.values, dtype=np.float64)[(u * len(self.values)).astype(np.int64)]


class Normal(_Prior):
    """Normal with ``mean`` and ``sigma``, cut at ``low`` and ``high`` (8 sigma where not given)."""

    kind: Literal["normal"] = "normal"
    REACH: ClassVar[float] = 8.0
    mean: float
    sigma: float = Field(gt=0)
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _holds_its_bulk(self) -> Normal:
        low, high = self.support
        if not low < high:
            raise ValueError(f"low must be below high; got low={low}, high={high}")
        if low > self.mean + 6 * self.sigma or high < self.mean - 6 * self.sigma:
            raise ValueError(f"low and high must leave more than a tail; got [{low}, {high}]")
        if high - low < 1e-6 * self.sigma:
            raise ValueError(f"low and high are too near for this sigma; got [{low}, {high}]")
        return self

    @property
    def support(self) -> tuple[float, float]:
        low, high = self.mean - self.REACH * self.sigma, self.mean + self.REACH * self.sigma
        return (
            low if self.low is None else max(low, self.low),
            high if self.high is None else min(high, self.high),
        )

    def quantile(self, u: Array) -> Array:
        low, high = self.support
        p_low = quantiles.normal_cdf((low - self.mean) / self.sigma)
        p_high = quantiles.normal_cdf((high - self.mean) / self.sigma)
        z = quantiles.normal(p_low + (p_high - p_low) * u)
        return np.clip(self.mean + self.sigma * z, low, high)


class Constant(_Prior):
    """Always ``value``."""

    kind: Literal["constant"] = "constant"
    value: float

    @property
    def support(self) -> tuple[float, float]:
        return self.value, self.value

    def quantile(self, u: Array) -> Array:
        return np.full_like(u, self.value)


PRIORS: dict[str, type[Model]] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "uniform_pieces": UniformPieces,
    "choice": Choice,
    "normal": Normal,
    "constant": Constant,
}

PriorOrNumber = Annotated[Any, OneOf(PRIORS, number=lambda value: Constant(value=value))]
"""A prior; a bare number stands for a constant."""
