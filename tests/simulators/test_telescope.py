"""Nights at a telescope: the sky by astropy, schedules by SciPy, and laws of both."""

import warnings
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.optimize import linear_sum_assignment

from deepbench_hf import generate, simulate
from deepbench_hf.simulators.telescope import sky
from deepbench_hf.simulators.telescope.assignment import schedule
from deepbench_hf.simulators.telescope.nights import SEASON_DEG, NightSchedule

LATITUDE, LONGITUDE = 38.28869, -122.504


@pytest.fixture(scope="module")
def rows():
    return generate("telescope_schedule", "train", 0, 100)


@pytest.fixture(scope="module")
def reference():
    """Sun and Moon of date from the centre of the Earth, and sidereal time, by astropy."""
    from astropy.coordinates import TETE, EarthLocation, get_body
    from astropy.time import Time
    from astropy.utils import iers

    mjd = np.linspace(55000.3, 69999.7, 60)
    centre = EarthLocation.from_geocentric(0, 0, 0, "m")
    with (
        warnings.catch_warnings(),
        iers.conf.set_temp("auto_download", False),
        iers.conf.set_temp("iers_degraded_accuracy", "ignore"),
    ):
        warnings.simplefilter("ignore")  # the rotation of the Earth in 2050 is not known yet
        time = Time(mjd, format="mjd")
        time.delta_ut1_utc = 0.0
        geocentric: Any = [get_body(name, time, centre) for name in ("sun", "moon")]
        bodies = [body.transform_to(TETE(obstime=time)) for body in geocentric]
        sidereal = time.sidereal_time("mean", longitude=LONGITUDE).deg
    vectors = [body.represent_as("unitspherical").to_cartesian().xyz.value.T for body in bodies]
    return mjd, vectors, sidereal


def apart(one, other):
    """Angles between unit vectors (n, 3), degrees."""
    return np.degrees(np.arccos(np.clip((one * other).sum(axis=1), -1, 1)))


def test_sun_and_moon_are_those_of_astropy(reference):
    mjd, (sun, moon), _ = reference
    assert apart(np.array([sky.sun(t) for t in mjd]), sun).max() < 0.013
    assert apart(np.array([sky.moon(t) for t in mjd]), moon).max() < 0.35


def test_sidereal_time_is_that_of_astropy(reference):
    mjd, _, sidereal = reference
    own = np.array([sky.sidereal_deg(t, LONGITUDE) for t in mjd])
    assert np.abs((own - sidereal + 180) % 360 - 180).max() < 0.0028


def test_altitude_and_azimuth_are_those_of_spherical_triangles(rows):
    """Cosine and sine rules with the pole, hour angles from sidereal time."""
    for row in range(20):
        mjd = rows["start_d"][row] + rows["cadence_s"][row] / 86400 * np.arange(24)
        sidereal = np.array([sky.sidereal_deg(t, LONGITUDE) for t in mjd])
        hour = np.radians(sidereal[:, None] - rows["ra_deg"][row])
        dec, latitude = np.radians(rows["dec_deg"][row]), np.radians(LATITUDE)
        up = np.sin(latitude) * np.sin(dec) + np.cos(latitude) * np.cos(dec) * np.cos(hour)
        height, turn = (np.radians(rows[f"{name}_deg"][row]) for name in ("altitude", "azimuth"))
        np.testing.assert_allclose(np.sin(height), up, atol=1e-6)
        east = np.cos(height) * np.sin(turn)
        np.testing.assert_allclose(east, -np.cos(dec) * np.sin(hour), atol=1e-6)
        north = np.sin(dec) - np.sin(latitude) * up
        np.testing.assert_allclose(
            np.cos(height) * np.cos(turn) * np.cos(latitude), north, atol=1e-6
        )


def test_targets_culminate_at_the_latitude_less_the_declination_and_the_near_pole_never_sets():
    for dec in (-20.0, 10.0, 38.0, 60.0, 85.0):
        s, c = np.sin(np.radians(dec)), np.cos(np.radians(dec))
        heights = [sky.horizontal_deg(c, 0.0, s, hour, LATITUDE)[0] for hour in range(360)]
        assert max(heights) == pytest.approx(90 - abs(LATITUDE - dec), abs=1e-9)
        assert (min(heights) > 0) == (dec > 90 - LATITUDE)


def test_air_mass_is_one_overhead_and_near_the_secant_above_the_limit():
    assert sky.airmass(90.0) == pytest.approx(1, abs=1e-12)
    for height, value in ((60, 1.1542882), (30, 1.9936717), (10, 5.5843652), (-5, 38.5790099)):
        assert sky.airmass(float(height)) == pytest.approx(value, abs=1e-7)
    heights = np.linspace(30, 90, 30)
    secant = 1 / np.sin(np.radians(heights))
    np.testing.assert_allclose([sky.airmass(h) for h in heights], secant, rtol=0.004)


