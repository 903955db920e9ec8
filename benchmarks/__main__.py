"""``python -m benchmarks``: run them, print the tables, write results.json, README.md, pictures."""

import argparse
import sys

from benchmarks import machine


def main() -> int:
    """Run what the arguments ask for; 1 when a required ratio is missed."""
    machine.pin()
    from benchmarks import report, results  # after pin: these import NumPy, Numba and `datasets`
    from benchmarks.outcome import QUICK, Counts
    from benchmarks.suites import SUITES

    chosen = _arguments(list(SUITES))
    counts, saving = QUICK if chosen.quick else Counts(), chosen.save or not chosen.narrowed
    found = {}
    for name in chosen.only or SUITES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        setting = machine.describe()
        suite = SUITES[name](counts)
        if not suite.times:
            continue
        found[name] = results.collect(name, suite, counts, setting)
        if saving:  # suite by suite: a run that is stopped keeps what it has
            results.save({name: found[name]}, list(SUITES))
    print(report.markdown(found))
    ratios = [ratio for suite in found.values() for ratio in suite["ratios"].values()]
    return int(not all(ratio.get("holds", True) for ratio in ratios))


def _arguments(names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small counts; nothing is written")
    parser.add_argument(
        "--only", nargs="+", choices=names, metavar="NAME",
        help=f"some of them, nothing is written: {', '.join(names)}",
    )  # fmt: skip
    parser.add_argument(
        "--save", action="store_true", help="with --only: write them, and keep the others' results"
    )
    chosen = parser.parse_args()
    chosen.narrowed = chosen.quick or bool(chosen.only)
    if chosen.quick and chosen.save:
        parser.error("--save needs the full counts; leave --quick out")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
