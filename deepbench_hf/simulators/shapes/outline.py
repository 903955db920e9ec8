"""The kinds and parameters of shapes, their edges and corners, area and perimeter.

A shape is what lies within its outer edge and outside its inner one, both around the same centre.
A stroke of width w is centred on the nominal outline and mitred: a circle has the radii r +- w/2,
an ellipse the semi-axes a +- w/2 and b +- w/2, a rectangle the sides s +- w, a regular polygon the
circumradii R +- (w/2) / cos(pi/N); where that leaves no inside, the shape is solid.
"""

from typing import Any

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import DEGREE
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.fields import CENTER, Parameter, one_of

CIRCLE, ELLIPSE, RECTANGLE, ARC, LINE = range(5)
CLOSED = ("circle", "ellipse", "rectangle")
STROKES = ("arc", "line")
POLYGONS = (
    *("triangle", "square", "pentagon", "hexagon", "heptagon"),
    *("octagon", "nonagon", "decagon", "hendecagon", "dodecagon"),
)
KINDS = (*CLOSED, *STROKES, *POLYGONS)
"""From 5 on, kind k is the regular polygon with k - 2 sides."""

FILLED, OUTLINE = range(2)
STYLES = ("filled", "outline")

SHAPE = {
    **CENTER,
    "radius_px": Parameter(
        "pix", "half the longest extent: radius, semi-major axis, half the long side, circumradius",
        0.05, 4096, symbol="R",
    ),
    "axis_ratio": Parameter(
        "1", "short over long axis or side", 0.01, 1, 1, only={"kind": CLOSED[1:]}, absent=1,
        symbol="q",
    ),
    "angle_deg": Parameter(
        "deg", "from +x to +y: of the long axis, the first vertex, the start of the arc",
        -360, 360, 0, only={"kind": KINDS[1:]}, symbol=r"\phi",
        period=360, folds={"kind": (1, 2, 2, 1, 2, *range(3, 13))},
    ),
    "extent_deg": Parameter(
        "deg", "angle that the arc spans", 0, 360, 180, only={"kind": ("arc",)},
        symbol=r"\Delta\phi",
    ),
    "style": one_of(
        "filled, or the outline alone", STYLES, default=FILLED,
        only={"kind": (*CLOSED, *POLYGONS)}, absent=OUTLINE, symbol="s",
    ),
    "stroke_width_px": Parameter(
        "pix", "width of the outline", 0, 1000, 1, only={"style": ("outline",)}, symbol="w"
    ),
}  # fmt: skip
"""The parameters of one shape, its kind left out."""


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


@kernel
def measures(objects, area_px2, perimeter_px, angle_sin, angle_cos) -> None:
    """Fill in what is told of shapes (n, K), whose lengths are in px and angles in degrees.

    Area of what is drawn, px^2; length of the nominal outline, px; sine and cosine of N times the
    angle, N the order of the rotational symmetry, both 0 for a circle or a ring: (n, K) each.
    """
    for i in range(objects.shape[0]):
        for k in range(objects.shape[1]):
            o = objects[i, k]
            area_px2[i, k], perimeter_px[i, k] = area(o), perimeter(o)
            order = symmetry(o)
            s, c = exact.sincosd(order * o.angle_deg)
            angle_sin[i, k], angle_cos[i, k] = (s, c) if order > 0 else (0.0, 0.0)


@kernel
def symmetry(o: Any) -> int:
    """Order N of the rotational symmetry: a turn by 360 / N degrees changes nothing; 0 for all."""
    if o.kind == CIRCLE or (o.kind == ELLIPSE and o.axis_ratio == 1.0):
        return 0
    if o.kind == ARC:
        return 1 if o.extent_deg < 360.0 else 0
    if o.kind == RECTANGLE and o.axis_ratio == 1.0:
        return 4
    return sides(o.kind) if o.kind > LINE else 2


@kernel
def area(o: Any) -> float:
    """Area within the outer edge less that within the inner one, px^2.

    pi a b for an ellipse, half the extent times r^2 for a sector, 4 a b for a rectangle of
    half-sides a and b, (N / 2) R^2 sin(2 pi / N) for a regular polygon.
    """
    a, b, inner_a, inner_b = sizes(o)
    squares = a * b - inner_a * inner_b
    if o.kind == ARC:
        return 0.5 * DEGREE * o.extent_deg * squares
    if is_round(o.kind):
        return np.pi * squares
    if o.kind == RECTANGLE or o.kind == LINE:
        return 4.0 * squares
    count = sides(o.kind)
    return 0.5 * count * exact.sin(2.0 * np.pi / count) * squares


@kernel
def perimeter(o: Any) -> float:
    """Length of the nominal outline, px: of an arc its extent times r, of a line its length."""
    a = o.radius_px
    if o.kind == ARC:
        return DEGREE * o.extent_deg * a
    if o.kind == LINE:
        return 2.0 * a
    if o.kind == RECTANGLE:
        return 4.0 * (a + a * o.axis_ratio)
    if is_round(o.kind):
        return a * _unit_ellipse(o.axis_ratio if o.kind == ELLIPSE else 1.0)
    return 2.0 * sides(o.kind) * a * exact.sin(np.pi / sides(o.kind))


@kernel
def _unit_ellipse(ratio: float) -> float:
    """Perimeter of the ellipse with semi-axes 1 and `ratio`, by the arithmetic-geometric mean.

    (2 pi / M(1, b)) (1 - sum_n 2^(n - 1) c_n^2), c_0^2 = 1 - b^2, c_(n + 1) = (a_n - b_n) / 2.

    Source: NIST Digital Library of Mathematical Functions, 19.8.6 with 19.30.5.
    """
    a, b = 1.0, ratio
    rest, power = 1.0 - 0.5 * (1.0 - b * b), 0.5
    while a - b > 1e-9:
        half = 0.5 * (a - b)
        power *= 2.0
        rest -= power * half * half
        a, b = 0.5 * (a + b), np.sqrt(a * b)
    return 4.0 * np.pi / (a + b) * rest
