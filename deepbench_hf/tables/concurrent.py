"""Files that are written by threads: kernels, Arrow and zstd release the GIL."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any, TypeVar

from deepbench_hf.errors import BuildError

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
