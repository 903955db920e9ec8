"""Our contestants: everything between a recipe and rows in memory, on disk or in a stream."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa

import deepbench_hf
from benchmarks.timing import CPU, Contestant, stopwatch, timed
from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import COUNT
from deepbench_hf.recipe import steps
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.text import merge
from deepbench_hf.rows.digest import blocks
from deepbench_hf.rows.generation import BLOCK, RUN
from deepbench_hf.simulators.base import call_inputs
from deepbench_hf.tables.arrow import tables
from deepbench_hf.tables.folder import build_folder

CONFIG = "pendulum_noisy"
"""Of the benchmarks that need one config and no certain one."""

SINES = "sines"
PARTS = {steps.Truths: "parameters", steps.Measure: "noise", steps.Perturb: "noise"}

Rows = int | dict[str, int]
"""Rows of train, or of each split: what `num_examples` takes."""


def varied(config: str, rows: int, change: Mapping[str, Any] | None = None) -> Recipe:
    """The train split alone of a shipped config, with a change as `extends` would make it."""
    mapping = deepbench_hf.load_recipe(config).to_mapping()
    alone = {**mapping, "splits": {"train": {"size": rows}}}
    return Recipe.from_mapping(config, merge(alone, change or {}))


def in_proportion(config: str, rows: int) -> dict[str, int]:
    """So many rows of train, and a tenth in each other split, as the shipped configs have."""
    splits = deepbench_hf.load_recipe(config).splits
    return dict.fromkeys(splits, max(1, rows // 10)) | {"train": rows}


def mostly_train(config: str, rows: int) -> dict[str, int]:
    """So many rows of train, and one in each other split."""
    return dict.fromkeys(deepbench_hf.load_recipe(config).splits, 1) | {"train": rows}


def generate(name: str, recipe: Recipe) -> Contestant:
    """`generate` of train in blocks of 256, all columns."""
    rows = recipe.splits["train"].size

    def work() -> None:
        for start, stop in blocks(rows):
            deepbench_hf.generate(recipe, "train", start, stop)

    return timed(name, rows, work)


def simulator(name: str, recipe: Recipe) -> Contestant:
    """The simulator alone, on parameters and times that are already made."""
    model, rows = recipe.splits["train"].simulator, recipe.splits["train"].size
    made = [
        {key: block[key] for key in call_inputs(model) & block.keys()}
        for start, stop in blocks(rows)
        if (block := deepbench_hf.generate(recipe, "train", start, stop))
    ]

    def work() -> None:
        for inputs in made:
            model(**inputs)

    return timed(name, rows, work)


def steps_of(recipe: Recipe, wanted: Iterable[str] | None = None) -> dict[str, float]:
    """Seconds a row of parameters, noise and drawing: each step of `rows_at` by itself.

    A block at a time, on what the steps before it made; drawing is all that is neither of the
    others: the simulator, masks, bounds and estimates.

    Args:
        recipe: with the rows of train.
        wanted: columns; None for all.
    """
    plan, rows = recipe.plan("train"), recipe.splits["train"].size
    needed = plan.needed(set(schema(recipe) if wanted is None else wanted))
    found: dict[str, float] = {"parameters": 0.0, "noise": 0.0, "drawing": 0.0}
    for start, stop in blocks(rows):
        made: dict[str, Any] = {"index": np.arange(start, stop)}
        for step, used in needed:
            begun = CPU()
            made |= RUN[type(step)](plan, step, made, used)
            found[PARTS.get(type(step), "drawing")] += CPU() - begun
    return {part: seconds / rows for part, seconds in found.items()}


def floor(name: str, recipe: Recipe, wanted: Iterable[str] | None = None) -> Contestant:
    """Parameters and noise without any drawing: rows cannot cost less."""

    def run() -> float:
        found = steps_of(recipe, wanted)
        return found["parameters"] + found["noise"]

    return Contestant(name, run)


def sines(recipe: Recipe) -> Contestant:
    """Sine and cosine of each phase of a pendulum and the sine of its angle, and nothing else.

    No closed form of the motion has fewer.
    """
    made = deepbench_hf.generate(recipe, "train", 0, min(BLOCK, recipe.splits["train"].size))
    angle, out = np.ascontiguousarray(made["theta_rad"]), np.empty((3, made["theta_rad"].shape[1]))
    return timed(SINES, len(angle), lambda: _sines(angle, out))


@kernel
def _sines(angle, out) -> None:
    for row in range(angle.shape[0]):
        for i in range(angle.shape[1]):
            out[0, i], out[1, i] = exact.sincos(angle[row, i])
        for i in range(angle.shape[1]):
            out[2, i] = exact.sin(angle[row, i])


def objects_per_row(recipe: Recipe) -> float:
    """How many objects a row of train holds on average; 1 where rows have no list of them."""
    block = deepbench_hf.generate(recipe, "train")
    return float(block[COUNT].mean()) if COUNT in block else 1.0


def arrow(recipe: Recipe) -> Contestant:
    """`generate` and its rows as Arrow tables."""
    rows = recipe.splits["train"].size

    def work() -> None:
        for _ in tables(recipe, "train", 0, rows):
            pass

    return timed("ours: Arrow tables", rows, work)


def stream(kind: str, config: str, rows: int) -> Contestant:
    """Batches of 256 from `load_dataset` with ``streaming=True``."""
    data = datasets.load_dataset(
        "deepbench", config, split="train", streaming=True, num_examples=rows
    ).with_format(kind)

    def work() -> None:
        for _ in data.iter(BLOCK):
            pass

    return timed(f"ours: streaming, {kind} batches of 256", rows, work)


def builder(
    config: str, rows: Rows, folder: Path, processes: int = 1, clock: Callable[[], float] = CPU
) -> Contestant:
    """`download_and_prepare` of all splits into an empty cache."""
    total = _all_rows(config, rows)
    num_proc = processes if processes > 1 else None

    def run() -> float:
        shutil.rmtree(folder, ignore_errors=True)
        with stopwatch(clock) as watch:
            datasets.load_dataset_builder(
                "deepbench", config, num_examples=rows, cache_dir=str(folder)
            ).download_and_prepare(num_proc=num_proc)
        return watch.seconds / total

    how = f"{processes} processes" if processes > 1 else "end to end"
    return Contestant(f"ours: datasets cache, {how}", run)


def parquet(
    config: str, rows: Rows, folder: Path, workers: int = 1, clock: Callable[[], float] = CPU
) -> Contestant:
    """`build -o` of all splits into an empty folder."""
    recipe = deepbench_hf.load_recipe(config, num_examples=rows)
    total = _all_rows(config, rows)

    def run() -> float:
        shutil.rmtree(folder, ignore_errors=True)
        with stopwatch(clock) as watch:
            build_folder([recipe], folder, workers)
        return watch.seconds / total

    return Contestant(f"ours: build -o, {workers} thread{'s' * (workers > 1)}", run)


def whole_table(config: str, rows: Rows) -> pa.Table:
    """The rows of all splits, as the builder writes them."""
    recipe = deepbench_hf.load_recipe(config, num_examples=rows)
    return pa.concat_tables(_split_tables(recipe))


def _split_tables(recipe: Recipe) -> Iterator[pa.Table]:
    for name, split in recipe.splits.items():
        yield from tables(recipe, name, 0, split.size)


def _all_rows(config: str, rows: Rows) -> int:
    return deepbench_hf.load_recipe(config, num_examples=rows).rows
