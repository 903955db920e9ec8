"""The results as text tables, as JSON, and as the tables in this folder's README."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.deepbench_peer import REQUIREMENT
from benchmarks.machine import ROOT
from benchmarks.outcome import Counts, Ratio, Suite
from benchmarks.timing import quartiles

__all__ = ["collect", "markdown", "save"]

BEGIN, END = "<!-- results -->\n", "<!-- end of results -->\n"
SCALES = {"us": 1e6, "ms": 1e3, "MB": 1.0}
SYMBOLS = {"us": "µs"}
Results = dict[str, Any]


def collect(suites: dict[str, Suite], counts: Counts, machine: dict[str, Any]) -> Results:
    """Medians, quartiles and ratios of every suite, ready for JSON."""
    return {
        "machine": machine,
        "deepbench": REQUIREMENT,
        "rounds": counts.rounds,
        "rows_of_train": counts.rows,
        "suites": {name: _suite(suite) for name, suite in suites.items() if suite.times},
    }


def _suite(suite: Suite) -> Results:
    scale = SCALES[suite.unit]
    base = quartiles(suite.times[suite.base])[1]
    rows = {
        name: {
            **_spread([scale * value for value in values]),
            "times_base": _rounded(quartiles(values)[1] / base),
        }
        for name, values in suite.times.items()
    }
    told = {ratio.name: _ratio(ratio) for ratio in suite.ratios}
    return {"title": suite.title, "unit": suite.unit, "base": suite.base} | {
        "rows": rows,
        "ratios": told,
    }


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
    return found | limits | {"holds": low <= found["median"] <= high}


def _rounded(value: float) -> float:
    """Three significant digits: there are no more in a measured time."""
    return float(f"{value:.3g}")


def markdown(results: Results) -> str:
    """All tables: what has to hold first."""
    suites = results["suites"].values()
    told = [line for suite in suites for line in _ratio_lines(suite["ratios"])]
    head = ["| ratio | median | middle half | required |", "|---|---|---|---|"]
    texts = ["\n".join([*head, *told])] if told else []
    texts += ["\n".join(_table(suite)) for suite in suites]
    return "\n\n".join([*texts, _setting(results)]) + "\n"


def _ratio_lines(told: Results) -> list[str]:
    return [
        f"| {name} | **{_plain(r['median'])}** | {_range(r)} | {_required(r)} |"
        for name, r in told.items()
    ]


def _required(ratio: Results) -> str:
    words = [f"{k.replace('_', ' ')} {ratio[k]:g}" for k in ("at_least", "at_most") if k in ratio]
    verdict = {True: ": holds", False: ": **missed**"}.get(ratio.get("holds"), "")
    return " and ".join(words) + verdict


def _table(suite: Results) -> list[str]:
    unit = SYMBOLS.get(suite["unit"], suite["unit"])
    lines = [f"| {suite['title']} | {unit} | middle half | relative |", "|---|---|---|---|"]
    for name, row in suite["rows"].items():
        numbers = f"{_plain(row['median'])} | {_range(row)} | {_plain(row['times_base'])}"
        lines.append(f"| {name} | {numbers} |")
    return lines


def _range(row: Results) -> str:
    return " to ".join(map(_plain, row["quartiles"]))


def _plain(value: float) -> str:
    """A number of three digits without an exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:g}"


def _setting(results: Results) -> str:
    machine = results["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"Medians of {results['rounds']} rounds (memory: 3) on {machine['processor']}, "
        f"{machine['cores']} cores with a load of {machine['load_at_start']} before the run, "
        f"{machine['system']}; Python {machine['python']}, {versions}."
    )


def save(results: Results) -> None:
    """Write ``results.json`` and the tables between the README's markers."""
    (ROOT / "results.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    readme = ROOT / "README.md"
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    text = f"{before}{BEGIN}\n{markdown(results)}\n{END}{after}"
    readme.write_text(text, encoding="utf-8", newline="\n")
