"""Shapes as signed sums of convex pieces: half-planes, and at most one ellipse, intersected."""

from typing import Any

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.shapes import outline
from deepbench_hf.simulators.shapes.outline import ARC, LINE, MOST_CORNERS, RECTANGLE

MOST_PIECES = 4
_NUMBERS = "sign x y reach_x reach_y sin cos count sides inverse_a inverse_b apothem"
PIECE = np.dtype([*((n, "f8") for n in _NUMBERS.split()), ("planes", "f8", (MOST_CORNERS, 3))])
"""Sign (0 for none), centre and half-extents (px), sine and cosine of the angle, number of
half-planes; the sides of the ellipse's polygon (0 for no ellipse), inverse semi-axes (1 / px) and
apothem in units of them; the half-planes nx, ny, limit: nx x + ny y <= limit from the centre (px).
"""
FINENESS = 43.0
FEWEST_SIDES = 16.0


@kernel
def convex_pieces(o: Any, pieces: Any) -> None:
    """Fill in the convex pieces of an object: records of `PIECE`, (MOST_PIECES,)."""
    a, b, inner_a, inner_b = outline.sizes(o)
    parts = 2 if o.kind == ARC and 180.0 < o.extent_deg < 360.0 else 1
    for p in range(MOST_PIECES):
        pieces[p].sign = 0.0
    for p in range(parts):
        _piece(o, a, b, 1.0, p, parts, pieces[2 * p])
        if inner_b > 0.0:
            _piece(o, inner_a, inner_b, -1.0, p, parts, pieces[2 * p + 1])


@kernel
def _piece(o: Any, a: float, b: float, sign: float, part: int, parts: int, piece: Any) -> None:
    """Fill in what one edge of half-sizes a and b encloses."""
    s, c = exact.sincosd(o.angle_deg)
    piece.sign, piece.x, piece.y = sign, o.center_x_px, o.center_y_px
    piece.reach_x, piece.reach_y = outline.reach(o, a, b, s, c)
    piece.sin, piece.cos, piece.count, piece.sides = s, c, 0.0, 0.0
    if outline.is_round(o.kind):
        _ellipse(a, b, piece)
        if o.kind == ARC and o.extent_deg < 360.0:
            width = o.extent_deg / parts
            _wedge(o.angle_deg + part * width, width, piece)
    elif o.kind == RECTANGLE or o.kind == LINE:
        for quarter in range(4):
            _plane(piece, s, c, b if quarter & 1 else a)
            s, c = c, -s
    else:
        count = outline.sides(o.kind)
        apothem = a * exact.cos(np.pi / count)
        for k in range(count):
            s, c = exact.sincosd(o.angle_deg + 180.0 * (2 * k + 1) / count)
            _plane(piece, s, c, apothem)


@kernel
def _plane(piece: Any, s: float, c: float, limit: float) -> None:
    """Add the half-plane at a distance from the centre, with the sine and cosine of its normal."""
    at = int(piece.count)
    piece.planes[at, 0], piece.planes[at, 1], piece.planes[at, 2] = c, s, limit
    piece.count += 1.0


@kernel
def _wedge(start: float, width: float, piece: Any) -> None:
    """Add the two half-planes whose intersection is a sector of at most 180 degrees."""
    s, c = exact.sincosd(start)
    _plane(piece, -c, s, 0.0)
    s, c = exact.sincosd(start + width)
    _plane(piece, c, -s, 0.0)


@kernel
def _ellipse(a: float, b: float, piece: Any) -> None:
    """Set the ellipse, as a polygon of the same area with N ~ (a b)^(1/3) sides."""
    ab = a * b
    n = np.ceil(FINENESS * exact.exp2(exact.log2(ab) / 3.0))
    n = n if n > FEWEST_SIDES else FEWEST_SIDES
    s, c = exact.sincos(np.pi / n)
    piece.sides, piece.apothem = n, np.sqrt(np.pi * c / (n * s))
    piece.inverse_a, piece.inverse_b = 1.0 / a, 1.0 / b
