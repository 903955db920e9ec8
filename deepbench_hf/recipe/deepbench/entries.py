"""The mappings of a DeepBench file as checked models that know where their entries stand."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import Field, PrivateAttr, ValidationError

from deepbench_hf.errors import did_you_mean
from deepbench_hf.model import Model
from deepbench_hf.recipe.deepbench.conversion import Conversion, Priors, rounded, uniform
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

    _places: dict[str, str] = PrivateAttr(default_factory=dict)
    _to: Conversion = PrivateAttr(default_factory=Conversion)

    @classmethod
    def read(cls, parts: Mapping[str, Any], to: Conversion, path: str = "") -> Self | None:
        """The checked mapping; None where something is wrong, which is noted.

        Args:
            parts: the mappings that make it together, by their places in the file.
            to: what is told of it.
            path: the place of the whole, that of its first part unless given.
        """
        merged: dict[str, Any] = {}
        places = {"": path or next(iter(parts))}
        for where, part in parts.items():
            if not isinstance(part, Mapping | None):
                known = ", ".join(cls.model_fields)
                to.problems.append(f"{where}: must be a mapping with {known}; got {part!r:.60}")
                return None
            for key, value in _without_nulls(part or {}).items():
                place = f"{where}.{key}".lstrip(".")
                if key in merged and merged[key] != value:
                    to.problems.append(f"{place}: is {short(value)} here, not so at {places[key]}")
                merged[key], places[key] = value, place
        try:
            entry = cls.model_validate(merged)
        except ValidationError as error:
            for line in error.errors(include_url=False):
                place = _place(places, *map(short, line["loc"]))
                to.problems.append(f"{place}: {line['msg'].removeprefix('Value error, ')}")
            return None
        entry._places, entry._to = places, to
        return entry

    def at(self, *keys: str) -> str:
        """The place of an entry in the file, or of the whole mapping."""
        return _place(self._places, *keys)

    def tell(self, key: str, *corrections: str, when: object = True) -> None:
        """Note changed meanings of an entry, or of the whole mapping where the key is empty."""
        self._to.tell(self.at(key), *corrections, when=when)

    def missing(self, *keys: str) -> list[str]:
        """Those that the file does not give."""
        return [key for key in keys if key not in self.model_fields_set]

    def lacks(self, *keys: str) -> bool:
        """Whether the file gives none of the keys, so that they are drawn.

        Where it gives some, the others take the middle of what DeepBench draws; both is noted.
        """
        missing = self.missing(*keys)
        drawn = len(missing) == len(keys)
        for key in missing:
            self.tell(key, "default" if drawn else "middle")
        return drawn

    def given(
        self, key: str, how: Callable[[Any], float], low: float, width: float
    ) -> tuple[Any, str]:
        """A number of the file, as a recipe has it; uniform from ``low`` on if it has none."""
        drawn = self.lacks(key)
        return uniform(rounded(low), width) if drawn else rounded(how(getattr(self, key))), key

    def centred(self, place: Sequence[float], *keys: str) -> Priors:
        """The priors of the centre, pixels, which the keys decide."""
        jitter = self._to.jitter
        self._to.tell("parameter_noise", "jitter of places", when=jitter)
        x, y = (uniform(value, jitter) for value in place)
        return {"center_x_px": (x, keys[0]), "center_y_px": (y, keys[-1])}


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
F = TypeVar("F", bound=Image)


def read_image(
    frame: type[F], models: Mapping[str, type[E]], image: Any, objects: Any, to: Conversion
) -> tuple[F, list[E]] | None:
    """``image_parameters`` and ``object_parameters``, which is one mapping or a list."""
    read = frame.read({"image_parameters": image}, to)
    listed = objects if isinstance(objects, list) else [objects or {}]
    mappings = [part if isinstance(part, Mapping) else {short(part): None} for part in listed]
    if not any(mappings):
        text = f"must hold one or more objects; accepted: {', '.join(models)}"
        to.problems.append(f"object_parameters: {text}")
    found: dict[str, E | None] = {}
    for word, part in ((short(k), part) for one in mappings for k, part in one.items()):
        path = f"object_parameters.{word}"
        if word not in models:
            to.problems.append(f"{path}: unknown object; {did_you_mean(word, models)}")
        elif word in found:
            to.problems.append(f"{path}: is given twice; write a recipe with one prior for both")
        elif both := Parts.read({path: part}, to):
            given = {both.at(name): mapping for name, mapping in both}
            found[word] = models[word].read(given, to, path)
    bodies = [body for body in found.values() if body]
    return (read, bodies) if read and not to.problems else None


def put_objects(
    objects: Sequence[tuple[Entry, str, Priors]], single: str, scene: str, to: Conversion
) -> None:
    """Write the simulator and the priors of one object, or of a scene, which has one of each.

    Of each object there are its entry, its kind and its priors; ``single`` and ``scene`` are the
    simulators.
    """
    if len(objects) > 1:
        kinds = [kind for _, kind, _ in objects]
        to.simulator |= {"kind": scene, "max_objects": len(objects)}
        to.priors |= {"n_objects": len(objects), "kind": {"kind": "in_turn", "names": kinds}}
    else:
        to.simulator["kind"] = single
    columns: dict[str, dict[str, Any]] = {}
    for entry, kind, priors in objects:
        for name, (prior, key) in priors.items():
            columns.setdefault(name, {})[kind] = prior
            to.origins[f"priors.{name}.{kind}"] = where = entry.at(key)
            to.origins.setdefault(f"priors.{name}", where)
    for name, cases in columns.items():
        first, *others = cases.values()
        by_kind = {"kind": "conditional", "given": "kind", "cases": cases, "otherwise": first}
        to.priors[name] = by_kind if any(prior != first for prior in others) else first


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
