"""Configs of reference posteriors: built, verified and told of as those of examples are."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from deepbench_hf import RecipeError, build, generate, load_recipe, posterior, verify
from deepbench_hf.cards import Published
from deepbench_hf.cards.pages import config_text
from deepbench_hf.hub.comparing import compare, like_posteriors
from deepbench_hf.metrics import evaluate_posterior

NAME = "deepuq_linear_posterior"


@pytest.fixture(scope="module")
def rows():
    return generate(load_recipe(NAME, num_examples=3, draws=30), "test")


def test_its_rows_are_the_posteriors_of_the_rows_of_the_config(rows):
    found = posterior("deepuq_linear", "test", [0, 1, 2], draws=30)
    np.testing.assert_array_equal(rows["slope"], found.draws["slope"])
    np.testing.assert_array_equal(rows["log_evidence"], found.log_evidence)
    plain = generate("deepuq_linear", "test", 0, 3)
    np.testing.assert_array_equal(rows["slope_truth"], plain["slope"])


def test_it_is_built_verified_and_judged_as_any_other(rows, tmp_path):
    recipe = load_recipe(NAME, num_examples=3, draws=30)
    file, out = tmp_path / f"{NAME}.yaml", tmp_path / "out"
    file.write_text(recipe.to_yaml())
    assert load_recipe(file).fingerprint == recipe.fingerprint
    build([file], out, quiet=True)
    assert verify(out).identical
    (written,) = (out / NAME).glob("test-*.parquet")
    table = pq.read_table(written)
    assert evaluate_posterior("deepuq_linear", written).names == ("slope",)
    wrong = np.array(table["slope_truth"]) * (1 + 1e-15)
    place = table.column_names.index("slope_truth")
    pq.write_table(table.set_column(place, table.schema.field(place), [wrong]), written)
    assert not verify(out).identical


def test_other_last_digits_are_the_same_posterior_and_another_width_is_not(rows):
    near = {n: v * (1 + 1e-13) if v.dtype.kind == "f" else v for n, v in rows.items()}
    near["slope_truth"] = rows["slope_truth"]
    assert compare(near, like_posteriors(near, rows), 0) is None
    wide = dict(near, slope_sigma=1.3 * rows["slope_sigma"])
    assert compare(wide, like_posteriors(wide, rows), 0).rows == 3
    moved = dict(near, slope=rows["slope"] + rows["slope_sigma"][:, None])
    assert compare(moved, like_posteriors(moved, rows), 0).rows == 3


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pendulum", "nothing is measured with noise"),
        ("sky", "the number of objects is unknown"),
        ("kappa_lognormal", "no parameter is unknown"),
        ("sz_cutouts", "is a random field"),
    ],
)
def test_a_config_without_closed_posteriors_has_no_such_config(name, reason):
    with pytest.raises(RecipeError, match=reason):
        load_recipe(f"{name}_posterior")


def test_the_card_tells_how_many_rows_have_no_draws():
    recipe = load_recipe(NAME, num_examples=200)
    statistics = {"slope_mean": {"count": 197, **dict.fromkeys(("mean", "std"), 0.0)}}
    entry = {"statistics": {"slope_mean": statistics["slope_mean"]} | {"slope_truth": {"count": 0}}}
    entry["statistics"]["slope_mean"] |= dict.fromkeys(("min", "q50", "max"), 0.0)
    told = config_text(Published(recipe, entry, {"test": [1]}), "")
    assert "1.5 % of the rows have no draws" in told
