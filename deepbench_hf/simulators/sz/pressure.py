"""The pressure of clusters in projection: the universal one, and that of simulations."""

from functools import lru_cache

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import ARCMIN, LN_10, PI
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.exact.quantiles import exponential
from deepbench_hf.simulators.halo.density import OMEGA_M, RHO_CRIT, mass_within

HUBBLE_MPC = 2997.92458 / 0.7
"""c / H0, Mpc."""
P0, C500, GAMMA, ALPHA, BETA = 8.403, 1.177, 0.3081, 1.0510, 5.4905
"""p(x) = P0 / ((c x)^gamma (1 + (c x)^alpha)^((beta - gamma) / alpha)), the universal pressure.

Source: M. Arnaud et al., Astron. Astrophys. 517 (2010) A92, arXiv:0910.1234, equation 12.
"""
EDGE = 5.0
"""The profile ends at this many R500."""
THOMSON = 6.6524587321e-25 / 510.99895
"""sigma_T / m_e c^2, cm^2 / keV."""
KPC_CM = 3.0856775814913673e21
TABLE = 200
"""Radii of the table of the projected profile."""
FIRST = 1e-4  # R500: within it the projected profile grows by 0.2 %, on a share of 1e-8 of the area
NODES = 32
"""Nodes of the quadrature along a line of sight."""


@kernel
def _pressure(x: float) -> float:
    cx = C500 * x
    outer = 1.0 + exact.power(cx, ALPHA)
    return P0 / (exact.power(cx, GAMMA) * exact.power(outer, (BETA - GAMMA) / ALPHA))


@kernel(allocates=True)
def projected(u: Array, nodes: Array, weights: Array) -> Array:
    """F(u) = int p(sqrt(u^2 + l^2)) dl within a sphere of 5 R500, (n,); u in R500.

    Gauss-Legendre in t with l = L t^4, L = sqrt(25 - u^2), which takes the cusp away: 1e-6.
    """
    out = np.zeros(u.size)
    for i in range(u.size):
        if u[i] >= EDGE:
            continue
        half = np.sqrt((EDGE - u[i]) * (EDGE + u[i]))
        for k in range(nodes.size):
            t = 0.5 * (1.0 + nodes[k])
            cube = t * t * t
            depth = half * cube * t
            x = np.sqrt(u[i] * u[i] + depth * depth)
            out[i] += weights[k] * 4.0 * half * cube * _pressure(x)
    return out


@lru_cache
def table() -> tuple[Array, Array]:
    """Logarithms of u, equally spaced, and F(u) there, (200,) each."""
    logs = logarithms(EDGE)
    return logs, projected(exponential(logs), *gauss_legendre(2 * NODES))


def logarithms(edge: float) -> Array:
    """Logarithms of u, equally spaced, from that of `FIRST` to that of the edge."""
    first, last = exact.log(FIRST), exact.log(edge)
    i = np.arange(TABLE, dtype=np.float64)
    return (first * (TABLE - 1.0 - i) + last * i) / (TABLE - 1.0)


@kernel
def look_up(u: float, logs: Array, values: Array) -> float:
    """F(u) from the table: a cubic through the four radii round ln u; 0 beyond it."""
    return value_at(place_of(u, logs), values)


@kernel(inline=True)
def place_of(u: float, logs: Array) -> float:
    """Where u lies in the table, in steps from its first radius."""
    step = (logs[-1] - logs[0]) / (logs.size - 1.0)
    return (exact.log(max(u, FIRST)) - logs[0]) / step


@kernel
def value_at(place: float, values: Array) -> float:
    """F there."""
    if place >= values.size - 1.0:
        return 0.0
    k = min(max(int(place), 1), values.size - 3)
    return cubic(values, k, place - k)


@kernel
def cubic(values: Array, k: int, t: float) -> float:
    """The cubic through values k - 1 to k + 2, t steps behind value k."""
    a, b, c, d = values[k - 1], values[k], values[k + 1], values[k + 2]
    third = (d - a + 3.0 * (b - c)) / 6.0
    second, first = 0.5 * (a + c) - b, c - a / 3.0 - 0.5 * b - d / 6.0
    return b + t * (first + t * (second + t * third))


