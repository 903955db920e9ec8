"""The table of parts: what each part of making and storing a row costs, for every config."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa

import deepbench_hf
from benchmarks import ours, peers
from benchmarks.results import Counts, Ratio, Suite
from benchmarks.timing import Times, ratios, stopwatch
from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.tables.arrow import features

COLUMNS = {
    "row": "us", "parameters": "us", "noise": "us", "drawing": "us",
    "writing": "us", "datasets": "us", "preparing": "us", "opening": "ms",
}  # fmt: skip
SHARES = {
    "pendulum_noisy": 1.5, "shapes_noisy": 2.0,
    "sky_noisy": 2.5, "galaxy_morphology": 2.5, "survey_pair": 2.5,
}  # fmt: skip
"""How many times its floor, parameters and noise alone, a row may cost."""
LEAST = {"pendulum_noisy": ours.sines}
"""What no drawing of a row can do without."""
PREPARED = 1.5
"""How many times a row and its writing the preparation by `load_dataset` may cost."""
SECONDS, FEWEST, MOST, MOST_BYTES = 0.08, 16, 65536, 32 << 20
"""How long one run should take, and the rows that it makes."""

Seconds = dict[str, float]


def parts(counts: Counts, names: Sequence[str] = ()) -> Suite:
    """A row of every config, or of those that are named, and its parts."""
    times: Times = {}
    for name in names or list_recipes():
        for column, values in _measured(name, counts).items():
            times[f"{name}: {column}"] = values
    told = [ratio for name in names or list_recipes() for ratio in _ratios(name, times)]
    return Suite("A row of", "us", next(iter(times)), times, told, columns=COLUMNS)


def _ratios(name: str, times: Times) -> list[Ratio]:
    row, parameters, noise, writing = (
        np.array(times[f"{name}: {column}"]) for column in ("row", "parameters", "noise", "writing")
    )
    floor = {**times, "floor": list(parameters + noise), "both": list(row + writing)}
    share = ratios(floor, f"{name}: row", "floor")
    prepared = ratios(floor, f"{name}: preparing", "both")
    least = times.get(f"{name}: {ours.SINES}")
    bound = None if least is None else list((floor["floor"] + np.array(least)) / floor["floor"])
    return [
        Ratio(f"{name}: row / floor", share, high=SHARES.get(name), floor=bound),
        Ratio(f"{name}: preparing / (row + writing)", prepared, high=PREPARED),
    ]


def _measured(name: str, counts: Counts) -> Times:
    """Seconds of every column, round by round, each of them once a round and in turns."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        runs = _runs(name, _rows(name, counts), Path(folder))
        found: Times = {}
        for run in runs:
            run()
        for number in range(counts.turns):
            for run in runs if number % 2 else runs[::-1]:
                for column, seconds in run().items():
                    found.setdefault(column, []).append(seconds)
    return found


def _rows(name: str, counts: Counts) -> int:
    """As many rows as take about as long as is asked for."""
    rows, seconds = FEWEST, 0.0
    most = min(MOST, counts.rows * 4, MOST_BYTES // row_bytes(load_recipe(name)))
    deepbench_hf.generate(ours.varied(name, 1), "train")  # compiles
    while rows < most and seconds < 0.25 * SECONDS:
        rows = min(4 * rows, most)
        recipe = ours.varied(name, rows)
        with stopwatch() as watch:
            deepbench_hf.generate(recipe, "train")
        seconds = watch.seconds
    return max(FEWEST, min(most, int(rows * SECONDS / seconds)))


def _runs(name: str, rows: int, folder: Path) -> list[Callable[[], Seconds]]:
    recipe, whole = ours.varied(name, rows), ours.mostly_train(name, rows)
    single = ours.mostly_train(name, 1)
    table, one = ours.whole_table(name, whole), ours.whole_table(name, single)
    written = peers.arrow_floor(table, folder / "floor.arrow")
    made = ours.generate(name, recipe)
    bare, empty = _bare(name, table, len(single)), _bare(name, one, len(single))

    def prepare(build: Callable[[str], datasets.DatasetBuilder]) -> float:
        target = folder / "cache"
        shutil.rmtree(target, ignore_errors=True)
        with stopwatch() as watch:
            build(str(target)).download_and_prepare()
        return watch.seconds

    def own(sizes: ours.Rows) -> float:
        return prepare(
            lambda cache: datasets.load_dataset_builder(
                "deepbench", name, num_examples=sizes, cache_dir=cache
            )
        )

    def prepared() -> Seconds:
        opening = own(single)
        return {"preparing": (own(whole) - opening) / (rows - 1), "opening": opening}

    def stored() -> Seconds:
        opening = prepare(empty)
        return {"datasets": (prepare(bare) - opening) / (rows - 1)}

    least = [LEAST[name](recipe)] if name in LEAST else []
    return [
        lambda: {"row": made.run()},
        lambda: ours.steps_of(recipe),
        lambda: {"writing": written.run()},
        stored,
        prepared,
        *(lambda one=one: {one.name: one.run()} for one in least),
    ]


def _bare(name: str, table: pa.Table, splits: int) -> Callable[[str], datasets.DatasetBuilder]:
    """A builder of `datasets` that has its rows already: what is left is not ours."""
    last = len(table) - splits + 1
    pieces = [table.slice(0, last), *(table.slice(last + n, 1) for n in range(splits - 1))]
    info = datasets.DatasetInfo(features=features(load_recipe(name)))

    class Bare(datasets.ArrowBasedBuilder):
        def _info(self) -> datasets.DatasetInfo:
            return info

        def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
            return [
                datasets.SplitGenerator(f"part{number}", {"piece": number})
                for number in range(len(pieces))
            ]

        def _generate_tables(self, **kwargs: Any) -> Iterator[tuple[Any, pa.Table]]:
            for number, batch in enumerate(pieces[kwargs["piece"]].to_batches()):
                yield number, pa.Table.from_batches([batch])

    return lambda cache: Bare(cache_dir=cache)
