"""Recipe text to plain data: safe YAML, and `extends` resolved by merging."""

import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from deepbench_hf.errors import RecipeError, did_you_mean, short
from deepbench_hf.recipe.syntax import DEEPEST, Loader, one_line, refuse_odd_parts

LARGEST_FILE = 1 << 20
"""Bytes; a recipe is a page of text."""

OVERRIDES = (
    *("seed", "num_examples", "splits", "clean", "preview", "masks"),
    *("uncertainty", "image_size", "draws"),
)
"""What a call may change of a recipe."""

ROWS_OF_DEEPBENCH = re.compile(r"(?:[ ]*(?:#.*|---.*)?\r?\n)*0:\s")
ROWS_REFUSED = (
    "is a dataset_parameters.yaml of DeepBench, which lists the rows that it has saved; give the"
    " configuration that made them: object_type, object_name, total_runs, image_parameters,"
    " object_parameters"
)

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?")
"""What may name a config or a split: it becomes a folder and a file on every system."""


def shipped_files() -> dict[str, Traversable]:
    """The YAML files that ship with the package, by config name, sorted."""
    folders = (f for f in resources.files("deepbench_hf.configs").iterdir() if f.is_dir())
    files = [file for folder in folders for file in folder.iterdir() if file.name.endswith(".yaml")]
    return {file.name.removesuffix(".yaml"): file for file in sorted(files, key=lambda f: f.name)}


