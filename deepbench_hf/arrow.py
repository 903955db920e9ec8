"""NumPy columns to Arrow, and the `datasets` features that describe them."""

from __future__ import annotations

from collections.abc import Iterator

import datasets
import pyarrow as pa
from numpy.typing import NDArray

from deepbench_hf.generation import BLOCK, generate
from deepbench_hf.recipe import Recipe
from deepbench_hf.schema import row_bytes, schema
from deepbench_hf.simulators.base import Columns, Field
from deepbench_hf.thumbnails import thumbnails

__all__ = ["columns", "features", "table", "tables"]

TABLE_BYTES = 4 << 20
"""A table is kept small enough for a processor's cache."""

MADE_AT_ONCE = 4
"""Tables whose rows are made by one call: what a call costs is then small beside its rows."""


def features(recipe: Recipe) -> datasets.Features:
    """One feature for each column of the recipe's rows, in their order."""
    numbers = {name: _feature(column.field) for name, column in schema(recipe).items()}
    pictures = {"preview": datasets.Image()} if recipe.preview else {}
    return datasets.Features({**numbers, **pictures})


def table(recipe: Recipe, rows: Columns) -> pa.Table:
    """The rows as Arrow, without copying them: series as lists of fixed length."""
    arrays = {name: _array(column) for name, column in rows.items()}
    if recipe.preview:
        png = [{"bytes": data, "path": None} for data in thumbnails(recipe, rows)]
        arrays["preview"] = pa.array(png, datasets.Image().pa_type)
    return pa.table(arrays)


def tables(recipe: Recipe, split: str, start: int, stop: int) -> Iterator[pa.Table]:
    """Rows ``start`` to ``stop`` of a split, in tables of at most one block."""
    rows = _table_rows(recipe)
    step = MADE_AT_ONCE * rows
    for row in range(start, stop, step):
        made = table(recipe, generate(recipe, split, row, min(row + step, stop)))
        yield from (made.slice(first, rows) for first in range(0, len(made), rows))


def _table_rows(recipe: Recipe) -> int:
    """As many rows as fit in a table: a power of two, at most one block."""
    rows = BLOCK
    while rows > 1 and rows * row_bytes(recipe) > TABLE_BYTES:
        rows //= 2
    return rows


def _feature(field: Field) -> datasets.Value | datasets.List:
    feature = datasets.Value(field.dtype)
    return datasets.List(feature, length=field.shape[0]) if field.shape else feature


def _array(column: NDArray) -> pa.Array:
    flat = pa.array(column.reshape(-1))
    return flat if column.ndim == 1 else pa.FixedSizeListArray.from_arrays(flat, column.shape[1])


def columns(recipe: Recipe, rows: pa.Table) -> Columns:
    """The NumPy columns of a table, pictures left out: the inverse of `table`.

    Args:
        recipe: what the table was made from.
        rows: rows of it, from any source that keeps its columns.
    """
    return {name: _column(rows[name], column.field) for name, column in schema(recipe).items()}


def _column(column: pa.ChunkedArray, field: Field) -> NDArray:
    array = column.combine_chunks()
    flat = array.flatten() if field.shape else array
    values = flat.to_numpy(zero_copy_only=False).astype(field.dtype, copy=False)
    return values.reshape(len(column), *field.shape)
