"""A galaxy behind a lens: every point of the sky has the brightness of where its light comes from.

    beta = theta - alpha(theta),  kappa = theta_E / 2 sqrt(q u^2 + v^2 / q)

with u and v along the axes of the lens: a singular isothermal ellipsoid, for q = 1 a sphere. With
psi^2 = q^2 u^2 + v^2 and f^2 = 1 - q^2

    alpha_u = theta_E sqrt(q) / f arctan(f u / psi)
    alpha_v = theta_E sqrt(q) / f artanh(f v / psi)

The derivative of beta is 1 along the direction from the lens and 1 - 2 kappa across it.

Source: R. Kormann, P. Schneider, M. Bartelmann, Isothermal elliptical gravitational lens models,
Astronomy and Astrophysics 284 (1994) 285; theta_E as the geometric mean of the ellipse's axes.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

LENSED = np.dtype(
    [
        (name, "f8")
        for name in (
            *("x", "y", "axis_ratio", "angle_deg", "einstein_radius"),
            *("source_x", "source_y", "source_radius", "source_index", "source_ratio"),
            *("source_angle_deg", "source_flux"),
        )
    ]
)
"""A lens and the galaxy behind it: px, deg, electrons/s; without flux there is none."""

PLACES = 4
"""Numbers of a point: see `fill_places`."""
_ROUND = 1e-5  # f below which an ellipsoid is a sphere, to f^2
TINY = 1e-9  # px


@kernel(inline=True)
def deflection(u: float, v: float, q: float) -> tuple[float, float]:
    """Deflection by an isothermal ellipsoid over its Einstein radius.

    Args:
        u, v: distance from the lens along its major and its minor axis, any unit.
        q: axis ratio of the surfaces of equal convergence.

    Returns:
        alpha_u, alpha_v, dimensionless; 0 at the centre, where there is no direction.
    """
    f = np.sqrt((1.0 - q) * (1.0 + q))
    f = f if f > _ROUND else _ROUND
    psi = np.sqrt(q * q * u * u + v * v)
    scale, z = np.sqrt(q) / f, f * v / (psi if psi > 0.0 else 1.0)
    return scale * exact.atan2(f * u, psi), scale * 0.5 * exact.log((1.0 + z) / (1.0 - z))


@kernel
def fill_places(one, left, y, step, soft, count, work) -> None:
    """Fill in where in the source the light of a row of points comes from.

    In units of the source's axes, with b the mean place and M the matrix of what spreads it:

        b.b, det(M) b.M^-1 b, trace(M), det(M).

    Args:
        one: a record of `LENSED`.
        left, y, step: place of the first point, and distance of the next, px.
        soft: variance that spreads light in the sky, px^2.
        count: of points.
        work: output (`PLACES`, count or more), float32.
    """
    s, c = exact.sincosd(one.angle_deg)
    sine, cosine = exact.sincosd(one.source_angle_deg - one.angle_deg)
    x, q, flat = one.x - one.source_x, one.axis_ratio, 1.0 / one.source_ratio
    off_u, off_v = c * x + s * (one.y - one.source_y), c * (one.y - one.source_y) - s * x
    over, dy, flat = 1.0 / (one.source_radius * one.source_radius), y - one.y, flat * flat
    for i in range(count):
        dx = left + step * np.int32(i) - one.x
        u, v = c * dx + s * dy, c * dy - s * dx
        bend_u, bend_v = deflection(u, v, q)
        ring = np.sqrt(q * u * u + v * v / q) + TINY
        pull = 0.5 * soft * one.einstein_radius / (ring * ring * ring)
        b_u = u - one.einstein_radius * bend_u + pull * q * u + off_u
        b_v = v - one.einstein_radius * bend_v + pull * v / q + off_v
        across, turn = 1.0 - one.einstein_radius / ring, one.einstein_radius / (ring * ring)
        across, away = across * across + soft * turn * turn, np.sqrt(u * u + v * v) + TINY
        u, v = u / away, v / away
        major, minor = cosine * b_u + sine * b_v, cosine * b_v - sine * b_u
        along, beside = b_u * u + b_v * v, b_v * u - b_u * v
        p, r = cosine * u + sine * v, cosine * v - sine * u
        work[0, i] = over * (major * major + flat * minor * minor)
        work[1, i] = over * over * flat * soft * (across * along * along + beside * beside)
        work[2, i] = over * soft * (p * p + flat * r * r + across * (r * r + flat * p * p))
        work[3, i] = over * over * flat * soft * soft * across
