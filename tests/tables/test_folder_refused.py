"""Builds that are refused: no space, no folder, or what is there is not of an earlier build."""

from types import SimpleNamespace

import datasets
import pytest

from deepbench_hf import load_recipe
from deepbench_hf.errors import BuildError, RecipeError
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.tables import folder as folder_module
from deepbench_hf.tables.building import build
from deepbench_hf.tables.folder import check_space
from tests.support.folders import visible
from tests.support.recipes import extended_file


def test_a_build_needs_the_space_of_its_rows_and_no_more(tmp_path, monkeypatch):
    recipe = load_recipe("pendulum", num_examples=300)
    needed = row_bytes(recipe) * sum(split.size for split in recipe.splits.values())
    disk = SimpleNamespace(free=needed)
    monkeypatch.setattr(folder_module.shutil, "disk_usage", lambda place: disk)
    check_space([recipe], tmp_path)
    disk.free -= 1
    with pytest.raises(BuildError, match="give a smaller num_examples"):
        check_space([recipe], tmp_path)


@pytest.mark.parametrize("name", ["manifest.json", "README.md", "recipes", "figures"])
def test_a_config_cannot_be_called_as_a_file_of_the_folder(tmp_path, name):
    file = extended_file(tmp_path, "pendulum", name)
    with pytest.raises(RecipeError, match="is something else in a folder of configs"):
        load_recipe(file)


def test_a_build_that_cannot_fit_is_refused_before_it_begins(tmp_path):
    with pytest.raises(BuildError, match=r"needs up to [\d,]+ MB .* are free; give a smaller"):
        build(["pendulum"], tmp_path / "out", quiet=True, num_examples=10**12)
    assert visible(tmp_path) == set()
    with pytest.raises(BuildError, match="give a smaller num_examples"):
        build(["pendulum"], quiet=True, num_examples=10**12)
    with pytest.raises(OSError, match="Not enough disk space"):
        builder = datasets.load_dataset_builder("deepbench", "pendulum", num_examples=10**12)
        builder.download_and_prepare()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BuildError, match="the build stopped: .*; nothing new is visible"):
        build(["pendulum"], tmp_path / "file" / "out", quiet=True, num_examples=300)


@pytest.mark.parametrize("what", ["file inside", "file", "link"])
def test_what_is_not_from_an_earlier_build_is_never_replaced(tmp_path, what):
    place, precious = tmp_path / "pendulum", tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.parquet").write_text("years")
    if what == "file inside":
        place.mkdir()
        (place / "thesis.txt").write_text("years")
    elif what == "file":
        place.write_text("years")
    else:
        place.symlink_to(precious)
    before = visible(tmp_path)
    with pytest.raises(BuildError, match="is not from an earlier build and would be replaced"):
        build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    assert visible(tmp_path) == before


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("manifest.json", "{nope"),
        ("manifest.json", "[]"),
        ("README.md", "---\nconfigs: foo\n---\n"),
        ("README.md", "---\nconfigs: [{data_files: x}]\n---\n"),
        ("README.md", "---\nconfigs: [{config_name: null}]\n---\n"),
        ("README.md", "---\n{a: [\n---\n"),
        ("README.md", "---\nno end"),
    ],
)
def test_a_broken_index_is_told_before_anything_is_written(tmp_path, file, text):
    (tmp_path / file).write_text(text)
    with pytest.raises(BuildError, match=rf"{file}: .*; mend it, move it away"):
        build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    assert visible(tmp_path) == {file}


def test_a_folder_without_a_name_is_refused():
    with pytest.raises(BuildError, match="the folder has no name"):
        build(["pendulum"], "", quiet=True)


def test_one_name_twice_is_refused(tmp_path):
    with pytest.raises(BuildError, match="pendulum: given twice"):
        build(["pendulum", "pendulum"], tmp_path, quiet=True)
