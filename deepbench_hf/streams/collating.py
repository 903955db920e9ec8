"""`collate`: rows of Arrow, as `datasets` streams them, to the batches that `stream` gives."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.tables.arrow import column, field_of, whole


def collate(
    rows: pa.Table | Sequence[pa.Table],
    *,
    torch: bool = False,
    most_objects: int | None = None,
    recipe: Recipe | None = None,
) -> dict[str, Any]:
    """A batch as arrays or tensors, from rows that ``with_format("arrow")`` gives.

    Images are ``(B, H, W)``, series ``(B, T)``, objects and edges records ``(B, most_objects)``,
    zero beyond the last one, text strings ``(B,)``, as `stream` has them; the pictures of
    ``preview`` are left out. What an example does not have, null in Arrow, is NaN, or -1 among
    whole numbers.

    Args:
        rows: one table, or several whose rows make the batch.
        torch: give tensors, as `Stream.torch` does.
        most_objects: room for objects or edges; None for as many as the fullest row has.
        recipe: what the rows were made from; then null is what `stream` has there, a number that
            the model takes.

    Returns:
        The batch by column, in memory that may be written to.

    Raises:
        TypeError: the rows are not Arrow.
        ValueError: there are none, or a row has more objects.

    >>> from deepbench_hf import collate, load_dataset
    >>> rows = load_dataset("deepbench", "pendulum", split="train", streaming=True)
    >>> batch = collate(next(rows.with_format("arrow").iter(64)))
    >>> batch["x_m"].shape
    (64, 100)
    """
    columns = _columns(rows)
    fields = {name: field_of(values, most_objects) for name, values in columns.items()}
    if recipe is not None:
        known = {name: column.field for name, column in schema(recipe).items()}
        fields = {name: known.get(name) if field else None for name, field in fields.items()}
    batch = {
        name: np.require(column(columns[name], field), requirements="W")
        for name, field in fields.items()
        if field is not None
    }
    if not torch:
        return batch
    from deepbench_hf.streams.tensors import tensors

    return tensors(batch)


def _columns(rows: pa.Table | Sequence[pa.Table]) -> dict[str, pa.ChunkedArray]:
    """The columns of all tables together; of a batch that ``batch(n)`` made, those of its rows."""
    tables = [rows] if isinstance(rows, pa.Table) else list(rows)
    for table in tables:
        if not isinstance(table, pa.Table):
            got = type(table).__name__
            raise TypeError(f"rows: got {got}, accepted: Arrow tables, of with_format('arrow')")
    if not tables:
        raise ValueError("rows: there are none")
    try:
        table = pa.concat_tables(tables)
    except pa.ArrowInvalid:
        raise ValueError("rows: the tables differ in their columns or types") from None
    columns = dict(zip(table.column_names, table.columns, strict=True))
    if any(_is_batched(values.type) for values in columns.values()):
        return {name: pa.chunked_array([whole(v).flatten()]) for name, v in columns.items()}
    return columns


def _is_batched(kind: pa.DataType) -> bool:
    """Whether this is a list of rows: a row itself has no lists of any length but its objects."""
    return pa.types.is_list(kind) and not pa.types.is_struct(kind.value_type)
