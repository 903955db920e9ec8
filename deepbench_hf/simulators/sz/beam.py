"""A cluster behind a Gaussian beam: its profile blurred, drawn into a cutout, its derivatives."""

from collections.abc import Callable

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.simulators.differences import Arrays, richardson
from deepbench_hf.simulators.sz.pressure import cubic, look_up, place_of, value_at
from deepbench_hf.simulators.sz.profiles import Cluster

RADII = 24
"""Nodes of the quadrature over the rings of a beam."""
BLURRED, _WIDE = 64, 20.0
"""Distances of the table of a blurred profile, up to so many arcmin; of wider ones more."""
_ANGLES = 16
_NEAR, _REACH = 3.0, 6.5  # sigma: where the cusp is near, and how far the beam reaches
_COMPACT, _FAR = 0.8, 6.0
"""Theta500 over sigma of a cluster that rings round other places miss, and how far, in sigma."""


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
    near = cusp_reach(theta500, sigma)
    profile = blurred(distances(reach), theta500, sigma, near, logs, values, nodes, weights)
    for j in range(rows):
        dy = (j - 0.5 * (rows - 1.0)) * pixel - y
        for i in range(columns):
            dx = (i - 0.5 * (columns - 1.0)) * pixel - x
            field[j, i] += scale * between(profile, np.sqrt(dx * dx + dy * dy), reach)


@kernel
def reach_of(rows: int, columns: int, pixel: float, x: float, y: float) -> float:
    """The largest distance of a table, arcmin: beyond the farthest corner."""
    return 0.75 * pixel * (rows + columns) + np.sqrt(x * x + y * y)


@kernel
def cusp_reach(theta500: float, sigma: float) -> float:
    """How far from the middle of a cluster the rings of its beam are round its cusp, arcmin."""
    return (_FAR if theta500 < _COMPACT * sigma else _NEAR) * sigma


@kernel(allocates=True)
def distances(reach: float) -> Array:
    """Distances of a table, arcmin: equally spaced in their root, one of them before 0."""
    count = BLURRED if reach <= _WIDE else int(BLURRED * np.sqrt(reach / _WIDE))
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
def blurred(at, theta500, sigma, near, logs, values, nodes, weights) -> Array:
    """F_b at distances, arcmin, (n,); ``near`` as `cusp_reach` has it."""
    turns, out, sums = np.empty((_ANGLES, 2)), np.empty(at.size), np.empty(nodes.size)
    w, rings, places = np.empty(nodes.size), np.empty(nodes.size), np.empty(nodes.size)
    for j in range(_ANGLES):
        turns[j, 0], turns[j, 1] = exact.sincosd(180.0 * (j + 0.5) / _ANGLES)
    for k in range(nodes.size):
        w[k] = 0.5 * (1.0 + nodes[k])
        rings[k] = sigma * np.sqrt(-2.0 * exact.log((1.0 - w[k]) * (1.0 + w[k])))
    for i in range(at.size):
        r, total = at[i], 0.0
        if sigma == 0.0:
            out[i] = look_up(r / theta500, logs, values)
            continue
        # Rings round the cluster's cusp near it, round the point elsewhere.
        if r < near:
            _round_cusp(r, sigma, theta500, logs, values, w, turns, sums)
        else:
            _round_point(r, theta500, logs, values, rings, turns, places, sums)
        for k in range(nodes.size):
            total += weights[k] * w[k] * sums[k] / _ANGLES
        out[i] = 0.5 * total if r < near else total
    return out


@kernel
def _round_cusp(r, sigma, theta500, logs, values, w, turns, sums) -> None:
    """Sums over the angles of rings of radius reach w^2 round the middle, seen from a distance r.

    ``turns`` holds sine and cosine of the angles.
    """
    reach = r + _REACH * sigma
    sums[:] = 0.0
    for j in range(turns.shape[0]):
        sine, cosine = turns[j, 0], turns[j, 1]
        for k in range(w.size):
            s = reach * w[k] * w[k]
            across, along = s * sine, s * cosine - r
            square = (across * across + along * along) / (sigma * sigma)
            sums[k] += exact.exp(max(-0.5 * square, -700.0))
    for k in range(w.size):
        s = reach * w[k] * w[k]
        sums[k] *= 2.0 * reach * s / (sigma * sigma) * look_up(s / theta500, logs, values)


