"""What the image families share: the frame, and the objects as the kernels take them."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import COUNT, OBJECTS, Columns, Parameter, one_of, present
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.limits import FINITE, check_limits, within

SMALLEST, LARGEST = 4, 4096
"""Sides of an image, pixels."""

Side = Annotated[int, pydantic.Field(ge=SMALLEST, le=LARGEST)]

MOST_OBJECTS = 64


def class_of(kinds: tuple[str, ...]) -> Parameter:
    """The class of an object."""
    return one_of("what the object is", kinds, symbol="k")


def count_up_to(most: int = MOST_OBJECTS) -> Parameter:
    """The number of objects of a scene."""
    return Parameter("1", "number of objects", 1, most, whole=True, symbol="K")


class Picture(Simulator):
    """An image of any size.

    Args:
        image_size: height and width, pixels.
    """

    image_size: Annotated[tuple[Side, Side], pydantic.Field(strict=False)] = (64, 64)

    def resized(self, size: tuple[int, int]) -> Self:
        """The same model with another frame."""
        return self.model_copy(update={"image_size": size})


class Frame(Picture):
    """An image of one object, or of a scene where ``objects`` names the parameters of each."""

    kinds: ClassVar[tuple[str, ...]]
    """The kinds of object that the family's kernels number."""

    table: ClassVar[Mapping[str, Parameter]]
    """The parameters of any object of the family, its kind left out."""

    only_kind: ClassVar[str] = ""
    """The kind of the model's objects where they have no class."""

    @property
    def stack(self) -> tuple[int, int, int]:
        """The shape of one image for every object."""
        return (self.most_objects, *self.image_size)

    def refuse(self, supports: Mapping[str, tuple[float, float]]) -> str | None:
        """A scene must have room for all its objects."""
        most = supports.get(COUNT, (1, 1))[1]
        if most > self.most_objects:
            return f"{COUNT} reaches {most:g}; max_objects is {self.most_objects}"
        return None

    def drawn(self, given: Mapping[str, Any]) -> tuple[NDArray, NDArray[np.int64]]:
        """The objects of a call as the kernels take them, ``(n, most_objects)``, and their number.

        Raises:
            ValueError: an unknown or a missing name, a wrong shape, or a value beyond its limits.
        """
        known = [*self.parameters, *([OBJECTS] if self.objects else [])]
        for name in given.keys() - set(known):
            raise ValueError(f"unknown input {name!r}; {did_you_mean(name, known)}")
        if self.objects:
            count = scalars({COUNT: self.parameters[COUNT]}, given)[COUNT].astype(np.int64)
            objects = given[OBJECTS]
            columns = {name: objects[name] for name in objects.dtype.names}
        else:
            found = scalars({n: p for n, p in self.parameters.items() if n in given}, given)
            columns = {name: values[:, None] for name, values in found.items()}
            count = np.ones(len(next(iter(found.values()))), np.int64)
        return self._stacked(columns, count), count

    def _stacked(self, columns: Columns, count: NDArray[np.int64]) -> NDArray:
        """Structured array of all parameters of the family, their defaults filled in."""
        own = {**self.parameters, **self.objects}
        dtype = [("kind", "i8"), *((n, "i8" if p.names else "f8") for n, p in self.table.items())]
        stacked = np.zeros((len(count), self.most_objects), dtype)
        there: Any = present(count, self.most_objects)
        there = ... if there.all() else there  # a mask costs more than the values
        stacked["kind"][there] = self._kinds(columns, there)
        for name in [name for name in self.table if name in own]:
            default = own[name].default
            if name not in columns and default is None:
                raise ValueError(f"{name} is missing; its unit is {own[name].unit}")
            values = columns[name][there] if name in columns else np.asarray(default)
            check_limits(name, values, own[name])
            stacked[name][there] = values
        return stacked

    def _kinds(self, columns: Columns, there: Any) -> NDArray[np.int64]:
        """The family's number of the class of each object that is there."""
        if self.only_kind:
            return np.array(self.kinds.index(self.only_kind))
        (column,) = {"label", "kind"} & columns.keys()
        own = {**self.parameters, **self.objects}[column]
        numbers = np.array([self.kinds.index(name) for name in own.names])
        classes = columns[column][there]
        check_limits(column, classes, own)
        return numbers[classes.astype(np.int64)]


def scalars(parameters: Mapping[str, Parameter], given: Mapping[str, Any]) -> Columns:
    """The parameters of examples, ``(n,)`` float64 each, defaults filled in.

    Raises:
        ValueError: a missing name, a wrong shape, or a value that is not within its limits.
    """
    n = len(np.atleast_1d(next(iter(given.values()), ())))
    found = {}
    for name, parameter in parameters.items():
        default = None if parameter.default is None else np.full(n, parameter.default)
        values = given.get(name, default)
        if values is None:
            raise ValueError(f"{name} is missing; its unit is {parameter.unit}")
        found[name] = np.require(values, np.float64, ["C", "W"])
        if found[name].shape != (n,) or not within(found[name], -FINITE, FINITE):
            raise ValueError(f"{name} must be finite and have the shape ({n},); got {values!r:.60}")
        check_limits(name, found[name], parameter)
    return found


def packed(columns: Columns) -> NDArray:
    """Columns of one shape as one array of records."""
    first = next(iter(columns.values()))
    records = np.empty(first.shape, [(name, values.dtype) for name, values in columns.items()])
    for name, values in columns.items():
        records[name] = values
    return records
