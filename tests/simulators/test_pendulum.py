"""The exact pendulum and its small-angle baseline against numbers that are not ours."""

import json

import numpy as np
import pytest

from deepbench_hf.simulators.pendulum import (
    DampedPendulum,
    HamiltonianPendulum,
    Pendulum,
    SmallAnglePendulum,
)
from tests.support.paths import ORACLES
from tests.support.swinging import FAMILY, ROD, ode, run

ORACLE = json.loads((ORACLES / "pendulum.json").read_text())


class TestOracles:
    @pytest.mark.parametrize("item", ORACLE["items"], ids=lambda item: str(item["id"]))
    def test_the_motion_is_that_of_the_oracle(self, item):
        names = {"length_m": "L", "gravity_m_s2": "g", "theta0_rad": "theta0"}
        rod = {name: item[key] for name, key in {**names, "omega0_rad_s": "omega0"}.items()}
        damped = {"damping_1_s": item["b"]} if item["b"] else {}
        tolerance = 1e-6 if item["theta0"] >= 3.0 else 1e-8
        with np.load(ORACLES / "pendulum.npz") as arrays:
            t, theta, omega, x = (
                arrays[f"{k}_{item['id']:02d}"] for k in ("t", "theta", "omega", "x")
            )
        ours = run(DampedPendulum() if damped else Pendulum(), t, **rod, **damped)
        assert np.abs(ours["theta_rad"][0] - theta).max() < tolerance
        assert np.abs(ours["omega_rad_s"][0] - omega).max() < tolerance * np.sqrt(
            item["g"] / item["L"]
        )
        assert np.abs(ours["x_m"][0] - x).max() < tolerance * item["L"]
        if "period_exact" in item:
            assert ours["period_s"][0] == pytest.approx(item["period_exact"], rel=1e-12)
        if "mp_theta_at_index_137" in item:
            spot = float(item["mp_theta_at_index_137"])
            assert ours["theta_rad"][0, 137] == pytest.approx(spot, abs=1e-12)

    @pytest.mark.parametrize("kind", [Pendulum, HamiltonianPendulum])
    @pytest.mark.parametrize("row", ORACLE["period_table"], ids=lambda row: str(row["theta0"]))
    def test_the_period_is_that_of_the_table(self, kind, row):
        mass = {"mass_kg": 2.0} if kind is HamiltonianPendulum else {}
        ours = run(kind(), [0.0], **{**ROD, "theta0_rad": row["theta0"]}, **mass)
        small = 2 * np.pi * np.sqrt(ROD["length_m"] / ROD["gravity_m_s2"])
        assert ours["period_s"][0] / small == pytest.approx(float(row["T_over_T0"]), rel=1e-12)

    @pytest.mark.parametrize("seed", range(12))
    @pytest.mark.parametrize("b", [None, 0.0, 0.4])
    def test_the_motion_is_that_of_dop853(self, seed, b):
        rng = np.random.default_rng(seed)
        length, gravity, theta0 = rng.uniform([0.5, 1.6, -3], [10, 25, 3])
        w0 = np.sqrt(gravity / length)
        omega0 = w0 * rng.uniform(-6, 6)
        t = np.linspace(0, 20 / w0, 60)
        rod = {"length_m": length, "gravity_m_s2": gravity, "theta0_rad": theta0}
        simulator = Pendulum() if b is None else DampedPendulum()
        damping = {} if b is None else {"damping_1_s": b}
        ours = run(simulator, t, **rod, omega0_rad_s=omega0, **damping)
        theta, omega = ode(t, w0, theta0, omega0, b or 0.0)
        assert np.abs(ours["theta_rad"][0] - theta).max() < 1e-9
        assert np.abs(ours["omega_rad_s"][0] - omega).max() < 1e-9 * w0

    @pytest.mark.parametrize("theta0", [3.0, -3.0, 3.1])
    @pytest.mark.parametrize("kind", [Pendulum, DampedPendulum])
    def test_near_the_top_the_motion_is_that_of_dop853(self, kind, theta0):
        t = np.linspace(0, 20, 201)
        rod = {"length_m": 1.0, "gravity_m_s2": 9.8, "theta0_rad": theta0}
        damping = {"damping_1_s": 0.0} if kind is DampedPendulum else {}
        ours = run(kind(), t, **rod, **damping)
        theta, omega = ode(t, np.sqrt(9.8), theta0, 0.0)
        assert np.abs(ours["theta_rad"][0] - theta).max() < 1e-6
        assert np.abs(ours["omega_rad_s"][0] - omega).max() < 1e-6
        assert np.abs(ours["x_m"][0] - np.sin(theta)).max() < 1e-6


class TestSmallAngle:
    def test_its_period_is_short_by_the_factor_of_the_table_p1(self):
        rod = {**ROD, "theta0_rad": np.array([row["theta0"] for row in ORACLE["period_table"]])}
        factors = [float(row["T_over_T0"]) for row in ORACLE["period_table"]]
        exact, small = (run(kind(), [0.0], **rod)["period_s"] for kind in FAMILY[:2])
        assert exact / small == pytest.approx(factors, rel=1e-12)

    def test_only_the_baseline_is_the_small_angle_formula_p1(self):
        t = np.linspace(0, 25, 200)
        rod = {"length_m": 10.0, "gravity_m_s2": 9.8, "theta0_rad": np.pi / 4}
        formula = np.pi / 4 * np.cos(np.sqrt(0.98) * t)
        assert run(SmallAnglePendulum(), t, **rod)["theta_rad"][0] == pytest.approx(
            formula, abs=1e-13
        )
        assert np.abs(run(Pendulum(), t, **rod)["x_m"][0] - 10 * np.sin(formula)).max() > 5

    def test_a_start_in_motion_follows_the_formula(self):
        t, w0 = np.linspace(0, 9, 50), np.sqrt(9.81)
        ours = run(SmallAnglePendulum(), t, **ROD, omega0_rad_s=-2.0)
        theta = 0.7 * np.cos(w0 * t) - 2.0 / w0 * np.sin(w0 * t)
        omega = -0.7 * w0 * np.sin(w0 * t) - 2.0 * np.cos(w0 * t)
        assert ours["theta_rad"][0] == pytest.approx(theta, abs=1e-13)
        assert ours["omega_rad_s"][0] == pytest.approx(omega, abs=1e-13)
        assert ours["x_m"][0] == pytest.approx(np.sin(theta), abs=1e-13)

    @pytest.mark.parametrize("kind", [Pendulum, DampedPendulum])
    def test_the_others_tend_to_it_at_small_angles(self, kind):
        t, rod = np.linspace(0, 10, 100), {**ROD, "theta0_rad": 1e-5}
        damping = {"damping_1_s": 0.0} if kind is DampedPendulum else {}
        small = run(SmallAnglePendulum(), t, **rod)["theta_rad"]
        assert run(kind(), t, **rod, **damping)["theta_rad"] == pytest.approx(small, abs=1e-13)
