"""Content digests: what proves that two copies of a dataset hold the same bits."""

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns, counted, present
from deepbench_hf.recipe.columns import digested, rows_within
from deepbench_hf.recipe.recipe import GENERATOR_VERSION, Recipe
from deepbench_hf.rows.generation import BLOCK, generate, split_of

PIECE_BYTES = 64 << 20
"""Bytes of the rows that are made at once; of large images, a part of a block."""

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
        raise ValueError(f"the split has {size} rows; got rows {start} to {stop}")
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
    most = rows_within(recipe, PIECE_BYTES, BLOCK)
    for first, last in split_blocks(recipe, split, start, stop):
        digest = BlockDigest(digested(recipe), last - first)
        for row in range(first, last, most):
            digest.update(generate(recipe, split, row, min(row + most, last)))
        yield digest.hexdigest()


def split_blocks(
    recipe: Recipe, split: str, start: int = 0, stop: int | None = None
) -> Iterator[tuple[int, int]]:
    """The blocks of a range of a split; errors as of `block_digests`."""
    try:
        return blocks(split_of(recipe, split).size, start, stop)
    except ValueError as error:
        raise ValueError(f"{recipe.name}, split {split}: {error}") from None


class BlockDigest:
    """sha256 over the digests of the named columns of a block of rows, which come in pieces."""

    def __init__(self, names: Iterable[str], rows: int) -> None:
        self.rows = rows
        self.parts: dict[str, Any] = dict.fromkeys(names)

    def update(self, columns: Columns) -> None:
        """Add the next rows."""
        for name, so_far in self.parts.items():
            array = columns[name]
            if array.dtype.names:  # their digest begins with the number of all: they are kept
                count = columns[counted(name)]
                used = array[present(count, array.shape[1])]
                self.parts[name] = [*(so_far or []), (count, used)]
                continue
            little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
            if so_far is None:
                so_far = self.parts[name] = _column_hash(name, little, self.rows)
            so_far.update(little.data)

    def hexdigest(self) -> str:
        """The digest of all rows that came, in hexadecimal."""
        found = [
            _records_digest(name, part) if isinstance(part, list) else part.digest()
            for name, part in self.parts.items()
        ]
        return hashlib.sha256(b"".join(found)).hexdigest()


class BlockDigests:
    """The digests of consecutive blocks from the edge of one; rows come in pieces of any size."""

    def __init__(self, names: Iterable[str], start: int, stop: int) -> None:
        self.names, self.row, self.stop = list(names), start, stop
        self.found: list[str] = []
        self.block = self._next()

    def update(self, columns: Columns) -> None:
        """Add the next rows."""
        first, count = self.row, len(columns[self.names[0]])
        while self.row < first + count:
            edge = min((self.row // BLOCK + 1) * BLOCK, self.stop)
            piece = slice(self.row - first, min(edge - first, count))
            self.block.update({name: column[piece] for name, column in columns.items()})
            self.row = first + piece.stop
            if self.row == edge:
                self.found.append(self.block.hexdigest())
                self.block = self._next()

    def _next(self) -> BlockDigest:
        return BlockDigest(self.names, min(BLOCK, self.stop - self.row))


def block_digest(columns: Columns, names: Iterable[str]) -> str:
    """The `BlockDigest` of a block that is there as a whole."""
    names = list(names)
    digest = BlockDigest(names, len(columns[names[0]]))
    digest.update(columns)
    return digest.hexdigest()


def split_digest(digests: Iterable[str]) -> str:
    """sha256, in hexadecimal, over the digests of the blocks: growth keeps every full block."""
    return hashlib.sha256(b"".join(map(bytes.fromhex, digests))).hexdigest()


def manifest_entry(recipe: Recipe, digests: dict[str, list[str]]) -> dict[str, Any]:
    """What ``manifest.json`` says of one config, given the digests of every split's blocks."""
    splits = {}
    for name, split in recipe.splits.items():
        own = {"digest": split_digest(digests[name]), "blocks": digests[name]}
        splits[name] = {"num_examples": split.size, **own}
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
    found: dict[str, str] = dict.fromkeys(LIBRARIES, "not installed")
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def _column_hash(name: str, little: NDArray, rows: int) -> Any:
    """The sha256 of a column of so many rows, before any of them."""
    head = [name, little.dtype.str, [rows, *little.shape[1:]]]
    return hashlib.sha256(json.dumps(head, separators=(",", ":")).encode())


def _column_digest(name: str, array: NDArray) -> bytes:
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    digest = _column_hash(name, little, len(little))
    digest.update(little.data)
    return digest.digest()


def _records_digest(name: str, pieces: list[tuple[NDArray[np.int64], NDArray]]) -> bytes:
    """Over the lengths of the lists and each field of all their records; no padding."""
    count, used = (np.concatenate(part) for part in zip(*pieces, strict=True))
    digest = hashlib.sha256(_column_digest(f"{name}.length", count))
    for field in used.dtype.names or ():
        digest.update(_column_digest(f"{name}.{field}", used[field]))
    return digest.digest()
