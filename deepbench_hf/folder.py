"""A folder of Parquet that stock `datasets` loads: what ``build -o`` writes."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock
from huggingface_hub import DatasetCard

from deepbench_hf.digest import manifest_entry
from deepbench_hf.errors import BuildError
from deepbench_hf.parquet import parts, write_part
from deepbench_hf.recipe import Recipe
from deepbench_hf.schema import row_bytes

__all__ = ["build_folder"]

MANIFEST, README, RECIPES = "manifest.json", "README.md", "recipes"

Report = Callable[[int], Any]


def build_folder(
    recipes: Sequence[Recipe],
    folder: str | Path,
    workers: int = 1,
    report: Report = lambda rows: None,
) -> None:
    """Write configs as ``folder/<config>/<split>-*.parquet``, beside those that are there.

    A config becomes visible when it is whole: its files are written under a hidden name, moved
    into place, and only then named in ``manifest.json`` and ``README.md``.

    Args:
        recipes: what to build.
        folder: where; made when it is missing.
        workers: threads that make and compress rows; the rows do not depend on it.
        report: called with the number of rows just written.

    Raises:
        BuildError: the disk is too small or full, or the folder cannot be written.
    """
    root = Path(folder)
    with _one_line_errors(root):
        root.mkdir(parents=True, exist_ok=True)
        _check_space(recipes, root)
        with FileLock(root / ".deepbench-hf.lock"):
            for recipe in recipes:
                _build(recipe, root, workers, report)


def _build(recipe: Recipe, root: Path, workers: int, report: Report) -> None:
    with _hidden_folder(root, recipe.name) as hidden:
        digests = _write(recipe, hidden, workers, report)
        _replace_folder(hidden, root / recipe.name)
    (root / RECIPES).mkdir(exist_ok=True)
    _write_text(root / RECIPES / f"{recipe.name}.yaml", recipe.to_yaml())
    _write_text(root / MANIFEST, _manifest(root, recipe, digests))
    _write_text(root / README, _readme(root, recipe))


def _write(recipe: Recipe, folder: Path, workers: int, report: Report) -> dict[str, list[str]]:
    """Write all files, some at once; the digests of every split's blocks."""
    files = parts(recipe)
    digests: dict[str, list[str]] = {name: [] for name in recipe.splits}
    with ThreadPoolExecutor(workers) as pool:  # kernels, Arrow and zstd release the GIL
        tasks = [pool.submit(write_part, recipe, part, folder, report) for part in files]
        try:
            for part, task in zip(files, tasks, strict=True):
                digests[part.split] += task.result()
        finally:
            pool.shutdown(cancel_futures=True)
    return digests


def _manifest(root: Path, recipe: Recipe, digests: dict[str, list[str]]) -> str:
    file = root / MANIFEST
    manifest = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    configs = {**manifest.get("configs", {}), recipe.name: manifest_entry(recipe, digests)}
    return json.dumps({**manifest, "configs": dict(sorted(configs.items()))}, indent=1) + "\n"


def _readme(root: Path, recipe: Recipe) -> str:
    """The front matter that tells `datasets` where each split lies; other text is kept."""
    file = root / README
    card = (
        DatasetCard.load(file)
        if file.exists()
        else DatasetCard(f"---\n{{}}\n---\n\n# {root.resolve().name}\n")
    )
    configs = {config["config_name"]: config for config in card.data.get("configs") or []}
    files = [{"split": name, "path": f"{recipe.name}/{name}-*.parquet"} for name in recipe.splits]
    configs[recipe.name] = {"config_name": recipe.name, "data_files": files}
    card.data["configs"] = [configs[name] for name in sorted(configs)]
    return str(card)


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
    """Put ``new`` in the place of an older build."""
    if place.exists():
        old = new.with_name(f"{new.name}.old.incomplete")
        os.replace(place, old)
        os.replace(new, place)
        shutil.rmtree(old)
    else:
        os.replace(new, place)


def _write_text(file: Path, text: str) -> None:
    hidden = file.with_name(f".{file.name}.incomplete")
    hidden.write_text(text, encoding="utf-8", newline="\n")
    os.replace(hidden, file)


def _check_space(recipes: Sequence[Recipe], root: Path) -> None:
    needed = sum(row_bytes(r) * split.size for r in recipes for split in r.splits.values())
    free = shutil.disk_usage(root).free
    if needed > free:
        names = ", ".join(recipe.name for recipe in recipes)
        raise BuildError(
            f"{names}: needs up to {needed / 1e9:.1f} GB in {root}, where {free / 1e9:.1f} GB are "
            "free; give a smaller num_examples or another folder"
        )


@contextmanager
def _one_line_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise BuildError(f"{root}: the build stopped: {reason}; nothing new is visible") from error
