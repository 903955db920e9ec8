"""Recipes by name: the shipped ones, a user's own file, and the overrides that a call may give."""

import hashlib
import operator
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from deepbench_hf.errors import RecipeError, did_you_mean
from deepbench_hf.recipe.deepbench import convert, is_deepbench
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.recipe.resizing import resized
from deepbench_hf.recipe.text import OVERRIDES, read_recipe, shipped_files
from deepbench_hf.simulators.images import LARGEST, SMALLEST


def list_recipes() -> list[str]:
    """The names of the recipes that ship with the package, sorted.

    >>> from deepbench_hf import list_recipes
    >>> "pendulum_noisy" in list_recipes()
    True
    """
    return sorted(shipped_files())


def load_recipe(name_or_path: str | Path, **overrides: Any) -> Recipe:
    """A recipe by a shipped name or from a YAML file.

    Args:
        name_or_path: ``"pendulum_noisy"`` or ``"my.yaml"``; a configuration of DeepBench is
            turned into a recipe (`deepbench_hf.recipe.deepbench`).
        **overrides: ``seed``, ``num_examples`` (an int for train, or a dict by split),
            ``clean``, ``preview``, ``uncertainty``; image families also ``masks`` and
            ``image_size``, a side or (height, width): lengths are stretched with it. None changes
            nothing.

    Raises:
        RecipeError: every problem at once, each with its place.

    >>> from deepbench_hf import load_recipe
    >>> load_recipe("pendulum_noisy", seed=7, num_examples=100).splits["train"].size
    100
    """
    changes = {key: value for key, value in overrides.items() if value is not None}
    if not changes and str(name_or_path) in shipped_files():
        return shipped_recipe(str(name_or_path))
    name, data = read_recipe(name_or_path)
    data = convert(name, data).recipe if is_deepbench(data) else data
    recipe = Recipe.from_mapping(name, _override(name, data, changes))
    size = changes.get("image_size")
    return recipe if size is None else resized(recipe, _sides(name, size))


@cache
def shipped_recipe(name: str) -> Recipe:
    """A shipped recipe as it stands, read once in a process."""
    return Recipe.from_mapping(*read_recipe(name))


@cache
def catalog_hash() -> str:
    """Hash over all shipped recipes and the generator version: part of every cache folder."""
    prints = [f"{name} {shipped_recipe(name).fingerprint}" for name in list_recipes()]
    text = "\n".join([*prints, f"generator {GENERATOR_VERSION}"])
    return hashlib.sha256(text.encode()).hexdigest()


def _override(name: str, data: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe's data with the overrides written over it."""
    unknown = [key for key in changes if key not in OVERRIDES]
    if unknown:
        hints = [f"{key}: unknown override; {did_you_mean(key, OVERRIDES)}" for key in unknown]
        raise RecipeError(name, hints)
    changed = dict(data)
    for key in ("seed", "clean", "preview", "masks", "uncertainty"):
        if key in changes:
            changed[key] = _plain(changes[key])
    if "num_examples" in changes:
        changed["splits"] = _resized(name, data.get("splits"), changes["num_examples"])
    return changed


def _resized(name: str, splits: Any, num_examples: Any) -> dict[str, Any]:
    sizes = num_examples if isinstance(num_examples, Mapping) else {"train": num_examples}
    splits = dict(splits) if isinstance(splits, Mapping) else {}
    unknown = [split for split in sizes if split not in splits]
    if unknown:
        hints = [f"num_examples: no split {s!r}; {did_you_mean(s, splits)}" for s in unknown]
        raise RecipeError(name, hints)
    return splits | {key: {**splits[key], "size": _plain(size)} for key, size in sizes.items()}


def _sides(name: str, size: Any) -> tuple[int, int]:
    """Height and width; one number stands for both."""
    sides = [_plain(side) for side in (size if isinstance(size, (tuple, list)) else (size, size))]
    low, high = SMALLEST, LARGEST
    good = len(sides) == 2 and all(type(n) is int and low <= n <= high for n in sides)
    if not good:
        accepted = f"a side or (height, width), each {low} to {high} pixels"
        raise RecipeError(name, [f"image_size: must be {accepted}; got {size!r:.40}"])
    return sides[0], sides[1]


def _plain(value: Any) -> Any:
    """NumPy's whole numbers and truth values as Python's, so that both name one cache."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    try:
        return operator.index(value)
    except TypeError:
        return value