@kernel(allocates=True)
def clusters(log10_mass: Array, redshift: Array, nodes: Array, weights: Array) -> Array:
    """R500 (Mpc), theta500 (arcmin), and y per unit of F, (n, 3).

    P500 = 1.65e-3 E^(8/3) (M500 / 3e14 Msun)^(2/3 + 0.12) keV / cm^3 for h = 0.7, in a flat
    universe with Omega_m = 0.3; the angular distance by 32-point quadrature.
    """
    out = np.empty((redshift.size, 3))
    for i in range(redshift.size):
        z = redshift[i]
        far = 0.0
        for k in range(nodes.size):
            far += weights[k] * 0.5 * z / expansion(0.5 * z * (1.0 + nodes[k]))
        mass = exact.exp(LN_10 * log10_mass[i])
        growth = expansion(z)
        volume = 3.0 * mass / (2000.0 * PI * RHO_CRIT * growth * growth)
        radius = exact.power(volume, 1.0 / 3.0)  # kpc
        pressure = 1.65e-3 * exact.power(growth, 8.0 / 3.0)
        pressure *= exact.power(mass / 3e14, 2.0 / 3.0 + 0.12)
        out[i, 0] = 1e-3 * radius
        out[i, 1] = 1e-3 * radius / (far * HUBBLE_MPC / (1.0 + z)) / ARCMIN
        out[i, 2] = THOMSON * pressure * radius * KPC_CM
    return out


@kernel
def expansion(z: float) -> float:
    """E(z) = H / H0."""
    return np.sqrt(OMEGA_M * (1.0 + z) * (1.0 + z) * (1.0 + z) + 1.0 - OMEGA_M)


ELECTRONS = 1.0 / 1.932
"""Pressure of the electrons over that of all of the gas."""
BARYONS = 0.049 / OMEGA_M
"""Share of the baryons in all matter."""
GRAVITY = 4.30091727e-6 * 4.22420e-13
"""G, kpc (km/s)^2 / Msun, times (Msun kpc^-3 (km/s)^2) in keV / cm^3."""


@kernel
def _over_200(concentration: float) -> float:
    """R500 / R200 of a halo of Navarro, Frenk and White: m(c t) = 5/2 t^3 m(c), by bisection."""
    low, high, whole = 0.3, 1.0, mass_within(concentration)
    for _ in range(50):
        t = 0.5 * (low + high)
        if mass_within(concentration * t) > 2.5 * t * t * t * whole:
            low = t
        else:
            high = t
    return 0.5 * (low + high)


@kernel
def mass_200(log10_m500: float, z: float) -> tuple[float, float]:
    """M200, solar masses, and R500 / R200, both over the critical density.

    The concentration is 5.71 (h M200 / 2e12 Msun)^-0.084 (1 + z)^-0.47.

    Source: A. R. Duffy et al., MNRAS 390 (2008) L64, arXiv:0804.2486, table 1, NFW, full sample.
    """
    m500 = exact.exp(LN_10 * log10_m500)
    mass, ratio = 1.5 * m500, 0.65
    for _ in range(12):
        spread = exact.power(0.7 * mass / 2e12, -0.084) * exact.power(1.0 + z, -0.47)
        ratio = _over_200(5.71 * spread)
        mass = m500 / (2.5 * ratio * ratio * ratio)
    return mass, ratio


@kernel(allocates=True)
def battaglia(log10_m500, z, radius_kpc, u, nodes, weights) -> tuple[float, Array]:
    """P200 of the electrons, keV / cm^3, and F(u) of a cluster; u in R500, to 5 R500.

        P = P200 P0 (x / x_c)^-0.3 (1 + x / x_c)^-b,  x = r / R200,  m = M200 / 1e14 Msun,
        P0 = 18.1 m^0.154 (1 + z)^-0.758,  x_c = 0.497 m^-0.00865 (1 + z)^0.731,
        b = 4.35 m^0.0393 (1 + z)^0.415,  P200 = 100 G M200 rho_c(z) f_b / R200.

    Source: N. Battaglia et al., Astrophys. J. 758 (2012) 75, arXiv:1109.3711, equations 10 and 11
    and table 1.
    """
    mass, ratio = mass_200(log10_m500, z)
    m, growth = mass / 1e14, expansion(z)
    height = 18.1 * exact.power(m, 0.154) * exact.power(1.0 + z, -0.758)
    core = 0.497 * exact.power(m, -0.00865) * exact.power(1.0 + z, 0.731)
    fall = 4.35 * exact.power(m, 0.0393) * exact.power(1.0 + z, 0.415)
    density = RHO_CRIT * growth * growth * BARYONS
    whole = ELECTRONS * 100.0 * GRAVITY * mass * density * ratio / radius_kpc
    out = np.zeros(u.size)
    for i in range(u.size):
        if u[i] < EDGE:
            half = np.sqrt((EDGE - u[i]) * (EDGE + u[i]))
            for k in range(nodes.size):
                t = 0.5 * (1.0 + nodes[k])
                cube = t * t * t
                depth = half * cube * t
                x = ratio * np.sqrt(u[i] * u[i] + depth * depth) / core
                steep = exact.power(x, -0.3) * exact.power(1.0 + x, -fall)
                out[i] += weights[k] * 4.0 * half * cube * height * steep
    return whole, out
