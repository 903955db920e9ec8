"""`load_dataset("deepbench", ...)`: every road gives the rows of the recipe."""

from pathlib import Path

import datasets
import numpy as np
import pyarrow as pa
import pytest
from datasets import load_dataset, load_dataset_builder

import deepbench_hf
from deepbench_hf import RecipeError, generate, load_recipe
from deepbench_hf.recipe.catalog import catalog_hash, list_recipes, shipped_recipe
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.rows.digest import block_digest, block_digests, blocks
from deepbench_hf.rows.generation import BLOCK
from deepbench_hf.tables import registration
from deepbench_hf.tables.arrow import columns, table
from deepbench_hf.tables.processes import warn_where_useless
from tests.support.children import printed
from tests.support.chosen import one_of_each_structure
from tests.support.draws import identical

MY_RECIPE = "extends: pendulum_noisy\nversion: 1.0.0\nsplits: {train: {size: 300}}\n"


def arrow(dataset):
    """All rows of a dataset as one plain Arrow table."""
    return dataset.with_format("arrow")[:]


def sizes(name):
    """More than one block and a part of train, some rows of every other split."""
    return {split: 300 if split == "train" else 20 for split in load_recipe(name).splits}


def asked(name):
    """Those rows, in a small frame where a row is big."""
    small = (32, 64) if name.startswith("lartpc") else (32, 32)  # more ticks than a pulse has
    frame = {"image_size": small} if row_bytes(load_recipe(name)) > 1 << 18 else {}
    return {"num_examples": sizes(name), **frame}


@pytest.mark.parametrize("name", one_of_each_structure())
def test_rows_and_digests_agree_for_processes_streaming_and_generate_c8(name):
    recipe = load_recipe(name, **asked(name))
    wanted = list(block_digests(recipe, "train"))
    loaded = load_dataset("deepbench", name, **asked(name))
    assert {split: rows.num_rows for split, rows in loaded.items()} == sizes(name)
    last = list(recipe.splits)[-1]
    assert identical(columns(recipe, arrow(loaded[last])), generate(recipe, last))
    two = load_dataset(
        "deepbench",
        name,
        split="train",
        **asked(name),
        num_proc=2,
        download_mode="force_redownload",
    )
    some = {**asked(name), "streaming": True}
    stream = load_dataset("deepbench", name, split="train", **some)
    streamed = pa.concat_tables(stream.with_format("arrow").iter(100))
    for rows in (arrow(loaded["train"]), arrow(two), streamed):
        values = columns(recipe, rows)
        assert len(values["index"]) > BLOCK
        found = [
            block_digest({k: v[a:b] for k, v in values.items()}, values)
            for a, b in blocks(recipe.splits["train"].size)
        ]
        assert found == wanted


def test_examples_are_the_tables_row_by_row():
    builder = load_dataset_builder("deepbench", "pendulum_noisy", num_examples=300)
    ranges = [(0, 256), (256, 300)]
    examples = [example for _, example in builder._generate_examples("train", ranges)]
    tables = pa.concat_tables(made for _, made in builder._generate_tables("train", ranges))
    assert tables.to_pylist() == examples


def test_the_builder_is_a_generator_based_builder():
    builder = load_dataset_builder("deepbench", "pendulum_noisy")
    assert isinstance(builder, datasets.GeneratorBasedBuilder)
    assert isinstance(builder, datasets.ArrowBasedBuilder)
    assert builder.info.splits["train"].num_examples == 10_000


def test_a_split_of_a_billion_rows_opens_at_once():
    stream = load_dataset(
        "deepbench", "pendulum_noisy", split="train", streaming=True, num_examples=10**9, seed=7
    )
    assert stream.num_shards <= 1024
    first = next(iter(stream))
    rows = generate(load_recipe("pendulum_noisy", seed=7), "train", 0, 1)
    assert first["x_m"] == rows["x_m"][0].tolist()


def test_equal_overrides_share_one_cache():
    plain = load_dataset_builder("deepbench", "pendulum_noisy")
    assert plain.config_id == "pendulum_noisy"
    for same in ({"seed": 0}, {"seed": np.int64(0)}, {"num_examples": {"train": 10_000}}):
        assert load_dataset_builder("deepbench", "pendulum_noisy", **same).cache_dir == (
            plain.cache_dir
        )
    for other in ({"seed": 1}, {"num_examples": 5}, {"clean": False}, {"preview": True}):
        assert load_dataset_builder("deepbench", "pendulum_noisy", **other).cache_dir != (
            plain.cache_dir
        )


def test_slices_stream_only_their_rows():
    stream = load_dataset("deepbench", "pendulum", split="train[3900:3950]", streaming=True)
    assert [row["index"] for row in stream] == list(range(3900, 3950))
    both = load_dataset("deepbench", "pendulum", split="test[:1%]+train[-2:]", streaming=True)
    assert [row["index"] for row in both] == [*range(10), 9998, 9999]
    assert not list(load_dataset("deepbench", "pendulum", split="train[5:5]", streaming=True))


