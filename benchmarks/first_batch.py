"""The first shuffled batch of a split of 10^9 rows; ``python -m benchmarks.first_batch ROAD``."""

import sys
from collections.abc import Callable

import datasets

import deepbench_hf

CONFIG, ROWS, BATCH = "pendulum_noisy", 10**9, 64


def _stream() -> object:
    return next(iter(deepbench_hf.stream(CONFIG, "train", BATCH, num_examples=ROWS)))


def _load_dataset() -> object:
    data = datasets.load_dataset(
        "deepbench", CONFIG, split="train", streaming=True, num_examples=ROWS
    )
    return next(iter(data.shuffle(seed=0).with_format("numpy").iter(BATCH)))


ROADS: dict[str, Callable[[], object]] = {
    "stream": _stream,
    "load_dataset, streaming": _load_dataset,
}


if __name__ == "__main__":
    ROADS[sys.argv[1]]()
