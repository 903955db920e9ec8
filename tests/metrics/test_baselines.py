"""Closed-form baselines: right where their assumptions hold, and scored as any prediction."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from deepbench_hf import generate, list_recipes, load_recipe
from deepbench_hf.cards import Published
from deepbench_hf.cards.families import family_pages
from deepbench_hf.cli import cli
from deepbench_hf.metrics import baselines, evaluate, run_baseline
from deepbench_hf.metrics.baselines import BASELINES
from tests.support.recipes import extended


def baseline_of(recipe, word=""):
    """The one baseline of a recipe whose name has a word."""
    (found,) = [one for one in baselines(recipe) if word in one.name]
    return found


def scored(name, split=None, word=""):
    """What a baseline predicts, and its scores."""
    recipe = load_recipe(name)
    (result,) = run_baseline(recipe, baseline_of(recipe, word), split).results
    return result, result.scores()


def run(*words):
    return CliRunner().invoke(cli, ["evaluate", *words], catch_exceptions=False)


@pytest.mark.parametrize(
    ("name", "split", "word"),
    [
        ("deepuq_linear", "test", ""),
        ("deepuq_linear", "test_output_high", ""),
        ("deepuq_flux", "test_input_low", "sum"),
        ("deepuq_flux", "test_input_high", "sum"),
        ("deepuq_flux", "test_input_high", "profile"),
        ("sky_stars", "test_faint", "sum"),
        ("sky_stars", "test_faint", "profile"),
        ("sky_stars", "test", "profile"),
        ("quasar_drw", "test", "damped random walk"),
        ("kappa_gaussian", "test", "slope"),
    ],
)
def test_an_unbiased_baseline_has_standard_normal_pulls(name, split, word):
    _, scores = scored(name, split, word)
    for score, ideal in (("pull_mean", 0), ("pull_std", 1), ("coverage_683", 0.683)):
        value, error = scores[score]
        assert abs(value - ideal) < 5 * error, (score, value)
    assert abs(scores["pull_std"].value - 2) > 5 * scores["pull_std"].error, "it can fail"


def test_the_estimate_of_gravity_is_as_published():
    _, scores = scored("deeply_uncertain_t20")
    assert abs(scores["pull_std"].value - 1.07) < 5 * scores["pull_std"].error
    assert abs(scores["pull_mean"].value + 0.06) < 5 * scores["pull_mean"].error


def test_the_peak_of_the_spectrum_tells_gravity():
    result, _ = scored("pendulum_noisy", word="spectrum")
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
    # What a learner is given where rows are numbers, and settings of the instrument.
    asked = {"omega", "gamma", "x", "question_s", "beam_fwhm_arcmin", "particle_mass_Msun"}
    for name in list_recipes():
        recipe = load_recipe(name)
        for baseline in baselines(recipe):
            assert not {*baseline.needs} & recipe.priors.keys() - asked, (name, baseline)
            assert baseline.target not in baseline.needs


def test_noise_is_looked_through_where_there_is_any():
    errors = [
        scored("pendulum_ladder", split)[1]["rmse"].value
        for split in ("test_noiseless", "test_10_percent")
    ]
    assert errors[1] > 1.1 * errors[0]


def test_the_baselines_of_a_simulator_have_names_of_their_own():
    for known in BASELINES.values():
        assert len({one.name for one in known}) == len(known)


def test_a_recipe_without_the_columns_has_no_baseline():
    assert [one.target for one in baselines(load_recipe("pendulum"))] == ["period_s"]
    noisy = [one.target for one in baselines(load_recipe("pendulum_noisy"))]
    assert noisy == ["gravity_m_s2", "period_s"]


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
    with pytest.raises(ValueError, match="sky has no baseline; give --predictions alone"):
        run("sky", "--baseline")
    assert "give --predictions FILE, or --baseline for methods" in run("sky").output


def page(name):
    """The page of a config's family."""
    (text,) = family_pages([Published(load_recipe(name))]).values()
    return text


def test_the_card_tells_reference_results_where_there_are_any():
    text = page("deepuq_linear")
    (line,) = [line for line in text.splitlines() if line.startswith("| `slope` | least squares")]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    _, scores = scored("deepuq_linear")
    assert cells[2:5] == ["`test`", "256", "1"]
    assert float(cells[6]) == pytest.approx(scores["rmse"].value, rel=0.05)
    assert "Reference results" not in page("sky")


def test_the_card_tells_accuracy_and_chance_of_classes():
    text = page("shapes_outline")
    (line,) = [line for line in text.splitlines() if line.startswith("| `label` | matched filter")]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    labels = generate(load_recipe("shapes_outline"), "test", 0, 256)["label"]
    assert cells[2:4] == ["`test`", "256"]
    assert int(cells[4].split()[0]) > 90
    assert cells[5] == f"{100 * np.bincount(labels).max() / 256:.0f} %"


def test_an_error_of_rounding_is_told_as_none():
    text = page("scinet_linear")
    assert "| `y` | least squares of 256 training rows | `test` | 256 | 1 | 0 | 0 |" in text


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


@pytest.mark.parametrize(
    ("name", "priors"),
    [
        (
            "sky_stars",
            {"fwhm_px": 3, "beta": 3, "psf_fwhm_px": None, "center_x_px": 31, "flux_e_s": 100},
        ),
        ("galaxy_morphology", {"label": {"names": ["spiral"]}}),
        ("sky_noisy", {"psf_fwhm_px": None}),
        ("kappa_lognormal", {"tilt": None}),
        ("quasar_drw", {"sigma_mag": 0.1, "tau_d": 100}),
        ("scinet_step", {"x": 1}),
        ("scinet_linear", {"x": 1}),
        ("pendulum_damped", {"theta0_rad": 0}),
    ],
)
def test_what_is_constant_or_left_to_its_default_has_baselines_too(name, priors):
    recipe = extended(name, sizes={"train": 3}, priors=priors)
    assert baselines(recipe)
    for baseline in baselines(recipe):
        assert run_baseline(recipe, baseline).split == "train"
