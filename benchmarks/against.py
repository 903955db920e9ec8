"""This commit against another: ``python -m benchmarks.against [REF] [--configs NAME...]``.

Two processes, one with the package of a git worktree of the other commit, make the same rows in
turns. What seems slower is measured once more before it counts. The exit code is 1 if a config is
clearly slower: if of all rounds a quarter at most show less than `SLOWER`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks import machine, report
from benchmarks.children import Child, child
from benchmarks.timing import interleaved, quartiles, ratios

SLOWER = 1.1
ROUNDS, SECONDS = 9, 0.04
PREPARED = ("pendulum_noisy", "shapes_noisy")
"""Configs whose preparation by `load_dataset` is compared, too."""
NEW, OLD = "this commit", "the other"


def main() -> int:
    """Compare, print a line for each config, and tell whether one is clearly slower."""
    chosen = _arguments()
    machine.pin()
    print(report.machine_line(machine.describe()))
    with ExitStack() as stack:
        tree = stack.enter_context(_worktree(chosen.ref))
        new, old = (stack.enter_context(_child(root)) for root in (machine.ROOT.parent, tree))
        works = _works(chosen.configs or new.ask("families").split(), old)
        return judged(works, new, old, chosen.ref)


def judged(works: Sequence[str], new: Child, old: Child, ref: str) -> int:
    """Print a line for each work; 1 if one is clearly slower, twice."""
    first = {work: _ratios(work, new, old, ROUNDS) for work in works}
    again = [work for work, values in first.items() if _is_slower(values)]
    second = {work: _ratios(work, new, old, 3 * ROUNDS) for work in again}
    slower = [work for work, values in second.items() if _is_slower(values)]
    for work, values in (first | second).items():
        low, middle, high = quartiles(values)
        told = "clearly slower" if work in slower else ""
        print(f"{work:<40} {middle:6.3f}  ({low:.3f} to {high:.3f})  {told}".rstrip())
    print(f"{len(slower)} of {len(first)} clearly slower than {ref}")
    return int(bool(slower))


def _works(names: Sequence[str], old: Child) -> list[str]:
    """What is compared; a config that the other commit does not have is named and left out."""
    there = set(old.ask("all").split())
    for name in sorted(set(names) - there):
        print(f"{name:<40} is new")
    known = [name for name in names if name in there]
    return [f"generate {n}" for n in known] + [f"prepare {n}" for n in PREPARED if n in known]


def _ratios(work: str, new: Child, old: Child, rounds: int) -> list[float]:
    """The time here over the time there, round by round."""
    rows = max(int(child.ask(f"rows {work} {SECONDS}")) for child in (new, old))
    run = f"run {work} {rows}"
    contestants = [new.contestant(NEW, run), old.contestant(OLD, run)]
    return ratios(interleaved(contestants, rounds), NEW, OLD)


def _is_slower(values: Sequence[float]) -> bool:
    low, _, _ = quartiles(values)
    return low > SLOWER


@contextmanager
def _worktree(ref: str) -> Iterator[Path]:
    """The files of a commit, in a folder that git forgets afterwards."""
    git = ["git", "-C", str(machine.ROOT)]
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run([*git, "worktree", "add", "-q", "--detach", str(tree), ref], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "worktree", "remove", "--force", str(tree)], check=True)


@contextmanager
def _child(root: Path) -> Iterator[Child]:
    """A process with the package of a tree."""
    command = [sys.executable, machine.ROOT / "against_child.py"]
    with child(command, root, {**os.environ, "PYTHONPATH": str(root)}) as process:
        place = process.ask("place")
        assert Path(place).is_relative_to(root.resolve()), place
        yield process


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.against", description=__doc__)
    parser.add_argument("ref", nargs="?", default="HEAD~1", help="a commit of git")
    parser.add_argument(
        "--configs", nargs="+", metavar="NAME", help="in place of one of each family"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
