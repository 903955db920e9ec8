"""The Compton parameter of a cluster: its universal pressure, in projection, blurred."""

from functools import lru_cache

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.exact.quantiles import exponential

OMEGA_M = 0.3
RHO_CRIT = 135.99295
"""Critical density today for h = 0.7, Msun / kpc^3."""
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
_FIRST = 1e-4  # R500: within it the projected profile is flat to 1e-3 of 1e-3
NODES, RADII = 32, 24
"""Nodes of the quadratures along a line of sight and over the rings of a beam."""
_ANGLES = 16
_BLURRED = 64
_NEAR, _REACH = 3.0, 6.5  # sigma: where the cusp is near, and how far the beam reaches
_ARCMIN = 2.908882086657216e-4


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
    first, last = exact.log(_FIRST), exact.log(EDGE)
    i = np.arange(TABLE, dtype=np.float64)
    logs = (first * (TABLE - 1.0 - i) + last * i) / (TABLE - 1.0)
    return logs, projected(exponential(logs), *gauss_legendre(2 * NODES))


@kernel
def _look_up(u: float, logs: Array, values: Array) -> float:
    """F(u) from the table: a cubic through the four radii round ln u."""
    if u >= EDGE:
        return 0.0
    step = (logs[-1] - logs[0]) / (logs.size - 1.0)
    place = (exact.log(max(u, _FIRST)) - logs[0]) / step
    k = min(max(int(place), 1), logs.size - 3)
    return _cubic(values, k, place - k)


@kernel
def _cubic(values: Array, k: int, t: float) -> float:
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
            far += weights[k] * 0.5 * z / _expansion(0.5 * z * (1.0 + nodes[k]))
        mass = exact.exp(2.302585092994046 * log10_mass[i])
        growth = _expansion(z)
        volume = 3.0 * mass / (2000.0 * 3.141592653589793 * RHO_CRIT * growth * growth)
        radius = exact.power(volume, 1.0 / 3.0)  # kpc
        pressure = 1.65e-3 * exact.power(growth, 8.0 / 3.0)
        pressure *= exact.power(mass / 3e14, 2.0 / 3.0 + 0.12)
        out[i, 0] = 1e-3 * radius
        out[i, 1] = 1e-3 * radius / (far * HUBBLE_MPC / (1.0 + z)) / _ARCMIN
        out[i, 2] = THOMSON * pressure * radius * KPC_CM
    return out


@kernel
def _expansion(z: float) -> float:
    return np.sqrt(OMEGA_M * (1.0 + z) * (1.0 + z) * (1.0 + z) + 1.0 - OMEGA_M)


@kernel(allocates=True)
def add_cluster(field, scale, theta500, x, y, sigma, pixel, logs, values, nodes, weights) -> None:
    """Add a blurred cluster to a field (H, W): scale F, at x, y arcmin from its middle.

    The profile is radial and so is what a Gaussian beam makes of it: a table over the distance,

        F_b(r) = int F(|r + sigma rho|) e^(-rho^2 / 2) d^2 rho / 2 pi,

    by Gauss-Legendre over rings and equal steps of their angle; then a cubic between. Theta500,
    sigma of the beam (0 for none) and the side of a pixel are in arcmin; logs and values are those
    of `table`.
    """
    rows, columns = field.shape
    reach = 0.75 * pixel * (rows + columns) + np.sqrt(x * x + y * y)
    last = _BLURRED - 4.0
    blurred = np.empty(_BLURRED)
    turns, rings = np.empty((_ANGLES, 2)), np.empty(nodes.size)
    for j in range(_ANGLES):
        turns[j, 0], turns[j, 1] = exact.sincosd(180.0 * (j + 0.5) / _ANGLES)
    for k in range(nodes.size):
        w = 0.5 * (1.0 + nodes[k])
        rings[k] = sigma * np.sqrt(-2.0 * exact.log((1.0 - w) * (1.0 + w)))
    for k in range(_BLURRED):
        part = (k - 1.0) / last  # the table is equally spaced in the root of the distance
        at = abs(reach * part * part)
        blurred[k] = _blur(at, theta500, sigma, logs, values, nodes, weights, turns, rings)
    for j in range(rows):
        dy = (j - 0.5 * (rows - 1.0)) * pixel - y
        for i in range(columns):
            dx = (i - 0.5 * (columns - 1.0)) * pixel - x
            place = last * np.sqrt(np.sqrt(dx * dx + dy * dy) / reach) + 1.0
            k = int(place)
            field[j, i] += scale * _cubic(blurred, k, place - k)


@kernel
def _blur(r, theta500, sigma, logs, values, nodes, weights, turns, rings) -> float:
    """F_b at the distance r: rings round the cluster's cusp near it, round the point elsewhere.

    ``turns`` holds sine and cosine of the angles, ``rings`` the radii round the point.
    """
    if sigma == 0.0:
        return _look_up(r / theta500, logs, values)
    near, total = r < _NEAR * sigma, 0.0
    for k in range(nodes.size):
        w = 0.5 * (1.0 + nodes[k])
        # Near: s = reach w^2. Elsewhere the share of the beam within rho is w^2.
        s, rho = (r + _REACH * sigma) * w * w, rings[k]
        ring = 0.0
        for j in range(_ANGLES):
            sine, cosine = turns[j, 0], turns[j, 1]
            if near:
                across, along = s * sine, s * cosine - r
                square = (across * across + along * along) / (sigma * sigma)
                ring += exact.exp(max(-0.5 * square, -700.0))
            else:
                dx, dy = r + rho * cosine, rho * sine
                ring += _look_up(np.sqrt(dx * dx + dy * dy) / theta500, logs, values)
        if near:
            wide = 2.0 * (r + _REACH * sigma) * s / (sigma * sigma)
            ring *= wide * _look_up(s / theta500, logs, values)
        total += weights[k] * w * ring / _ANGLES
    return 0.5 * total if near else total
