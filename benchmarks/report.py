"""The results as Markdown: what has to hold, then every table, then the machines."""

import json
from typing import Any

SYMBOLS = {"us": "µs"}
Results = dict[str, Any]


def markdown(suites: dict[str, Results]) -> str:
    """All tables of the suites, by name, as `results.collect` gives them."""
    told = [line for name, suite in suites.items() for line in _ratio_lines(name, suite["ratios"])]
    head = ["| ratio | median | middle half | required | `--only` |", "|---|---|---|---|---|"]
    texts = ["\n".join([*head, *told])] if told else []
    texts += [_suite(name, suite) for name, suite in suites.items()]
    return "\n\n".join([*texts, *_machines(suites)]) + "\n"


def _ratio_lines(name: str, told: Results) -> list[str]:
    return [
        f"| {words} | **{_plain(r['median'])}** | {_range(r)} | {_required(r)} | {name} |"
        for words, r in told.items()
    ]


def _required(ratio: Results) -> str:
    words = [f"{k.replace('_', ' ')} {ratio[k]:g}" for k in ("at_least", "at_most") if k in ratio]
    if not words:
        return ""
    return " and ".join(words) + (": holds" if ratio["holds"] else ": **missed**")


def _suite(name: str, suite: Results) -> str:
    """The table of a suite, its picture if it has one, and how it was made."""
    picture = f"![{suite['title']}](../docs/benchmarks/{name}.png)\n\n" if "axis" in suite else ""
    load = suite["machine"]["load_at_start"]
    rounds = f"{suite['rounds']} round{'s' * (suite['rounds'] > 1)}"
    return picture + "\n".join(_table(suite)) + f"\n\n`{suite['command']}`: {rounds}, load {load}."


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


def _machines(suites: dict[str, Results]) -> list[str]:
    """A line for each machine: who ran on it, and what it is."""
    names: dict[str, list[str]] = {}
    for name, suite in suites.items():
        same = {key: value for key, value in suite["machine"].items() if key != "load_at_start"}
        names.setdefault(json.dumps(same), []).append(name)
    return [
        f"{'All' if len(names) == 1 else ', '.join(who)}: {_machine(json.loads(what))}"
        for what, who in names.items()
    ]


def _machine(machine: Results) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"medians on {machine['processor']}, {machine['cores']} cores, {machine['system']}; "
        f"Python {machine['python']}, {versions}."
    )
