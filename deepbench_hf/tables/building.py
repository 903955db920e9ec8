"""Building by name: into the cache of `datasets`, or as Parquet into a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
from datasets import config
from datasets.utils import tqdm

from deepbench_hf.errors import BuildError
from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.tables import registration
from deepbench_hf.tables.folder import build_folder, check_space


def build(
    names: Sequence[str],
    folder: str | Path | None = None,
    num_proc: int = 1,
    quiet: bool = False,
    **overrides: Any,
) -> list[dict[str, Any]]:
    """Build configs, all of them checked before the first is begun.

    Args:
        names: shipped configs or paths of recipes.
        folder: where Parquet goes; None for the cache of `datasets`.
        num_proc: workers.
        quiet: no progress bars.
        **overrides: as `load_recipe` takes them.

    Returns:
        For each config its ``name``, ``fingerprint``, number of ``rows`` and ``path``.

    Raises:
        RecipeError: a recipe is not valid.
        BuildError: the disk is too small, or a folder cannot be written.
    """
    recipes = [load_recipe(name, **overrides) for name in names]
    twice = {r.name for r in recipes if [s.name for s in recipes].count(r.name) > 1}
    if folder is not None and not str(folder):
        raise BuildError("the folder has no name; give one, or '.' for this one")
    if folder is not None and twice:
        raise BuildError(f"{', '.join(sorted(twice))}: given twice; each needs a folder of its own")
    if folder is None:
        check_space(recipes, Path(config.HF_DATASETS_CACHE))
        paths = [_into_cache(name, num_proc, quiet, overrides) for name in names]
    else:
        _into_folder(recipes, folder, num_proc, quiet)
        paths = [str(Path(folder) / recipe.name) for recipe in recipes]
    return [
        {"name": r.name, "fingerprint": r.fingerprint, "rows": _rows(r), "path": path}
        for r, path in zip(recipes, paths, strict=True)
    ]


def _rows(recipe: Recipe) -> int:
    return sum(split.size for split in recipe.splits.values())


def _into_folder(recipes: Sequence[Recipe], folder: str | Path, workers: int, quiet: bool) -> None:
    total = sum(map(_rows, recipes))
    with tqdm(total=total, unit=" rows", desc="Building", disable=quiet or None) as bar:
        build_folder(recipes, folder, workers, bar.update)


def _into_cache(name: str, num_proc: int, quiet: bool, overrides: dict[str, Any]) -> str:
    """Fill the cache as `load_dataset` does, and say where."""
    chosen = {key: value for key, value in overrides.items() if value is not None}
    chosen |= {"config_name": name} if name in list_recipes() else {"data_files": name}
    bars = datasets.is_progress_bar_enabled()
    if quiet:
        datasets.disable_progress_bars()
    try:
        builder = registration.builder(**chosen)
        builder.download_and_prepare(num_proc=num_proc if num_proc > 1 else None)
    finally:
        if quiet and bars:
            datasets.enable_progress_bars()
    return builder.cache_dir
