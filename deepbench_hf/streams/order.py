"""Which rows each batch holds, and where a stream is.

Order is arithmetic alone, so any batch of any epoch is known at once; a position is as a file's.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.shuffle import permuted
from deepbench_hf.exact.words import stream_key

MOST_WORKERS = 1024
"""Of one DataLoader."""

Worker = tuple[int, int]
"""A worker's number, and how many there are."""


@dataclass(frozen=True)
class Order:
    """Global batch k of an epoch: positions k B to (k + 1) B of the epoch's permutation.

    Args:
        split: the split's name; each has shuffles of its own.
        size: its rows.
        batch_size: B, of all ranks together.
        shuffle: the number of the family of permutations; None for the order of the rows.
        drop_last: whether an epoch leaves out the rows that fill no batch.
        rank: which part of every batch is taken.
        world_size: how many parts there are.

    Raises:
        ValueError: a number is out of range, or an epoch has no batch.
    """

    split: str
    size: int
    batch_size: int
    shuffle: int | None = 0
    drop_last: bool = True
    rank: int = 0
    world_size: int = 1

    def __post_init__(self) -> None:
        if self.world_size < 1 or not 0 <= self.rank < self.world_size:
            ranks = f"rank {self.rank} of world_size {self.world_size}"
            raise ValueError(f"{ranks}; accepted: ranks from 0 to world_size - 1")
        if self.batch_size < 1 or self.batch_size % self.world_size:
            got = f"batch_size {self.batch_size} with world_size {self.world_size}"
            why = "every rank takes an equal part of each batch"
            raise ValueError(f"{got}; give a positive multiple of world_size, as {why}")
        if not self.batches:
            got = f"{self.split} has {self.size} rows, which fill no batch of {self.batch_size}"
            raise ValueError(f"{got}; give a smaller batch_size or drop_last=False")

    @property
    def batches(self) -> int:
        """Batches of an epoch."""
        return self.size // self.batch_size if self.drop_last else -(-self.size // self.batch_size)

    def positions(self, batch: int) -> NDArray[np.int64]:
        """The places in an epoch's order that this rank takes of a global batch.

        Ranks take consecutive parts, the first one the head. Parts are equal but for the last
        batch where ``drop_last`` is false: there they differ by a row at most, and may be empty.
        """
        first = batch * self.batch_size
        length = min(self.batch_size, self.size - first)
        edges = [first + length * r // self.world_size for r in (self.rank, self.rank + 1)]
        return np.arange(*edges, dtype=np.int64)

    def shuffled(self, epoch: int, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rows at some places of an epoch's order."""
        if self.shuffle is None:
            return positions
        key = stream_key("shuffle", self.shuffle, self.split, epoch)
        return permuted(key, positions, self.size)


class Position:
    """The epoch and the number in it of the next batch.

    In one process it moves with every batch that is taken. Workers make batches before they are
    taken, so there only whole passes are counted: each worker notes the passes that it began on a
    board that all processes see, and the k-th pass after a move is that of the k-th epoch after it.

    Raises:
        ValueError: there is no such batch.
    """

    def __init__(self, epoch: int, batch: int, batches: int, endless: bool) -> None:
        self.batches, self.endless = batches, endless
        self.board: Any = None
        self.worker: Worker | None = None
        self.loaded = False
        self.move(epoch, batch)

    def move(self, epoch: int, batch: int) -> None:
        """Go to a batch; the next pass begins there. Raises ValueError: there is no such batch."""
        self.epoch, self.batch = self.begun = self._checked(epoch, batch)
        if self.board is not None:
            self.share(self.board)

    def share(self, board: Any) -> None:
        """Let workers begin here: ``board`` is epoch, batch, and the passes that each began."""
        self.board = board
        board[:] = 0
        board[0], board[1] = self.epoch, self.batch

    def begin(self) -> tuple[int, range]:
        """Begin a pass in this process: its epoch, and the numbers of its batches.

        Raises:
            ValueError: workers have moved the position, nobody here knows how far.
        """
        self.begun = self.after(None)
        return self.epoch, range(self.batch, self.batches)

    def begin_worker(self, worker: Worker) -> tuple[int, range]:
        """Begin a pass in a worker, which makes every ``workers``-th batch.

        Raises:
            ValueError: there are too many workers, or an endless stream would begin again.
        """
        number, workers = worker
        if workers > MOST_WORKERS:
            raise ValueError(f"num_workers: got {workers}, accepted: up to {MOST_WORKERS}")
        count = int(self.board[2 + number])
        if self.endless and count:
            hint = "before another pass, stream.load_state_dict(stream.state_dict(batches=n))"
            raise ValueError(f"an endless stream would begin again where this pass did; {hint}")
        self.board[2 + number] += 1
        if not self.loaded:
            self.epoch = int(self.board[0]) + count
            self.batch = number + (0 if count else int(self.board[1]))
        self.worker, self.loaded = worker, False
        return self.epoch, range(self.batch, self.batches, workers)

    def move_worker(self, worker: Worker, epoch: int, batch: int) -> None:
        """Go to a batch of this worker's own; its later passes are those of the next epochs."""
        self.worker, self.loaded = worker, True
        self.epoch, self.batch = epoch, batch
        self.board[0], self.board[2 + worker[0]] = epoch, 0

    def took(self, epoch: int, batch: int) -> None:
        """A batch is being given to whoever asked."""
        if self.worker:
            self.batch = batch + self.worker[1]
        else:
            self.epoch, self.batch = self._checked(epoch, batch + 1)

    def after(self, taken: int | None) -> tuple[int, int]:
        """Epoch and batch now, or when ``taken`` batches of the present pass are taken.

        Raises:
            ValueError: only workers know, or a pass has fewer batches.
        """
        passes = 0 if self.board is None else int(self.board[2:].max())
        if taken is None and passes and self.worker is None:
            hint = "state_dict(batches=n), with the number of batches that this pass has given"
            raise ValueError(f"the position moved in workers of a DataLoader, unseen here; {hint}")
        if taken is None or self.worker:
            return self.epoch, self.batch
        epoch, batch = self.begun
        if self.board is not None and passes:
            epoch, batch = int(self.board[0]) + passes - 1, int(self.board[1]) * (passes == 1)
        return self._checked(epoch, batch + taken)

    def _checked(self, epoch: int, batch: int) -> tuple[int, int]:
        """The end of an epoch is the beginning of the next one."""
        if epoch < 0 or not 0 <= batch <= self.batches or (self.endless and epoch):
            there = "only epoch 0" if self.endless else f"{self.batches} batches in an epoch"
            raise ValueError(f"epoch {epoch}, batch {batch}: there is no such place; {there}")
        return (epoch + 1, 0) if batch == self.batches else (epoch, batch)
