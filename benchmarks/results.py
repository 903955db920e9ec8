"""Results as plain numbers for JSON, each suite by itself, and the files that hold them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import pictures, report
from benchmarks.machine import ROOT
from benchmarks.outcome import Counts, Ratio, Suite
from benchmarks.timing import quartiles

BEGIN, END = "<!-- results -->\n", "<!-- end of results -->\n"
SCALES = {"us": 1e6, "ms": 1e3, "MB": 1.0}
Results = dict[str, Any]


def collect(name: str, suite: Suite, counts: Counts, machine: Results) -> Results:
    """Medians, quartiles and ratios of a suite, with the command and the machine they are from."""
    found = {
        "title": suite.title,
        "command": f"python -m benchmarks --only {name}",
        "unit": suite.unit,
        "base": suite.base,
        "rounds": suite.rounds,
        "rows_of_train": counts.rows,
        "machine": machine,
        "rows": _rows(suite),
        "ratios": {ratio.name: _ratio(ratio) for ratio in suite.ratios},
    }
    return found | {"axis": suite.curves.axis} if suite.curves else found


def save(found: dict[str, Results], order: Sequence[str], root: Path = ROOT) -> None:
    """Write suites into ``results.json``, the README's tables and the pictures; others stay.

    Args:
        found: suites by name.
        order: the names of all suites; those that no longer exist are dropped.
        root: this folder.
    """
    file, readme = root / "results.json", root / "README.md"
    old = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    every = {**old, **found}
    every = {name: every[name] for name in order if name in every}
    file.write_text(json.dumps(every, indent=1) + "\n", encoding="utf-8", newline="\n")
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    text = f"{before}{BEGIN}\n{report.markdown(every)}\n{END}{rest.split(END)[1]}"
    readme.write_text(text, encoding="utf-8", newline="\n")
    for name, suite in found.items():
        if "axis" in suite:
            pictures.draw(name, suite, root.parent)


def _rows(suite: Suite) -> Results:
    scale, base = SCALES[suite.unit], quartiles(suite.times[suite.base])[1]
    rows = {
        name: {
            **_spread([scale * value for value in values]),
            "times_base": _rounded(quartiles(values)[1] / base),
        }
        for name, values in suite.times.items()
    }
    for name, (curve, place) in (suite.curves.points if suite.curves else {}).items():
        rows[name] |= {"curve": curve, "at": place}
    return rows


def _spread(values: list[float]) -> Results:
    low, middle, high = map(_rounded, quartiles(values))
    return {"median": middle, "quartiles": [low, high]}


def _ratio(ratio: Ratio) -> Results:
    found = _spread(ratio.values)
    limits = {"at_least": ratio.low, "at_most": ratio.high}
    limits = {word: limit for word, limit in limits.items() if limit is not None}
    if not limits:
        return found
    low, high = limits.get("at_least", -float("inf")), limits.get("at_most", float("inf"))
    return found | limits | {"holds": low <= quartiles(ratio.values)[1] <= high}


def _rounded(value: float) -> float:
    """Three significant digits: there are no more in a measured time."""
    return float(f"{value:.3g}")
