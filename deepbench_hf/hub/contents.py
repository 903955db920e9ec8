"""Configs as a repository holds them, or as files that are built once and kept until sent."""

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeGuard

import pyarrow.parquet as pq
from filelock import FileLock, Timeout
from huggingface_hub import constants

from deepbench_hf.cards import Published
from deepbench_hf.errors import HubError, RecipeError
from deepbench_hf.fields import Columns
from deepbench_hf.hub.entries import entry_problems, is_of, listing_problems, row_files, sizes
from deepbench_hf.hub.repository import Blob, Repository
from deepbench_hf.recipe.catalog import is_shipped, load_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.summary import summary
from deepbench_hf.tables.arrow import columns
from deepbench_hf.tables.building import progress
from deepbench_hf.tables.folder import build_folder, check_space
from deepbench_hf.tables.manifest import MANIFEST, RECIPES
from deepbench_hf.tables.parquet import FILE_BYTES
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
        if not is_of(entry, recipe):
            hint = "push it with the version that made it, or build it again"
            raise HubError(f"{target.shown}: {name} is of another version of this package; {hint}")
        if wrong := [*entry_problems(recipe, entry), *listing_problems(recipe, entry)]:
            raise HubError(f"{target.shown}: {wrong[0]}; remove {name} and build it again")
        found.append(Content(recipe, with_statistics(recipe, entry, target), target))
    if not found:
        hint = "run `deepbench-hf finish` first"
        raise HubError(f"{target.shown}: no finished config is there; {hint}")
    return sorted(found, key=lambda content: content.recipe.name)


def with_statistics(recipe: Recipe, entry: dict[str, Any], target: Target) -> dict[str, Any]:
    """An entry of a manifest with the statistics of the first split.

    Posteriors are read where they lie: to make them again would take as long as the build.
    """
    pieces = None if recipe.posterior is None else _pieces(recipe, entry, target)
    return {**entry, "statistics": summary(recipe, pieces=pieces)}


def _pieces(recipe: Recipe, entry: dict[str, Any], target: Target) -> Iterator[Columns]:
    """The rows of the first split, file by file."""
    split = next(iter(recipe.splits))
    for name in sorted(file for file in entry["files"] if file.startswith(f"{split}-")):
        with TemporaryDirectory() as folder:
            file = Path(folder) / name
            target.fetch(f"{recipe.name}/{name}", file)
            yield columns(recipe, pq.read_table(file))


def published_content(repository: Repository, recipe: Recipe) -> Content | None:
    """A config that the repository holds whole, as this recipe makes it; else None."""
    entry = repository.entries.get(recipe.name, {})
    if not is_of(entry, recipe) or any(entry_problems(recipe, entry)):
        return None
    if any(listing_problems(recipe, entry)):
        return None
    files = row_files(recipe.name, entry)
    if any(repository.files.get(path) != Blob(*told) for path, told in files):
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


KEPT = 7 * 86400
"""Seconds for which the builds of a push that never landed are kept for the next attempt."""


class Builds(ExitStack):
    """The builds of one push; a context that keeps other processes away from them.

    They lie in ``$HF_HOME/deepbench_hf/push``, by name and fingerprint, so that a push that was
    stopped finds them again. `remove` ends them; those that nobody came back for go after a week.

    Args:
        workers: threads that make and compress files.
        quiet: no progress bar.
        file_bytes: about how many raw bytes of rows go into one file.
    """

    def __init__(self, workers: int = 1, quiet: bool = False, file_bytes: int = FILE_BYTES) -> None:
        super().__init__()
        self.workers, self.quiet, self.file_bytes = workers, quiet, file_bytes
        self.root = Path(constants.HF_HOME) / "deepbench_hf" / "push"
        self.contents: dict[str, Content] = {}
        self.locked: list[Path] = []

    def get(self, recipes: Sequence[Recipe]) -> list[Content]:
        """Build what is not built yet.

        Raises:
            BuildError: the disk is too small or cannot be written.
        """
        wanted = [recipe for recipe in recipes if recipe.name not in self.contents]
        if wanted:
            self._remove_abandoned()
        for place in sorted(map(self._place, wanted)):
            self.enter_context(FileLock(f"{place}.lock"))
            self.locked.append(place)
        unbuilt = [recipe for recipe in wanted if _entry(recipe, self._place(recipe)) is None]
        check_space(unbuilt, self.root)
        with progress(sum(recipe.rows for recipe in unbuilt), 0, self.quiet) as bar:
            for recipe in unbuilt:
                place = self._place(recipe)
                shutil.rmtree(place, ignore_errors=True)
                build_folder([recipe], place, self.workers, bar.update, self.file_bytes)
        for recipe in wanted:
            place = self._place(recipe)
            entry = _entry(recipe, place)
            assert entry is not None
            entry = with_statistics(recipe, entry, Target(place))
            self.contents[recipe.name] = Content(recipe, entry, Target(place))
        return [self.contents[recipe.name] for recipe in recipes]

    def remove(self) -> None:
        """Remove the builds: they have landed. What lay built elsewhere is the user's."""
        for place in self.locked:
            shutil.rmtree(place, ignore_errors=True)
        self.contents = {}

    def _place(self, recipe: Recipe) -> Path:
        size = "" if self.file_bytes == FILE_BYTES else f"-{self.file_bytes}"
        return self.root / f"{recipe.name}-{recipe.fingerprint[:16]}{size}"

    def _remove_abandoned(self) -> None:
        """Remove old builds of other pushes, unless one is at work on them."""
        self.root.mkdir(parents=True, exist_ok=True)
        for lock in self.root.glob("*.lock"):
            build = lock.with_name(lock.name.removesuffix(".lock"))
            if not build.is_dir() or time.time() - build.stat().st_mtime < KEPT:
                continue
            try:
                with FileLock(lock, timeout=0):
                    shutil.rmtree(build, ignore_errors=True)
            except Timeout:
                continue


def _entry(recipe: Recipe, place: Path) -> dict[str, Any] | None:
    """What a whole build says of itself; None where there is none, or it is not whole."""
    try:
        entry = json.loads((place / MANIFEST).read_text(encoding="utf-8"))["configs"][recipe.name]
        wrong = any(entry_problems(recipe, entry)) or any(listing_problems(recipe, entry))
        told = row_files(recipe.name, entry)
        there = all((place / path).stat().st_size == size for path, (size, _) in told)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return entry if there and not wrong and is_of(entry, recipe) else None
