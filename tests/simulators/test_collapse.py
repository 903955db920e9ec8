"""Excursion sets against the closed form, tides against Doroshkevich, spheres against SciPy."""

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.integrate import solve_ivp
from scipy.special import erfc

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.simulators.collapse.excursion import ExcursionSet, ellipsoidal_barrier
from deepbench_hf.simulators.collapse.sphere import CRITICAL

ROWS = 20_000


@pytest.fixture(scope="module")
def walks():
    return simulate("halo_collapse", realization=np.arange(ROWS))


@pytest.fixture(scope="module")
def variance():
    return generate("halo_collapse", "test", 0, 1)["variance"][0]


def test_the_chance_to_have_crossed_is_that_of_the_closed_form(walks, variance):
    at = np.where(walks["crossed_at"] == 0, 99, walks["crossed_at"])
    seen = np.array([(at <= k + 1).mean() for k in range(len(variance))])
    expected = erfc(CRITICAL / np.sqrt(2 * variance))
    assert abs(seen - expected).max() < 1.95 / np.sqrt(ROWS)  # Kolmogorov, 0.1 %
    first = (walks["delta"] >= CRITICAL).argmax(axis=1)
    grid = np.where((walks["delta"] >= CRITICAL).any(axis=1), first, 99)
    plain = np.array([(grid <= k).mean() for k in range(len(variance))])
    assert abs(plain - expected).max() > 0.05  # what the bridge between the scales is for


def test_masses_follow_from_the_variance_at_the_crossing(walks, variance):
    bound = walks["bound"]
    assert np.array_equal(bound, walks["crossed_at"] > 0)
    own = variance[walks["crossed_at"][bound] - 1]
    np.testing.assert_allclose(walks["log10_mass"][bound], 13 - 2 * np.log10(own), rtol=1e-13)
    assert not walks["log10_mass"][~bound].any()


def test_tides_have_the_distribution_of_doroshkevich(walks, variance):
    """All three eigenvalues are positive at 8 % of the points; <e | nu> = 3 / (sqrt(10 pi) nu)."""
    delta, long, flat = (walks[n][:, 12] for n in ("delta", "elongation", "prolateness"))
    assert (long >= abs(flat) - 1e-12).all()
    lowest = delta / 3 - long + flat / 3
    assert abs((lowest > 0).mean() - 0.08) < 4 * np.sqrt(0.08 / ROWS)
    for nu in (1.0, 2.0):
        here = abs(delta / np.sqrt(variance[12]) - nu) < 0.1
        mean, error = (long / delta)[here].mean(), (long / delta)[here].std() / np.sqrt(here.sum())
        assert abs(mean - 3 / np.sqrt(10 * np.pi) / nu) < 4 * error + 0.005
    moved = walks["delta"].var(axis=0) / variance
    assert abs(moved - 1).max() < 5 * np.sqrt(2 / ROWS)


def test_ellipsoidal_barriers_have_the_reference_values():
    expected = {
        (0.1, 0): 1.0820521, (0.2, 0): 1.2239697, (0.25, 0): 1.3248637, (0.3, 0): 1.4569359,
        (0.1, 0.05): 1.0676208, (0.1, -0.05): 1.0955700, (0, 0): 1.0, (0.6, 0): 0.0,
    }  # fmt: skip
    for (e, p), value in expected.items():
        assert ellipsoidal_barrier(float(e), float(p)) == pytest.approx(value, abs=1e-7)


def test_the_twin_has_the_same_walks_and_collapses_later(walks):
    other = simulate("halo_collapse_ellipsoidal", realization=np.arange(2000))
    assert np.array_equal(other["delta"], walks["delta"][:2000])
    one = np.where(walks["bound"], walks["crossed_at"], 99)[:2000]
    assert (np.where(other["bound"], other["crossed_at"], 99) >= one).mean() > 0.98
    assert 0.4 < other["bound"].mean() / walks["bound"].mean() < 0.95


def test_massive_haloes_cross_early():
    rows = generate("halo_collapse", "test_massive", 0, 300)
    assert rows["bound"].all()
    assert rows["log10_mass"].min() >= 13


def test_a_sphere_obeys_newtons_law():
    """In ages of the universe H = 2 / 3 t: the acceleration is -(2 / 9) R^3 / r^2."""
    big, time = 2.0, np.geomspace(1e-3, 0.2, 50)
    found = simulate("tophat_collapse", overdensity=0.004, lagrangian_radius_Mpc=big, time=time)
    assert found["collapse_time"] > time[-1]
    r = found["radius_Mpc"]

    def law(_, y):
        return y[1], -2 / 9 * big**3 / y[0] ** 2

    step = time[0] * 1e-4
    around = np.sort([time[0] - step, time[0], time[0] + step, *np.geomspace(0.01, 0.2, 47)])
    near = simulate("tophat_collapse", overdensity=0.004, lagrangian_radius_Mpc=big, time=around)
    speed = (near["radius_Mpc"][2] - near["radius_Mpc"][0]) / (2 * step)
    path = solve_ivp(law, (time[0], time[-1]), (r[0], speed), t_eval=time, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(r, path.y[0], rtol=2e-5)


def test_turn_round_and_collapse_have_the_densities_of_the_textbook():
    found = simulate("tophat_collapse", overdensity=0.01, lagrangian_radius_Mpc=1.0)
    turn, collapse = found["turnaround_radius_Mpc"], found["collapse_time"]
    assert pytest.approx(collapse ** (2 / 3)) == 1e-3 * CRITICAL / 0.01
    at_turn = (0.5 * collapse) ** 2 / turn**3  # mean density falls as t^-2
    assert at_turn == pytest.approx(9 * np.pi**2 / 16)
    assert collapse**2 / (turn / 2) ** 3 == pytest.approx(18 * np.pi**2)
    rows = generate(load_recipe("tophat_collapse", clean=True), "train", 0, 50)
    assert (rows["radius_Mpc"].max(axis=1) <= rows["turnaround_radius_Mpc"] * (1 + 1e-12)).all()


def test_a_walk_that_cannot_cross_in_time_is_refused():
    with pytest.raises(ValidationError, match=r"no walk is seen before 0\.25"):
        ExcursionSet(crossed_by=0.1)
    early, number = ExcursionSet(crossed_by=0.25), np.arange(20)  # 7e-4 of walks cross by then
    with pytest.raises(ValueError, match="no walk in 400 crosses by a variance of 0.25"):
        early(realization=number, **early.locate(realization=number))
    found = ExcursionSet(crossed_by=1.0)
    rows = found(realization=number, **found.locate(realization=number))
    assert rows["bound"].all() and (rows["log10_mass"] >= 13).all()
