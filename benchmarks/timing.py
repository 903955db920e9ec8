"""Contestants in turns: every round runs each of them once, so that all see the same machine."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = [
    "Contestant",
    "Stopwatch",
    "Times",
    "interleaved",
    "per",
    "quartiles",
    "ratios",
    "stopwatch",
]

Times = dict[str, list[float]]
"""Seconds per item of each contestant, one for each round."""


@dataclass(frozen=True)
class Contestant:
    """Something to be timed.

    Args:
        name: the name of its row.
        run: does a fixed piece of work and returns seconds per item, preparation left out.
    """

    name: str
    run: Callable[[], float]


def per(items: float, contestant: Contestant) -> Contestant:
    """The same work told per item, where each of its own items holds ``items`` of them."""
    return Contestant(contestant.name, lambda: contestant.run() / items)


@dataclass
class Stopwatch:
    """Wall-clock seconds of a `stopwatch` block."""

    seconds: float = 0.0


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """Measure the wall-clock time of a block."""
    watch = Stopwatch()
    start = time.perf_counter()
    yield watch
    watch.seconds = time.perf_counter() - start


def interleaved(contestants: Sequence[Contestant], rounds: int) -> Times:
    """Seconds per item, after one round that does not count; every other round runs backwards."""
    times: Times = {contestant.name: [] for contestant in contestants}
    for contestant in contestants:
        contestant.run()
    for number in range(rounds):
        for contestant in contestants if number % 2 else contestants[::-1]:
            gc.collect()
            times[contestant.name].append(contestant.run())
    return times


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def ratios(times: Times, above: str, below: str) -> list[float]:
    """How many times longer ``above`` takes than ``below``, round by round."""
    return [a / b for a, b in zip(times[above], times[below], strict=True)]
