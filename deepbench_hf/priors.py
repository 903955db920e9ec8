"""The closed set of parameter distributions, each a quantile function of a uniform draw."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from deepbench_hf import quantiles
from deepbench_hf.model import Frozen, Model, OneOf

__all__ = [
    "PRIORS",
    "Classes",
    "Conditional",
    "Constant",
    "NumberPrior",
    "Prior",
    "PriorOrNumber",
]

Array = NDArray[np.float64]
Weight = Annotated[float, Field(strict=False, gt=0, le=1e6)]
Interval = Annotated[tuple[float, float], Field(strict=False)]


class Prior(Protocol):
    """The distribution of one scalar parameter."""

    level: str | None

    @property
    def support(self) -> tuple[float, float]:
        """The smallest and the largest value that a draw can give."""
        ...

    @property
    def discrete(self) -> bool:
        """Whether only some values can be drawn, each with a chance of its own."""
        ...

    def quantile(self, u: Array) -> Array:
        """Values for uniforms in [0, 1), of the same shape."""
        ...

    def stretched(self, scale: float, shift: float) -> Self:
        """The distribution of ``scale`` times the value plus ``shift``."""
        ...


class _Prior(Model):
    """What all priors share.

    Args:
        level: the level of the hierarchy whose members share one draw; None for every example.
    """

    discrete: ClassVar[bool] = False
    lengths: ClassVar[tuple[str, ...]] = ()
    """The settings that are values of the parameter or, like sigma, differences of them."""

    level: str | None = None

    def stretched(self, scale: float, shift: float) -> Self:
        changed = {name: _stretch(getattr(self, name), scale, shift) for name in self.lengths}
        return self.model_validate({**dict(self), **changed})


class _Bounded(_Prior):
    """What uniform and log-uniform share: two ends in rising order."""

    lengths: ClassVar[tuple[str, ...]] = ("low", "high")

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

    discrete: ClassVar[bool] = True
    lengths: ClassVar[tuple[str, ...]] = ("values",)

    kind: Literal["choice"] = "choice"
    values: Annotated[tuple[float, ...], Field(strict=False, min_length=1)]

    @property
    def support(self) -> tuple[float, float]:
        return min(self.values), max(self.values)

    def quantile(self, u: Array) -> Array:
        return np.asarray(self.values, dtype=np.float64)[(u * len(self.values)).astype(np.int64)]


class Classes(_Prior):
    """One of the classes ``names``; its quantile is their number.

    Args:
        names: the classes that can be drawn.
        weights: how often each of them is, relative to the others; equally often without.
    """

    discrete: ClassVar[bool] = True

    kind: Literal["classes"] = "classes"
    names: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    weights: Annotated[tuple[Weight, ...] | None, Field(strict=False)] = None

    @model_validator(mode="after")
    def _has_a_weight_each(self) -> Classes:
        if len(self.weights or self.names) != len(self.names):
            raise ValueError(f"weights must be as many as names; got {len(self.weights or ())}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, len(self.names) - 1.0

    def quantile(self, u: Array) -> Array:
        if self.weights is None:
            return np.floor(u * len(self.names))
        return _pick(self.weights, u)


class Poisson(_Prior):
    """Poisson with ``mean`` before it is cut: only the counts from ``low`` to ``high`` are drawn.

    P(k) is proportional to mean^k / k! for low <= k <= high.
    """

    discrete: ClassVar[bool] = True

    kind: Literal["poisson"] = "poisson"
    mean: float = Field(gt=0, le=1000)
    low: int = Field(default=0, ge=0)
    high: int = Field(ge=0, le=1000)

    @model_validator(mode="after")
    def _rises(self) -> Poisson:
        if not self.low < self.high:
            raise ValueError(f"low must be below high; got low={self.low}, high={self.high}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        return float(self.low), float(self.high)

    def quantile(self, u: Array) -> Array:
        chances = [1.0]
        for k in range(self.low + 1, self.high + 1):
            chances.append(chances[-1] * self.mean / k)
        return self.low + _pick(chances, u)


class Normal(_Prior):
    """Normal with ``mean`` and ``sigma``, cut at ``low`` and ``high`` (8 sigma where not given)."""

    lengths: ClassVar[tuple[str, ...]] = ("mean", "low", "high")

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

    def stretched(self, scale: float, shift: float) -> Self:
        moved = super().stretched(scale, shift)
        return moved.model_copy(update={"sigma": self.sigma * scale})


class Constant(_Prior):
    """Always ``value``."""

    discrete: ClassVar[bool] = True
    lengths: ClassVar[tuple[str, ...]] = ("value",)

    kind: Literal["constant"] = "constant"
    value: float

    @property
    def support(self) -> tuple[float, float]:
        return self.value, self.value

    def quantile(self, u: Array) -> Array:
        return np.full_like(u, self.value)


def _pick(weights: Sequence[float], u: Array) -> Array:
    """The number of the weight into whose share of the sum each uniform draw falls."""
    total, below = weights[0], []
    for weight in weights[1:]:  # not sum(): its rounding changed in Python 3.12
        below.append(total)
        total += weight
    return np.searchsorted(np.array(below), u * total, side="right").astype(np.float64)


def _stretch(value: Any, scale: float, shift: float) -> Any:
    if value is None:
        return None
    if isinstance(value, tuple):
        return tuple(_stretch(part, scale, shift) for part in value)
    return scale * value + shift


NUMBERS: dict[str, type[Model]] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "uniform_pieces": UniformPieces,
    "choice": Choice,
    "poisson": Poisson,
    "normal": Normal,
    "constant": Constant,
}

NumberPrior = Annotated[Any, OneOf(NUMBERS, number=lambda value: Constant(value=value))]
"""A distribution of numbers that nothing else decides; a bare number stands for a constant."""

PLAIN = {**NUMBERS, "classes": Classes}
PlainPrior = Annotated[Any, OneOf(PLAIN, number=lambda value: Constant(value=value))]


class Conditional(_Prior):
    """A distribution for every class of another parameter, such as a range for each shape.

    Args:
        given: the parameter that decides; its values are classes.
        cases: the distribution for each class.
        otherwise: the distribution for the classes that ``cases`` leaves out.
    """

    kind: Literal["conditional"] = "conditional"
    given: str
    cases: Frozen[PlainPrior] = Field(min_length=1)
    otherwise: PlainPrior | None = None

    @property
    def parts(self) -> list[Prior]:
        """All distributions."""
        return [*self.cases.values(), *([self.otherwise] if self.otherwise else [])]

    @property
    def discrete(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return all(part.discrete for part in self.parts)

    @property
    def support(self) -> tuple[float, float]:
        ends = [part.support for part in self.parts]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def case(self, name: str) -> Any:
        """The distribution for a class; a recipe's checks see to it that there is one."""
        return self.cases.get(name, self.otherwise)

    def quantile(self, u: Array) -> Array:
        raise TypeError(f"needs the class of {self.given}; case() gives the distribution for it")

    def stretched(self, scale: float, shift: float) -> Self:
        cases = {name: part.stretched(scale, shift) for name, part in self.cases.items()}
        rest = self.otherwise and self.otherwise.stretched(scale, shift)
        return self.model_validate({**dict(self), "cases": cases, "otherwise": rest})


PRIORS = {**PLAIN, "conditional": Conditional}

PriorOrNumber = Annotated[Any, OneOf(PRIORS, number=lambda value: Constant(value=value))]
"""A prior; a bare number stands for a constant."""
