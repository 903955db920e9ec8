"""A cluster behind a Gaussian beam: its radial profile blurred, and drawn into a cutout."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.simulators.sz.pressure import cubic, look_up

RADII = 24
"""Nodes of the quadrature over the rings of a beam."""
BLURRED = 64
"""Distances of the table of a blurred profile."""
_ANGLES = 16
_NEAR, _REACH = 3.0, 6.5  # sigma: where the cusp is near, and how far the beam reaches


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
    reach = reach_of(rows, columns, pixel, x, y)
    at = distances(reach, BLURRED)
    profile = blurred(at, theta500, sigma, logs, values, nodes, weights)
    for j in range(rows):
        dy = (j - 0.5 * (rows - 1.0)) * pixel - y
        for i in range(columns):
            dx = (i - 0.5 * (columns - 1.0)) * pixel - x
            field[j, i] += scale * between(profile, np.sqrt(dx * dx + dy * dy), reach)


@kernel
def reach_of(rows: int, columns: int, pixel: float, x: float, y: float) -> float:
    """The largest distance of a table, arcmin: beyond the farthest corner."""
    return 0.75 * pixel * (rows + columns) + np.sqrt(x * x + y * y)


@kernel(allocates=True)
def distances(reach: float, count: int) -> Array:
    """Distances of a table, arcmin: equally spaced in their root, one of them before 0."""
    out = np.empty(count)
    for k in range(count):
        part = (k - 1.0) / (count - 4.0)
        out[k] = abs(reach * part * part)
    return out


@kernel
def between(profile: Array, distance: float, reach: float) -> float:
    """The value of a table at a distance."""
    place = (profile.size - 4.0) * np.sqrt(distance / reach) + 1.0
    k = int(place)
    return cubic(profile, k, place - k)


@kernel(allocates=True)
def blurred(at, theta500, sigma, logs, values, nodes, weights) -> Array:
    """F_b at distances, arcmin, (n,)."""
    turns, rings, out = np.empty((_ANGLES, 2)), np.empty(nodes.size), np.empty(at.size)
    for j in range(_ANGLES):
        turns[j, 0], turns[j, 1] = exact.sincosd(180.0 * (j + 0.5) / _ANGLES)
    for k in range(nodes.size):
        w = 0.5 * (1.0 + nodes[k])
        rings[k] = sigma * np.sqrt(-2.0 * exact.log((1.0 - w) * (1.0 + w)))
    for k in range(at.size):
        out[k] = _blur(at[k], theta500, sigma, logs, values, nodes, weights, turns, rings)
    return out


@kernel
def _blur(r, theta500, sigma, logs, values, nodes, weights, turns, rings) -> float:
    """F_b at the distance r: rings round the cluster's cusp near it, round the point elsewhere.

    ``turns`` holds sine and cosine of the angles, ``rings`` the radii round the point.
    """
    if sigma == 0.0:
        return look_up(r / theta500, logs, values)
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
                ring += look_up(np.sqrt(dx * dx + dy * dy) / theta500, logs, values)
        if near:
            wide = 2.0 * (r + _REACH * sigma) * s / (sigma * sigma)
            ring *= wide * look_up(s / theta500, logs, values)
        total += weights[k] * w * ring / _ANGLES
    return 0.5 * total if near else total
