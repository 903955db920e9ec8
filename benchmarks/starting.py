"""What a user waits for: imports, the first compile, the first batch, and loading again."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import datasets

import deepbench_hf
from benchmarks.machine import ROOT
from benchmarks.ours import CONFIG
from benchmarks.timing import WALL, Contestant, stopwatch, timed
from deepbench_hf.tables.folder import build_folder

FLOOR = "import and an empty kernel"
IMPORT = "from deepbench_hf import generate; "
EMPTY = f"{IMPORT}from deepbench_hf.exact.kernel import kernel; kernel(lambda x: x)(1.0)"
FIRST = {
    "stream": "import deepbench_hf; "
    "next(iter(deepbench_hf.stream('pendulum_noisy', 'train', 64, num_examples=10**9)))",
    "load_dataset, streaming": "import datasets, deepbench_hf; "
    "data = datasets.load_dataset('deepbench', 'pendulum_noisy', split='train', streaming=True, "
    "num_examples=10**9); next(iter(data.shuffle(seed=0).with_format('numpy').iter(64)))",
}
"""The first shuffled batch of a split of 10^9 rows, by two roads."""
COLD = {"pendulum_noisy": 4.0, "shapes_noisy": 8.0, "sky_noisy": 8.0}
"""Configs and the seconds that their first batch may take."""


def imports() -> list[Contestant]:
    """Python with nothing, with `datasets` and with our package, each in a fresh process."""
    codes = {
        "python -c pass": "pass",
        "import datasets": "import datasets",
        "import deepbench_hf": "import deepbench_hf",
    }
    return [
        timed(name, 1, lambda code=code: _python("-c", code), WALL) for name, code in codes.items()
    ]


def compiles() -> list[Contestant]:
    """The first 64 rows in a fresh process that has no compiled kernel, and the floor of that."""
    codes = {FLOOR: EMPTY} | {
        f"{config}, nothing compiled yet": f"{IMPORT}generate({config!r}, 'train', 0, 64)"
        for config in COLD
    }
    return [timed(name, 1, lambda code=code: _cold(code), WALL) for name, code in codes.items()]


def batches() -> list[Contestant]:
    """The first shuffled batch of a split of 10^9 rows, in this process and in a fresh one."""
    warm = [
        timed(f"{name}: warm", 1, lambda code=code: exec(code, {}), WALL)
        for name, code in FIRST.items()
    ]
    cold = [
        timed(f"{name}: a fresh process", 1, lambda code=code: _python("-c", code), WALL)
        for name, code in FIRST.items()
    ]
    return [*warm, *cold]


def loads(folder: Path) -> list[Contestant]:
    """`load_dataset` of rows that are in the cache: our config, and its Parquet without us."""
    build_folder([deepbench_hf.load_recipe(CONFIG)], folder / "parquet")
    return [
        _load("ours: load_dataset again", "deepbench", folder / "cache"),
        _load("datasets: the same rows as a folder of Parquet", str(folder / "parquet"), folder),
    ]


def _load(name: str, path: str, cache: Path) -> Contestant:
    def run() -> float:
        with stopwatch(WALL) as watch:
            datasets.load_dataset(path, CONFIG, cache_dir=str(cache))
        return watch.seconds

    return Contestant(name, run)


def _cold(code: str) -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        _python("-c", code, settings={"HF_HOME": home, "NUMBA_CACHE_DIR": ""})


def _python(*arguments: str, settings: Mapping[str, str] | None = None) -> None:
    """Run a fresh Python in the folder above this one, to its end."""
    environment = {**os.environ, **(settings or {})}
    subprocess.run(
        [sys.executable, *arguments],
        check=True, cwd=ROOT.parent, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
