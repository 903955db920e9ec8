"""The benchmarks by name: the contestants of each, and the ratios that have to hold."""

from collections.abc import Callable, Sequence

from benchmarks.results import Counts, Suite
from benchmarks.suites import making, objects, parts, scaling, training, waiting

__all__ = ["OF_CONFIGS", "SUITES"]

OF_CONFIGS: dict[str, Callable[[Counts, Sequence[str]], Suite]] = {
    "parts": parts.parts,
    "training": training.training,
}
"""Benchmarks of every config, which can be asked of some alone."""

SUITES: dict[str, Callable[[Counts], Suite]] = {
    "series": making.series,
    "shapes": making.shapes,
    "sky": making.sky,
    "galaxies": making.galaxies,
    **{name: lambda counts, suite=suite: suite(counts, ()) for name, suite in OF_CONFIGS.items()},
    "objects": objects.single_objects,
    "stars": objects.stars,
    "fields": objects.fields,
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
