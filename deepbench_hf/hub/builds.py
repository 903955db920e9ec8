"""Configs as files that are ready to be sent: built once, and kept until the push has landed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from datasets.utils import tqdm
from filelock import FileLock
from huggingface_hub import constants

from deepbench_hf.hub.repository import Blob
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.tables.folder import build_folder, check_space
from deepbench_hf.tables.manifest import MANIFEST


@dataclass(frozen=True)
class Content:
    """A config as it is to be in the repository.

    Args:
        recipe: the recipe, overrides included.
        entry: its entry of the manifest, with size and sha256 of every file.
        folder: where the files are; None where the repository has them already.
    """

    recipe: Recipe
    entry: dict[str, Any]
    folder: Path | None = None


class Builds:
    """The builds of one push; a context that keeps other processes away from them.

    They lie in ``$HF_HOME/deepbench_hf/push``, by name and fingerprint, so that a push that was
    stopped finds them again; `sweep` removes them.

    Args:
        workers: threads that make and compress files.
        quiet: no progress bar.
    """

    def __init__(self, workers: int = 1, quiet: bool = False) -> None:
        self.workers, self.quiet = workers, quiet
        self.root = Path(constants.HF_HOME) / "deepbench_hf" / "push"
        self.contents: dict[str, Content] = {}
        self.locks = ExitStack()

    def __enter__(self) -> Builds:
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.locks.close()

    def get(self, recipes: Sequence[Recipe]) -> list[Content]:
        """Build what is not built yet.

        Raises:
            BuildError: the disk is too small or cannot be written.
        """
        wanted = [recipe for recipe in recipes if recipe.name not in self.contents]
        for recipe in sorted(wanted, key=lambda recipe: self._place(recipe).name):
            self._lock(recipe)
        unbuilt = [recipe for recipe in wanted if _entry(recipe, self._place(recipe)) is None]
        check_space(unbuilt, self.root)
        rows = sum(split.size for recipe in unbuilt for split in recipe.splits.values())
        with tqdm(total=rows, unit=" rows", desc="Building", disable=self.quiet or None) as bar:
            for recipe in unbuilt:
                build_folder([recipe], self._place(recipe), self.workers, bar.update)
        self.contents |= {recipe.name: _content(recipe, self._place(recipe)) for recipe in wanted}
        return [self.contents[recipe.name] for recipe in recipes]

    def sweep(self) -> None:
        """Remove the builds: they have landed."""
        for content in self.contents.values():
            shutil.rmtree(self._place(content.recipe), ignore_errors=True)
        self.contents = {}

    def _place(self, recipe: Recipe) -> Path:
        return self.root / f"{recipe.name}-{recipe.fingerprint[:16]}"

    def _lock(self, recipe: Recipe) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.locks.enter_context(FileLock(f"{self._place(recipe)}.lock"))


def _entry(recipe: Recipe, place: Path) -> dict[str, Any] | None:
    """What a whole build says of itself; None where there is none, or it is not whole."""
    try:
        entry = json.loads((place / MANIFEST).read_text(encoding="utf-8"))["configs"][recipe.name]
    except (OSError, ValueError, KeyError):
        return None
    ours = (entry["fingerprint"], entry["generator_version"])
    return entry if ours == (recipe.fingerprint, GENERATOR_VERSION) else None


def _content(recipe: Recipe, place: Path) -> Content:
    entry, folder = _entry(recipe, place), place / recipe.name
    assert entry is not None
    blobs = {file.name: Blob.of(file) for file in sorted(folder.glob("*.parquet"))}
    files = {name: {"size": blob.size, "sha256": blob.digest} for name, blob in blobs.items()}
    return Content(recipe, {**entry, "files": files}, folder)
