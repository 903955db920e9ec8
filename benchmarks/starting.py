"""What a user waits for before the first row: imports, and loading what is already built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import datasets

import deepbench_hf
from benchmarks.ours import CONFIG
from benchmarks.timing import Contestant, stopwatch
from deepbench_hf.folder import build_folder

__all__ = ["imports", "loads"]


def imports() -> list[Contestant]:
    """Python with nothing, with `datasets` and with our package, each in a fresh process."""
    return [
        Contestant(name, _Process(code))
        for name, code in {
            "python -c pass": "pass",
            "import datasets": "import datasets",
            "import deepbench_hf": "import deepbench_hf",
        }.items()
    ]


class _Process:
    """A fresh Python that runs one line."""

    def __init__(self, code: str) -> None:
        self.command = [sys.executable, "-c", code]

    def __call__(self) -> float:
        """Seconds from start to end."""
        with stopwatch() as watch:
            subprocess.run(self.command, check=True)
        return watch.seconds


def loads(folder: Path) -> list[Contestant]:
    """`load_dataset` of rows that are in the cache: our config, and its Parquet without us."""
    build_folder([deepbench_hf.load_recipe(CONFIG)], folder / "parquet")
    return [
        _load("ours: load_dataset again", "deepbench", folder / "cache"),
        _load("datasets: the same rows as a folder of Parquet", str(folder / "parquet"), folder),
    ]


def _load(name: str, path: str, cache: Path) -> Contestant:
    def run() -> float:
        with stopwatch() as watch:
            datasets.load_dataset(path, CONFIG, cache_dir=str(cache))
        return watch.seconds

    return Contestant(name, run)