def read_recipe(
    name_or_path: str | Path, unreadable: list[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """A recipe's config name and its data, with `extends` resolved.

    Args:
        name_or_path: a shipped config's name, or the path of a YAML file.
        unreadable: filled with what is wrong with `extends`; the data are then the file's own.

    Raises:
        RecipeError: not found, not readable, not plain YAML, or `extends` goes in a circle.
    """
    return _read(str(name_or_path), None, (), unreadable)


def line_of(file: str | Path, problem: str) -> int | None:
    """The line, from 1, of a file to which a problem of its recipe belongs.

    The problem is one of `RecipeError`, such as ``"splits.train.size: must be ..."``; what the file
    inherits belongs to the line of ``extends``.
    """
    if told := re.search(r"\(line ([0-9]+), column [0-9]+\)$", problem):
        return int(told[1])
    try:
        node: Any = yaml.compose(_text(Path(file), str(file)), Loader=Loader)
    except (RecipeError, ValueError, yaml.YAMLError):
        return None
    if not isinstance(node, yaml.MappingNode):
        return None
    tops = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    line = tops.get("extends")
    for word in problem.partition(":")[0].split("."):
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        found = next((pair for pair in pairs if pair[0].value == word), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line


def _read(
    source: str, folder: Path | None, seen: tuple[str, ...], unreadable: list[str] | None = None
) -> tuple[str, dict[str, Any]]:
    file, name = _find(source, folder, seen)
    if len(seen) > DEEPEST:
        raise RecipeError(Path(seen[0]).name, [f"extends goes deeper than {DEEPEST} files"])
    if str(file) in seen:
        circle = " -> ".join(Path(step).name for step in (*seen, str(file)))
        raise RecipeError(Path(seen[0]).name, [f"extends goes in a circle: {circle}"])
    data = _parse(file, source)
    slips = [] if "extends" in data else get_close_matches("extends", map(str, data), 1, 0.8)
    parent = data.pop(slips[0] if slips else "extends", None)
    if parent is None and not slips:
        return name, data
    try:
        if slips:
            raise RecipeError(source, [f"{slips[0]}: unknown key; did you mean 'extends'?"])
        if not isinstance(parent, str):
            got = short(parent)
            raise RecipeError(source, [f"extends: must be the name of one config; got {got}"])
        beside = file.parent if isinstance(file, Path) else None
        base = _read(parent, beside, (*seen, str(file)))[1]
    except RecipeError as error:
        if unreadable is None:
            raise
        own = error.source in (source, Path(source).name)
        unreadable += [p if own else f"extends: {error.source}: {p}" for p in error.problems]
        return name, data
    return name, merge({k: v for k, v in base.items() if k != "description"}, data)


def _find(source: str, folder: Path | None, seen: tuple[str, ...]) -> tuple[Any, str]:
    """The file behind a name: one beside the extending file, a shipped config, or a path."""
    shipped, path = shipped_files(), Path(source)
    is_file = path.suffix in (".yaml", ".yml")
    if folder and NAME.fullmatch(source):
        beside = folder / (source if is_file else f"{source}.yaml")
        if beside.is_file() and (is_file or str(beside) not in seen[-1:]):
            return beside, beside.stem
    if source in shipped:
        return shipped[source], source
    if seen or not is_file:
        raise _unknown(source, seen, shipped)
    if not NAME.fullmatch(path.stem):
        raise RecipeError(source, [f"file name {short(path.stem)} {NAME_RULE}"])
    return path.absolute(), path.stem


def _unknown(source: str, seen: tuple[str, ...], shipped: Iterable[str]) -> RecipeError:
    """The error for a name behind which there is no recipe."""
    told = f"unknown config {short(source)}; {did_you_mean(source, shipped)}"
    if seen:
        hint = "(a file beside this one ends in .yaml)"
        return RecipeError(Path(seen[-1]).name, [f"extends: {told} {hint}"])
    is_folder = os.path.isdir(source)  # noqa: PTH112 (Path.is_dir refuses names that are too long)
    if is_folder or "/" in source or os.sep in source:
        what = "is a folder" if is_folder else "there is no such file or folder"
        what = "does not end in .yaml" if os.path.isfile(source) else what  # noqa: PTH113
        return RecipeError(source, [f"{what}; give a config's name or the path of a .yaml file"])
    hint = "(`deepbench-hf list` names all; a file ends in .yaml)"
    return RecipeError(source or "recipe", [f"{told} {hint}"])


NAME_RULE = "must be 1 to 80 letters, digits, '_', '-' or '.', and start with a letter or digit"


def _text(file: Any, source: str) -> str:
    try:
        with file.open("rb") as stream:
            raw = stream.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a path that no system can name
        reason = getattr(error, "strerror", None) or error
        raise RecipeError(source, [f"cannot be read: {reason}"]) from None
    if len(raw) > LARGEST_FILE:
        raise RecipeError(source, [f"is larger than {LARGEST_FILE} bytes"])
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError(source, [f"is not UTF-8 text: byte {error.start}"]) from None


def _parse(file: Any, source: str) -> dict[str, Any]:
    text = _text(file, source)
    if ROWS_OF_DEEPBENCH.match(text):
        raise RecipeError(source, [ROWS_REFUSED])
    try:
        refuse_odd_parts(text)
        data = yaml.load(text, Loader=Loader)  # noqa: S506 (a SafeLoader)
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise RecipeError(source, [f"is not valid YAML: {one_line(error, text)}"]) from None
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise RecipeError(source, ["must be a mapping of keys to values at the top"])
    return data


def merge(base: Any, change: Any) -> Any:
    """``base`` changed by ``change``: mappings merge by key, ``null`` removes, the rest replaces.

    A mapping of another ``kind`` replaces the whole mapping.

    >>> merge({"a": 1, "b": {"kind": "x", "c": 2}}, {"a": None, "b": {"kind": "y"}})
    {'b': {'kind': 'y'}}
    """
    if not (isinstance(base, Mapping) and isinstance(change, Mapping)):
        return change
    if kind_of(change) is not None and kind_of(change) != kind_of(base):
        base = {}
    merged = {**base, **{key: merge(base.get(key, {}), value) for key, value in change.items()}}
    return {key: value for key, value in merged.items() if value is not None}


def difference(base: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """The change that `merge` needs to turn ``base`` into ``changed``."""
    change: dict[str, Any] = {key: None for key in base if key not in changed}
    for key, value in changed.items():
        old = base.get(key)
        if value == old and str(value) == str(old):  # -0.0 is written otherwise than 0.0
            continue
        if isinstance(value, dict) and isinstance(old, dict) and kind_of(old) == kind_of(value):
            change[key] = difference(old, value)
        else:
            change[key] = value
    return change


def kind_of(part: Mapping[str, Any]) -> str | None:
    """The kind that a mapping names; among priors ``kind`` may be a parameter."""
    kind = part.get("kind")
    return None if isinstance(kind, Mapping) else kind
