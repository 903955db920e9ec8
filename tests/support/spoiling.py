"""Folders of rows for the tests of verify, and ways to spoil them a little."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from deepbench_hf.tables.building import build
from tests.support.publishing import recipe_file

SCENES = {"train": 40, **dict.fromkeys(("validation", "test", "test_unseen_n"), 8)}
SCENES |= {"test_thin": 8, "test_large": 8}


@pytest.fixture(scope="session")
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
