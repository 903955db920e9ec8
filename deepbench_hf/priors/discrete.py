"""Distributions that can draw some values only, each with a chance of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from deepbench_hf.priors.base import Array, Prior

Weight = Annotated[float, Field(strict=False, gt=0, le=1e6)]


class Choice(Prior):
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

    def _log_prob(self, values: Array) -> Array | float:
        count = (values[..., None] == np.array(self.values)).sum(-1)
        return _log(count / len(self.values))


class Classes(Prior):
    """One of the classes ``names``, with probabilities in proportion to ``weights``.

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

    def _log_prob(self, values: Array) -> Array | float:
        """Of the classes by their number in ``names``."""
        weights = np.array(self.weights or np.ones(len(self.names)))
        chance = (weights / weights.sum())[values.astype(np.int64)]
        return _log(np.where(values == np.floor(values), chance, 0.0))


class InTurn(Classes):
    """The classes ``names`` in turn, one for each object of a scene: nothing is drawn.

    The first object of every row has the first class, and after the last class comes the first
    one again.
    """

    kind: Literal["in_turn"] = "in_turn"  # pyright: ignore[reportIncompatibleVariableOverride]
    level: None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    weights: None = None  # pyright: ignore[reportIncompatibleVariableOverride]

    def uniforms(self, numbers: NDArray[np.int64]) -> Array:
        """What `quantile` turns into the classes of objects with these numbers in their rows."""
        return (numbers % len(self.names) + 0.5) / len(self.names)

    def _log_prob(self, values: Array) -> Array | float:
        """0 of every class: the place of an object in its row decides, not chance."""
        return _log((values == np.floor(values)).astype(np.float64))


class Integers(Prior):
    """One of the whole numbers from ``low`` to ``high``, each as likely as the others."""

    REPEATED: ClassVar[int] = 2**40
    """Of more numbers than that, two rows have hardly ever the same."""

    kind: Literal["integers"] = "integers"
    low: int = Field(default=0, ge=-(2**53) + 1, le=2**53 - 1)
    high: int = Field(ge=-(2**53) + 1, le=2**53 - 1)

    @model_validator(mode="after")
    def _rises(self) -> Integers:
        if not self.low < self.high:
            raise ValueError(f"low must be below high; got low={self.low}, high={self.high}")
        if self.high - self.low >= 2**53:
            raise ValueError(f"accepts up to 2^53 numbers; got low={self.low}, high={self.high}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        return float(self.low), float(self.high)

    @property
    def discrete(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.high - self.low < self.REPEATED

    def quantile(self, u: Array) -> Array:
        return self.low + np.floor(u * (self.high - self.low + 1))

    def _log_prob(self, values: Array) -> Array | float:
        return _log((values == np.floor(values)) / (self.high - self.low + 1.0))


class Poisson(Prior):
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
        chances = [2.0**-1000 if self.mean > 500 else 1.0]  # they rise to e^mean of it
        for k in range(self.low + 1, self.high + 1):
            chances.append(chances[-1] * self.mean / k)
        return self.low + _pick(chances, u)

    def _log_prob(self, values: Array) -> Array | float:
        from scipy import special

        counts = np.arange(self.low, self.high + 1)
        all_of_them = counts * np.log(self.mean) - special.gammaln(counts + 1)
        found = values * np.log(self.mean) - special.gammaln(values + 1)
        found = found - special.logsumexp(all_of_them)
        return np.where(values == np.floor(values), found, -np.inf)


class Constant(Prior):
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

    def _log_prob(self, values: Array) -> Array | float:
        return 0.0


def _log(chance: Array) -> Array:
    """The logarithm of chances, -inf of 0."""
    return np.log(chance, out=np.full(np.shape(chance), -np.inf), where=chance > 0)


def _pick(weights: Sequence[float], u: Array) -> Array:
    """The number of the weight into whose share of the sum each uniform draw falls."""
    total, below = weights[0], []
    for weight in weights[1:]:  # not sum(): its rounding changed in Python 3.12
        below.append(total)
        total += weight
    return np.searchsorted(np.array(below), u * total, side="right").astype(np.float64)
