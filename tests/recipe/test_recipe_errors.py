"""A recipe that is wrong is told what and where, all of it at once."""

import pytest

from deepbench_hf import Recipe, RecipeError, load_recipe
from deepbench_hf.recipe.text import merge
from tests.support.recipes import SMALL, extended


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
        ({"noise": {"x_m": "gaussian"}}, "x_m: must be a mapping with a kind; write {kind: gauss"),
        ({"noise": {"kind": "gaussian", "sigma": 1}}, "kind: a column's name is missing; write"),
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


def test_a_slip_in_extends_is_told_as_one(tmp_path):
    (tmp_path / "mine.yaml").write_text("extend: pendulum\nversion: 1.0.0\n")
    with pytest.raises(RecipeError) as caught:
        load_recipe(tmp_path / "mine.yaml")
    assert caught.value.problems == ("extend: unknown key; did you mean 'extends'?",)


def test_a_perturbation_without_its_image_is_told_what_is_missing():
    with pytest.raises(RecipeError, match="a column's name is missing; write image: {kind: ...}"):
        extended("galaxy_morphology", perturbation={"kind": "jpeg", "quality": 20})
