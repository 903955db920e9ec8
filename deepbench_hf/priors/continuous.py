"""Distributions of real numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from deepbench_hf import exact
from deepbench_hf.exact import quantiles
from deepbench_hf.exact.constants import ROOT_TWO_PI
from deepbench_hf.priors.base import Array, Bounded, Prior

Interval = Annotated[tuple[float, float], Field(strict=False)]


class Uniform(Bounded):
    """Uniform on [low, high), in the parameter's unit."""

    kind: Literal["uniform"] = "uniform"

    def quantile(self, u: Array) -> Array:
        return self.low + (self.high - self.low) * u

    def _log_prob(self, values: Array) -> Array | float:
        return -np.log(self.high - self.low)


class LogUniform(Bounded):
    """Uniform in the logarithm on [low, high); both ends above zero, in the parameter's unit."""

    logarithmic: ClassVar[bool] = True

    kind: Literal["log_uniform"] = "log_uniform"
    low: float = Field(gt=0)

    def quantile(self, u: Array) -> Array:
        return np.clip(quantiles.log_uniform(u, self.low, self.high), self.low, self.high)

    def _log_prob(self, values: Array) -> Array | float:
        return -np.log(values) - np.log(np.log(self.high / self.low))


class UniformPieces(Prior):
    """Uniform on a union of intervals, such as both tails of an angle's range."""

    lengths: ClassVar[tuple[str, ...]] = ("intervals",)

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
        return _pieces(u, self.intervals)

    def _log_prob(self, values: Array) -> Array | float:
        ends = np.array(self.intervals)
        inside = ((ends[:, 0] <= values[..., None]) & (values[..., None] <= ends[:, 1])).any(-1)
        return np.where(inside, self._within(values, ends), -np.inf)

    def _within(self, values: Array, ends: Array) -> Array | float:
        """Logarithm of the density inside the intervals ``ends`` (k, 2)."""
        return -np.log((ends[:, 1] - ends[:, 0]).sum())


class LogUniformPieces(UniformPieces):
    """Uniform in the logarithm on a union of intervals; all ends above zero."""

    logarithmic: ClassVar[bool] = True

    kind: Literal["log_uniform_pieces"] = "log_uniform_pieces"  # type: ignore[assignment]

    @model_validator(mode="after")
    def _is_positive(self) -> LogUniformPieces:
        if not self.support[0] > 0:
            raise ValueError(f"intervals must be above zero; got {list(self.intervals)}")
        return self

    def quantile(self, u: Array) -> Array:
        logarithms = [(exact.log(low), exact.log(high)) for low, high in self.intervals]
        values = quantiles.exponential(_pieces(u, logarithms))
        return np.clip(values, *self.support)

    def _within(self, values: Array, ends: Array) -> Array | float:
        return -np.log(values) - np.log(np.log(ends[:, 1] / ends[:, 0]).sum())


def _pieces(u: Array, intervals: Sequence[tuple[float, float]]) -> Array:
    """Quantiles of the uniform distribution on rising intervals."""
    width = 0.0
    for low, high in intervals:  # not sum(): its rounding changed in Python 3.12
        width += high - low
    rest = u * width
    value = np.full_like(u, intervals[-1][1])
    done = np.zeros(u.shape, bool)
    for low, high in intervals:
        here = ~done & (rest < high - low)
        value[here] = low + rest[here]
        done |= here
        rest = rest - (high - low)
    return value


class Normal(Prior):
    """Normal with ``mean`` and ``sigma``, cut at ``low`` and ``high`` (8 sigma where not given)."""

    lengths: ClassVar[tuple[str, ...]] = ("mean", "low", "high")
    widths: ClassVar[tuple[str, ...]] = ("sigma",)

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

    def _log_prob(self, values: Array) -> Array | float:
        z = (values - self.mean) / self.sigma
        return -0.5 * z * z - np.log(self.sigma * ROOT_TWO_PI * self.share)

    @property
    def share(self) -> float:
        """Of the uncut distribution between ``low`` and ``high``."""
        from scipy import special

        low, high = ((end - self.mean) / self.sigma for end in self.support)
        if low > 0:  # the same by symmetry, without the loss of digits near 1
            low, high = -high, -low
        return float(special.ndtr(high) - special.ndtr(low))
