"""Content digests: what proves that two copies of a dataset hold the same bits."""

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import COUNT, Columns, present
from deepbench_hf.recipe.columns import digested
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.rows.generation import BLOCK, generate, split_of

LIBRARIES = ("deepbench-hf", "datasets", "huggingface-hub", "numpy", "numba", "pyarrow")


def blocks(size: int, start: int = 0, stop: int | None = None) -> Iterator[tuple[int, int]]:
    """The ranges of rows that are digested together, from ``start`` to ``stop`` of ``size`` rows.

    Raises:
        ValueError: ``start`` or ``stop`` lies inside a block.

    >>> list(blocks(600))
    [(0, 256), (256, 512), (512, 600)]
    """
    stop = size if stop is None else stop
    if not 0 <= start <= stop <= size:
        raise ValueError(f"rows {start} to {stop}: the split has rows 0 to {size}")
    for name, row in (("start", start), ("stop", stop)):
        if row % BLOCK and row != size:
            raise ValueError(f"{name} must be a multiple of {BLOCK} or the end ({size}); got {row}")
    return ((row, min(row + BLOCK, stop)) for row in range(start, stop, BLOCK))


def block_digests(
    recipe: Recipe, split: str, start: int = 0, stop: int | None = None
) -> Iterator[str]:
    """The digests of a split's blocks, made from the recipe alone.

    Raises:
        KeyError: no such split.
        ValueError: ``start`` or ``stop`` is no multiple of the block.
    """
    for first, last in split_blocks(recipe, split, start, stop):
        yield block_digest(generate(recipe, split, first, last), digested(recipe))


def split_blocks(
    recipe: Recipe, split: str, start: int = 0, stop: int | None = None
) -> Iterator[tuple[int, int]]:
    """The blocks of a range of a split.

    Raises:
        KeyError: no such split.
        ValueError: ``start`` or ``stop`` is no multiple of the block.
    """
    try:
        return blocks(split_of(recipe, split).size, start, stop)
    except ValueError as error:
        raise ValueError(f"{recipe.name}, split {split}: {error}") from None


def block_digest(columns: Columns, names: Iterable[str]) -> str:
    """sha256, in hexadecimal, over the digests of the named columns in their order."""
    digest = hashlib.sha256()
    for name in names:
        records = columns[name].dtype.names
        digest.update(
            _records_digest(name, columns[name], columns[COUNT])
            if records
            else _column_digest(name, columns[name])
        )
    return digest.hexdigest()


def split_digest(digests: Iterable[str]) -> str:
    """sha256, in hexadecimal, over the digests of the blocks: growth keeps every full block."""
    return hashlib.sha256(b"".join(map(bytes.fromhex, digests))).hexdigest()


def manifest_entry(recipe: Recipe, digests: dict[str, list[str]]) -> dict[str, Any]:
    """What ``manifest.json`` says of one config.

    Args:
        recipe: the recipe, overrides included.
        digests: the digests of every split's blocks.
    """
    splits = {
        name: {
            "num_examples": split.size,
            "digest": split_digest(digests[name]),
            "blocks": digests[name],
        }
        for name, split in recipe.splits.items()
    }
    return {
        "recipe": json.loads(recipe.canonical),
        "fingerprint": recipe.fingerprint,
        "version": recipe.version,
        "generator_version": GENERATOR_VERSION,
        "block_rows": BLOCK,
        "made_with": {"python": platform.python_version(), **versions()},
        "splits": splits,
    }


def versions() -> dict[str, str]:
    """The versions of the libraries that had a hand in the rows."""
    return {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _column_digest(name: str, array: NDArray) -> bytes:
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    head = json.dumps([name, little.dtype.str, list(little.shape)], separators=(",", ":"))
    digest = hashlib.sha256(head.encode())
    digest.update(little.data)
    return digest.digest()


def _records_digest(name: str, array: NDArray, count: NDArray[np.int64]) -> bytes:
    """Over the lengths of the lists and each field of all their records; no padding."""
    used = array[present(count, array.shape[1])]
    digest = hashlib.sha256(_column_digest(f"{name}.length", count))
    for field in array.dtype.names or ():
        digest.update(_column_digest(f"{name}.{field}", used[field]))
    return digest.digest()
