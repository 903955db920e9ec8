"""Roads into a training loop: PNGs and Parquet of the same rows through `datasets`, and ours."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import datasets
import numpy as np

import deepbench_hf
from benchmarks import ours, peers
from benchmarks.timing import CPU, Contestant, timed
from deepbench_hf.rows.generation import rows_at
from deepbench_hf.tables.folder import build_folder

BATCH = 64
STREAM, BUILT = "stream", "built"


def png(config: str, image: str, label: str, rows: int) -> Contestant:
    """Shuffled torch batches of PNGs of train's images, 8 bits, in memory: the usual way."""
    from torch.utils.data import DataLoader

    data = _png_dataset(config, image, label, rows).with_format("torch")
    loader: Any = DataLoader(data, BATCH, shuffle=True)  # type: ignore[arg-type]
    return passing("PNG", rows, lambda: loader)


def parquet(config: str, image: str, label: str, rows: int, folder: Path) -> Contestant:
    """The same rows streamed from a folder that `build -o` wrote, only the columns trained on."""
    build_folder([ours.varied(config, rows)], folder)
    files = sorted(map(str, (folder / config).glob("train-*.parquet")))
    data = datasets.load_dataset(
        "parquet", data_files=files, split="train", streaming=True, columns=[image, label]
    ).with_format("torch")
    return passing("Parquet", rows, lambda: data.iter(BATCH))


def _png_dataset(config: str, image: str, label: str, rows: int) -> datasets.Dataset:
    recipe = deepbench_hf.load_recipe(config, num_examples=rows)
    made = rows_at(recipe, "train", np.arange(rows), [image, label])
    files = peers.encoded(peers.grey(made[image]))
    kinds = datasets.Features({"image": datasets.Image(), label: datasets.Value("float32")})
    pictures = [{"bytes": file, "path": None} for file in files]
    return datasets.Dataset.from_dict({"image": pictures, label: made[label]}, kinds)


def open_stream(
    config: str, rows: int, columns: Sequence[str] | None = None, **options: Any
) -> Any:
    """Shuffled batches of train, one epoch each time it is iterated."""
    return deepbench_hf.stream(
        config, "train", BATCH, columns=columns, num_examples=rows, **options
    )


def stream(config: str, image: str, label: str, rows: int) -> Contestant:
    """Shuffled torch batches of images and labels, made anew."""
    opened = open_stream(config, rows, [image, label]).torch()  # as the others are
    return passing(STREAM, rows, lambda: opened)


def built(config: str, image: str, label: str, rows: int, folder: Path) -> Contestant:
    """The same batches as `stream`, gathered from the folder that `parquet` has built."""
    columns = [image, label]
    opened = deepbench_hf.stream(
        str(folder), "train", BATCH, config=config, columns=columns, drop_last=False
    ).torch()
    return passing(BUILT, rows, lambda: opened)


def passing(
    name: str, rows: int, batches: Callable[[], Iterable[Any]], clock: Callable[[], float] = CPU
) -> Contestant:
    """A contestant that opens batches and goes through all of them."""

    def work() -> None:
        for _ in batches():
            pass

    return timed(name, rows, work, clock)
