"""What every simulator of the pendulum family promises."""

import numpy as np
import pytest
from pydantic import ValidationError

from deepbench_hf import generate, simulate
from deepbench_hf.simulators.grid import TimeGrid
from deepbench_hf.simulators.inputs import check
from deepbench_hf.simulators.pendulum import HamiltonianPendulum
from tests.support.recipes import extended, recipe_of
from tests.support.swinging import FAMILY, inputs


@pytest.mark.parametrize("kind", FAMILY)
class TestWholeFamily:
    def test_a_sample_does_not_depend_on_the_other_times_bit_for_bit(self, kind):
        given = inputs(kind, n=5, samples=1300)
        every = kind()(**given)
        for some in (slice(3, None, 7), slice(1299, None), slice(0, 520)):
            few = kind()(**{**given, "time_s": given["time_s"][:, some]})
            for name, field in few.items():
                whole = every[name]
                assert np.array_equal(field, whole[:, some] if whole.ndim == 2 else whole)

    def test_integers_do_not_truncate_p7(self, kind):
        given = inputs(kind, n=1, samples=6)
        small = dict.fromkeys(("length_m", "gravity_m_s2", "mass_kg", "omega0_rad_s"), 2)
        whole = {name: np.array([small[name]]) for name in small if name in given}
        whole["time_s"] = np.arange(6)[None]
        real = {name: value.astype(np.float64) for name, value in whole.items()}
        angle = "q_rad" if kind is HamiltonianPendulum else "theta_rad"
        moved = kind()(**{**given, **whole, "theta0_rad": np.array([0.25])})
        same = kind()(**{**given, **real, "theta0_rad": np.array([0.25])})
        assert all(np.array_equal(moved[name], same[name]) for name in same)
        assert moved[angle][0, 0] == pytest.approx(0.25, abs=1e-15)
        assert np.ptp(moved[angle]) > 0.05

    def test_it_writes_nothing_and_uses_no_global_generator_p6_p11(
        self, kind, tmp_path, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        kind()(**inputs(kind))
        before = {path.name for path in tmp_path.iterdir()}
        state = np.random.get_state()[1].copy()
        first, second = kind()(**inputs(kind)), kind()(**inputs(kind))
        assert all(np.array_equal(first[name], second[name]) for name in first)
        assert np.array_equal(np.random.get_state()[1], state)
        assert {path.name for path in tmp_path.iterdir()} == before == set()

    def test_the_inputs_are_left_as_they_were(self, kind):
        given = inputs(kind)
        copies = {name: value.copy() for name, value in given.items()}
        kind()(**given)
        assert all(np.array_equal(given[name], copies[name]) for name in given)

    def test_what_has_a_default_may_be_left_out_p8(self, kind):
        given = inputs(kind)
        needed = {k: v for k, v in given.items() if k != "omega0_rad_s"}
        rest = {**needed, "omega0_rad_s": np.zeros(7)} if "omega0_rad_s" in given else needed
        assert all(np.array_equal(a, kind()(**rest)[n]) for n, a in kind()(**needed).items())

    def test_located_times_are_seconds_or_small_angle_periods(self, kind):
        given = {name: value for name, value in inputs(kind).items() if name != "time_s"}
        grid = {"stop": 5.0, "samples": 11}
        seconds = kind(time=TimeGrid(**grid)).locate(**given)["time_s"]
        assert np.array_equal(seconds, np.broadcast_to(np.arange(11) / 2, (7, 11)))
        periods = kind(time=TimeGrid(unit="period", **grid)).locate(**given)["time_s"]
        gravity = given.get("gravity_m_s2")
        if gravity is None:
            mass, radius = given["planet_mass_kg"], given["planet_radius_m"]
            gravity = given["gravitational_constant_m3_kg_s2"] * mass / radius**2
        small = 2 * np.pi * np.sqrt(given["length_m"] / gravity)
        assert periods == pytest.approx(small[:, None] * np.arange(11) / 2, rel=1e-14)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"length_m": [np.nan] * 7}, "length_m = nan m; the model accepts"),
            ({"theta0_rad": 1.0}, r"theta0_rad must have the shape \(7,\); got \(\)"),
            ({"time_s": np.zeros((6, 5))}, r"time_s must have the shape \(7, T\); got \(6, 5\)"),
            ({"time_s": np.full((7, 1), np.inf)}, r"time_s must lie within \[.*\] s; got inf"),
            (
                {"time_s": np.full((7, 1), 1e8)},
                r"time_s must lie within \[.*1e\+0.\] s; got 1e\+08",
            ),
            ({"lenght_m": np.ones(7)}, "unknown input 'lenght_m'; did you mean 'length_m'"),
        ],
    )
    def test_inputs_that_make_no_sense_are_refused_p14(self, kind, change, message):
        with pytest.raises(ValueError, match=message):
            check(kind(), {**inputs(kind), **change})

    def test_a_missing_input_is_named(self, kind):
        given = inputs(kind)
        for name in ("length_m", "time_s"):
            with pytest.raises(ValueError, match=f"{name} is missing"):
                check(kind(), {k: v for k, v in given.items() if k != name})


@pytest.mark.parametrize(
    "grid",
    [
        {"samples": 1}, {"samples": 65537}, {"start": -1.0}, {"stop": 1001.0},
        {"start": 5.0, "stop": 5.0}, {"unit": "ms"}, {"samples": 10.5}, {"at": [0.0]},
    ],
)  # fmt: skip
def test_a_time_grid_outside_its_limits_is_refused_with_the_value(grid):
    with pytest.raises(ValidationError, match=str(next(iter(grid.values())))):
        TimeGrid(**grid)


def test_a_time_grid_holds_both_ends():
    times = TimeGrid(start=0.1, stop=0.7, samples=23).times(np.ones(1))[0]
    assert times[0] == 0.1 and times[-1] == 0.7
    assert np.diff(times) == pytest.approx(np.full(22, 0.6 / 22), rel=1e-12)


def test_a_recipe_has_the_times_that_it_names_as_simulate_does():
    at = [0.0, 0.1, 0.15, 7.0]
    recipe = extended("pendulum", simulator={"time": {"at": at}})
    row = {name: column[0] for name, column in generate(recipe, "train", 0, 1).items()}
    assert list(row["time_s"]) == at
    there = simulate("pendulum", **{name: row[name] for name in (*recipe.priors, "time_s")})
    assert np.array_equal(there["x_m"], row["x_m"])
    assert recipe_of(recipe.to_yaml()).fingerprint == recipe.fingerprint
    with pytest.raises(ValidationError, match="times must rise"):
        TimeGrid(at=(0.0, 2.0, 1.0))
    with pytest.raises(ValidationError, match="1001"):
        TimeGrid(at=(0.0, 1001.0))
