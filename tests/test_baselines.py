"""Closed-form baselines: right where their assumptions hold, and scored as any prediction."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from deepbench_hf import generate, load_recipe
from deepbench_hf.cards import card_text
from deepbench_hf.cli import cli
from deepbench_hf.metrics import baselines, evaluate, run_baseline


def scored(name, split=None):
    """The recipe, and the scores of its baseline."""
    recipe = load_recipe(name)
    (baseline,) = baselines(recipe)
    (result,) = run_baseline(recipe, baseline, split).results
    return result, result.scores()


def run(*words):
    return CliRunner().invoke(cli, ["evaluate", *words], catch_exceptions=False)


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("deepuq_linear", "test"),
        ("deepuq_linear", "test_output_high"),
        ("deepuq_flux", "test_input_low"),
        ("deepuq_flux", "test_input_high"),
        ("sky_stars", "test_faint"),
    ],
)
def test_an_unbiased_baseline_has_standard_normal_pulls(name, split):
    _, scores = scored(name, split)
    for score, ideal in (("pull_mean", 0), ("pull_std", 1), ("coverage_683", 0.683)):
        value, error = scores[score]
        assert abs(value - ideal) < 5 * error, (score, value)
    assert abs(scores["pull_std"].value - 2) > 5 * scores["pull_std"].error, "it can fail"


def test_the_estimate_of_gravity_is_as_published():
    _, scores = scored("deeply_uncertain_t20")
    assert abs(scores["pull_std"].value - 1.07) < 5 * scores["pull_std"].error
    assert abs(scores["pull_mean"].value + 0.06) < 5 * scores["pull_mean"].error


def test_the_peak_of_the_spectrum_tells_gravity():
    result, _ = scored("pendulum_noisy")
    relative = np.abs(result.mean / result.truth - 1)
    assert np.quantile(relative, 0.9) < 0.1
    assert np.median(relative) < 0.03


def test_normal_scores_tell_the_information_of_gaussians_through_any_rising_function():
    recipe = load_recipe("mi_toys")
    rows = generate(recipe, "test", 0, 256)
    names = np.array(recipe.simulator.parameters["label"].names)[rows["label"]]
    result, _ = scored("mi_toys", "test")
    off = np.abs(result.mean - result.truth)
    for name in ("independent", "bivariate_gaussian", "mixture_d1"):
        # The error of r is (1 - r^2) / sqrt(n), that of the information r / sqrt(n).
        assert off[names == name].max() < 6 / np.sqrt(1000)
    assert off[names == "discrete_continuous"].min() > 0
    transformed, _ = scored("mi_toys", "test_transformed")
    assert np.array_equal(result.mean, transformed.mean)


def test_a_baseline_looks_at_no_truth():
    for name in ("pendulum_noisy", "deepuq_linear", "mi_toys_50", "sky_stars"):
        recipe = load_recipe(name)
        for baseline in baselines(recipe):
            assert not {*baseline.needs} & recipe.priors.keys()
            assert baseline.target not in baseline.needs


def test_a_recipe_without_the_columns_has_no_baseline():
    assert baselines(load_recipe("pendulum")) == []
    assert [one.target for one in baselines(load_recipe("pendulum_noisy"))] == ["gravity_m_s2"]


def test_the_verb_prints_baselines_alone_or_beside_predictions(tmp_path):
    (tmp_path / "mine.csv").write_text("index,slope\n0,0.2\n1,0.3\n")
    file = ["--predictions", str(tmp_path / "mine.csv")]
    alone = run("deepuq_linear", "--baseline")
    assert alone.output.startswith("Baseline, least squares: deepuq_linear 1.0.0, split test")
    both = json.loads(run("deepuq_linear", "--baseline", "--json", *file).output)
    only = json.loads(run("deepuq_linear", "--json", *file).output)
    baseline = both.pop("baselines")["least squares"]
    assert both == only
    assert baseline["rows"] == 256
    recipe = load_recipe("deepuq_linear")
    again = run_baseline(recipe, baselines(recipe)[0]).to_mapping()
    assert baseline["columns"] == again["columns"]


def test_noise_on_x_flattens_the_least_squares_line():
    result, _ = scored("deepuq_linear", "test_input_high")
    x = np.linspace(0, 10, 100)
    expected = result.truth / (1 + (0.1 / result.truth) ** 2 / x.var())
    assert np.abs(np.mean((result.mean - expected) / result.sigma)) < 5 / np.sqrt(256)
    assert np.mean((result.mean - result.truth) / result.sigma) < -10 / np.sqrt(256)


def test_what_cannot_be_scored_is_told():
    with pytest.raises(ValueError, match="pendulum has no baseline; give --predictions alone"):
        run("pendulum", "--baseline")
    assert "give --predictions FILE; for closed forms alone, --baseline" in run("pendulum").output


def test_the_card_tells_reference_results_where_there_are_any():
    text = card_text([load_recipe("deepuq_linear")])
    (line,) = [line for line in text.splitlines() if line.startswith("| `slope` | least squares")]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    _, scores = scored("deepuq_linear")
    assert cells[2:5] == ["`test`", "256", "1"]
    assert float(cells[6]) == pytest.approx(scores["rmse"].value, rel=0.05)
    assert "Reference results" not in card_text([load_recipe("pendulum")])


def test_a_baseline_is_scored_as_the_same_predictions_are():
    recipe = load_recipe("deeply_uncertain_t05")
    rows = generate(recipe, "test", 0, 256)
    given = {
        "index": rows["index"],
        "gravity_m_s2": rows["gravity_estimate_m_s2"],
        "gravity_m_s2_sigma": rows["gravity_estimate_sigma_m_s2"],
    }
    found = run_baseline(recipe, baselines(recipe)[0])
    assert found.to_mapping() == evaluate(recipe, given).to_mapping()
