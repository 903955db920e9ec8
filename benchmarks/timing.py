"""Contestants in turns: every round runs each of them once, so that all see the same machine.

And curves: the same work at growing sizes, up to the size whose run would take too long.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

Times = dict[str, list[float]]
"""Seconds per item of each contestant, one for each round."""

CPU, WALL = time.process_time, time.perf_counter
"""What work costs, all threads of the process together; and what a user waits for."""


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
    """Seconds of a `stopwatch` block."""

    seconds: float = 0.0


@contextmanager
def stopwatch(clock: Callable[[], float] = CPU) -> Iterator[Stopwatch]:
    """Measure the time of a block: CPU time, which other programs hardly change, or `WALL`."""
    watch = Stopwatch()
    start = clock()
    yield watch
    watch.seconds = clock() - start


def timed(
    name: str, items: float, work: Callable[[], object], clock: Callable[[], float] = CPU
) -> Contestant:
    """A contestant whose every run does ``work``, which makes so many items."""

    def run() -> float:
        with stopwatch(clock) as watch:
            work()
        return watch.seconds / items

    return Contestant(name, run)


def interleaved(contestants: Sequence[Contestant], rounds: int, warm: bool = True) -> Times:
    """Seconds per item; every other round runs backwards.

    Args:
        contestants: who takes part.
        rounds: how often each of them runs.
        warm: whether each runs once before the first round, which does not count.
    """
    times: Times = {contestant.name: [] for contestant in contestants}
    for contestant in contestants if warm else ():
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


Curve = Callable[[int], Contestant]
"""The contestant at a place of the curve."""


def climbed(
    curves: Mapping[str, Curve], places: Sequence[int], rounds: int, limit: float
) -> tuple[Times, dict[str, tuple[str, float]]]:
    """Run every curve at growing places.

    Args:
        curves: by name.
        places: what is counted by the axis, growing.
        rounds: how often each runs.
        limit: wall-clock seconds that a run may take.

    Returns:
        The times of every row, and of every row its curve and its place on it.
    """
    points: dict[str, tuple[str, float]] = {}
    contestants = []
    for name, curve in curves.items():
        for place, contestant in _affordable(curve, places, limit):
            row = f"{name}, " + f"{place:,}".replace(",", " ")
            points[row] = (name, place)
            contestants.append(Contestant(row, contestant.run))
    return interleaved(contestants, rounds, warm=False), points


def _affordable(curve: Curve, places: Sequence[int], limit: float) -> list[tuple[int, Contestant]]:
    """The places whose runs take no longer than the limit, as the place before foretells."""
    found: list[tuple[int, Contestant]] = []
    seconds, before = 0.0, places[0]
    for place in places:
        if seconds * place / before > limit:
            break
        contestant = curve(place)
        if not found:
            contestant.run()  # compiles, which foretells nothing
        start = WALL()
        contestant.run()
        seconds, before = WALL() - start, place
        found.append((place, contestant))
    return found
