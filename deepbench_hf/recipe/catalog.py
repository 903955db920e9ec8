"""Recipes by name: the shipped ones, a user's own file, and the overrides that a call may give."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deepbench_hf.errors import RecipeError, did_you_mean, short
from deepbench_hf.fields import of_role
from deepbench_hf.model import FrozenDict
from deepbench_hf.recipe.checks import told_once
from deepbench_hf.recipe.purposes import TASKS, tasks_of
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe, Reference, Split
from deepbench_hf.recipe.resizing import at_size, plain
from deepbench_hf.recipe.text import OVERRIDES, read_recipe, shipped_files
from deepbench_hf.recipe.unknowns import inferable
from deepbench_hf.simulators.images import Picture

TOLD = " of all that is unknown, with moments, evidence and diagnostics."

POSTERIOR = "_posterior"
"""What ends the name of a config of reference posteriors."""


def list_recipes(family: str | None = None, task: str | None = None) -> list[str]:
    """The names of the recipes that ship with the package, sorted.

    Args:
        family: only those of this one, such as ``"sky"``.
        task: only those that are good for it: ``"regression"``, ``"classification"``,
            ``"detection"``, ``"segmentation"`` or ``"denoising"``.

    Raises:
        ValueError: there is no such family or task.

    >>> from deepbench_hf import list_recipes
    >>> "pendulum_noisy" in list_recipes(), list_recipes("sky", "detection")
    (True, ['sky', 'sky_noisy'])
    """
    if family is None and task is None:
        return sorted(shipped_files())
    recipes = [shipped_recipe(name) for name in sorted(shipped_files())]
    families = sorted({one.family for one in recipes})
    for what, word, known in (("family", family, families), ("task", task, TASKS)):
        if word is not None and word not in known:
            raise ValueError(f"there is no {what} {word!r}; {did_you_mean(word, known)}")
    return [
        one.name
        for one in recipes
        if family in (None, one.family) and (task is None or task in tasks_of(one))
    ]


def load_recipe(name_or_path: str | Path, **overrides: Any) -> Recipe:
    """A recipe by a shipped name or from a YAML file.

    Args:
        name_or_path: ``"pendulum_noisy"`` or ``"my.yaml"``; a configuration of DeepBench is
            turned into a recipe (`deepbench_hf.recipe.deepbench`).
        **overrides: ``seed``, ``num_examples`` (an int for the training splits, or a dict by
            split), ``splits`` (the names of those wanted), ``clean``, ``preview``,
            ``uncertainty``; image families also ``masks`` and ``image_size``, a side or
            (height, width): lengths are stretched with it. None changes nothing.

    A shipped name with ``_posterior`` behind it is the config of the reference posteriors of its
    split ``test``; of the overrides it takes ``seed``, ``num_examples``, ``image_size``, and
    ``draws``, how many there are of each row.

    Raises:
        RecipeError: every problem at once, each with its place.

    >>> from deepbench_hf import load_recipe
    >>> load_recipe("pendulum_noisy", seed=7, num_examples=100).splits["train"].size
    100
    """
    changes = {key: value for key, value in overrides.items() if value is not None}
    if base := posterior_of(name_or_path):
        return _posteriors(base, changes)
    if not changes and str(name_or_path) in shipped_files():
        return shipped_recipe(str(name_or_path))
    unreadable: list[str] = []
    name, data = read_recipe(name_or_path, unreadable)
    if unreadable:
        raise RecipeError(name, [*unreadable, *_own_problems(name, data)])
    if "simulator" not in data:
        from deepbench_hf.recipe.deepbench import convert, is_deepbench

        data = convert(name, data).recipe if is_deepbench(data) else data
    recipe = Recipe.from_mapping(name, _override(name, data, changes))
    size = changes.get("image_size")
    return _closed(recipe if size is None else at_size(recipe, size))


def posterior_of(name: object) -> str | None:
    """The shipped config of whose rows ``NAME_posterior`` has the posteriors; None for others."""
    base = str(name).removesuffix(POSTERIOR)
    return base if base != str(name) and base in shipped_files() else None


def is_shipped(name: object) -> bool:
    """Whether this is the name of a config that ships, or of its posteriors."""
    return str(name) in shipped_files() or posterior_of(name) is not None


def _posteriors(base: str, changes: dict[str, Any]) -> Recipe:
    """The config of the reference posteriors of a shipped one."""
    name, draws = f"{base}{POSTERIOR}", plain(changes.pop("draws", Reference().draws))
    sizes, test = changes.pop("num_examples", {}), "test"
    if refused := [key for key in changes if key not in ("seed", "image_size")]:
        raise RecipeError(name, [f"{key}: means nothing to posteriors" for key in refused])
    recipe = load_recipe(base, **changes)
    sizes = sizes if isinstance(sizes, Mapping) else {test: sizes}
    _check_splits(name, "num_examples", {test: None}, sizes)
    split = recipe.splits[test]
    size = plain(sizes.get(test, split.size))
    levels = [n for n, level in split.levels.items() if inferable(level)]
    told = f"Reference posteriors of the split `{test}` of `{base}`: {draws} draws a row{TOLD}"
    told += f" Rows are given all that their {levels[0]} measured." if levels else ""
    try:
        Split.model_validate({**dict(split), "size": size})  # model_copy checks nothing
        asked = Reference(draws=draws, level=levels[0] if levels else None)
    except ValidationError as error:
        raise RecipeError(name, told_once((e["loc"], e["msg"]) for e in error.errors())) from None
    splits = FrozenDict({test: split.model_copy(update={"size": size})})
    own = {"name": name, "description": told, "card": None, "splits": splits}
    return _closed(recipe.model_copy(update={**own, "clean": True, "posterior": asked}))


def _closed(recipe: Recipe) -> Recipe:
    """The recipe; refused where it asks for posteriors that have no closed form."""
    if recipe.posterior is not None:
        try:
            for split in recipe.splits:
                recipe.plan(split)
        except ValueError as error:
            raise RecipeError(recipe.name, [str(error)]) from None
    return recipe


def as_recipe(recipe: Recipe | str | Path) -> Recipe:
    """A recipe, or the one behind a name or a path."""
    return recipe if isinstance(recipe, Recipe) else load_recipe(recipe)


@cache
def shipped_recipe(name: str) -> Recipe:
    """A shipped recipe as it stands, read once in a process."""
    return Recipe.from_mapping(*read_recipe(name))


@cache
def catalog_hash() -> str:
    """Hash over all shipped files, unparsed, and the generator version: part of every cache."""
    texts = [name.encode() + file.read_bytes() for name, file in shipped_files().items()]
    text = b"\n".join([*texts, f"generator {GENERATOR_VERSION}".encode()])
    return hashlib.sha256(text).hexdigest()


def check_revision(recipe: Recipe, revision: str | None) -> None:
    """Refuse a revision of rows that are made here, unless it is the version that is made.

    Raises:
        RecipeError: it is another.
    """
    here = f"v{recipe.version}"
    if revision not in (None, here, recipe.version):
        made = f"generator version {GENERATOR_VERSION} makes {here} here"
        hint = "leave it out, or load the repository that has it"
        raise RecipeError(recipe.name, [f"revision: got {revision!r}, but {made}; {hint}"])


def inapplicable(recipe: Recipe) -> frozenset[str]:
    """The overrides that mean nothing to a recipe."""
    simulator = recipe.simulator
    columns = simulator.columns
    has = {
        "image_size": isinstance(simulator, Picture),
        "masks": bool(of_role(columns, "layer")),
        "uncertainty": bool(recipe.noise),
        "clean": bool(of_role(columns, "output").keys() & recipe.noise.keys()),
        "preview": any(field.shape for field in columns.values()),
        "draws": recipe.posterior is not None,
    }
    if recipe.posterior is not None:
        has |= dict.fromkeys(("masks", "uncertainty", "clean", "preview"), False)
    return frozenset(name for name, applies in has.items() if not applies)


def _own_problems(name: str, data: dict[str, Any]) -> list[str]:
    """What is wrong with a recipe whose base is unknown, but for what the base might add."""
    try:
        Recipe.from_mapping(name, data)
    except RecipeError as error:
        inherited = (": is missing", "a mapping with a kind")
        return [line for line in error.problems if not any(part in line for part in inherited)]
    return []


def _override(name: str, data: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe's data with the overrides written over it."""
    unknown = [key for key in changes if key not in OVERRIDES]
    if unknown:
        hints = [f"{key}: unknown override; {did_you_mean(key, OVERRIDES)}" for key in unknown]
        raise RecipeError(name, hints)
    if "draws" in changes:
        raise RecipeError(name, ["draws: belongs to configs of posteriors"])
    copied = ("seed", "clean", "preview", "masks", "uncertainty")
    changed = data | {key: plain(changes[key]) for key in copied if key in changes}
    splits = data.get("splits")
    splits = dict(splits) if isinstance(splits, Mapping) else {}
    if "num_examples" in changes:
        sizes = _sizes(splits, changes["num_examples"])
        _check_splits(name, "num_examples", splits, sizes)
        splits |= {key: {**splits[key], "size": plain(size)} for key, size in sizes.items()}
        changed["splits"] = splits
    if "splits" in changes:
        wanted = changes["splits"]
        several = isinstance(wanted, Iterable) and not isinstance(wanted, (str, Mapping))
        wanted = list(wanted) if several else [wanted]
        if not wanted:
            raise RecipeError(name, [f"splits: names none; give some of {', '.join(splits)}"])
        _check_splits(name, "splits", splits, wanted)
        changed["splits"] = {key: split for key, split in splits.items() if key in wanted}
    return changed


def _sizes(splits: Mapping[str, Any], num_examples: Any) -> Mapping[str, Any]:
    """The size of each split that changes: one number stands for every training split."""
    if isinstance(num_examples, Mapping):
        return num_examples
    more = (key for key in splits if str(key).startswith("train_"))
    return dict.fromkeys(("train", *more), num_examples)


def _check_splits(name: str, option: str, splits: Mapping[str, Any], wanted: Any) -> None:
    unknown = [split for split in wanted if split not in list(splits)]  # not all can be hashed
    if unknown:
        hints = [f"{option}: no split {short(s)}; {did_you_mean(s, splits)}" for s in unknown]
        raise RecipeError(name, hints)
