"""NumPy columns to Arrow, and the `datasets` features that describe them."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from deepbench_hf.fields import Columns, Field, absences, counted, present
from deepbench_hf.recipe.columns import row_bytes, rows_within, schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import BLOCK, generate
from deepbench_hf.tables.thumbnails import thumbnails

TABLE_BYTES = 4 << 20
"""A table is kept small enough for a processor's cache."""

LEAST_AT_ONCE, MOST_AT_ONCE, BYTES_AT_ONCE = 4, 16, 8 << 20
"""Tables whose rows are made by one call: what a call costs is then small beside its rows.

As many as have so many bytes, but not fewer and not more than this; one of more than a block.
"""


def features(recipe: Recipe) -> datasets.Features:
    """One feature for each column of the recipe's rows, in their order."""
    numbers = {name: _feature(column.field) for name, column in schema(recipe).items()}
    pictures = {"preview": datasets.Image()} if recipe.preview else {}
    return datasets.Features({**numbers, **pictures})


def table(recipe: Recipe, rows: Columns) -> pa.Table:
    """The rows as Arrow, hardly copying: fixed lists, images, and lists of records.

    What an example or an object does not have is null.
    """
    fields = {name: column.field for name, column in schema(recipe).items()}
    arrays = {
        name: _records(values, rows[counted(name)], fields[name].fields)
        if values.dtype.names
        else _numbers(name, fields, rows)
        if fields[name].may_be_null
        else _array(values, fields[name])
        for name, values in rows.items()
    }
    if recipe.preview:
        png = [{"bytes": data, "path": None} for data in thumbnails(recipe, rows)]
        arrays["preview"] = pa.array(png, datasets.Image().pa_type)
    return pa.table(arrays)


def tables(
    recipe: Recipe, split: str, start: int, stop: int, most: int = BLOCK
) -> Iterator[pa.Table]:
    """Rows ``start`` to ``stop`` of a split, in small tables of at most ``most`` rows."""
    rows = rows_within(recipe, TABLE_BYTES, most)
    fitting = BYTES_AT_ONCE // (rows * row_bytes(recipe))
    step = rows * (min(max(fitting, LEAST_AT_ONCE), MOST_AT_ONCE) if rows <= BLOCK else 1)
    for row in range(start, stop, step):
        made = table(recipe, generate(recipe, split, row, min(row + step, stop)))
        yield from (made.slice(first, rows) for first in range(0, len(made), rows))


def _feature(field: Field) -> Any:
    if field.fields:
        return datasets.List({name: _feature(part) for name, part in field.fields.items()})
    if len(field.shape) > 1:
        array = datasets.Array2D if len(field.shape) == 2 else datasets.Array3D
        return array(shape=field.shape, dtype=field.dtype)
    value = datasets.ClassLabel(names=list(field.names)) if field.names else None
    feature = value or datasets.Value(field.type_name)
    return datasets.List(feature, length=field.shape[0]) if field.shape else feature


def _numbers(name: str, fields: Mapping[str, Field], columns: Columns) -> pa.Array:
    """Numbers ``(n,)``, null where there is none."""
    values, missing = np.ascontiguousarray(columns[name]), absences(name, fields, columns)
    return pa.array(values, mask=missing) if missing.any() else pa.array(values)


def _array(values: NDArray, field: Field) -> pa.Array:
    array = pa.array(values.reshape(-1))
    if values.ndim == 2:
        return pa.FixedSizeListArray.from_arrays(array, values.shape[1])
    for size in reversed(values.shape[1:]):
        offsets = np.arange(0, len(array) + 1, size, dtype=np.int32)
        array = pa.ListArray.from_arrays(offsets, array)
    if values.ndim > 2:
        return pa.ExtensionArray.from_storage(_feature(field)(), array)
    return array


def _records(values: NDArray, count: NDArray[np.int64], fields: Mapping[str, Field]) -> pa.Array:
    """Records ``(n, most)`` as lists of the first ``count`` of each row."""
    offsets = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    used = values[present(count, values.shape[1])]
    names = values.dtype.names or ()
    parts = [_numbers(name, fields, {part: used[part] for part in names}) for name in names]
    return pa.ListArray.from_arrays(offsets, pa.StructArray.from_arrays(parts, list(names)))


def columns(recipe: Recipe, rows: pa.Table) -> Columns:
    """The NumPy columns of a table, pictures left out: the inverse of `table`."""
    return {name: column(rows[name], known.field) for name, known in schema(recipe).items()}


