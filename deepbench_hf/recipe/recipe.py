"""A recipe: everything that decides a dataset's bytes, checked and frozen."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator

from deepbench_hf.errors import RecipeError, did_you_mean, short
from deepbench_hf.model import Frozen, FrozenDict, Model, OneOf
from deepbench_hf.noise import AnyNoise
from deepbench_hf.noise.perturbation import AnyPerturbation
from deepbench_hf.priors import PriorOrNumber
from deepbench_hf.recipe import checks
from deepbench_hf.recipe.parts import LARGEST, Card, Level, Reference
from deepbench_hf.recipe.plan import Plan, plan
from deepbench_hf.recipe.syntax import yaml_text
from deepbench_hf.recipe.text import difference, merge
from deepbench_hf.simulators import SIMULATORS, family

GENERATOR_VERSION = 3
"""Rises exactly when any byte of any output changes; a line in CHANGELOG.md says why."""

SECTIONS = ("simulator", "levels", "priors", "noise", "perturbation")
"""The parts of a recipe that a split may override."""

AnySimulator = Annotated[Any, OneOf(SIMULATORS)]


class Split(Model):
    """One split, fully resolved.

    Args:
        size: number of examples.
        truths: the split whose parameter draws this one takes; its own unless pairs are wanted.
        noise_of: the split whose noise draws this one takes; None for its own.
    """

    size: int = Field(ge=1, le=LARGEST)
    truths: str
    noise_of: str | None = None
    simulator: AnySimulator
    levels: Frozen[Level] = Field(default_factory=FrozenDict)
    priors: Frozen[PriorOrNumber] = Field(default_factory=FrozenDict)
    noise: Frozen[AnyNoise] = Field(default_factory=FrozenDict)
    perturbation: Frozen[AnyPerturbation] = Field(default_factory=FrozenDict)


class Recipe(Model):
    """All that decides a dataset: simulator, priors, noise and splits. `load_recipe` makes one.

    Args:
        name: the config's name: its file's.
        version: ``X.Y.Z``; another one when rows change.
        seed: any whole number from 0; neighbouring seeds share nothing.
        description: one paragraph for cards; decides no byte.
        card: title, authors, licence and citation of your own; decides no byte.
        stream: name of the parameters' random streams; the family's unless given.
        noise_stream: name of the noise's random streams; the config's unless given.
        clean: whether rows hold the clean output beside the observed one.
        preview: whether rows hold an 8-bit picture for viewers.
        masks: whether rows of images hold masks and single objects.
        uncertainty: whether rows hold variances, propagated errors, Cramer-Rao bounds and optimal
            predictions.
        posterior: that rows hold reference posteriors in place of all else; None for examples.

    >>> from deepbench_hf import load_recipe
    >>> recipe = load_recipe("pendulum_noisy")
    >>> recipe.priors["length_m"].support, recipe.splits["test"].size
    ((0.5, 10.0), 1000)
    """

    name: str
    version: str = Field(pattern=r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$")
    seed: int = Field(default=0, ge=0, lt=2**63)
    description: str = ""
    card: Card | None = None
    stream: str
    noise_stream: str
    clean: bool = True
    preview: bool = False
    masks: bool = False
    uncertainty: bool = False
    posterior: Reference | None = None
    simulator: AnySimulator
    levels: Frozen[Level] = Field(default_factory=FrozenDict)
    priors: Frozen[PriorOrNumber] = Field(default_factory=FrozenDict)
    noise: Frozen[AnyNoise] = Field(default_factory=FrozenDict)
    perturbation: Frozen[AnyPerturbation] = Field(default_factory=FrozenDict)
    splits: Frozen[Split] = Field(min_length=1)

    @field_validator("version", mode="before")
    @classmethod
    def _is_version(cls, version: Any) -> Any:
        """YAML reads 1.0 as a number."""
        got = version if isinstance(version, str) else short(version)
        if numbers := re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", got):
            whole = f"{got}.0" if numbers[1] else f"{got}.0.0"
            raise ValueError(f"must be three numbers X.Y.Z; got {got}, write {whole}")
        return version

    @classmethod
    def from_mapping(cls, name: str, data: Mapping[str, Any]) -> Recipe:
        """Check a parsed YAML file and resolve its splits.

        Raises:
            RecipeError: every problem at once, each with its place.
        """
        resolved, problems = _resolve(name, data)
        try:
            recipe = cls.model_validate(resolved)
        except ValidationError as error:
            recipe = None
            problems += [(line["loc"], line["msg"]) for line in error.errors()]
        problems += checks.problems(resolved)
        if problems or recipe is None:
            raise RecipeError(name, checks.told_once(problems))
        return recipe

    @property
    def family(self) -> str:
        """The physical family: the file that holds the simulator."""
        return family(self.simulator.kind)

    @property
    def rows(self) -> int:
        """Rows of all splits."""
        return sum(split.size for split in self.splits.values())

    def plan(self, split: str) -> Plan:
        """The steps that make the rows of a split, with the names of all columns and streams."""
        return plan(self, split)

    @property
    def canonical(self) -> str:
        """Sorted JSON of what decides the bytes."""
        content = self._dumped("name", "description", "card")
        return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def _dumped(self, *without: str) -> dict[str, Any]:
        """Plain data; what came later only where it is used, so that older fingerprints stand."""
        off = () if self.uncertainty else ("uncertainty",)
        content = self.model_dump(mode="json", exclude={*without, *off}, exclude_none=True)
        for part in (content, *content["splits"].values()):
            if not part["perturbation"]:
                del part["perturbation"]
        return content

    @cached_property
    def fingerprint(self) -> str:
        """64 hexadecimal digits that change whenever the bytes may; they name the cache."""
        text = f"{self.canonical}\ngenerator {GENERATOR_VERSION}"
        return hashlib.sha256(text.encode()).hexdigest()

    def model_copy(self, **changes: Any) -> Recipe:
        """A copy, with a fingerprint of its own."""
        copy = super().model_copy(**changes)
        vars(copy).pop("fingerprint", None)
        return copy

    def __eq__(self, other: object) -> bool:
        # By the cached fingerprint: recipes are looked up for every block of rows.
        return isinstance(other, Recipe) and self._said == other._said

    @property
    def _said(self) -> tuple:
        return self.fingerprint, self.name, self.description, self.card

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def to_mapping(self) -> dict[str, Any]:
        """The resolved recipe as `from_mapping` reads it: splits say what differs."""
        content = self._dumped("name", *(() if self.description else ("description",)))
        for name, split in content["splits"].items():
            usual = {"truths": name, "noise_of": None}
            own = {k: split[k] for k, value in usual.items() if split.get(k, value) != value}
            changed = {k: difference(content.get(k, {}), split.get(k, {})) for k in SECTIONS}
            changes = {key: value for key, value in changed.items() if value}
            content["splits"][name] = {"size": split["size"], **own, **changes}
        return {key: value for key, value in content.items() if value != {}}

    def to_yaml(self) -> str:
        """The resolved recipe as a file that gives the same fingerprint when it is read."""
        return yaml_text(self.to_mapping())

    def __repr__(self) -> str:
        what = f"{self.name} {self.version}, {self.simulator.kind}"
        return f"<recipe {what}: {self.rows} rows in {', '.join(self.splits)}>"

    __str__ = __repr__

    def _repr_html_(self) -> str:
        """What notebooks show."""
        from deepbench_hf.recipe.columns import html

        return html(self)


def split_of(recipe: Recipe, split: str) -> Split:
    """A split of the recipe by name.

    Raises:
        KeyError: no such split, with the ones there are.
    """
    if split not in recipe.splits:
        raise KeyError(
            f"{recipe.name} has no split {split!r}; {did_you_mean(split, recipe.splits)}"
        )
    return recipe.splits[split]


def _resolve(name: str, data: Mapping[str, Any]) -> tuple[dict[str, Any], list[checks.Problem]]:
    """Fill in the names of streams, and give every split its own full sections."""
    problems = checks.name_problems(name, data)
    resolved = {**data, "name": name}
    kind = data["simulator"].get("kind") if isinstance(data.get("simulator"), dict) else None
    stream = family(kind) if isinstance(kind, str) and kind in SIMULATORS else name
    resolved.setdefault("stream", stream)
    resolved.setdefault("noise_stream", name)
    splits = data.get("splits")
    if isinstance(splits, dict):
        resolved["splits"] = {key: _split(data, key, split) for key, split in splits.items()}
    return resolved, problems


def _split(data: Mapping[str, Any], name: str, split: Any) -> Any:
    if not isinstance(split, dict):
        return split
    own = [key for key in SECTIONS if key in data or key in split]
    sections = {key: merge(data.get(key, {}), split.get(key, {})) for key in own}
    return {"truths": name, **split, **sections}


def file_schema() -> dict[str, Any]:
    """The JSON Schema of recipe files: what may be written, before `extends` and defaults."""
    schema = Recipe.model_json_schema()
    parts, split = schema["properties"], schema["$defs"]["Split"]
    del parts["name"]
    parts["extends"] = {"type": "string", "description": "the config that this one changes"}
    schema["required"] = ["version"]
    split["required"] = ["size"]
    loose = {"additionalProperties": {"type": ["object", "number", "null"]}, "type": "object"}
    split["properties"] |= dict.fromkeys(SECTIONS[1:], loose) | {"simulator": {"type": "object"}}
    return schema
