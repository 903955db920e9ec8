"""A DeepBench file that cannot be meant so says where, what and how to mend it, in one line."""

import copy
from random import Random

import pytest

from deepbench_hf import RecipeError, load_recipe
from deepbench_hf.recipe.deepbench import convert
from deepbench_hf.recipe.text import read_recipe
from tests.support.paths import DEEPBENCH, DEEPBENCH_FILES

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
        (PENDULUM, "total_runs", None, "total_runs: is missing: the number of rows"),
        (PENDULUM, "total_runs", 0, "total_runs: must be greater than or equal to 1; got"),
        (PENDULUM, "seed", -1, "seed: must be greater than or equal to 0; got -1"),
        (PENDULUM, "object_type", "phisics", "object_type: unknown 'phisics'; did you mean 'phy"),
        (PENDULUM, "object_name", "Pendulm", "object_name: unknown 'Pendulm'; did you mean 'Pen"),
        (PENDULUM, "total_run", 3, "total_run: unknown key; did you mean 'total_runs'?"),
        (PENDULUM, "version", "1.0.0", "a recipe cannot extend it; write one with deepbench-hf"),
        (PENDULUM, f"{IMAGE}/pendulum_arm_length", None,
         "image_parameters.pendulum_arm_length: is missing: the length of the rod, m"),
        (changed(PENDULUM, f"{IMAGE}/noise_std_percent", None), f"{IMAGE}/pendulum_arm_length", -1,
         "image_parameters.pendulum_arm_length: as length_m, reaches [-1, -0.9] m; the model"),
        (PENDULUM, f"{IMAGE}/starting_angle_radians", 45,
         "image_parameters.starting_angle_radians: as theta0_rad, reaches [45, 45.1] rad; the"),
        (PENDULUM, f"{IMAGE}/pendulum_arm_lenght", 2,
         "image_parameters.pendulum_arm_lenght: unknown key; did you mean 'pendulum_arm_length"),
        (PENDULUM, f"{IMAGE}/noise_std_percent/pendulum_arm_length", 2,
         "noise_std_percent.pendulum_arm_length: must be less than or equal to 1; got 2"),
        (PENDULUM, f"{IMAGE}/big_G_newton", 1e-11, "image_parameters: must have either"),
        (PENDULUM, f"{PARTS}/noiselss", True, "object_parameters.noiselss: unknown key; did you"),
        (PENDULUM, f"{PARTS}/time", [0, 3, 1], "object_parameters.time: must rise, s"),
        (PENDULUM, f"{PARTS}/time", 3.0, "time: must be a list; got 3.0"),
        (PENDULUM, f"{PARTS}/time", [-1, 0, 1], "object_parameters.time: "),
        (SHAPES, f"{IMAGE}/image_shape", [28], "image_shape: must have at least 2"),
        (SHAPES, f"{IMAGE}/object_noise_type", "salt",
         "must be 'gaussian' or 'poisson'; got"),
        (SHAPES, f"{PARTS}/polygn", {}, "polygn: unknown object; did you mean 'polygon"),
        (SHAPES, f"{PARTS}/polygon/object/vertices", 2, "object.vertices: must be gr"),
        (SHAPES, f"{PARTS}/polygon/object/fil", True, "polygon.object.fil: unknown key; did you"),
        (SHAPES, f"{PARTS}/polygon/instance/radius", 9, "polygon.instance.radius: is 9 here, not"),
        (SHAPES, f"{PARTS}/line/object/end", [3, 4], "line: end must be another point than start"),
        (SHAPES, f"{PARTS}/polygon/object/radius", 5000,
         "object_parameters.polygon.object.radius: as radius_px, is"),
        (SHAPES, PARTS, {}, "object_parameters: must hold one or more objects; accepted: rect"),
        (SHAPES, PARTS, [{"line": {}}, {"line": {}}], "object_parameters.line: is given twice"),
        (SKY, f"{PARTS}/star/object/center_x", None, "star.center_x: is missing: a number, pixels"),
        (SKY, f"{PARTS}/star/object/alpha", -1, "star.object.alpha: must be greater than"),
        (SKY, f"{PARTS}/spiral_galaxy/instance/spiral_pitch", 3,
         "spiral_galaxy.instance.spiral_pitch: must be less than or equal to 1.3962"),
        (SKY, "object_type", "astro", "object_name: unknown 'SkyImage'; accepted: StarObject"),
    ],
)  # fmt: skip
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


NASTY = (
    *(0, -1, 3, 45, 10**18, 10**400, -(10**400), 2**63, 0.5, -0.0, 1.05, 5e-324, 1e-30, 1e30),
    *(1.7e308, -1.7e308, float("inf"), float("nan"), True, None, "", "a\nb", [], {}, [1], [1, 2]),
    *([10**400, 1], [1e308, -1e308], {"a": 1}, {1: 2}, [[]]),
)
"""Values that no file should have, or hardly any."""


def broken(good, random):
    """A file with one to three entries changed, taken away or renamed."""
    data = copy.deepcopy(good)
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        inner, key = random.choice(list(entries(data)))
        change = random.random()
        if change < 0.8:
            inner[key] = copy.deepcopy(random.choice(NASTY))
        elif change < 0.9 or not isinstance(inner, dict):
            del inner[key]
        else:
            inner[random.choice([5, None, "x\ny", "k" * 200, "alpha", "radius"])] = inner.pop(key)
        if not data:
            break
    return data


def entries(data):
    """Every mapping or list of a file with each of its keys or numbers."""
    for key, value in list(data.items() if isinstance(data, dict) else enumerate(data)):
        yield data, key
        if isinstance(value, dict | list):
            yield from entries(value)


FILES = [read_recipe(file)[1] for file in DEEPBENCH_FILES]
PLANET = changed(PENDULUM, "image_parameters/acceleration_due_to_gravity", None)
PLANET["image_parameters"] |= {"big_G_newton": 6.7e-11, "phi_planet": 1.5e11}
ASTRO = {
    "object_type": "astro",
    "object_name": "SpiralGalaxyObject",
    "total_runs": 2,
    "image_parameters": {"image_dimensions": [32, 32], "radius": 5, "spiral_pitch": 0.3},
    "object_parameters": {"center_x": 5, "center_y": 9.5},
}


@pytest.mark.parametrize("seed", range(4))
def test_of_thousands_of_broken_files_none_escapes_the_checks(seed):
    random, accepted = Random(seed), 0
    for _ in range(750):
        data = broken(random.choice([*FILES, PENDULUM, PLANET, SHAPES, SKY, ASTRO]), random)
        try:
            convert("x", data)
            accepted += 1
        except RecipeError as error:
            assert all(line.isprintable() and len(line) < 500 for line in error.problems)
    assert 30 < accepted < 500


def test_rows_that_deepbench_has_saved_are_named(tmp_path):
    file = tmp_path / "dataset_parameters.yaml"
    file.write_text((DEEPBENCH / "saved" / "dataset_parameters.yaml").read_text())
    with pytest.raises(RecipeError, match="is a dataset_parameters.yaml of DeepBench") as caught:
        load_recipe(file)
    assert len(caught.value.problems) == 1
