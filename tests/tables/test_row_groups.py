"""A row group holds what a reader of one row should fetch, however large rows are."""

import pytest

from deepbench_hf import list_recipes, load_recipe
from deepbench_hf.recipe.columns import row_bytes
from deepbench_hf.tables.parquet import group_rows


@pytest.mark.parametrize("name", list_recipes())
def test_no_row_group_is_larger_than_64_mb(name):
    recipe = load_recipe(name)
    assert group_rows(recipe) * row_bytes(recipe) <= 64 << 20
