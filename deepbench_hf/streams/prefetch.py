"""Work that is done ahead of its use, by a few threads, in order and within bounds."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(make: Callable[[T], R], tasks: Iterable[T], threads: int) -> Iterator[R]:
    """What ``make`` gives for each task, as `map` does, made by threads before it is asked for.

    At most ``threads + 1`` results are made and not yet taken. Whoever stops early, by an error,
    by ``break`` or by the end of the program, waits for nothing: tasks that are not begun are
    dropped, and the threads end with those that are.

    Args:
        make: must not hold Python's lock for long if threads are to help.
        tasks: read as far as needed.
        threads: how many; 0 makes each result when it is asked for.

    Raises:
        Exception: what ``make`` raised, in its turn.
    """
    tasks = iter(tasks)
    if not threads:
        yield from map(make, tasks)
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="deepbench_hf.stream")
    begun: deque[Future[R]] = deque()
    try:
        begun.extend(pool.submit(make, task) for task in islice(tasks, threads + 1))
        while begun:
            made = begun.popleft().result()
            begun.extend(pool.submit(make, task) for task in islice(tasks, 1))
            yield made
            del made  # the taker may be done with it before the next one is there
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
