"""What the image families share: the frame, and the objects as the kernels take them."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.errors import short
from deepbench_hf.fields import COUNT, OBJECTS, Columns, Parameter, one_of, present
from deepbench_hf.simulators.base import Simulator, all_parameters, objects_of

SMALLEST, LARGEST = 4, 4096
"""Sides of an image, pixels."""

Side = Annotated[int, pydantic.Field(ge=SMALLEST, le=LARGEST)]

Size = Annotated[tuple[Side, Side], pydantic.Field(strict=False)]
"""Height and width."""

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

    SIDES: ClassVar[tuple[int, ...]] = ()
    """The sides that there are, where images must be square; empty for any."""

    image_size: Size = (64, 64)

    @pydantic.field_validator("image_size", mode="before")
    @classmethod
    def _is_pair(cls, size: Any) -> Any:
        if isinstance(size, int):
            write = f", write [{size}, {size}]" if SMALLEST <= size <= LARGEST else ""
            raise ValueError(f"must be [height, width], pixels; got {short(size)}{write}")
        return size

    @pydantic.field_validator("image_size")
    @classmethod
    def _fits(cls, size: tuple[int, int]) -> tuple[int, int]:
        if cls.SIDES and (size[0] != size[1] or size[0] not in cls.SIDES):
            *most, last = map(str, cls.SIDES)
            known = f"{', '.join(most)} or {last}"
            got = " x ".join(map(short, size))
            raise ValueError(f"must be a square of {known} pixels; got {got}")
        return size

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
    def most_objects(self) -> int:
        """How many objects an example has at most: ``max_objects`` of a scene."""
        return vars(self).get("max_objects", 1)  # getattr takes ten times as long if it has none

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
        """The objects of a call for the kernels, ``(n, most_objects)``, and how many there are."""
        if objects_of(self):
            count = np.require(given[COUNT], np.int64, ["C", "W"])
            columns = {name: given[OBJECTS][name] for name in given[OBJECTS].dtype.names}
        else:
            own = {name: value for name, value in given.items() if name in self.parameters}
            columns = {name: np.asarray(values)[:, None] for name, values in own.items()}
            count = np.ones(len(next(iter(columns.values()))), np.int64)
        return self._stacked(columns, count), count

    def _stacked(self, columns: Columns, count: NDArray[np.int64]) -> NDArray:
        """Structured array of all parameters of the family, their defaults filled in."""
        own = all_parameters(self)
        dtype = [("kind", "i8"), *((n, "i8" if p.names else "f8") for n, p in self.table.items())]
        stacked = np.zeros((len(count), self.most_objects), dtype)
        there: Any = present(count, self.most_objects)
        there = ... if there.all() else there  # a mask costs more than the values
        stacked["kind"][there] = self._kinds(columns, there)
        for name in [name for name in self.table if name in own]:
            default = own[name].default
            known = name in columns or default is None
            stacked[name][there] = columns[name][there] if known else default
        return stacked

    def _kinds(self, columns: Columns, there: Any) -> NDArray[np.int64]:
        """The family's number of the class of each object that is there."""
        if self.only_kind:
            return np.array(self.kinds.index(self.only_kind))
        (column,) = {"label", "kind"} & columns.keys()
        own = all_parameters(self)[column]
        numbers = np.array([self.kinds.index(name) for name in own.names])
        return numbers[columns[column][there].astype(np.int64)]
