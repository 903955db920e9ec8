"""What `build -o` leaves behind: whole configs that stock `datasets` reads, or nothing."""

import errno
import json
import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import datasets
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from deepbench_hf import generate, list_recipes, load_dataset, load_recipe
from deepbench_hf.cards import write_card
from deepbench_hf.errors import BuildError, RecipeError
from deepbench_hf.recipe.columns import digested, row_bytes
from deepbench_hf.rows.digest import block_digest, block_digests, blocks, split_digest
from deepbench_hf.tables import folder as folder_module
from deepbench_hf.tables.arrow import columns
from deepbench_hf.tables.building import build
from deepbench_hf.tables.folder import build_folder, check_space
from deepbench_hf.tables.manifest import parse_manifest
from deepbench_hf.tables.parquet import PIECE_BYTES, group_rows, parts
from tests.support.draws import identical
from tests.support.recipes import extended_file


def visible(root):
    """The files that a reader sees."""
    files = (file for file in root.rglob("*") if file.is_file())
    names = (file.relative_to(root).as_posix() for file in files)
    return {name for name in names if not any(p.startswith(".") for p in name.split("/"))}


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


def fail_in_second_file(monkeypatch, error):
    """Let the writing of the second file end in ``error``."""
    write, calls = folder_module.write_part, []

    def write_part(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise error
        return write(*arguments)

    monkeypatch.setattr(folder_module, "write_part", write_part)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), (BuildError, "No space left on device")),
        (KeyboardInterrupt(), (KeyboardInterrupt, None)),
    ],
)
def test_a_stopped_build_shows_nothing_new_and_can_be_run_again(tmp_path, monkeypatch, error, told):
    build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    before = {name: (tmp_path / name).read_bytes() for name in visible(tmp_path)}
    with monkeypatch.context() as patch:
        fail_in_second_file(patch, error)
        with pytest.raises(told[0], match=told[1]):
            build(["pendulum"], tmp_path, quiet=True, num_examples=500)
    assert {name: (tmp_path / name).read_bytes() for name in visible(tmp_path)} == before
    build(["pendulum"], tmp_path, quiet=True, num_examples=500)
    assert pq.read_metadata(tmp_path / "pendulum/train-00000-of-00001.parquet").num_rows == 500
    assert not list(tmp_path.glob("*.incomplete")) + list(tmp_path.glob(".*.incomplete"))


KILLED = """
import os, sys
from deepbench_hf.tables import folder
from deepbench_hf.tables.building import build
from deepbench_hf.tables.folder import build_folder
write = folder.write_part
def write_part(*arguments):
    write(*arguments)
    os._exit(9)
folder.write_part = write_part
build(["pendulum"], sys.argv[1], quiet=True, num_examples=300)
"""


def test_what_a_killed_build_left_is_hidden_and_swept_up(tmp_path):
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert done.returncode == 9
    assert visible(tmp_path) == set()
    assert list(tmp_path.glob(".*.incomplete"))
    build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    assert not list(tmp_path.glob(".*.incomplete"))


