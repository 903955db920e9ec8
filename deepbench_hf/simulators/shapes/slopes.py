"""How the coverage of a shape answers to its parameters, in closed form.

Every edge is moved by every parameter: its ends are where `outline.sizes` and `outline.corners` put
them, and move as the derivatives of these say. Where an edge lies along the side of a pixel, the
coverage has a kink; its slope is then that towards larger coordinates of the pixel's own edges.

The coverage of a pixel grows by the integral of v x dx over the part of the edge inside it, v the
velocity of its points and dx along the edge, counter-clockwise around the shape. On a straight side
v is linear, on an ellipse the integrand is a product of two sines: both in closed form.

Source: O. Reynolds, Papers on Mechanical and Physical Subjects 3 (1903): the transport theorem.
"""

from typing import Any

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import DEGREE, TWO_PI
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.simulators.shapes import outline
from deepbench_hf.simulators.shapes.outline import ARC, ELLIPSE, FILLED, LINE, RECTANGLE

CENTER_X, CENTER_Y, RADIUS, RATIO, ANGLE, EXTENT, STROKE = range(7)
MOVES = 7


@kernel
def move_side(x0, y0, x1, y1, speed, sign: float, slopes) -> None:
    """Add what a straight side sweeps to slopes (MOVES, H, W); sign is -1 for a hole.

    From (x0, y0) to (x1, y1), px; pixel (j, i) is the square from (i, j) to (i + 1, j + 1). The
    velocities of its ends, vx0, vy0, vx1, vy1, for each parameter are ``speed`` (MOVES, 4).
    """
    dx, dy, s = x1 - x0, y1 - y0, 0.0
    while s < 1.0:
        end = min(_next(x0, dx, s), _next(y0, dy, s))
        middle, length = 0.5 * (s + end), sign * (end - s)
        i, j = int(np.floor(x0 + middle * dx)), int(np.floor(y0 + middle * dy))
        if 0 <= i < slopes.shape[2] and 0 <= j < slopes.shape[1]:
            for k in range(MOVES):
                vx = speed[k, 0] + middle * (speed[k, 2] - speed[k, 0])
                vy = speed[k, 1] + middle * (speed[k, 3] - speed[k, 1])
                slopes[k, j, i] += length * (vx * dy - vy * dx)
        s = end


@kernel
def _next(start: float, step: float, s: float) -> float:
    """Where on a side, from 0 to 1, it crosses the next line of the grid after s."""
    if step == 0.0:
        return 1.0
    line = np.floor(start + s * step) + 1.0 if step > 0.0 else np.ceil(start + s * step) - 1.0
    end = (line - start) / step
    if end <= s:  # rounding put s before the line that it is on
        end = (line + (1.0 if step > 0.0 else -1.0) - start) / step
    return min(end, 1.0)


@kernel(allocates=True)
def move_bow(x, y, a, b, turned, ends, growth, sign: float, slopes) -> None:
    """Add what an ellipse with the centre (x, y) and semi-axes a, b, px, or a part of it sweeps.

    ``turned`` is sine and cosine of the angle of a, ``ends`` the eccentric angles of the ends, rad,
    the second at most a turn beyond the first, ``growth`` the derivatives of a and b, (MOVES, 2).
    """
    s, c = turned
    rows, columns = slopes.shape[1:]
    angles = np.empty(2 * (rows + columns) + 6)
    angles[0], angles[1], count = ends[0], ends[1], 2
    count = _meet(x, a * c, -b * s, columns, ends, angles, count)
    count = _meet(y, a * s, b * c, rows, ends, angles, count)
    order = angles[:count]
    _sort(order)
    s0, c0 = exact.sincos(order[0])
    for k in range(count - 1):
        s1, c1 = exact.sincos(order[k + 1])
        sine, cosine = exact.sincos(0.5 * (order[k] + order[k + 1]))
        u, v = a * cosine, b * sine
        i, j = int(np.floor(x + c * u - s * v)), int(np.floor(y + s * u + c * v))
        if 0 <= i < columns and 0 <= j < rows:
            width, along, across = order[k + 1] - order[k], b * (s1 - s0), a * (c0 - c1)
            squares = 0.5 * (width + s1 * c1 - s0 * c0)
            slopes[CENTER_X, j, i] += sign * (c * along - s * across)
            slopes[CENTER_Y, j, i] += sign * (s * along + c * across)
            swept = 0.5 * (a * a - b * b) * (s1 * s1 - s0 * s0)
            slopes[ANGLE, j, i] += sign * DEGREE * swept
            for m in (RADIUS, RATIO, STROKE):
                grown = growth[m, 0] * b * squares + growth[m, 1] * a * (width - squares)
                slopes[m, j, i] += sign * grown
        s0, c0 = s1, c1


