"""The lensed microwave background: spectra, the exact remapping, and what lensing conserves."""

import finufft
import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from deepbench_hf import generate, jacobian, load_recipe, simulate
from deepbench_hf.exact.fourier import real_coefficients, real_series
from deepbench_hf.simulators.cmb.maps import LensedBackground, moved
from deepbench_hf.simulators.cmb.spectra import spectra
from deepbench_hf.simulators.kappa.modes import unit_modes
from tests.support.paths import ROOT

SIDE = 5.0
TABLE = np.loadtxt(ROOT / "deepbench_hf/simulators/cmb/spectra.csv", delimiter=",", skiprows=1)


def maps(count, **more):
    return simulate("cmb_lensing", realization=np.arange(count), beam_fwhm_arcmin=0.0, **more)


def test_coefficients_are_those_of_numpys_transform():
    field = np.random.default_rng(0).normal(size=(64, 64))
    real, imaginary = real_coefficients(field)
    expected = (np.fft.rfft2(field) / 64**2).T  # [k_x, k_y] here, [k_y, k_x] there
    full = np.fft.fft2(field).T / 64**2
    assert expected.shape == (33, 64)
    np.testing.assert_allclose(real + 1j * imaginary, full[:, :33], atol=1e-16)
    np.testing.assert_allclose(real_series(real, imaginary), field, atol=1e-13)


def test_spectra_are_natural_splines_through_the_table():
    power = spectra(128, SIDE)
    multipole = np.hypot(power.l_x, power.l_y)
    there = power.temperature > 0
    ell, area = multipole[there], np.radians(SIDE) ** 2
    assert ell.min() > 71
    assert ell.max() <= 6000
    for column, found in ((1, power.temperature), (2, power.e_mode)):
        log_d = CubicSpline(TABLE[:, 0], np.log(TABLE[:, column]), bc_type="natural")(ell)
        expected = 2 * np.pi * np.exp(log_d) / (ell * (ell + 1) * area)
        np.testing.assert_allclose(found[there], expected, rtol=1e-11)
    log_d = CubicSpline(TABLE[:, 0], np.log(TABLE[:, 4]), bc_type="natural")(ell)
    expected = 2 * np.pi * np.exp(log_d) / ((ell * (ell + 1)) ** 2 * area)
    np.testing.assert_allclose(power.potential[there], expected, rtol=1e-11)


@pytest.fixture(scope="module")
def lensed():
    """Sixty skies behind lenses of the same strength, and no beam."""
    return maps(60, lensing_amplitude=1.0)


def fourier_sum(field, right, down):
    """The values of a periodic map (n, n) at places that are moved by pixels, by FINUFFT."""
    n = len(field)
    modes = np.fft.fftshift(np.fft.fft2(field)) / n**2
    modes[0], modes[:, 0] = 0, 0  # those of Nyquist
    y, x = np.indices(field.shape, float)
    places = (2 * np.pi / n * (at % n - n / 2).ravel() for at in (y + down, x + right))
    turn = (-1.0) ** (np.indices((n, n)).sum(axis=0) - n)  # of places from -pi
    return finufft.nufft2d2(*places, modes * turn, eps=1e-12, isign=1).real.reshape(n, n)


def test_the_lensed_map_is_the_exact_fourier_sum_at_the_deflected_places():
    power, n = spectra(128, SIDE), 128
    modes = unit_modes(power.temperature.shape, np.array([3.0]), "test")
    real, imaginary = (np.sqrt(power.temperature) * part for part in modes)
    right, down = np.random.default_rng(5).normal(scale=0.63, size=(2, n, n))  # 1.48 arcmin
    found, field = moved(real, imaginary, right, down), real_series(real, imaginary)
    np.testing.assert_allclose(fourier_sum(field, 0 * right, 0 * down), field, atol=1e-9)
    expected = fourier_sum(field, right, down)
    np.testing.assert_allclose(found, expected, atol=2e-5 * field.std())


@pytest.mark.parametrize(("n", "side"), [(32, 12.0), (64, 5.0), (128, 12.0), (128, 5.0)])
def test_lensed_maps_are_the_exact_fourier_sum_at_any_size_and_side(n, side):
    """Coarse pixels have power up to their shortest waves, so they need a finer grid."""
    model = LensedBackground(image_size=(n, n), side_deg=side)
    given = {"realization": np.array([1.0]), "lensing_amplitude": np.array([2.0])}
    found = model(**given, beam_fwhm_arcmin=np.zeros(1))
    sky = model._sky(given["realization"], 2.0)
    for (real, imaginary), name in zip(
        sky.sources, ("temperature_uK", "q_uK", "u_uK"), strict=True
    ):
        field = real_series(real, imaginary)
        expected = fourier_sum(field, sky.right, sky.down)
        np.testing.assert_allclose(found[name][0], expected, atol=5e-5 * field.std())


