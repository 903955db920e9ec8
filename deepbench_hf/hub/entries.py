"""What a manifest says of a config: its files of rows, and whether all of it fits together."""

import json
from collections.abc import Iterator
from typing import Any

from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.rows.digest import split_digest
from deepbench_hf.rows.generation import BLOCK
from deepbench_hf.tables.manifest import MANIFEST, RECIPES


def is_of(entry: dict[str, Any], recipe: Recipe) -> bool:
    """Whether an entry tells of the rows that this version makes of a recipe."""
    told = (entry.get("fingerprint"), entry.get("generator_version"))
    return told == (recipe.fingerprint, GENERATOR_VERSION)


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


def entry_problems(recipe: Recipe, entry: dict[str, Any]) -> Iterator[str]:
    """What a config's entry of the manifest says otherwise than its recipe, or than itself."""
    wanted = {
        "fingerprint": recipe.fingerprint,
        "version": recipe.version,
        "block_rows": BLOCK,
        "recipe": json.loads(recipe.canonical),
    }
    for key, value in wanted.items():
        if entry.get(key) != value:
            yield f"{MANIFEST}: {key} is not that of {RECIPES}/{recipe.name}.yaml"
    splits = entry.get("splits")
    splits = splits if isinstance(splits, dict) else {}
    if splits.keys() != recipe.splits.keys():
        yield f"{MANIFEST}: has not the splits of the recipe"
    for name, split in recipe.splits.items():
        if not _is_whole(splits.get(name), split.size):
            yield f"{MANIFEST}: size, blocks and digest of {name} do not fit together"


def listing_problems(recipe: Recipe, entry: dict[str, Any]) -> Iterator[str]:
    """Splits whose files an entry does not list one after the other, and what else it lists."""
    files = entry.get("files")
    left = dict(files) if isinstance(files, dict) else {}
    for split in recipe.splits:
        count = sum(name.startswith(f"{split}-") for name in left)
        names = [f"{split}-{n:05d}-of-{count:05d}.parquet" for n in range(count)]
        if not names or not all(_is_told(left.pop(name, None)) for name in names):
            yield f"{MANIFEST}: does not list the files of {recipe.name}, split {split}"
    if left:
        yield f"{MANIFEST}: lists {sorted(left)[0]!r:.60}, which is no file of {recipe.name}"


def _is_told(file: Any) -> bool:
    """Whether this is the size and the sha256 of a file."""
    told = (file.get("size"), file.get("sha256")) if isinstance(file, dict) else (None, None)
    return isinstance(told[0], int) and isinstance(told[1], str)


def _is_whole(split: Any, size: int) -> bool:
    """Whether a split of a manifest has this size, and blocks that give its digest."""
    try:
        blocks = split["blocks"]
        told = (split["num_examples"], len(blocks), split["digest"])
        return told == (size, -(-size // BLOCK), split_digest(blocks))
    except (KeyError, TypeError, ValueError):
        return False
