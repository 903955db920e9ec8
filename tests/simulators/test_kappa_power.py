"""The power of convergence, and the lognormal fields that have it."""

import json

import numpy as np
import pytest

from deepbench_hf import RecipeError, generate, load_recipe, simulate
from deepbench_hf.simulators.kappa import power
from deepbench_hf.simulators.kappa.maps import STRONGEST
from deepbench_hf.simulators.kappa.modes import gaussian, lognormal
from tests.support.paths import ORACLES
from tests.support.recipes import extended

ORACLE = json.loads((ORACLES / "kappa.json").read_text())
N = 64


def test_the_fit_is_within_five_per_cent_of_camb():
    ratio = power(ORACLE["multipole"]) / ORACLE["power"]
    assert 0.03 < abs(ratio - 1).max() < 0.05
    ratio = power(ORACLE["short_multipole"]) / ORACLE["short_power"]
    assert abs(ratio - 1).max() < 0.03


def test_the_fit_reaches_all_modes_of_a_map_of_256_pixels_and_has_no_step():
    simulator = load_recipe("kappa_256").simulator
    assert simulator.image_size == (256, 256)
    shortest = 360 / simulator.side_deg * np.hypot(128, 128)
    assert ORACLE["multipole"][0] < 360 / 3.5 and shortest < ORACLE["short_multipole"][-1]
    for where in (6000, 20_000):
        near = power(where * np.array([1 - 2e-4, 1 - 1e-4, 1, 1 + 1e-4, 1 + 2e-4]))
        slopes = np.diff(np.log(near)) / 1e-4
        assert np.ptp(slopes) < 0.01
    beyond = np.diff(np.log(power(np.geomspace(2e4, 2e5, 50)))) / np.log(10) * 49
    assert (np.diff(beyond) < 0).all() and beyond.max() < -2


def test_amplitude_multiplies_the_power_and_tilt_turns_it_about_a_thousand():
    multipole = np.array([30.0, 1000.0, 9000.0])
    ratio = power(multipole, 1.3, -0.2) / power(multipole)
    np.testing.assert_allclose(ratio, 1.3 * (multipole / 1000) ** -0.2, rtol=1e-14)


def test_the_correlation_of_a_lognormal_is_that_of_the_convergence():
    for amplitude, tilt, shift in ((1.0, 0.0, 0.02), (1.5, -0.3, 0.01), (0.5, 0.3, 0.1)):
        wanted = gaussian(N, 3.5, amplitude, tilt)
        inside = lognormal(N, 3.5, amplitude, tilt, shift)
        correlation = np.fft.irfft2(inside.variance) * N**2
        found = np.fft.rfft2(shift**2 * np.expm1(correlation)).real / N**2
        np.testing.assert_allclose(found[1:, :], wanted.variance[1:, :], rtol=4 * inside.clipped)
        assert inside.clipped < 0.01


def test_what_a_lognormal_has_more_is_the_power_that_it_lacks_at_l_0():
    """Without it xi_g is larger by a constant everywhere, and 1 + xi by a factor."""
    most = []
    for amplitude in (0.3, 1.0, 1.8):
        for tilt in (-0.5, 0.0, 0.5):
            for shift in (0.01, 0.02, 0.1):
                wanted = gaussian(N, 3.5, amplitude, tilt).variance
                inside = lognormal(N, 3.5, amplitude, tilt, shift)
                correlation = np.fft.irfft2(inside.variance) * N**2
                found = np.fft.rfft2(shift**2 * np.expm1(correlation)).real / N**2
                share = inside.clipped
                factor = np.exp(share * inside.total / (1 - share))
                np.testing.assert_allclose(found[1:], factor * wanted[1:], rtol=1e-8)
                most.append(factor)
    assert max(most) == pytest.approx(1.03, abs=0.005)
    shipped = lognormal(N, 3.5, 1.0, 0.0, 0.02)
    assert np.exp(shipped.clipped * shipped.total) == pytest.approx(1.0001, abs=1e-4)
    train = lognormal(N, 3.5, 1.5, -0.3, 0.01)
    assert np.exp(train.clipped * train.total / (1 - train.clipped)) < 1.011


@pytest.mark.parametrize("size", [8, 48, 1024, (32, 64)])
def test_a_size_that_cannot_be_halved_down_is_refused(size):
    with pytest.raises(RecipeError, match="must be a square of 16, 32, 64, 128, 256 or 512 pixels"):
        load_recipe("kappa_gaussian", image_size=size)


def test_every_amplitude_and_shift_that_is_accepted_has_a_lognormal_field():
    for n in (16, 128):
        for side in (1.0, 18.0):
            for tilt in (-0.5, 0.0, 0.5):
                variance = gaussian(n, side, STRONGEST * 0.01**2, tilt).variance
                assert np.fft.irfft2(variance).min() * n**2 > -0.8 * 0.01**2


def test_amplitudes_that_no_lognormal_field_has_are_refused():
    told = r"priors: amplitude = 1.5 with shift = 0.005 .* accepted is an amplitude up to 20000"
    with pytest.raises(RecipeError, match=told):
        extended("kappa_conditional", priors={"shift": 0.005})
    with pytest.raises(ValueError, match=r"amplitude = 9 with shift = 0.02"):
        simulate("kappa_lognormal", amplitude=9.0)


def test_the_mean_of_the_logarithm_is_the_same_in_all_maps_of_a_spectrum():
    rows = generate("kappa_conditional", "test", 0, 50)
    shift = rows["shift"]
    mean = np.log(rows["image"] + shift[:, None, None]).mean(axis=(1, 2))
    np.testing.assert_allclose(mean, np.log(shift) - rows["log_sigma"] ** 2 / 2, atol=1e-7)
