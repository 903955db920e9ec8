"""DeepBench's configuration files: what they are, and the recipe that says the same.

Source: M. Voetberg, A. Livaudais, B. Nevin, O. Paul, B. Nord, DeepBench: A simulation package for
physical benchmarking data, 2024; the meaning of the keys is that of DeepBench 0.2.3.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationInfo, field_validator

from deepbench_hf.errors import RecipeError, did_you_mean
from deepbench_hf.recipe.deepbench.conversion import Change, Conversion
from deepbench_hf.recipe.deepbench.entries import Entry, NotNegative
from deepbench_hf.recipe.deepbench.pendulum import HamiltonianPendulum, Pendulum, physics
from deepbench_hf.recipe.deepbench.shapes import shapes
from deepbench_hf.recipe.deepbench.sky import Galaxy, SpiralGalaxy, Star, astro, sky
from deepbench_hf.recipe.recipe import LARGEST, Recipe
from deepbench_hf.recipe.syntax import yaml_text
from deepbench_hf.recipe.text import read_recipe

OBJECTS: dict[str, dict[str, Callable[[Any, Any, Conversion], None]]] = {
    "physics": {
        "Pendulum": partial(physics, Pendulum),
        "HamiltonianPendulum": partial(physics, HamiltonianPendulum),
    },
    "shape": {"ShapeImage": shapes},
    "sky": {"SkyImage": sky},
    "astro": {
        "StarObject": partial(astro, Star, 0.0),
        "GalaxyObject": partial(astro, Galaxy, 0.2),
        "SpiralGalaxyObject": partial(astro, SpiralGalaxy, 0.2),
    },
}
"""Of each ``object_type`` and ``object_name``, what writes the recipe."""


class Configuration(Entry):
    """The whole file."""

    object_type: str = Field(description=f"one of {', '.join(OBJECTS)}")
    object_name: str = Field(description="the class of DeepBench's that makes the object")
    total_runs: int = Field(ge=1, le=LARGEST, description="the number of rows")
    seed: int = Field(0, ge=0, lt=2**63)
    name: Any = None
    parameter_noise: NotNegative = 0.0
    image_parameters: Any = None
    object_parameters: Any = None

    @field_validator("object_type", "object_name")
    @classmethod
    def _is_known(cls, word: str, info: ValidationInfo) -> str:
        named = info.field_name == "object_name"
        known = OBJECTS.get(info.data.get("object_type", ""), {}) if named else OBJECTS
        if known and word not in known:
            raise ValueError(f"unknown {word!r:.60}; {did_you_mean(word, known)}")
        return word


@dataclass(frozen=True)
class Imported:
    """What a recipe's file holds, and every meaning that is another than in DeepBench."""

    recipe: dict[str, Any]
    changes: tuple[Change, ...]

    def to_yaml(self) -> str:
        """The text of a recipe's file; it makes the same rows as the file of DeepBench."""
        plain = json.loads(json.dumps(self.recipe))  # without aliases, which recipes refuse
        return yaml_text(plain, default_flow_style=None, width=100)


def is_deepbench(data: Mapping[str, Any]) -> bool:
    """Whether a file is a configuration of DeepBench: a recipe has a simulator."""
    own = Configuration.model_fields.keys() - {"seed", "name"}
    return "simulator" not in data and not own.isdisjoint(data)


def read(path: str | Path) -> Imported:
    """The recipe that says the same as a file of DeepBench, and every changed meaning.

    Raises:
        RecipeError: every problem at once, each with its place in the file.
    """
    name, data = read_recipe(path)
    if not is_deepbench(data):
        raise RecipeError(str(path), ["is not a DeepBench configuration: it has no object_type"])
    return convert(name, data)


def changes(path: str | Path) -> tuple[Change, ...]:
    """Every meaning of a DeepBench file that is another here; as `read`."""
    return read(path).changes


def convert(name: str, data: Mapping[str, Any]) -> Imported:
    """As `read`, from the name and the content of a file."""
    to = Conversion()
    top = Configuration.read({"": data}, to)
    kind, made = (str(data.get(key)) for key in ("object_type", "object_name"))
    to.tell("seed", "seed" if data.get("seed") is not None else "no seed")
    to.tell("name", "name", when=data.get("name"))
    to.jitter = top.parameter_noise if top else 0.0
    if write := OBJECTS.get(kind, {}).get(made):
        write(data.get("image_parameters"), data.get("object_parameters"), to)
    if not {"priors", "noise", "splits", "version"}.isdisjoint(data):
        to.problems.append(
            "a recipe cannot extend it; write one with deepbench-hf import -o my.yaml"
        )
    if top is None or to.problems:
        raise RecipeError(name, to.problems)
    sections = {"simulator": to.simulator, "priors": to.priors, "noise": to.noise}
    recipe = {
        "version": "1.0.0",
        "description": f"{made} of a DeepBench configuration, corrected.",
        "seed": top.seed,
        "noise_stream": name,
        **{section: part for section, part in sections.items() if part},
        "splits": {"train": {"size": top.total_runs}},
    }
    try:
        Recipe.from_mapping(name, recipe)
    except RecipeError as error:
        lines = dict.fromkeys(_placed(problem, to.origins) for problem in error.problems)
        raise RecipeError(name, lines) from None
    return Imported(recipe, tuple(to.changes))


def _placed(problem: str, origins: Mapping[str, str]) -> str:
    """What a recipe's own checks say, at the place of the DeepBench file."""
    place, _, text = problem.partition(": ")
    parts = place.split(".")
    for count in range(len(parts), 0, -1):
        if origin := origins.get(".".join(parts[:count])):
            return f"{origin}: as {parts[1]}, {text}" if count > 1 else f"{origin}: {text}"
    return problem
