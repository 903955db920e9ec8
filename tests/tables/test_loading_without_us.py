"""What is published or built loads without this package, and a checkout uses its own files."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from deepbench_hf import generate, load_recipe
from deepbench_hf.cards import Published
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.tables.arrow import columns, features
from deepbench_hf.tables.building import build
from tests.support.children import printed
from tests.support.chosen import one_of_each_structure
from tests.support.draws import identical
from tests.support.paths import copy_checkout
from tests.support.recipes import extended_file

TRAIN, OTHER = 300, 16

# A stream that was not read to its end must go before the interpreter does, or a thread of Arrow
# aborts the process now and then (apache/arrow, issue 45214).
STOCK = """
import gc, importlib.util, json, pickle, sys
assert importlib.util.find_spec("deepbench_hf") is None
import pyarrow as pa
from datasets import load_dataset
place, names, out = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
for name in names:
    loaded = load_dataset(place, name)
    stream = load_dataset(place, name, split="train", streaming=True)
    seen = loaded["train"].features == stream.features
    told = {split: rows.num_rows for split, rows in loaded.items()}
    first = [{k: v for k, v in row.items() if k != "preview"} for row in stream.take(2)]
    if "preview" in stream.features:
        assert loaded["train"][0]["preview"].size > (1, 1)
    with open(f"{out}/{name}.pickle", "wb") as file:
        pickle.dump((loaded["train"].features.to_dict(), seen, told, first), file)
    rows = loaded["train"].select(range(64)).data.table.combine_chunks()
    with pa.OSFile(f"{out}/{name}.arrow", "wb") as sink, pa.ipc.new_file(sink, rows.schema) as file:
        file.write_table(loaded["train"].with_format("arrow")[:64])
    del stream
    gc.collect()
"""


@pytest.fixture(scope="session")
def without_us(tmp_path_factory):
    """A folder with every installed package but ours: the only one that the interpreter gets."""
    folder = tmp_path_factory.mktemp("site")
    for place in map(Path, sys.path):
        if place.name in ("site-packages", "dist-packages"):
            for package in place.iterdir():
                ours = "deepbench" in package.name.lower() or package.suffix == ".pth"
                if not ours and not (folder / package.name).exists():
                    (folder / package.name).symlink_to(package)
    return folder


def load(site, place, names, folder, environment):
    """Load configs as somebody without this package does; what they saw, by name."""
    done = subprocess.run(  # with no variables but these
        [sys.executable, "-S", "-P", "-c", STOCK, str(place), json.dumps(names), str(folder)],
        env={**environment, "PYTHONPATH": str(site), "HF_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {name: pickle.loads((folder / f"{name}.pickle").read_bytes()) for name in names}


def check(recipe, seen, folder):
    """Features, sizes and rows, downloaded and streamed, are those of the recipe."""
    told, same, sizes, first = seen
    assert told == features(recipe).to_dict()
    assert same
    assert sizes == {name: split.size for name, split in recipe.splits.items()}
    made = generate(recipe, "train", 0, 64)
    with pa.memory_map(str(folder / f"{recipe.name}.arrow")) as file:
        assert identical(columns(recipe, pa.ipc.open_file(file).read_all()), made)
    for number, row in enumerate(first):
        assert row.keys() == made.keys()
        for name, values in made.items():
            if row[name] is not None and not values.dtype.names:  # null: what a row does not have
                assert np.array_equal(np.asarray(row[name], values.dtype), values[number])


SPLITS = 3


def small(name, folder):
    """A config of the project with few rows in all splits but train, as a file of its name.

    Rows that are big have a smaller frame, and of many splits only the first are there.
    """
    recipe = load_recipe(name)
    splits: dict = {
        split: {"size": OTHER} if number < SPLITS else None
        for number, split in enumerate(recipe.splits)
    }
    splits["train"] = {"size": TRAIN}
    frame = {"simulator": {"image_size": [64, 64]}} if row_bytes(recipe) > 1 << 18 else {}
    return str(extended_file(folder, name, name, splits=splits, **frame))


def test_many_configs_go_in_one_commit_and_load_without_us(publisher, without_us, tmp_path):
    names = one_of_each_structure()
    files = [small(name, tmp_path) for name in names]
    assert publisher.push(files, "user/all", num_proc=2).changed
    assert len(publisher.commits("user/all")) == 1
    assert not publisher.push(files, "user/all").changed
    assert len(publisher.commits("user/all")) == 1
    found = publisher.verify("user/all", split="train", sample=1)
    assert found.identical, found.text()
    environment = publisher.hub.environment(None, "stranger")
    seen = load(without_us, "user/all", names, tmp_path, environment)
    for file in files:
        check(Published(load_recipe(file)).with_preview().recipe, seen[Path(file).stem], tmp_path)


def test_a_folder_that_was_built_loads_without_us(without_us, tmp_path):
    names = ["pendulum_hierarchical", "shapes_scene"]
    files = [small(name, tmp_path) for name in names]
    build(files, tmp_path / "built", quiet=True)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    seen = load(without_us, tmp_path / "built", names, tmp_path, environment)
    for file in files:
        check(load_recipe(file), seen[Path(file).stem], tmp_path)


PROGRAM = """
import inspect
from importlib import resources
import datasets, deepbench_hf
print(deepbench_hf.__file__)
print(inspect.getfile(type(datasets.load_dataset_builder("deepbench", "mine"))))
print(resources.files("deepbench_hf.configs"), resources.files("deepbench_hf.dataset_cards"))
"""


def test_a_checkout_on_the_path_uses_its_own_files_and_not_those_of_another_install(tmp_path):
    checkout = copy_checkout(tmp_path / "checkout")
    pendulums = checkout / "configs" / "pendulum"
    shutil.copy(pendulums / "pendulum.yaml", pendulums / "mine.yaml")
    assert printed("-c", PROGRAM, folder=tmp_path, PYTHONPATH=str(checkout)).splitlines() == [
        str(checkout / "deepbench_hf" / "__init__.py"),
        str(checkout / "builders" / "deepbench.py"),
        f"{checkout / 'configs'} {checkout / 'dataset_cards'}",
    ]
