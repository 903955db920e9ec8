"""What is asked of a benchmark and what it found, as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.timing import Times


@dataclass(frozen=True)
class Counts:
    """How much work there is.

    Args:
        rounds: how often every contestant runs.
        few: the same where a single run takes seconds.
        turns: the same where there are a hundred configs.
        rows: rows of train that each run of ours makes.
        peaks: rows of train of the builds of `pendulum_noisy` whose memory is compared; those of
            images are ten times smaller.
        limit: wall-clock seconds above which no run of a curve goes.
    """

    rounds: int = 11
    few: int = 3
    turns: int = 5
    rows: int = 20_000
    peaks: tuple[int, int] = (100_000, 1_000_000)
    limit: float = 20.0


QUICK = Counts(rounds=3, few=1, turns=1, rows=2_000, peaks=(1_000, 10_000), limit=0.5)


@dataclass(frozen=True)
class Ratio:
    """A ratio of two rows, round by round, and the limits of its median, if there are any."""

    name: str
    values: list[float]
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Curves:
    """How the rows of a table lie on curves.

    Args:
        axis: what grows along a curve, with its unit.
        points: of every row its curve and its place on it.
    """

    axis: str
    points: Mapping[str, tuple[str, float]]


@dataclass(frozen=True)
class Suite:
    """What one benchmark found.

    Args:
        title: heading of its table.
        unit: of the table: ``us``, ``ms`` or ``MB``.
        base: the row that the others are compared with.
        times: seconds (or MB) of every row, round by round.
        ratios: what is told apart from the table.
        curves: for a picture of the table, if it is one of growth.
        columns: of a wide table, each with its unit; its rows are called ``ROW: COLUMN`` in times.
    """

    title: str
    unit: str
    base: str
    times: Times
    ratios: list[Ratio] = field(default_factory=list)
    curves: Curves | None = None
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def rounds(self) -> int:
        """How often every contestant ran."""
        return max(map(len, self.times.values()), default=0)
