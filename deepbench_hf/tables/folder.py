"""A folder of Parquet that stock `datasets` loads: what ``build -o`` writes."""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

from filelock import FileLock

from deepbench_hf.errors import BuildError
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.digest import manifest_entry
from deepbench_hf.tables.manifest import MANIFEST, README, RECIPES, Index, file_hash
from deepbench_hf.tables.parquet import FILE_BYTES, parts, write_part

Report = Callable[[int], Any]


def build_folder(
    recipes: Sequence[Recipe],
    folder: str | Path,
    workers: int = 1,
    report: Report = lambda rows: None,
    file_bytes: int = FILE_BYTES,
) -> None:
    """Write configs as ``folder/<config>/<split>-*.parquet``, beside those that are there.

    A config becomes visible when it is whole: its files are written under a hidden name, moved
    into place, and only then named in ``manifest.json`` and ``README.md``. Only what an earlier
    build made is ever replaced.

    Args:
        recipes: what to build.
        folder: where; made when it is missing.
        workers: threads that make and compress files; the rows do not depend on it.
        report: called with the number of rows just written.
        file_bytes: about how many raw bytes of rows go into one file.

    Raises:
        BuildError: the disk is too small or full, the folder cannot be written, or it holds
            something else under a name that is needed.
    """
    root = Path(folder)
    check_space(recipes, root)
    with _one_line_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / ".deepbench-hf.lock"):
            for recipe in recipes:
                _build(recipe, root, workers, report, file_bytes)


def check_space(recipes: Sequence[Recipe], root: Path) -> None:
    """Refuse a build that the disk of ``root`` cannot hold.

    Raises:
        BuildError: with what is needed and what is free.
    """
    needed = sum(row_bytes(r) * split.size for r in recipes for split in r.splits.values())
    there = next(place for place in (root.absolute(), *root.absolute().parents) if place.exists())
    free = shutil.disk_usage(there).free
    if needed > free:
        names = ", ".join(recipe.name for recipe in recipes)
        raise BuildError(
            f"{names}: needs up to {needed / 1e6:,.0f} MB in {root}, where {free / 1e6:,.0f} MB "
            "are free; give a smaller num_examples or another folder"
        )


def _build(recipe: Recipe, root: Path, workers: int, report: Report, file_bytes: int) -> None:
    index = Index.read(root)
    index.check_place(recipe.name)
    with _hidden_folder(root, recipe.name) as hidden:
        digests = _write(recipe, hidden, workers, report, file_bytes)
        files = {file.name: file_hash(file) for file in sorted(hidden.iterdir())}
        entry = {**manifest_entry(recipe, digests), "files": files}
        _replace_folder(hidden, root / recipe.name)
    (root / RECIPES).mkdir(exist_ok=True)
    readme = index.readme_with(recipe.name, list(recipe.splits))
    texts = {f"{RECIPES}/{recipe.name}.yaml": recipe.to_yaml(), README: readme}
    _write_text(root / RECIPES / f"{recipe.name}.yaml", recipe.to_yaml())
    _write_text(root / MANIFEST, index.manifest_with(recipe.name, entry, texts))
    _write_text(root / README, readme)


def _write(
    recipe: Recipe, folder: Path, workers: int, report: Report, file_bytes: int
) -> dict[str, list[str]]:
    """Write all files, some at once; the digests of every split's blocks."""
    stop = Event()

    def counted(rows: int) -> None:
        if stop.is_set():
            raise BuildError(f"{recipe.name}: stopped")
        report(rows)

    files = parts(recipe, file_bytes)
    digests: dict[str, list[str]] = {name: [] for name in recipe.splits}
    with ThreadPoolExecutor(workers) as pool:  # kernels, Arrow and zstd release the GIL
        tasks = [pool.submit(write_part, recipe, part, folder, counted) for part in files]
        try:
            for part, task in zip(files, tasks, strict=True):
                digests[part.split] += task.result()
        finally:
            stop.set()  # an error or Ctrl-C ends the other files at their next row group
            pool.shutdown(cancel_futures=True)
    return digests


@contextmanager
def _hidden_folder(root: Path, name: str) -> Iterator[Path]:
    """A folder that readers do not see, removed whatever happens."""
    for abandoned in root.glob(f".{name}.*.incomplete"):  # the lock is ours: its writer is dead
        shutil.rmtree(abandoned)
    hidden = root / f".{name}.{uuid.uuid4().hex[:8]}.incomplete"
    hidden.mkdir()
    try:
        yield hidden
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _replace_folder(new: Path, place: Path) -> None:
    """Put ``new`` in the place of an older build, or leave all as it was."""
    old = new.with_name(f"{new.name}.old.incomplete")
    if place.exists():
        os.replace(place, old)
    try:
        os.replace(new, place)
    except OSError:
        if old.exists():
            os.replace(old, place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _write_text(file: Path, text: str) -> None:
    hidden = file.with_name(f".{file.name}.incomplete")
    hidden.write_text(text, encoding="utf-8", newline="\n")
    os.replace(hidden, file)


@contextmanager
def _one_line_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise BuildError(f"{root}: the build stopped: {reason}; nothing new is visible") from error
