"""Our own roads into a training loop: `stream`, and `load_dataset` with ``streaming=True``."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import datasets

import deepbench_hf
from benchmarks.loaders import BATCH
from benchmarks.timing import CPU, Contestant, timed

STREAM = "ours: stream, torch batches"


def open_stream(
    config: str, rows: int, columns: Sequence[str] | None = None, **options: Any
) -> Any:
    """Shuffled batches of train, one epoch each time it is iterated."""
    return deepbench_hf.stream(
        config, "train", BATCH, columns=columns, num_examples=rows, **options
    )


def ours(config: str, label: str, rows: int) -> list[Contestant]:
    """Shuffled torch and NumPy batches of images and labels; `stream` first."""
    columns = ["image", label]
    return [
        passing(STREAM, rows, lambda: open_stream(config, rows, columns).torch()),
        passing("ours: stream, NumPy batches", rows, lambda: open_stream(config, rows, columns)),
        passing("ours: load_dataset streamed, Arrow and collate", rows, _collated(config, rows)),
    ]


def passing(
    name: str, rows: int, batches: Callable[[], Iterable[Any]], clock: Callable[[], float] = CPU
) -> Contestant:
    """A contestant that opens batches and goes through all of them."""

    def work() -> None:
        for _ in batches():
            pass

    return timed(name, rows, work, clock)


def _collated(config: str, rows: int) -> Callable[[], Iterable[Any]]:
    data = datasets.load_dataset(
        "deepbench", config, split="train", streaming=True, num_examples=rows
    )
    shuffled = data.shuffle(seed=0, buffer_size=1000).with_format("arrow")
    return lambda: map(deepbench_hf.collate, shuffled.iter(BATCH))
