"""DeepBench's configuration files: what they are, and the recipe that says the same.

Source: M. Voetberg, A. Livaudais, B. Nevin, O. Paul, B. Nord, DeepBench: A simulation package for
physical benchmarking data, 2024; the meaning of the keys is that of DeepBench 0.2.3.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deepbench_hf.errors import RecipeError
from deepbench_hf.recipe.deepbench.draft import Draft
from deepbench_hf.recipe.deepbench.entries import Entries
from deepbench_hf.recipe.deepbench.laws import Change
from deepbench_hf.recipe.deepbench.pendulum import NAMES as PENDULUMS
from deepbench_hf.recipe.deepbench.pendulum import physics
from deepbench_hf.recipe.deepbench.shapes import NAMES as SHAPES
from deepbench_hf.recipe.deepbench.shapes import shapes
from deepbench_hf.recipe.deepbench.sky import ASTRO, SKY_NAMES, astro, sky
from deepbench_hf.recipe.recipe import LARGEST, Recipe
from deepbench_hf.recipe.text import read_recipe

KEYS = ("object_type", "object_name", "total_runs", "image_parameters", "object_parameters")
TYPES: dict[str, tuple[tuple[str, ...], Callable[..., None]]] = {
    "physics": (PENDULUMS, physics),
    "shape": (SHAPES, shapes),
    "sky": (SKY_NAMES, sky),
    "astro": (tuple(ASTRO), astro),
}


@dataclass(frozen=True)
class Imported:
    """A DeepBench file as a recipe.

    Args:
        name: the file's.
        recipe: what a recipe's file holds.
        changes: every meaning that is another here.
    """

    name: str
    recipe: dict[str, Any]
    changes: tuple[Change, ...]

    def to_yaml(self) -> str:
        """The text of a recipe's file; it makes the same rows as the file of DeepBench."""
        plain = json.loads(json.dumps(self.recipe))  # without aliases, which recipes refuse
        return yaml.safe_dump(
            plain, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
        )


def is_deepbench(data: Mapping[str, Any]) -> bool:
    """Whether a file is a configuration of DeepBench: a recipe has a simulator."""
    return "simulator" not in data and any(key in data for key in KEYS)


def read(path: str | Path) -> Imported:
    """The recipe that says the same as a file of DeepBench, and every changed meaning.

    Args:
        path: of the YAML file.

    Raises:
        RecipeError: every problem at once, each with its place in the file.
    """
    name, data = read_recipe(path)
    if not is_deepbench(data):
        text = "is not a DeepBench configuration: it has no object_type"
        raise RecipeError(str(path), [text])
    return convert(name, data)


def save(path: str | Path, file: str | Path) -> Imported:
    """As `read`; the recipe is written into a file, which makes the rows of the DeepBench file.

    Raises:
        OSError: the file cannot be written.
    """
    found = read(path)
    Path(file).write_text(found.to_yaml(), encoding="utf-8")
    return found


def changes(path: str | Path) -> tuple[Change, ...]:
    """Every meaning of a DeepBench file that is another here; as `read`."""
    return read(path).changes


def convert(name: str, data: Mapping[str, Any]) -> Imported:
    """As `read`, from the content of a file.

    Args:
        name: of the config.
        data: what the file holds.

    Raises:
        RecipeError: every problem at once, each with its place in the file.
    """
    problems: list[str] = []
    draft, top = Draft(), Entries("", data, problems)
    size = top.whole("total_runs", None, 1, LARGEST)
    seed = top.whole("seed", 0, 0, 2**63 - 1)
    draft.tell("seed" if top.has("seed") else "no seed", "seed")
    if top.take("name") is not None:
        draft.tell("name", "name")
    _write(top, top.number("parameter_noise", 0.0, least=0.0), draft)
    top.close()
    if problems:
        raise RecipeError(name, _hinted(problems, data))
    recipe = {
        "version": "1.0.0",
        "description": f"{data['object_name']} of a DeepBench configuration, corrected.",
        "seed": seed,
        "noise_stream": name,
        **draft.sections(),
        "splits": {"train": {"size": size}},
    }
    _check(name, recipe, draft)
    return Imported(name, recipe, tuple(draft.changes))


def _write(top: Entries, jitter: float, draft: Draft) -> None:
    """The sections that the type of the object decides."""
    names, writer = TYPES.get(top.word("object_type", TYPES), ((), None))
    name = top.word("object_name", names) if writer else top.take("object_name")
    image, objects = top.section("image_parameters"), top.take("object_parameters")
    if not name or writer is None:
        return
    if writer is physics:
        objects = top.section("object_parameters")
    writer(name, image, objects, jitter, draft)


def _hinted(problems: list[str], data: Mapping[str, Any]) -> list[str]:
    """A word more where a file mixes DeepBench's keys with a recipe's."""
    if {"priors", "noise", "splits", "version"}.isdisjoint(data):
        return problems
    return [*problems, "a recipe cannot extend it; write one with deepbench-hf import -o my.yaml"]


def _check(name: str, recipe: dict[str, Any], draft: Draft) -> None:
    """What a recipe's own checks say, at the places of the DeepBench file."""
    try:
        Recipe.from_mapping(name, recipe)
    except RecipeError as error:
        lines = [_placed(problem, draft.origins) for problem in error.problems]
        raise RecipeError(name, dict.fromkeys(lines)) from None


def _placed(problem: str, origins: Mapping[str, str]) -> str:
    place, _, text = problem.partition(": ")
    parts = place.split(".")
    for count in range(len(parts), 0, -1):
        origin = origins.get(".".join(parts[:count]))
        if origin:
            column = f"as {parts[1]}, " if count > 1 else ""
            return f"{origin}: {column}{text}"
    return problem
