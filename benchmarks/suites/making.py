"""The benchmarks of making rows: DeepBench, SciPy and Pillow against `generate`, and its floor."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import deepbench_hf
from benchmarks import deepbench_peer, ours, peers
from benchmarks.results import Counts, Ratio, Suite
from benchmarks.timing import Contestant, Times, interleaved, per, ratios
from deepbench_hf.rows.generation import BLOCK

GENERATE = "ours: generate"
FLOOR = "floor: our parameters and noise alone"


def series(counts: Counts) -> Suite:
    """One series, from DeepBench's to a row on disk."""
    config, rows = ours.CONFIG, counts.rows
    own = [
        peers.scipy_series(max(1, rows // 5000)),
        peers.png(rows // 20, peers.smooth_picture()[None]),
    ]
    title = "One series of 100 samples"
    return _suite(title, "pendulum", config, own, rows, max(20, rows // 100), counts.rounds)


def shapes(counts: Counts) -> Suite:
    """An image of one shape."""
    return _images(counts, "shapes", "shapes_noisy", "An image of one shape, 64 x 64")


def sky(counts: Counts) -> Suite:
    """An object of a scene: the time of an image over the number of its objects."""
    return _images(counts, "sky", "sky_noisy", "One object of a scene, 64 x 64")


def galaxies(counts: Counts) -> Suite:
    """An image of one galaxy."""
    return _images(counts, "galaxies", "galaxy_morphology", "An image of one galaxy, 64 x 64")


def images(config: str, count: int, size: int = 64) -> NDArray[np.float32]:
    """The first images of train."""
    recipe = deepbench_hf.load_recipe(config, num_examples=count, image_size=size)
    return deepbench_hf.generate(recipe, "train")["image"]


def _images(counts: Counts, family: str, config: str, title: str) -> Suite:
    rows = max(BLOCK, counts.rows // 20)
    png = peers.png(rows // 4, peers.grey(images(config, BLOCK)))
    return _suite(title, family, config, [png], rows, max(20, rows // 20), counts.rounds)


def _suite(
    title: str, family: str, config: str, others: list[Contestant], rows: int, few: int, rounds: int
) -> Suite:
    """A config against DeepBench and others, on the roads of ours, and its floors.

    Args:
        title: of the table.
        family: its name in `deepbench_peer`.
        config: what is made.
        others: contestants that are neither DeepBench's nor ours, per row.
        rows: how many ours make.
        few: how many DeepBench makes.
        rounds: how often each runs.
    """
    recipe = ours.varied(config, rows)
    table = ours.whole_table(config, ours.mostly_train(config, rows))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        deepbench = stack.enter_context(deepbench_peer.contestants(family, few))
        own = [
            ours.generate(GENERATE, recipe),
            ours.floor(FLOOR, recipe),
            ours.arrow(recipe),
            *(ours.stream(kind, config, rows) for kind in ("arrow", "numpy")),
            ours.parquet(config, ours.mostly_train(config, rows), folder / "parquet"),
            peers.arrow_floor(table, folder / "floor.arrow"),
            peers.memory_floor(table),
        ]
        objects = ours.objects_per_row(recipe)
        own = [per(objects, one) for one in (*others, *own)]
        times = interleaved([*deepbench, *own], rounds)
    first = [(f"{config}: DeepBench / generate", one.name) for one in deepbench[:1]]
    first += [(f"{config}: {one.name} / generate", one.name) for one in others]
    return Suite(title, "us", GENERATE, times, [_ratio(times, *one) for one in first])


def _ratio(times: Times, words: str, above: str) -> Ratio:
    over, floor = ratios(times, above, GENERATE), ratios(times, above, FLOOR)
    return Ratio(words, over, floor=floor)
