"""The benchmarks of training loops: shuffled batches of 64 images and labels, on one core."""

import tempfile
from importlib.util import find_spec
from pathlib import Path

from benchmarks import loaders, training
from benchmarks.outcome import Counts, Ratio, Suite
from benchmarks.timing import interleaved, ratios


def training_shapes(counts: Counts) -> Suite:
    """Images of one shape and its class."""
    return _suite(counts, "shapes_noisy", "label", png=20, parquet=1)


def training_sky(counts: Counts) -> Suite:
    """Scenes and the number of their objects."""
    return _suite(counts, "sky_noisy", "n_objects", png=6)


def _suite(
    counts: Counts, config: str, label: str, png: float, parquet: float | None = None
) -> Suite:
    """PNG and Parquet through `datasets` against a stream of the same rows.

    Args:
        counts: how much work.
        config: which images.
        label: the column that is trained on.
        png: how many times the cost of a stream that of PNGs has to be at least.
        parquet: the same for Parquet, if there is a limit.
    """
    title = f"Reading {config} in batches of 64, per image"
    if find_spec("torch") is None:
        print(f"{config}: batches are left out: install torch for them")
        return Suite(title, "us", "", {})
    rows = loaders.BATCH * max(16, counts.rows // 10 // loaders.BATCH)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        png_torch, *pngs = loaders.png(config, label, rows)
        parquet_torch, *parquets = loaders.parquet(config, label, rows, Path(folder))
        streams = training.ours(config, label, rows)
        peers = [png_torch, *pngs, parquet_torch, *parquets]
        times = interleaved([*peers, *streams], counts.rounds)
    told = [
        Ratio(f"{config}: {peer.name} / stream", ratios(times, peer.name, training.STREAM), low)
        for peer, low in ((png_torch, png), (parquet_torch, parquet))
    ]
    return Suite(title, "us", training.STREAM, times, told)