@kernel
def _sort(values) -> None:
    """Sort by insertion: there are few, and a library's sort takes seconds to compile."""
    for k in range(1, values.size):
        value, at = values[k], k
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value


@kernel
def _meet(middle, cosine, sine, size, ends, angles, count) -> int:
    """Add the angles where middle + cosine cos + sine sin is a line; return their number."""
    reach, top = np.sqrt(cosine * cosine + sine * sine), exact.atan2(sine, cosine)
    for line in range(size + 1):
        share = (line - middle) / reach
        if abs(share) < 1.0:
            half = exact.atan2(np.sqrt(1.0 - share * share), share)
            for angle in (top - half, top + half):
                turns = np.floor((angle - ends[0]) / TWO_PI)
                within = angle - turns * TWO_PI
                if ends[0] < within < ends[1]:
                    angles[count] = within
                    count += 1
    return count


ANSWERING = (
    *("center_x_px", "center_y_px", "radius_px", "axis_ratio", "angle_deg"),
    *("extent_deg", "stroke_width_px"),
)
"""The parameters of the derivatives, in order."""


@kernel(allocates=True)
def shape_slopes(objects: Any, slopes: Array) -> None:
    """Fill in (n, MOVES, H, W): derivatives of the coverage of one shape in each of n images."""
    slopes[:] = 0.0
    growth = np.zeros((MOVES, 2))
    for row in range(objects.size):
        o = objects[row]
        a, b, inner_a, inner_b = outline.sizes(o)
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
        wide = 0.5 / exact.cos(np.pi / outline.sides(o.kind)) if o.kind > LINE else 0.5
        growth[STROKE, 0] = growth[STROKE, 1] = edge * wide


@kernel
def _move(o: Any, a: float, b: float, growth, sign: float, slopes) -> None:
    """Add what one edge sweeps."""
    x, y = o.center_x_px + 0.5, o.center_y_px + 0.5
    if o.kind == ARC:
        start = o.angle_deg * DEGREE
        ends = (start, start + min(o.extent_deg, 360.0) * DEGREE)
        move_bow(x, y, a, a, (0.0, 1.0), ends, growth, sign, slopes)
        if o.extent_deg < 360.0:
            _move_spokes(o, x, y, a, growth, sign, slopes)
    elif outline.is_round(o.kind):
        turned = exact.sincosd(o.angle_deg)
        move_bow(x, y, a, b, turned, (0.0, TWO_PI), growth, sign, slopes)
    else:
        _move_corners(o, x, y, a, b, growth, sign, slopes)


@kernel(allocates=True)
def _move_corners(o: Any, x, y, a, b, growth, sign, slopes) -> None:
    """Add what the sides between corners sweep."""
    place, speed = np.empty((2, outline.MOST_CORNERS)), np.empty((MOVES, 4))
    px, py = place[0], place[1]
    count = outline.corners(o, a, b, px, py)
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
    speed[move, 2 * end], speed[move, 2 * end + 1] = -DEGREE * py, DEGREE * px