@kernel
def _round_point(r, theta500, logs, values, rings, turns, places, sums) -> None:
    """Sums over the angles of rings round a point at a distance r: a ring of w has a share w^2."""
    sums[:] = 0.0
    for j in range(turns.shape[0]):
        sine, cosine = turns[j, 0], turns[j, 1]
        for k in range(rings.size):
            dx, dy = r + rings[k] * cosine, rings[k] * sine
            places[k] = place_of(np.sqrt(dx * dx + dy * dy) / theta500, logs)
        for k in range(rings.size):
            sums[k] += value_at(places[k], values)


RINGS = 48
"""Nodes of the quadrature over the rings of a beam."""
_MASS, _REDSHIFT, _WAY = 0.02, 0.01, 1.0
"""Largest steps of log10 M500, of the redshift over itself, of a distance over the beam's sigma."""


def cluster_slopes(
    profile: Callable[[float, float], Cluster],
    log10_mass: float,
    redshift: float,
    x: float,
    y: float,
    sigma: float,
    size: tuple[int, int],
    pixel: float,
) -> Array:
    """Derivatives of the Compton parameter behind a beam, (4, H, W): by mass, redshift, x and y.

    The profile is radial: its table over the distance is differentiated by differences of six
    points, and drawn as `beam.add_cluster` draws it.

    Args:
        profile: one of `profiles.PROFILES`.
        log10_mass: of M500 over the Sun's.
        redshift: z.
        x, y: where the cluster is, arcmin from the middle.
        sigma: of the beam, arcmin.
        size: height and width, pixels.
        pixel: side of a pixel, arcmin.
    """
    reach = reach_of(*size, pixel, x, y)
    at, quadrature = distances(reach), gauss_legendre(RINGS)
    near = cusp_reach(profile(log10_mass, redshift).theta500, sigma)  # the same for all differences

    def seen(mass: float, z: float, shift: float) -> Array:
        one = profile(mass, z)
        drawn = np.abs(at + shift), one.theta500, sigma, near, one.logs, one.values
        return one.scale * blurred(*drawn, *quadrature)

    own, steps = (log10_mass, redshift, 0.0), (_MASS, _REDSHIFT * redshift, _WAY * sigma)
    tables = np.empty((3, len(at)))
    for k, step in enumerate(steps):

        def at_other(value: Array, k: int = k) -> Arrays:
            other = [*own[:k], value[0], *own[k + 1 :]]
            return (seen(*other)[None],)

        (tables[k],) = richardson(at_other, np.array([own[k]]), np.array([step]))
    slopes = np.empty((4, *size))
    _draw(tables, reach, x, y, pixel, slopes)
    return slopes


@kernel
def _draw(tables: Array, reach: float, x: float, y: float, pixel: float, slopes: Array) -> None:
    """Fill in the derivatives by mass, redshift, x and y, from tables by mass, redshift and way."""
    _, rows, columns = slopes.shape
    for j in range(rows):
        dy = (j - 0.5 * (rows - 1.0)) * pixel - y
        for i in range(columns):
            dx = (i - 0.5 * (columns - 1.0)) * pixel - x
            distance = np.sqrt(dx * dx + dy * dy)
            slopes[0, j, i] = between(tables[0], distance, reach)
            slopes[1, j, i] = between(tables[1], distance, reach)
            outwards = between(tables[2], distance, reach)
            slopes[2, j, i] = -outwards * dx / distance if distance > 0.0 else 0.0
            slopes[3, j, i] = -outwards * dy / distance if distance > 0.0 else 0.0
