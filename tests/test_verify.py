"""Verify: what is published is what the recipe makes, and every change of it is named."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from huggingface_hub import snapshot_download
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deepbench_hf import HubError, generate, load_recipe, verify
from deepbench_hf.building import build
from deepbench_hf.cli import cli
from deepbench_hf.hub.comparing import compare
from deepbench_hf.hub.verifying import regenerate
from tests.publishing import recipe_file

SCENES = {"train": 40, **dict.fromkeys(("validation", "test", "test_unseen_n"), 8)}
SCENES |= {"test_thin": 8, "test_large": 8}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with pendulums (1 500 rows of train) and scenes of shapes."""
    root = tmp_path_factory.mktemp("built")
    build([recipe_file(root.parent, train=1500, base="pendulum_noisy")], root, quiet=True)
    build(["shapes_scene"], root, quiet=True, num_examples=SCENES)
    return root


@pytest.fixture
def copy(built, tmp_path):
    """The same, to be spoilt."""
    return Path(shutil.copytree(built, tmp_path / "copy"))


def change(folder, column, edit, name="tiny/train-00000-of-00001.parquet"):
    """Write a file anew with one column edited."""
    file = folder / name
    rows = pq.read_table(file)
    number = rows.schema.get_field_index(column)
    edited = edit(rows[column].combine_chunks())
    rows = rows.set_column(number, rows.schema.field(number), pa.chunked_array([edited]))
    pq.write_table(rows, file, row_group_size=1024, use_dictionary=False)


def one_ulp_up(row, place=None):
    """Raise one float of a column by one unit in the last place."""

    def edit(array):
        flat = array.flatten() if place is not None else array
        values = flat.to_numpy(zero_copy_only=False).copy()
        where = row if place is None else row * array.type.list_size + place
        values[where] = np.nextafter(values[where], values.dtype.type(np.inf))
        plain = pa.array(values)
        if place is None:
            return plain
        return pa.FixedSizeListArray.from_arrays(plain, array.type.list_size)

    return edit


def splits(verdict, config="tiny"):
    """The verdicts of a config's splits by name."""
    found = next(c for c in verdict.configs if c.config == config)
    return {split.split: split for split in found.splits}


def test_what_was_built_is_identical_in_every_row(built):
    found = verify(built, sample=None)
    assert found.identical
    assert found.exit_code == 0
    assert {s.split: s.compared for s in splits(found).values()} == {"train": 1500, "test": 300}


@pytest.mark.parametrize(
    ("column", "place"), [("length_m", None), ("x_m", 7), ("x_observed_m", 99), ("time_s", 3)]
)
def test_one_float_that_is_one_ulp_off_is_named(copy, column, place):
    change(copy, column, one_ulp_up(1234, place))
    found = verify(copy, sample=None)
    assert found.exit_code == 1
    difference = splits(found)["train"].difference
    assert (difference.row, difference.column) == (1234, column)
    assert (difference.rows, difference.ulp) == (1, 1)
    assert f"row 1234, column {column}: " in found.text()
    assert "1 of 1500 compared rows differ, by up to 1 ulp" in found.text()
    assert splits(found)["test"].identical


def test_one_pixel_that_is_one_ulp_off_is_named(copy):
    name = "shapes_scene/test-00000-of-00001.parquet"

    def edit(array):
        values = np.array(array.storage.to_pylist(), np.float32)
        values[5, 10, 20] = np.nextafter(values[5, 10, 20], np.float32(9))
        lists = pa.array(values.tolist(), array.storage.type)
        return pa.ExtensionArray.from_storage(array.type, lists)

    change(copy, "image", edit, name)
    difference = splits(verify(copy), "shapes_scene")["test"].difference
    assert (difference.row, difference.column, difference.ulp) == (5, "image", 1)


def test_an_object_of_another_class_is_named(copy):
    def edit(array):
        rows = array.to_pylist()
        rows[3][0]["kind"] = (rows[3][0]["kind"] + 1) % 3
        return pa.array(rows, array.type)

    change(copy, "objects", edit, "shapes_scene/test-00000-of-00001.parquet")
    difference = splits(verify(copy), "shapes_scene")["test"].difference
    assert (difference.row, difference.column, difference.ulp) == (3, "objects", None)


