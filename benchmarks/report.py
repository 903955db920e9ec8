"""The results as Markdown and pictures: what has to hold, then every table, then the machines."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, NullLocator

FOLDER, PAGE = Path("docs/benchmarks"), Path("docs/benchmarks.md")
HEAD = """# Results of the benchmarks

How long rows take here, beside other packages that do similar work, and how close a row comes to
the least that it can take. `python -m benchmarks` writes this page; `benchmarks/README.md` says
what each benchmark measures, and how.

A ratio "A / B" is the time of A over the time of B: "DeepBench / generate" of 100 means that
DeepBench takes 100 times as long. Only ratios within one table mean anything, as absolute times
depend on the machine. The floor of a row is the time that its parameters and its noise alone take;
the column "at the floor" holds the ratio that there would be if our rows took no more than that.
"Required" is what we want to reach, and whether it holds; "of" names the table of the times.
"""
SYMBOLS = {"us": "µs"}
MARKERS = "osD^vP"
Results = dict[str, Any]


def page(suites: dict[str, Results]) -> str:
    """The page of all results."""
    links = [f"- [{_heading(suite)}](#{_anchor(suite)})" for suite in suites.values()]
    contents = "\n".join(["The tables after the first:", "", *links])
    return f"{HEAD}\n{contents}\n\n## What has to hold\n\n{markdown(suites)}"


def markdown(suites: dict[str, Results]) -> str:
    """All tables of the suites, by name, as `results.collect` gives them."""
    told = [line for name, suite in suites.items() for line in _ratio_lines(name, suite)]
    head = ["| ratio | median | middle half | at the floor | required | of |", "|---" * 6 + "|"]
    texts = ["\n".join([*head, *told])] if told else []
    texts += [_suite(name, suite) for name, suite in suites.items()]
    return "\n\n".join([*texts, *_machines(suites)]) + "\n"


def machine_line(machine: Results) -> str:
    """Processor, width of its vectors, cores, system and versions."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"{machine['processor']} ({machine['vectors']}), {machine['cores']} cores, "
        f"{machine['system']}; Python {machine['python']}, {versions}"
    )


def _ratio_lines(name: str, suite: Results) -> list[str]:
    """Those of a table of several columns stand in the table, but for those that are missed."""
    shown = {
        words: ratio
        for words, ratio in suite["ratios"].items()
        if "columns" not in suite or not ratio.get("holds", True)
    }
    return [
        f"| {words} | **{_plain(r['median'])}** | {_range(r)} | "
        f"{_plain(r['floor']) if 'floor' in r else ''} | {_required(r)} | {name} |"
        for words, r in shown.items()
    ]


def _required(ratio: Results) -> str:
    words = [f"{k.replace('_', ' ')} {ratio[k]:g}" for k in ("at_least", "at_most") if k in ratio]
    if not words:
        return ""
    return " and ".join(words) + (": holds" if ratio["holds"] else ": **missed**")


def _heading(suite: Results) -> str:
    """The title of a table; that of parts goes on in its first column."""
    return f"{suite['title']}{' each config' if suite['title'].endswith(' of') else ''}"


def _anchor(suite: Results) -> str:
    """The name by which pages link to the title of a table."""
    return re.sub(r"[^\w\- ]", "", _heading(suite).lower()).replace(" ", "-")


def _suite(name: str, suite: Results) -> str:
    """The table of a suite, its picture if it has one, and how it was made."""
    head = f"## {_heading(suite)}\n\n"
    picture = f"![{suite['title']}](benchmarks/{name}.png)\n\n" if "axis" in suite else ""
    load = suite["machine"]["load_at_start"]
    rounds = f"{suite['rounds']} round{'s' * (suite['rounds'] > 1)}"
    table = _wide_table(suite) if "columns" in suite else _table(suite)
    return head + picture + "\n".join(table) + f"\n\n`{suite['command']}`: {rounds}, load {load}."


def _table(suite: Results) -> list[str]:
    unit = SYMBOLS.get(suite["unit"], suite["unit"])
    lines = [f"| {suite['title']} | {unit} | middle half | relative |", "|---" * 4 + "|"]
    for name, row in suite["rows"].items():
        numbers = f"{_plain(row['median'])} | {_range(row)} | {_plain(row['times_base'])}"
        lines.append(f"| {name} | {numbers} |")
    return lines


def _wide_table(suite: Results) -> list[str]:
    """A line for each config: the median of each column, then its ratios."""
    names = list(dict.fromkeys(row.split(": ")[0] for row in suite["rows"]))
    kinds = list(dict.fromkeys(ratio.split(": ")[-1] for ratio in suite["ratios"]))
    units = [f"{name}, {SYMBOLS.get(unit, unit)}" for name, unit in suite["columns"].items()]
    lines = [_line([suite["title"], *units, *kinds]), "|---" * (1 + len(units) + len(kinds)) + "|"]
    for name in names:
        cells = [_plain(suite["rows"][f"{name}: {c}"]["median"]) for c in suite["columns"]]
        cells += [_plain(suite["ratios"][f"{name}: {kind}"]["median"]) for kind in kinds]
        lines.append(_line([name, *cells]))
    return lines


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _range(row: Results) -> str:
    return " to ".join(map(_plain, row["quartiles"]))


def _plain(value: float) -> str:
    """A number of three digits without an exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:g}"


def _machines(suites: dict[str, Results]) -> list[str]:
    """A line for each machine: who ran on it, and what it is."""
    names: dict[str, list[str]] = {}
    for name, suite in suites.items():
        same = {key: value for key, value in suite["machine"].items() if key != "load_at_start"}
        names.setdefault(json.dumps(same), []).append(name)
    return [
        f"{'All' if len(names) == 1 else ', '.join(who)}: medians on "
        f"{machine_line(json.loads(what))}."
        for what, who in names.items()
    ]


def draw(name: str, suite: Results, folder: Path) -> None:
    """Draw the curves of a suite's results: cost against size, both on logarithmic scales."""
    figure = Figure(figsize=(8.0, 4.0), dpi=100, layout="constrained")
    axes: Any = figure.subplots()
    curves: dict[str, list[tuple[float, float]]] = {}
    for row in suite["rows"].values():
        curves.setdefault(row["curve"], []).append((row["at"], row["median"]))
    for marker, (curve, points) in zip(MARKERS, curves.items(), strict=False):
        places, medians = zip(*points, strict=True)
        axes.loglog(places, medians, marker=marker, markersize=5, label=curve)
    _label(axes, suite, sorted({row["at"] for row in suite["rows"].values()}))
    figure.savefig(folder / f"{name}.png", metadata={"Software": None})


def _label(axes: Any, suite: Results, places: list[float]) -> None:
    axes.set_title(suite["title"])
    axes.set_xlabel(suite["axis"])
    axes.set_ylabel("CPU time of one core (µs)")
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
    plain = FuncFormatter(lambda value, _: f"{value:,.10g}".replace(",", " "))
    axes.xaxis.set_major_formatter(plain)
    axes.yaxis.set_major_formatter(plain)
    axes.yaxis.set_minor_formatter(plain)
    axes.tick_params(axis="y", which="minor", labelsize=7)
    axes.grid(True, which="major", alpha=0.4)
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
