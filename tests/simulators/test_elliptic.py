"""Elliptic integrals and the nome against SciPy and mpmath."""

import mpmath
import numpy as np
import pytest
from scipy import special

from deepbench_hf.simulators.pendulum.elliptic import agm, carlson_rf, incomplete_f, root_nome

MODULI = [1e-8, 1e-3, 0.1, 0.5, np.sqrt(0.5), 0.75, 0.9, 0.999, 1 - 1e-9]


def complementary(k):
    return float(mpmath.sqrt(1 - mpmath.mpf(k) ** 2))


@pytest.fixture(autouse=True)
def forty_digits():
    with mpmath.workdps(40):
        yield


@pytest.mark.parametrize("k", MODULI)
def test_the_mean_gives_the_complete_integral(k):
    exact = mpmath.ellipk(mpmath.mpf(k) ** 2)
    assert abs(mpmath.pi / (2 * agm(1.0, complementary(k))) / exact - 1) < 2e-15


@pytest.mark.parametrize("k", MODULI)
def test_the_nome_is_that_of_the_two_complete_integrals(k):
    assert abs(root_nome(k, complementary(k)) ** 2 / mpmath.qfrom(k=mpmath.mpf(k)) - 1) < 8e-15


def test_the_root_of_the_nome_is_a_quarter_of_the_smallest_moduli():
    assert root_nome(1e-300, 1.0) == pytest.approx(0.25e-300, rel=1e-15)


def test_the_nome_of_a_swapped_modulus_obeys_jacobi():
    product = np.log(root_nome(0.6, 0.8)) * np.log(root_nome(0.8, 0.6))
    assert product == pytest.approx(np.pi**2 / 4, rel=1e-14)


def test_carlsons_integral_agrees_with_scipy():
    x, y, z = np.exp(np.random.default_rng(1).uniform(-25, 25, (3, 2000)))
    ours = [carlson_rf(*xyz) for xyz in zip(x, y, z, strict=True)]
    assert np.max(np.abs(ours / special.elliprf(x, y, z) - 1)) < 2e-15


def test_carlsons_integral_is_symmetric_and_homogeneous():
    assert carlson_rf(0.2, 3.0, 0.7) == pytest.approx(carlson_rf(0.7, 0.2, 3.0), rel=1e-15)
    assert carlson_rf(0.8, 12.0, 2.8) == pytest.approx(0.5 * carlson_rf(0.2, 3.0, 0.7), rel=1e-15)


def test_one_zero_argument_gives_the_complete_integral():
    assert carlson_rf(0.0, 0.51, 1.0) == pytest.approx(special.ellipk(0.49), rel=2e-15)


def test_the_incomplete_integral_agrees_with_scipy():
    rng = np.random.default_rng(2)
    phi, m = rng.uniform(-1.57, 1.57, 500), rng.uniform(0, 0.999, 500)
    delta = np.sqrt(1 - m * np.sin(phi) ** 2)
    rows = zip(np.sin(phi), np.cos(phi), delta, strict=True)
    ours = np.array([incomplete_f(*row) for row in rows])
    assert np.max(np.abs(ours / special.ellipkinc(phi, m) - 1)) < 1e-13
