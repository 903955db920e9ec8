"""A folder of Parquet that stock `datasets` loads: what ``build -o`` writes."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from deepbench_hf.errors import BuildError
from deepbench_hf.files import write_whole
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.tables.manifest import MANIFEST, README, RECIPES, Index, entry_of
from deepbench_hf.tables.parquet import FILE_BYTES, Part, Written, concurrently, parts, write_part
from deepbench_hf.tables.target import LOCK, SCAFFOLD
from deepbench_hf.tables.work import PLAN

Report = Callable[[int], Any]

WRITING, MOVING = ".incomplete", ".moving"
"""The endings of hidden folders: of one that is being filled, and of a whole one whose content is
on its way to its places."""

OURS = "." + 16 * "[0-9a-f]"
"""What stands before these endings: folders of other names are not ours to clear up."""

ROWS = "rows"


def build_folder(
    recipes: Sequence[Recipe],
    folder: str | Path,
    workers: int = 1,
    report: Report = lambda rows: None,
    file_bytes: int = FILE_BYTES,
) -> None:
    """Write configs as ``folder/<config>/<split>-*.parquet``, beside those that are there.

    A config becomes visible when it is whole: all its files are written in a hidden folder, then
    moved into place, ``manifest.json`` and at last ``README.md`` after the rows. If a move fails,
    those before it are taken back; if the process dies, the next build does that. Only what an
    earlier build made is ever replaced.

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
    with _one_line_errors(root):
        check_space(recipes, root)
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / LOCK):
            _clean_up(root)
            if recipes and (root / PLAN).exists():
                hint = f"run `deepbench-hf finish` first, or remove {SCAFFOLD} there"
                raise BuildError(f"{root}: a plan is there, which a build would spoil; {hint}")
            for recipe in recipes:
                _build(recipe, root, workers, report, file_bytes)


def check_space(recipes: Sequence[Recipe], root: Path) -> None:
    """Refuse a build that the disk of ``root`` cannot hold.

    Raises:
        BuildError: with what is needed and what is free.
    """
    needed = sum(row_bytes(recipe) * recipe.rows for recipe in recipes)
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
    hidden = root / f".{recipe.name}.{secrets.token_hex(8)}{WRITING}"
    try:
        (hidden / ROWS).mkdir(parents=True)
        written = _write(recipe, hidden / ROWS, workers, report, file_bytes)
        texts = index.texts_with(recipe, entry_of(recipe, written))
        for path, text in texts.items():
            write_whole(hidden / path.split("/")[0], text)
        (root / RECIPES).mkdir(exist_ok=True)
        _move(hidden, root, recipe.name)
    finally:
        shutil.rmtree(hidden, ignore_errors=True)


def _write(
    recipe: Recipe, folder: Path, workers: int, report: Report, file_bytes: int
) -> Iterator[tuple[Part, Written]]:
    """Write all files, some at once."""

    def write(part: Part, counted: Report) -> Written:
        return write_part(recipe, part, folder / part.file, counted)

    return concurrently(parts(recipe, file_bytes), write, workers, report)


def _places(root: Path, name: str) -> dict[str, Path]:
    """Where the parts of a hidden folder go, in the order in which they are moved."""
    return {
        ROWS: root / name,
        RECIPES: root / RECIPES / f"{name}.yaml",
        MANIFEST: root / MANIFEST,
        README: root / README,
    }


def _move(hidden: Path, root: Path, name: str) -> None:
    """Put all parts in their places and the old ones into ``old``, or leave all as it was."""
    moving = hidden.with_suffix(MOVING)
    (hidden / "old").mkdir()
    os.replace(hidden, moving)
    try:
        for part, place in _places(root, name).items():
            if place.exists():
                os.replace(place, moving / "old" / part)
            os.replace(moving / part, place)
    except BaseException:
        _take_back(moving, root)
        raise
    os.replace(moving, hidden)  # from here on it is done


def _take_back(moving: Path, root: Path) -> None:
    """Undo the moves of `_move`, as many as there were; it may be stopped and done again."""
    name = moving.name[1:].rsplit(".", 2)[0]
    for part, place in reversed(_places(root, name).items()):
        if place.exists() and not (moving / part).exists():
            os.replace(place, moving / part)
        if (moving / "old" / part).exists():
            os.replace(moving / "old" / part, place)
    os.replace(moving, moving.with_suffix(WRITING))


def _clean_up(root: Path) -> None:
    """Take back and remove what builds left that were killed: the lock is ours, they are dead."""
    for moving in root.glob(f".*{OURS}{MOVING}"):
        _take_back(moving, root)
    for hidden in root.glob(f".*{OURS}{WRITING}"):
        if hidden.is_dir() and not hidden.is_symlink():
            shutil.rmtree(hidden)


@contextmanager
def _one_line_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        seen = "nothing new is visible"
        if left := [folder.name for folder in root.glob(f".*{OURS}{MOVING}")]:
            seen = f"files that {README} does not name may be visible, with older ones in "
            seen += f"{', '.join(left)}; build again to take them back"
        reason = error.strerror or str(error)
        raise BuildError(f"{root}: the build stopped: {reason}; {seen}") from error
