"""Recipes: inheritance, overrides, canonical form, fingerprint."""

import pickle

import pytest

from deepbench_hf import Recipe, RecipeError, list_recipes, load_recipe
from deepbench_hf.recipe.text import difference, merge
from tests.support.recipes import SMALL, extended


def write(folder, name, text):
    file = folder / f"{name}.yaml"
    file.write_text(text)
    return file


def test_merge_follows_its_rules():
    assert merge({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}) == {"a": {"x": 1, "y": 3}}
    assert merge({"a": [1, 2]}, {"a": [3]}) == {"a": [3]}
    assert merge({"a": {"kind": "u", "x": 1}}, {"a": {"kind": "v"}}) == {"a": {"kind": "v"}}
    assert merge({"a": {"kind": "u", "x": 1}}, {"a": {"x": 2}}) == {"a": {"kind": "u", "x": 2}}
    assert merge({"a": 1, "b": 2}, {"a": None}) == {"b": 2}


def test_difference_is_the_inverse_of_merge():
    base = {"a": {"kind": "u", "x": 1, "z": 0}, "b": {"kind": "u", "y": 1}, "c": 3, "d": {"e": [1]}}
    changed = {"a": {"kind": "u", "x": 2}, "b": {"kind": "v"}, "d": {"e": [2], "f": {"g": 1}}}
    assert merge(base, difference(base, changed)) == changed


def test_a_split_keeps_the_sign_of_its_zeros():
    splits = {"test": {"noise": {"x_m": {"sigma": 0.0}}}}
    recipe = extended("pendulum_noisy", noise={"x_m": {"sigma": -0.0}}, splits=splits)
    assert Recipe.from_mapping("own", recipe.to_mapping()).fingerprint == recipe.fingerprint


def test_extends_merges_a_file_beside_and_a_shipped_config(tmp_path):
    write(tmp_path, "one", "extends: pendulum_noisy\nnoise: {x_m: {sigma: 0.5}}\nversion: 1.0.0\n")
    two = load_recipe(write(tmp_path, "two", "extends: one\nseed: 4\nversion: 2.0.0\n"))
    assert (two.name, two.seed, two.version) == ("two", 4, "2.0.0")
    assert two.noise["x_m"].sigma.value == 0.5
    assert two.noise["length_m"] == load_recipe("pendulum_noisy").noise["length_m"]
    assert two.stream == "pendulum"
    assert two.noise_stream == "two"


def test_a_file_may_extend_the_shipped_config_of_its_own_name(tmp_path):
    mine = load_recipe(write(tmp_path, "pendulum", "extends: pendulum\nversion: 9.0.0\n"))
    assert mine.version == "9.0.0"


def test_a_circle_of_extends_is_an_error(tmp_path):
    one = write(tmp_path, "one", "extends: two\n")
    write(tmp_path, "two", "extends: one\n")
    with pytest.raises(RecipeError, match="goes in a circle: one.yaml -> two.yaml -> one.yaml"):
        load_recipe(one)


@pytest.mark.parametrize("name", list_recipes())
def test_to_yaml_gives_the_same_recipe(name, tmp_path):
    recipe = load_recipe(name, seed=3, num_examples=77)
    copy = load_recipe(write(tmp_path, name, recipe.to_yaml()))
    assert copy.fingerprint == recipe.fingerprint
    assert copy == recipe


def test_to_yaml_quotes_a_text_that_would_be_read_as_a_number(tmp_path):
    changes = {"splits": {"1e5": {"size": 3}}, "description": "1e-3"}
    recipe = extended("pendulum", "1e5", **changes)
    copy = load_recipe(write(tmp_path, "1e5", recipe.to_yaml()))
    assert copy == recipe
    assert copy.noise_stream == "1e5" and "1e5" in copy.splits


def test_the_fingerprint_ignores_what_decides_no_byte(tmp_path):
    same = write(
        tmp_path, "pendulum", "description: other words\nextends: pendulum\nversion: 1.0.0\n"
    )
    assert load_recipe(same).fingerprint == load_recipe("pendulum").fingerprint


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"num_examples": 5}, {"clean": False}, {"preview": True}]
)
def test_the_fingerprint_sees_every_override(change):
    plain, changed = load_recipe("pendulum_noisy"), load_recipe("pendulum_noisy", **change)
    assert changed.fingerprint != plain.fingerprint
    assert plain.model_copy(update={"seed": 5}).fingerprint != plain.fingerprint


def test_configs_have_different_fingerprints():
    assert len({load_recipe(name).fingerprint for name in list_recipes()}) == len(list_recipes())


def test_a_recipe_is_frozen_and_can_be_pickled():
    recipe = load_recipe("pendulum_noisy")
    with pytest.raises(Exception, match="frozen"):
        recipe.seed = 3
    for change in (
        lambda splits: splits.update(other=1),
        lambda splits: splits.__setitem__("train", 1),
        lambda splits: splits.__delitem__("train"),
        lambda splits: splits.__ior__({"other": 1}),
        lambda splits: splits.setdefault("other", 1),
        lambda splits: splits.pop("train"),
        lambda splits: splits.popitem(),
        lambda splits: splits.clear(),
    ):
        with pytest.raises(TypeError, match="frozen"):
            change(recipe.splits)
    assert pickle.loads(pickle.dumps(recipe)) == recipe


@pytest.mark.parametrize("key", ["name", "description"])
def test_recipes_of_other_names_or_words_are_others(key):
    recipe = load_recipe("pendulum_noisy")
    other = recipe.model_copy(update={key: "another"})
    assert other.fingerprint == recipe.fingerprint
    assert other != recipe


def test_a_parameter_with_a_default_may_be_left_out():
    recipe = Recipe.from_mapping("small", SMALL)
    assert "omega0_rad_s" not in recipe.priors
    with pytest.raises(RecipeError, match="priors.gravity_m_s2: is missing: .*, m s-2"):
        priors = {k: v for k, v in SMALL["priors"].items() if k != "gravity_m_s2"}
        Recipe.from_mapping("small", {**SMALL, "priors": priors})


def test_a_long_chain_of_extends_is_refused(tmp_path):
    for number in range(200):
        write(tmp_path, f"r{number}", f"extends: r{number + 1}\n")
    with pytest.raises(RecipeError, match="extends goes deeper than 20 files"):
        load_recipe(tmp_path / "r0.yaml")
