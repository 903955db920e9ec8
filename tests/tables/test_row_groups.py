"""A row group holds what a reader of one row should fetch, however large rows are."""

import pyarrow.parquet as pq
import pytest

from deepbench_hf import list_recipes, load_recipe
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.rows.digest import block_digests
from deepbench_hf.tables import parquet


@pytest.mark.parametrize("name", list_recipes())
def test_no_row_group_is_larger_than_64_mb(name):
    recipe = load_recipe(name)
    rows = parquet.group_rows(recipe)
    assert rows * row_bytes(recipe) <= 64 << 20
    assert rows == 1024 or 2 * rows * row_bytes(recipe) > 64 << 20
    assert parquet.rows_at_once(recipe) % rows == 0


def test_small_groups_change_no_digest_and_no_number_of_rows(tmp_path, monkeypatch):
    recipe = load_recipe("pendulum", num_examples={"train": 700})
    monkeypatch.setattr(parquet, "GROUP_BYTES", 100 * row_bytes(recipe))
    (part,) = [part for part in parquet.parts(recipe) if part.split == "train"]
    reported = []
    digests = parquet.write_part(recipe, part, tmp_path, reported.append)
    written = pq.ParquetFile(tmp_path / part.file).metadata
    groups = [written.row_group(number).num_rows for number in range(written.num_row_groups)]
    assert max(groups) == 64
    assert sum(groups) == sum(reported) == 700
    assert digests == list(block_digests(recipe, "train"))
