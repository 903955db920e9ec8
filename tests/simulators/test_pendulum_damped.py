"""The laws of the damped pendulum."""

import numpy as np
import pytest

from deepbench_hf.simulators.inputs import check
from deepbench_hf.simulators.pendulum import DampedPendulum, Pendulum
from tests.support.swinging import ROD, energy, ode, run


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
