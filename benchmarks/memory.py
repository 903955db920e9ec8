"""Peak memory of a build in a process of its own: ten times the rows must not take more.

``python -m benchmarks.memory HOW CONFIG ROWS`` builds once and prints its peak in MB.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

BUILDS = ("datasets cache", "build -o")
STATUS = Path("/proc/self/status")


class Build:
    """A build in a fresh process, as a contestant's ``run``."""

    def __init__(self, how: str, config: str, rows: int) -> None:
        self.command = [sys.executable, "-m", "benchmarks.memory", how, config, str(rows)]

    def __call__(self) -> float:
        """Peak resident memory, MB."""
        root = Path(__file__).parents[1]
        done = subprocess.run(self.command, stdout=subprocess.PIPE, text=True, check=True, cwd=root)
        return float(done.stdout.split()[-1])


def own_peak_mb() -> float:
    """Peak resident memory of this process so far, MB.

    Linux counts a parent's memory in `getrusage` of a child that it forked, but not in VmHWM.
    """
    if STATUS.exists():
        lines = STATUS.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    import resource  # not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes on macOS


def _build(how: str, config: str, rows: int) -> None:
    from benchmarks import ours

    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "rows"
        contestant = ours.parquet if how == "build -o" else ours.builder
        contestant(config, rows, target).run()


if __name__ == "__main__":
    _build(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    print(own_peak_mb())