def test_the_longest_waves_of_the_largest_patch_are_those_of_l_30():
    """2 pi / 12 degrees is 30 but for rounding, where the table begins."""
    power = spectra(32, 12.0)
    expected = 2 * np.pi * TABLE[0, 1] / (30 * 31 * np.radians(12.0) ** 2)
    assert TABLE[0, 0] == 30
    assert power.temperature[0, 1] == pytest.approx(expected, rel=1e-9)
    assert power.temperature[1, 0] == power.temperature[-1, 0] == power.temperature[0, 1]
    assert power.temperature[0, 0] == 0


def test_one_wave_behind_the_lens_of_one_wave_has_its_closed_form():
    n, unit = 128, np.radians(SIDE) / 128
    y, x = np.indices((n, n)) * unit
    for (a, b), (c, d), strength in (((6, 2), (1, 0), 5e-7), ((3, 11), (2, -1), 2e-7)):
        k, m = (2 * np.pi / (n * unit) * np.array(one) for one in ((a, b), (c, d)))
        phase = -strength * np.sin(m[0] * x + m[1] * y + 0.3)
        right, down = (phase * one for one in m)  # the gradient of strength cos(m x + 0.3)
        wave = np.cos(k[0] * x + k[1] * y)
        found = moved(*real_coefficients(wave), right / unit, down / unit)
        expected = np.cos(k[0] * (x + right) + k[1] * (y + down))
        np.testing.assert_allclose(found, expected, atol=2e-5)


def test_derivatives_are_those_of_the_exact_fourier_sum():
    given = {"realization": 4, "lensing_amplitude": 0.8}
    found = jacobian("cmb_lensing", **given, beam_fwhm_arcmin=0.0)["temperature_uK"]
    sky = simulate("cmb_lensing", **given, beam_fwhm_arcmin=0.0)
    wave = 2 * np.pi * np.fft.fftfreq(128)
    square = wave[:, None] ** 2 + wave**2
    square[0, 0] = 1
    pixel = np.radians(SIDE) / 128
    phi = 2 * pixel**2 * np.fft.fft2(sky["kappa"].astype(float)) / square
    right, down = (
        np.fft.ifft2(1j * k * phi).real / pixel**2 for k in (wave[None, :], wave[:, None])
    )
    field = sky["temperature_unlensed_uK"].astype(float)
    up, low = (
        fourier_sum(field, scale * right, scale * down)
        for scale in (np.sqrt(1 + h / 0.8) for h in (1e-3, -1e-3))
    )
    slope = (up - low) / 2e-3
    np.testing.assert_allclose(found["lensing_amplitude"], slope, atol=1e-4 * abs(slope).max())
    blurred = jacobian("cmb_lensing", **given, beam_fwhm_arcmin=4.0)["temperature_uK"]
    ell = 360 / SIDE * np.hypot(*np.meshgrid(*2 * [np.fft.fftfreq(128, 1 / 128)]))
    unit = np.radians(1 / 60) / np.sqrt(8 * np.log(2))
    spread = ell * (ell + 1) * unit**2
    factor = -4 * spread * np.exp(-8 * spread)  # the derivative of exp(-spread b^2 / 2) at b = 4
    slope = np.fft.ifft2(np.fft.fft2(sky["temperature_uK"].astype(float)) * factor).real
    found = blurred["beam_fwhm_arcmin"]
    np.testing.assert_allclose(found, slope, atol=1e-5 * abs(slope).max())


def test_the_deflections_of_a_patch_have_the_reference_size():
    power = spectra(128, SIDE)
    square = (power.l_x**2 + power.l_y**2) * power.potential
    total = square[:, 0].sum() + 2 * square[:, 1:].sum()
    assert np.degrees(np.sqrt(total)) * 60 == pytest.approx(1.4761, rel=1e-3)


def test_lensing_smooths_the_peaks_as_camb_has_it(lensed):
    k = 360 / SIDE * np.hypot(*np.meshgrid(*2 * [np.fft.fftfreq(128, 1 / 128)]))
    power = [
        (abs(np.fft.fft2(lensed[name].astype(float))) ** 2).mean(axis=0)
        for name in ("temperature_uK", "temperature_unlensed_uK")
    ]
    for multipole, expected, within in (
        (810, 0.983, 0.02),
        (2000, 1.009, 0.02),
        (3000, 1.104, 0.04),
    ):
        ring = abs(k - multipole) < 80
        found = power[0][ring].sum() / power[1][ring].sum()
        assert found == pytest.approx(expected, abs=within), multipole


def test_without_lensing_nothing_moves_and_there_is_no_b_mode():
    found = maps(2, lensing_amplitude=0.0)
    np.testing.assert_allclose(found["temperature_uK"], found["temperature_unlensed_uK"], atol=2e-4)
    assert np.all(found["kappa"] == 0)
    assert np.abs(b_mode(found)).max() < 1e-4


