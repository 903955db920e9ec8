"""Which rows each batch holds: arithmetic alone, so any batch of any epoch is known at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.shuffle import permuted
from deepbench_hf.exact.words import stream_key


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
            raise ValueError(f"{got}; accepted: a multiple of it, as every rank takes one part")
        if not self.batches:
            got = f"{self.split} has {self.size} rows, which fill no batch of {self.batch_size}"
            raise ValueError(f"{got}; give a smaller batch_size or drop_last=False")

    @property
    def batches(self) -> int:
        """Batches of an epoch."""
        return self.size // self.batch_size if self.drop_last else -(-self.size // self.batch_size)

    def rows(self, epoch: int, batch: int) -> NDArray[np.int64]:
        """The rows that this rank takes of a global batch, in order.

        Ranks take consecutive parts, the first one the head. Parts are equal but for the last
        batch where ``drop_last`` is false: there they differ by a row at most, and may be empty.
        """
        first = batch * self.batch_size
        length = min(self.batch_size, self.size - first)
        edges = [first + length * r // self.world_size for r in (self.rank, self.rank + 1)]
        positions = np.arange(*edges, dtype=np.int64)
        if self.shuffle is None:
            return positions
        key = stream_key("shuffle", self.shuffle, self.split, epoch)
        return permuted(key, positions, self.size)
