"""The benchmarks of growth: cost against rows, image size, samples and objects in a scene."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import deepbench_hf
from benchmarks import deepbench_peer, ours, peers
from benchmarks.results import Counts, Curves, Suite
from benchmarks.suites.making import images
from benchmarks.timing import Contestant, Curve, climbed
from deepbench_hf.rows.generation import BLOCK

ROWS = (1_000, 10_000, 100_000, 1_000_000)
SIZES = (28, 64, 128, 256)
SAMPLES = (30, 100, 300, 1_000)
OBJECTS = (1, 2, 4, 8)
IMAGES = ("shapes_noisy", "sky_noisy", "galaxy_morphology")


def rows(counts: Counts) -> Suite:
    """A row of `pendulum_noisy` in splits of a thousand to a million rows."""
    config = ours.CONFIG
    with deepbench_peer.running() as peer, tempfile.TemporaryDirectory() as folder:
        cache, files = Path(folder) / "cache", Path(folder) / "rows"
        curves: dict[str, Curve] = {
            "ours: generate": lambda n: ours.generate("", ours.varied(config, n)),
            "ours: datasets cache": lambda n: ours.builder(
                config, ours.mostly_train(config, n), cache
            ),
            "ours: build -o": lambda n: ours.parquet(config, ours.mostly_train(config, n), files),
        }
        if peer:
            curves["DeepBench: noisy series"] = lambda n: peer.contestant("", "noisy", n)
        return _suite("A row of pendulum_noisy", curves, ROWS, "rows of train", counts)


def sizes(counts: Counts) -> Suite:
    """A noisy image of a side of 28 to 256 pixels."""
    curves: dict[str, Curve] = {
        f"ours: {config}": lambda side, config=config: _resized(config, side) for config in IMAGES
    }
    curves["Pillow: decoding a PNG of shapes_noisy"] = lambda side: peers.png(
        BLOCK // 4, peers.grey(images(IMAGES[0], 32, side))
    )
    with deepbench_peer.running() as peer:
        if peer:
            few = max(10, counts.rows // 500)
            curves["DeepBench: a shape"] = lambda side: peer.contestant("", "shape", few, side)
            curves["DeepBench: a galaxy"] = lambda side: peer.contestant("", "galaxy", few, side)
        return _suite("A noisy image", curves, SIZES, "side of the image (pixels)", counts)


def samples(counts: Counts) -> Suite:
    """A noisy series of 30 to 1 000 samples."""
    count = max(BLOCK, counts.rows // 10)
    curves: dict[str, Curve] = {
        "ours: pendulum_noisy": lambda n: _sampled(count, n),
        "SciPy: ellipj in batches of 256": lambda n: peers.scipy_series(max(1, count // 1000), n),
    }
    with deepbench_peer.running() as peer:
        if peer:
            few = max(10, count // 10)
            curves["DeepBench: noisy series"] = lambda n: peer.contestant("", "noisy", few, n)
        return _suite("A noisy series", curves, SAMPLES, "samples", counts)


def objects_in_scenes(counts: Counts) -> Suite:
    """A scene of one to eight objects, 64 x 64 pixels."""
    count = max(BLOCK, counts.rows // 40)
    curves: dict[str, Curve] = {
        f"ours: {config}": lambda n, config=config: _crowded(config, count, n)
        for config in ("sky_noisy", "shapes_scene")
    }
    return _suite("A scene of 64 x 64 pixels", curves, OBJECTS, "objects in the scene", counts)


def _suite(
    title: str, curves: Mapping[str, Curve], places: Sequence[int], axis: str, counts: Counts
) -> Suite:
    times, points = climbed(curves, places, counts.few, counts.limit)
    return Suite(title, "us", next(iter(times)), times, curves=Curves(axis, points))


def _resized(config: str, side: int) -> Contestant:
    recipe = deepbench_hf.load_recipe(config, num_examples=BLOCK, image_size=side)
    return ours.generate("", recipe)


def _sampled(count: int, number: int) -> Contestant:
    change = {"simulator": {"time": {"samples": number}}}
    return ours.generate("", ours.varied(ours.CONFIG, count, change))


def _crowded(config: str, count: int, number: int) -> Contestant:
    change = {"simulator": {"max_objects": max(OBJECTS)}, "priors": {"n_objects": number}}
    return ours.generate("", ours.varied(config, count, change))
