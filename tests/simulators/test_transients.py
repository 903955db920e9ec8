"""Light curves that flare up once: their form, their peak, their colours and their derivatives."""

import numpy as np
import pytest

from deepbench_hf import RecipeError, generate, jacobian, load_recipe, simulate
from tests.support.recipes import extended

SHAPE = {"amplitude": 50.0, "start_d": 500.0, "rise_d": 3.0, "fall_d": 20.0, "colour_mag": 0.4}
TIME = np.linspace(0, 1000, 4001)
WAVES = {"u": 368, "g": 480, "r": 622, "i": 754, "z": 868, "y": 971}


def curve(**more):
    given = {**SHAPE, "time_d": TIME, "valid": np.ones(TIME.size), "realization": 0, **more}
    return simulate("transients", label="sn_ia", **given)


def test_the_flux_has_the_form_of_bazin():
    x = TIME - 500
    with np.errstate(over="ignore"):
        expected = 50 * np.exp(-x / 20) / (1 + np.exp(-x / 3)) + 2
    expected[~np.isfinite(expected)] = 2
    found = curve(background=2.0)["flux_r"]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_the_peak_is_where_and_as_high_as_the_row_says():
    found = curve()
    peak = found["flux_r"].argmax()
    assert found["peak_time_d"] == pytest.approx(TIME[peak], abs=0.25)
    at = curve(time_d=np.append(TIME[:-1], 1000), start_d=500.0)["peak_time_d"]
    exact = curve(time_d=np.full(TIME.size, at))["flux_r"][0]
    assert found["peak_flux"] == pytest.approx(exact, rel=1e-12)
    assert found["peak_flux"] >= found["flux_r"].max()


def test_magnitudes_are_linear_in_the_inverse_of_the_wavelength():
    found = curve()
    top = {band: found[f"flux_{band}"].max() for band in WAVES}
    colour = {band: -2.5 * np.log10(top[band] / top["r"]) for band in WAVES}
    assert colour["g"] == pytest.approx(0.4, rel=1e-12)
    for band, wave in WAVES.items():
        scale = (1 / wave - 1 / 622) / (1 / 480 - 1 / 622)
        assert colour[band] == pytest.approx(0.4 * scale, abs=1e-12)


def test_derivatives_are_those_of_differences():
    near = {"time_d": np.linspace(480, 560, 40), "valid": np.ones(40), "realization": 0}
    found = jacobian("transients", label="sn_ia", **SHAPE, **near)["flux_i"]
    for name, value in SHAPE.items():
        given = ({**SHAPE, **near, name: value * (1 + step)} for step in (1e-6, -1e-6))
        up, down = (simulate("transients", label="sn_ia", **one)["flux_i"] for one in given)
        slope = (up - down) / (2e-6 * value)
        np.testing.assert_allclose(found[name], slope, rtol=1e-6, atol=1e-7)


def test_what_falls_faster_than_it_rises_is_refused():
    with pytest.raises(RecipeError, match="it must fall slower"):
        extended("transients", priors={"rise_d": 60})


def test_late_ones_peak_where_the_season_ends():
    rows = generate(load_recipe("transients"), "test_late", 0, 200)
    last = np.where(rows["valid"] & (rows["time_d"] < 731), rows["time_d"], 0).max(axis=1)
    assert np.mean(rows["peak_time_d"] > last - 40) > 0.8