def test_the_largest_of_several_differences_and_the_first_row_are_told(copy):
    change(copy, "length_m", one_ulp_up(1300))
    change(copy, "length_m", lambda a: pa.array(np.where(np.arange(1500) == 9, 1.5, a)))
    difference = splits(verify(copy, sample=None))["train"].difference
    assert (difference.row, difference.rows) == (9, 2)
    assert difference.ulp > 10**6
    assert difference.published == "1.5"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda t: t.slice(0, 1499), "1499 rows are published, the recipe has 1500"),
        (lambda t: t.drop_columns(["x_m"]), "has not the columns of the recipe.*: see x_m|x_m"),
        (lambda t: t.set_column(0, "index", t["index"].cast("int32")), "column index is int32"),
        (lambda t: t.replace_schema_metadata({}), "its features are not those of the recipe"),
        (lambda t: t.take(list(range(1499, -1, -1))), "row 0, column index: 1499 is published"),
        (
            lambda t: t.set_column(1, t.schema.field(1), pa.array([None] * 1500, pa.float64())),
            "values are missing",
        ),
    ],
)
def test_rows_that_are_not_the_recipes_are_told(copy, spoil, told):
    file = copy / "tiny" / "train-00000-of-00001.parquet"
    pq.write_table(spoil(pq.read_table(file)), file)
    found = verify(copy)
    assert found.exit_code == 1
    assert re.search(told, found.text()), found.text()


@pytest.mark.parametrize("content", [b"", b"no parquet", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_file_that_is_no_parquet_is_told(copy, content):
    (copy / "tiny" / "train-00000-of-00001.parquet").write_bytes(content)
    assert "tiny/train-00000-of-00001.parquet: is no Parquet file" in verify(copy).text()


def test_a_file_with_a_spoilt_row_group_is_told(copy):
    file = copy / "tiny" / "train-00000-of-00001.parquet"
    content = bytearray(file.read_bytes())
    content[200:5000] = bytes(4800)
    file.write_bytes(content)
    found = verify(copy)
    assert found.exit_code == 1
    assert "train-00000-of-00001.parquet: row group 0 cannot be read" in found.text()


def test_a_missing_file_and_one_too_many_are_told(copy):
    file = copy / "tiny" / "test-00000-of-00001.parquet"
    shutil.copy(file, file.with_name("train-00001-of-00002.parquet"))
    file.unlink()
    text = verify(copy).text()
    assert "1800 rows are published, the recipe has 1500" in text
    assert "tiny/test-*.parquet: there is no such file" in text


def edit_manifest(folder, edit):
    """Change ``manifest.json``."""
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text())
    edit(manifest["configs"]["tiny"])
    file.write_text(json.dumps(manifest, indent=1))


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda e: e.update(fingerprint="0" * 64), "fingerprint is not that of recipes/tiny.yaml"),
        (lambda e: e.update(version="2.0.0"), "version is not that of recipes/tiny.yaml"),
        (lambda e: e["recipe"].update(seed=3), "recipe is not that of recipes/tiny.yaml"),
        (lambda e: e["splits"]["test"].update(digest="0" * 64), "digest of test do not fit"),
        (lambda e: e["splits"]["test"].update(num_examples=9), "digest of test do not fit"),
        (lambda e: e["splits"]["test"]["blocks"].pop(), "digest of test do not fit"),
        (lambda e: e["splits"].pop("test"), "has not the splits of the recipe"),
        (lambda e: e.update(splits=None), "has not the splits of the recipe"),
        (
            lambda e: e["splits"]["test"]["blocks"].__setitem__(1, "0" * 64),
            "block 1 has not the recipe's digest",
        ),
        (lambda e: e.update(files={"x.parquet": {"size": 1}}), "does not list files of tiny"),
        (lambda e: e.update(files={}), "test-00000-of-00001.parquet: is not in manifest.json"),
    ],
)
def test_a_manifest_that_says_something_else_is_told(copy, edit, told):
    edit_manifest(copy, edit)
    found = verify(copy)
    assert found.exit_code == 1
    assert told in found.text()


def test_another_recipe_is_told(copy):
    recipe = copy / "recipes" / "tiny.yaml"
    recipe.write_text(recipe.read_text().replace("seed: 0", "seed: 1"))
    text = verify(copy).text()
    assert "fingerprint is not that of recipes/tiny.yaml" in text
    assert "train: row 0, column theta0_rad" in text


@pytest.mark.parametrize("text", ["", "[1]", "{nope", '{"configs": {}}', '{"configs": {"a": 1}}'])
def test_a_place_without_a_manifest_of_configs_is_refused(copy, text):
    (copy / "manifest.json").write_text(text)
    with pytest.raises(HubError, match=r"manifest.json (is not a manifest|names no config)"):
        verify(copy)