def b_mode(found):
    """The modes of B, by NumPy's transform, uK, [k_y, k_x]."""
    n = found["q_uK"].shape[-1]
    k = np.fft.fftfreq(n, 1 / n)
    angle = np.arctan2(k[:, None], k[None])
    q, u = (np.fft.fft2(found[name]) / n**2 for name in ("q_uK", "u_uK"))
    return -np.sin(2 * angle) * q + np.cos(2 * angle) * u


def expected_b_mode(n, wanted):
    """The variance of a B mode to first order in the power of the potential, by a sum over modes.

    sum over l of (l (L - l))^2 P_phi(L - l) P_E(l) sin^2 2 (phi_l - phi_L).
    """
    power, unit = spectra(n, SIDE), 360 / SIDE
    k = np.fft.fftfreq(n, 1 / n).astype(int)
    e_mode, potential = (np.zeros((n, n)) for _ in range(2))
    for full, half in ((e_mode, power.e_mode), (potential, power.potential)):
        full[:, : n // 2 + 1] = half
        full[:, n // 2 + 1 :] = half[-k % n][:, 1 : n // 2][:, ::-1]
    x, y = np.meshgrid(k, k, indexing="ij")
    rest_x, rest_y = wanted[0] - x, wanted[1] - y
    inside = (abs(rest_x) < n // 2) & (abs(rest_y) < n // 2)
    product = unit**2 * (x * rest_x + y * rest_y)
    turn = np.arctan2(y, x) - np.arctan2(wanted[1], wanted[0])
    terms = product**2 * potential[rest_x % n, rest_y % n] * e_mode * np.sin(2 * turn) ** 2
    return terms[inside].sum()


@pytest.mark.parametrize("multipole", [800, 1250, 2000])
def test_lensing_makes_the_b_modes_of_first_order_theory(multipole, lensed):
    found = lensed
    n, k = 128, np.fft.fftfreq(128, 1 / 128)
    power = (np.abs(b_mode(found)) ** 2).mean(axis=0)
    ring = np.abs(360 / SIDE * np.hypot(k[:, None], k[None]) - multipole) < 60
    places = [(round(k[i]), round(k[j])) for j, i in np.argwhere(ring)]
    expected = np.mean([expected_b_mode(n, place) for place in places[::4]])
    assert power[ring].mean() == pytest.approx(expected, rel=0.1)
    # CAMB has 0.097, 0.094 and 0.052 uK^2 there; a patch lacks the longest deflections.
    d = multipole * (multipole + 1) * power[ring].mean() * np.radians(SIDE) ** 2 / (2 * np.pi)
    assert 0.75 < d / {800: 0.097, 1250: 0.094, 2000: 0.052}[multipole] < 1.1


def test_lensing_moves_but_does_not_amplify(lensed):
    seen, plain = (
        (lensed[name].astype(float) ** 2).mean()
        for name in ("temperature_uK", "temperature_unlensed_uK")
    )
    assert seen / plain == pytest.approx(1, abs=0.02)


def test_standard_deviations_have_the_reference_values(lensed):
    known = {"temperature_uK": (98.33, 0.05), "e_unlensed_uK": (6.433, 0.02)}
    known |= {"q_uK": (4.549, 0.03), "kappa": (0.07650, 0.02)}
    for name, (expected, within) in known.items():
        assert lensed[name].std() == pytest.approx(expected, rel=within), name


def test_the_beam_damps_as_a_gaussian_does():
    sharp, blurred = (
        simulate("cmb_lensing", realization=7, lensing_amplitude=1.0, beam_fwhm_arcmin=fwhm)
        for fwhm in (0.0, 5.0)
    )
    ell = 360 / SIDE * np.hypot(*np.meshgrid(*2 * [np.fft.fftfreq(128, 1 / 128)]))
    sigma = np.radians(5 / 60) / np.sqrt(8 * np.log(2))
    beam = np.exp(-ell * (ell + 1) * sigma**2 / 2)
    expected = np.fft.ifft2(np.fft.fft2(sharp["temperature_uK"]) * beam).real
    np.testing.assert_allclose(blurred["temperature_uK"], expected, atol=2e-4)


def test_the_rungs_have_the_declared_noise():
    rows = generate(load_recipe("cmb_lensing", clean=True), "test_1uK", 0, 4)
    noise = rows["temperature_uK"] - rows["temperature_uK_clean"]
    pixel = 60 * SIDE / 128
    assert noise.std() == pytest.approx(1.0 / pixel, rel=0.02)
    noise = rows["q_uK"] - rows["q_uK_clean"]
    assert noise.std() == pytest.approx(np.sqrt(2) / pixel, rel=0.02)
