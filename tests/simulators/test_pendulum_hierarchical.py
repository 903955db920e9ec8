"""The pendulum on a planet, and the one in phase space."""

import numpy as np
import pytest

from deepbench_hf import RecipeError, generate, load_recipe
from deepbench_hf.simulators.pendulum import (
    HamiltonianPendulum,
    HierarchicalPendulum,
    Pendulum,
    PotentialPendulum,
)
from tests.support.recipes import extended
from tests.support.swinging import inputs, run

EARTH = {
    "gravitational_constant_m3_kg_s2": 6.6743e-11,
    "planet_mass_kg": 5.972e24,
    "planet_radius_m": 6.371e6,
}


class TestHierarchical:
    def test_gravity_is_the_constant_times_the_potential(self):
        given = inputs(HierarchicalPendulum, n=50)
        ours = HierarchicalPendulum()(**given)
        potential = given["planet_mass_kg"] / given["planet_radius_m"] ** 2
        gravity = given["gravitational_constant_m3_kg_s2"] * potential
        assert ours["potential_kg_m2"] == pytest.approx(potential, rel=1e-15)
        assert ours["gravity_m_s2"] == pytest.approx(gravity, rel=1e-15)

    def test_on_earth_gravity_is_9_82(self):
        ours = run(HierarchicalPendulum(), [0.0], length_m=1.0, theta0_rad=0.5, **EARTH)
        assert ours["gravity_m_s2"][0] == pytest.approx(9.82, abs=0.005)

    def test_the_motion_is_that_of_the_pendulum_with_this_gravity_bit_for_bit(self):
        given = inputs(HierarchicalPendulum, n=50)
        ours = HierarchicalPendulum()(**given)
        rod = {name: given[name] for name in ("length_m", "theta0_rad", "time_s")}
        exact = Pendulum()(**rod, gravity_m_s2=ours["gravity_m_s2"])
        assert all(np.array_equal(ours[name], field) for name, field in exact.items())

    def test_gravity_outside_the_model_is_refused(self):
        planet = {**EARTH, "planet_radius_m": 1e5}
        with pytest.raises(ValueError, match=r"g = G Phi = 39858\.9 m s-2; accepted"):
            run(HierarchicalPendulum(), [0.0], length_m=1.0, theta0_rad=0.5, **planet)

    def test_a_planet_given_by_its_potential_swings_as_that_of_its_mass_and_radius(self):
        given = inputs(HierarchicalPendulum, n=50)
        ours = HierarchicalPendulum()(**given)
        names = ("length_m", "theta0_rad", "time_s", "gravitational_constant_m3_kg_s2")
        same = {name: given[name] for name in names}
        found = PotentialPendulum()(**same, potential_kg_m2=ours["potential_kg_m2"])
        assert "potential_kg_m2" not in found
        assert all(np.array_equal(ours[name], values) for name, values in found.items())

    def test_gaussian_errors_of_g_and_phi_add_up_in_gravity(self):
        rows = generate(load_recipe("pendulum_potential"), "train", 0, 10_000)
        constant = rows["gravitational_constant_measured_m3_kg_s2"]
        ratio = constant * rows["potential_measured_kg_m2"] / rows["gravity_m_s2"]
        one, other = 6.7e-13 / 6.67430e-11, 0.05
        expected = one**2 + other**2 + one**2 * other**2
        assert abs(ratio.mean() - 1) < 5.5 * np.sqrt(expected / 10_000)
        assert ratio.var() == pytest.approx(expected, rel=5.5 * np.sqrt(2 / 10_000))

    def test_gaussian_noise_near_zero_is_refused(self):
        def noisy(sigma):
            noise = {"gravity_m_s2": {"kind": "gaussian", "sigma": sigma}}
            return extended("pendulum", noise=noise, splits={"test_low_gravity": None})

        assert noisy(0.32).noise["gravity_m_s2"].kind == "gaussian"
        with pytest.raises(RecipeError, match="a fifth of the least value"):
            noisy(0.4)


