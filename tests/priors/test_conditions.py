"""Classes, conditions and whole numbers in recipes; what is refused, and objects of a level."""

import numpy as np
import pytest

from deepbench_hf import Recipe, RecipeError, generate, load_recipe
from deepbench_hf.recipe.text import read_recipe
from tests.support.recipes import extended


def changed(name, **priors):
    """The problems of a shipped recipe with some priors replaced."""
    data = read_recipe(name)[1]
    own = {**data, "priors": data["priors"] | priors, "splits": {"train": {"size": 10}}}
    with pytest.raises(RecipeError) as caught:
        Recipe.from_mapping("own", own)
    return "\n".join(caught.value.problems)


@pytest.mark.parametrize(
    ("priors", "told"),
    [
        ({"label": {"kind": "classes", "names": ["circel"]}}, "did you mean 'circle'"),
        ({"label": {"kind": "uniform", "low": 0, "high": 5}}, "is one of some classes; give"),
        ({"label": 3}, "is one of some classes; give {kind: classes, names: [circle"),
        ({"radius_px": {"kind": "classes", "names": ["circle"]}}, "is a number; give"),
        ({"radius_px": {"kind": "conditional", "given": "lable", "cases": {"arc": 3}}}, "'label'"),
        (
            {"radius_px": {"kind": "conditional", "given": "center_x_px", "cases": {"arc": 3}}},
            "'center_x_px' is no class with a prior; accepted: label, style",
        ),
        (
            {"radius_px": {"kind": "conditional", "given": "label", "cases": {"arc": 3}}},
            "says nothing of circle, ellipse, rectangle, line",
        ),
        (
            {"radius_px": {"kind": "conditional", "given": "label", "cases": {"arch": 3}}},
            "unknown class 'arch'; did you mean 'arc'",
        ),
        (
            {
                "radius_px": {
                    "kind": "conditional",
                    "given": "label",
                    "cases": {"arc": -3},
                    "otherwise": 5,
                }
            },
            "priors.radius_px.arc: is -3 pix; the model accepts [0.05, 4096] pix",
        ),
        (
            {"style": {"kind": "conditional", "given": "style", "cases": {"filled": 1}}},
            "'style' is no class with a prior",
        ),
    ],
)
def test_a_wrong_class_or_condition_is_told_with_its_place(priors, told):
    assert told in changed("shapes", **priors)


@pytest.mark.parametrize(
    ("priors", "told"),
    [
        ({"arms": {"kind": "uniform", "low": 2, "high": 4}}, "arms: is a whole number; give"),
        ({"arms": {"kind": "choice", "values": [2, 2.5]}}, "arms: is a whole number; give"),
        ({"arms": 2.5}, "arms: is a whole number; give"),
        ({"n_objects": {"kind": "poisson", "mean": 4, "low": 1, "high": 13}}, "max_objects is 12"),
        ({"n_objects": {"kind": "poisson", "mean": 4, "high": 9}}, "accepts [1, 64]"),
        (
            {"psf_fwhm_px": {"kind": "conditional", "given": "kind", "cases": {"star": 2}}},
            "'kind' is no class with a prior",
        ),
    ],
)
def test_whole_numbers_and_counts_are_checked(priors, told):
    assert told in changed("sky", **priors)


def test_every_class_may_have_its_own_range():
    recipe = load_recipe("shapes")
    rows = generate(recipe, "train", 0, 2000)
    names = recipe.simulator.parameters["label"].names
    for name, (low, high) in {"line": (5, 24), "arc": (8, 24), "pentagon": (8, 20)}.items():
        radius = rows["radius_px"][rows["label"] == names.index(name)]
        assert low <= radius.min() < radius.max() <= high
        assert np.ptp(radius) > 0.9 * (high - low)


def test_what_a_class_does_not_have_is_neutral():
    rows = generate(load_recipe("shapes"), "train", 0, 2000)
    circle, arc, line = (rows["label"] == number for number in (0, 3, 4))
    assert (rows["angle_deg"][circle] == 0).all()
    assert (rows["axis_ratio"][circle | arc | line] == 1).all()
    assert ((rows["extent_deg"] > 0) == arc).all()
    assert (rows["style"][arc | line] == 1).all()
    assert ((rows["stroke_width_px"] > 0) == (rows["style"] == 1)).all()
    scenes = generate(load_recipe("sky"), "train", 0, 500)
    objects = scenes["objects"][np.arange(12) < scenes["n_objects"][:, None]]
    star, spiral = objects["kind"] == 0, objects["kind"] == 2
    assert ((objects["fwhm_px"] > 0) == star).all()
    assert ((objects["half_light_radius_px"] > 0) == ~star).all()
    assert ((objects["arms"] > 0) == spiral).all()
    assert ((objects["pitch_deg"] > 0) == (spiral & (objects["arm_model"] == 0))).all()


def test_more_room_for_objects_keeps_those_that_are_there():
    few, many = load_recipe("sky"), extended("sky", "sky", simulator={"max_objects": 20})
    one, other = generate(few, "train", 0, 50), generate(many, "train", 0, 50)
    assert one["objects"].tobytes() == other["objects"][:, :12].tobytes()
    assert one["image"].tobytes() == other["image"].tobytes()


def test_objects_of_a_level_are_shared_by_its_rows():
    name, data = read_recipe("sky")
    stars = {"kind": {"kind": "classes", "names": ["star"]}, "n_objects": 3}
    shared = {"fwhm_px": {**data["priors"]["fwhm_px"], "level": "field"}}
    levels, splits = {"field": {"rows": 5}}, {"train": {"size": 20}}
    own = {**data, "levels": levels, "priors": data["priors"] | stars | shared, "splits": splits}
    rows = generate(Recipe.from_mapping(name, own), "train")
    fwhm = rows["objects"]["fwhm_px"][:, :3].reshape(4, 5, 3)
    assert (fwhm == fwhm[:, :1]).all()
    assert len(np.unique(fwhm)) == 12
    assert len(np.unique(rows["objects"]["center_x_px"][:, :3])) == 60
