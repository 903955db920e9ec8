"""The benchmarks by name: the contestants of each, and the ratios that have to hold."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks import deepbench_peer, ours, peers
from benchmarks.outcome import Counts, Ratio, Suite
from benchmarks.suites import configs, images, objects, scaling, systems, training, waiting
from benchmarks.timing import interleaved, ratios

__all__ = ["SUITES"]

GENERATE, SIMULATOR, CLEAN = "ours: generate", "simulator", "rows without noise"
NOISY_ROW, *_ = deepbench_peer.ROWS["pendulum"]


def series(counts: Counts) -> Suite:
    """One series, from DeepBench's to a row on disk."""
    config, rows = ours.CONFIG, counts.rows
    built, recipe = ours.in_proportion(config, rows), ours.varied(config, rows)
    table = ours.whole_table(config, built)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        deepbench = stack.enter_context(
            deepbench_peer.contestants("pendulum", max(20, rows // 100))
        )
        contestants = [
            *deepbench,
            scipy := peers.scipy_series(max(1, rows // 5000)),
            png := peers.png(rows // 20, peers.smooth_picture()[None]),
            ours.generate(GENERATE, recipe),
            ours.arrow(recipe),
            *(ours.stream(kind, config, rows) for kind in ("arrow", "numpy")),
            cache := ours.builder(config, built, folder / "cache"),
            ours.parquet(config, built, folder / "parquet"),
            floor := peers.arrow_floor(table, folder / "floor.arrow"),
            peers.memory_floor(table),
        ]
        times = interleaved(contestants, counts.rounds)
    written = ratios(times, cache.name, floor.name)
    told = [
        Ratio(f"{config}: SciPy / generate", ratios(times, scipy.name, GENERATE)),
        Ratio(f"{config}: decoding a PNG / generate", ratios(times, png.name, GENERATE), low=1),
        Ratio(f"{config}: datasets cache / writing alone", written, high=5),
    ]
    if deepbench:
        peer = ratios(times, NOISY_ROW, GENERATE)
        told.insert(0, Ratio(f"{config}: DeepBench / generate", peer, low=100))
    return Suite("One series of 100 samples", "us", GENERATE, times, told)


def parts(counts: Counts) -> Suite:
    """Where `generate` spends its time: differences of whole runs, so that nothing is left out."""
    recipe = ours.varied(ours.CONFIG, counts.rows)
    contestants = [
        ours.generate(GENERATE, recipe),
        ours.generate(CLEAN, ours.varied(ours.CONFIG, counts.rows, {"noise": None})),
        ours.simulator(SIMULATOR, recipe),
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


SUITES: dict[str, Callable[[Counts], Suite]] = {
    "series": series,
    "shapes": images.shapes,
    "sky": images.sky,
    "galaxies": images.galaxies,
    "training_shapes": training.training_shapes,
    "training_sky": training.training_sky,
    "objects": objects.single_objects,
    "stars": objects.stars,
    "configs": configs.configs,
    "fields": configs.fields,
    "systems": systems.systems,
    "parts": parts,
    "threads": waiting.threads,
    "imports": waiting.imports,
    "compile": waiting.compiles,
    "first_batch": waiting.first_batches,
    "loads": waiting.loads,
    "memory": waiting.peaks,
    "rows": scaling.rows,
    "sizes": scaling.sizes,
    "samples": scaling.samples,
    "scenes": scaling.objects_in_scenes,
}
