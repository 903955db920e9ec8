"""How the image of a blurred cluster answers to its mass, its redshift and its place."""

from collections.abc import Callable

import numpy as np

from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.simulators.differences import Arrays, richardson
from deepbench_hf.simulators.sz.beam import BLURRED, between, blurred, distances, reach_of
from deepbench_hf.simulators.sz.profiles import Cluster

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
    at, quadrature = distances(reach, BLURRED), gauss_legendre(RINGS)

    def seen(mass: float, z: float) -> Array:
        one = profile(mass, z)
        found = blurred(at, one.theta500, sigma, one.logs, one.values, *quadrature)
        return one.scale * found

    own = profile(log10_mass, redshift)

    def along(shift: Array) -> Arrays:
        moved = np.abs(at + shift[0])
        found = blurred(moved, own.theta500, sigma, own.logs, own.values, *quadrature)
        return (own.scale * found[None],)

    tables = [
        richardson(
            lambda v: (seen(v[0], redshift)[None],), np.array([log10_mass]), np.array([_MASS])
        ),
        richardson(
            lambda v: (seen(log10_mass, v[0])[None],),
            np.array([redshift]),
            np.array([_REDSHIFT * redshift]),
        ),
        richardson(along, np.zeros(1), np.array([_WAY * sigma])),
    ]
    slopes = np.empty((4, *size))
    _draw(np.concatenate([table for (table,) in tables]), reach, x, y, pixel, slopes)
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
