"""Splits as Parquet files, digested while they are written, with flat memory."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from deepbench_hf.recipe.columns import digested, row_bytes, rows_within
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.digest import PIECE_BYTES, BlockDigests
from deepbench_hf.rows.generation import BLOCK, generate
from deepbench_hf.tables.arrow import features, table

GROUP_ROWS = 4 * BLOCK
"""Rows of a row group at most: what a reader of one row has to fetch."""

FILE_BYTES = 128 << 20
"""Raw bytes of rows that go into one file, if a block of rows is not larger."""


@dataclass(frozen=True)
class Part:
    """The rows of a split that one file holds."""

    split: str
    start: int
    stop: int
    file: str


def parts(recipe: Recipe, file_bytes: int = FILE_BYTES) -> list[Part]:
    """The files of all splits, in order; how many there are does not depend on the machine."""
    unit = max(BLOCK, group_rows(recipe))
    rows = max(unit, file_bytes // row_bytes(recipe) // unit * unit)
    found = []
    for name, split in recipe.splits.items():
        starts = range(0, split.size, rows)
        for number, start in enumerate(starts):
            file = f"{name}-{number:05d}-of-{len(starts):05d}.parquet"
            found.append(Part(name, start, min(start + rows, split.size), file))
    return found


def group_rows(recipe: Recipe) -> int:
    """Rows of a row group, which are made at once: some whole blocks, or a part of one."""
    return rows_within(recipe, PIECE_BYTES, GROUP_ROWS)


def write_part(recipe: Recipe, part: Part, folder: Path, report: Callable[[int], Any]) -> list[str]:
    """Write one file into ``folder``, maybe beside others, and give the digests of its blocks.

    ``report`` is called with the number of rows just written.
    """
    step = group_rows(recipe)
    digests = BlockDigests(digested(recipe), part.start, part.stop)
    with _writer(folder / part.file, recipe) as writer:
        for start in range(part.start, part.stop, step):
            rows = generate(recipe, part.split, start, min(start + step, part.stop))
            digests.update(rows)
            writer.write_table(table(recipe, rows), row_group_size=step)
            report(len(rows["index"]))
    return digests.found


def _writer(file: Path, recipe: Recipe) -> pq.ParquetWriter:
    arrow_schema = features(recipe).arrow_schema
    floats = [name for name, type_ in _leaves(arrow_schema) if pa.types.is_floating(type_)]
    return pq.ParquetWriter(
        file,
        arrow_schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=False,
        use_byte_stream_split=floats,  # type: ignore[arg-type]
        write_page_index=True,
        use_content_defined_chunking=True,
    )


def _leaves(arrow_schema: pa.Schema) -> Iterator[tuple[str, pa.DataType]]:
    """The Parquet path and the type of every column of numbers."""
    for field in arrow_schema:
        yield from _below(field.name, field.type)


def _below(path: str, kind: pa.DataType) -> Iterator[tuple[str, pa.DataType]]:
    if isinstance(kind, pa.BaseExtensionType):
        yield from _below(path, kind.storage_type)
    elif pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        yield from _below(f"{path}.list.element", kind.value_type)
    elif pa.types.is_struct(kind):
        for part in kind:
            yield from _below(f"{path}.{part.name}", part.type)
    else:
        yield path, kind
