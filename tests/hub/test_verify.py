"""Verify: published rows are what the recipe makes, and every change of one is named."""

import re
import shutil
import tempfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from deepbench_hf import HubError, generate, load_recipe, verify
from deepbench_hf.hub.comparing import compare
from deepbench_hf.hub.verifying import regenerate
from tests.support.spoiling import change, one_ulp_up, splits


def test_what_was_built_is_identical_in_every_row(built):
    found = verify(built, sample=None)
    assert found.identical
    assert found.exit_code == 0
    assert {s.split: s.compared for s in splits(found).values()} == {"train": 1500, "test": 300}


def test_a_folder_for_temporary_files_may_be_a_link(built, tmp_path, monkeypatch):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "link"))
    assert verify(built, config="tiny").conclusion.startswith("identical")


def test_a_folder_has_no_revisions(built):
    for place in (built, str(built)):
        with pytest.raises(HubError, match="a folder has no revisions"):
            verify(place, revision="main")


def test_a_folder_for_temporary_files_that_is_a_pattern_is_told(built, tmp_path, monkeypatch):
    (tmp_path / "a[1]").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "a[1]"))
    with pytest.raises(HubError, match="set TMPDIR to a folder without"):
        verify(built, config="tiny")


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


def test_a_file_that_load_dataset_would_take_for_rows_is_told(copy):
    (copy / "tiny" / "train-notes.txt").write_text("as of today")
    found = verify(copy, sample=1)
    assert found.exit_code == 1
    assert "tiny/train-notes.txt: is not in manifest.json" in found.text()


def test_the_sample_is_the_same_every_time_and_only_all_is_exhaustive(copy):
    counts = [splits(verify(copy, sample=3))["train"].compared for _ in range(2)]
    assert counts == [732, 732]  # two whole blocks and the last one of 220 rows
    compared = {
        row: splits(verify_changed(copy, row))["train"].identical for row in range(300, 1200, 256)
    }
    assert sorted(compared.values()) == [False, True, True, True] or any(compared.values())


@pytest.mark.parametrize("sample", [0, -1])
def test_no_block_at_all_is_never_called_identical(built, sample):
    with pytest.raises(ValueError, match=f"sample: got {sample}, accepted: 1 and more"):
        verify(built, sample=sample)


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
