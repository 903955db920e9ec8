"""The pendulum on a planet."""

import numpy as np
import pytest

from deepbench_hf.simulators.pendulum import HierarchicalPendulum, Pendulum
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

    def test_the_motion_is_that_of_the_pendulum_with_this_gravity_bit_by_bit(self):
        given = inputs(HierarchicalPendulum, n=50)
        ours = HierarchicalPendulum()(**given)
        rod = {name: given[name] for name in ("length_m", "theta0_rad", "time_s")}
        exact = Pendulum()(**rod, gravity_m_s2=ours["gravity_m_s2"])
        assert all(np.array_equal(ours[name], field) for name, field in exact.items())

    def test_gravity_outside_the_model_is_refused(self):
        planet = {**EARTH, "planet_radius_m": 1e5}
        with pytest.raises(ValueError, match=r"g = G M / r\^2 = 39858\.9 m s-2; accepted"):
            run(HierarchicalPendulum(), [0.0], length_m=1.0, theta0_rad=0.5, **planet)
