"""What `build -o` writes: whole configs that stock `datasets` reads."""

import json

import datasets
import pyarrow.parquet as pq
import pytest

from deepbench_hf import generate, list_recipes, load_dataset, load_recipe
from deepbench_hf.cards import write_card
from deepbench_hf.errors import RecipeError
from deepbench_hf.recipe.columns import digested, row_bytes
from deepbench_hf.rows.digest import block_digest, block_digests, blocks, split_digest
from deepbench_hf.tables.arrow import columns
from deepbench_hf.tables.building import build
from deepbench_hf.tables.folder import build_folder
from deepbench_hf.tables.manifest import parse_manifest
from deepbench_hf.tables.parquet import PIECE_BYTES, group_rows, parts
from tests.support.draws import identical
from tests.support.folders import visible


def test_the_folder_holds_parquet_readme_manifest_and_recipe(tmp_path):
    build(["pendulum_noisy"], tmp_path / "out", quiet=True, num_examples=300)
    recipe = load_recipe("pendulum_noisy", num_examples=300)
    shards = {f"pendulum_noisy/{split}-00000-of-00001.parquet" for split in recipe.splits}
    extra = {"README.md", "manifest.json", "recipes/pendulum_noisy.yaml"}
    assert visible(tmp_path / "out") == shards | extra


def test_parquet_holds_the_rows_and_the_manifest_their_digests(tmp_path):
    build(["pendulum_noisy"], tmp_path, 2, quiet=True, num_examples=1300)
    recipe = load_recipe("pendulum_noisy", num_examples=1300)
    entry = json.loads((tmp_path / "manifest.json").read_text())["configs"]["pendulum_noisy"]
    assert entry["fingerprint"] == recipe.fingerprint
    for split, part in recipe.splits.items():
        rows = pq.read_table(tmp_path / "pendulum_noisy" / f"{split}-00000-of-00001.parquet")
        assert identical(columns(recipe, rows), generate(recipe, split))
        blocks = list(block_digests(recipe, split))
        wanted = {"num_examples": part.size, "digest": split_digest(blocks), "blocks": blocks}
        assert entry["splits"][split] == wanted


def test_the_built_recipe_with_its_seed_gives_the_same_fingerprint_p5(tmp_path):
    build(["pendulum_noisy"], tmp_path, quiet=True, num_examples=300, seed=5)
    copy = load_recipe(tmp_path / "recipes" / "pendulum_noisy.yaml")
    assert copy.fingerprint == load_recipe("pendulum_noisy", num_examples=300, seed=5).fingerprint


def test_a_split_larger_than_one_file_is_cut_into_several(tmp_path):
    build_folder([load_recipe("pendulum", num_examples=2500)], tmp_path, file_bytes=1)
    shards = sorted(file.name for file in (tmp_path / "pendulum").glob("train-*"))
    assert shards == [f"train-0000{i}-of-00003.parquet" for i in range(3)]
    recipe = load_recipe("pendulum", num_examples=2500)
    rows = pq.read_table([tmp_path / "pendulum" / name for name in shards])
    assert identical(columns(recipe, rows), generate(recipe, "train"))


def test_configs_are_built_beside_those_that_are_there(tmp_path):
    build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    readme = (tmp_path / "README.md").read_text()
    (tmp_path / "README.md").write_text(readme + "\nMy own words.\n")
    build(["pendulum_noisy"], tmp_path, quiet=True, num_examples=300)
    build(["pendulum_noisy"], tmp_path, quiet=True, num_examples=400)
    assert "My own words." in (tmp_path / "README.md").read_text()
    assert set(json.loads((tmp_path / "manifest.json").read_text())["configs"]) == {
        "pendulum",
        "pendulum_noisy",
    }
    assert (
        pq.read_metadata(tmp_path / "pendulum_noisy/train-00000-of-00001.parquet").num_rows == 400
    )


def test_no_row_group_of_a_shipped_config_is_larger_than_64_mb():
    for recipe in map(load_recipe, list_recipes()):
        assert group_rows(recipe) * row_bytes(recipe) <= 64 << 20, recipe.name


@pytest.mark.parametrize("size", [64, 512, 1024, 4096])
def test_a_row_group_holds_at_most_64_mb_whatever_the_size_of_a_row(size):
    recipe = load_recipe("shapes_noisy", image_size=size, clean=True)
    assert group_rows(recipe) * row_bytes(recipe) <= max(PIECE_BYTES, row_bytes(recipe))
    assert (group_rows(recipe) == 1024) == (size == 64)
    assert all(part.start % 256 == 0 for part in parts(recipe))


