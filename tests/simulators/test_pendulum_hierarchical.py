"""The pendulum on a planet."""

import numpy as np
import pytest

from deepbench_hf import RecipeError, generate, load_recipe
from deepbench_hf.simulators.pendulum import HierarchicalPendulum, Pendulum, PotentialPendulum
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

    def test_gaussian_noise_near_zero_is_refused(self, tmp_path):
        for noise, fits in (("gaussian, sigma: 0.32", True), ("gaussian, sigma: 0.4", False)):
            file = tmp_path / "own.yaml"
            file.write_text(
                "extends: pendulum\nversion: 1.0.0\n"
                f"noise: {{gravity_m_s2: {{kind: {noise}}}}}\n"
                "splits: {test_low_gravity: null}\n"
            )
            if fits:
                assert load_recipe(file).noise["gravity_m_s2"].kind == "gaussian"
            else:
                with pytest.raises(RecipeError, match="a fifth of the least value"):
                    load_recipe(file)
