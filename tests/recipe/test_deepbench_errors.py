"""A DeepBench file that cannot be meant so says where, what and how to mend it, in one line."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepbench_hf import Recipe, RecipeError, load_recipe
from deepbench_hf.recipe.deepbench import convert

PENDULUM = {
    "object_type": "physics",
    "object_name": "Pendulum",
    "total_runs": 3,
    "seed": 5,
    "parameter_noise": 0.1,
    "image_parameters": {
        "pendulum_arm_length": 2.0,
        "starting_angle_radians": 0.25,
        "acceleration_due_to_gravity": 9.8,
        "noise_std_percent": {"pendulum_arm_length": 0.1},
    },
    "object_parameters": {"time": [0, 0.5, 1], "noiseless": False, "seed": 3},
}
SHAPES = {
    "object_type": "shape",
    "object_name": "ShapeImage",
    "total_runs": 3,
    "image_parameters": {"image_shape": [28, 28], "object_noise_level": 0.1},
    "object_parameters": {
        "polygon": {"object": {"radius": 5, "vertices": 5, "angle": 3}, "instance": {}},
        "line": {"object": {"start": [3, 4], "end": [9, 9]}, "instance": {"line_width": 2}},
    },
}
SKY = {
    "object_type": "sky",
    "object_name": "SkyImage",
    "total_runs": 3,
    "image_parameters": {"image_shape": [28, 28], "object_noise_type": "poisson"},
    "object_parameters": {
        "star": {"object": {"center_x": 5, "center_y": 5}, "instance": {"radius": 2.0}},
        "spiral_galaxy": {"object": {"center_x": 9, "center_y": 9}, "instance": {"radius": 5}},
    },
}


def changed(data, path, value):
    """A copy with another value somewhere; None takes the entry away."""
    data = copy.deepcopy(data)
    *parts, last = path.split("/")
    inner = data
    for part in parts:
        inner = inner[part]
    inner.pop(last, None)
    if value is not None:
        inner[last] = value
    return data


IMAGE, PARTS = "image_parameters", "object_parameters"


@pytest.mark.parametrize(
    ("data", "path", "value", "told"),
    [
        (PENDULUM, "total_runs", None, "total_runs: is missing: a whole number from 1"),
        (PENDULUM, "total_runs", 0, "total_runs: must be a whole number from 1 to"),
        (PENDULUM, "seed", -1, "seed: must be a whole number from 0"),
        (PENDULUM, "object_type", "phisics", "object_type: unknown 'phisics'; did you mean 'phy"),
        (PENDULUM, "object_name", "Pendulm", "object_name: unknown 'Pendulm'; did you mean 'Pen"),
        (PENDULUM, "total_run", 3, "total_run: unknown key; did you mean 'total_runs'?"),
        (PENDULUM, "version", "1.0.0", "a recipe cannot extend it; write one with deepbench-hf"),
        (
            PENDULUM,
            f"{IMAGE}/pendulum_arm_length",
            None,
            "image_parameters.pendulum_arm_length: is missing: a number",
        ),
        (
            changed(PENDULUM, f"{IMAGE}/noise_std_percent", None),
            f"{IMAGE}/pendulum_arm_length",
            -1,
            "image_parameters.pendulum_arm_length: as length_m, reaches [-1, -0.9] m; the model",
        ),
        (
            PENDULUM,
            f"{IMAGE}/starting_angle_radians",
            45,
            "image_parameters.starting_angle_radians: as theta0_rad, reaches [45, 45.1] rad; the",
        ),
        (
            PENDULUM,
            f"{IMAGE}/pendulum_arm_lenght",
            2,
            "image_parameters.pendulum_arm_lenght: unknown key; did you mean 'pendulum_arm_length",
        ),
        (
            PENDULUM,
            f"{IMAGE}/noise_std_percent/pendulum_arm_length",
            2,
            "noise_std_percent.pendulum_arm_length: must be a number from 0 up to 1",
        ),
        (PENDULUM, f"{IMAGE}/big_G_newton", 1e-11, "big_G_newton: must be left out where accel"),
        (PENDULUM, f"{PARTS}/noiselss", True, "object_parameters.noiselss: unknown key; did you"),
        (PENDULUM, f"{PARTS}/time", [0, 1, 3], "object_parameters.time: must be equally spaced"),
        (PENDULUM, f"{PARTS}/time", 3.0, "object_parameters.time: must be a list of two or more"),
        (PENDULUM, f"{PARTS}/time", [-1, 0, 1], "object_parameters.time: "),
        (SHAPES, f"{IMAGE}/image_shape", [28], "image_parameters.image_shape: must be two whole"),
        (SHAPES, f"{IMAGE}/object_noise_type", "salt", "object_noise_type: unknown 'salt'; acce"),
        (SHAPES, f"{PARTS}/polygn", {}, "object_parameters.polygn: unknown key; did you mean 'pol"),
        (SHAPES, f"{PARTS}/polygon/object/vertices", 2, "polygon.object.vertices: must be a whole"),
        (SHAPES, f"{PARTS}/polygon/object/fil", True, "polygon.object.fil: unknown key; did you"),
        (SHAPES, f"{PARTS}/polygon/instance/radius", 9, "polygon.instance.radius: is 9 here, not"),
        (SHAPES, f"{PARTS}/line/object/end", [3, 4], "line.object.end: must be another point"),
        (
            SHAPES,
            f"{PARTS}/polygon/object/radius",
            5000,
            "object_parameters.polygon.object.radius: as radius_px, reaches",
        ),
        (SHAPES, PARTS, {}, "object_parameters: must hold one or more objects; accepted: rect"),
        (SHAPES, PARTS, [{"line": {}}, {"line": {}}], "object_parameters.line: is given twice"),
        (SKY, f"{PARTS}/star/object/center_x", None, "star.center_x: is missing: a number"),
        (SKY, f"{PARTS}/star/object/alpha", -1, "star.object.alpha: must be a number above 0"),
        (
            SKY,
            f"{PARTS}/spiral_galaxy/instance/spiral_pitch",
            3,
            "spiral_galaxy.instance.spiral_pitch: must be a number from 0.0349066 up to 1.39626",
        ),
        (SKY, "object_type", "astro", "object_name: unknown 'SkyImage'; accepted: StarObject"),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_is_accepted(data, path, value, told):
    with pytest.raises(RecipeError) as caught:
        convert("x", changed(data, path, value))
    assert any(told in line for line in caught.value.problems), caught.value.problems
    assert all("\n" not in line for line in caught.value.problems)


def test_all_mistakes_are_told_at_once():
    data = changed(PENDULUM, "total_runs", "three")
    data = changed(data, "image_parameters/pendulum_arm_length", "long")
    data = changed(data, "object_parameters/times", [1, 2])
    with pytest.raises(RecipeError) as caught:
        convert("x", data)
    assert [line.split(":")[0] for line in caught.value.problems] == [
        "total_runs",
        "image_parameters.pendulum_arm_length",
        "object_parameters.times",
    ]


def test_what_is_accepted_is_told_once():
    with pytest.raises(RecipeError) as caught:
        convert("x", changed(PENDULUM, "total_run", 3))
    words = caught.value.problems[0].split("accepted: ")[1].split(", ")
    assert len(words) == len(set(words))


def test_a_file_with_a_mistake_names_itself(tmp_path):
    file = tmp_path / "deepbench.yaml"
    file.write_text("object_type: physics\ntotal_runs: 1\nobject_name: Pendulum\n")
    with pytest.raises(RecipeError, match=r"^deepbench: image_parameters.pendulum_arm_length: is"):
        load_recipe(file)


def places(data, path=()):
    """The paths of all entries of nested mappings."""
    for key, value in data.items():
        yield "/".join((*path, key))
        if isinstance(value, dict):
            yield from places(value, (*path, key))


JUNK = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=True), st.text(max_size=5)),
    *(st.lists(st.floats(allow_nan=True), max_size=3), st.dictionaries(st.text(), st.integers())),
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_broken_file_gives_a_recipe_or_an_error_of_ours(data):
    good = data.draw(st.sampled_from([PENDULUM, SHAPES, SKY]))
    path = data.draw(st.sampled_from(list(places(good))))
    try:
        found = convert("x", changed(good, path, data.draw(JUNK)))
    except RecipeError as error:
        assert error.problems
        assert all("\n" not in line for line in error.problems)
    else:
        Recipe.from_mapping("x", found.recipe)
