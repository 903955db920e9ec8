"""A mapping of a DeepBench file as a checked model that knows where its entries stand."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr, ValidationError

from deepbench_hf.model import Model

# Far beyond anything that can be meant, and near enough for sums and quotients to stay finite.
Number = Annotated[float, Field(ge=-1e30, le=1e30)]
NotNegative = Annotated[float, Field(ge=0, le=1e30)]
Positive = Annotated[float, Field(ge=1e-30, le=1e30)]
Pair = Annotated[list[Number], Field(min_length=2, max_length=2)]
"""A position [x, y], pixels."""


class Entry(Model):
    """One mapping of a DeepBench file; null is as good as left out."""

    _places: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def read(
        cls, data: Any, path: str, problems: list[str], places: Mapping[str, str] | None = None
    ) -> Self | None:
        """The checked mapping; None where something is wrong, of which every line is noted.

        Args:
            data: the mapping; None for an empty one.
            path: where it is in the file; empty for the whole file.
            problems: where they are noted.
            places: where keys are in the file, if not under their own name at ``path``.
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
