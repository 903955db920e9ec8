"""What every simulator offers: parameters with limits, fields with units, one pure call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.model import Model

__all__ = [
    "COUNT",
    "OBJECTS",
    "Columns",
    "Field",
    "Parameter",
    "Simulator",
    "one_of",
    "places",
    "present",
]

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
        names: the classes by their number, for a parameter that is one of them.
        whole: whether the values are whole numbers, as those of classes are.
        only: which classes of other parameters have this one; None for all.
        absent: the value for those that do not have it.
        decoy: whether no clean array depends on it, and a model has to find that out.
        symbol: what formulas call it, in LaTeX without delimiters; cards print it.
    """

    unit: str
    meaning: str
    low: float
    high: float
    default: float | None = None
    names: tuple[str, ...] = ()
    whole: bool = False
    only: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NOTHING)
    absent: float = 0.0
    decoy: bool = False
    symbol: str = ""

    @property
    def dtype(self) -> str:
        """NumPy name of the stored type."""
        return "int64" if self.names or self.whole else "float64"


def one_of(meaning: str, names: tuple[str, ...], **more: Any) -> Parameter:
    """A parameter that is one of the classes ``names``."""
    return Parameter("1", meaning, 0, len(names) - 1, names=names, **more)


@dataclass(frozen=True)
class Field:
    """An output, or a coordinate such as the times of a series.

    Args:
        unit: unit in astropy's notation; ``"1"`` for pure numbers.
        meaning: one phrase for cards and help.
        shape: shape of one example; ``()`` for a scalar; of a list, its greatest length.
        dtype: NumPy name of the stored type.
        low: the smallest value that it can have, in ``unit``.
        names: the classes by their number.
        fields: the fields of a record; the field is then a list of records.
        signed: whether an image fluctuates about zero: pictures of it have zero in the middle.
        along: the coordinate that a series goes along, where there are several.
        valid: the column that says which numbers of a series are there; the others are padding, 0.
    """

    unit: str
    meaning: str
    shape: tuple[int, ...] = ()
    dtype: str = "float64"
    low: float = -np.inf
    names: tuple[str, ...] = ()
    fields: Mapping[str, Field] = field(default_factory=lambda: NOTHING)
    signed: bool = False
    along: str = ""
    valid: str = ""

    @property
    def array_dtype(self) -> np.dtype:
        """The NumPy type of the column; records are structured."""
        parts = [(name, part.dtype) for name, part in self.fields.items()]
        return np.dtype(parts) if parts else np.dtype(self.dtype)

    @property
    def is_image(self) -> bool:
        """Whether an example is a picture, ``(H, W)``."""
        return len(self.shape) == 2


class Simulator(Model):
    """A pure forward model; its attributes are settings that all examples share.

    A model has ``kind``, ``parameters``, ``fields`` and ``__call__``; the rest is for those with
    coordinates, with several objects in an example, with masks, or with a closed-form answer.
    """

    parameters: ClassVar[Mapping[str, Parameter]]
    """The inputs that every example has one of."""

    objects: ClassVar[Mapping[str, Parameter]] = NOTHING
    """The inputs that every object of a scene has one of."""

    @property
    def coordinates(self) -> Mapping[str, Field]:
        """Inputs that the settings decide and every row carries, such as ``time_s``."""
        return NOTHING

    @property
    def fields(self) -> Mapping[str, Field]:
        """The clean outputs of a call."""
        raise NotImplementedError

    @property
    def outputs(self) -> Mapping[str, Field]:
        """The fields that the model is for: its arrays, or all where an example has only numbers.

        They are what noise makes observed and ``clean: false`` leaves out; other fields are labels.
        """
        arrays = {name: field for name, field in self.fields.items() if field.shape}
        return arrays or self.fields

    @property
    def object_fields(self) -> Mapping[str, Field]:
        """What a call tells of every object of a scene."""
        return NOTHING

    @property
    def layers(self) -> Mapping[str, Field]:
        """The masks and single objects that `separate` gives."""
        return NOTHING

    against: ClassVar[Mapping[str, str]] = NOTHING
    """Outputs that figures draw as points against another output, by what lies upwards."""

    needs: ClassVar[frozenset[str]] = frozenset()
    """The columns that `estimate` and `infer` take; rows that lack one have nothing of these."""

    @property
    def estimates(self) -> Mapping[str, Field]:
        """What a closed form makes of a row's measurements."""
        return NOTHING

    @property
    def optima(self) -> Mapping[str, Field]:
        """What `infer` tells; rows have it where ``uncertainty`` is on."""
        return NOTHING

    @property
    def targets(self) -> dict[str, Parameter | Field]:
        """All that noise can be put on: inputs and outputs."""
        return {**self.parameters, **self.coordinates, **self.fields}

    @property
    def most_objects(self) -> int:
        """How many objects an example has at most."""
        return 1

    def refuse(self, supports: Mapping[str, tuple[float, float]]) -> str | None:
        """Why priors that reach from low to high do not fit together; None where they do."""
        return None

    def locate(self, **parameters: NDArray) -> Columns:
        """The coordinates of ``n`` examples, ``(n, *shape)``, from parameters ``(n,)``."""
        return {}

    def __call__(self, **inputs: Any) -> Columns:
        """The fields, ``(n, *shape)``, from parameters ``(n,)`` and coordinates ``(n, *shape)``.

        Of a scene also ``objects``: records ``(n, most_objects)`` of the object fields.
        """
        raise NotImplementedError

    def estimate(self, rows: Columns) -> Columns:
        """The estimates, ``(n, *shape)``, from rows that hold all columns of ``needs``."""
        return {}

    def infer(self, rows: Columns) -> Columns:
        """The best that can be known from a row's measurements under its true parameters.

        The optima, ``(n, *shape)``, from rows that hold all columns of ``needs``.
        """
        return {}

    @property
    def sensitive(self) -> tuple[str, ...]:
        """The parameters that `derivatives` covers; none where it is not offered."""
        return ()

    @property
    def bounded(self) -> tuple[str, ...]:
        """The fields of one number whose bounds are told, too, as `derivatives` covers them."""
        return ()

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """By output and `sensitive` parameter, d(output)/d(parameter) ``(n, *shape)``, float64.

        Of the outputs of one number for an example, which follow from the parameters, only those
        of `bounded` are there.
        """
        raise NotImplementedError

    def separate(self, threshold: NDArray | None = None, **inputs: Any) -> Columns:
        """The layers, ``(n, *shape)``; ``threshold`` (n,) is the level of the noise, 0 for none."""
        return {}


def places(count: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The row of each object and its number in it, from the numbers ``(n,)`` of objects.

    >>> places(np.array([2, 1]))
    (array([0, 0, 1]), array([0, 1, 0]))
    """
    rows = np.repeat(np.arange(len(count)), count)
    first = np.add.accumulate(count) - count
    return rows, np.arange(len(rows)) - first[rows]


def present(count: NDArray[np.int64], most: int) -> NDArray[np.bool_]:
    """Which of the records ``(n, most)`` hold an object, from the numbers ``(n,)`` of objects."""
    return np.arange(most) < count[:, None]
