"""Arrays of any shape in Arrow tables, whoever wrote them."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


def array_columns(schema: pa.Schema) -> Iterator[str]:
    """The columns whose rows are series ``(T,)`` or maps ``(H, W)`` of numbers."""
    for field in schema:
        axes, kind = 0, _storage(field.type)
        while _is_list(kind):
            axes, kind = axes + 1, kind.value_type
        if axes in (1, 2) and (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            yield field.name


def stacked(name: str, column: pa.ChunkedArray) -> NDArray:
    """Lists of numbers, one in the other, as one array ``(n, ...)``.

    Args:
        name: of the column, for messages.
        column: the rows.

    Raises:
        ValueError: rows differ in their shapes, or values are missing.
    """
    array: Any = column.combine_chunks()
    array, shape = getattr(array, "storage", array), [len(column)]
    while _is_list(array.type):
        lengths = pc.unique(pc.list_value_length(array)).to_pylist()  # type: ignore[attr-defined]
        if len(lengths) != 1 or lengths[0] is None:
            raise ValueError(f"{name}: rows have lengths {lengths[:3]}; all must have one shape")
        array, shape = array.flatten(), [*shape, lengths[0]]
    if array.null_count or len(array) != math.prod(shape):
        raise ValueError(f"{name}: values are missing; every row needs all of its numbers")
    return np.asarray(array.to_numpy(zero_copy_only=False)).reshape(shape)


def _storage(kind: Any) -> Any:
    return getattr(kind, "storage_type", kind)


def _is_list(kind: Any) -> bool:
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(is_one(kind) for is_one in lists)
