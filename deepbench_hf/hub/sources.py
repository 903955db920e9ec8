"""Where published rows are read from, a repository at one commit or a folder, and the rows."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from huggingface_hub import HfFileSystem

from deepbench_hf.errors import HubError, first_line, refuse_missing_folder
from deepbench_hf.fields import Columns
from deepbench_hf.hub.client import CLIENT_ERROR, Hub
from deepbench_hf.hub.repository import Blob, Repository, read_manifest, read_repository
from deepbench_hf.recipe.columns import row_bytes, schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.tables.arrow import columns, features
from deepbench_hf.tables.manifest import MANIFEST, README, other_files

READ_AT_ONCE = 1 << 20
"""Bytes that are fetched together: a row group of most configs."""


@dataclass(frozen=True)
class Source:
    """Published files."""

    where: str  # the repository's or the folder's name
    sizes: dict[str, int]  # all files, in bytes
    path: Callable[[str], Path]  # gives a small file on this machine
    open: Callable[[str], Any]  # opens a file of rows, of which only what is read is fetched
    blob: Callable[[str], Blob]  # gives a file's size and hash
    revision: str | None = None  # the commit, in a repository
    # does a step again while what stops it may pass
    retry: Callable[[Callable[[], Any]], Any] = lambda step: step()

    @cached_property
    def card(self) -> str:
        """The text of the README; empty where there is none."""
        return self.text(README) if README in self.sizes else ""

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The content of ``manifest.json``. Raises HubError: it is there and is none."""
        return read_manifest(self.text(MANIFEST), self.where) if MANIFEST in self.sizes else {}

    @property
    def hashes(self) -> dict[str, Any]:
        """Size and sha256 of the files that hold no rows, as the manifest tells them."""
        return other_files(self.manifest)

    def text(self, name: str) -> str:
        """A file's text; what is not UTF-8 is replaced, and then equals nothing of ours."""
        return self.path(name).read_text(encoding="utf-8", errors="replace")


def find_source(
    place: str | Path, revision: str | None, token: str | None, timeout: float, quiet: bool
) -> Source:
    """A folder if there is one of this name, else a repository.

    Raises:
        HubError: there is neither, or the Hub cannot be asked.
    """
    if Path(place).is_dir() and revision is None:
        return folder_source(Path(place))
    refuse_missing_folder(place)
    place = str(place)
    hub = Hub(token, place, timeout, quiet)
    repository = hub.retry(lambda: read_repository(hub.api, place, revision))
    if repository.head is None:
        hint = "check the name, and whether the token may see it"
        raise HubError(f"{place}: there is no such folder, and no such dataset on the Hub; {hint}")
    if repository.missing_branch:
        raise HubError(f"{place}: has no revision {revision!r}; give a branch, a tag or a commit")
    return _repository_source(repository, hub)


def folder_source(root: Path) -> Source:
    """A folder, as `build -o` or a download leaves it."""
    files = [file for file in root.rglob("*") if file.is_file()]
    return Source(
        where=str(root),
        sizes={file.relative_to(root).as_posix(): file.stat().st_size for file in files},
        path=root.joinpath,
        open=lambda name: (root / name).open("rb"),
        blob=lambda name: Blob.of(root / name),
    )


def _repository_source(repository: Repository, hub: Hub) -> Source:
    api, place = repository.api, f"datasets/{repository.repo_id}@{repository.head}"
    files = HfFileSystem(endpoint=api.endpoint, token=api.token)
    return Source(
        where=repository.repo_id,
        sizes={name: blob.size for name, blob in repository.files.items()},
        path=repository.download,
        open=lambda name: files.open(f"{place}/{name}", "rb", block_size=READ_AT_ONCE),
        blob=repository.files.__getitem__,
        revision=repository.head,
        retry=hub.retry,
    )


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
