"""Overrides and values that no recipe may have: one clear line each."""

import re

import pytest

from deepbench_hf import RecipeError, load_recipe
from deepbench_hf.recipe.resizing import resized
from tests.support.recipes import extended

HUGE = 10**5000  # Python refuses to print it


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"splits": []}, "splits: names none; give some of train, validation"),
        ({"splits": {"train": 5}}, "splits: no split {'train': 5}; "),
        ({"splits": HUGE}, "splits: no split int of thousands of digits"),
        ({"num_examples": {HUGE: 1}}, "num_examples: no split int of thousands of digits"),
        ({"num_examples": HUGE}, "size: must be less than or .*; got int of thousands of digits"),
        ({"seed": HUGE}, "seed: must be less than 9.*; got int of thousands of digits"),
        ({"image_size": HUGE}, "image_size: must be a side .* got int of thousands of digits"),
        ({"clean": [HUGE]}, "clean: must be true or false; got list of thousands of digits"),
    ],
)
def test_overrides_that_say_nothing_sensible_are_refused(change, told):
    with pytest.raises(RecipeError, match=told):
        load_recipe("shapes", **change)


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("CC-BY-4.0", "did you mean 'cc-by-4.0'"),
        ("Apache 2", "did you mean 'apache-2.0'"),
        ("MIT License", "no license 'MIT License'; "),
        ("other", "no license 'other'"),
    ],
)
def test_a_license_is_one_that_the_hub_knows(word, told):
    assert extended("pendulum", card={"license": "cc-by-4.0"}).card.license == "cc-by-4.0"
    with pytest.raises(RecipeError, match=f"card.license: the Hub knows .*{told}"):
        extended("pendulum", card={"license": word})


def test_capitals_do_not_hide_a_name():
    with pytest.raises(RecipeError, match="did you mean 'pendulum'"):
        load_recipe("PENDULUM")


def test_columns_that_would_differ_are_told_in_part():
    change = {"priors": {"kind": "uniform", "low": 0, "high": 1}}
    with pytest.raises(RecipeError) as caught:
        extended("sky_spirals", splits={"test_more_arms": {"size": 5, **change}})
    (line,) = [line for line in caught.value.problems if "the same columns" in line]
    assert re.search(r"; angle_deg, .* and \d+ more would differ", line)
    assert len(line) < 300


@pytest.mark.parametrize("name", ["sz_cutouts", "cmb_lensing_ladder", "kappa_gaussian", "shapes"])
@pytest.mark.parametrize("side", [-32, 0, 3, 5000])
def test_every_image_has_sides_within_limits(name, side):
    with pytest.raises(RecipeError, match="image_size.1: must be (greater|less) than or equal to"):
        extended(name, simulator={"image_size": [32, side]})


def test_a_strength_is_not_divided_by_what_some_rows_do_not_have():
    noise = {"axis_ratio": {"kind": "log_normal", "sigma": 0.1, "over": "pitch_deg"}}
    with pytest.raises(RecipeError, match="'pitch_deg' is no number with a prior"):
        extended("survey_depth", noise=noise)


def test_light_beyond_all_numbers_is_refused():
    with pytest.raises(RecipeError, match="electrons in a pixel"):
        extended("survey_ten", priors={"zero_point_mag": 26_800})


@pytest.mark.parametrize(
    ("prior", "told"),
    [
        ({"kind": "integers", "low": 0, "high": 63}, "integers does not stretch"),
        ({"kind": "uniform", "low": 30.82750360957417, "high": 30.827503609574173}, "low must"),
    ],
)
def test_positions_that_do_not_stretch_with_the_image_are_refused(prior, told):
    recipe = extended("shapes", priors={"center_x_px": prior})
    with pytest.raises(RecipeError, match=f"priors.center_x_px: {told}") as caught:
        resized(recipe, (20, 20))
    assert all("\n" not in problem for problem in caught.value.problems)