def column(values: pa.ChunkedArray, field: Field) -> NDArray:
    """The NumPy array ``(n, *shape)`` of one column; it may be read-only, as Arrow's memory is.

    For null it has the field's ``absent``.
    """
    array = whole(values)
    if field.fields:
        return _padded(array, field)
    for _ in field.shape:
        array = array.flatten()
    return _filled(array, field).reshape(len(values), *field.shape)


def whole(values: pa.ChunkedArray) -> Any:
    """A column as one array of its storage: in the same memory, unless it is in pieces.

    `combine_chunks` copies a single piece as well, and of a mapped file reads all of it for that.
    """
    array: Any = values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()
    return getattr(array, "storage", array)


def _filled(array: pa.Array, field: Field) -> NDArray:
    """Numbers ``(n,)``, what stands for nothing where there is null."""
    if array.null_count:
        array = pc.fill_null(array, pa.scalar(field.absent).cast(array.type))  # type: ignore[attr-defined]
    return array.to_numpy(zero_copy_only=False).astype(field.dtype, copy=False)


def _padded(lists: pa.ListArray, field: Field) -> NDArray:
    """The records of lists, zero beyond the end of each."""
    values = np.zeros((len(lists), *field.shape), field.array_dtype)
    used = np.arange(field.shape[0]) < lists.value_lengths().to_numpy()[:, None]
    flat = lists.flatten()
    for name, part in field.fields.items():
        values[name][used] = _filled(flat.field(name), part)
    return values


def field_of(values: pa.ChunkedArray, most_objects: int | None = None) -> Field | None:
    """The field that has a column like this, whoever wrote it; None for pictures.

    For null it has NaN, or -1 among whole numbers.

    Args:
        values: numbers, lists of numbers one in the other, or lists of records.
        most_objects: room for records; None for as many as the fullest row has.

    Raises:
        ValueError: rows differ in their shapes, or one has more records.
    """
    kind: Any = values.type
    if pa.types.is_struct(kind):
        return None
    if isinstance(kind, pa.ExtensionType) and None not in kind.shape:
        return Field("1", "", kind.shape, kind.value_type)
    array, shape = whole(values), []
    if _is_list(array.type) and pa.types.is_struct(array.type.value_type):
        parts = {part.name: _plain((), part.type) for part in array.type.value_type}
        return Field("1", "", (_room(array, most_objects),), fields=parts)
    while _is_list(array.type):
        if pa.types.is_fixed_size_list(array.type):
            lengths = [array.type.list_size]
        else:
            lengths = pc.unique(pc.list_value_length(array)).to_pylist()  # type: ignore[attr-defined]
        if len(lengths) != 1 or lengths[0] is None:
            raise ValueError(f"rows have lengths {lengths[:3]}; all must have one shape")
        array, shape = array.flatten(), [*shape, lengths[0]]
    if pa.types.is_string(array.type):
        return Field("1", "", tuple(shape), f"U{_longest(pc.utf8_length(array)) or 1}")  # type: ignore[attr-defined]
    return _plain(tuple(shape), array.type)


def array_columns(schema: pa.Schema) -> Iterator[str]:
    """The columns whose rows are series ``(T,)`` or maps ``(H, W)`` of numbers."""
    for field in schema:
        axes, kind = 0, getattr(field.type, "storage_type", field.type)
        while _is_list(kind):
            axes, kind = axes + 1, kind.value_type
        if axes in (1, 2) and (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            yield field.name


def stacked(name: str, values: pa.ChunkedArray) -> NDArray:
    """Lists of numbers, one in the other, as one array ``(n, ...)``.

    Raises:
        ValueError: rows differ in their shapes, or values are missing.
    """
    try:
        field = field_of(values)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    assert field is not None  # `array_columns` names no others
    flat = whole(values)
    while _is_list(flat.type):
        flat = flat.flatten()
    if flat.null_count or len(flat) != len(values) * math.prod(field.shape):
        raise ValueError(f"{name}: values are missing; every row needs all of its numbers")
    return column(values, field)


def _is_list(kind: Any) -> bool:
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(is_one(kind) for is_one in lists)


def _plain(shape: tuple[int, ...], kind: Any) -> Field:
    dtype = np.dtype(kind.to_pandas_dtype())
    return Field("1", "", shape, dtype.name, absent=np.nan if dtype.kind == "f" else -1)


def _room(objects: Any, most: int | None) -> int:
    """The records that each row has room for."""
    fullest = _longest(pc.list_value_length(objects))  # type: ignore[attr-defined]
    if most is not None and fullest > most:
        raise ValueError(f"a row has {fullest} objects; most_objects is {most}")
    return fullest if most is None else most


def _longest(lengths: Any) -> int:
    """The largest of some lengths; 0 of none."""
    return pc.max(lengths).as_py() or 0  # type: ignore[attr-defined]
