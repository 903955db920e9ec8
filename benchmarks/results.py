"""What is asked of a benchmark and what it found, and the files that keep it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.machine import ROOT
from benchmarks.timing import Times, quartiles

SCALES = {"us": 1e6, "ms": 1e3, "MB": 1.0}
Results = dict[str, Any]


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

    rounds: int = 9
    few: int = 3
    turns: int = 5
    rows: int = 20_000
    peaks: tuple[int, int] = (100_000, 1_000_000)
    limit: float = 5.0


QUICK = Counts(rounds=3, few=1, turns=1, rows=2_000, peaks=(1_000, 10_000), limit=0.5)


@dataclass(frozen=True)
class Ratio:
    """A ratio of two rows, round by round.

    Args:
        name: what is over what.
        values: of every round.
        low, high: the limits of the median, if there are any.
        floor: the same ratio if what is ours cost no more than its floor, if that is known.
    """

    name: str
    values: list[float]
    low: float | None = None
    high: float | None = None
    floor: list[float] | None = None


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
        columns: of a table of several columns, each with its unit; of every config and column
            ``times`` has a row, called ``CONFIG: COLUMN``.
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


def collect(name: str, suite: Suite, counts: Counts, machine: Results) -> Results:
    """Medians, quartiles and ratios of a suite, with the command and the machine they are from."""
    found = {
        "title": suite.title,
        "command": f"python -m benchmarks {name}",
        "unit": suite.unit,
        "base": suite.base,
        "rounds": suite.rounds,
        "rows_of_train": counts.rows,
        "machine": machine,
        "rows": _rows(suite),
        "ratios": {ratio.name: _ratio(ratio) for ratio in suite.ratios},
    }
    if suite.columns:
        found["columns"] = dict(suite.columns)
    return found | {"axis": suite.curves.axis} if suite.curves else found


def save(found: dict[str, Results], order: Sequence[str], root: Path = ROOT.parent) -> None:
    """Write suites into ``results.json``, the page of results and the pictures; others stay.

    Args:
        found: suites by name.
        order: the names of all suites; those that no longer exist are dropped.
        root: the folder above this one.
    """
    folder = root / report.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "results.json"
    old = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    every = {**old, **found}
    every = {name: every[name] for name in order if name in every}
    file.write_text(json.dumps(every, indent=1) + "\n", encoding="utf-8", newline="\n")
    (root / report.PAGE).write_text(report.page(every), encoding="utf-8", newline="\n")
    for name, suite in found.items():
        if "axis" in suite:
            report.draw(name, suite, folder)


def _rows(suite: Suite) -> Results:
    base = quartiles(suite.times[suite.base])[1]
    rows = {}
    for name, values in suite.times.items():
        scale = SCALES[suite.columns.get(name.split(": ")[-1], suite.unit)]
        rows[name] = _spread([scale * value for value in values])
        if not suite.columns:
            rows[name]["times_base"] = _rounded(quartiles(values)[1] / base)
    for name, (curve, place) in (suite.curves.points if suite.curves else {}).items():
        rows[name] |= {"curve": curve, "at": place}
    return rows


def _spread(values: list[float]) -> Results:
    low, middle, high = map(_rounded, quartiles(values))
    return {"median": middle, "quartiles": [low, high]}


def _ratio(ratio: Ratio) -> Results:
    found = _spread(ratio.values)
    if ratio.floor is not None:
        found["floor"] = _rounded(quartiles(ratio.floor)[1])
    limits = {"at_least": ratio.low, "at_most": ratio.high}
    limits = {word: limit for word, limit in limits.items() if limit is not None}
    if not limits:
        return found
    low, high = limits.get("at_least", -float("inf")), limits.get("at_most", float("inf"))
    return found | limits | {"holds": bool(low <= quartiles(ratio.values)[1] <= high)}


def _rounded(value: float) -> float:
    """Three significant digits: there are no more in a measured time."""
    return float(f"{value:.3g}")
