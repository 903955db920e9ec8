"""The shards of a plan on a cluster of Dask."""

import ctypes
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from typing import Any, cast

import distributed

from deepbench_hf.errors import BuildError, first_line
from deepbench_hf.tables.parquet import Report
from deepbench_hf.tables.plan import Plan
from deepbench_hf.tables.target import Target
from deepbench_hf.tables.work import plan_at, write_shard

WINDOW = 1000
"""Tasks that the scheduler knows of at once, unless the cluster has more cores than a half of it:
its memory does not depend on how many there are in all."""

MOST_TASKS = 10_000
"""Of a build; larger ones have several shards in a task, as the scheduler keeps half a kilobyte for
each of the last 100 000 names of tasks (the cache of Dask's `key_split`)."""

MOST_DEATHS = 5
"""How often a shard is given to the cluster again; Dask itself tries each a few times."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""The names of `mallopt` in glibc's malloc.h."""


class KeepMemory(distributed.WorkerPlugin):
    """Lets workers keep the memory that they free.

    Dask starts them with MALLOC_TRIM_THRESHOLD_=65536: every array is then given back and its
    pages are cleared anew for the next one, which takes half of the time where rows are cheap.
    """

    name = "deepbench-hf-keep-memory"

    def setup(self, worker: Any) -> None:
        """Undo it."""
        if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
            libc.mallopt(M_MMAP_THRESHOLD, 32 << 20)  # the largest that glibc takes
            libc.mallopt(M_TRIM_THRESHOLD, 512 << 20)


@contextmanager
def connected(scheduler: str, workers: int = 1) -> Iterator[distributed.Client]:
    """A client of the scheduler at an address, or of a cluster on this machine.

    Args:
        scheduler: an address such as ``tcp://10.0.0.1:8786``, or ``local``.
        workers: processes of a local cluster, of one thread each.

    Raises:
        BuildError: nobody answers there.
    """
    if scheduler == "local":
        how: dict[str, Any] = {"threads_per_worker": 1, "silence_logs": logging.CRITICAL}
        cluster = distributed.LocalCluster(
            n_workers=workers, dashboard_address="127.0.0.1:0", **how
        )
        with cluster, distributed.Client(cluster) as client:
            cluster.adapt(minimum=workers, maximum=workers)  # a nanny that dies is replaced, too
            yield client
        return
    try:
        client = distributed.Client(scheduler, timeout=30)
    except (OSError, ValueError, TimeoutError) as error:
        hint = "give the address that `dask scheduler` prints, or local"
        raise BuildError(
            f"{scheduler}: no scheduler answers ({first_line(error)}); {hint}"
        ) from None
    with client:
        yield client


def work_on(
    client: distributed.Client,
    target: Target,
    plan: Plan,
    numbers: Sequence[int],
    report: Report = lambda rows: None,
) -> None:
    """Let the workers of a cluster write shards.

    A worker that dies costs only its shard, which another one writes.

    Args:
        client: of the cluster.
        target: where the plan lies; the workers must see it under the same address.
        plan: the plan.
        numbers: of the shards.
        report: called with the number of rows of a shard that is there.

    Raises:
        BuildError: a shard cannot be written, or the scheduler is gone.
    """
    client.register_plugin(KeepMemory())
    for number in each(client, _write, numbers, target.url, plan.id):
        report(plan[number].rows)


def each(
    client: distributed.Client, write: Callable[..., Any], numbers: Sequence[int], *arguments: Any
) -> Iterator[int]:
    """Call ``write(number, *arguments)`` on a cluster, for many numbers; those that are done.

    Raises:
        BuildError: what a call raised, or the scheduler is gone.
    """
    deaths: Counter[int] = Counter()
    size = -(-len(numbers) // MOST_TASKS) or 1
    waiting = iter(range(0, len(numbers), size))

    def submit(start: int) -> distributed.Future:
        some = numbers[start : start + size]
        return client.submit(_call, write, some, *arguments, pure=False, priority=-start)

    try:
        window = max(WINDOW, 2 * sum(dict(cast(Any, client.ncores())).values()))
        running = {submit(start): start for start in islice(waiting, window)}
        ended = distributed.as_completed(running)
        for future in ended:
            start = following = running.pop(future)
            if _died(future) and deaths[start] < MOST_DEATHS:
                deaths[start] += 1
            else:
                _refuse_failed(future)
                yield from numbers[start : start + size]
                following = next(waiting, None)
            if following is not None:
                running[another := submit(following)] = following
                ended.add(another)
    except distributed.KilledWorker as error:
        what = f"workers died on one shard again and again: {first_line(error)}"
        raise BuildError(f"{what}; see their logs, memory is the usual reason") from None
    except (distributed.CancelledError, OSError) as error:
        why = f"the scheduler is gone, or the work was cancelled ({first_line(error)})"
        raise BuildError(f"{why}; run it again, what is written stays") from None


def _call(write: Callable[..., Any], numbers: Sequence[int], *arguments: Any) -> None:
    for number in numbers:
        write(number, *arguments)


def _refuse_failed(future: distributed.Future) -> None:
    """Raise what a call raised. What it gave is not asked for: its worker may be dead by now."""
    if future.status != "finished":
        future.result()


def _died(future: distributed.Future) -> bool:
    return future.status == "error" and isinstance(future.exception(), distributed.KilledWorker)


def _write(number: int, url: str, plan_id: str) -> None:
    target, plan = _laid(url, plan_id)
    write_shard(plan, number, target)


@lru_cache(maxsize=4)
def _laid(url: str, plan_id: str) -> tuple[Target, Plan]:
    """The plan as it lies there; read once in a process."""
    target = Target(url)
    plan = plan_at(target)
    if plan.id != plan_id:
        other = "holds another plan here than where the build was started"
        raise BuildError(f"{target.shown}: {other}")
    plan.refuse_other_writers()
    return target, plan
