"""What a user waits for: imports, the first compile, the first batch, and loading again.

``python -m benchmarks.starting [CONFIG ...]`` times the first rows of every config, or of those
that are named, each in a fresh process with no compiled kernel, beside the floor of that; it ends
with 1 if one takes longer than it may. Meant for a machine with nothing else to do.
"""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import datasets

import deepbench_hf
from benchmarks.machine import ROOT
from benchmarks.ours import CONFIG
from benchmarks.timing import WALL, Contestant, stopwatch, timed
from deepbench_hf.tables.folder import build_folder

FLOOR = "import and an empty kernel"
IMPORT = "from deepbench_hf import generate, load_recipe"
EMPTY = "from deepbench_hf.exact.kernel import kernel; kernel(lambda x: x)(1.0)"
ROWS = """
recipe = load_recipe({config!r})
name, split = next(iter(recipe.splits.items()))
generate(recipe, name, 0, min(64, split.size))
"""
TOLD = """
import time
from deepbench_hf.exact.kernel_cache import compiled
print(len(compiled), time.process_time(), flush=True)
"""
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
LONGEST = 8.0
"""Seconds that the first batch of any other may take."""


@dataclass(frozen=True)
class Start:
    """A fresh process without compiled kernels, until it has its rows.

    Args:
        seconds: on the clock.
        processor: seconds of processor time, on all cores.
        kernels: how many it compiled.
    """

    seconds: float
    processor: float
    kernels: int


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
        f"{config}, nothing compiled yet": ROWS.format(config=config) for config in COLD
    }
    return [
        Contestant(name, lambda code=code: cold_start(code).seconds) for name, code in codes.items()
    ]


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


def cold_start(code: str) -> Start:
    """Run Python code in a fresh process without compiled kernels, and time it to its last line."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        environment = os.environ | {"HF_HOME": home, "NUMBA_CACHE_DIR": ""}
        command = [sys.executable, "-c", "\n".join([IMPORT, code, TOLD])]
        began = time.perf_counter()
        with subprocess.Popen(
            command, cwd=ROOT.parent, env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            told = process.stdout.readline().split()
            seconds = time.perf_counter() - began
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
    return Start(seconds, float(told[1]), int(told[0]))


def _python(*arguments: str) -> None:
    """Run a fresh Python in the folder above this one, to its end."""
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, cwd=ROOT.parent, stdout=subprocess.DEVNULL)


def main(configs: list[str]) -> int:
    """Print the cold start of each config; 1 if one takes longer than it may."""
    print(f"{'':32}  seconds  processor  kernels   at most")
    late = []
    for config in ("", *(configs or deepbench_hf.list_recipes())):
        start = cold_start(ROWS.format(config=config) if config else EMPTY)
        limit = COLD.get(config, LONGEST)
        figures = f"{start.seconds:8.2f}  {start.processor:9.2f}  {start.kernels:7d}"
        print(f"{config or FLOOR:32} {figures}" + (f"  {limit:8.1f}" if config else ""), flush=True)
        if config and start.seconds > limit:
            late.append(config)
    print(f"over their limit: {', '.join(late) or 'none'}")
    return int(bool(late))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
