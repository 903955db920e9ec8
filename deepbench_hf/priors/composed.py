"""Distributions that are made of others: folded, or decided by a class; and the sets that fit."""

from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from deepbench_hf import exact
from deepbench_hf.exact import quantiles
from deepbench_hf.model import Frozen, Model, OneOf
from deepbench_hf.priors import continuous, discrete, positive
from deepbench_hf.priors.base import Array, Bounded, Prior
from deepbench_hf.priors.continuous import Normal
from deepbench_hf.priors.positive import LogNormal

FOLDABLE = {"normal": Normal, "log_normal": LogNormal}


class Folded(Bounded):
    """A normal or log-normal draw, reflected at ``low`` and ``high`` until it lies between them.

    A triangle wave of the draw, which for a log-normal one is its logarithm: ln v is reflected at
    ln low and ln high.

    Args:
        of: what is drawn.
    """

    lengths: ClassVar[tuple[str, ...]] = ("low", "high", "of")
    MIDDLES: ClassVar[int] = 1001
    MOST_FOLDS: ClassVar[int] = 100

    kind: Literal["folded"] = "folded"
    of: Annotated[Any, OneOf(FOLDABLE)]

    @model_validator(mode="after")
    def _folds_few_times(self) -> Self:
        of, low, high = self._flat
        if not of.support[1] - of.support[0] <= self.MOST_FOLDS * (high - low):
            ends = f"got [{self.low}, {self.high}]"
            raise ValueError(f"low and high are too near for this sigma; use uniform; {ends}")
        return self

    @property
    def _flat(self) -> tuple[Normal, float, float]:
        """What is folded and its walls, in the logarithm where that is drawn."""
        if self.logarithmic:
            return self.of.normal, float(exact.log(self.low)), float(exact.log(self.high))
        return self.of, self.low, self.high

    @property
    def logarithmic(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.of.logarithmic

    @property
    def middle(self) -> float:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The draw of the median, among many: values do not rise with the draw."""
        u = (np.arange(self.MIDDLES) + 0.5) / self.MIDDLES
        order = np.argsort(self.quantile(u), kind="stable")
        return float(u[order[self.MIDDLES // 2]])

    def quantile(self, u: Array) -> Array:
        """Values for uniforms in [0, 1), of the same shape; they rise and fall with them."""
        of, low, high = self._flat
        values = reflected(of.quantile(u), low, high)
        if not self.logarithmic:
            return values
        return np.clip(quantiles.exponential(values), self.low, self.high)

    def _log_prob(self, values: Array) -> Array | float:
        """The densities of all that is turned back to the same value, added up."""
        from scipy import special

        change: Array | float = 0.0
        of, low, high = self._flat
        if self.logarithmic:
            change, values = -np.log(values), np.log(values)
        span = high - low
        first, last = (np.floor((end - low) / (2 * span)) for end in of.support)
        turns = 2 * span * np.arange(first - 1, last + 2)
        ways = np.stack([values[..., None] + turns, 2 * low - values[..., None] + turns])
        return np.asarray(special.logsumexp(of.log_prob(ways), axis=(0, -1))) + change


def reflected(x: Array, low: float, high: float) -> Array:
    """The triangle wave of ``x``: what lies between low and high stays, bit for bit.

    >>> reflected(np.array([0.25, 1.25, 2.25, -0.25]), 0.0, 1.0)
    array([0.25, 0.75, 0.25, 0.25])
    """
    span = high - low
    way = (x - low) - 2.0 * span * np.floor((x - low) / (2.0 * span))
    back = low + np.where(way <= span, way, 2.0 * span - way)
    return np.where((low <= x) & (x <= high), x, np.clip(back, low, high))


NUMBERS: dict[str, type[Model]] = {
    "uniform": continuous.Uniform,
    "log_uniform": continuous.LogUniform,
    "uniform_pieces": continuous.UniformPieces,
    "log_uniform_pieces": continuous.LogUniformPieces,
    "choice": discrete.Choice,
    "integers": discrete.Integers,
    "poisson": discrete.Poisson,
    "normal": continuous.Normal,
    "log_normal": positive.LogNormal,
    "exponential": positive.Exponential,
    "rayleigh": positive.Rayleigh,
    "power_law": positive.PowerLaw,
    "constant": discrete.Constant,
}

NumberPrior = Annotated[Any, OneOf(NUMBERS, number=lambda value: discrete.Constant(value=value))]
"""A distribution of numbers that nothing else decides; a bare number stands for a constant."""

PLAIN = {**NUMBERS, "classes": discrete.Classes}
PlainPrior = Annotated[Any, OneOf(PLAIN, number=lambda value: discrete.Constant(value=value))]


class Conditional(Prior):
    """A distribution for every class of another parameter, such as a range for each shape.

    Args:
        given: the parameter that decides; its values are classes.
        cases: the distribution for each class.
        otherwise: the distribution for the classes that ``cases`` leaves out.
    """

    lengths: ClassVar[tuple[str, ...]] = ("cases", "otherwise")

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
    def logarithmic(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return all(part.logarithmic for part in self.parts)

    @property
    def support(self) -> tuple[float, float]:
        ends = [part.support for part in self.parts]
        return min(low for low, _ in ends), max(high for _, high in ends)

    def case(self, name: str) -> Any:
        """The distribution for a class; a recipe's checks see to it that there is one."""
        return self.cases.get(name, self.otherwise)

    def quantile(self, u: Array) -> Array:
        raise TypeError(f"needs the class of {self.given}; case() gives the distribution for it")

    def log_prob(self, values: Array) -> Array:
        raise TypeError(f"needs the class of {self.given}; case() gives the distribution for it")
