"""How the coverage of a shape answers to its parameters, in closed form.

Every edge is moved by every parameter: its ends are where `outline.sizes` and `outline.corners` put
them, and move as the derivatives of these say. Where an edge lies along the side of a pixel, the
coverage has a kink; its slope is then that towards larger coordinates of the pixel's own edges.
"""

from typing import Any

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.simulators.shapes.moving import (
    ANGLE,
    EXTENT,
    MOVES,
    RADIAN,
    RADIUS,
    RATIO,
    STROKE,
    move_bow,
    move_side,
)
from deepbench_hf.simulators.shapes.objects import ARC, ELLIPSE, FILLED, LINE, RECTANGLE
from deepbench_hf.simulators.shapes.outline import MOST_CORNERS, corners, is_round, sides, sizes

ANSWERING = (
    *("center_x_px", "center_y_px", "radius_px", "axis_ratio", "angle_deg"),
    *("extent_deg", "stroke_width_px"),
)
"""The parameters of the derivatives, in order."""

_TWO_PI = 6.283185307179586


@kernel(allocates=True)
def shape_slopes(objects: Any, slopes: Array) -> None:
    """Fill in (n, MOVES, H, W): derivatives of the coverage of one shape in each of n images."""
    slopes[:] = 0.0
    growth = np.zeros((MOVES, 2))
    for row in range(objects.size):
        o = objects[row]
        a, b, inner_a, inner_b = sizes(o)
        _grow(o, 1.0, growth)
        _move(o, a, b, growth, 1.0, slopes[row])
        if inner_b > 0.0:
            _grow(o, -1.0, growth)
            _move(o, inner_a, inner_b, growth, -1.0, slopes[row])


@kernel
def _grow(o: Any, edge: float, growth: Array) -> None:
    """Fill in the derivatives of the half-sizes of the outer (1) or the inner (-1) edge."""
    growth[:] = 0.0
    growth[RADIUS, 0] = growth[RADIUS, 1] = 1.0
    if o.kind == LINE:
        growth[RADIUS, 1], growth[STROKE, 1] = 0.0, 0.5
        return
    if o.kind == ELLIPSE or o.kind == RECTANGLE:
        growth[RADIUS, 1], growth[RATIO, 1] = o.axis_ratio, o.radius_px
    if o.style != FILLED or o.kind == ARC:
        wide = 0.5 / exact.cos(np.pi / sides(o.kind)) if o.kind > LINE else 0.5
        growth[STROKE, 0] = growth[STROKE, 1] = edge * wide


@kernel
def _move(o: Any, a: float, b: float, growth, sign: float, slopes) -> None:
    """Add what one edge sweeps."""
    x, y = o.center_x_px + 0.5, o.center_y_px + 0.5
    if o.kind == ARC:
        start = o.angle_deg * RADIAN
        ends = (start, start + min(o.extent_deg, 360.0) * RADIAN)
        move_bow(x, y, a, a, (0.0, 1.0), ends, growth, sign, slopes)
        if o.extent_deg < 360.0:
            _move_spokes(o, x, y, a, growth, sign, slopes)
    elif is_round(o.kind):
        turned = exact.sincosd(o.angle_deg)
        move_bow(x, y, a, b, turned, (0.0, _TWO_PI), growth, sign, slopes)
    else:
        _move_corners(o, x, y, a, b, growth, sign, slopes)


@kernel(allocates=True)
def _move_corners(o: Any, x, y, a, b, growth, sign, slopes) -> None:
    """Add what the sides between corners sweep."""
    px, py, speed = np.empty(MOST_CORNERS), np.empty(MOST_CORNERS), np.empty((MOVES, 4))
    count = corners(o, a, b, px, py)
    s, c = exact.sincosd(o.angle_deg)
    box = o.kind == RECTANGLE or o.kind == LINE
    for k in range(count):
        _start_speed(speed)
        for end in range(2):
            at = (k + end) % count
            # Along a and b, as shares of them; a regular polygon has one size, and it has both.
            u = (c * px[at] + s * py[at]) / a
            v = (c * py[at] - s * px[at]) / b
            for m in (RADIUS, RATIO, STROKE):
                along, across = growth[m, 0] * u, growth[m, 1 if box else 0] * v
                speed[m, 2 * end] = c * along - s * across
                speed[m, 2 * end + 1] = s * along + c * across
            _turn(ANGLE, end, px[at], py[at], speed)
        n = (k + 1) % count
        move_side(x + px[k], y + py[k], x + px[n], y + py[n], speed, sign, slopes)


@kernel(allocates=True)
def _move_spokes(o: Any, x, y, r, growth, sign, slopes) -> None:
    """Add what the ends of an arc sweep: of the whole sector, or of the one that is its hole."""
    speed = np.empty((MOVES, 4))
    for last in range(2):
        s, c = exact.sincosd(o.angle_deg + last * o.extent_deg)
        _start_speed(speed)
        out = 1 - last
        for m in (RADIUS, STROKE):
            speed[m, 2 * out], speed[m, 2 * out + 1] = growth[m, 0] * c, growth[m, 0] * s
        _turn(ANGLE, out, r * c, r * s, speed)
        if last == 1:
            _turn(EXTENT, out, r * c, r * s, speed)
        tip, middle = (x + r * c, y + r * s), (x, y)
        first, second = (middle, tip) if last == 0 else (tip, middle)
        move_side(*first, *second, speed, sign, slopes)


@kernel
def _start_speed(speed) -> None:
    """Set the velocities of both ends: with the centre, and none by anything else."""
    speed[:] = 0.0
    speed[0, 0] = speed[0, 2] = speed[1, 1] = speed[1, 3] = 1.0


@kernel
def _turn(move: int, end: int, px: float, py: float, speed) -> None:
    """Fill in the velocity of an end that is turned by degrees."""
    speed[move, 2 * end], speed[move, 2 * end + 1] = -RADIAN * py, RADIAN * px
