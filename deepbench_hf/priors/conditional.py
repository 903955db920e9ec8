"""Distributions that the class of another parameter decides, and the sets of them that fit."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from deepbench_hf.model import Frozen, Model, OneOf
from deepbench_hf.priors.base import Array, BasePrior, Prior
from deepbench_hf.priors.continuous import (
    Exponential,
    LogNormal,
    LogUniform,
    LogUniformPieces,
    Normal,
    Uniform,
    UniformPieces,
)
from deepbench_hf.priors.discrete import Choice, Classes, Constant, Integers, Poisson

NUMBERS: dict[str, type[Model]] = {
    "uniform": Uniform,
    "log_uniform": LogUniform,
    "uniform_pieces": UniformPieces,
    "log_uniform_pieces": LogUniformPieces,
    "choice": Choice,
    "integers": Integers,
    "poisson": Poisson,
    "normal": Normal,
    "log_normal": LogNormal,
    "exponential": Exponential,
    "constant": Constant,
}

NumberPrior = Annotated[Any, OneOf(NUMBERS, number=lambda value: Constant(value=value))]
"""A distribution of numbers that nothing else decides; a bare number stands for a constant."""

PLAIN = {**NUMBERS, "classes": Classes}
PlainPrior = Annotated[Any, OneOf(PLAIN, number=lambda value: Constant(value=value))]


class Conditional(BasePrior):
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

    def stretched(self, scale: float, shift: float) -> Self:
        cases = {name: part.stretched(scale, shift) for name, part in self.cases.items()}
        rest = self.otherwise and self.otherwise.stretched(scale, shift)
        return self.model_validate({**dict(self), "cases": cases, "otherwise": rest})
