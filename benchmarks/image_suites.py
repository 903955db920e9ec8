"""The benchmarks of the image families: an object of an image, from DeepBench to a row on disk."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import deepbench_hf
from benchmarks import deepbench_peer, ours, peers
from benchmarks.outcome import Counts, Ratio, Suite
from benchmarks.timing import Times, interleaved, per, ratios
from deepbench_hf.generation import BLOCK

__all__ = ["shapes", "sky"]

GENERATE, CLEAN, SIMULATOR = "ours: generate", "clean rows", "part: simulator"
PARAMETERS, NOISE = "part: parameters, bookkeeping", "part: noise, signal-to-noise ratio"


def shapes(counts: Counts) -> Suite:
    """An image of one shape."""
    return _suite(counts, "shapes", "An image of one shape, 64 x 64", least=100)


def sky(counts: Counts) -> Suite:
    """An object of a scene: the time of an image over the number of its objects."""
    return _suite(counts, "sky", "One object of a scene, 64 x 64", least=30)


def _suite(counts: Counts, family: str, title: str, least: float) -> Suite:
    """A family's noisy config against DeepBench, PNG and Arrow, and the parts of `generate`.

    Args:
        counts: how much work.
        family: its configs are ``family`` and ``family_noisy``; also its name in `deepbench_peer`.
        title: of the table.
        least: the required ratio of DeepBench's time to that of `generate`.
    """
    config, rows = f"{family}_noisy", max(BLOCK, counts.rows // 10)
    objects = ours.objects_per_row(config, rows)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        theirs = stack.enter_context(deepbench_peer.contestants(family, max(20, rows // 20)))
        png = peers.png(rows // 4, peers.grey(_images(config)))
        cache = ours.builder(config, rows, folder / "cache")
        floor = peers.arrow_floor(ours.whole_table(config, rows), folder / "floor.arrow")
        images = [
            png,
            ours.generate(GENERATE, config, rows),
            ours.generate(CLEAN, family, rows),
            ours.simulator(SIMULATOR, config, rows),
            ours.arrow(config, rows),
            ours.stream("arrow", config, rows),
            cache,
            ours.parquet(config, rows, folder / "parquet"),
            floor,
        ]
        times = interleaved([*theirs, *(per(objects, one) for one in images)], counts.rounds)
    told = [
        Ratio(f"{config}: decoding a PNG / generate", ratios(times, png.name, GENERATE)),
        Ratio(f"{config}: datasets cache / writing alone", ratios(times, cache.name, floor.name)),
    ]
    if theirs:
        peer = ratios(times, theirs[0].name, GENERATE)
        told.insert(0, Ratio(f"{config}: DeepBench / generate", peer, low=least))
    return Suite(title, "us", GENERATE, _with_parts(times), told)


def _images(config: str) -> NDArray[np.float32]:
    """The images of one block."""
    recipe = deepbench_hf.load_recipe(config, num_examples=BLOCK)
    return deepbench_hf.generate(recipe, "train", 0, BLOCK)["image"]


def _with_parts(times: Times) -> Times:
    """The rows, with those of the parts at the end: differences of whole runs."""
    noisy, clean, model = (times[name] for name in (GENERATE, CLEAN, SIMULATOR))
    others = {name: row for name, row in times.items() if name not in (CLEAN, SIMULATOR)}
    return others | {
        PARAMETERS: [c - m for c, m in zip(clean, model, strict=True)],
        SIMULATOR: model,
        NOISE: [n - c for n, c in zip(noisy, clean, strict=True)],
    }
