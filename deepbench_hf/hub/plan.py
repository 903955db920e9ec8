"""What has to change in a repository so that it holds some configs: nothing more, nothing less."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import Any

from deepbench_hf.cards import Published
from deepbench_hf.cards.files import card_texts
from deepbench_hf.cards.pictures import figures
from deepbench_hf.errors import RecipeError
from deepbench_hf.hub.builds import Content
from deepbench_hf.hub.repository import Blob, Repository
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.rows.digest import split_digest, versions
from deepbench_hf.tables.manifest import MANIFEST, README, RECIPES, data_files

INCOMPLETE = """\
---
configs:
- config_name: incomplete
  data_files: incomplete/*.parquet
---
The first upload to this repository is not complete yet.
"""
"""A README that shows readers nothing while the files of a first push arrive in several commits."""

FIGURE = re.compile(r"figures/[\w.-]+?\.png")


@dataclass(frozen=True)
class Plan:
    """The changes of one push.

    Args:
        additions: path in the repository, and the file or its content.
        deletions: paths of files that earlier pushes left and that would be read.
    """

    additions: dict[str, Path | bytes] = field(default_factory=dict)
    deletions: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.additions or self.deletions)

    def lines(self) -> list[str]:
        """One line for each file."""
        added = [f"add {path} ({_size(file)} bytes)" for path, file in self.additions.items()]
        return [*sorted(added), *(f"delete {path}" for path in self.deletions)]

    def is_done_in(self, repository: Repository) -> bool:
        """Whether a repository is as this plan wants it."""
        files = repository.files
        added = all(p in files and files[p].holds(data) for p, data in self.additions.items())
        return added and not files.keys() & set(self.deletions)

    @property
    def data(self) -> dict[str, Path]:
        """The additions that are Parquet files."""
        return {path: file for path, file in self.additions.items() if isinstance(file, Path)}


def published_content(repository: Repository, recipe: Recipe) -> Content | None:
    """A config that the repository holds whole, as this recipe makes it; else None."""
    entry = repository.entries.get(recipe.name)
    try:
        same = entry and (entry["fingerprint"], entry["generator_version"])
        if not entry or same != (recipe.fingerprint, GENERATOR_VERSION):
            return None
        whole = all(split_digest(s["blocks"]) == s["digest"] for s in entry["splits"].values())
        files = {path: Blob(*told) for path, told in _files(recipe.name, entry)}
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    here = all(repository.files.get(path) == blob for path, blob in files.items())
    return Content(recipe, entry) if files and whole and here else None


def make_plan(repository: Repository, contents: Sequence[Content]) -> Plan:
    """The changes that bring configs into a repository; other configs stay.

    Args:
        repository: as it is.
        contents: the configs, the one that is to load by default first.
    """
    entries = {**repository.entries, **{c.recipe.name: c.entry for c in contents}}
    card = {"repo_id": repository.repo_id, "deepbench-hf": versions()["deepbench-hf"]}
    configs = dict(sorted(entries.items()))
    manifest = {**repository.manifest, "card": card, "configs": configs}
    previous = None if repository.card == INCOMPLETE else repository.card
    published = [*map(_published, contents), *_others(repository, contents)]
    texts = {
        MANIFEST: json.dumps(manifest, indent=1),
        **{f"{RECIPES}/{c.recipe.name}.yaml": c.recipe.to_yaml() for c in contents},
        **card_texts(published, repository.repo_id, previous),
    }
    additions: dict[str, Path | bytes] = {}
    for content in contents:
        additions |= _missing_data(repository, content)
    additions |= _missing(repository, {name: text.encode() for name, text in texts.items()})
    deletions = [path for content in contents for path in _stale(repository, content)]
    drawn = set(FIGURE.findall(texts[README]))
    if additions or deletions or not drawn <= repository.files.keys():
        # other fonts of another machine are no reason for a commit of their own
        additions |= _missing(repository, _drawn(tuple(one.recipe for one in published)))
    return Plan(additions, sorted(set(deletions)))


def early(repository: Repository, plan: Plan) -> dict[str, Path]:
    """The Parquet files that may arrive before the README: no reader sees them there."""
    patterns = [p for config in repository.configs.values() for p in _patterns(config)]
    if not patterns:  # `datasets` would guess from all files
        return {}
    return {
        path: file
        for path, file in plan.data.items()
        if not any(fnmatch(path, pattern) for pattern in patterns)
    }


def sizes(entry: dict[str, Any]) -> dict[str, list[int]]:
    """The sizes of every split's files."""
    found: dict[str, list[int]] = {name: [] for name in entry["splits"]}
    for file, told in sorted(entry["files"].items()):
        found[file.split("-")[0]].append(told["size"])
    return found


@lru_cache(maxsize=8)
def _drawn(recipes: tuple[Recipe, ...]) -> dict[str, bytes]:
    """The figures; another attempt, or the next of several commits, needs the same ones."""
    return figures([Published(recipe) for recipe in recipes])


def _size(file: Path | bytes) -> int:
    return len(file) if isinstance(file, bytes) else file.stat().st_size


def _published(content: Content) -> Published:
    return Published(content.recipe, content.entry, sizes(content.entry))


def _others(repository: Repository, contents: Sequence[Content]) -> list[Published]:
    """The configs that earlier pushes brought, as far as this version can read their recipes."""
    ours, found = {content.recipe.name for content in contents}, []
    for name, entry in sorted(repository.entries.items()):
        path = f"{RECIPES}/{name}.yaml"
        if name in ours or path not in repository.files:
            continue
        try:
            recipe = load_recipe(repository.download(path))
            published = Published(recipe, entry, sizes(entry))
        except (RecipeError, KeyError, TypeError):
            continue
        if (recipe.name, recipe.fingerprint) == (name, entry["fingerprint"]):
            found.append(published)
    return found


def _missing_data(repository: Repository, content: Content) -> dict[str, Path | bytes]:
    if content.folder is None:
        return {}
    return {
        path: content.folder / path.split("/")[1]
        for path, told in _files(content.recipe.name, content.entry)
        if repository.files.get(path) != Blob(*told)
    }


def _files(name: str, entry: dict[str, Any]) -> list[tuple[str, tuple[int, str]]]:
    """Path, size and sha256 of every Parquet file."""
    told = entry["files"].items()
    return [(f"{name}/{file}", (one["size"], one["sha256"])) for file, one in told]


def _missing(repository: Repository, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files that the repository does not hold as they should be."""
    held = repository.files
    return {p: data for p, data in files.items() if p not in held or not held[p].holds(data)}


def _stale(repository: Repository, content: Content) -> list[str]:
    """Files of an earlier push, and such as the README's patterns would take for rows."""
    name, now = (
        content.recipe.name,
        {path for path, _ in _files(content.recipe.name, content.entry)},
    )
    before = {f"{name}/{file}" for file in repository.entries.get(name, {}).get("files", {})}
    patterns = [told["path"] for told in data_files(name, content.recipe.splits)]
    return [
        path
        for path in repository.files
        if path not in now and (path in before or any(fnmatch(path, p) for p in patterns))
    ]


def _patterns(config: dict[str, Any]) -> list[str]:
    """The paths that a config of a README reads."""
    files = config.get("data_files", "*")
    parts = list(files.values()) if isinstance(files, dict) else files
    parts = parts if isinstance(parts, list) else [parts]
    found = [part.get("path", "*") if isinstance(part, dict) else part for part in parts]
    return [str(path) for part in found for path in (part if isinstance(part, list) else [part])]