def test_slices_of_a_built_config_work():
    part = load_dataset("deepbench", "pendulum", split="train[:10%]", num_examples=500)
    assert part.num_rows == 50


def test_a_user_recipe_loads_by_its_file(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text(MY_RECIPE)
    loaded = load_dataset("deepbench", data_files=str(file))
    recipe = load_recipe(file)
    assert identical(columns(recipe, arrow(loaded["train"])), generate(recipe, "train"))
    by_name = load_dataset("deepbench", str(file))
    assert by_name["train"].cache_files == loaded["train"].cache_files
    other = load_dataset("deepbench", data_files=str(file), seed=1, split="train")
    assert other[0]["length_m"] != loaded["train"][0]["length_m"]


def test_editing_a_user_recipe_rebuilds_and_touching_it_does_not(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text(MY_RECIPE)
    before = load_dataset_builder("deepbench", data_files=str(file)).cache_dir
    file.write_text("# a comment\n" + MY_RECIPE)
    assert load_dataset_builder("deepbench", data_files=str(file)).cache_dir == before
    file.write_text(MY_RECIPE.replace("300", "301"))
    assert load_dataset_builder("deepbench", data_files=str(file)).cache_dir != before


def test_an_unknown_config_tells_the_nearest_ones():
    with pytest.raises(RecipeError, match="did you mean 'pendulum_noisy'") as caught:
        load_dataset("deepbench", "pendulum_nosy")
    assert len(str(caught.value)) < 200


def test_a_revision_is_that_of_the_recipe_or_refused():
    here = load_dataset_builder("deepbench", "pendulum", revision="v1.0.0")
    assert here.cache_dir == load_dataset_builder("deepbench", "pendulum").cache_dir
    with pytest.raises(
        RecipeError, match="revision: got 'v0.9.0', but generator version . makes v1"
    ):
        load_dataset("deepbench", "pendulum", revision="v0.9.0", streaming=True)


def test_bad_overrides_are_recipe_errors():
    with pytest.raises(RecipeError, match="seed: must be a whole number"):
        load_dataset("deepbench", "pendulum", seed="seven")
    with pytest.raises(RecipeError, match="no split 'tset'; did you mean 'test'"):
        load_dataset("deepbench", "pendulum", num_examples={"tset": 5})
    with pytest.raises(RecipeError, match="makes no images"):
        load_dataset("deepbench", "pendulum", image_size=64)
    with pytest.raises(RecipeError, match="data_dir is not used"):
        load_dataset("deepbench", "pendulum", data_dir="here")


def test_arguments_that_would_have_no_effect_are_refused(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text(MY_RECIPE)
    for given in ({"recipe": 3}, {"version": "2.0.0"}, {"description": "x"}):
        with pytest.raises(RecipeError, match="cannot be given"):
            load_dataset("deepbench", "pendulum", **given)
    with pytest.raises(RecipeError, match="give either this name or data_files"):
        load_dataset("deepbench", "pendulum", data_files=str(file))
    with pytest.raises(RecipeError, match="pendulum: num_example: unknown override; did you mean"):
        load_dataset("deepbench", "pendulum", num_example=1)


def test_inspection_works():
    assert datasets.get_dataset_config_names("deepbench") == list_recipes()
    assert datasets.get_dataset_split_names("deepbench", "pendulum") == list(
        load_recipe("pendulum").splits
    )
    assert datasets.get_dataset_infos("deepbench").keys() == set(list_recipes())


def test_registration_is_idempotent_and_can_be_taken_back():
    wrapped = datasets.load.dataset_module_factory
    registration.install()
    assert datasets.load.dataset_module_factory is wrapped
    registration.uninstall()
    try:
        assert not hasattr(datasets.load.dataset_module_factory, "__deepbench__")
        with pytest.raises(Exception, match="Couldn't reach 'deepbench'|doesn't exist"):
            load_dataset_builder("deepbench", "pendulum")
        loaded = deepbench_hf.load_dataset("deepbench", "pendulum", split="test", streaming=True)
        assert next(iter(loaded))["index"] == 0
        assert not hasattr(datasets.load.dataset_module_factory, "__deepbench__")
    finally:
        registration.install()


def test_a_package_that_is_loaded_again_does_not_stop_datasets_from_being_imported():
    again = "import sys, deepbench_hf, importlib; importlib.reload(deepbench_hf)"
    anew = "for name in [*sys.modules]:\n if name.startswith('deepbench_hf'): del sys.modules[name]"
    look = "import deepbench_hf, datasets; print(datasets.get_dataset_split_names(*sys.argv[1:]))"
    for first in (again, f"{again}\n{anew}"):
        assert "train" in printed("-c", f"{first}\n{look}", "deepbench", "scinet_linear")


def test_other_paths_are_left_alone(tmp_path):
    (tmp_path / "rows.csv").write_text("a\n1\n")
    assert load_dataset(str(tmp_path), split="train")[0] == {"a": 1}


def test_a_local_folder_wins_only_for_configs_that_it_holds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("deepbench").mkdir()
    assert load_dataset_builder("deepbench", "pendulum").__module__.startswith("deepbench_hf")
    from deepbench_hf.tables.building import build

    build(["pendulum"], "deepbench", quiet=True, num_examples=300)
    assert load_dataset_builder("deepbench", "pendulum").__module__.startswith("datasets.")
    local = load_dataset("deepbench", "pendulum", split="train")
    assert local.num_rows == 300
    assert load_dataset_builder("deepbench", "pendulum_noisy").__module__.startswith("deepbench_hf")
    assert load_dataset_builder("deepbench", "pendulum", seed=3).__module__.startswith("deepbench")
    assert load_dataset("deepbench", "pendulum", split="test", num_examples=9).num_rows == 1000
    assert datasets.get_dataset_config_names("deepbench") == list_recipes()
    Path("my.yaml").write_text(MY_RECIPE)
    assert load_dataset("deepbench", data_files=Path("my.yaml"))["train"].num_rows == 300
    assert "deepbench" in build(["pendulum"], quiet=True, num_examples=300)[0]["path"]
    Path("deepbench/README.md").write_text("---\n{a: [\n---\n")
    assert load_dataset_builder("deepbench", "pendulum").__module__.startswith("deepbench_hf")


def test_preview_adds_a_picture_and_changes_no_number():
    recipe = load_recipe("pendulum_noisy", num_examples=10, preview=True)
    rows = table(recipe, generate(recipe, "train"))
    assert identical(columns(recipe, rows), generate(load_recipe("pendulum_noisy"), "train", 0, 10))
    shown = load_dataset("deepbench", "pendulum_noisy", num_examples=10, preview=True)["train"][0]
    assert shown["preview"].size == (192, 96)


def test_custom_features_get_a_cache_of_their_own():
    features = load_dataset_builder("deepbench", "pendulum").info.features.copy()
    features["length_m"] = datasets.Value("float32")
    plain = load_dataset_builder("deepbench", "pendulum")
    cast = load_dataset_builder("deepbench", "pendulum", features=features)
    assert cast.cache_dir != plain.cache_dir


SPAWN = """
import multiprocess
multiprocess.set_start_method("spawn", force=True)
import deepbench_hf
from datasets import load_dataset
if __name__ == "__main__":
    loaded = load_dataset("deepbench", data_files="small.yaml", num_proc=2)
    print(loaded["train"].num_rows)
"""

SMALL = """
version: 1.0.0
simulator: {kind: pendulum}
priors: {length_m: 1, gravity_m_s2: 9.81, theta0_rad: {kind: uniform, low: -1, high: 1}}
splits: {train: {size: 600}}  # every split starts its workers anew
"""


def test_spawned_workers_build(tmp_path):
    script = tmp_path / "spawn.py"
    script.write_text(SPAWN)
    (tmp_path / "small.yaml").write_text(SMALL)
    cache = {"HF_DATASETS_CACHE": str(tmp_path / "spawned")}
    assert printed(script, folder=tmp_path, **cache).strip().endswith("600")


def test_the_cache_answers_without_our_package_after_one_build(tmp_path, own_cache):
    load_dataset("deepbench", "pendulum", num_examples={"train": 300})
    load_dataset("deepbench", "pendulum")
    code = (
        "from datasets import load_dataset;"
        f"loaded = load_dataset('deepbench', 'pendulum', cache_dir={str(own_cache)!r});"
        "print(loaded['train'].num_rows)"
    )
    assert printed("-c", code, folder=tmp_path).strip() == "10000"


def test_processes_that_start_longer_than_they_save_are_told_in_a_line(tmp_path, capfd):
    small = {"num_examples": 300, "cache_dir": str(tmp_path), "num_proc": 2}
    load_dataset("deepbench", "pendulum", splits=["validation", "train"], **small)
    (line,) = (one for one in capfd.readouterr().err.splitlines() if "num_proc=2" in one)
    assert line.endswith("for 2 splits takes some 0.56 s: leave num_proc out")
    warn_where_useless(load_recipe("pendulum", num_examples=10**9), 2)
    assert "num_proc" not in capfd.readouterr().err


def test_rows_of_small_configs_are_written_in_big_batches(tmp_path):
    made = load_dataset_builder(
        "deepbench", "pendulum", num_examples=5000, splits=["train"], cache_dir=str(tmp_path)
    )
    made.download_and_prepare()
    table = made.as_dataset("train").data.table
    assert table.column("index").num_chunks <= 5
    assert table.column("index").to_pylist() == list(range(5000))


def test_the_name_of_the_cache_needs_no_recipe_parsed():
    before = shipped_recipe.cache_info()
    assert len(catalog_hash.__wrapped__()) == 64
    assert shipped_recipe.cache_info() == before
