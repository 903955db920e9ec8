"""The parts of a recipe as far as they can be read."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from deepbench_hf.model import OneOf
from deepbench_hf.noise import NOISES
from deepbench_hf.priors import PRIORS, Constant
from deepbench_hf.simulators import SIMULATORS

Problem = tuple[tuple[Any, ...], str]
"""The path of an entry, and what is wrong with it."""

READ_PRIOR = OneOf(PRIORS, number=lambda value: Constant(value=value))
READ_NOISE = OneOf(NOISES)
READ_SIMULATOR = OneOf(SIMULATORS)


def mapping(data: Mapping[str, Any], key: str) -> dict:
    """A section; empty where it is missing or is no mapping."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def read(reader: OneOf, raw: Any) -> Any:
    """The model that ``raw`` describes, or None: its own problems are reported elsewhere."""
    try:
        return reader.read(raw)
    except (ValidationError, ValueError):
        return None
