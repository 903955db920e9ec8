"""The edges of a shape: sizes of the outer and the inner one, corners, and how far they reach.

A shape is what lies within its outer edge and outside its inner one, both around the same centre.
A stroke of width w is centred on the nominal outline and mitred: a circle has the radii r +- w/2,
an ellipse the semi-axes a +- w/2 and b +- w/2, a rectangle the sides s +- w, a regular polygon the
circumradii R +- (w/2) / cos(pi/N); where that leaves no inside, the shape is solid.
"""

from typing import Any

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.simulators.shapes.objects import ARC, ELLIPSE, FILLED, LINE, RECTANGLE

MOST_CORNERS = 12
NOTHING = 1e-9
"""Sizes below count as zero, px."""


@kernel
def is_round(kind: int) -> bool:
    """Whether a shape is bounded by ellipses: circle, ellipse, arc."""
    return kind <= ELLIPSE or kind == ARC


@kernel
def sides(kind: int) -> int:
    """Number of sides of a regular polygon, by its kind."""
    return kind - 2


@kernel
def sizes(o: Any) -> tuple[float, float, float, float]:
    """Half-sizes a and b of the outer and of the inner edge, along and across the angle, px.

    Semi-axes, half-sides, the circumradius twice, or the radius of an arc's edge twice; the inner
    ones are 0 where the shape is solid.
    """
    a, h = o.radius_px, 0.5 * o.stroke_width_px
    b = a * o.axis_ratio if o.kind == ELLIPSE or o.kind == RECTANGLE else a
    if o.kind == LINE:
        return a, h, 0.0, 0.0
    if o.kind != ARC and o.style == FILLED:
        return a, b, 0.0, 0.0
    if o.kind > LINE:
        h = h / exact.cos(np.pi / sides(o.kind))
    if min(a, b) - h > NOTHING:
        return a + h, b + h, a - h, b - h
    return a + h, b + h, 0.0, 0.0


@kernel
def origin(center: float) -> tuple[int, float]:
    """The pixel that holds a coordinate, and its distance in [0, 1) from that pixel's low edge."""
    pixel = int(np.floor(center + 0.5))
    return pixel, center - pixel + 0.5


@kernel
def reach(o: Any, a: float, b: float, s: float, c: float) -> tuple[float, float]:
    """How far an outer edge of half-sizes a, b (px) reaches from the centre along x and y, px.

    Of an arc its whole circle; s and c are sine and cosine of the angle.
    """
    if o.kind == RECTANGLE or o.kind == LINE:
        return abs(a * c) + abs(b * s), abs(a * s) + abs(b * c)
    if o.kind == ELLIPSE:
        return np.sqrt(a * a * c * c + b * b * s * s), np.sqrt(a * a * s * s + b * b * c * c)
    return a, a


@kernel
def corners(o: Any, a: float, b: float, x: Array, y: Array) -> int:
    """Fill in the corners of an edge with straight sides; return how many there are.

    Counter-clockwise, px from the centre, (MOST_CORNERS,); a and b are its half-sizes, px.
    """
    s, c = exact.sincosd(o.angle_deg)
    if o.kind == RECTANGLE or o.kind == LINE:
        x[0], y[0] = a * c - b * s, a * s + b * c
        x[1], y[1] = -a * c - b * s, -a * s + b * c
        x[2], y[2] = -x[0], -y[0]
        x[3], y[3] = -x[1], -y[1]
        return 4
    count = sides(o.kind)
    for k in range(count):
        s, c = exact.sincosd(o.angle_deg + 360.0 * k / count)
        x[k], y[k] = a * c, a * s
    return count
