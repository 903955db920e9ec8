"""Our contestants: everything between a recipe and rows in memory, on disk or in a stream."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa

import deepbench_hf
from benchmarks.timing import Contestant, stopwatch
from deepbench_hf.arrow import tables
from deepbench_hf.digest import blocks
from deepbench_hf.folder import build_folder
from deepbench_hf.generation import BLOCK
from deepbench_hf.simulators.base import COUNT
from deepbench_hf.truths import call_inputs

__all__ = [
    "CONFIG",
    "arrow",
    "builder",
    "generate",
    "objects_per_row",
    "parquet",
    "simulator",
    "stream",
    "whole_table",
]

CONFIG = "pendulum_noisy"
"""Of the benchmarks that need one config and no certain one."""


def generate(name: str, config: str, rows: int) -> Contestant:
    """`generate` in blocks of 256, all columns."""
    recipe = deepbench_hf.load_recipe(config, num_examples=rows)

    def work() -> None:
        for start, stop in blocks(rows):
            deepbench_hf.generate(recipe, "train", start, stop)

    return Contestant(name, _timed(work, rows))


def simulator(name: str, config: str, rows: int) -> Contestant:
    """The simulator alone, on parameters and times that are already made."""
    recipe = deepbench_hf.load_recipe(config, num_examples=rows)
    model = recipe.splits["train"].simulator
    made = [
        {key: block[key] for key in call_inputs(model) & block.keys()}
        for start, stop in blocks(rows)
        if (block := deepbench_hf.generate(recipe, "train", start, stop))
    ]

    def work() -> None:
        for inputs in made:
            model(**inputs)

    return Contestant(name, _timed(work, rows))


def objects_per_row(config: str, rows: int) -> float:
    """How many objects a row of train holds on average; 1 where rows have no list of them."""
    block = deepbench_hf.generate(
        deepbench_hf.load_recipe(config, num_examples=rows), "train", 0, rows
    )
    return float(block[COUNT].mean()) if COUNT in block else 1.0


def arrow(config: str, rows: int) -> Contestant:
    """`generate` and its rows as Arrow tables."""
    recipe = deepbench_hf.load_recipe(config, num_examples=rows)

    def work() -> None:
        for _ in tables(recipe, "train", 0, rows):
            pass

    return Contestant("ours: Arrow tables", _timed(work, rows))


def stream(kind: str, config: str, rows: int) -> Contestant:
    """Batches of 256 from `load_dataset` with ``streaming=True``."""
    data = datasets.load_dataset(
        "deepbench", config, split="train", streaming=True, num_examples=rows
    ).with_format(kind)

    def work() -> None:
        for _ in data.iter(BLOCK):
            pass

    return Contestant(f"ours: streaming, {kind} batches of 256", _timed(work, rows))


def builder(config: str, rows: int, folder: Path) -> Contestant:
    """`download_and_prepare` of all splits into an empty cache."""
    total = _all_rows(config, rows)

    def run() -> float:
        shutil.rmtree(folder, ignore_errors=True)
        with stopwatch() as watch:
            datasets.load_dataset_builder(
                "deepbench", config, num_examples=rows, cache_dir=str(folder)
            ).download_and_prepare()
        return watch.seconds / total

    return Contestant("ours: datasets cache, end to end", run)


def parquet(config: str, rows: int, folder: Path, workers: int = 1) -> Contestant:
    """`build -o` of all splits into an empty folder."""
    recipe = deepbench_hf.load_recipe(config, num_examples=rows)
    total = _all_rows(config, rows)

    def run() -> float:
        shutil.rmtree(folder, ignore_errors=True)
        with stopwatch() as watch:
            build_folder([recipe], folder, workers)
        return watch.seconds / total

    return Contestant(f"ours: build -o, {workers} thread{'s' * (workers > 1)}", run)


def whole_table(config: str, rows: int) -> pa.Table:
    """The rows of all splits, as the builder writes them."""
    recipe = deepbench_hf.load_recipe(config, num_examples=rows)
    return pa.concat_tables(_split_tables(recipe))


def _split_tables(recipe: Any) -> Iterator[pa.Table]:
    for name, split in recipe.splits.items():
        yield from tables(recipe, name, 0, split.size)


def _all_rows(config: str, rows: int) -> int:
    recipe = deepbench_hf.load_recipe(config, num_examples=rows)
    return sum(split.size for split in recipe.splits.values())


def _timed(work: Callable[[], None], rows: int) -> Callable[[], float]:
    def run() -> float:
        with stopwatch() as watch:
            work()
        return watch.seconds / rows

    return run
