"""What is observed less what is true, of the declared strength; and laws that DeepBench breaks."""

import copy
import re

import numpy as np
from scipy import stats

from deepbench_hf import Recipe, generate, list_recipes, load_dataset, load_recipe, simulate
from deepbench_hf.fields import Field
from deepbench_hf.figures import save_preview
from deepbench_hf.priors import Constant
from deepbench_hf.recipe.columns import any_plan
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.text import read_recipe
from deepbench_hf.simulators import SIMULATORS
from tests.support.draws import ALPHA, continuous, fewer, identical, true_rows
from tests.support.paths import ROOT

NOTHING = Constant(value=0.0)
"""The strength of a noise that a split leaves out."""
NOT_SINGLE = ("tracker",)
"""Kinds whose values are not independent: they have tests of their own."""
COUNTED = ("detector", "counts", "poisson")
"""Kinds that are not normal."""


def observed_arrays(recipe):
    """Residual over its standard deviation of up to 1 000 rows, (n, m), and its noise."""
    recipe = load_recipe(recipe.name, clean=True)
    n = fewer(recipe, 1000)
    rows = generate(recipe, "train", 0, n)
    for name, one in measurements(recipe).items():
        noise, target = one.noise, one.target
        array = isinstance(target, Field) and target.shape and noise.kind not in NOT_SINGLE
        if array and noise.priors.get("sigma") != NOTHING:
            clean = rows[any_plan(recipe).clean[name]].astype(float).reshape(n, -1)
            residual = rows[one.column].reshape(n, -1) - clean
            there = rows[target.valid].all(axis=0) if target.valid else slice(None)
            sigma = np.broadcast_to(deviation(one, clean, rows), clean.shape)
            there = np.arange(sigma.shape[1])[there]
            there = there[(sigma[:, there] > 0).all(axis=0)]  # beyond a range nothing is measured
            yield name, residual[:, there] / sigma[:, there], noise.kind


def deviation(one, clean, rows):
    """The standard deviation of each value."""
    if one.noise.kind == "readout":
        return rows[f"{one.name}_white_mV"][:, None]
    shaped = clean.reshape(len(clean), *one.target.shape)
    return np.sqrt(one.variance(shaped, rows)).reshape(clean.shape)


def test_residuals_are_independent_and_of_the_declared_strength_c1(recipe):
    for name, z, kind in observed_arrays(recipe):
        if kind not in COUNTED:
            assert stats.kstest(z.ravel()[:: max(1, z.size // 400_000)], "norm").pvalue > ALPHA, (
                name
            )
        assert abs(z.mean()) * np.sqrt(z.size) < 6, name
        assert abs((z**2).mean() - 1) * np.sqrt(z.size / 2.5) < 6, name
        # Sums over n products of independent standard normals have variance n.
        for pairs in (z[:-1] * z[1:], z[:, :-1] * z[:, 1:]):
            assert abs(pairs.sum()) / np.sqrt(pairs.size) < stats.norm.isf(ALPHA / 2), name
        neighbours = (z[:-1] * z[1:]).sum(axis=1) / np.sqrt(z.shape[1])
        assert abs(neighbours).max() < 7, name


def test_the_residual_test_fails_on_a_repeated_noise_field():
    (_, z, _), *_ = observed_arrays(load_recipe("pendulum_noisy"))
    repeated = np.broadcast_to(z[0], z.shape)
    assert abs((repeated[:-1] * repeated[1:]).sum()) / np.sqrt(z.size) > 7


def test_measured_parameters_have_one_error_each_p2(recipe):
    if not recipe.noise.keys() & recipe.simulator.parameters.keys():
        return
    rows = generate(recipe, "train", 0, 1000)
    for name, one in measurements(recipe).items():
        if name not in recipe.simulator.parameters:
            continue
        noise, sigma = one.noise, rows[one.settings["sigma"]]
        true, measured = rows[name], rows[one.column]
        assert measured.shape == (1000,)
        error = np.log(measured / true) if noise.unitless else measured - true
        z = np.unique(np.round(error / sigma, 9))
        level = recipe.levels.get(noise.level)
        members = 1000 if level is None else 1 if level.rows == "all" else -(-1000 // level.rows)
        assert len(z) == members, name
        if members > 20:
            assert stats.kstest(z, "norm").pvalue > ALPHA, name


def test_noise_differs_between_splits_and_configs():
    noisy = load_recipe("pendulum_noisy")
    rows = {split: generate(noisy, split, 0, 1) for split in ("train", "test")}
    residual = {s: (r["x_observed_m"] - r["x_m"]) / r["x_noise_sigma_m"] for s, r in rows.items()}
    assert not np.isclose(residual["train"], residual["test"], rtol=1e-3).any()


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
