"""DeepBench as a contestant: its environment, made once, and a child process in it."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.children import Child, child
from benchmarks.machine import ROOT
from benchmarks.timing import Contestant

VERSION = "0.2.3"
REQUIREMENT = f"deepbench=={VERSION}"
ENVIRONMENT = ROOT / ".venv-deepbench"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
CHECK = f"from importlib.metadata import version; assert version('deepbench') == '{VERSION}'"
QUIETLY = ("--quiet", "--disable-pip-version-check", "--only-binary=:all:")
ROWS = {
    "pendulum": {
        "DeepBench: Pendulum and noisy series": "noisy",
        "DeepBench: Pendulum, noisy and clean series": "both",
        "DeepBench: noisy series alone": "call",
    },
    "shapes": {
        "DeepBench: ShapeImage, a shape and Gaussian noise": "shape",
        "DeepBench: the same, the making of the ShapeImage left out": "shape_call",
    },
    "sky": {
        "DeepBench: SkyImage, objects with Poisson noise, Gaussian noise": "sky",
        "DeepBench: the same, objects without noise": "sky_clean",
    },
    "galaxies": {"DeepBench: SkyImage, a galaxy with Poisson noise, Gaussian noise": "galaxy"},
}
"""By family, the rows and their modes in `deepbench_child.py`."""
SIZES: dict[str, int] = dict.fromkeys(("noisy", "both", "call"), 100)
"""Samples of a series; images have 64 pixels to a side."""


@contextmanager
def contestants(family: str, count: int) -> Iterator[list[Contestant]]:
    """DeepBench's rows, each run ``count`` items; none where its environment cannot be made."""
    with running() as peer:
        rows = ROWS[family].items() if peer else ()
        yield [peer.contestant(name, mode, count) for name, mode in rows if peer]


@contextmanager
def running() -> Iterator[Peer | None]:
    """DeepBench in its process; None, and a line that says so, where it cannot be installed."""
    problem = _make_environment()
    if problem:
        print(f"DeepBench is left out: {REQUIREMENT} cannot be installed: {problem}")
        yield None
        return
    command = [PYTHON, ROOT / "deepbench_child.py"]
    # DeepBench writes a log where it runs, hence a folder of its own.
    with tempfile.TemporaryDirectory() as folder, child(command, Path(folder)) as process:
        yield Peer(process)


class Peer:
    """DeepBench's process."""

    def __init__(self, process: Child) -> None:
        self.process = process

    def contestant(self, name: str, mode: str, count: int, size: int | None = None) -> Contestant:
        """A row of a mode of `deepbench_child.py`: seconds an item of ``count`` ones of a size."""
        size = SIZES.get(mode, 64) if size is None else size
        return self.process.contestant(name, f"{mode} {count} {size}")


def _make_environment() -> str | None:
    """Install DeepBench once; what went wrong, in one line, or None."""
    if PYTHON.exists() and _run(str(PYTHON), "-c", CHECK) is None:
        return None
    print(f"making an environment with {REQUIREMENT} ...", flush=True)
    return _run(sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)) or _run(
        str(PYTHON), "-m", "pip", "install", *QUIETLY, REQUIREMENT
    )


def _run(*command: str) -> str | None:
    """The last line that a failing command printed, or None."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    lines = (done.stderr or done.stdout).strip().splitlines()
    return lines[-1] if lines else f"code {done.returncode}"
