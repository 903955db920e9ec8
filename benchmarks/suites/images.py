"""The benchmarks of the image families: an object of an image, from DeepBench to a row on disk."""

import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import deepbench_hf
from benchmarks import deepbench_peer, ours, peers
from benchmarks.outcome import Counts, Ratio, Suite
from benchmarks.timing import Contestant, Times, interleaved, per, ratios
from deepbench_hf.rows.generation import BLOCK

GENERATE, CLEAN, SIMULATOR = "ours: generate", "rows without noise", "part: simulator"
PARAMETERS, NOISE = "part: parameters, bookkeeping", "part: noise, signal-to-noise ratio"


@dataclass(frozen=True)
class Asked:
    """What a family's benchmark is about.

    Args:
        family: its name in `deepbench_peer`.
        config: the config, noise included.
        title: of the table.
        least: the required ratio of DeepBench's time to that of `generate`.
        most: the required ratio of the cache's time to that of writing alone, if there is one.
    """

    family: str
    config: str
    title: str
    least: float
    most: float | None = None


def shapes(counts: Counts) -> Suite:
    """An image of one shape."""
    title = "An image of one shape, 64 x 64"
    return _suite(counts, Asked("shapes", "shapes_noisy", title, least=200, most=3))


def sky(counts: Counts) -> Suite:
    """An object of a scene: the time of an image over the number of its objects."""
    title = "One object of a scene, 64 x 64"
    return _suite(counts, Asked("sky", "sky_noisy", title, least=40, most=8))


def galaxies(counts: Counts) -> Suite:
    """An image of one galaxy."""
    title = "An image of one galaxy, 64 x 64"
    return _suite(counts, Asked("galaxies", "galaxy_morphology", title, least=20))


def _suite(counts: Counts, asked: Asked) -> Suite:
    """A config against DeepBench, PNG and Arrow, and the parts of `generate`."""
    rows, built = max(BLOCK, counts.rows // 10), ours.in_proportion(asked.config, counts.rows // 2)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        count = max(20, rows // 20)
        theirs = stack.enter_context(deepbench_peer.contestants(asked.family, count))
        own = _own(asked.config, rows, built, folder)
        times = interleaved([*theirs, *own], counts.rounds)
    png, *_, cache, _, floor, _ = (one.name for one in own)
    told = [
        Ratio(f"{asked.config}: decoding a PNG / generate", ratios(times, png, GENERATE)),
        Ratio(
            f"{asked.config}: datasets cache / writing alone",
            ratios(times, cache, floor),
            high=asked.most,
        ),
    ]
    if theirs:
        peer = ratios(times, theirs[0].name, GENERATE)
        told.insert(0, Ratio(f"{asked.config}: DeepBench / generate", peer, low=asked.least))
    return Suite(asked.title, "us", GENERATE, _with_parts(times), told)


def _own(config: str, rows: int, built: dict[str, int], folder: Path) -> list[Contestant]:
    """The rows that are not DeepBench's, PNG first, the floors last, per object.

    Args:
        config: what is made.
        rows: how many, for those that make a part.
        built: rows of each split for those that make them all: the fixed cost of `datasets` has
            to be small beside them, as it is at the shipped size.
        folder: where they are written.
    """
    noisy = ours.varied(config, rows)
    clean = ours.varied(config, rows, {"noise": None})
    table = ours.whole_table(config, built)
    contestants = [
        peers.png(rows // 4, peers.grey(images(config, BLOCK))),
        ours.generate(GENERATE, noisy),
        ours.generate(CLEAN, clean),
        ours.simulator(SIMULATOR, noisy),
        ours.arrow(noisy),
        ours.stream("arrow", config, rows),
        ours.builder(config, built, folder / "cache"),
        ours.parquet(config, ours.in_proportion(config, rows), folder / "parquet"),
        peers.arrow_floor(table, folder / "floor.arrow"),
        peers.memory_floor(table),
    ]
    objects = ours.objects_per_row(noisy)
    return [per(objects, one) for one in contestants]


def images(config: str, count: int, size: int = 64) -> NDArray[np.float32]:
    """The first images of train."""
    recipe = deepbench_hf.load_recipe(config, num_examples=count, image_size=size)
    return deepbench_hf.generate(recipe, "train")["image"]


def _with_parts(times: Times) -> Times:
    """The rows, with those of the parts at the end: differences of whole runs."""
    noisy, clean, model = (times[name] for name in (GENERATE, CLEAN, SIMULATOR))
    others = {name: row for name, row in times.items() if name not in (CLEAN, SIMULATOR)}
    return others | {
        PARAMETERS: [c - m for c, m in zip(clean, model, strict=True)],
        SIMULATOR: model,
        NOISE: [n - c for n, c in zip(noisy, clean, strict=True)],
    }