class TestHamiltonian:
    @pytest.mark.parametrize("length", [1.0, 2.0, 10.0])
    def test_small_swings_have_the_frequency_root_g_over_l_p10(self, length):
        rod = {"length_m": length, "gravity_m_s2": 9.8, "theta0_rad": 1e-6, "mass_kg": 0.5}
        t = np.linspace(0, 30, 100)
        ours = run(HamiltonianPendulum(), t, **rod)
        w0 = np.sqrt(9.8 / length)
        assert 2 * np.pi / ours["period_s"][0] == pytest.approx(w0, rel=1e-12)
        assert ours["q_rad"][0] == pytest.approx(1e-6 * np.cos(w0 * t), abs=1e-16)

    def test_it_starts_at_the_given_angle_and_momentum_p9(self):
        given = inputs(HamiltonianPendulum, n=100)
        ours = HamiltonianPendulum()(**{**given, "time_s": np.zeros((100, 1))})
        p0 = given["mass_kg"] * given["length_m"] ** 2 * given["omega0_rad_s"]
        assert ours["q_rad"][:, 0] == pytest.approx(given["theta0_rad"], abs=1e-12)
        assert ours["p_kg_m2_s"][:, 0] == pytest.approx(p0, rel=1e-10)

    def test_the_derivatives_belong_to_the_same_state_p12(self):
        given = inputs(HamiltonianPendulum, n=100)
        ours = HamiltonianPendulum()(**given)
        m, g, length = (given[k][:, None] for k in ("mass_kg", "gravity_m_s2", "length_m"))
        weight, moment = m * g * length, m * length**2
        force = ours["dp_dt_kg_m2_s2"] + weight * np.sin(ours["q_rad"])
        speed = ours["dq_dt_rad_s"] - ours["p_kg_m2_s"] / moment
        assert np.all(np.abs(force) < 1e-13 * weight)
        assert np.all(np.abs(speed) < 1e-15 * np.abs(ours["dq_dt_rad_s"]))
        h = ours["p_kg_m2_s"] ** 2 / (2 * moment) + weight * (1 - np.cos(ours["q_rad"]))
        assert ours["hamiltonian_J"] == pytest.approx(h, rel=1e-12)
        assert {field.shape for name, field in ours.items() if name != "period_s"} == {(100, 50)}

    def test_the_energy_is_constant_p15(self):
        h = HamiltonianPendulum()(**inputs(HamiltonianPendulum, n=300))["hamiltonian_J"]
        assert np.all(np.ptp(h, axis=1) < 1e-10 * h[:, 0])

    def test_the_angle_is_that_of_the_newtonian_pendulum_bit_for_bit(self):
        given = inputs(HamiltonianPendulum, n=50)
        newtonian = {name: value for name, value in given.items() if name != "mass_kg"}
        q = HamiltonianPendulum()(**given)["q_rad"]
        assert np.array_equal(q, Pendulum()(**newtonian)["theta_rad"])

    @pytest.mark.parametrize(("q0", "w"), [(0.4, 1.0), (2.0, -2.0), (0.5, 9.0)])
    def test_the_flow_keeps_areas_of_phase_space(self, q0, w):
        """The determinant of d(q, p) / d(q0, p0), by central differences, is 1."""
        step = 1e-5
        q, omega = q0 + step * np.array([1, -1, 0, 0]), w + step * np.array([0, 0, 1, -1])
        rows = {"length_m": 1.3, "gravity_m_s2": 9.8, "mass_kg": 0.7}
        t = np.linspace(0, 5, 40)
        ours = run(HamiltonianPendulum(), t, theta0_rad=q, omega0_rad_s=omega, **rows)
        p = ours["p_kg_m2_s"] / (0.7 * 1.3**2)
        dq, dp = ((z[::2] - z[1::2]) / (2 * step) for z in (ours["q_rad"], p))
        assert dq[0] * dp[1] - dq[1] * dp[0] == pytest.approx(np.ones(40), abs=1e-6)
