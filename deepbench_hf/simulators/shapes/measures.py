"""Area, perimeter and direction of shapes, in closed form."""

from typing import Any

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.shapes.objects import ARC, CIRCLE, ELLIPSE, LINE, RECTANGLE
from deepbench_hf.simulators.shapes.outline import is_round, sides, sizes

RADIANS = 0.017453292519943295


@kernel
def measures(objects, area_px2, perimeter_px, angle_sin, angle_cos) -> None:
    """Fill in what is told of shapes (n, K), whose lengths are in px and angles in degrees.

    Area of what is drawn, px^2; length of the nominal outline, px; sine and cosine of N times the
    angle, N the order of the rotational symmetry, both 0 for a circle: (n, K) each.
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
    if o.kind == RECTANGLE and o.axis_ratio == 1.0:
        return 4
    if o.kind == ARC:
        return 1
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
        return 0.5 * RADIANS * o.extent_deg * squares
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
        return RADIANS * o.extent_deg * a
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
