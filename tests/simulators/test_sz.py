"""Sunyaev-Zel'dovich cutouts: the pressure profile by SciPy, scales by astropy, and the sky."""

import astropy.units as u
import numpy as np
import pytest
from astropy.cosmology import FlatLambdaCDM
from scipy.integrate import quad
from scipy.ndimage import map_coordinates

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.simulators.sz.beam import RADII, add_cluster
from deepbench_hf.simulators.sz.cutouts import BANDS, T_CMB_UK
from deepbench_hf.simulators.sz.pressure import C500, NODES, P0, projected, table
from deepbench_hf.simulators.sz.sky import COUNTS_DEG2, point_sources

UNIVERSE = FlatLambdaCDM(H0=70, Om0=0.3, Tcmb0=0)
QUIET = {"dust_uK2": 0.0, "realization": 3}


def pressure(x):
    return P0 / ((C500 * x) ** 0.3081 * (1 + (C500 * x) ** 1.051) ** ((5.4905 - 0.3081) / 1.051))


def line_of_sight(at):
    end = np.sqrt(25 - at**2)
    return 2 * quad(lambda depth: pressure(np.hypot(at, depth)), 0, end, epsrel=1e-11, limit=400)[0]


def test_nodes_are_numpys():
    for n in (8, 32, 48, 64):
        nodes, weights = np.polynomial.legendre.leggauss(n)
        np.testing.assert_allclose(gauss_legendre(n)[0], nodes, atol=1e-15)
        np.testing.assert_allclose(gauss_legendre(n)[1], weights, atol=1e-14)


def test_the_projected_profile_is_the_integral_along_the_line_of_sight():
    at = np.array([1e-3, 0.1, 0.5, 1, 2, 4.9])
    expected = [line_of_sight(one) for one in at]
    np.testing.assert_allclose(projected(at, *gauss_legendre(NODES)), expected, rtol=1e-6)
    middle = projected(np.zeros(1), *gauss_legendre(NODES))[0]
    assert middle == pytest.approx(7.33829116, rel=1e-8)


def test_the_integral_of_the_pressure_is_that_of_the_paper():
    for end, expected in ((1, 0.61483), (5, 1.10450)):
        value = quad(lambda x: 3 * x**2 * pressure(x), 0, end)[0]
        assert value == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("mass", "redshift", "theta", "y0"),
    [
        (1e14, 0.25, 2.7652, 1.85931e-5), (3e14, 0.5, 2.3220, 8.47496e-5),
        (5e14, 0.5, 2.7530, 1.50179e-4), (1e15, 0.3, 5.1340, 2.59049e-4),
        (2e14, 1.0, 1.2686, 9.74196e-5),
    ],
)  # fmt: skip
def test_size_and_depth_have_the_reference_values(mass, redshift, theta, y0):
    found = simulate(
        "sz_cutouts", label="cluster", log10_m500_Msun=np.log10(mass), redshift=redshift, **QUIET
    )
    assert found["theta500_arcmin"] == pytest.approx(theta, rel=1e-4)
    assert found["compton_y0"] == pytest.approx(y0, rel=3e-6)
    radius = (3 * mass * u.Msun / (2000 * np.pi * UNIVERSE.critical_density(redshift))) ** (1 / 3)
    angle = (radius / UNIVERSE.angular_diameter_distance(redshift)).to_value("")
    assert found["theta500_arcmin"] == pytest.approx(np.degrees(angle) * 60, rel=1e-4)


def test_the_response_of_the_bands_is_that_of_the_thermal_effect():
    for band, (response, unit, _) in BANDS.items():
        x = 6.62607015e-34 * band * 1e9 / (1.380649e-23 * 2.7255)
        assert response == pytest.approx(x / np.tanh(x / 2) - 4, abs=2e-7)
        # dB/dT of a black body, W m-2 Hz-1 sr-1 K-1; a jansky is 1e-26 W m-2 Hz-1.
        b = 2 * 6.62607015e-34 * (band * 1e9) ** 3 / 299792458**2 / np.expm1(x)
        slope = b * x / 2.7255 / (1 - np.exp(-x))
        assert unit == pytest.approx(1e-26 / slope * 1e6, rel=2e-6)


