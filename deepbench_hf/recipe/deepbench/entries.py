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
    def read(cls, data: Any, path: str, problems: list[str], places: Any = None) -> Self | None:
        """The checked mapping at ``path``; None where something is wrong, which is noted.

        ``places`` says where keys are in the file that are not under their own name at ``path``.
        """
        places = {"": path, **(places or {})}
        try:
            entry = cls.model_validate(_without_nulls({} if data is None else data))
        except ValidationError as error:
            for line in error.errors(include_url=False):
                place = _place(places, ".".join(map(short, line["loc"])))
                text = line["msg"].removeprefix("Value error, ")
                problems.append(f"{place}: {text}" if place else text)
            return None
        entry._places = places
        return entry

    @classmethod
    def _line(cls, error: Any) -> Any:
        """Say of what is missing what it is."""
        field = cls.model_fields.get(str(error["loc"][0])) if error["loc"] else None
        if error["type"] == "missing" and field and len(error["loc"]) == 1:
            error = {**error, "type": "said", "msg": f"is missing: {field.description}"}
        return super()._line(error)

    def at(self, key: str = "") -> str:
        """The place of an entry in the file, or of the whole mapping."""
        return _place(self._places, key)

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
    seen, found = set(), []
    for outer in parts if isinstance(parts, list) else [parts]:
        for kind, part in outer.items() if isinstance(outer, Mapping) else [(outer, None)]:
            path = f"object_parameters.{short(kind)}"
            if not isinstance(kind, str) or kind not in models:
                problems.append(f"{path}: unknown object; {did_you_mean(kind, models)}")
            elif kind in seen:
                problems.append(f"{path}: is given twice; write a recipe with one prior for both")
            elif inner := Parts.read(part, path, problems):
                given = {f"{path}.{name}": part for name, part in inner}
                entry = joined(models[kind], path, given, problems)
                found += [entry] if entry else []
            seen.add(short(kind))
    if not seen:
        text = f"must hold one or more objects; accepted: {', '.join(models)}"
        problems.append(f"object_parameters: {text}")
    return found


def joined(model: type[E], path: str, parts: Mapping[str, Any], problems: list[str]) -> E | None:
    """One object from several mappings, each at its own place in the file."""
    merged: dict[str, Any] = {}
    places: dict[str, str] = {}
    for where, part in parts.items():
        if not isinstance(part, Mapping | None):
            problems.append(f"{where}: must be a mapping of keys to values; got {short(part)}")
            return None
        for key, value in (part or {}).items():
            if merged.get(key) is not None and value not in (None, merged[key]):
                text = f"is {short(value)} here, not so at {places[short(key)]}"
                problems.append(f"{where}.{short(key)}: {text}")
            if value is not None:
                merged[key], places[short(key)] = value, f"{where}.{short(key)}"
    return model.read(merged, path, problems, places)


def short(value: Any) -> str:
    """What can stand in a line."""
    text = str(value) if str(value).isprintable() else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _place(places: Mapping[str, str], key: str) -> str:
    first, dot, rest = key.partition(".")
    return (places.get(first) or f"{places['']}.{first}".lstrip(".")) + dot + rest


def _without_nulls(data: Any) -> Any:
    """Mappings without what is null; keys as they can stand in a line."""
    if not isinstance(data, Mapping):
        return data
    return {short(k): _without_nulls(value) for k, value in data.items() if value is not None}
