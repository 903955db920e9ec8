"""`load_dataset("deepbench", ...)`: every road gives the rows of the recipe."""

import datasets
import pyarrow as pa
import pytest
from datasets import load_dataset, load_dataset_builder

from deepbench_hf import generate, load_recipe
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.rows.digest import block_digest, block_digests, blocks
from deepbench_hf.rows.generation import BLOCK
from deepbench_hf.tables.arrow import columns, table
from deepbench_hf.tables.processes import warn_where_useless
from tests.support.children import printed
from tests.support.chosen import one_of_each_structure
from tests.support.draws import identical


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


def test_slices_stream_only_their_rows():
    stream = load_dataset("deepbench", "pendulum", split="train[3900:3950]", streaming=True)
    assert [row["index"] for row in stream] == list(range(3900, 3950))
    both = load_dataset("deepbench", "pendulum", split="test[:1%]+train[-2:]", streaming=True)
    assert [row["index"] for row in both] == [*range(10), 9998, 9999]
    assert not list(load_dataset("deepbench", "pendulum", split="train[5:5]", streaming=True))


def test_slices_of_a_built_config_work():
    part = load_dataset("deepbench", "pendulum", split="train[:10%]", num_examples=500)
    assert part.num_rows == 50


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
