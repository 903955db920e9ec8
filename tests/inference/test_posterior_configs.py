"""Configs of reference posteriors: built, verified and told of as those of examples are."""

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml

from deepbench_hf import RecipeError, build, generate, load_recipe, posterior, verify
from deepbench_hf.cards import Published
from deepbench_hf.cards.families import config_text
from deepbench_hf.figures import posteriors
from deepbench_hf.hub.comparing import compare, like_posteriors
from deepbench_hf.metrics import evaluate, evaluate_posterior
from deepbench_hf.metrics.benchmarks import benchmark_text, result_text
from tests.support.commands import said
from tests.support.recipes import extended

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
    moved = dict(near, slope=rows["slope"] + 2 * rows["slope_sigma"][:, None])
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
    assert "Here these are 1.5 % of the rows." in told


def test_posteriors_are_pushed_and_verified_and_a_file_names_tasks(publisher):
    recipe = load_recipe(NAME, num_examples=2, draws=20)
    publisher.push(recipe, "user/known", benchmark=True)
    told = yaml.safe_load(publisher.files("user/known")["eval.yaml"])
    assert told["evaluation_framework"] == "deepbench-hf"
    assert told["tasks"] == []  # posteriors are what models are compared with
    assert publisher.verify("user/known").identical


def test_tasks_and_scores_have_the_form_that_the_hub_reads(tmp_path, monkeypatch):
    recipes = [load_recipe(name) for name in ("deepuq_linear", "galaxy_morphology", NAME)]
    told = yaml.safe_load(benchmark_text(recipes, "Known"))
    assert told.keys() == {"name", "description", "evaluation_framework", "tasks"}
    metrics = {"deepuq_linear": "log_probability", "galaxy_morphology": "accuracy"}
    assert told["tasks"] == [
        {"id": f"{name}_{metric}", "config": name, "split": "test"}
        for name, metric in metrics.items()
    ]
    monkeypatch.chdir(tmp_path)
    truth = generate("deepuq_linear", "test", 0, 4)["slope"]
    draws = truth[:, None] * np.linspace(0.99, 1.01, 9)
    np.savez("draws.npz", index=np.arange(4), slope=draws)
    call = ("evaluate", "deepuq_linear", "--posterior", "draws.npz", "--eval-results", "me/model")
    assert "hf upload me/model .eval_results" in said(*call, "--benchmark", "us/data")
    (entry,) = yaml.safe_load((tmp_path / ".eval_results" / "deepuq_linear.yaml").read_text())
    assert entry["dataset"] == {"id": "us/data", "task_id": "deepuq_linear_log_probability"}
    assert np.isfinite(entry["value"])
    assert entry["notes"].endswith(f", 4 of {recipes[0].splits['test'].size} rows")
    guess = evaluate("deepuq_linear", {"index": [0, 1], "slope": [0.2, 0.3]})
    with pytest.raises(ValueError, match="by log_probability; give it with --posterior"):
        result_text(recipes[0], guess, "us/data")


def test_a_benchmark_refuses_the_density_of_some_parameters():
    draws = {"index": [0, 1], "length_m": np.linspace(1, 9, 40).reshape(2, 20)}
    found = evaluate_posterior("pendulum_noisy", draws)
    with pytest.raises(ValueError, match="draws of length_m; .* needs length_m, gravity_m_s2, the"):
        result_text(load_recipe("pendulum_noisy"), found, "us/data")


def test_a_benchmark_is_of_the_split_test_though_a_recipe_has_none():
    own = extended("pendulum_noisy", sizes={"train": 2, "validation": 2})
    found = evaluate(own, {"index": [0, 1], "length_m": [1.0, 2.0]}, "validation")
    with pytest.raises(ValueError, match="^benchmarks are of the split test; got validation$"):
        result_text(own, found, "us/data")


def test_a_card_shows_the_first_row_that_has_draws(monkeypatch):
    def some(recipe, split, start, stop):
        rows = generate(recipe, split, start, stop)
        none = {n: np.full_like(v, np.nan) for n, v in rows.items() if v.ndim == 2}
        return rows | none if start < empty else rows

    monkeypatch.setattr(posteriors, "generate", some)
    recipe, empty = load_recipe(NAME, num_examples=2, draws=20), 1
    split = next(iter(recipe.splits))
    assert posteriors.draw_reference(recipe, split).get_suptitle().endswith("row 1")
    empty = 2
    (axis,) = posteriors.draw_reference(recipe, split).axes
    assert axis.texts[0].get_text() == "no draws"
