"""Recipes of one's own: a shipped config with changes, and whole ones as YAML."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from deepbench_hf import Recipe, load_recipe
from deepbench_hf.recipe.text import merge, read_recipe

SMALL = {
    "version": "1.0.0",
    "simulator": {"kind": "pendulum"},
    "priors": {
        "length_m": 1,
        "gravity_m_s2": 9.81,
        "theta0_rad": {"kind": "uniform", "low": 0, "high": 1},
    },
    "splits": {"train": {"size": 10}},
}
"""A whole recipe of ten pendulums."""


def extended(
    base: str, name: str = "own", sizes: Mapping[str, int] | None = None, **changes: Any
) -> Recipe:
    """The recipe of a file ``NAME.yaml`` that extends a shipped config: see `extended_file`."""
    return Recipe.from_mapping(name, merge(read_recipe(base)[1], _changes(base, sizes, changes)))


def extended_file(
    folder: Path,
    base: str,
    name: str = "own",
    sizes: Mapping[str, int] | None = None,
    **changes: Any,
) -> Path:
    """A file that extends a shipped config: mappings merge, None takes an entry away.

    With ``sizes`` it has these splits alone, of so many rows.
    """
    file = folder / f"{name}.yaml"
    file.write_text(yaml.safe_dump({"extends": base, **_changes(base, sizes, changes)}))
    return file


def small(name: str = "pendulum_noisy", **changes: Any) -> Recipe:
    """A shipped config of three rows in each split."""
    return load_recipe(name, num_examples=dict.fromkeys(load_recipe(name).splits, 3), **changes)


def recipe_of(text: str) -> Recipe:
    """The recipe of a file of this text."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "own.yaml"
        file.write_text(text)
        return load_recipe(file)


def _changes(base: str, sizes: Mapping[str, int] | None, changes: dict[str, Any]) -> dict[str, Any]:
    if sizes is not None:
        others = dict.fromkeys(read_recipe(base)[1]["splits"])
        changes["splits"] = others | {split: {"size": size} for split, size in sizes.items()}
    return {"version": "1.0.0", **changes}
