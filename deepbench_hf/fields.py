"""Parameters and columns: units, meanings, shapes, roles, and which values stand for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray]
"""Named arrays, the example axis first."""

OBJECTS, COUNT = "objects", "n_objects"
"""The columns of a scene: a list of records, and how many there are."""

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Parameter:
    """A scalar input of the model.

    Args:
        unit: unit in astropy's notation, ``"m s-2"``; ``"1"`` for pure numbers.
        meaning: one phrase for cards and help.
        low: smallest valid value, in ``unit``.
        high: largest valid value, in ``unit``.
        default: value where a recipe gives no prior; without one, a prior is required.
        usual: the quantile of its prior that a call takes which leaves it out; None for the
            median. A pendulum that hangs still, the median of many priors, shows nothing.
        names: the classes by their number, for a parameter that is one of them.
        whole: whether the values are whole numbers, as those of classes are.
        only: which classes of other parameters have this one; None for all.
        absent: what arrays hold for those that do not have it, and what the model takes.
        decoy: whether no clean array depends on it, and a model has to find that out.
        symbol: what formulas call it, in LaTeX without delimiters; cards print it.
        period: of what goes round, such as 360 of a direction and 180 of an axis; 0 of the others.
        folds: by another column, for each of its numbers: of how many turns that look alike the
            period is, as of 4 for squares.
    """

    unit: str
    meaning: str
    low: float
    high: float
    default: float | None = None
    usual: float | None = None
    names: tuple[str, ...] = ()
    whole: bool = False
    only: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    absent: float = 0.0
    decoy: bool = False
    symbol: str = ""
    period: float = 0.0
    folds: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: NOTHING)

    @property
    def dtype(self) -> str:
        """NumPy name of the stored type."""
        return "int64" if self.names or self.whole else "float64"


def one_of(meaning: str, names: tuple[str, ...], **more: Any) -> Parameter:
    """A parameter that is one of the classes ``names``."""
    return Parameter("1", meaning, 0, len(names) - 1, names=names, **more)


FAR_PX = 1e4
"""Positions in pixels beyond which nothing may lie."""

CENTER = {
    "center_x_px": Parameter(
        "pix", "centre along a row; column i is x = i", -FAR_PX, FAR_PX, symbol="x_c"
    ),
    "center_y_px": Parameter(
        "pix", "centre along a column; row j is y = j", -FAR_PX, FAR_PX, symbol="y_c"
    ),
}
"""Where an object lies in an image."""


Role = Literal["coordinate", "label", "output", "layer", "estimate", "optimum"]
"""What a simulator's column is to a row.

- coordinate: an input that the settings decide and every row carries, such as ``time_s``.
- label: a clean result that a model has to find, and that noise leaves alone unless asked to.
- output: a clean result that the simulator is for: what noise makes observed, and what
  ``clean: false`` leaves out.
