"""Laws that DeepBench 0.2.3 breaks and no other test here names; the endings are the defects'.

A test below counts them: every defect of its pendulum (P), collections (C), shapes (G) and sky (S).
"""

import copy
import re

import numpy as np

from deepbench_hf import Recipe, generate, list_recipes, load_dataset, load_recipe, simulate
from deepbench_hf.figures import save_preview
from deepbench_hf.recipe.text import read_recipe
from deepbench_hf.simulators import SIMULATORS
from tests.support.draws import continuous, fewer, identical, true_rows
from tests.support.paths import ROOT


def test_zero_is_a_seed_like_any_other_p4():
    zero, one = load_recipe("pendulum_noisy", seed=0), load_recipe("pendulum_noisy", seed=1)
    assert identical(generate(zero, "train", 0, 9), generate(zero, "train", 0, 9))
    assert not identical(generate(zero, "train", 0, 9), generate(one, "train", 0, 9))


def test_no_two_rows_are_copies_c2():
    for name in list_recipes():
        recipe = load_recipe(name, seed=5)
        n = fewer(recipe, 1000)
        found = dict(continuous(recipe, "train", true_rows(recipe, "train", range(n))))
        for column in found.keys() & {"length_m", "theta0_rad", "center_x_px", "radius_px"}:
            assert len(np.unique(found[column])) == len(found[column]) >= n


def test_noise_on_a_parameter_leaves_times_and_other_parameters_alone_c4():
    clean = generate(load_recipe("pendulum"), "train", 0, 1000)
    noisy = generate(load_recipe("pendulum_noisy"), "train", 0, 1000)
    assert identical(clean, {name: noisy[name] for name in clean})
    errors = [
        np.log(noisy["length_measured_m"] / noisy["length_m"]),
        np.log(noisy["gravity_measured_m_s2"] / noisy["gravity_m_s2"]),
        noisy["theta0_measured_rad"] - noisy["theta0_rad"],
    ]
    assert np.abs(np.corrcoef(errors) - np.eye(3)).max() < 5.5 / np.sqrt(1000)
    assert all((error < 0).mean() > 0.4 for error in errors)


def test_every_simulator_is_reached_by_a_config_c5():
    used = {load_recipe(name).simulator.kind for name in list_recipes()}
    assert used == set(SIMULATORS)


def test_nothing_that_a_user_gives_is_changed_c6():
    name, data = read_recipe("pendulum_hierarchical")
    before = copy.deepcopy(data)
    recipe = Recipe.from_mapping(name, data)
    generate(recipe, "train", 0, 3)
    assert data == before
    angles = np.array([0.5, 1.0])
    simulate("pendulum", theta0_rad=angles)
    assert angles.tolist() == [0.5, 1.0]


def test_saved_rows_keep_their_types_index_and_split_c7(tmp_path):
    built = load_dataset("deepbench", "pendulum_noisy", num_examples=300)
    built.save_to_disk(tmp_path / "saved")
    import datasets

    saved = datasets.load_from_disk(tmp_path / "saved")
    assert saved["train"].features == built["train"].features
    assert saved["train"].features["x_m"].feature.dtype == "float64"
    assert saved["train"]["index"][:3] == [0, 1, 2]
    assert list(saved) == list(load_recipe("pendulum_noisy").splits)


def test_every_simulator_is_drawn_and_its_examples_run_s10(tmp_path):
    for name in ("pendulum_damped", "shapes_scene", "sky_spirals"):
        save_preview(load_recipe(name), tmp_path / f"{name}.png", rows=2)
        assert (tmp_path / f"{name}.png").stat().st_size > 5000
    assert all(SIMULATORS[kind].__doc__.count("Args:") for kind in SIMULATORS)


def test_every_defect_in_scope_has_its_test():
    text = "".join(file.read_text() for file in (ROOT / "tests").rglob("test_*.py"))
    found = set()
    for name in re.findall(r"def (test_\w+)\(", text):
        found |= set(re.findall(r"_([pcgs]\d+)(?=_|$)", name))
    wanted = {f"p{n}" for n in range(1, 16)} | {f"c{n}" for n in range(1, 9)}
    wanted |= {f"{family}{n}" for family in "gs" for n in range(1, 13)}
    assert wanted <= found, sorted(wanted - found)
