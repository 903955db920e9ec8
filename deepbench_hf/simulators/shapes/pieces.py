"""Shapes as signed sums of convex pieces: half-planes, and at most one ellipse, intersected."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.shapes.objects import ARC, LINE, RECTANGLE
from deepbench_hf.simulators.shapes.outline import MOST_CORNERS, is_round, reach, sides, sizes

MOST_PIECES = 4
SIGN, X, Y, REACH_X, REACH_Y, SIN, COS, COUNT, SIDES, INVERSE_A, INVERSE_B, APOTHEM, PLANES = range(
    13
)
"""Places in a piece: its sign (0 for none), centre and half-extents (px), sine and cosine of the
angle, number of half-planes; the sides of the ellipse's polygon (0 for no ellipse), inverse
semi-axes (1 / px) and apothem in units of them; the half-planes nx, ny, limit, three numbers each:
nx x + ny y <= limit from the centre (px)."""
FIELDS = PLANES + 3 * MOST_CORNERS
FINENESS = 43.0
FEWEST_SIDES = 16.0


@kernel
def convex_pieces(o: Any, pieces: NDArray[np.float64]) -> None:
    """Fill in the convex pieces of an object.

    Args:
        o: One object.
        pieces: Output, shape (MOST_PIECES, FIELDS).
    """
    a, b, inner_a, inner_b = sizes(o)
    parts = 2 if o.kind == ARC and 180.0 < o.extent_deg < 360.0 else 1
    for p in range(MOST_PIECES):
        pieces[p, SIGN] = 0.0
    for p in range(parts):
        _piece(o, a, b, 1.0, p, parts, pieces[2 * p])
        if inner_b > 0.0:
            _piece(o, inner_a, inner_b, -1.0, p, parts, pieces[2 * p + 1])


@kernel
def _piece(
    o: Any, a: float, b: float, sign: float, part: int, parts: int, piece: NDArray[np.float64]
) -> None:
    """Fill in what one edge of half-sizes a and b encloses."""
    s, c = exact.sincosd(o.angle_deg)
    piece[SIGN], piece[X], piece[Y] = sign, o.center_x_px, o.center_y_px
    piece[REACH_X], piece[REACH_Y] = reach(o, a, b, s, c)
    piece[SIN], piece[COS], piece[COUNT], piece[SIDES] = s, c, 0.0, 0.0
    if is_round(o.kind):
        _ellipse(a, b, piece)
        if o.kind == ARC and o.extent_deg < 360.0:
            width = o.extent_deg / parts
            _wedge(o.angle_deg + part * width, width, piece)
    elif o.kind == RECTANGLE or o.kind == LINE:
        for quarter in range(4):
            _plane(piece, s, c, b if quarter & 1 else a)
            s, c = c, -s
    else:
        count = sides(o.kind)
        apothem = a * exact.cos(np.pi / count)
        for k in range(count):
            s, c = exact.sincosd(o.angle_deg + 180.0 * (2 * k + 1) / count)
            _plane(piece, s, c, apothem)


@kernel
def _plane(piece: NDArray[np.float64], s: float, c: float, limit: float) -> None:
    """Add the half-plane at a distance from the centre, with the sine and cosine of its normal."""
    at = PLANES + 3 * int(piece[COUNT])
    piece[at], piece[at + 1], piece[at + 2] = c, s, limit
    piece[COUNT] += 1.0


@kernel
def _wedge(start: float, width: float, piece: NDArray[np.float64]) -> None:
    """Add the two half-planes whose intersection is a sector of at most 180 degrees."""
    s, c = exact.sincosd(start)
    _plane(piece, -c, s, 0.0)
    s, c = exact.sincosd(start + width)
    _plane(piece, c, -s, 0.0)


@kernel
def _ellipse(a: float, b: float, piece: NDArray[np.float64]) -> None:
    """Set the ellipse, as a polygon of the same area with N ~ (a b)^(1/3) sides."""
    ab = a * b
    n = np.ceil(FINENESS * exact.exp2(exact.log2(ab) / 3.0))
    n = n if n > FEWEST_SIDES else FEWEST_SIDES
    s, c = exact.sincos(np.pi / n)
    piece[SIDES], piece[APOTHEM] = n, np.sqrt(np.pi * c / (n * s))
    piece[INVERSE_A], piece[INVERSE_B] = 1.0 / a, 1.0 / b