def test_a_card_that_names_other_files_is_told(copy):
    readme = copy / "README.md"
    readme.write_text(readme.read_text().replace("tiny/train-*", "shapes_scene/train-*"))
    assert "README.md: does not name the files of tiny" in verify(copy).text()
    readme.write_text("---\n{\n---\n")
    assert "README.md: its front matter is broken" in verify(copy).text()


def test_another_generator_version_is_exit_code_2_and_the_command_that_helps(copy):
    edit_manifest(copy, lambda e: e.update(generator_version=99))
    found = verify(copy, config="tiny")
    assert found.exit_code == 2
    assert 'verify it with: pip install "deepbench-hf==0.1.0"' in found.text()
    assert verify(copy, config="shapes_scene").exit_code == 0
    edit_manifest(copy, lambda e: e["made_with"].update({"deepbench-hf": "1; rm -rf ~"}))
    assert "rm -rf" not in verify(copy, config="tiny").text()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("image_size: [4096, 4096]\n", "a block of 256 rows takes 17 GB, of at most 4 GB"),
        ("splits: {train: {size: 10000000000000}}\n", "splits.train.size"),
        ("seed: !!python/object/apply:os.getcwd []\n", "is not valid YAML"),
    ],
)
def test_a_recipe_from_elsewhere_is_data_and_keeps_to_the_limits(copy, change, told):
    recipe = copy / "recipes" / "shapes_scene.yaml"
    text = recipe.read_text()
    key = change.split(":")[0]
    inside = re.search(rf"^( *){key}:(.*\n)+?(?=\1\w|\Z)", text, re.MULTILINE)
    recipe.write_text(text.replace(inside[0], inside[1] + change, 1))
    found = verify(copy, config="shapes_scene")
    assert found.exit_code == 1
    assert told in found.text()


def test_the_sample_is_the_same_every_time_and_only_all_is_exhaustive(copy):
    counts = [splits(verify(copy, sample=3))["train"].compared for _ in range(2)]
    assert counts == [732, 732]  # two whole blocks and the last one of 220 rows
    compared = {
        row: splits(verify_changed(copy, row))["train"].identical for row in range(300, 1200, 256)
    }
    assert sorted(compared.values()) == [False, True, True, True] or any(compared.values())


def verify_changed(folder, row):
    """A sample of two blocks, with one row changed for the while."""
    file = folder / "tiny" / "train-00000-of-00001.parquet"
    before = file.read_bytes()
    change(folder, "length_m", one_ulp_up(row))
    assert splits(verify(folder, config="tiny", sample=None))["train"].difference.row == row
    found = verify(folder, config="tiny", sample=2)
    file.write_bytes(before)
    return found


def test_one_config_and_one_split_can_be_chosen(built):
    found = verify(built, config="tiny", split="test")
    assert [c.config for c in found.configs] == ["tiny"]
    assert list(splits(found)) == ["test"]
    with pytest.raises(HubError, match="no config 'tniy'; did you mean 'tiny'"):
        verify(built, config="tniy")
    with pytest.raises(HubError, match="no config has a split 'tset'"):
        verify(built, split="tset")


def test_a_row_is_made_again_from_the_recipe_alone(copy):
    shutil.rmtree(copy / "tiny")
    row = regenerate(copy, 17, config="tiny", split="test")
    made = generate(load_recipe(copy / "recipes" / "tiny.yaml"), "test", 17, 18)
    assert row.keys() == made.keys()
    assert all(np.array_equal(np.asarray(row[name], v.dtype), v[0]) for name, v in made.items())
    with pytest.raises(HubError, match="test has rows 0 to 299; got 300"):
        regenerate(copy, 300, config="tiny", split="test")
    with pytest.raises(HubError, match="give one of the configs shapes_scene, tiny"):
        regenerate(copy, 0)


bits = arrays(np.uint64, 3, elements=st.integers(0, 2**64 - 1))


@given(bits, bits)
def test_rows_are_identical_where_all_bits_are(one, other):
    a, b = one.view(np.float64), other.view(np.float64)
    found = compare({"a": a}, {"a": b}, 0)
    assert (found is None) == (one == other).all()
    if found:
        assert found.row == int(np.argmax(one != other))
        assert found.rows == int((one != other).sum())


@given(st.floats(-(2.0**100), 2.0**100, width=32), st.integers(1, 50))
def test_the_distance_in_ulp_counts_the_floats_between(value, steps):
    one = np.float32([value])
    other = one.copy()
    for _ in range(steps):
        other = np.nextafter(other, np.float32(np.inf))
    assert compare({"a": other}, {"a": one}, 0).ulp == steps


