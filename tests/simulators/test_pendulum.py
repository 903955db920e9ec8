"""The pendulum and its small-angle baseline against other numbers; the laws of the damped one."""

import json

import numpy as np
import pytest

from deepbench_hf.simulators.inputs import check
from deepbench_hf.simulators.pendulum import (
    DampedPendulum,
    HamiltonianPendulum,
    Pendulum,
    SmallAnglePendulum,
)
from tests.support.paths import ORACLES
from tests.support.swinging import FAMILY, ROD, energy, ode, run

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


class TestDamped:
    def test_friction_changes_the_motion_p13(self):
        t = np.linspace(0, 50, 9)
        free, braked = (
            run(DampedPendulum(), t, **ROD, damping_1_s=b)["theta_rad"] for b in (0.0, 5.0)
        )
        assert np.abs(free - braked).max() > 0.1

    @pytest.mark.parametrize(("theta0", "omega0"), [(1.0, 0.0), (-2.5, 1.0), (0.5, 9.0)])
    def test_without_friction_it_is_the_exact_pendulum_for_1000_periods(self, theta0, omega0):
        t = np.linspace(0, 2000, 1500)
        rod = {**ROD, "theta0_rad": theta0, "omega0_rad_s": omega0}
        free, exact = run(DampedPendulum(), t, **rod, damping_1_s=0.0), run(Pendulum(), t, **rod)
        tolerance = 1e-9 * (1 + np.abs(exact["theta_rad"]).max())
        for name in free:
            assert free[name] == pytest.approx(exact[name], abs=tolerance)

    @pytest.mark.parametrize("w0", [1e-3, 1.0, 1e3])
    @pytest.mark.parametrize("b", [0.01, 1.9, 2.1, 100.0])
    def test_small_swings_follow_the_linear_closed_form(self, w0, b):
        t = np.linspace(0, min(20 / w0, 1000), 100)
        rod = {"length_m": w0**-1, "gravity_m_s2": w0, "theta0_rad": 1e-5, "damping_1_s": b}
        ours = run(DampedPendulum(), t, **rod, omega0_rad_s=3e-6 * w0)
        root = np.emath.sqrt(b**2 / 4 - w0**2) + 0j
        slow = -(w0**2) / (b / 2 + root)  # -b/2 + root without cancellation
        fast = -b / 2 - root
        part = (3e-6 * w0 - fast * 1e-5) / (slow - fast)
        theta = (part * np.exp(slow * t) + (1e-5 - part) * np.exp(fast * t)).real
        assert ours["theta_rad"][0] == pytest.approx(theta, abs=1e-14)

    @pytest.mark.parametrize(("theta0", "omega0"), [(2.5, 0.0), (0.3, 12.0)])
    def test_the_energy_falls_by_the_work_of_friction(self, theta0, omega0):
        """dE/dt = -b omega^2 in units of m L^2, integrated by Gauss and Legendre."""
        nodes, weights = np.polynomial.legendre.leggauss(20)
        edges = np.linspace(0, 10, 101)
        t = (edges[:-1, None] + 0.05 * (nodes + 1)).ravel()
        rod = {**ROD, "theta0_rad": theta0, "omega0_rad_s": omega0, "damping_1_s": 0.35}
        inside = run(DampedPendulum(), t, **rod)["omega_rad_s"].reshape(100, 20)
        ours = run(DampedPendulum(), edges, **rod)
        e = energy(ours["theta_rad"][0], ours["omega_rad_s"][0], np.sqrt(9.81))
        work = 0.35 * (inside**2 @ weights) * 0.05
        assert -np.diff(e) == pytest.approx(work, abs=1e-11)

    def test_it_ends_at_rest_after_whole_turns(self):
        t = np.array([0.0, 200.0, 1000.0])
        ours = run(DampedPendulum(), t, **ROD, omega0_rad_s=-30.0, damping_1_s=0.5)
        turns = ours["theta_rad"][0, 1:] / (2 * np.pi)
        assert turns[0] < -1 and turns == pytest.approx(np.round(turns), abs=1e-15)
        assert ours["omega_rad_s"][0, 1:] == pytest.approx(0, abs=1e-15)

    @pytest.mark.parametrize(("length", "gravity"), [(1e-3, 1e3), (1e3, 1e-3), (1.0, 9.81)])
    def test_heavy_friction_stays_stable(self, length, gravity):
        rod = {"length_m": length, "gravity_m_s2": gravity, "theta0_rad": 3.0, "damping_1_s": 100.0}
        ours = run(DampedPendulum(), np.linspace(0, 20, 50), **rod)
        w0 = np.sqrt(gravity / length)
        e = energy(ours["theta_rad"][0], ours["omega_rad_s"][0], w0)
        assert np.all(np.diff(e) <= 1e-12 * e[0])
        t = np.linspace(0, min(1.0, 30 / w0), 30)
        theta, _ = ode(t, w0, 3.0, 0.0, 100.0)
        assert run(DampedPendulum(), t, **rod)["theta_rad"][0] == pytest.approx(theta, abs=1e-9)

    @pytest.mark.parametrize("times", [[0.0, 2.0, 1.0], [-1.0, 0.0, 1.0]])
    def test_times_that_it_cannot_take_are_refused(self, times):
        given = {name: np.array([value]) for name, value in ROD.items()}
        with pytest.raises(ValueError, match=r"time_s must (rise|lie within \[0, )"):
            check(
                DampedPendulum(), {**given, "damping_1_s": np.zeros(1), "time_s": np.array([times])}
            )
