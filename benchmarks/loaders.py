"""What a training loop reads through `datasets`: PNGs and Parquet of the same rows, in batches."""

from collections.abc import Callable, Iterable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import datasets
import numpy as np

import deepbench_hf
from benchmarks import ours, peers
from benchmarks.timing import Contestant, timed
from deepbench_hf.tables.folder import build_folder

BATCH = 64


def png(config: str, label: str, rows: int) -> list[Contestant]:
    """Shuffled batches of PNGs of train's images, 8 bits, in memory: the two usual ways."""
    data = _png_dataset(config, label, rows)
    orders = _orders(rows)
    arrays = data.with_format("numpy")

    def gather() -> Iterator[Any]:
        order = next(orders)
        return (arrays[order[start : start + BATCH]] for start in range(0, rows, BATCH))

    return [
        _reading("datasets: PNG, DataLoader of torch batches", rows, _torch_loader(data)),
        _reading("datasets: PNG, dataset[indices] as NumPy", rows, gather),
    ]


def parquet(config: str, label: str, rows: int, folder: Path) -> list[Contestant]:
    """The same rows streamed from a folder that `build -o` wrote, only the columns trained on."""
    build_folder([ours.varied(config, rows)], folder)
    files = sorted(map(str, (folder / config).glob("train-*.parquet")))
    data = datasets.load_dataset(
        "parquet", data_files=files, split="train", streaming=True, columns=["image", label]
    )
    shuffled = data.shuffle(seed=0, buffer_size=1000)
    return [
        _streaming("datasets: Parquet streamed, torch batches", rows, data, "torch"),
        _streaming("datasets: Parquet streamed, NumPy batches", rows, data, "numpy"),
        _streaming("datasets: Parquet streamed, Arrow batches", rows, data, "arrow"),
        _streaming(
            "datasets: Parquet shuffled by a buffer of 1000, torch", rows, shuffled, "torch"
        ),
    ]


def _png_dataset(config: str, label: str, rows: int) -> datasets.Dataset:
    recipe = deepbench_hf.load_recipe(config, num_examples=rows)
    made = deepbench_hf.generate(recipe, "train")
    files = peers.encoded(peers.grey(made["image"]))
    kinds = datasets.Features({"image": datasets.Image(), label: datasets.Value("int64")})
    pictures = [{"bytes": file, "path": None} for file in files]
    return datasets.Dataset.from_dict({"image": pictures, label: made[label]}, kinds)


def _torch_loader(data: datasets.Dataset) -> Callable[[], Iterable[Any]]:
    from torch.utils.data import DataLoader

    loader: Any = DataLoader(data.with_format("torch"), BATCH, shuffle=True)  # type: ignore[arg-type]
    return lambda: loader


def _streaming(name: str, rows: int, data: datasets.IterableDataset, kind: str) -> Contestant:
    formatted = data.with_format(kind)
    return _reading(name, rows, lambda: formatted.iter(BATCH))


def _orders(rows: int) -> Iterator[np.ndarray]:
    """A permutation for each pass, drawn before the clock starts."""
    random = np.random.default_rng(0)
    return cycle([random.permutation(rows) for _ in range(8)])


def _reading(name: str, rows: int, batches: Callable[[], Iterable[Any]]) -> Contestant:
    def work() -> None:
        for _ in batches():
            pass

    return timed(name, rows, work)
