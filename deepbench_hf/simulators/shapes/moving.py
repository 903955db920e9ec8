"""What a moving edge adds to the pixels that it crosses: the area that it sweeps, exactly.

The coverage of a pixel grows by the integral of v x dx over the part of the edge inside it, v the
velocity of its points and dx along the edge, counter-clockwise around the shape. On a straight side
v is linear, on an ellipse the integrand is a product of two sines: both in closed form.

Source: O. Reynolds, Papers on Mechanical and Physical Subjects 3 (1903): the transport theorem.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

CENTER_X, CENTER_Y, RADIUS, RATIO, ANGLE, EXTENT, STROKE = range(7)
MOVES = 7
RADIAN = 0.017453292519943295  # of a degree
_TWO_PI = 6.283185307179586


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
            slopes[ANGLE, j, i] += sign * RADIAN * swept
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
                turns = np.floor((angle - ends[0]) / _TWO_PI)
                within = angle - turns * _TWO_PI
                if ends[0] < within < ends[1]:
                    angles[count] = within
                    count += 1
    return count
