"""The laws of the Bragg curve, against SciPy's parabolic cylinder functions and quadrature."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma, pbdv
from scipy.stats import norm

from deepbench_hf import jacobian, simulate

P, ALPHA = 1.77, 0.0022


def curve(energy, depth, spread=0.0):
    found = simulate("bragg_curve", energy_MeV=energy, energy_spread=spread, depth_cm=depth)
    reach = ALPHA * energy**P
    return found, reach, np.hypot(0.012 * reach**0.935, P * reach * spread)


def test_the_range_is_that_of_the_power_law():
    reach = [curve(energy, [0.0, 1.0])[0]["range_cm"] for energy in (50.0, 100.0, 150.0, 200.0)]
    np.testing.assert_allclose(reach, [2.2366580, 7.6282107, 15.6352277, 26.0163145], rtol=3e-8)


def test_the_dose_at_150_mev_has_the_reference_values():
    _, r, s = curve(150.0, [0.0, 1.0])
    depth = [0, 5, 10, r - 2 * s, r - s, r, r + s, r + 3 * s]
    expected = [
        *(5.42035137, 6.40985951, 8.45123961, 32.3862539),
        *(38.4613773, 31.0236547, 12.4660171, 0.14452591),
    ]
    np.testing.assert_allclose(curve(150.0, depth)[0]["dose_MeV_cm"], expected, rtol=1e-8)


@pytest.mark.parametrize("spread", [0.0, 0.02])
def test_near_the_peak_the_dose_is_a_parabolic_cylinder_function(spread):
    _, r, s = curve(120.0, [0.0, 1.0], spread)
    zeta = np.linspace(-4, 6, 41)
    dose = curve(120.0, r - zeta * s, spread)[0]["dose_MeV_cm"]
    shape = np.exp(-(zeta**2) / 4) * pbdv(-1 / P, -zeta)[0]
    factor = s ** (1 / P - 1) * gamma(1 / P) / (np.sqrt(2 * np.pi) * P * ALPHA ** (1 / P))
    np.testing.assert_allclose(dose, factor * shape, atol=1e-9 * dose.max())


def test_the_integral_of_the_dose_is_the_mean_energy_of_the_ranges():
    _, r, s = curve(150.0, [0.0, 1.0])
    edges = [0, *(r + k * s for k in (-60, -20, -9, -4, 0, 4, 12))]
    nodes, weights = np.polynomial.legendre.leggauss(60)
    total = 0.0
    for a, b in pairwise(edges):
        depth = (a + b) / 2 + (b - a) / 2 * nodes
        total += (b - a) / 2 * weights @ curve(150.0, depth)[0]["dose_MeV_cm"]
    ends = r - 9 * s, r + 9 * s
    mean = quad(lambda x: (x / ALPHA) ** (1 / P) * norm.pdf(x, r, s), *ends, epsabs=1e-12)[0]
    assert total == pytest.approx(mean, rel=1e-10)
    assert total == pytest.approx(150.0, rel=2e-5)


def test_the_peak_is_where_and_as_high_as_the_row_says():
    found, r, s = curve(90.0, [0.0, 1.0], 0.01)
    near = found["peak_depth_cm"] + s * np.array([-0.01, 0.0, 0.01])
    left, top, right = curve(90.0, near, 0.01)[0]["dose_MeV_cm"]
    assert left < top > right
    assert left - right == pytest.approx(0, abs=1e-6 * top)
    entrance = found["dose_MeV_cm"][0]
    assert found["peak_to_entrance"] == pytest.approx(top / entrance, rel=1e-9)
    assert found["peak_depth_cm"] == pytest.approx(r - 0.8968 * s, abs=1e-4 * s)


def test_behind_the_peak_80_percent_of_the_dose_are_at_the_mean_range():
    found, r, s = curve(150.0, [0.0, 1.0])
    top = found["peak_to_entrance"] * found["dose_MeV_cm"][0]
    depth = r + s * np.linspace(-0.05, 0.05, 101)
    dose = curve(150.0, depth)[0]["dose_MeV_cm"]
    where = np.interp(-0.8 * top, -dose, depth)
    assert where == pytest.approx(r, abs=0.0125 * s)


def test_all_curves_are_one_shape_in_units_of_their_straggling():
    zeta = np.linspace(-3, 5, 30)
    shapes = []
    for energy, spread in ((70.0, 0.0), (150.0, 0.01), (210.0, 0.05)):
        _, r, s = curve(energy, [0.0, 1.0], spread)
        shapes.append(curve(energy, r - zeta * s, spread)[0]["dose_MeV_cm"] * s ** (1 - 1 / P))
    np.testing.assert_allclose(shapes[1:], [shapes[0]] * 2, atol=1e-10 * shapes[0].max())


def test_a_longer_range_moves_the_curve():
    """D depends on R0 - z and sigma: the derivatives by E are those by z and by sigma, chained."""
    energy, spread = 150.0, 0.01
    _, r, s = curve(energy, [0.0, 1.0], spread)
    depth, step = r + s * np.linspace(-4, 3, 15), 1e-4 * s
    given = {"energy_MeV": energy, "energy_spread": spread, "depth_cm": depth}
    found = jacobian("bragg_curve", **given)["dose_MeV_cm"]
    near = [curve(energy, depth + k * step, spread)[0]["dose_MeV_cm"] for k in (-1, 1)]
    by_depth = (near[1] - near[0]) / (2 * step)
    # sigma^2 = (0.012 R^0.935)^2 + (p R s)^2: by s at a given R it grows as (p R)^2 s / sigma.
    by_sigma = found["energy_spread"] / ((P * r) ** 2 * spread / s)
    reach = P * r / energy
    widening = ((0.012 * r**0.935) ** 2 * 0.935 / r + (P * spread) ** 2 * r) / s
    expected = reach * (-by_depth + widening * by_sigma)
    np.testing.assert_allclose(found["energy_MeV"], expected, atol=1e-5 * abs(expected).max())
