"""The closed set of parameter distributions, each a quantile function of a uniform draw."""

from typing import Annotated, Any

from deepbench_hf.model import OneOf
from deepbench_hf.priors.base import Prior
from deepbench_hf.priors.composed import PLAIN, Conditional, Folded, NumberPrior
from deepbench_hf.priors.continuous import (
    LogUniform,
    LogUniformPieces,
    Normal,
    Uniform,
    UniformPieces,
)
from deepbench_hf.priors.discrete import Choice, Classes, Constant, Integers, InTurn, Poisson
from deepbench_hf.priors.grid import Grid, strides
from deepbench_hf.priors.positive import Exponential, LogNormal, PowerLaw, Rayleigh

__all__ = [
    "PRIORS",
    "Choice",
    "Classes",
    "Conditional",
    "Constant",
    "Exponential",
    "Folded",
    "Grid",
    "InTurn",
    "Integers",
    "LogNormal",
    "LogUniform",
    "LogUniformPieces",
    "Normal",
    "NumberPrior",
    "Poisson",
    "PowerLaw",
    "Prior",
    "PriorOrNumber",
    "Rayleigh",
    "Uniform",
    "UniformPieces",
    "strides",
]

PRIORS = {**PLAIN, "folded": Folded, "grid": Grid, "in_turn": InTurn, "conditional": Conditional}

PriorOrNumber = Annotated[Any, OneOf(PRIORS, number=lambda value: Constant(value=value))]
"""A prior; a bare number stands for a constant."""
