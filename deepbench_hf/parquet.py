"""Splits as Parquet files, digested while they are written, with flat memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from deepbench_hf.arrow import features, table
from deepbench_hf.digest import block_digest, blocks
from deepbench_hf.generation import BLOCK, generate
from deepbench_hf.recipe import Recipe
from deepbench_hf.schema import row_bytes, schema

__all__ = ["write_split"]

GROUP_ROWS = 4 * BLOCK
"""Rows of a row group: what a reader of one row has to fetch."""

FILE_BYTES = 256 << 20
"""Raw bytes of rows that go into one file."""


def write_split(
    recipe: Recipe, split: str, folder: Path, workers: int, report: Callable[[int], Any]
) -> list[str]:
    """Write ``folder/<split>-00000-of-00001.parquet`` and its like.

    Returns:
        The digests of the split's blocks.
    """
    size = recipe.splits[split].size
    rows = max(GROUP_ROWS, FILE_BYTES // row_bytes(recipe) // GROUP_ROWS * GROUP_ROWS)
    starts = range(0, size, rows)
    digests: list[str] = []
    for number, start in enumerate(starts):
        file = folder / f"{split}-{number:05d}-of-{len(starts):05d}.parquet"
        groups = range(start, min(start + rows, size), GROUP_ROWS)
        with _writer(file, recipe) as writer:
            for group, found in _ahead(lambda row: _group(recipe, split, row), groups, workers):
                writer.write_table(group, row_group_size=GROUP_ROWS)
                digests += found
                report(len(group))
    return digests


def _group(recipe: Recipe, split: str, start: int) -> tuple[pa.Table, list[str]]:
    """One row group and the digests of its blocks."""
    stop = min(start + GROUP_ROWS, recipe.splits[split].size)
    rows = generate(recipe, split, start, stop)
    digests = [
        block_digest({name: column[first:last] for name, column in rows.items()}, schema(recipe))
        for first, last in blocks(stop - start)
    ]
    return table(recipe, rows), digests


def _ahead(make: Callable[[int], Any], items: range, workers: int) -> Iterator[Any]:
    """``make`` of each item, in order, a few of them ahead of use (the kernels release the GIL)."""
    if workers == 1:
        yield from map(make, items)
        return
    waiting = iter(items)
    with ThreadPoolExecutor(workers) as pool:
        queue = [pool.submit(make, item) for item in islice(waiting, workers + 1)]
        while queue:
            done = queue.pop(0).result()
            queue += [pool.submit(make, item) for item in islice(waiting, 1)]
            yield done


def _writer(file: Path, recipe: Recipe) -> pq.ParquetWriter:
    schema_ = features(recipe).arrow_schema
    floats = [leaf for leaf in _leaves(schema_) if pa.types.is_floating(leaf[1])]
    return pq.ParquetWriter(
        file,
        schema_,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        use_byte_stream_split=[name for name, _ in floats],  # type: ignore[arg-type]
        write_page_index=True,
        use_content_defined_chunking=True,
    )


def _leaves(schema_: pa.Schema) -> Iterator[tuple[str, pa.DataType]]:
    """The Parquet path and the type of every column of numbers."""
    for field in schema_:
        fixed = pa.types.is_fixed_size_list(field.type)
        yield (
            (f"{field.name}.list.element", field.type.value_type)
            if fixed
            else (
                field.name,
                field.type,
            )
        )
