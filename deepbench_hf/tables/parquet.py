"""Splits as Parquet files, digested while they are written, several at once, with flat memory."""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from deepbench_hf.errors import BuildError
from deepbench_hf.files import HashingWriter
from deepbench_hf.recipe.columns import digested, row_bytes, rows_within
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.digest import PIECE_BYTES, BlockDigests
from deepbench_hf.rows.generation import BLOCK, generate
from deepbench_hf.tables.arrow import features, table

GROUP_ROWS = 4 * BLOCK
"""Rows of a row group at most: what a reader of one row has to fetch."""

FILE_BYTES = 128 << 20
"""Raw bytes of rows that go into one file, if a block of rows is not larger."""

MOST_FILES = 10_000
"""Files of one folder: more are slow to list, and the Hub asks for fewer."""


@dataclass(frozen=True)
class Part:
    """The rows of a split that one file holds."""

    split: str
    start: int
    stop: int
    file: str


@dataclass(frozen=True)
class Parts:
    """The files of all splits of a config, in order, computed where they are asked for."""

    recipe: Recipe  # the config
    rows: int  # of a file, but for the last one of each split

    @cached_property
    def counts(self) -> list[int]:
        """The number of files of each split."""
        return [-(-split.size // self.rows) for split in self.recipe.splits.values()]

    def __len__(self) -> int:
        return sum(self.counts)

    def __iter__(self) -> Iterator[Part]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, number: int) -> Part:
        number = range(len(self))[number]
        ends = list(accumulate(self.counts))
        place = bisect_right(ends, number)
        (name, split), count = list(self.recipe.splits.items())[place], self.counts[place]
        own = number - (ends[place] - count)
        start = own * self.rows
        file = f"{name}-{own:05d}-of-{count:05d}.parquet"
        return Part(name, start, min(start + self.rows, split.size), file)


@dataclass(frozen=True)
class Written:
    """What is known of a file once it is whole."""

    size: int  # bytes
    sha256: str  # of them, in hexadecimal
    blocks: list[str]  # the digests of its blocks of rows


def parts(recipe: Recipe, file_bytes: int = FILE_BYTES) -> Parts:
    """The files of a config; how many there are does not depend on the machine.

    Args:
        recipe: the config.
        file_bytes: about how many raw bytes of rows go into one file; twice as many as often as
            it takes for a folder of fewer than `MOST_FILES` files.
    """
    unit = max(BLOCK, group_rows(recipe))
    found = Parts(recipe, max(unit, file_bytes // row_bytes(recipe) // unit * unit))
    while len(found) >= MOST_FILES:
        found = Parts(recipe, 2 * found.rows)
    return found


def group_rows(recipe: Recipe) -> int:
    """Rows of a row group, which are made at once: some whole blocks, or a part of one."""
    return rows_within(recipe, PIECE_BYTES, GROUP_ROWS)


def write_part(recipe: Recipe, part: Part, file: Path, report: Callable[[int], Any]) -> Written:
    """Write one file; any number of files may be written at once.

    Args:
        recipe: what to make.
        part: which of its rows.
        file: where; not to be trusted before this returns, even if it can be read.
        report: called with the number of rows just written.
    """
    step = group_rows(recipe)
    digests = BlockDigests(digested(recipe), part.start, part.stop)
    with HashingWriter(file) as sink, _writer(sink, recipe) as writer:
        for start in range(part.start, part.stop, step):
            rows = generate(recipe, part.split, start, min(start + step, part.stop))
            digests.update(rows)
            writer.write_table(table(recipe, rows), row_group_size=step)
            report(len(rows["index"]))
    return Written(sink.size, sink.sha256.hexdigest(), digests.found)


def _writer(sink: HashingWriter, recipe: Recipe) -> pq.ParquetWriter:
    arrow_schema = features(recipe).arrow_schema
    floats = [name for name, type_ in _leaves(arrow_schema) if pa.types.is_floating(type_)]
    return pq.ParquetWriter(
        sink,
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


Item = TypeVar("Item")
Result = TypeVar("Result")
Report = Callable[[int], Any]


def concurrently(
    items: Iterable[Item],
    write: Callable[[Item, Report], Result],
    workers: int,
    report: Report = lambda rows: None,
) -> Iterator[tuple[Item, Result]]:
    """Every item with what became of it, in order; some are in work at once.

    The first error stops the rest: files end at their next row group, and Ctrl-C does not wait
    even for that.

    Args:
        items: any number; only a few are taken ahead.
        write: given an item and what to call with the number of rows just written.
        workers: threads.
        report: called with these numbers.
    """
    stop = Event()

    def counted(rows: int) -> None:
        if stop.is_set():
            raise BuildError("stopped")
        report(rows)

    pool = ThreadPoolExecutor(workers)
    running: deque[tuple[Item, Future[Result]]] = deque()
    try:
        for item in items:
            running.append((item, pool.submit(write, item, counted)))
            if len(running) >= 2 * workers:
                first, task = running.popleft()
                yield first, task.result()
        for last, task in running:
            yield last, task.result()
    except BaseException as error:
        stop.set()
        pool.shutdown(wait=isinstance(error, Exception), cancel_futures=True)
        raise
    pool.shutdown()
