"""Rows of a split from its Parquet files: only the row groups that are needed."""

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate

import pyarrow as pa
import pyarrow.parquet as pq

from deepbench_hf.errors import HubError, first_line
from deepbench_hf.fields import Columns
from deepbench_hf.hub.client import CLIENT_ERROR
from deepbench_hf.hub.sources import Source
from deepbench_hf.recipe.columns import row_bytes, schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.tables.arrow import columns, features

MOST_GROUP_ROWS = 1 << 16
FEATURES = b"huggingface"
"""Where `datasets` keeps the features in a file."""

PICTURE_BYTES = 1 << 20
"""More than the small picture of a row takes."""


def split_files(source: Source, config: str, split: str) -> list[str]:
    """The files of a split, in the order of their rows."""
    ours = (f"{config}/{split}-", ".parquet")
    return sorted(
        name for name in source.sizes if name.startswith(ours[0]) and name.endswith(ours[1])
    )


class PublishedRows:
    """The rows of one split as they are published; one file at a time is open.

    Raises:
        HubError: a file cannot be read, or has other columns than the recipe's.
    """

    def __init__(self, source: Source, recipe: Recipe, split: str) -> None:
        self.source, self.recipe = source, recipe
        names = split_files(source, recipe.name, split)
        if not names:
            raise HubError(f"{recipe.name}/{split}-*.parquet: there is no such file")
        self.groups = [(name, *told) for name in names for told in self._row_groups(name)]
        self.starts = list(accumulate((rows for _, _, rows, _ in self.groups), initial=0))
        self.last: tuple[int, pa.Table] | None = None

    @property
    def size(self) -> int:
        """How many rows there are."""
        return self.starts[-1]

    def read(self, start: int, stop: int) -> Columns:
        """Columns of rows ``start`` to ``stop``, as the recipe has them.

        Raises:
            HubError: they cannot be read as the recipe's columns.
        """
        tables = [self._rows(group, start, stop) for group in self._groups(start, stop)]
        try:
            table = pa.concat_tables(tables)
            known = schema(self.recipe)
            for name, column in zip(table.column_names, table.columns, strict=True):
                if column.null_count and not known[name].field.may_be_null:
                    raise ValueError("values are missing")
            return columns(self.recipe, table)
        except (ValueError, IndexError, TypeError, pa.ArrowException) as error:
            raise HubError(
                f"rows {start} to {stop} are not the recipe's: {first_line(error)}"
            ) from None

    def _groups(self, start: int, stop: int) -> Iterator[int]:
        first = bisect_right(self.starts, start) - 1
        return (g for g in range(first, len(self.groups)) if self.starts[g] < stop)

    def _rows(self, group: int, start: int, stop: int) -> pa.Table:
        """The rows of a row group between two numbers; the group that was read last is kept."""
        if self.last is None or self.last[0] != group:
            self.last = group, self._fetch(*self.groups[group])
        first = max(start - self.starts[group], 0)
        return self.last[1].slice(first, stop - max(start, self.starts[group]))

    def _fetch(self, name: str, group: int, rows: int, size: int) -> pa.Table:
        most = rows * 2 * (row_bytes(self.recipe) + PICTURE_BYTES)
        if rows > MOST_GROUP_ROWS or size > most:
            raise HubError(f"{name}: row group {group} is larger than rows of the recipe can be")
        wanted = [column for column in features(self.recipe) if column != "preview"]
        with self._open(name, f"row group {group} cannot be read") as file:
            return file.read_row_group(group, columns=wanted, use_threads=False)

    def _row_groups(self, name: str) -> list[tuple[int, int, int]]:
        """Number, rows and bytes of every row group of a file with the recipe's columns."""
        with self._open(name, "is no Parquet file") as file:
            found, wanted = file.schema_arrow, features(self.recipe).arrow_schema
            if not found.equals(wanted):
                raise HubError(f"{name}: {_other_columns(found, wanted)}")
            if (found.metadata or {}).get(FEATURES) != wanted.metadata[FEATURES]:
                raise HubError(f"{name}: its features are not those of the recipe")
            groups = [file.metadata.row_group(g) for g in range(file.metadata.num_row_groups)]
            return [(g, told.num_rows, told.total_byte_size) for g, told in enumerate(groups)]

    @contextmanager
    def _open(self, name: str, failing: str) -> Iterator[pq.ParquetFile]:
        with self.source.open(name) as stream:
            try:
                yield pq.ParquetFile(stream)
            except CLIENT_ERROR:
                raise  # of the network, not of the file
            except (OSError, pa.ArrowException) as error:
                raise HubError(f"{name}: {failing}: {first_line(error)}") from None


def _other_columns(found: pa.Schema, wanted: pa.Schema) -> str:
    """Half a sentence about the first column that is not as it should be."""
    if found.names != wanted.names:
        differ = sorted(set(found.names) ^ set(wanted.names)) or wanted.names
        return f"has not the columns of the recipe, in their order; see {', '.join(differ[:5])}"
    name = next(n for n in wanted.names if not found.field(n).equals(wanted.field(n)))
    return f"column {name} is {found.field(name).type}, not {wanted.field(name).type}"
