"""What DeepBench's shapes and its sky share: the image, and the objects that it holds."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field

from deepbench_hf.errors import did_you_mean
from deepbench_hf.recipe.deepbench.entries import Entry, NotNegative, short
from deepbench_hf.simulators.images import LARGEST, SMALLEST

E = TypeVar("E", bound=Entry)

Side = Annotated[int, Field(ge=SMALLEST, le=LARGEST)]
Sides = Annotated[
    list[Side], Field(min_length=2, max_length=2, description="two sides, whole numbers of pixels")
]


class Image(Entry):
    """``image_parameters`` of an image with several objects."""

    image_shape: Sides
    object_noise_level: NotNegative = 0.0
    object_noise_type: Literal["gaussian", "poisson"] = "gaussian"


class Parts(Entry):
    """One object of an image: what it is called with, and what it is made with."""

    object: Any = None
    instance: Any = None


def objects_of(
    parts: Any, models: Mapping[str, type[E]], problems: list[str]
) -> list[tuple[str, E]]:
    """The objects of an image and their kinds: ``object_parameters``, one mapping or a list."""
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
                found += [(kind, entry)] if entry else []
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
