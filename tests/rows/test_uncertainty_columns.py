"""Columns of uncertainty are in tables, features and cards, and change no others."""

import datasets
import numpy as np
import pytest
from datasets import load_dataset

from deepbench_hf import generate, load_recipe
from deepbench_hf.cards import tables as cards
from deepbench_hf.errors import RecipeError
from deepbench_hf.recipe.columns import digested, schema
from deepbench_hf.rows.digest import block_digest
from deepbench_hf.simulators.base import sensitive
from deepbench_hf.tables.arrow import columns, features, table
from tests.support.chosen import configs
from tools.golden import FEW, golden, uncertain

NOISY = [name for name in configs() if load_recipe(name).noise]


@pytest.mark.parametrize("name", ["pendulum_noisy", "galaxy_morphology", "quasar_drw"])
def test_no_rows_have_columns_of_uncertainty(name):
    recipe = load_recipe(name, uncertainty=True)
    assert {column: values.shape for column, values in generate(recipe, "train", 5, 5).items()} == {
        column: (0, *values.shape[1:]) for column, values in generate(recipe, "train", 5, 6).items()
    }


@pytest.mark.parametrize("name", NOISY)
def test_columns_of_uncertainty_are_finite_golden_and_change_nothing_else(name):
    plain, more = load_recipe(name), load_recipe(name, uncertainty=True)
    added = uncertain(more)
    assert any("variance" in column for column in added)
    assert bool(sensitive(more.simulator)) == any("crlb" in column for column in added)
    for split in list(more.splits)[:2]:
        rows, bare = generate(more, split, 0, FEW), generate(plain, split, 0, FEW)
        assert block_digest(rows, added) == golden()["uncertainty"][name][split], "make golden?"
        assert block_digest(rows, digested(more)) == block_digest(bare, digested(plain))
        for column in added:
            assert np.isfinite(rows[column]).all(), column
            assert (rows[column] >= schema(more)[column].field.low).all(), column
        one = generate(more, split, 5, 6)
        assert all(np.array_equal(one[column], rows[column][5:6]) for column in added)
        kept = columns(more, table(more, rows))
        assert all(np.array_equal(kept[column], rows[column]) for column in added)


def test_the_columns_reach_features_cards_and_streams():
    recipe = load_recipe("pendulum_noisy", uncertainty=True)
    stream = load_dataset("deepbench", "pendulum_noisy", streaming=True, uncertainty=True)["train"]
    row = next(iter(stream))
    assert set(uncertain(recipe)) <= row.keys() & features(recipe).keys()
    assert row["length_crlb_m"] == generate(recipe, "train", 0, 1)["length_crlb_m"][0]
    assert isinstance(stream.features["x_variance_m2"], datasets.List)
    lines = {line[0].strip("`"): line for line in cards.columns(recipe)}
    assert lines["x_variance_m2"][2] == "m²"
    assert lines["gravity_crlb_m_s2"][3] == "uncertainty"
    assert "Cramer-Rao bound of gravity_m_s2" in lines["gravity_crlb_m_s2"][4]


def test_a_recipe_without_noise_has_no_uncertainty():
    with pytest.raises(RecipeError, match="uncertainty: needs noise; this recipe has none"):
        load_recipe("pendulum", uncertainty=True)


def test_fingerprints_change_only_where_uncertainty_is_on():
    plain, more = load_recipe("pendulum_noisy"), load_recipe("pendulum_noisy", uncertainty=True)
    off = load_recipe("pendulum_noisy", uncertainty=False)
    assert "uncertainty" not in plain.canonical
    assert plain.fingerprint == off.fingerprint != more.fingerprint
