"""Pressure profiles of clusters: their integrals by SciPy, and the values of their papers."""

import astropy.units as u
import numpy as np
import pytest
from astropy import constants
from astropy.cosmology import FlatLambdaCDM
from scipy.integrate import quad
from scipy.optimize import brentq

from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.simulators.sz.beam import RADII, add_cluster
from deepbench_hf.simulators.sz.pressure import C500, NODES, P0, projected
from deepbench_hf.simulators.sz.profiles import PROFILES
from tests.support.paths import ROOT

UNIVERSE = FlatLambdaCDM(H0=70, Om0=0.3, Tcmb0=0)


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


def test_a_beta_model_has_the_values_of_the_oracle_sharp_and_behind_a_beam():
    oracle = np.load(ROOT / "tests" / "oracles" / "sz.npz")
    model = PROFILES["beta"](14.0, 0.5)
    for number, core, fwhm, place in ((0, 0.5, 1.2, (19.5, 19.5)), (2, 0.25, 1.7, (25.3, 17.2))):
        x, y = ((one - 19.5) * 0.2 for one in place)
        for name, sigma in (("y", 0.0), ("y_beam", fwhm / 2.3548200450309493)):
            field, expected = np.zeros((40, 40)), oracle[f"{name}_{number}"]
            given = (1e-4 * (1 + (number > 0)), core / 0.2, x, y, sigma, 0.2)
            add_cluster(field, *given, model.logs, model.values, *gauss_legendre(RADII))
            np.testing.assert_allclose(field, expected, atol=3e-4 * expected.max())


def test_the_profile_of_simulations_is_the_integral_of_its_pressure():
    z, m500 = 0.5, 10**14.5

    def inside(x):
        return np.log1p(x) - x / (1 + x)

    def excess(log_mass):
        mass = np.exp(log_mass)
        c = 5.71 * (0.7 * mass / 2e12) ** -0.084 * (1 + z) ** -0.47
        t = (m500 / mass / 2.5) ** (1 / 3)
        return inside(c * t) / inside(c) - m500 / mass

    m200 = np.exp(brentq(excess, np.log(m500), np.log(3 * m500), xtol=1e-14))
    t, m = (m500 / m200 / 2.5) ** (1 / 3), m200 / 1e14
    core, fall = 0.497 * m**-0.00865 * (1 + z) ** 0.731, 4.35 * m**0.0393 * (1 + z) ** 0.415
    density = UNIVERSE.critical_density(z)
    r200 = (3 * m200 * u.Msun / (800 * np.pi * density)) ** (1 / 3)
    unit = 100 * constants.G * m200 * u.Msun * density * 0.049 / 0.3 / r200 / 1.932
    unit *= 18.1 * m**0.154 * (1 + z) ** -0.758

    def along(depth):
        x = t * depth / core
        return x**-0.3 * (1 + x) ** -fall

    total = 2 * quad(along, 0, 5, epsabs=0, epsrel=1e-10, limit=200)[0]
    y0 = constants.sigma_T / (constants.m_e * constants.c**2) * unit * t * r200 * total
    found = PROFILES["battaglia"](14.5, z)
    assert found.y0 == pytest.approx(y0.to_value(""), rel=2e-5)
    assert found.theta500 == pytest.approx(PROFILES["arnaud"](14.5, z).theta500, rel=1e-14)
