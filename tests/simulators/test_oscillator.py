"""Driven and damped oscillators against solutions that are not ours, and the laws of resonance."""

import json

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from deepbench_hf import RecipeError, generate, load_recipe, simulate
from deepbench_hf.rows.generation import rows_at
from deepbench_hf.simulators.inputs import check
from deepbench_hf.simulators.oscillator import DampedOscillator, DrivenOscillator
from tests.support.paths import ORACLES
from tests.support.recipes import extended

DRIVEN = json.loads((ORACLES / "oscillator.json").read_text())
DAMPED = json.loads((ORACLES / "oscillator_damped.json").read_text())
NAMES = [f"scinet_{experiment['name']}" for experiment in DRIVEN["experiments"]]


@pytest.fixture(scope="module", params=NAMES)
def rows(request):
    """Some rows of every split of an experiment."""
    recipe = load_recipe(request.param)
    parts = [rows_at(recipe, split, np.arange(0, 10_000, 13)) for split in recipe.splits]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def steady(omega, gamma):
    return simulate("scinet_boring_patch", omega=omega, gamma=gamma)


def test_amplitude_phase_and_logarithm_are_those_of_thirty_digits():
    items = DRIVEN["items"]
    found = steady(*([item[name] for item in items] for name in ("omega", "gamma")))
    for name, key in (("amplitude", "A"), ("phase_rad", "phi"), ("ln_amplitude", "ln_A")):
        expected = [float(item[key]) for item in items]
        np.testing.assert_allclose(found[name], expected, rtol=1e-14, atol=2e-16)


@pytest.mark.parametrize(("omega", "gamma"), [(1.5, 0.5), (0.3, 0.8), (2.0, 1.0)])
def test_the_motion_ends_in_the_steady_state(omega, gamma):
    def force(t, state):
        return state[1], np.cos(omega * t) - 2 * gamma * state[1] - state[0]

    late = np.linspace(90, 100, 50)
    exact = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-13, "t_eval": late}
    motion = solve_ivp(force, (0, 100), (0.7, -0.2), **exact).y[0]
    found = steady(omega, gamma)
    expected = found["amplitude"] * np.cos(omega * late - found["phase_rad"])
    np.testing.assert_allclose(motion, expected, atol=1e-10)


def test_amplitude_and_phase_obey_their_equation(rows):
    w, g, a = rows["omega"], rows["gamma"], rows["amplitude"]
    along, across = (1 - w) * (1 + w), 2 * g * w
    np.testing.assert_allclose(a**2 * (along**2 + across**2), 1, atol=1e-12)
    np.testing.assert_allclose(a * np.sin(rows["phase_rad"]), across * a**2, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(a * np.cos(rows["phase_rad"]), along * a**2, rtol=1e-9, atol=1e-12)


def test_every_logarithm_is_one(rows):
    for name in ("omega", "gamma", "amplitude"):
        np.testing.assert_allclose(rows[f"ln_{name}"], np.log(rows[name]), rtol=1e-14, atol=3e-16)


def test_the_largest_amplitude_is_where_the_closed_form_has_it():
    gamma = np.array([0.001, 0.01, 0.1, 0.3, 0.6])
    top = np.sqrt(1 - 2 * gamma**2)
    near = (top * (1 + np.linspace(-1e-3, 1e-3, 2001)[:, None])).ravel()
    found = steady(near, np.tile(gamma, 2001))["amplitude"].reshape(2001, -1)
    np.testing.assert_array_less(abs(found.argmax(axis=0) - 1000), 2)
    np.testing.assert_allclose(found[1000], 1 / (2 * gamma * np.sqrt(1 - gamma**2)), rtol=1e-12)


def test_on_the_resonance_the_motion_is_a_quarter_behind():
    gamma = np.array([0.001, 0.03, 0.5, 1.0])
    found = steady(np.ones(4), gamma)
    np.testing.assert_allclose(found["phase_rad"], np.pi / 2, rtol=1e-16)
    np.testing.assert_allclose(found["amplitude"], 1 / (2 * gamma), rtol=1e-15)


def test_no_amplitude_of_the_folded_range_is_above_500():
    for name in NAMES:
        recipe = load_recipe(name)
        for split in ("train", "test_2sigma", "test_grid_global"):
            amplitude = generate(recipe, split, 0, 10_000)["amplitude"]
            assert 0 < amplitude.max() <= 500 * (1 + 1e-6)


def test_without_damping_or_before_rest_there_is_no_steady_state():
    for given in ({"omega": 1.0, "gamma": 0.0}, {"omega": -1.0, "gamma": 0.1}):
        with pytest.raises(ValueError, match="the model accepts"):
            check(DrivenOscillator(), {name: np.array([value]) for name, value in given.items()})


def spring(items, **more):
    names = {"damping_kg_s": "b", "stiffness_kg_s2": "kappa"}
    names |= {"amplitude_m": "A0", "phase_rad": "delta0"}
    given = {name: [item[key] for item in items] for name, key in names.items()}
    return simulate("scinet_damped", **given, **more)


def test_damped_motion_is_that_of_the_oracle():
    found = spring(DAMPED["items"], question_s=0.0 * np.ones(3))
    np.testing.assert_allclose(found["x_m"], [item["x"] for item in DAMPED["items"]], atol=1e-12)


def test_the_answer_is_the_motion_at_the_time_of_the_question():
    rows = generate(load_recipe("scinet_damped"), "test_late_question", 0, 30)
    inputs = {name: rows[name] for name in DampedOscillator.parameters}
    asked = simulate("scinet_damped", **inputs, time_s=rows["question_s"][:, None])
    assert asked["x_m"][:, 0].tobytes() == rows["answer_m"].tobytes()
    for i in range(3):
        b, k, t = (rows[n][i] for n in ("damping_kg_s", "stiffness_kg_s2", "question_s"))
        start = 1.0, -b / 2
        motion = solve_ivp(
            lambda _, s, b=b, k=k: (s[1], -b * s[1] - k * s[0]),
            (0, t), start, method="DOP853", rtol=1e-12, atol=1e-14,
        )  # fmt: skip
        assert rows["answer_m"][i] == pytest.approx(motion.y[0, -1], abs=1e-10)


def test_the_energy_of_a_damped_spring_never_rises():
    rows = generate(load_recipe("scinet_damped"), "test", 0, 20)
    time = np.repeat(np.linspace(0, 10, 2001)[None], 20, axis=0)
    inputs = {name: rows[name] for name in DampedOscillator.parameters}
    x = simulate("scinet_damped", **inputs, time_s=time)["x_m"]
    speed = np.gradient(x, time[0], axis=1)
    energy = (speed**2 + rows["stiffness_kg_s2"][:, None] * x**2)[:, 1:-1] / 2
    assert (np.diff(energy, axis=1) < 1e-4).all()


def test_a_spring_that_creeps_is_refused():
    with pytest.raises(ValueError, match="must stay below 4 stiffness_kg_s2"):
        simulate("scinet_damped", damping_kg_s=5.0, stiffness_kg_s2=6.0)
    with pytest.raises(RecipeError, match="damping_kg_s up to 4.5 and stiffness_kg_s2 from 4 do"):
        extended("scinet_damped", priors={"damping_kg_s": {"high": 4.5}})
