"""Recipes: inheritance, overrides, canonical form, fingerprint."""

import pickle

import pytest

from deepbench_hf import Recipe, RecipeError, list_recipes, load_recipe
from deepbench_hf.recipe.text import difference, merge
from tests.support.recipes import extended

SMALL = {
    "version": "1.0.0",
    "simulator": {"kind": "pendulum"},
    "priors": {
        "length_m": 1,
        "gravity_m_s2": 9.81,
        "theta0_rad": {"kind": "uniform", "low": 0, "high": 1},
    },
    "splits": {"train": {"size": 10}},
}


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


def problems(change):
    """What is wrong with the small recipe after a change of it."""
    with pytest.raises(RecipeError) as caught:
        Recipe.from_mapping("small", merge(SMALL, change))
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sede": 1}, "sede: unknown key; did you mean 'seed'?"),
        ({"seed": -1}, "seed: must be greater than or equal to 0; got -1"),
        ({"seed": 1.5}, "seed: must be a whole number"),
        ({"seed": True}, "seed: must be a whole number; got True"),
        ({"simulator": {"kind": "pendulun"}}, "simulator: unknown kind 'pendulun'; did you mean"),
        ({"simulator": {"length": 3}}, "simulator.length: unknown key"),
        ({"simulator": {"time": {"samples": 1}}}, "simulator.time.samples: "),
        ({"priors": {"length_m": -1}}, "priors.length_m: is -1 m; the model accepts"),
        ({"priors": {"length_m": "1"}}, "priors.length_m: must be a number or a mapping"),
        ({"priors": {"theta0_rad": {"high": 4}}}, "priors.theta0_rad: reaches [0, 4] rad"),
        ({"priors": {"theta0_rad": {"high": 0}}}, "low must be below high; got low=0.0, high=0.0"),
        ({"priors": {"theta0_rad": {"level": "planet"}}}, "unknown level 'planet'"),
        ({"priors": {"angle": 1}}, "priors.angle: unknown parameter of pendulum"),
        ({"noise": {"x_m": {"kind": "gaussian", "sigma": -1}}}, "x_m.sigma: is -1; accepted is "),
        ({"noise": {"y_m": {"kind": "gaussian", "sigma": 1}}}, "noise.y_m: unknown parameter or"),
        ({"noise": {"x_m": {"kind": "log_normal", "sigma": 1}}}, "noise is for scalars"),
        (
            {"noise": {"length_m": {"kind": "gaussian", "sigma": 1}}},
            "needs log_normal or truncated_gaussian",
        ),
        ({"noise": {"omega0_rad_s": {"kind": "gaussian", "sigma": 1}}}, "has noise but no prior"),
        ({"splits": {"train": {"size": -5}}}, "splits.train.size: must be greater"),
        ({"splits": {"test/../x": {"size": 5}}}, "split name 'test/../x' must be"),
        ({"splits": {"all": {"size": 5}}}, "split name 'all' must be"),
        ({"splits": {"a": {"size": 5, "truths": "tran"}}}, "did you mean 'train'?"),
        (
            {"splits": {"a": {"size": 5, "simulator": {"time": {"samples": 7}}}}},
            "splits.a.simulator: every split must have the same outputs",
        ),
        (
            {"splits": {"a": {"size": 5, "priors": {"omega0_rad_s": 1}}}},
            "every split must have the same columns; omega0_rad_s would differ",
        ),
        ({"levels": {"planet": {"rows": 0}}}, "levels.planet.rows"),
        ({"name": "x"}, "name: is the file's name; leave it out"),
        ({"clean": False}, "clean: false leaves no output, as no output has noise"),
        ({"levels": {"a b": {"rows": 5}}}, "level name 'a b' must be"),
        ({"levels": {"a": {"rows": 10**30}}}, "levels.a.rows: must be 1 to 1000000000000 rows"),
        ({"splits": {"Train": {"size": 5}}}, "has a twin but for capitals"),
        ({"noise": {"x_m": {"kind": "gaussian", "sigma": 1e39}}}, "accepted is [0, 1e+19]"),
        ({"noise": {"length_m": {"kind": "log_normal", "sigma": 99}}}, "accepted is [0, 10]"),
        (
            {"noise": {"length_m": {"kind": "truncated_gaussian", "sigma": 1e6}}},
            "sigma must be at most the width of the limits",
        ),
        (
            {"noise": {"period_s": {"kind": "gaussian", "sigma": 1}}},
            "needs log_normal or truncated_gaussian",
        ),
        (
            {
                "noise": {"length_m": {"kind": "log_normal", "sigma": 0.1}},
                "splits": {
                    "a": {
                        "size": 5,
                        "noise": {"length_m": {"kind": "truncated_gaussian", "sigma": 0.1}},
                    }
                },
            },
            "splits.a.noise: every split must have the same columns; length_m would differ",
        ),
        (
            {
                "levels": {"a": {"rows": 5}},
                "splits": {"b": {"size": 5, "levels": {"a": {"rows": "all"}}}},
            },
            "splits.b.levels: every split must have the same columns; a would differ",
        ),
        (
            {"splits": {"a": {"size": 5, "truths": "train"}, "b": {"size": 5, "truths": "a"}}},
            "splits.b.truths: must name the split whose draws they are; split 'a' takes them from",
        ),
        (
            {
                "levels": {"a": {"rows": 5}},
                "splits": {"b": {"size": 5, "truths": "train", "levels": {"a": {"rows": 2}}}},
            },
            "splits.b.truths: split 'train' has other levels",
        ),
    ],
)
def test_a_broken_recipe_is_told_what_is_wrong_and_where(change, told):
    assert any(told in problem for problem in problems(change)), problems(change)


def test_priors_that_do_not_fit_together_are_refused():
    with pytest.raises(RecipeError, match=r"priors: g = G Phi reaches \[1\.6.*; the model"):
        extended("pendulum_hierarchical", priors={"planet_mass_kg": {"high": 1e29}})


def test_a_long_chain_of_extends_is_refused(tmp_path):
    for number in range(200):
        write(tmp_path, f"r{number}", f"extends: r{number + 1}\n")
    with pytest.raises(RecipeError, match="extends goes deeper than 20 files"):
        load_recipe(tmp_path / "r0.yaml")


def test_very_many_problems_are_told_in_part():
    found = problems({f"key{number}": 1 for number in range(500)})
    assert len(found) == 51
    assert found[-1] == "and 450 more"


def test_all_problems_are_told_at_once_and_each_once():
    found = problems(
        {
            "seed": "x",
            "priors": {"length_m": -1, "gravity_m_s2": {"kind": "unifrom"}},
            "noise": {"x_m": {"kind": "gaussian", "sigma": "much"}},
            "splits": {"test": {"size": 0}, "other": {"size": 3, "priors": {"theta0_rad": 5}}},
        }
    )
    places = [problem.split(": ")[0] for problem in found]
    assert sorted(places) == [
        "noise.x_m.sigma",
        "priors.gravity_m_s2",
        "priors.length_m",
        "seed",
        "splits.other.priors.theta0_rad",
        "splits.test.size",
    ]
