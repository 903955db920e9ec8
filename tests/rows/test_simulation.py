"""`simulate`: the clean output for parameters of the user's choice."""

from pathlib import Path

import numpy as np
import pytest

from deepbench_hf import generate, jacobian, list_recipes, load_recipe, simulate

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
    file = tmp_path / "mine.yaml"
    file.write_text("extends: pendulum_noisy\nversion: 1.0.0\n")
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
        ({"length_m": "long"}, "length_m must be a real number in m; got 'long'"),
    ],
)
def test_what_makes_no_sense_is_refused(given, told):
    with pytest.raises(ValueError, match=told):
        simulate("pendulum", **given)


def test_an_output_cannot_be_set():
    with pytest.raises(ValueError, match="'gravity_m_s2' is no input of the model"):
        simulate("pendulum_hierarchical", gravity_m_s2=3.0)
