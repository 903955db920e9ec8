"""Rows of a split from its Parquet files: only the row groups that are needed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import accumulate

import pyarrow as pa
import pyarrow.parquet as pq

from deepbench_hf.arrow import columns, features
from deepbench_hf.errors import HubError
from deepbench_hf.hub.failures import CLIENT_ERROR
from deepbench_hf.hub.sources import Source
from deepbench_hf.recipe import Recipe
from deepbench_hf.schema import row_bytes
from deepbench_hf.simulators.base import Columns

__all__ = ["PublishedRows", "split_files"]

MOST_GROUP_ROWS = 1 << 16
PICTURE_BYTES = 1 << 20
"""More than the small picture of a row takes."""


def split_files(source: Source, config: str, split: str) -> list[str]:
    """The files of a split, in the order of their rows."""
    ours = (f"{config}/{split}-", ".parquet")
    return sorted(
        name for name in source.sizes if name.startswith(ours[0]) and name.endswith(ours[1])
    )


class PublishedRows:
    """The rows of one split as they are published; a context that closes their files.

    Args:
        source: where they are.
        recipe: what they should be.
        split: which split.

    Raises:
        HubError: a file cannot be read, or has other columns than the recipe's.
    """

    def __init__(self, source: Source, recipe: Recipe, split: str) -> None:
        self.source, self.recipe = source, recipe
        self.names = split_files(source, recipe.name, split)
        if not self.names:
            raise HubError(f"{recipe.name}/{split}-*.parquet: there is no such file")
        self.opened = ExitStack()
        try:
            self.files = [self._open(name) for name in self.names]
        except BaseException:
            self.opened.close()
            raise
        self.groups = [
            (file, group)
            for file, opened in enumerate(self.files)
            for group in range(opened.metadata.num_row_groups)
        ]
        sizes = [self.files[f].metadata.row_group(g).num_rows for f, g in self.groups]
        self.starts = list(accumulate(sizes, initial=0))
        self.last: tuple[int, pa.Table] | None = None

    def __enter__(self) -> PublishedRows:
        return self

    def __exit__(self, *error: object) -> None:
        self.opened.close()

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
            if any(column.null_count for column in table.columns):
                raise ValueError("values are missing")
            return columns(self.recipe, table)
        except (ValueError, IndexError, TypeError, pa.ArrowException) as error:
            raise HubError(
                f"rows {start} to {stop} are not the recipe's: {_first_line(error)}"
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

    def _fetch(self, file: int, group: int) -> pa.Table:
        told, name = self.files[file].metadata.row_group(group), self.names[file]
        most = told.num_rows * 2 * (row_bytes(self.recipe) + PICTURE_BYTES)
        if told.num_rows > MOST_GROUP_ROWS or told.total_byte_size > most:
            raise HubError(f"{name}: row group {group} is larger than rows of the recipe can be")
        wanted = [column for column in features(self.recipe) if column != "preview"]
        try:
            return self.files[file].read_row_group(group, columns=wanted, use_threads=False)
        except CLIENT_ERROR:
            raise  # of the network, not of the file
        except (OSError, pa.ArrowException) as error:
            raise HubError(
                f"{name}: row group {group} cannot be read: {_first_line(error)}"
            ) from None

    def _open(self, name: str) -> pq.ParquetFile:
        wanted = features(self.recipe).arrow_schema
        try:
            file = pq.ParquetFile(self.opened.enter_context(self.source.open(name)))
        except CLIENT_ERROR:
            raise  # of the network, not of the file
        except (OSError, pa.ArrowException) as error:
            raise HubError(f"{name}: is no Parquet file: {_first_line(error)}") from None
        if not file.schema_arrow.equals(wanted):
            raise HubError(f"{name}: {_other_columns(file.schema_arrow, wanted)}")
        if (file.schema_arrow.metadata or {}).get(b"huggingface") != wanted.metadata[
            b"huggingface"
        ]:
            raise HubError(f"{name}: its features are not those of the recipe")
        return file


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _other_columns(found: pa.Schema, wanted: pa.Schema) -> str:
    """Half a sentence about the first column that is not as it should be."""
    if found.names != wanted.names:
        differ = sorted(set(found.names) ^ set(wanted.names)) or wanted.names
        return f"has not the columns of the recipe, in their order; see {', '.join(differ[:5])}"
    name = next(n for n in wanted.names if not found.field(n).equals(wanted.field(n)))
    return f"column {name} is {found.field(name).type}, not {wanted.field(name).type}"