def test_a_night_begins_when_the_sun_is_fourteen_degrees_down(rows):
    for start in rows["start_d"][:30]:
        place = sky.horizontal_deg(*sky.sun(start), sky.sidereal_deg(start, LONGITUDE), LATITUDE)
        assert place[0] == pytest.approx(-14, abs=1e-6)
        assert 180 < place[1] < 360  # in the west
    day = np.floor(rows["start_d"] + LONGITUDE / 360 - 0.5)
    assert np.array_equal(day, 55000 + 8 * rows["block"] + rows["night"])


def test_rewards_are_inverse_air_masses_of_what_may_be_observed(rows):
    seen = (rows["airmass"] < 2) & (rows["moon_separation_deg"] > 20)
    assert np.array_equal(seen, rows["observable"])
    assert 0.2 < seen.mean() < 0.6
    np.testing.assert_allclose(rows["reward"], seen / rows["airmass"], rtol=1e-6)
    cloudy = generate("telescope_schedule", "test_cloudy", 0, 100)
    open_slots = cloudy["observable"].any(axis=2).mean()
    assert abs(open_slots - 0.7) < 4 * np.sqrt(0.3 * 0.7 / 2400) + 0.01


@pytest.mark.parametrize("split", ["train", "test_tight", "test_cloudy"])
def test_the_schedule_is_the_best_by_scipy(split):
    rows = generate("telescope_schedule", split, 0, 60)
    for row in range(60):
        reward = rows["reward"][row].astype(float)
        best = reward[linear_sum_assignment(reward, maximize=True)].sum()
        assert rows["reward_optimal"][row] == pytest.approx(best, abs=1e-9)
        for name, total in (("assignment", "optimal"), ("assignment_greedy", "greedy")):
            slots = np.flatnonzero(rows[name][row] >= 0)
            visited = rows[name][row][slots]
            assert len(set(visited)) == len(visited)
            assert (reward[slots, visited] > 0).all()
            assert reward[slots, visited].sum() == pytest.approx(rows[f"reward_{total}"][row])
        assert best >= rows["reward_greedy"][row] - 1e-9 >= reward.max() - 2e-9
        assert rows["reward_random"][row] == pytest.approx(reward.sum() / 24)
    assert 0.6 < (rows["reward_greedy"] / rows["reward_optimal"]).mean() < 1


def test_the_order_of_targets_changes_no_reward(rows):
    order = np.random.default_rng(4).permutation(24)
    found = np.empty((2, 2, 100, 24), np.int64)
    for k, reward in enumerate((rows["reward"], np.ascontiguousarray(rows["reward"][:, :, order]))):
        schedule(reward, np.full(100, 24), *found[k])
    total = [
        np.where(place >= 0, np.take_along_axis(reward, place[..., None], 2)[..., 0], 0).sum(axis=1)
        for reward, place in (
            (rows["reward"], found[0, 0]),
            (rows["reward"][:, :, order], found[1, 0]),
        )
    ]
    np.testing.assert_allclose(*total, rtol=1e-6)


def test_a_transition_is_two_slots_of_the_night_of_a_schedule():
    rows = generate("telescope_transitions", "test", 0, 40)
    night = ("block", "night", "cadence_s", "cloud", "realization")
    whole = simulate("telescope_schedule", **{name: rows[name] for name in night})
    each, slot, action = np.arange(40), rows["slot"], rows["action"]
    for name in ("altitude_deg", "airmass", "moon_separation_deg", "reward", "observable"):
        assert np.array_equal(rows[name][:, 0], whole[name][each, slot])
        assert np.array_equal(rows[name][:, 1], whole[name][each, slot + 1])
    assert np.array_equal(rows["reward_taken"], whole["reward"][each, slot, action])
    assert np.array_equal(rows["reward_best"], whole["reward"][each, slot].max(axis=1))


def test_nights_of_winter_and_of_the_full_moon_are_such():
    winter = generate("telescope_schedule", "test_winter", 0, 50)
    longitude = [sky.sun_longitude_deg(start) for start in winter["start_d"]]
    assert min(longitude) >= 240 and max(longitude) <= 300
    assert (generate("telescope_schedule", "test_full_moon", 0, 50)["moon_share"] > 0.9).all()


@pytest.mark.parametrize("season", [(300, 60), (100, 110), (-20, 40), (340, 400)])
def test_a_season_that_no_night_has_is_refused(season):
    with pytest.raises(ValidationError, match="accepted: two from 0 to 360"):
        NightSchedule(sun_longitude_deg=season)


def test_every_night_finds_the_shortest_season_with_the_fullest_moon():
    night = np.arange(0, 15000, 7)
    for low in (0.0, 170.0, 340.0):
        start = np.empty(len(night))
        sky.evenings(night // 8, night % 8, 38.3, -122.5, low, low + SEASON_DEG, 0.95, start)
        longitude = np.array([sky.sun_longitude_deg(t) for t in start])
        assert low <= longitude.min() and longitude.max() <= low + SEASON_DEG
        assert min(sky.moon_share(t) for t in start) >= 0.95
