"""The SciNet experiments: folding, grids, and what is known of the line and the step."""

import json

import numpy as np
import pytest

from deepbench_hf import RecipeError, generate, load_recipe, simulate
from deepbench_hf.exact.draws import uniforms
from deepbench_hf.exact.words import stream_key
from deepbench_hf.priors import PRIORS
from deepbench_hf.rows.generation import rows_at
from tests.simulators.test_oscillator import DRIVEN, NAMES
from tests.support.recipes import extended

EXPERIMENTS = dict(zip(NAMES, DRIVEN["experiments"], strict=True))
REAL = {"kind": "normal", "mean": 0.5, "sigma": 0.2}
LOG = {"kind": "log_normal", "median": 0.5, "sigma": 2}


@pytest.fixture(scope="module", params=NAMES)
def draws(request):
    """An experiment, the rows of its train split, and the draws of gamma before they were folded.

    In the space of the draw: logarithms where those are drawn.
    """
    recipe, size = load_recipe(request.param), 204_800
    key = stream_key(recipe.stream, recipe.seed, "train", "parameter", "gamma")
    u = uniforms(key, np.arange(size))
    of = recipe.priors["gamma"].of
    raw = of.normal.quantile(u) if of.logarithmic else of.quantile(u)
    rows = rows_at(recipe, "train", np.arange(size), ["omega", "gamma", "ln_omega", "ln_gamma"])
    return EXPERIMENTS[request.param], rows, raw


def turned_back(raw, low, high):
    """Reflected at the walls, one after the other."""
    for _ in range(50):
        raw = np.where(raw < low, 2 * low - raw, raw)
        raw = np.where(raw > high, 2 * high - raw, raw)
    return raw


def test_as_many_draws_are_folded_as_the_normal_distribution_says(draws):
    experiment, rows, raw = draws
    log = experiment["space"] == "log"
    low, high = (np.log(1e-3), 0.0) if log else (1e-3, 1.0)
    n = len(raw)
    for outside, chance in ((raw < low, "P_folded_low"), (raw > high, "P_folded_high")):
        expected = experiment[chance]
        spread = max(np.sqrt(expected * (1 - expected) / n), 1 / n)
        assert abs(outside.mean() - expected) < 3 * spread
    found = rows["ln_gamma" if log else "gamma"]
    np.testing.assert_allclose(found, turned_back(raw, low, high), rtol=0, atol=1e-13)
    assert rows["gamma"].min() >= 1e-3
    assert rows["gamma"].max() <= 1


def test_omega_is_normal_with_the_published_mean_and_width(draws):
    experiment, rows, _ = draws
    omega = rows["ln_omega" if experiment["space"] == "log" else "omega"]
    z = (omega - experiment["mean_omega"]) / experiment["sigma_omega"]
    assert abs(z.mean()) * np.sqrt(z.size) < 5
    assert abs((z**2).mean() - 1) * np.sqrt(z.size / 2) < 5
    assert rows["omega"].min() > 0


@pytest.mark.parametrize(("of", "space"), [(REAL, "real"), (LOG, "log")])
def test_what_is_folded_is_that_of_the_oracle(of, space):
    from deepbench_hf.priors.composed import reflected

    cases = DRIVEN[f"folding_{space}"]
    walls = (1e-3, 1.0) if space == "real" else (np.log(1e-3), 0.0)
    raw = np.array([case["raw" if space == "real" else "raw_ln"] for case in cases])
    expected = [case[f"folded_{'real' if space == 'real' else 'ln'}"] for case in cases]
    np.testing.assert_allclose(reflected(raw, *walls), expected, rtol=0, atol=3e-15)
    prior = PRIORS["folded"](of=of, low=1e-3, high=1)
    u = np.linspace(0, 1, 1001, endpoint=False)
    plain, folded = prior.of.quantile(u), prior.quantile(u)
    inside = (plain > 1.001e-3) & (plain < 0.999)
    np.testing.assert_allclose(folded[inside], plain[inside], rtol=1e-14)
    assert not np.isclose(folded[~inside], plain[~inside], rtol=1e-3).all()


