"""The benchmark of training loops: batches of 64 images and a label, for every config of images."""

import math
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks import batches, ours
from benchmarks.results import Counts, Ratio, Suite
from benchmarks.timing import Times, interleaved, ratios
from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.columns import schema

PNG = {"shapes_noisy": 10, "galaxy_morphology": 2}
"""How many times the cost of a stream that of PNGs has to be at least."""
FLOOR, OURS = "floor", "cheaper of ours"
COLUMNS = {"PNG": "us", "Parquet": "us", batches.STREAM: "us", batches.BUILT: "us", FLOOR: "us"}
MOST_PIXELS = 4 << 20


def training(counts: Counts, names: Sequence[str] = ()) -> Suite:
    """PNG and Parquet through `datasets` against streams of the same rows, made anew or built."""
    title = "An image in batches of 64"
    if find_spec("torch") is None:
        print("batches are left out: install torch for them")
        return Suite(title, "us", "", {})
    times: Times = {}
    told = []
    for name in names or list_recipes():
        columns = _columns(name)
        if columns is None:
            continue
        found = _measured(name, *columns, counts)
        times |= {f"{name}: {column}": values for column, values in found.items()}
        told += _ratios(name, found)
    return Suite(title, "us", next(iter(times)), times, told, columns=COLUMNS)


def _ratios(name: str, times: Times) -> list[Ratio]:
    """PNG against what is made anew; Parquet against that, and against the cheaper of ours."""
    pairs = zip(times[batches.STREAM], times[batches.BUILT], strict=True)
    times = times | {OURS: [min(pair) for pair in pairs]}
    made = [
        Ratio(
            f"{name}: {peer} / stream",
            ratios(times, peer, batches.STREAM),
            low,
            floor=ratios(times, peer, FLOOR),
        )
        for peer, low in (("PNG", PNG.get(name)), ("Parquet", None))
    ]
    return [*made, Ratio(f"{name}: Parquet / {OURS}", ratios(times, "Parquet", OURS), 1.0)]


def _columns(name: str) -> tuple[str, str] | None:
    """The grey image that is seen and a number to learn of it; None for other configs."""
    known = {k: c for k, c in schema(load_recipe(name)).items() if c.role != "index"}
    seen = [n for n, c in known.items() if c.role == "observed" and c.field.is_image]
    numbers = [n for n, c in known.items() if not c.field.shape and c.field.dtype[0] in "if"]
    grey = [n for n in seen if len(known[n].field.shape) == 2]
    return (grey[0], numbers[0]) if grey and numbers else None


def _measured(name: str, image: str, label: str, counts: Counts) -> Times:
    pixels = math.prod(schema(load_recipe(name))[image].field.shape)
    most = min(MOST_PIXELS // pixels, counts.rows // 20) // batches.BATCH * batches.BATCH
    rows = max(batches.BATCH, most)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        contestants = [
            batches.png(name, image, label, rows),
            batches.parquet(name, image, label, rows, Path(folder)),
            batches.stream(name, image, label, rows),
            batches.built(name, image, label, rows, Path(folder)),
            ours.floor(FLOOR, ours.varied(name, rows), [image, label]),
        ]
        return interleaved(contestants, counts.turns)