def test_large_images_are_written_in_pieces_and_digested_in_blocks(tmp_path, monkeypatch):
    scene = {"num_examples": 300, "splits": ["train", "test"], "image_size": 24, "masks": True}
    recipe = load_recipe("shapes_scene", **scene)
    monkeypatch.setattr("deepbench_hf.tables.parquet.PIECE_BYTES", 65 * row_bytes(recipe))
    build(["shapes_scene"], tmp_path, quiet=True, **scene)
    file = tmp_path / "shapes_scene" / "train-00000-of-00001.parquet"
    assert pq.ParquetFile(file).metadata.row_group(0).num_rows == 64
    rows = columns(recipe, pq.read_table(file))
    assert identical(rows, generate(recipe, "train"))
    entry = parse_manifest((tmp_path / "manifest.json").read_text(), "")["configs"]["shapes_scene"]
    whole = (
        block_digest(generate(recipe, "train", a, b), digested(recipe)) for a, b in blocks(300)
    )
    assert entry["splits"]["train"]["blocks"] == list(whole)
    monkeypatch.setattr("deepbench_hf.rows.digest.PIECE_BYTES", 65 * row_bytes(recipe))
    assert list(block_digests(recipe, "train")) == entry["splits"]["train"]["blocks"]


def test_some_splits_are_built_alone_with_the_same_rows(tmp_path):
    build(["pendulum"], tmp_path, quiet=True, splits=["test"])
    assert [file.name.split("-")[0] for file in (tmp_path / "pendulum").iterdir()] == ["test"]
    loaded = load_dataset("deepbench", "pendulum", splits=["test"])
    assert list(loaded) == ["test"]
    rows = columns(load_recipe("pendulum"), loaded["test"].with_format("arrow")[:])
    assert identical(rows, generate("pendulum", "test"))
    with pytest.raises(RecipeError, match="splits: no split 'tset'; did you mean 'test'"):
        build(["pendulum"], tmp_path, quiet=True, splits=["tset"])
    with pytest.raises(RecipeError, match="unknown split 'train'"):
        load_recipe("deepuq_linear", splits=["train_input"])


@pytest.mark.parametrize("carded", [False, True])
def test_a_folder_that_is_built_anew_is_read_anew(tmp_path, carded):
    for seed in (1, 2):
        options = {"splits": ["test"], "num_examples": 20, "seed": seed}
        build(["pendulum"], tmp_path / "out", quiet=True, **options)
        if carded:
            write_card([load_recipe("pendulum", **options)], str(tmp_path / "out/README.md"))
        loaded = datasets.load_dataset(str(tmp_path / "out"), "pendulum", split="test")
        rows = columns(load_recipe("pendulum", **options), loaded.with_format("arrow")[:])
        assert identical(rows, generate(load_recipe("pendulum", **options), "test")), seed


def test_several_configs_take_the_options_that_mean_something_to_them(tmp_path):
    said = []
    options = {"num_examples": 20, "splits": ["train"], "image_size": 28}
    build(["pendulum", "shapes"], tmp_path, quiet=True, say=said.append, **options)
    assert said == ["pendulum: built without image_size, which means nothing to it"]
    assert load_recipe(tmp_path / "recipes" / "shapes.yaml").simulator.image_size == (28, 28)
    with pytest.raises(RecipeError, match="makes no images"):
        build(["pendulum", "pendulum_noisy"], tmp_path, quiet=True, image_size=28)
    with pytest.raises(RecipeError, match="must be a side"):
        build(["pendulum", "shapes"], tmp_path, quiet=True, image_size=2)


def test_a_readme_without_front_matter_keeps_its_words(tmp_path):
    (tmp_path / "README.md").write_text("# Mine\n\nMy own words.\n")
    build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("---\nconfigs:")
    assert "My own words." in text


def test_one_config_is_built_without_a_list(tmp_path):
    (alone,) = build("pendulum", tmp_path / "a", quiet=True, splits=["train"], num_examples=5)
    (listed,) = build(["pendulum"], tmp_path / "b", quiet=True, splits=["train"], num_examples=5)
    assert alone["fingerprint"] == listed["fingerprint"]
    assert (alone["name"], alone["rows"]) == ("pendulum", 5)
