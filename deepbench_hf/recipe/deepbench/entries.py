"""The mappings of a DeepBench file as checked models that know where their entries stand."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, PrivateAttr, ValidationError

from deepbench_hf.errors import did_you_mean
from deepbench_hf.model import Model
from deepbench_hf.simulators.images import Side

# Far beyond anything that can be meant, and near enough for sums and quotients to stay finite.
Number = Annotated[float, Field(ge=-1e30, le=1e30)]
NotNegative = Annotated[float, Field(ge=0, le=1e30)]
Positive = Annotated[float, Field(ge=1e-30, le=1e30)]
Pair = Annotated[list[Number], Field(min_length=2, max_length=2)]
"""A position [x, y], pixels."""
Sides = Annotated[
    list[Side], Field(min_length=2, max_length=2, description="two sides, whole numbers of pixels")
]


class Entry(Model):
    """One mapping of a DeepBench file; null is as good as left out."""

    _places: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def read(cls, parts: Mapping[str, Any], problems: list[str], path: str = "") -> Self | None:
        """The checked mapping; None where something is wrong, which is noted.

        Args:
            parts: the mappings that make it together, by their places in the file.
            problems: what is wrong with the file.
            path: the place of the whole, that of its first part unless given.
        """
        merged: dict[str, Any] = {}
        places = {"": path or next(iter(parts))}
        for where, part in parts.items():
            if not isinstance(part, Mapping | None):
                known = ", ".join(cls.model_fields)
                problems.append(f"{where}: must be a mapping with {known}; got {part!r:.60}")
                return None
            for key, value in _without_nulls(part or {}).items():
                place = f"{where}.{key}".lstrip(".")
                if key in merged and merged[key] != value:
                    problems.append(f"{place}: is {short(value)} here, not so at {places[key]}")
                merged[key], places[key] = value, place
        try:
            entry = cls.model_validate(merged)
        except ValidationError as error:
            for line in error.errors(include_url=False):
                place = _place(places, *map(short, line["loc"]))
                problems.append(f"{place}: {line['msg'].removeprefix('Value error, ')}")
            return None
        entry._places = places
        return entry

    def at(self, *keys: str) -> str:
        """The place of an entry in the file, or of the whole mapping."""
        return _place(self._places, *keys)

    def missing(self, *keys: str) -> list[str]:
        """Those that the file does not give."""
        return [key for key in keys if key not in self.model_fields_set]


class Image(Entry):
    """``image_parameters`` of an image with several objects."""

    image_shape: Sides
    object_noise_level: NotNegative = 0.0
    object_noise_type: Literal["gaussian", "poisson"] = "gaussian"


class Parts(Entry):
    """One object of an image: what it is called with, and what it is made with."""

    object: Any = None
    instance: Any = None


E = TypeVar("E", bound=Entry)


def objects_of(parts: Any, models: Mapping[str, type[E]], problems: list[str]) -> list[E]:
    """The objects of an image: ``object_parameters``, one mapping or a list."""
    listed = parts if isinstance(parts, list) else [parts or {}]
    mappings = [part if isinstance(part, Mapping) else {short(part): None} for part in listed]
    if not any(mappings):
        text = f"must hold one or more objects; accepted: {', '.join(models)}"
        problems.append(f"object_parameters: {text}")
    found: dict[str, E | None] = {}
    for word, part in ((short(k), part) for one in mappings for k, part in one.items()):
        path = f"object_parameters.{word}"
        if word not in models:
            problems.append(f"{path}: unknown object; {did_you_mean(word, models)}")
        elif word in found:
            problems.append(f"{path}: is given twice; write a recipe with one prior for both")
        elif both := Parts.read({path: part}, problems):
            given = {both.at(name): mapping for name, mapping in both}
            found[word] = models[word].read(given, problems, path)
    return [entry for entry in found.values() if entry]


def short(value: Any) -> str:
    """What can stand in a line."""
    text = str(value) if str(value).isprintable() else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _place(places: Mapping[str, str], key: str = "", *inner: str) -> str:
    return ".".join([places.get(key) or f"{places['']}.{key}".lstrip("."), *inner])


def _without_nulls(data: Any) -> Any:
    """Mappings without what is null; keys as they can stand in a line."""
    if not isinstance(data, Mapping):
        return data
    return {short(k): _without_nulls(value) for k, value in data.items() if value is not None}
