"""A profile's means over pixels, its derivatives with them, from the edges of the pixels, float64.

The light itself is the divergence of the field (dx, dy) E(r) / (2 pi r^2), E the flux inside r; and
what moves comes in through the edges. Along a line at the distance c from the centre, r = r_min
cosh(u): smooth in u, whatever the cusp; Gauss-Legendre points on pieces of at most PIECE.

Source: as `cells.py`, whose way this is.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.light import density, enclosed
from deepbench_hf.simulators.sky.quadrature import ORDERS, RULES

PIECE = 1.0
NEAREST = 1e-9  # px, of a line from the centre
_RULE = len(ORDERS) - 1
_TWO_PI = 6.283185307179586


@kernel(allocates=True)
def add_edges(law, place, flows) -> None:
    """Add the image of a profile to the flows.

    Args:
        law: of the profile.
        place: of the profile.
        flows: (H, W, FLOWS), to which is added.
    """
    x, y, scale, q, c, s = place
    along = 1.0 / (scale * scale)
    across = along / (q * q)
    xx, yy = c * c * along + s * s * across, s * s * along + c * c * across
    xy = c * s * (along - across)
    unit = along / q
    rows, columns = flows.shape[:2]
    through = np.empty(5)
    for i in range(columns + 1):
        for j in range(rows):
            _cross(law, (yy, xy, xx), i - 0.5 - x, j - 0.5 - y, unit, through)
            if i > 0:
                _add(through, 1.0, np.int64(2), flows[j, i - 1])
            if i < columns:
                _add(through, -1.0, np.int64(2), flows[j, i])
    for j in range(rows + 1):
        for i in range(columns):
            _cross(law, (xx, xy, yy), j - 0.5 - y, i - 0.5 - x, unit, through)
            through[3], through[4] = through[4], through[3]
            if j > 0:
                _add(through, 1.0, np.int64(5), flows[j - 1, i])
            if j < rows:
                _add(through, -1.0, np.int64(5), flows[j, i])


@kernel
def _add(through, sign, first, flows) -> None:
    """Add what comes through an edge to the flows of the pixel on one side."""
    flows[0] += sign * through[0]
    flows[1] += sign * through[1]
    for k in range(3):
        flows[first + k] += sign * through[2 + k]


@kernel
def _asinh(x: float) -> float:
    size = exact.log(abs(x) + np.sqrt(x * x + 1.0))
    return -size if x < 0.0 else size


@kernel
def _cross(law, form, c, start, unit, through) -> None:
    """Fill in what comes through an edge: light, its derivative, and moving light times 1, c, t.

    Args:
        law: of the profile.
        form: of r^2 in t along and c across the line: of t^2, t c and c^2, 1/px^2.
        c: distance of the line from the centre, px.
        start: t of the edge's beginning, px.
        unit: brightness where g is 1, 1/px^2.
        through: output (5,).
    """
    c = c if abs(c) > NEAREST else NEAREST
    root = np.sqrt(form[0] * form[2] - form[1] * form[1])
    slope, foot = abs(c) * root / form[0], -form[1] / form[0] * c
    lower, upper = _asinh((start - foot) / slope), _asinh((start + 1.0 - foot) / slope)
    nearest = np.sqrt(form[0]) * slope
    pieces = int(np.ceil((upper - lower) / PIECE))
    step = (upper - lower) / pieces
    through[:] = 0.0
    for piece in range(pieces):
        for node in range(ORDERS[_RULE]):
            u = lower + step * (piece + 0.5 + RULES[_RULE, 0, node])
            grown = exact.exp(u)
            sinh, cosh = 0.5 * (grown - 1.0 / grown), 0.5 * (grown + 1.0 / grown)
            t, r = foot + slope * sinh, nearest * cosh
            weight = RULES[_RULE, 1, node] * step * slope * cosh * unit
            g = density(law, r)[0] * weight
            inside, by_shape = enclosed(law, r)
            field = weight * c / (_TWO_PI * r * r)
            through[0] += field * inside
            through[1] += field * by_shape
            through[2] += g
            through[3] += g * c
            through[4] += g * t
