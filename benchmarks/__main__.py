"""``python -m benchmarks``: run them, print the tables, write docs/benchmarks."""

import argparse
import sys

from benchmarks import machine


def main() -> int:
    """Run what the arguments ask for; 1 when a required ratio is missed."""
    machine.pin()
    from benchmarks import report, results  # after pin: these import NumPy, Numba and `datasets`
    from benchmarks.results import QUICK, Counts
    from benchmarks.suites import OF_CONFIGS, SUITES

    chosen = _arguments(list(SUITES), list(OF_CONFIGS))
    counts, found = QUICK if chosen.quick else Counts(), {}
    print(report.machine_line(machine.describe()), file=sys.stderr)
    for name in chosen.names or SUITES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        setting = machine.describe()
        suite = OF_CONFIGS[name](counts, chosen.configs) if chosen.configs else SUITES[name](counts)
        if not suite.times:
            continue
        found[name] = results.collect(name, suite, counts, setting)
        if chosen.saving:  # suite by suite: a run that is stopped keeps what it has
            results.save({name: found[name]}, list(SUITES))
    print(report.markdown(found))
    ratios = [ratio for suite in found.values() for ratio in suite["ratios"].values()]
    return int(not all(ratio.get("holds", True) for ratio in ratios))


def _arguments(names: list[str], of_configs: list[str]) -> argparse.Namespace:
    """The names come first; those of configs may follow one that is of every config."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME",
        help=f"some of them, nothing is written: {', '.join(names)}; "
        f"after {' or '.join(of_configs)} names of configs, for those alone",
    )  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="small counts; nothing is written")
    parser.add_argument(
        "--save", action="store_true", help="with names: write them, and keep the others' results"
    )
    chosen = parser.parse_args()
    chosen.configs = chosen.names[1:] if chosen.names[:1] and chosen.names[0] in of_configs else []
    chosen.names = chosen.names[:1] if chosen.configs else chosen.names
    for name in set(chosen.names) - set(names):
        parser.error(f"no benchmark {name!r}; there are {', '.join(names)}")
    if chosen.save and (chosen.quick or chosen.configs):
        parser.error("--save needs the full counts of all configs; leave the others out")
    chosen.saving = chosen.save or not (chosen.quick or chosen.names)
    return chosen


if __name__ == "__main__":
    sys.exit(main())
