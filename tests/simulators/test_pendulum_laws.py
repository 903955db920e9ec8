"""The laws of the undamped pendulum: energy, symmetries, scaling, the separatrix."""

import numpy as np
import pytest
from scipy.special import ellipk

from deepbench_hf import simulate
from deepbench_hf.simulators.pendulum import DampedPendulum, HamiltonianPendulum, Pendulum
from tests.support.paths import ROOT
from tests.support.swinging import FAMILY, ROD, energy, inputs, run


class TestUndamped:
    @pytest.mark.parametrize("theta0", [1e-9, 1e-3, 0.1, 1.0, 2.0, 3.0, 3.1, 3.1415])
    def test_the_energy_is_constant_in_libration(self, theta0):
        rod = {**ROD, "theta0_rad": [theta0, -theta0]}
        ours = run(Pendulum(), np.linspace(0, 200, 3001), **rod)
        e = energy(ours["theta_rad"], ours["omega_rad_s"], np.sqrt(9.81))
        assert np.all(np.ptp(e, axis=1) < 1e-10 * e[:, 0])

    @pytest.mark.parametrize("omega0", [6.3, -7.0, 20.0, -900.0])
    def test_the_energy_is_constant_in_rotation(self, omega0):
        ours = run(Pendulum(), np.linspace(0, 20, 2001), **ROD, omega0_rad_s=omega0)
        e = energy(ours["theta_rad"], ours["omega_rad_s"], np.sqrt(9.81))
        assert np.ptp(e) < 1e-10 * e[0, 0]
        turn = ours["period_s"][0]
        moved = run(Pendulum(), [0.0, turn, 3 * turn], **ROD, omega0_rad_s=omega0)["theta_rad"][0]
        expected = np.sign(omega0) * 2 * np.pi * np.array([0, 1, 3])
        assert moved - moved[0] == pytest.approx(expected, abs=1e-12)

    def test_it_starts_where_it_is_told_to(self):
        given = inputs(Pendulum, n=500)
        ours = Pendulum()(**{**given, "time_s": np.zeros((500, 1))})
        assert ours["theta_rad"][:, 0] == pytest.approx(given["theta0_rad"], abs=1e-12)
        assert ours["omega_rad_s"][:, 0] == pytest.approx(given["omega0_rad_s"], abs=1e-11)

    def test_a_period_later_it_is_where_it_was(self):
        rows = {"length_m": [1, 2, 10], "gravity_m_s2": 9.8, "theta0_rad": [0.01, 1.5, -3.0]}
        period = run(Pendulum(), [0.0], **rows)["period_s"]
        ours = run(Pendulum(), period[:, None] * [0, 0.5, 1, 20], **rows)["theta_rad"]
        assert ours[:, 2:] == pytest.approx(np.repeat(ours[:, :1], 2, axis=1), abs=1e-11)
        assert ours[:, 1] == pytest.approx(-ours[:, 0], abs=1e-11)

    def test_the_mirrored_start_gives_the_mirrored_motion_bit_for_bit(self):
        for kind in FAMILY:
            given = inputs(kind, n=40)
            start = given.keys() & {"theta0_rad", "omega0_rad_s"}
            mirrored = {**given, **{name: -given[name] for name in start}}
            angle = "q_rad" if kind is HamiltonianPendulum else "theta_rad"
            assert np.array_equal(kind()(**given)[angle], -kind()(**mirrored)[angle])

    def test_backwards_in_time_is_the_motion_with_the_velocity_turned(self):
        given = inputs(Pendulum, n=40)
        back = {**given, "omega0_rad_s": -given["omega0_rad_s"], "time_s": -given["time_s"]}
        ours, turned = Pendulum()(**given), Pendulum()(**back)
        assert turned["theta_rad"] == pytest.approx(ours["theta_rad"], abs=1e-9)
        assert turned["omega_rad_s"] == pytest.approx(-ours["omega_rad_s"], abs=1e-9)

    def test_time_scales_with_the_root_of_length_over_gravity(self):
        t = np.linspace(0, 10, 101)
        short = run(Pendulum(), t, length_m=1.0, gravity_m_s2=9.0, theta0_rad=2.0)
        long = run(Pendulum(), 3 * t, length_m=9.0, gravity_m_s2=9.0, theta0_rad=2.0)
        assert long["theta_rad"] == pytest.approx(short["theta_rad"], abs=1e-12)
        assert long["x_m"] == pytest.approx(9 * short["x_m"], abs=1e-11)
        assert long["period_s"] == pytest.approx(3 * short["period_s"], rel=1e-15)

    def test_the_period_in_rotation_is_the_elliptic_integral(self):
        omega0, w0 = 9.0, np.sqrt(9.81)
        k = omega0 / (2 * w0)
        rod = {**ROD, "theta0_rad": 0.0}
        period = run(Pendulum(), [0.0], **rod, omega0_rad_s=omega0)["period_s"][0]
        assert period == pytest.approx(2 * ellipk(1 / k**2) / (k * w0), rel=1e-13)

    @pytest.mark.parametrize("kind", [Pendulum, DampedPendulum])
    def test_it_stays_finite_around_the_separatrix(self, kind):
        w0 = np.sqrt(ROD["gravity_m_s2"] / ROD["length_m"])
        theta0 = np.array([0.0, 0.0, 1.0, -2.0, 3.1415, -3.1415, 3.1415])
        top = 2 * w0 * np.cos(theta0 / 2)
        off = np.array([0, 1e-15, -1e-15, 1e-14, -1e-14, 1e-12, -1e-12, 1e-9, -1e-9])
        speed = (top[:, None] * (1 + off)).ravel()
        rod = {**ROD, "theta0_rad": np.repeat(theta0, len(off)), "omega0_rad_s": speed}
        damping = {"damping_1_s": 0.0} if kind is DampedPendulum else {}
        ours = run(kind(), np.linspace(0, 40, 300), **rod, **damping)
        e = energy(ours["theta_rad"], ours["omega_rad_s"], w0)
        assert all(np.all(np.isfinite(field)) for field in ours.values())
        assert e == pytest.approx(np.full_like(e, 2 * w0**2), rel=1e-8)

    def test_at_rest_it_stays_at_rest(self):
        ours = run(Pendulum(), [0.0, 1.0, 9.0], **{**ROD, "theta0_rad": 0.0})
        assert not np.any(ours["theta_rad"]) and not np.any(ours["omega_rad_s"])
        assert ours["period_s"][0] == pytest.approx(2 * np.pi / np.sqrt(9.81), rel=1e-15)

    def test_the_whole_range_of_parameters_gives_finite_numbers(self):
        limits = Pendulum.parameters
        ends = np.meshgrid(*([p.low, p.high] for p in limits.values()))
        rows = {name: end.ravel() for name, end in zip(limits, ends, strict=True)}
        ours = run(Pendulum(), np.linspace(0, 1000, 20), **rows)
        assert all(np.all(np.isfinite(field)) for field in ours.values())


def test_the_small_angle_period_is_short_as_the_documents_say():
    angles = {np.pi / 4: 3.8, np.pi / 2: 15, 3.0: 61}
    for angle, percent in angles.items():
        given = {"length_m": 1.0, "gravity_m_s2": 9.81, "theta0_rad": angle}
        true, small = (
            simulate(n, **given)["period_s"] for n in ("pendulum", "pendulum_small_angle")
        )
        assert round(100 * (1 - small / true), 1 if percent < 10 else None) == percent
        said = f"{percent} %"
        assert said in (ROOT / "docs" / "physics.md").read_text()
        assert said in (ROOT / "dataset_cards" / "pendulum.md").read_text()
