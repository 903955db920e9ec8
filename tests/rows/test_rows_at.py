"""Rows anywhere in a split, and some of their columns, have the bits of the whole."""

import numpy as np
import pytest

from deepbench_hf import generate, load_recipe
from deepbench_hf.fields import of_role
from deepbench_hf.recipe.columns import schema
from deepbench_hf.rows.generation import rows_at
from tests.support.draws import identical

SOME = np.array([17, 3, 40, 3, 0])


def test_rows_in_any_order_are_those_of_the_range(recipe):
    whole = generate(recipe, "train", 0, 41)
    expected = {name: values[SOME] for name, values in whole.items()}
    assert identical(rows_at(recipe, "train", SOME), expected)


def test_a_column_alone_has_the_bits_that_it_has_among_all(recipe):
    whole = rows_at(recipe, "train", SOME[:2])
    for name in schema(recipe):
        assert identical(rows_at(recipe, "train", SOME[:2], [name]), {name: whole[name]}), name


def test_masks_alone_have_the_bits_that_they_have_among_all():
    recipe = load_recipe("sky_noisy", masks=True)  # what counts as seen follows from the noise
    whole = rows_at(recipe, "train", SOME)
    for name in of_role(recipe.simulator.columns, "layer"):
        assert identical(rows_at(recipe, "train", SOME, [name]), {name: whole[name]})


def test_columns_come_in_the_order_of_the_recipe():
    wanted = ["x_observed_m", "length_m", "index"]
    found = rows_at(load_recipe("pendulum_noisy"), "train", SOME, wanted)
    assert list(found) == ["index", "length_m", "x_observed_m"]


@pytest.mark.parametrize(("index", "told"), [(-1, "-1"), (10_000, "10000")])
def test_an_index_that_leaves_the_split_is_refused(index, told):
    with pytest.raises(IndexError, match=f"row {told} of train: it has rows 0 to 10000"):
        rows_at(load_recipe("pendulum"), "train", np.array([5, index]))
