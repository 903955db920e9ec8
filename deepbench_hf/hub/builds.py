"""Configs as files that are ready to be sent: built once, and kept until the push has landed."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from datasets.utils import tqdm
from filelock import FileLock, Timeout
from huggingface_hub import constants

from deepbench_hf.hub.contents import Content, with_statistics
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.tables.folder import build_folder, check_space
from deepbench_hf.tables.manifest import MANIFEST
from deepbench_hf.tables.parquet import FILE_BYTES
from deepbench_hf.tables.target import Target

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

    def get(self, recipes: Sequence[Recipe]) -> list[Content]:
        """Build what is not built yet.

        Raises:
            BuildError: the disk is too small or cannot be written.
        """
        wanted = [recipe for recipe in recipes if recipe.name not in self.contents]
        if wanted:
            self._remove_abandoned()
        for recipe in sorted(wanted, key=lambda recipe: self._place(recipe).name):
            self.enter_context(FileLock(f"{self._place(recipe)}.lock"))
        unbuilt = [recipe for recipe in wanted if _entry(recipe, self._place(recipe)) is None]
        check_space(unbuilt, self.root)
        rows = sum(split.size for recipe in unbuilt for split in recipe.splits.values())
        with tqdm(total=rows, unit=" rows", desc="Building", disable=self.quiet or None) as bar:
            for recipe in unbuilt:
                place = self._place(recipe)
                build_folder([recipe], place, self.workers, bar.update, self.file_bytes)
        for recipe in wanted:
            place = self._place(recipe)
            entry = _entry(recipe, place)
            assert entry is not None
            entry = with_statistics(recipe, entry, Target(place))
            self.contents[recipe.name] = Content(recipe, entry, Target(place))
        return [self.contents[recipe.name] for recipe in recipes]

    def remove(self) -> None:
        """Remove the builds: they have landed."""
        for content in self.contents.values():
            shutil.rmtree(self._place(content.recipe), ignore_errors=True)
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
        ours = (entry["fingerprint"], entry["generator_version"])
    except (OSError, ValueError, KeyError):
        return None
    return entry if ours == (recipe.fingerprint, GENERATOR_VERSION) else None
