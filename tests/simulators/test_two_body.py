"""Kepler orbits: the equations of motion by SciPy, conserved quantities, and laws of Kepler."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from deepbench_hf import generate, load_recipe, simulate

GM_SUN = 1.3271244e20 * (365.25 * 86400) ** 2 / 149597870700**3
KM_S = 149597870.7 / (365.25 * 86400)


@pytest.fixture(scope="module")
def rows():
    return generate(load_recipe("two_body", clean=True), "train", 0, 8)


def orbit(rows, row, time):
    """The separation of a row at other times, (3, T), AU."""
    own = load_recipe("two_body").simulator.parameters
    found = simulate("two_body", **{name: rows[name][row] for name in own}, time_yr=time)
    return np.stack([found[f"{axis}_2_AU"] - found[f"{axis}_1_AU"] for axis in "xyz"])


def velocity(rows, row, time, step=1e-4):
    """Its derivative by central differences of fourth order, AU / yr."""
    one, two = (orbit(rows, row, time + k) - orbit(rows, row, time - k) for k in (step, 2 * step))
    return (8 * one - two) / (12 * step)


@pytest.mark.parametrize("split", ["train", "test_eccentric"])
def test_the_orbits_solve_the_equations_of_motion(split):
    rows = generate(load_recipe("two_body", clean=True), split, 0, 2)
    for row in range(2):
        time = rows["time_yr"][row]
        masses = rows["mass_1_Msun"][row], rows["mass_2_Msun"][row]

        def motion(_, state, masses=masses):
            first, second = state[:3], state[3:6]
            pull = GM_SUN * (second - first) / np.linalg.norm(second - first) ** 3
            return np.concatenate([state[6:], masses[1] * pull, -masses[0] * pull])

        names = [f"{axis}_{body}_AU" for body in (1, 2) for axis in "xyz"]
        start = velocity(rows, row, np.zeros(1))[:, 0]
        share = masses[1] / sum(masses)
        state = [*(rows[name][row][0] for name in names), *-share * start, *(1 - share) * start]
        solved = solve_ivp(motion, (0, 5), state, "DOP853", time, rtol=1e-11, atol=1e-11)
        places = np.stack([rows[name][row] for name in names])
        speeds = np.stack([rows["vz_1_km_s"][row], rows["vz_2_km_s"][row]])
        scale = np.abs(speeds).max()
        np.testing.assert_allclose(places, solved.y[:6], atol=1e-5)
        np.testing.assert_allclose(speeds, KM_S * solved.y[[8, 11]], atol=1e-4 * scale)


def test_energy_and_angular_momentum_are_conserved_and_are_the_labels(rows):
    time = np.linspace(0, 5, 40)
    for row in range(8):
        r, v = orbit(rows, row, time), velocity(rows, row, time)
        mass = rows["mass_1_Msun"][row] + rows["mass_2_Msun"][row]
        energy = 0.5 * (v * v).sum(axis=0) - GM_SUN * mass / np.linalg.norm(r, axis=0)
        spin = np.cross(r.T, v.T)
        np.testing.assert_allclose(energy, rows["energy_AU2_yr2"][row], rtol=1e-7)
        length = rows["angular_momentum_AU2_yr"][row]
        np.testing.assert_allclose(np.linalg.norm(spin, axis=1), length, rtol=1e-7)
        np.testing.assert_allclose(
            spin[:, 2], length * rows["inclination_cos"][row], atol=1e-6 * 40
        )


def test_an_orbit_closes_after_a_period_and_reaches_from_pericentre_to_apocentre(rows):
    for row in range(8):
        period = rows["period_yr"][row]
        time = np.linspace(0, period, 2001)
        distance = np.linalg.norm(orbit(rows, row, time), axis=0)
        np.testing.assert_allclose(
            orbit(rows, row, time + period), orbit(rows, row, time), atol=1e-9
        )
        a, e = rows["semi_major_axis_AU"][row], rows["eccentricity"][row]
        assert distance.min() == pytest.approx(a * (1 - e), rel=1e-4)
        assert distance.max() == pytest.approx(a * (1 + e), rel=1e-4)


def test_the_barycentre_is_at_rest_and_velocities_are_the_inverse_of_masses(rows):
    for name in ("x_{}_AU", "y_{}_AU", "z_{}_AU", "vz_{}_km_s"):
        one, two = (rows[f"mass_{body}_Msun"][:, None] * rows[name.format(body)] for body in (1, 2))
        np.testing.assert_allclose(one, -two, atol=1e-13 * np.abs(one).max())


def test_the_earth_takes_a_year_and_moves_at_thirty_kilometres_a_second():
    found = simulate(
        "two_body", mass_1_Msun=1.0, mass_2_Msun=3.0e-6, semi_major_axis_AU=1.0,
        eccentricity=0.0, inclination_cos=0.0, node_rad=0.0, pericentre_rad=0.0,
        mean_anomaly_rad=0.0, time_yr=np.linspace(0, 1, 101),
    )  # fmt: skip
    assert found["period_yr"] * 365.25 == pytest.approx(365.2563, abs=2e-3)  # Gauss's year
    assert np.abs(found["vz_2_km_s"]).max() == pytest.approx(29.785, abs=1e-3)


def test_a_light_body_1_moves_a_heavy_body_2_by_their_ratio():
    """The barycentre stays at rest to the last digits, whichever body is the planet."""
    for one, two in (("mass_1_Msun", "mass_2_Msun"), ("mass_2_Msun", "mass_1_Msun")):
        found = simulate("two_body", **{one: 1e-9, two: 1e3})
        light, heavy = (1, 2) if one == "mass_1_Msun" else (2, 1)
        for axis, unit in (("x", "AU"), ("y", "AU"), ("vz", "km_s")):
            moved = -found[f"{axis}_{light}_{unit}"] * (1e-9 / 1e3)
            np.testing.assert_allclose(found[f"{axis}_{heavy}_{unit}"], moved, rtol=1e-12)