def test_a_pushed_repository_is_identical_from_the_hub_and_from_a_download(publisher, tmp_path):
    tiny = recipe_file(tmp_path)
    commit = publisher.push(tiny, "user/checked").commit
    found = publisher.verify("user/checked", sample=None, revision="v1.0.0")
    assert found.identical
    assert found.revision == commit
    download = publisher.pool.submit(
        snapshot_download, "user/checked", repo_type="dataset", local_dir=tmp_path / "copy"
    )
    assert verify(Path(download.result()), sample=None).identical


EDITS = [
    ("README.md", "num_examples: 300", "num_examples: 301", "README.md: line"),
    ("README.md", "dtype: float64", "dtype: float32", "README.md: line"),
    ("README.md", "fingerprint ", "fingerprint 0", "README.md: line"),
    ("croissant.json", "x_m", "x_km", "croissant.json: line"),
    ("manifest.json", '"size": 6', '"size": 7', "is not the file that manifest.json tells of"),
    ("recipes/tiny.yaml", "seed: 0", "seed: 1", "manifest.json: fingerprint is not that of"),
]


def test_every_edit_on_the_hub_is_told(publisher, tmp_path):
    repo_id = "user/edited"
    publisher.push(recipe_file(tmp_path), repo_id)
    before = publisher.files(repo_id)
    for path, old, new, told in EDITS:
        assert old in before[path].decode(), path
        spoilt = before[path].decode().replace(old, new, 1)
        publisher.write(repo_id, path, spoilt.encode())
        found = publisher.verify(repo_id)
        assert found.exit_code == 1
        assert told in found.text(), found.text()
        publisher.write(repo_id, path, before[path])
    assert publisher.verify(repo_id).identical


def test_one_ulp_in_one_file_on_the_hub_is_named(publisher, tmp_path):
    repo_id, name = "user/ulp", "tiny/train-00000-of-00001.parquet"
    publisher.push(recipe_file(tmp_path), repo_id)
    file = tmp_path / name
    file.parent.mkdir()
    file.write_bytes(publisher.files(repo_id)[name])
    change(tmp_path, "x_m", one_ulp_up(123, 4), name)
    publisher.write(repo_id, name, file.read_bytes())
    found = publisher.verify(repo_id, sample=None)
    difference = splits(found)["train"].difference
    assert (difference.row, difference.column, difference.ulp) == (123, "x_m", 1)
    assert f"{name}: is not the file that manifest.json tells of" in found.text()


def test_only_row_groups_that_are_compared_are_fetched(publisher, tmp_path):
    repo_id, name = "user/long", "tiny/train-00000-of-00001.parquet"
    publisher.push(recipe_file(tmp_path, train=20_000), repo_id)
    begin = len(publisher.hub.requests)
    found = publisher.verify(repo_id, config="tiny", split="train", sample=1)
    assert splits(found)["train"].compared == 256
    asked = [r.headers.get("range", "") for r in publisher.hub.requests[begin:]]
    ranges = [re.fullmatch(r"bytes=(\d+)-(\d+)", one) for one in asked]
    fetched = sum(int(r[2]) - int(r[1]) + 1 for r in ranges if r)
    assert 0 < fetched < len(publisher.files(repo_id)[name]) / 4


def test_a_private_repository_is_there_for_its_owner_only(publisher, tmp_path):
    publisher.push(recipe_file(tmp_path), "user/private", private=True)
    assert publisher.verify("user/private").identical
    with pytest.raises(HubError, match="no such dataset on the Hub; check the name, and whether"):
        publisher.verify("user/private", token=publisher.hub.accounts.add("guest"))


def test_the_command_line_tells_what_differs_and_exits_accordingly(publisher, tmp_path, copy):
    publisher.push(recipe_file(tmp_path), "user/line")
    said = publisher.cli("verify", "user/line", "--json")
    assert (said.returncode, json.loads(said.stdout)["identical"]) == (0, True)
    change(copy, "length_m", one_ulp_up(0))
    for arguments, code, word in [
        (("--config", "tiny", "-q"), 1, "different"),
        (("--config", "shapes_scene", "-q"), 0, "identical"),
    ]:
        said = CliRunner().invoke(cli, ["verify", str(copy), *arguments])
        assert (said.exit_code, said.stdout) == (code, f"{word}\n")
    row = CliRunner().invoke(cli, ["verify", str(copy), "--config", "tiny", "--regenerate", "17"])
    assert json.loads(row.stdout)["index"] == 17
