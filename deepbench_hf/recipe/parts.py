"""The parts of a recipe as far as they can be read, and the one that decides no byte."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, ValidationError

from deepbench_hf.model import Model, OneOf
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


class Card(Model):
    """What a card says of whoever made a recipe; decides no byte.

    Args:
        title: of a repository that holds such recipes alone.
        authors: their names.
        license: in the Hub's words, such as ``cc-by-4.0``.
        citation: an entry of BibTeX.
    """

    title: str = ""
    authors: tuple[str, ...] = Field(default=(), strict=False)
    license: str = ""
    citation: str = ""