def test_ctrl_c_does_not_wait_for_rows_that_are_being_made(tmp_path, monkeypatch):
    go_on, calls = threading.Event(), []

    def write_part(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise KeyboardInterrupt
        go_on.wait(30)  # as a kernel does
        return []

    monkeypatch.setattr(folder_module, "write_part", write_part)
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        build(["pendulum"], tmp_path, 2, quiet=True, num_examples=300)
    took_s = time.monotonic() - begin
    go_on.set()
    assert took_s < 20
    assert visible(tmp_path) == set()


MOVED = ["pendulum", "pendulum.yaml", "manifest.json", "README.md"]
"""The parts of a config in the order in which they are put in place."""


def failing_at(monkeypatch, name, error):
    """Let the move of one part to its place end in ``error``; the parts that were moved before."""
    replace, moved = os.replace, []

    def replace_or_fail(source, target):
        if ".moving" in source.parent.name:
            if target.name == name:
                raise error
            moved.append(target.name)
        replace(source, target)

    monkeypatch.setattr(folder_module.os, "replace", replace_or_fail)
    return moved


@pytest.mark.parametrize("part", MOVED)
@pytest.mark.parametrize(
    ("error", "before"),
    [(OSError(errno.EDQUOT, "Disk quota exceeded"), True), (KeyboardInterrupt(), False)],
)
def test_a_move_that_fails_is_taken_back_and_the_build_runs_again(
    tmp_path, monkeypatch, part, error, before
):
    if before:
        build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    there = {name: (tmp_path / name).read_bytes() for name in visible(tmp_path)}
    with monkeypatch.context() as patch:
        moved = failing_at(patch, part, error)
        with pytest.raises((BuildError, KeyboardInterrupt), match="nothing new is visible|^$"):
            build(["pendulum"], tmp_path, quiet=True, num_examples=500)
    assert moved == MOVED[: MOVED.index(part)]
    assert {name: (tmp_path / name).read_bytes() for name in visible(tmp_path)} == there
    build(["pendulum"], tmp_path, quiet=True, num_examples=500)
    assert pq.read_metadata(tmp_path / "pendulum/train-00000-of-00001.parquet").num_rows == 500


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("moves", range(10))
def test_a_build_killed_before_any_move_is_taken_back_by_the_next_one(tmp_path, monkeypatch, moves):
    build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    there = {name: (tmp_path / name).read_bytes() for name in visible(tmp_path)}
    replace, done = os.replace, []

    def replace_or_die(source, target):
        if ".moving" in f"{source} {target}":
            if len(done) == moves:
                raise Killed
            done.append(target)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(folder_module.os, "replace", replace_or_die)
        patch.setattr(folder_module, "_take_back", lambda *_: None)
        with pytest.raises(Killed):
            build(["pendulum"], tmp_path, quiet=True, num_examples=500)
    build_folder([], tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in visible(tmp_path)} == there
    assert not list(tmp_path.glob(".*.incomplete")) + list(tmp_path.glob(".*.moving"))


def test_what_cannot_be_taken_back_is_told_and_taken_back_later(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        failing_at(patch, "README.md", OSError(errno.EIO, "Input/output error"))
        patch.setattr(folder_module, "_take_back", fail)
        with pytest.raises(BuildError, match="may be visible, .*; build again to take them back"):
            build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    assert "manifest.json" in visible(tmp_path)
    build_folder([], tmp_path)
    assert visible(tmp_path) == set()
    build(["pendulum"], tmp_path, quiet=True, num_examples=400)
    assert pq.read_metadata(tmp_path / "pendulum/train-00000-of-00001.parquet").num_rows == 400


def test_only_one_build_at_a_time_works_in_a_folder(tmp_path):
    other = threading.Thread(
        target=build, args=(["pendulum"], tmp_path), kwargs={"quiet": True, "num_examples": 300}
    )
    with FileLock(tmp_path / ".deepbench-hf.lock"):
        other.start()
        other.join(3)
        assert other.is_alive()
        assert visible(tmp_path) == set()
        assert not list(tmp_path.glob(".*.incomplete"))
    other.join(60)
    assert (tmp_path / "README.md").is_file()


def test_a_build_needs_the_space_of_its_rows_and_no_more(tmp_path, monkeypatch):
    recipe = load_recipe("pendulum", num_examples=300)
    needed = row_bytes(recipe) * sum(split.size for split in recipe.splits.values())
    disk = SimpleNamespace(free=needed)
    monkeypatch.setattr(folder_module.shutil, "disk_usage", lambda place: disk)
    check_space([recipe], tmp_path)
    disk.free -= 1
    with pytest.raises(BuildError, match="give a smaller num_examples"):
        check_space([recipe], tmp_path)


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
        ("README.md", "---\n{a: [\n---\n"),
        ("README.md", "---\nno end"),
    ],
)
def test_a_broken_index_is_told_before_anything_is_written(tmp_path, file, text):
    (tmp_path / file).write_text(text)
    with pytest.raises(BuildError, match=rf"{file}: .*; mend it, move it away"):
        build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    assert visible(tmp_path) == {file}


def test_a_readme_without_front_matter_keeps_its_words(tmp_path):
    (tmp_path / "README.md").write_text("# Mine\n\nMy own words.\n")
    build(["pendulum"], tmp_path, quiet=True, num_examples=300)
    text = (tmp_path / "README.md").read_text()
    assert text.startswith("---\nconfigs:")
    assert "My own words." in text


def test_a_folder_without_a_name_is_refused():
    with pytest.raises(BuildError, match="the folder has no name"):
        build(["pendulum"], "", quiet=True)


def test_one_name_twice_is_refused(tmp_path):
    with pytest.raises(BuildError, match="pendulum: given twice"):
        build(["pendulum", "pendulum"], tmp_path, quiet=True)
