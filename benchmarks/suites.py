"""The benchmarks by name: the contestants of each, and the ratios that have to hold."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks import deepbench_peer, image_suites, machine, memory, ours, peers, starting
from benchmarks.outcome import Counts, Ratio, Suite
from benchmarks.timing import Contestant, interleaved, ratios

__all__ = ["SUITES"]

GENERATE, SIMULATOR, CLEAN = "ours: generate", "simulator", "clean rows"
NOISY_ROW, *_ = deepbench_peer.ROWS["pendulum"]
BUILT = (ours.CONFIG, "sky_noisy")
"""The configs whose builds are weighed: short rows, and images."""
MEMORY_ROUNDS = 3


def series(counts: Counts) -> Suite:
    """One series, from DeepBench's to a row on disk."""
    rows = counts.rows
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        deepbench = stack.enter_context(
            deepbench_peer.contestants("pendulum", max(20, rows // 100))
        )
        contestants = [
            *deepbench,
            scipy := peers.scipy_series(max(1, rows // 5000)),
            png := peers.png(rows // 20, [peers.smooth_picture()]),
            ours.generate(GENERATE, ours.CONFIG, rows),
            ours.arrow(ours.CONFIG, rows),
            *(ours.stream(kind, ours.CONFIG, rows) for kind in ("arrow", "numpy")),
            cache := ours.builder(ours.CONFIG, rows, folder / "cache"),
            ours.parquet(ours.CONFIG, rows, folder / "parquet"),
            floor := peers.arrow_floor(ours.whole_table(ours.CONFIG, rows), folder / "floor.arrow"),
        ]
        times = interleaved(contestants, counts.rounds)
    told = [
        Ratio("SciPy / generate", ratios(times, scipy.name, GENERATE)),
        Ratio("decoding a PNG / generate", ratios(times, png.name, GENERATE), low=1),
        Ratio("datasets cache / writing alone", ratios(times, cache.name, floor.name)),
    ]
    if deepbench:
        told.insert(0, Ratio("DeepBench / generate", ratios(times, NOISY_ROW, GENERATE), low=50))
    return Suite("One series of 100 samples", "us", GENERATE, times, told)


def parts(counts: Counts) -> Suite:
    """Where `generate` spends its time: differences of whole runs, so that nothing is left out."""
    contestants = [
        ours.generate(GENERATE, ours.CONFIG, counts.rows),
        ours.generate(CLEAN, "pendulum", counts.rows),
        ours.simulator(SIMULATOR, ours.CONFIG, counts.rows),
    ]
    times = interleaved(contestants, counts.rounds)
    noisy, clean, model = (times[name] for name in (GENERATE, CLEAN, SIMULATOR))
    split = {
        GENERATE: noisy,
        "parameters, times, bookkeeping": [c - m for c, m in zip(clean, model, strict=True)],
        "simulator": model,
        "noise on three parameters and x": [n - c for n, c in zip(noisy, clean, strict=True)],
    }
    return Suite("The parts of generate, per series", "us", GENERATE, split)


def threads(counts: Counts) -> Suite:
    """`build -o` with two threads; the one benchmark that may use every core."""
    if machine.core_count() < 2:
        print("threads is left out: there is one core")
        return Suite("Two threads, per series", "us", "", {})
    with tempfile.TemporaryDirectory() as folder, machine.all_cores():
        pair = [ours.parquet(ours.CONFIG, counts.rows, Path(folder) / str(n), n) for n in (1, 2)]
        times = interleaved(pair, counts.rounds)
    one, two = times
    told = [Ratio("build -o, 1 thread / 2 threads", ratios(times, one, two))]
    return Suite("Two threads, per series", "us", one, times, told)


def imports(counts: Counts) -> Suite:
    """A fresh Python that imports us, and one that imports `datasets` alone."""
    times = interleaved(starting.imports(), counts.rounds)
    _, theirs, own = times
    told = [Ratio("import deepbench_hf / import datasets", ratios(times, own, theirs), high=1.3)]
    return Suite("A fresh process", "ms", theirs, times, told)


def loads(counts: Counts) -> Suite:
    """Opening what is already built, in the same process."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        times = interleaved(starting.loads(Path(folder)), counts.rounds)
    own, parquet = times
    told = [Ratio("load_dataset again / the same as Parquet", ratios(times, own, parquet))]
    return Suite("Loading the eight splits again", "ms", own, times, told)


def peaks(counts: Counts) -> Suite:
    """Peak memory of builds of two sizes, in processes of their own."""
    contestants = [
        Contestant(
            f"{config}: {how}, {rows:,} rows".replace(",000", " 000"),
            memory.Build(how, config, rows),
        )
        for config in BUILT
        for how in memory.BUILDS
        for rows in counts.peaks
    ]
    times = interleaved(contestants, min(MEMORY_ROUNDS, counts.rounds))
    names = list(times)
    told = [
        Ratio(f"{big} / {small}", ratios(times, big, small), high=1.2)
        for small, big in zip(names[::2], names[1::2], strict=True)
    ]
    return Suite("Peak memory of a build", "MB", names[0], times, told)


SUITES: dict[str, Callable[[Counts], Suite]] = {
    "series": series,
    "shapes": image_suites.shapes,
    "sky": image_suites.sky,
    "parts": parts,
    "threads": threads,
    "imports": imports,
    "loads": loads,
    "memory": peaks,
}
