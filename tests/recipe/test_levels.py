"""Levels share what they hold and nothing else; what validates makes finite rows, and soon."""

import time

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import RecipeError, generate, jacobian, load_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.text import merge
from tests.support.recipes import SMALL, extended

RECIPE = load_recipe("pendulum_hierarchical")
G, MASS, RADIUS = "gravitational_constant", "planet_mass", "planet_radius"


@pytest.fixture(scope="module")
def rows():
    return generate(RECIPE, "train")


def errors(rows, name, unit):
    """The standardised errors of a measured quantity."""
    ratio = rows[f"{name}_measured_{unit}"] / rows[f"{name}_{unit}"]
    return np.log(ratio) / rows[f"{name}_noise_sigma"]


def test_gravity_is_the_constant_times_the_potential_and_lies_in_the_declared_range(rows):
    potential = rows["planet_mass_kg"] / rows["planet_radius_m"] ** 2
    np.testing.assert_allclose(rows["potential_kg_m2"], potential, rtol=1e-15)
    gravity = rows[f"{G}_m3_kg_s2"] * potential
    np.testing.assert_allclose(rows["gravity_m_s2"], gravity, rtol=1e-15)
    assert 1.6 < rows["gravity_m_s2"].min() < 2.2
    assert 20 < rows["gravity_m_s2"].max() < 25


def test_planets_are_shared_by_their_pendulums_only(rows):
    for name in ("planet_mass_kg", "planet_radius_m", "planet_mass_measured_kg"):
        by_planet = rows[name].reshape(-1, 20)
        assert (by_planet == by_planet[:, :1]).all()
        assert len(np.unique(by_planet[:, 0])) == 500
    assert len(np.unique(rows["length_m"])) == 10_000
    assert np.array_equal(rows["planet_index"], np.arange(10_000) // 20)


def test_an_error_is_one_for_each_member_of_its_level(rows):
    assert len(np.unique(errors(rows, G, "m3_kg_s2"))) == 1
    between = errors(rows, MASS, "kg").reshape(-1, 20)
    assert np.ptp(between, axis=1).max() < 1e-9
    assert stats.kstest(between[:, 0], "norm").pvalue > 1e-6
    assert stats.kstest(errors(rows, "length", "m"), "norm").pvalue > 1e-6


def test_the_variance_of_gravity_is_that_of_its_factors_p3(rows):
    """Each draw counts once: DeepBench's gravity has twice the variance (P3)."""
    planets = slice(None, None, 20)
    measured = rows["planet_mass_measured_kg"] / rows["planet_radius_measured_m"] ** 2
    ratio = np.log(measured / rows["potential_kg_m2"])[planets]
    expected = 0.05**2 + 4 * 0.02**2
    low, high = stats.chi2(len(ratio)).interval(1 - 1e-6)
    assert low < (ratio**2).sum() / expected < high
    assert not low < (2 * ratio**2).sum() / expected < high


def test_the_universe_is_one_for_all_splits(rows):
    test = generate(RECIPE, "test", 0, 5)
    assert test[f"{G}_measured_m3_kg_s2"][0] == rows[f"{G}_measured_m3_kg_s2"][0]


def test_same_planet_has_the_planets_of_train_and_other_pendulums(rows):
    same = generate(RECIPE, "test_same_planet")
    for name in ("planet_mass_kg", "planet_mass_measured_kg", "gravity_m_s2"):
        assert np.array_equal(same[name], rows[name][:1000])
    assert not np.isin(same["length_m"], rows["length_m"]).any()


def test_new_planet_has_heavier_planets_than_train(rows):
    new = generate(RECIPE, "test_new_planet")
    assert new["planet_mass_kg"].min() >= rows["planet_mass_kg"].max()


def test_a_measurement_may_belong_to_any_level():
    change = {
        "levels": {"lab": {"rows": 5}},
        "noise": {"theta0_rad": {"kind": "gaussian", "sigma": 0.1, "level": "lab"}},
    }
    recipe = Recipe.from_mapping("labs", merge(SMALL, change))
    made = generate(recipe, "train")
    error = (made["theta0_measured_rad"] - made["theta0_rad"]).reshape(2, 5)
    np.testing.assert_allclose(error, error[:, :1] * np.ones(5), atol=1e-12)
    assert error[0, 0] != pytest.approx(error[1, 0])
    assert made["lab_index"].tolist() == [0] * 5 + [1] * 5


def noisy(sigma):
    """Gaussian noise of an image."""
    return {"image": {"kind": "gaussian", "sigma": sigma}}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (
            "shapes_outline",
            {"priors": {"stroke_width_px": {"kind": "uniform", "low": 0, "high": 2}}},
        ),
        ("shapes", {"noise": noisy(1e19), "uncertainty": True}),
        ("pendulum_noisy", {"noise": {"x_m": {"sigma": 1e19}}, "uncertainty": True}),
        ("sky_stars", {"priors": {"flux_e_s": 4.9e6}}),
    ],
)
def test_rows_are_finite_at_the_edge_of_what_is_accepted(name, change):
    rows = generate(extended(name, **change), "train", 0, 20)
    assert all(np.isfinite(v).all() for v in rows.values() if v.dtype.kind == "f")


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("sky_stars", {"priors": {"flux_e_s": 5.1e6}}, r"may count 1e\+09 electrons in a pixel"),
        ("sky_noisy", {"noise": {"image": {"exposure_s": 1e5}}}, "lower the flux or the exposure"),
        ("survey_pair", {"priors": {"r_mag": 2}}, r"electrons in a pixel, of at most 1e\+09"),
        ("shapes", {"noise": noisy(1.1e19)}, r"accepted is \[0, 1e\+19"),
    ],
)
def test_what_no_number_or_detector_holds_is_refused(name, change, told):
    with pytest.raises(RecipeError, match=told):
        extended(name, **change)


@pytest.mark.parametrize("corner", [{"center_x_px": 4000.0}, {"pitch_deg": 2.0}])
def test_derivatives_take_no_more_than_a_second_anywhere(corner):
    jacobian("sky_spirals", **corner)
    begin = time.process_time()
    jacobian("sky_spirals", **corner)
    assert time.process_time() - begin < 1