- layer: a mask or a single object, made where ``masks`` is on.
- estimate: what a closed form makes of a row's measurements.
- optimum: the best that can be known from them; made where ``uncertainty`` is on.
"""

CLEAN: tuple[Role, ...] = ("label", "output")
"""The roles of what a call of a simulator gives."""


@dataclass(frozen=True)
class Field:
    """A column of a simulator, or what is stored beside one.

    Args:
        unit: unit in astropy's notation; ``"1"`` for pure numbers.
        meaning: one phrase for cards and help.
        shape: shape of one example; ``()`` for a scalar; of a list, its greatest length.
        dtype: NumPy name of the stored type; ``"U40"`` is text of at most 40 signs.
        low: the smallest value that it can have, in ``unit``.
        names: the classes by their number.
        fields: the fields of a record; the field is then a list of records, and the column that
            `counted` names says how many of them each row has.
        channels: what the first axis of an image in colour counts, as in ``(3, H, W)``.
        signed: whether an image fluctuates about zero: pictures of it have zero in the middle.
        along: the coordinate that a series goes along, where there are several.
        valid: the column that says which numbers of a series are there; the others are padding, 0.
        role: what the column is to a row; of no matter inside records.
        needs: the columns that an estimate or an optimum is made of; rows that lack one have none.
        against: the output that lies to the right where figures draw this one, upwards, as points.
        bounded: whether the Cramer-Rao bound of this number is stored as well; `derivatives` has
            it.
        accepts: the values that a user may give a coordinate, in ``unit``.
        rising: whether a coordinate must not decrease along a row.
        axes: what the rows and the columns of an image count.
        only: which classes of other columns have this one; None for all. Tables have null for the
            others.
        absent: what arrays, which have no null, hold where there is no value.
    """

    unit: str
    meaning: str
    shape: tuple[int, ...] = ()
    dtype: str = "float64"
    low: float = -np.inf
    names: tuple[str, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=lambda: NOTHING)
    channels: tuple[str, ...] = ()
    signed: bool = False
    along: str = ""
    valid: str = ""
    role: Role = "output"
    needs: frozenset[str] = frozenset()
    against: str = ""
    bounded: bool = False
    accepts: tuple[float, float] = (-np.inf, np.inf)
    rising: bool = False
    axes: tuple[str, str] = ("pixel", "pixel")
    only: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    absent: float = 0.0

    @property
    def array_dtype(self) -> np.dtype:
        """The NumPy type of the column; records are structured."""
        parts = [(name, part.dtype) for name, part in self.fields.items()]
        return np.dtype(parts) if parts else np.dtype(self.dtype)

    @property
    def may_be_null(self) -> bool:
        """Whether some rows have no value."""
        return bool(self.only) or not np.isfinite(self.absent)

    @property
    def is_image(self) -> bool:
        """Whether an example is a picture, ``(H, W)``, or ``(channels, H, W)`` in colour."""
        return len(self.shape) == 2 + bool(self.channels)

    @property
    def is_volume(self) -> bool:
        """Whether an example is a field in space, ``(D, H, W)``."""
        return len(self.shape) == 3 and not self.channels

    @property
    def is_text(self) -> bool:
        """Whether an example is a sentence."""
        return self.dtype.startswith("U")

    @property
    def type_name(self) -> str:
        """The stored type in the words of Arrow, ``"float32"`` or ``"string"``."""
        return "string" if self.is_text else self.dtype


Parameters = Mapping[str, Parameter]
Fields = Mapping[str, Field]
Supports = Mapping[str, tuple[float, float]]
"""Of each parameter the smallest and the largest value that its prior can give."""


def of_role(columns: Mapping[str, Field], *roles: Role) -> dict[str, Field]:
    """The columns of some roles, in order."""
    return {name: field for name, field in columns.items() if field.role in roles}


def class_column(name: str, known: Mapping[str, object]) -> str:
    """The column that a parameter called ``kind`` has: a single object's class is its label."""
    return "label" if name == "kind" and "kind" not in known else name


def absences(name: str, fields: Mapping[str, Any], columns: Columns) -> NDArray[np.bool_]:
    """Which of the values of a column stand for nothing, of the shape of that column.

    Those of classes that do not have it, as far as the classes are among the columns, and those
    that equal an infinite ``absent``.

    Args:
        name: of the column.
        fields: `Field` or `Parameter` of each column.
        columns: the values.
    """
    field = fields[name]
    found = np.zeros(columns[name].shape, bool)
    for other, classes in field.only.items():
        column = class_column(other, fields)
        if column in columns:
            lacks = np.array([word not in classes for word in fields[column].names])
            found |= lacks[np.clip(columns[column].astype(np.int64), 0, len(lacks) - 1)]
    if not np.isfinite(field.absent):
        found |= columns[name] == field.absent
    return found


def places(count: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row of each object and its number in it, from the numbers ``(n,)`` of objects.

    >>> places(np.array([2, 1]))
    (array([0, 0, 1]), array([0, 1, 0]))
    """
    rows = np.repeat(np.arange(len(count)), count)
    first = np.add.accumulate(count) - count
    return rows, np.arange(len(rows)) - first[rows]


def counted(name: str) -> str:
    """The column that says how many records of a list each row has.

    >>> counted("edges"), counted(OBJECTS) == COUNT
    ('n_edges', True)
    """
    return f"n_{name}"


def present(count: NDArray[np.int64], most: int) -> NDArray[np.bool_]:
    """Which of the records ``(n, most)`` are there, from their numbers ``(n,)``."""
    return np.arange(most) < count[:, None]
