"""Times the package that is on the path; speaks in lines with `against.py`.

It uses no more than the package's front door, as it also runs with the package of another commit.
"""

import sys
import tempfile
import time
from pathlib import Path

import datasets

import deepbench_hf

BLOCK = 256
MOST_ROWS, MOST_BYTES = 16384, 16 << 20


def run(how: str, name: str, rows: int) -> float:
    """CPU seconds of a row of train."""
    recipe = deepbench_hf.load_recipe(name, num_examples=rows, splits=["train"])
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        if how == "generate":
            for start in range(0, rows, BLOCK):
                deepbench_hf.generate(recipe, "train", start, min(start + BLOCK, rows))
        else:
            datasets.load_dataset_builder(
                "deepbench", name, num_examples=rows, splits=["train"], cache_dir=folder
            ).download_and_prepare()
        return (time.process_time() - begun) / rows


def rows_within(how: str, name: str, seconds: float) -> int:
    """As many rows as take so long, after a first run that compiles."""
    run(how, name, 1)
    made = deepbench_hf.generate(name, "train", 0, 1)
    most = min(MOST_ROWS, MOST_BYTES // sum(column.nbytes for column in made.values()))
    rows, took = 1, 0.0
    while took < seconds and rows < most:
        rows = min(4 * rows, most)
        took = rows * run(how, name, rows)
    return max(1, min(rows, int(rows * seconds / took)))


def families() -> list[str]:
    """The first config of each folder of recipes, and those that the README speaks of."""
    folder = Path(deepbench_hf.__file__).parents[1] / "configs"
    first = {sorted(part.glob("*.yaml"))[0].stem for part in folder.iterdir() if part.is_dir()}
    return sorted({*first, "pendulum_noisy", "shapes_noisy", "sky_noisy", "galaxy_morphology"})


def main() -> None:
    """Answer requests until the parent closes the pipe."""
    for line in sys.stdin:
        match line.split():
            case ["place"]:
                answer = str(Path(deepbench_hf.__file__).resolve())
            case ["families"]:
                answer = " ".join(families())
            case ["all"]:
                answer = " ".join(deepbench_hf.list_recipes())
            case ["rows", how, name, seconds]:
                answer = str(rows_within(how, name, float(seconds)))
            case ["run", how, name, rows]:
                answer = str(run(how, name, int(rows)))
            case other:
                raise ValueError(f"unknown request {other}")
        print(answer, flush=True)


if __name__ == "__main__":
    main()
