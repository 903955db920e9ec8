"""``python -m benchmarks``: run them all, print the tables, write results.json and README.md."""

from __future__ import annotations

import argparse
import sys

from benchmarks import machine


def main() -> int:
    """Run what the arguments ask for; 1 when a required ratio is missed."""
    machine.pin()
    from benchmarks import report  # after pin: these import NumPy, Numba and `datasets`
    from benchmarks.outcome import Counts
    from benchmarks.suites import SUITES

    chosen = _arguments(list(SUITES))
    counts = Counts(rounds=3, rows=2_000, peaks=(1_000, 10_000)) if chosen.quick else Counts()
    setting, suites = machine.describe(), {}
    for name in chosen.only or SUITES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        suites[name] = SUITES[name](counts)
    results = report.collect(suites, counts, setting)
    print(report.markdown(results))
    if not chosen.quick and not chosen.only:
        report.save(results)
    ratios = [r for suite in results["suites"].values() for r in suite["ratios"].values()]
    return int(not all(ratio.get("holds", True) for ratio in ratios))


def _arguments(names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small counts; nothing is written")
    parser.add_argument(
        "--only", nargs="+", choices=names, metavar="NAME",
        help=f"some of them, nothing is written: {', '.join(names)}",
    )  # fmt: skip
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
