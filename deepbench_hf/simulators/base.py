"""What every simulator offers: parameters with limits, fields with units, one pure call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Columns",
    "Field",
    "Parameter",
    "Simulator",
    "check_limits",
    "one_of",
    "unit_suffix",
    "word_of",
]

Columns = dict[str, NDArray]
"""Named arrays, the example axis first."""


@dataclass(frozen=True)
class Parameter:
    """A scalar input of the model.

    Args:
        unit: unit in astropy's notation, ``"m s-2"``; ``"1"`` for pure numbers.
        meaning: one phrase for cards and help.
        low: smallest valid value, in ``unit``.
        high: largest valid value, in ``unit``.
        default: value where a recipe gives no prior; without one, a prior is required.
        names: the classes by their number, for a parameter that is one of them.
    """

    unit: str
    meaning: str
    low: float
    high: float
    default: float | None = None
    names: tuple[str, ...] = ()

    @property
    def dtype(self) -> str:
        """NumPy name of the stored type: classes are numbered."""
        return "int64" if self.names else "float64"


def one_of(meaning: str, names: tuple[str, ...], default: int | None = None) -> Parameter:
    """A parameter whose values are the numbers of classes."""
    return Parameter("1", meaning, 0, len(names) - 1, default, names)


@dataclass(frozen=True)
class Field:
    """An output, or a coordinate such as the times of a series.

    Args:
        unit: unit in astropy's notation; ``"1"`` for pure numbers.
        meaning: one phrase for cards and help.
        shape: shape of one example; ``()`` for a scalar.
        dtype: NumPy name of the stored type.
        low: the smallest value that it can have, in ``unit``.
    """

    unit: str
    meaning: str
    shape: tuple[int, ...] = ()
    dtype: str = "float64"
    low: float = -np.inf


class Simulator(Protocol):
    """A pure forward model; its attributes are settings that all examples share."""

    kind: str
    parameters: ClassVar[Mapping[str, Parameter]]

    @property
    def coordinates(self) -> Mapping[str, Field]:
        """Inputs that the settings decide and every row carries, such as ``time_s``."""
        ...

    @property
    def fields(self) -> Mapping[str, Field]:
        """The clean outputs of a call."""
        ...

    def refuse(self, supports: Mapping[str, tuple[float, float]]) -> str | None:
        """Why priors that reach from low to high do not fit together; None where they do."""
        ...

    def locate(self, **parameters: NDArray) -> Columns:
        """The coordinates of ``n`` examples, ``(n, *shape)``, from parameters ``(n,)``."""
        ...

    def __call__(self, **inputs: Any) -> Columns:
        """The fields, ``(n, *shape)``, from parameters ``(n,)`` and coordinates ``(n, *shape)``."""
        ...


def check_limits(name: str, values: NDArray, limits: Parameter) -> None:
    """Make sure that all values (n,) of a parameter are within its limits.

    Raises:
        ValueError: the first value that is not, and what is accepted.
    """
    inside = (values >= limits.low) & (values <= limits.high)
    if not np.all(inside):
        got = f"{name} = {values[~inside][0]:g} {limits.unit}"
        raise ValueError(f"{got}; the model accepts [{limits.low:g}, {limits.high:g}]")


def unit_suffix(unit: str) -> str:
    """The end of a column's name for its unit: ``"m s-2"`` gives ``"m_s2"``, ``"1"`` gives ``""``.

    >>> unit_suffix("kg m2 s-1"), unit_suffix("s-1"), unit_suffix("1")
    ('kg_m2_s', '1_s', '')
    >>> unit_suffix("pix2"), unit_suffix("electron s-1 pix-1")
    ('px2', 'e_s_px')
    """
    if unit == "1":
        return ""
    words = unit.replace("electron", "e").replace("pix", "px").split()
    above = [word for word in words if "-" not in word] or ["1"]
    below = [word.replace("-1", "").replace("-", "") for word in words if "-" in word]
    return "_".join(above + below)


def word_of(name: str, unit: str) -> str:
    """A column's name without the suffix of its unit.

    >>> word_of("gravity_m_s2", "m s-2")
    'gravity'
    """
    suffix = unit_suffix(unit)
    return name.removesuffix(f"_{suffix}") if suffix else name
