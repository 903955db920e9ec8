"""Configs as a repository holds them, or is to hold them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeGuard

import pyarrow.parquet as pq

from deepbench_hf.cards import Published
from deepbench_hf.errors import HubError, RecipeError
from deepbench_hf.hub.repository import Blob, Repository
from deepbench_hf.recipe.catalog import is_shipped, load_recipe
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.rows.digest import split_digest
from deepbench_hf.rows.summary import summary
from deepbench_hf.tables.arrow import columns
from deepbench_hf.tables.manifest import MANIFEST, RECIPES
from deepbench_hf.tables.target import Target, is_url
from deepbench_hf.tables.work import index_of


@dataclass(frozen=True)
class Content:
    """A config as it is to be in the repository."""

    recipe: Recipe  # the recipe, overrides included
    entry: dict[str, Any]  # its entry of the manifest, with size and sha256 of every file
    target: Target | None = None  # where the files are; None where the repository has them already

    @property
    def published(self) -> Published:
        """The same as a card takes it."""
        return Published(self.recipe, self.entry, sizes(self.entry))


def is_build(name: object) -> TypeGuard[str | Path]:
    """Whether a name is that of a place where configs lie: a store's address, or a folder."""
    if not isinstance(name, (str, Path)) or is_shipped(name):
        return False
    return is_url(name) or (Path(name) / MANIFEST).is_file()


def built_contents(place: str | Path) -> list[Content]:
    """The configs that lie, finished, in a folder or a store.

    Raises:
        HubError: there is none, or another version of this package made one.
        BuildError: the store cannot be read.
    """
    target = Target(place)
    index, found = index_of(target), []
    for name in index.configs.keys() & index.entries.keys():
        entry = index.entries[name]
        with TemporaryDirectory() as folder:
            file = Path(folder) / f"{name}.yaml"
            target.fetch(f"{RECIPES}/{name}.yaml", file)
            recipe = load_recipe(file)
        now = (recipe.fingerprint, GENERATOR_VERSION)
        if (entry.get("fingerprint"), entry.get("generator_version")) != now:
            hint = "push it with the version that made it, or build it again"
            raise HubError(f"{place}: {name} is of another version of this package; {hint}")
        found.append(Content(recipe, with_statistics(recipe, entry, target), target))
    if not found:
        raise HubError(f"{place}: no finished config is there; run `deepbench-hf finish` first")
    return sorted(found, key=lambda content: content.recipe.name)


def with_statistics(recipe: Recipe, entry: dict[str, Any], target: Target) -> dict[str, Any]:
    """An entry of a manifest with the statistics of the first split.

    Posteriors are read where they lie: to make them again would take as long as the build.
    """
    if recipe.posterior is None:
        return {**entry, "statistics": summary(recipe)}
    split, pieces = next(iter(recipe.splits)), []
    for name in sorted(entry["files"]):
        if name.startswith(f"{split}-"):
            with TemporaryDirectory() as folder:
                file = Path(folder) / name
                target.fetch(f"{recipe.name}/{name}", file)
                pieces.append(columns(recipe, pq.read_table(file)))
    return {**entry, "statistics": summary(recipe, pieces=pieces)}


def published_content(repository: Repository, recipe: Recipe) -> Content | None:
    """A config that the repository holds whole, as this recipe makes it; else None."""
    entry = repository.entries.get(recipe.name)
    try:
        same = entry and (entry["fingerprint"], entry["generator_version"])
        if not entry or same != (recipe.fingerprint, GENERATOR_VERSION):
            return None
        whole = all(split_digest(s["blocks"]) == s["digest"] for s in entry["splits"].values())
        files = {path: Blob(*told) for path, told in row_files(recipe.name, entry)}
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    here = all(repository.files.get(path) == blob for path, blob in files.items())
    if not (files and whole and here):
        return None
    entry = entry if "statistics" in entry else {**entry, "statistics": summary(recipe)}
    return Content(recipe, entry)


def other_configs(
    repository: Repository, contents: Sequence[Content], delete: Sequence[str]
) -> list[Published]:
    """The configs that earlier pushes brought, as far as this version can read their recipes."""
    gone, found = {*(content.recipe.name for content in contents), *delete}, []
    for name, entry in sorted(repository.entries.items()):
        path = f"{RECIPES}/{name}.yaml"
        if name in gone or path not in repository.files:
            continue
        try:
            recipe = load_recipe(repository.download(path))
            published = Published(recipe, entry, sizes(entry))
        except (RecipeError, KeyError, TypeError):
            continue
        if (recipe.name, recipe.fingerprint) == (name, entry["fingerprint"]):
            found.append(published)
    return found


def sizes(entry: dict[str, Any]) -> dict[str, list[int]]:
    """The sizes of every split's files."""
    found: dict[str, list[int]] = {name: [] for name in entry["splits"]}
    for file, told in sorted(entry["files"].items()):
        found[file.split("-")[0]].append(told["size"])
    return found


def row_files(name: str, entry: dict[str, Any]) -> list[tuple[str, tuple[int, str]]]:
    """Path, size and sha256 of every Parquet file."""
    told = entry["files"].items()
    return [(f"{name}/{file}", (one["size"], one["sha256"])) for file, one in told]
