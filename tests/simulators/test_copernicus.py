"""Sun and Mars from the Earth: the law of sines, retrograde motion, even angles about the Sun."""

import numpy as np
import pytest

from deepbench_hf import generate, load_recipe, simulate

RADIUS, YEAR, MARS = 1.52366231, 365.26, 686.97959


def test_the_triangle_of_sun_earth_and_planet_closes():
    rows = generate(load_recipe("scinet_copernicus"), "train", 0, 200)
    sun, mars, seen = (
        rows[name] for name in ("sun_heliocentric_rad", "mars_heliocentric_rad", "mars_rad")
    )
    left, right = RADIUS * np.sin(mars - seen), np.sin(sun - seen)
    np.testing.assert_allclose(left, right, atol=1e-13)
    towards = np.exp(1j * sun) - RADIUS * np.exp(1j * mars)
    assert (np.cos(np.angle(towards) - seen) > 1 - 1e-12).all()
    assert (np.abs(np.diff(seen)) < np.pi).all()


def test_angles_about_the_sun_grow_evenly_with_the_years():
    rows = generate(load_recipe("scinet_copernicus"), "test", 0, 20)
    for name, year in (("sun_heliocentric_rad", YEAR), ("mars_heliocentric_rad", MARS)):
        np.testing.assert_allclose(np.diff(rows[name]), 2 * np.pi * 7 / year, rtol=1e-12)
    assert np.array_equal(rows["sun_rad"], rows["sun_heliocentric_rad"])


def test_mars_runs_backwards_for_seventy_three_days_of_a_synodic_period():
    synodic = 1 / (1 / YEAR - 1 / MARS)
    time = np.linspace(0, synodic, 200001)
    seen = simulate("scinet_copernicus", sun_start_rad=1.0, mars_start_rad=2.0, time_d=time)
    share = np.mean(np.diff(seen["mars_rad"]) < 0)
    assert synodic == pytest.approx(779.95, abs=0.01)
    assert share * synodic == pytest.approx(72.73, abs=0.02)


def test_ellipses_sweep_equal_areas_and_reach_their_distances():
    rows = generate("scinet_copernicus_elliptic", "train", 0, 30)
    for name, year, e, nearest, most in (
        ("sun_heliocentric_rad", YEAR, 0.01671022, 1.796767, 1.0),
        ("mars_heliocentric_rad", MARS, 0.09341233, 5.865019, 1.52366214),
    ):
        start = rows[name.replace("heliocentric", "start")][:, None]
        mean = start + 2 * np.pi * rows["time_d"] / year
        anomaly = rows[name] - nearest
        eccentric = 2 * np.arctan(np.sqrt((1 - e) / (1 + e)) * np.tan(anomaly / 2))
        turns = (eccentric - e * np.sin(eccentric) - (mean - nearest)) / (2 * np.pi)
        np.testing.assert_allclose(turns, np.round(turns), atol=1e-12)
        assert np.abs(rows[name] - mean).max() < 2 * e + 1.25 * e * e + 1e-3
        rows[f"r_{name}"] = most * (1 - e * e) / (1 + e * np.cos(anomaly))
    sun, mars = rows["sun_heliocentric_rad"], rows["mars_heliocentric_rad"]
    left = rows["r_mars_heliocentric_rad"] * np.sin(mars - rows["mars_rad"])
    right = rows["r_sun_heliocentric_rad"] * np.sin(sun - rows["mars_rad"])
    np.testing.assert_allclose(left, right, atol=1e-12)
    assert (np.abs(np.diff(rows["mars_rad"])) < np.pi).all()
