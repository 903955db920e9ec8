"""The batches of a split, from a position on that moves as they are taken."""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from html import escape
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from deepbench_hf.fields import Columns
from deepbench_hf.markup import folded
from deepbench_hf.recipe.columns import row_bytes, schema
from deepbench_hf.streams.order import MOST_WORKERS, Order, Position
from deepbench_hf.streams.sources import Source

if TYPE_CHECKING:
    from deepbench_hf.streams.tensors import TorchBatches, TorchRows

T = TypeVar("T")
R = TypeVar("R")

MOST_AT_ONCE, BYTES_AT_ONCE = 1024, 9 << 20
"""Rows, and their bytes, that one call makes: what a call costs is then small beside them, and
they stay in the caches: eight batches of 64 images of 64 x 64 pixels."""


class Stream:
    """Batches of a split, dicts of NumPy arrays, from a position on that moves as they are taken.

    Iterating goes on from the position to the end of the epoch; the position is then the beginning
    of the next one, whose order is another. So ``for batch in stream`` in a loop over epochs sees
    every epoch, and one that was left in the middle goes on there. ``len`` is the batches of an
    epoch.

    Made by `stream`.

    Args:
        source: gives the rows.
        order: says which rows a batch has.
        position: of the next batch.
        threads: how many make the next batches meanwhile.
    """

    def __init__(self, source: Source, order: Order, position: Position, threads: int) -> None:
        self.source, self.order, self.position, self.threads = source, order, position, threads

    def __repr__(self) -> str:
        name = f"{self.source.recipe.name}/{self.order.split}"
        size = "" if self.position.endless else f"{self.order.batches} "
        place = f"epoch {self.position.epoch}, batch {self.position.batch}"
        return f"<stream of {name}: {size}batches of {self.order.batch_size}; at {place}>"

    def _repr_html_(self) -> str:
        """What notebooks show: the place, and the arrays of a batch with their units."""
        rows, known = self.source.rows(np.arange(1)), schema(self.source.recipe)
        part = self.order.batch_size // self.order.world_size
        columns = [
            (name, known[name].field.unit, known[name].role, v.dtype, (part, *v.shape[1:]))
            for name, v in rows.items()
        ]
        heads = ("column", "unit", "role", "type", "shape of a batch")
        return f"<p>{escape(repr(self)[1:-1])}</p>" + folded("columns", heads, columns)

    def __len__(self) -> int:
        if self.position.endless:
            raise TypeError("an endless stream has no length")
        return self.order.batches

    def __iter__(self) -> Iterator[Columns]:
        return self._run(*self.position.begin())

    def worker(self, number: int, workers: int) -> Iterator[Columns]:
        """The batches of one worker of a DataLoader, which takes them from each in turn."""
        return self._run(*self.position.begin_worker((number, workers)))

    def state_dict(self, batches: int | None = None) -> dict[str, Any]:
        """The position, and what makes a stream the same one: a small dict that JSON can hold.

        Args:
            batches: how many batches the present pass has given, for passes that the workers of a
                DataLoader make: these work ahead, and only the loop knows what it took.

        Raises:
            TypeError: ``batches`` is no whole number.
            ValueError: workers made batches, and ``batches`` is missing; it is below 0, or more
                than a pass has.
        """
        taken = None if batches is None else operator.index(batches)
        if taken is not None and taken < 0:
            raise ValueError(f"batches: got {taken}, accepted: 0 and more")
        epoch, batch = self.position.after(taken)
        worker = {"worker": list(self.position.worker)} if self.position.worker else {}
        return {"epoch": epoch, "batch": batch, **worker, **self._identity}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go to the position of a state, in no time; another world size is fine.

        A pass that is under way is not moved: begin a new one.

        Raises:
            ValueError: the state is of another stream.
        """
        epoch, batch = self._place(state)
        if state.get("worker") is not None:
            raise ValueError("the state is that of one worker; give it to the DataLoader it is of")
        self.position.move(epoch, batch)

    def load_worker_state(self, state: Mapping[str, Any], number: int, workers: int) -> None:
        """Go to the position of a worker's own state, in that worker.

        Raises:
            ValueError: the state is of another stream or another worker.
        """
        epoch, batch = self._place(state)
        if state.get("worker") != [number, workers]:
            mine = f"worker {number} of {workers}"
            raise ValueError(f"the state is of worker {state.get('worker')}, this is {mine}")
        self.position.move_worker((number, workers), epoch, batch)

    def torch(self) -> TorchBatches:
        """The same stream as a torch `IterableDataset` of batches of tensors.

        For direct use, or ``DataLoader(stream.torch(), batch_size=None, num_workers=n)``. The
        order is that of one process for any n, and the position is the stream's. With workers,
        every pass over the loader is the next epoch, also after one that was left early.

        Raises:
            ImportError: torch is not installed.
        """
        from deepbench_hf.streams.tensors import TorchBatches, board

        if self.position.board is None:
            self.position.share(board(2 + MOST_WORKERS))
        return TorchBatches(self)

    def torch_dataset(self) -> TorchRows:
        """The split as a torch map-style `Dataset`: rows by their index, or a batch by a list.

        Order, ranks and batches are then those of the sampler. Fast with a `BatchSampler` as
        ``sampler=`` and ``batch_size=None``: each batch is made by one call.

        Raises ImportError: torch is not installed; TypeError: the stream is endless.
        """
        from deepbench_hf.streams.tensors import TorchRows

        if self.position.endless:
            raise TypeError("an endless stream has no rows to choose from; use torch()")
        return TorchRows(self.source)

    @property
    def _identity(self) -> dict[str, Any]:
        """What two streams must share for a position to mean the same."""
        order = self.order
        shuffle = False if order.shuffle is None else order.shuffle
        return {
            "recipe": self.source.recipe.fingerprint,
            **{"split": order.split, "batch_size": order.batch_size},
            **{"shuffle": shuffle, "drop_last": order.drop_last},
        }

    def _place(self, state: Mapping[str, Any]) -> tuple[int, int]:
        """Epoch and batch of a state of this stream."""
        for key in ("epoch", "batch", *self._identity):
            if key not in state:
                raise ValueError(f"state: has no {key!r}; give what state_dict() returned")
        for key, own in self._identity.items():
            if state[key] != own or type(state[key]) is not type(own):
                there = f"{key} is {state[key]!r} there and {own!r} here"
                raise ValueError(f"the state is of another stream: {there}")
        epoch, batch = state["epoch"], state["batch"]
        if type(epoch) is not int or type(batch) is not int:
            raise ValueError(f"state: epoch {epoch!r} and batch {batch!r} must be whole numbers")
        return epoch, batch

    def _run(self, epoch: int, numbers: range) -> Iterator[Columns]:
        """Give batches in their order, made by threads before they are asked for."""
        part = max(self.order.batch_size // self.order.world_size, 1)
        recipe = self.source.recipe
        rows = min(MOST_AT_ONCE, BYTES_AT_ONCE // row_bytes(recipe))
        if recipe.posterior is not None:  # each row takes longer than a call
            rows = part
        step = max(rows // part, 1)
        groups = (numbers[first : first + step] for first in range(0, len(numbers), step))
        for group in in_order(partial(self._make, epoch), groups, self.threads):
            for number, batch in group:
                self.position.took(epoch, number)
                yield batch

    def _make(self, epoch: int, numbers: range) -> list[tuple[int, Columns]]:
        """Several batches, their rows made together."""
        parts = [self.order.positions(number) for number in numbers]
        edges = np.cumsum([0, *map(len, parts)])
        try:
            rows = self.source.rows(self.order.shuffled(epoch, np.concatenate(parts)))
        except Exception as error:
            place = f"batches {numbers[0]} to {numbers[-1]} of epoch {epoch}"
            error.add_note(f"while making {place} of {self.order.split}")
            raise
        pieces = [slice(*ends) for ends in pairwise(edges)]
        batches = [{name: values[piece] for name, values in rows.items()} for piece in pieces]
        return list(zip(numbers, batches, strict=True))


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