def test_a_parameter_left_out_takes_the_median_of_what_is_folded():
    gamma = generate(load_recipe("scinet_peak_broad"), "train", 0, 20_000)["gamma"]
    left_out = np.exp(simulate("scinet_peak_broad")["ln_gamma"])
    assert left_out == pytest.approx(np.median(gamma), rel=0.02)


def test_a_grid_holds_every_pair_once_the_last_parameter_changing_fastest():
    rows = generate(load_recipe("scinet_center_very_broad"), "test_2sigma")
    omega, gamma = np.meshgrid(
        np.linspace(0.6, 1.4, 201), np.linspace(0.1, 0.9, 201), indexing="ij"
    )
    np.testing.assert_allclose(rows["omega"].reshape(201, 201), omega, rtol=1e-15)
    np.testing.assert_allclose(rows["gamma"].reshape(201, 201), gamma, rtol=1e-15)


def test_a_grid_of_equal_ratios_has_its_ends_to_the_last_bit():
    rows = generate(load_recipe("scinet_logspace_broad"), "test_grid_global")
    gamma = rows["gamma"].reshape(200, 201)
    np.testing.assert_allclose(gamma, np.broadcast_to(np.geomspace(1e-3, 1, 201), gamma.shape))
    assert (gamma[0, 0], gamma[-1, -1], rows["omega"].max()) == (1e-3, 1, 2.5)


def test_a_split_has_no_more_rows_than_its_grid_has_points():
    smaller = load_recipe("scinet_linear", num_examples={"test_in": 7})
    np.testing.assert_allclose(generate(smaller, "test_in")["x"], np.arange(7) / 100 - 2)
    told = r"splits.test_in.size: the grid x \(401\) has 401 points; got 402, accepted: up to that"
    with pytest.raises(RecipeError, match=told):
        load_recipe("scinet_linear", num_examples={"test_in": 402})
    grid = {"kind": "grid", "low": 3, "high": 9, "count": 7}
    with pytest.raises(RecipeError, match="is of an object; a grid is for parameters of a row"):
        extended("shapes_scene", priors={"radius_px": grid})


def test_the_extrapolation_lies_three_to_six_sigma_from_either_mean():
    for name, experiment in EXPERIMENTS.items():
        rows = generate(load_recipe(name), "test_extrapolate", 0, 2000)
        for word in ("omega", "gamma"):
            value = rows[f"ln_{word}" if experiment["space"] == "log" else word]
            z = abs(value - experiment[f"mean_{word}"]) / experiment[f"sigma_{word}"]
            assert 3 - 1e-5 < z.min() < 3.05
            assert 5 < z.max() < 6 + 1e-5


def test_noise_on_a_number_makes_it_observed():
    noise = {"phase_rad": {"kind": "gaussian", "sigma": 0.1}}
    rows = generate(extended("scinet_boring_patch", noise=noise), "test", 0, 2000)
    z = (rows["phase_measured_rad"] - rows["phase_rad"]) / 0.1
    assert abs((z**2).mean() - 1) * np.sqrt(1000) < 6
    without = generate(extended("scinet_boring_patch", noise=noise, clean=False), "test", 0, 2000)
    assert rows.keys() - without.keys() == {"amplitude", "phase_rad", "ln_amplitude"}
    known = extended("scinet_boring_patch", noise=noise, uncertainty=True)
    np.testing.assert_allclose(generate(known, "test", 0, 5)["phase_variance_rad2"], 0.01)


def test_there_is_no_picture_of_a_number():
    with pytest.raises(RecipeError, match="preview: oscillator_driven has numbers only"):
        load_recipe("scinet_boring_patch", preview=True)


