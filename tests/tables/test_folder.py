"""What `build -o` leaves behind: whole configs that stock `datasets` reads, or nothing."""

import errno
import json
import subprocess
import sys

import datasets
import pyarrow.parquet as pq
import pytest

from deepbench_hf import generate, load_recipe
from deepbench_hf.errors import BuildError
from deepbench_hf.rows.digest import block_digests, split_digest
from deepbench_hf.tables import folder as folder_module
from deepbench_hf.tables.arrow import columns
from deepbench_hf.tables.building import build
from deepbench_hf.tables.folder import build_folder
from tests.support.draws import identical


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


STOCK = """
import sys
from datasets import load_dataset
loaded = load_dataset(sys.argv[1], "pendulum_noisy", cache_dir=sys.argv[2])
assert "deepbench_hf" not in sys.modules
print(loaded["train"].num_rows, len(loaded), loaded["train"].features["x_m"].length)
stream = load_dataset(sys.argv[1], "pendulum_noisy", split="train", streaming=True)
print(next(iter(stream))["length_m"])
"""


def test_stock_datasets_reads_the_folder_without_us(tmp_path):
    build(["pendulum", "pendulum_noisy"], tmp_path / "out", quiet=True, num_examples=300)
    done = subprocess.run(
        [sys.executable, "-c", STOCK, str(tmp_path / "out"), str(tmp_path / "cache")],
        capture_output=True,
        text=True,
        check=False,
    )
    first = generate(load_recipe("pendulum_noisy"), "train", 0, 1)["length_m"][0]
    assert done.stdout.split() == ["300", "8", "100", repr(float(first))], done.stderr[-2000:]


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
