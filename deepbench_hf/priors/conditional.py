"""Distributions that the class of another parameter decides, and the sets of them that fit."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from deepbench_hf.model import Frozen, Model, OneOf
from deepbench_hf.priors import continuous, discrete, positive
from deepbench_hf.priors.base import Array, Prior

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
