"""A profile under a Gaussian, its derivatives with it: sums over the points of rings, float64.

    image(p) = sum over points x of g(r) dA K(p - x),  K the mean of the Gaussian over a pixel

Only K depends on where the points are, and it is smooth: so all that moves the light is a
derivative of K, and a cusp of the profile does no harm. The rings are round, with the radii
C ln(1 + e^u) at equal steps of u: equal steps of ln r near the centre, where any cusp is smooth in
ln r, and equal steps of r far out. Points are at equal angles. Equally spaced sums of smooth
functions are exact but for what is finer than the steps: of the Gaussian e^(-FINE^2 / 2).

Source: L. N. Trefethen, J. A. C. Weideman, The exponentially convergent trapezoidal rule, SIAM
Review 56 (2014) 385.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.flows import (
    LIGHT,
    SHAPE,
    WIDTH,
    WING,
    X_DX,
    X_DY,
    Y_DX,
    Y_DY,
    X,
    Y,
)
from deepbench_hf.simulators.sky.gaussian import at_edges
from deepbench_hf.simulators.sky.light import density, enclosed, ring_step

FINE = 6.0
"""Wave number over which a Gaussian of standard deviation 1 holds nothing."""
REACH = 5.8
"""Standard deviations from a Gaussian's middle beyond which nothing is left."""
CORE = 1e-9
"""Share of the flux, near the centre, that no ring holds."""
FEWEST, LEANING = 8, 30.0
"""Points of a small ring around a round profile, and more of them the flatter it is."""
_TWO_PI = 6.283185307179586


@kernel(allocates=True)
def add_rings(law, place, sigma: float, weight: float, wing: float, flows) -> None:
    """Add an image under one Gaussian of the point-spread function to the flows.

    Args:
        law: of the profile.
        place: of the profile.
        sigma: of the Gaussian, px.
        weight: its share of the flux.
        wing: the derivative of the share with respect to the exponent.
        flows: (H, W, FLOWS), to which is added.
    """
    rows, columns = flows.shape[0], flows.shape[1]
    x, y, scale, q = place[0], place[1], place[2], place[3]
    limit = REACH * sigma + 0.5
    wide = max(abs(x + limit), abs(columns - 1 + limit - x))
    high = max(abs(y + limit), abs(rows - 1 + limit - y))
    last = np.sqrt(wide * wide + high * high)
    step, space = ring_step(law), np.empty((6, max(rows, columns) + 2))
    bend = _TWO_PI / FINE * sigma / step
    u, radius = _first(law, q * scale / bend), 0.0
    while radius < last and (u < 0.0 or 1.0 - enclosed(law, radius / scale)[0] > CORE):
        grown = exact.exp(-abs(u))
        radius = bend * (exact.log(1.0 + grown) + max(u, 0.0))
        widening = bend * (1.0 if u > 0.0 else grown) / (1.0 + grown)
        number = int(FEWEST + LEANING * (1.0 / q - 1.0) + FINE * radius / sigma)
        area = radius * widening * step * _TWO_PI / (number * scale * scale * q)
        _add_ring(law, place, radius, number, sigma, (weight * area, wing * area), space, flows)
        u += step


@kernel
def _first(law, scale: float) -> float:
    """The u of the first ring, inside which there is next to no light."""
    u = exact.log(scale)
    while enclosed(law, exact.exp(u) / scale)[0] > CORE:
        u -= 1.0
    return u


@kernel
def _add_ring(law, place, radius, number, sigma, areas, space, flows) -> None:
    """Add the points of one ring."""
    x, y, scale, q, c, s = place
    rows, columns, limit = flows.shape[0], flows.shape[1], REACH * sigma + 0.5
    g, g_shape = 0.0, 0.0
    for k in range(number):
        sine, cosine = exact.sincos(_TWO_PI * k / number)
        dx, dy = radius * (c * cosine - s * sine), radius * (s * cosine + c * sine)
        if k == 0 or q != 1.0:
            r = radius / scale * np.sqrt(cosine * cosine + sine * sine / (q * q))
            g, g_shape = density(law, r)
        if abs(x + dx - 0.5 * (columns - 1)) > limit + 0.5 * columns:
            continue
        if abs(y + dy - 0.5 * (rows - 1)) > limit + 0.5 * rows:
            continue
        left, wide = set_shares(x + dx, columns, sigma, limit, space[:3])
        top, high = set_shares(y + dy, rows, sigma, limit, space[3:])
        light = (areas[0] * g, areas[0] * g_shape, areas[1] * g)
        add_point(dx, dy, top, high, left, wide, light, space, flows)


@kernel
def set_shares(x, size, sigma, limit, shares) -> tuple[int, int]:
    """Fill in the shares of the pixels near a point: themselves, by x, by ln sigma."""
    first = max(int(np.ceil(x - limit)), 0)
    count = max(min(int(np.floor(x + limit)), size - 1) - first + 1, 0)
    start = first - 0.5 - x
    below, density = shares[0, : count + 1], shares[1, : count + 1]
    at_edges(start, sigma, below, density)
    for m in range(count):
        shares[0, m] = below[m + 1] - below[m]
        shares[2, m] = (start + m) * density[m] - (start + m + 1.0) * density[m + 1]
        shares[1, m] = density[m + 1] - density[m]
    return first, count


@kernel
def add_point(dx, dy, top, high, left, wide, light, space, flows) -> None:
    """Add the light of one point."""
    unit, by_shape, by_wing = light
    for m in range(high):
        share, slope, broad = unit * space[3, m], unit * space[4, m], unit * space[5, m]
        shape, wing = by_shape * space[3, m], by_wing * space[3, m]
        line = flows[top + m]
        for i in range(wide):
            pixel, here = line[left + i], space[0, i]
            by_x, by_y = share * space[1, i], slope * here
            pixel[LIGHT] += share * here
            pixel[SHAPE] += shape * here
            pixel[X] += by_x
            pixel[X_DX] += dx * by_x
            pixel[X_DY] += dy * by_x
            pixel[Y] += by_y
            pixel[Y_DX] += dx * by_y
            pixel[Y_DY] += dy * by_y
            pixel[WIDTH] += share * space[2, i] + broad * here
            pixel[WING] += wing * here