def test_a_blurred_cluster_is_a_convolution():
    theta, sigma, step, size = 1.3, 1.0 / 2.3548, 0.25 / 8, 1024
    field = np.zeros((32, 32))
    place = (0.37, -1.1)
    add_cluster(field, 1.0, theta, *place, sigma, 0.25, *table(), *gauss_legendre(RADII))
    axis = (np.arange(size) - size / 2) * step
    radius = np.hypot(*np.meshgrid(axis, axis)).ravel() / theta
    grid = projected(radius, *gauss_legendre(NODES)).reshape(size, size)
    wave = 2 * np.pi * np.fft.fftfreq(size, step)
    beam = np.exp(-(wave[:, None] ** 2 + wave[None] ** 2) * sigma**2 / 2)
    blurred = np.fft.ifft2(np.fft.fft2(grid) * beam).real
    x, y = np.meshgrid(*2 * [(np.arange(32) - 15.5) * 0.25])
    at = [((y - place[1]) / step + size / 2).ravel(), ((x - place[0]) / step + size / 2).ravel()]
    expected = map_coordinates(blurred, at, order=5).reshape(32, 32)
    np.testing.assert_allclose(field, expected, atol=3e-4 * expected.max())


def test_a_cluster_is_added_to_what_is_there_without_it():
    given = {"log10_m500_Msun": 14.7, "redshift": 0.5, "x_arcmin": 0.5, "y_arcmin": -1.0}
    there = simulate("sz_cutouts", label="cluster", **given, **QUIET)
    empty = simulate("sz_cutouts", label="empty", **given, **QUIET)
    dip = {band: there[f"map_{band}_uK"] - empty[f"map_{band}_uK"] for band in BANDS}
    assert np.unravel_index(dip[148].argmin(), (32, 32)) in ((11, 17), (11, 18), (12, 17), (12, 18))
    assert dip[90].min() > -1.5979476 * T_CMB_UK * there["compton_y0"]
    assert 0 < dip[219].max() < 0.0229136 * T_CMB_UK * there["compton_y0"]
    assert empty["compton_y0"] == 0


def test_point_sources_have_the_declared_counts():
    found = [point_sources(np.array([float(k)])) for k in range(400)]
    mean = COUNTS_DEG2 * (0.5**-1.5 - 10**-1.5) * (16 / 60) ** 2
    assert np.mean([len(one) for one in found]) == pytest.approx(mean, rel=5 / np.sqrt(400 * mean))
    flux = np.concatenate(found)[:, 0]
    share = (1.0 - 10**-1.5) / (0.5**-1.5 - 10**-1.5)
    within = 5 * np.sqrt(share * (1 - share) / flux.size)
    assert np.mean(flux > 1) == pytest.approx(share, abs=within)


def test_the_background_has_its_variance():
    """The variance of a pixel in the cutout is the sum over all modes of the patch."""
    from deepbench_hf.simulators.cmb.spectra import spectra

    power = spectra(32, 64 / 60).temperature
    total = power[:, 0].sum() + 2 * power[:, 1:].sum()
    rows = simulate("sz_cutouts", label="empty", dust_uK2=0.0, realization=np.arange(300))
    middle = np.median(rows["map_90_uK"][:, 15:17, 15:17], axis=(1, 2))
    assert middle.std() == pytest.approx(np.sqrt(total), rel=0.25)


def test_rungs_differ_in_noise_only():
    recipe = load_recipe("sz_cutouts", clean=True)
    usual, low = (generate(recipe, split, 0, 5) for split in ("test", "test_noise_low"))
    assert np.array_equal(usual["map_148_uK_clean"], low["map_148_uK_clean"])
    noise = low["map_148_uK"] - low["map_148_uK_clean"]
    assert noise.std() == pytest.approx(0.3 * 2.6 / 0.25, rel=0.05)
