"""What is asked of a benchmark and what it found, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field

from benchmarks.timing import Times

__all__ = ["Counts", "Ratio", "Suite"]


@dataclass(frozen=True)
class Counts:
    """How much work there is.

    Args:
        rounds: how often every contestant runs.
        rows: rows of train that each run of ours makes.
        peaks: rows of train of the two builds whose memory is compared.
    """

    rounds: int = 15
    rows: int = 20_000
    peaks: tuple[int, int] = (10_000, 100_000)


@dataclass(frozen=True)
class Ratio:
    """A ratio of two rows, round by round, and the limits of its median, if there are any."""

    name: str
    values: list[float]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Suite:
    """What one benchmark found.

    Args:
        title: heading of its table.
        unit: of the table: ``us``, ``ms`` or ``MB``.
        base: the row that the others are compared with.
        times: seconds (or MB) of every row, round by round.
        ratios: what is told apart from the table.
    """

    title: str
    unit: str
    base: str
    times: Times
    ratios: list[Ratio] = field(default_factory=list)
