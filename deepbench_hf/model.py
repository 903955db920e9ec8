"""The frozen, strict pydantic model that every part of a recipe is made of."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, LiteralString, TypeVar, cast

import pydantic
from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from deepbench_hf.errors import did_you_mean, short

M = TypeVar("M", bound="Model")
T = TypeVar("T")


class Model(BaseModel):
    """A validated value: no unknown keys, no type guessing, no NaN or infinity, no change after."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @pydantic.model_validator(mode="wrap")
    @classmethod
    def _explain(cls, value: Any, validate: Callable[[Any], Any]) -> Any:
        """Say in every message what was got and what is accepted."""
        try:
            return validate(value)
        except ValidationError as error:
            lines = [cls._line(line) for line in error.errors(include_url=False)]
            raise ValidationError.from_exception_data(cls.__name__, lines) from None

    @classmethod
    def _line(cls, error: Any) -> InitErrorDetails:
        kind, loc, got = error["type"], error["loc"], error["input"]
        accepted = [name for name in cls.model_fields if name != "kind"]
        if kind == "extra_forbidden" and len(loc) == 1:
            text = f"unknown key; {did_you_mean(loc[0], accepted)}"
        elif kind == "missing" and len(loc) == 1:
            what = cls.model_fields[str(loc[0])].description
            text = f"is missing: {what}" if what else "is missing"
        elif kind in ("model_type", "model_attributes_type"):
            text = f"must be a mapping with {', '.join(accepted)}; got {short(got)}"
        elif kind in ("said", "value_error"):
            text = error["msg"].removeprefix("Value error, ")
        else:
            text = f"{_plain(error['msg'])}; got {short(got)}"
        return InitErrorDetails(type=_said(text), loc=loc, input=got)


class FrozenDict(dict[str, Any]):
    """A dict that does not change: recipes are shared by all of a process."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("a recipe is frozen; load it with overrides instead")

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _refuse  # type: ignore[assignment]

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return type(self), (dict(self),)


class OneOf(Generic[M]):
    """Annotation for a mapping whose ``kind`` names one model of a closed set.

    Args:
        kinds: models by the name that YAML uses; read when a value is checked.
        number: reads a bare number, where one is accepted in place of a mapping.
    """

    def __init__(
        self, kinds: Mapping[str, type[M]], number: Callable[[float], M] | None = None
    ) -> None:
        self.kinds, self.number = kinds, number

    def read(self, value: Any) -> M:
        """The model that ``value`` describes.

        Raises:
            ValidationError: with the place of each problem.
        """
        if isinstance(value, Model) and type(value) is self.kinds.get(getattr(value, "kind", "")):
            return value  # type: ignore[return-value]
        if self.number and isinstance(value, (int, float)) and not isinstance(value, bool):
            return self.number(value)
        if not isinstance(value, Mapping) or not isinstance(value.get("kind"), str):
            wanted = f"{'a number or ' if self.number else ''}a mapping with a kind"
            word = value.get("kind", "") if isinstance(value, Mapping) else value
            alone = isinstance(word, str) and word in self.kinds  # gaussian for {kind: gaussian}
            hint = f"write {{kind: {word}}}" if alone else did_you_mean(word, self.kinds)
            raise self._refuse(f"must be {wanted}; {hint}", value)
        if value["kind"] not in self.kinds:
            hint = did_you_mean(value["kind"], self.kinds)
            raise self._refuse(f"unknown kind {short(value['kind'])}; {hint}", value)
        return self.kinds[value["kind"]].model_validate(dict(value))

    @staticmethod
    def _refuse(text: str, got: Any) -> PydanticCustomError:
        suffix = "" if isinstance(got, Mapping) else f"; got {short(got)}"
        return _said(text + suffix)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        def dump(value: Any, info: Any) -> dict[str, Any]:
            content = value.model_dump(mode="json", exclude_none=info.exclude_none)
            return {"kind": value.kind, **content}

        serialize = core_schema.plain_serializer_function_ser_schema(dump, info_arg=True)
        return core_schema.no_info_plain_validator_function(self.read, serialization=serialize)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        kinds = [self._with_kind(handler, kind) for kind in self.kinds.values()]
        return {"oneOf": [*kinds, *([{"type": "number"}] if self.number else [])]}

    @staticmethod
    def _with_kind(handler: GetJsonSchemaHandler, model: type[M]) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(model.__pydantic_core_schema__))
        return {**schema, "required": ["kind", *schema.get("required", [])]}


def _plain(text: str) -> str:
    """A sentence of pydantic in the words of people who write YAML.

    >>> _plain("Input should be a valid integer")
    'must be a whole number'
    """
    words = {
        "Input should be": "must be",
        "Dictionary should": "must",
        "List should": "must",
        "String should": "must",
        "Tuple should": "must",
        "Value should": "must",
        " after validation": "",
        "a valid integer": "a whole number",
        "a valid tuple": "a list",
        "a valid dictionary": "a mapping",
        "a valid boolean": "true or false",
        "a valid ": "a ",
    }
    for theirs, ours in words.items():
        text = text.replace(theirs, ours)
    return f"{text[:1].lower()}{text[1:]}"


def _said(text: str) -> PydanticCustomError:
    """A message of ours; pydantic fills in nothing, as it is given no context."""
    return PydanticCustomError("said", cast(LiteralString, text))


Frozen = Annotated[dict[str, T], pydantic.AfterValidator(FrozenDict)]
"""A mapping inside a frozen model."""