@pytest.fixture(scope="module")
def fitted():
    """Splits of the line and of the step, and the polynomials that least squares makes of them."""
    found = {}
    for name, degree in (("scinet_linear", 1), ("scinet_step", 25)):
        recipe = load_recipe(name)
        splits = {split: generate(recipe, split) for split in recipe.splits if "val" not in split}
        train = splits["train"]
        fit = np.polynomial.Chebyshev.fit(train["x"], train["y"], degree)
        found[name] = splits, fit
    return found


def test_least_squares_finds_the_line_and_extrapolates(fitted):
    splits, fit = fitted["scinet_linear"]
    np.testing.assert_allclose(fit.convert(kind=np.polynomial.Polynomial).coef, [10, 1], rtol=1e-12)
    for rows in splits.values():
        np.testing.assert_allclose(rows["y"], fit(rows["x"]), rtol=1e-12, atol=1e-12)


def test_a_rectifier_fits_the_line_in_training_and_fails_beyond_its_kink(fitted):
    splits, _ = fitted["scinet_linear"]
    error = {split: np.maximum(r["x"] + 10, 0) - r["y"] for split, r in splits.items()}
    assert all((error[split] == 0).all() for split in ("train", "test", "test_in", "test_far_3_10"))
    assert error["test_far_30_100"].max() > 80
    assert simulate("scinet_linear", x=-20.0)["y"] == -10


def test_no_polynomial_makes_the_step(fitted):
    splits, fit = fitted["scinet_step"]
    inside, far = splits["test_in"], splits["test_far_3_10"]
    error = fit(inside["x"]) - inside["y"]
    near, away = abs(inside["x"]) < 0.1, abs(abs(inside["x"]) - 1) < 0.2
    assert 1 < np.sqrt((error[near] ** 2).mean()) < 5
    assert np.sqrt((error[away] ** 2).mean()) < 1
    assert abs(fit(far["x"])).max() > 1e3


def test_the_step_is_at_zero_which_is_below_it():
    found = simulate("scinet_step", x=[-1e-300, -0.0, 0.0, 1e-300])["y"]
    assert found.tolist() == [0, 0, 0, 10]


def test_far_splits_lie_where_their_names_say():
    for name in ("scinet_linear", "scinet_step"):
        for low, high in ((3, 10), (10, 30), (30, 100)):
            x = abs(generate(load_recipe(name), f"test_far_{low}_{high}", 0, 2000)["x"])
            assert low <= x.min() < low * 1.05
            assert high / 1.05 < x.max() <= high


def test_the_schema_of_recipes_knows_folds_and_grids():
    from deepbench_hf.recipe.recipe import file_schema

    text = json.dumps(file_schema())
    for kind in ("folded", "grid", "log_normal", "log_uniform_pieces"):
        assert f'"const": "{kind}"' in text


def test_the_arc_sine_and_its_chebyshev_series_which_breaks_away_at_the_ends():
    rows = generate(load_recipe("scinet_arcsin"), "test_grid", 0, 2001)
    x, y = rows["x"], rows["y"]
    np.testing.assert_allclose(y, np.arcsin(x), atol=1e-15)
    angle = np.pi * (np.arange(4096) + 0.5) / 4096
    seen = simulate("scinet_arcsin", x=np.cos(angle))["y"]
    odd = np.arange(1, 26, 2)
    coefficients = [2 / 4096 * (seen * np.cos(k * angle)).sum() for k in odd]
    np.testing.assert_allclose(coefficients, 4 / (np.pi * odd**2), rtol=1e-4)
    series = np.zeros(26)
    series[odd] = coefficients
    for degree, most in ((3, 0.15609), (5, 0.10516), (9, 0.06345), (15, 0.03974), (25, 0.02447)):
        miss = np.abs(np.polynomial.chebyshev.chebval(x, series[: degree + 1]) - y)
        assert miss.max() == pytest.approx(most, rel=2e-3)
        assert abs(x[miss.argmax()]) == 1
