"""`simulate` for parameters of the user; and rows anywhere in a split have the same bits."""

from pathlib import Path

import numpy as np
import pytest

from deepbench_hf import generate, jacobian, list_recipes, load_recipe, observe, simulate
from deepbench_hf.fields import of_role
from deepbench_hf.recipe.columns import schema
from deepbench_hf.rows.generation import rows_at
from tests.support.draws import identical
from tests.support.recipes import extended_file

ROD = {"length_m": 1.0, "gravity_m_s2": 9.81, "theta0_rad": 0.5}


def test_scalars_give_one_example_without_its_axis():
    made = simulate("pendulum", **ROD)
    assert made["x_m"].shape == (100,)
    assert made["period_s"].shape == ()


def test_arrays_and_scalars_mix():
    made = simulate("pendulum", **{**ROD, "theta0_rad": [0.1, 0.2, 0.3]})
    assert made["x_m"].shape == (3, 100)
    alone = simulate("pendulum", **{**ROD, "theta0_rad": 0.2})
    assert np.array_equal(made["x_m"][1], alone["x_m"])


def test_missing_parameters_take_the_median_of_their_priors():
    median = simulate("pendulum", length_m=5.25, gravity_m_s2=13.3, theta0_rad=0.3)
    assert np.array_equal(simulate("pendulum", theta0_rad=0.3)["x_m"], median["x_m"])


@pytest.mark.parametrize("name", [n for n in list_recipes() if n.startswith("pendulum")])
def test_what_is_left_out_is_chosen_so_that_something_moves(name):
    for given in ({}, {"length_m": 2.0}):
        made = simulate(name, **given)
        for column, values in made.items():
            assert np.any(values), column
        slopes = jacobian(name, **given)
        for output, own in slopes.items():
            assert any(np.any(values) for values in own.values()), output
    quartile = load_recipe(name).priors["theta0_rad"].quantile(np.array([0.75]))[0]
    assert 0 < quartile < np.pi / 2
    same = simulate(name, length_m=2.0, theta0_rad=quartile)
    assert all(np.array_equal(made[column], same[column]) for column in made)


def test_times_of_the_users_choice_are_taken():
    made = simulate("pendulum", **ROD, time_s=[0.0, 1.5, 0.5])
    assert made["x_m"].shape == (3,)
    both = simulate("pendulum", **ROD, time_s=[[0.0, 1.5, 0.5], [2.0, 3.0, 4.0]])
    assert np.array_equal(both["x_m"][0], made["x_m"])


def test_a_whole_row_may_be_fed_back_from_any_variant_of_the_recipe(tmp_path):
    file = extended_file(tmp_path, "pendulum_noisy")
    recipe = load_recipe(file)
    row = {name: column[0] for name, column in generate(recipe, "train", 0, 1).items()}
    for variant in (recipe, load_recipe(file, clean=False), Path(file), str(file)):
        made = simulate(variant, **row, preview=b"")
        assert np.array_equal(made["x_m"], row["x_m"])


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"lenght_m": 1}, "'lenght_m' is no input of the model; did you mean 'length_m'"),
        ({"theta_rad": 5.0}, "'theta_rad' is no input of the model"),
        ({"length_m": -1.0}, r"length_m = -1 m; the model accepts \[0.001, 1000\]"),
        ({"length_m": float("nan")}, "length_m = nan m"),
        ({"length_m": [1.0, 2.0], "theta0_rad": [1.0, 2.0, 3.0]}, "unequal lengths"),
        ({"length_m": [[1.0]]}, r"has the shape \(1, 1\); accepted: \(\) or \(n,\)"),
        ({"length_m": []}, "length_m is empty"),
        ({"time_s": 1.0}, r"time_s has the shape \(\); accepted: \(T,\) or \(n, T\)"),
        ({"time_s": []}, "time_s is empty"),
    ],
)
def test_what_makes_no_sense_is_refused(given, told):
    with pytest.raises(ValueError, match=told):
        simulate("pendulum", **given)


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("transients", {"label": "sn_ia", "rise_d": [3, 30], "fall_d": [10, 20]}, "fall slower"),
        ("deepuq_linear_uniform", {"height": 100.0}, "the steepest line reaches 4"),
        ("deepuq_flux_uniform", {"selected_total_e_s": 1e5}, "the largest galaxy has"),
        ("survey_pair", {"psf_fwhm_arcsec": 60, "pixel_scale_arcsec_px": 0.05}, "1200 pixels"),
        ("halo_nfw", {"log10_mass_Msun": 16.5, "concentration_offset_dex": -1}, "0.5 to 200"),
    ],
)
def test_values_that_no_recipe_may_draw_together_are_refused(name, given, told):
    with pytest.raises(ValueError, match=told):
        simulate(name, **given)


def test_of_many_examples_each_has_to_fit_alone():
    made = simulate("transients", label="sn_ia", rise_d=[3.0, 30.0], fall_d=[10.0, 100.0])
    assert np.isfinite(made["peak_flux"]).all()
    assert simulate("survey_pair", label=["elliptical", "lens"])["image"].shape[0] == 2


def test_rows_with_other_parameters_must_fit_as_well():
    slow = generate("transients", "test", 0, 1)["rise_d"]
    with pytest.raises(ValueError, match="it must fall slower"):
        observe("transients", "test", [0], fall_d=0.5 * slow)


def test_an_output_cannot_be_set():
    with pytest.raises(ValueError, match="'gravity_m_s2' is no input of the model"):
        simulate("pendulum_hierarchical", gravity_m_s2=3.0)


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
    with pytest.raises(IndexError, match=f"train has 10000 rows, .* got row {told}; num_ex"):
        rows_at(load_recipe("pendulum"), "train", np.array([5, index]))
