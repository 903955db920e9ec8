"""What `load_dataset("deepbench", ...)` takes a name, a file or an override for, or refuses."""

from pathlib import Path

import datasets
import numpy as np
import pytest
from datasets import load_dataset, load_dataset_builder

import deepbench_hf
from deepbench_hf import RecipeError, generate, load_recipe
from deepbench_hf.recipe.catalog import catalog_hash, list_recipes, shipped_recipe
from deepbench_hf.tables import registration
from deepbench_hf.tables.arrow import columns
from tests.support.children import printed
from tests.support.draws import identical

MY_RECIPE = "extends: pendulum_noisy\nversion: 1.0.0\nsplits: {train: {size: 300}}\n"


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


def test_a_user_recipe_loads_by_its_file(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text(MY_RECIPE)
    loaded = load_dataset("deepbench", data_files=str(file))
    recipe = load_recipe(file)
    assert identical(
        columns(recipe, loaded["train"].with_format("arrow")[:]), generate(recipe, "train")
    )
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


def test_a_recipe_loads_from_a_folder_of_any_name(tmp_path, monkeypatch):
    folder = tmp_path / "räcipes of [2026] *"
    folder.mkdir()
    file = folder / "my.yaml"
    file.write_text(MY_RECIPE)
    monkeypatch.chdir(folder)
    first = float(generate(file, "train", 0, 1)["length_m"][0])
    for how in ({"name": str(file)}, {"name": "my.yaml"}, {"data_files": file}):
        assert load_dataset("deepbench", **how, split="train[:1]")[0]["length_m"] == first
    rows = load_dataset("deepbench", data_files=[str(file)], split="train", streaming=True)
    assert next(iter(rows))["length_m"] == first
    with pytest.raises(FileNotFoundError, match="other.yaml"):
        load_dataset("deepbench", "other.yaml")


def test_the_name_of_the_cache_needs_no_recipe_parsed():
    before = shipped_recipe.cache_info()
    assert len(catalog_hash.__wrapped__()) == 64
    assert shipped_recipe.cache_info() == before
