"""Signed areas of one shape in the pixels of a box, whose running sums are its coverage."""

from typing import Any

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.simulators.shapes import outline
from deepbench_hf.simulators.shapes.crossings import Curve, ellipse_crossings, trace
from deepbench_hf.simulators.shapes.outline import ARC, MOST_CORNERS, corners, is_round, sizes

NOTHING = 1e-13
"""Edges narrower than this are left out, px: they bound no area."""
MARGIN = 1e-9

Scratch = tuple[Array, ...]
"""Crossings with the columns' sides (lower, upper) and the rows' (left, right), corners x and y."""


@kernel(allocates=True)
def scratch(height: int, width: int) -> Scratch:
    """Return the scratch of `accumulate` for a frame of height x width pixels."""
    columns, rows = np.empty((2, width + 1)), np.empty((2, height + 1))
    place = np.empty((2, MOST_CORNERS))
    return columns[0], columns[1], rows[0], rows[1], place[0], place[1]


@kernel
def box(o: Any, height: int, width: int) -> tuple[int, int, int, int]:
    """Return the first row and column that an object reaches in the frame, and how many of each."""
    a, b = sizes(o)[:2]
    s, c = exact.sincosd(o.angle_deg)
    rx, ry = outline.reach(o, a, b, s, c)
    i0, columns = _range(o.center_x_px, rx + MARGIN, width)
    j0, rows = _range(o.center_y_px, ry + MARGIN, height)
    return j0, i0, rows, columns


@kernel
def _range(center: float, reach: float, size: int) -> tuple[int, int]:
    """First pixel of an axis that is within reach of the centre, and how many are."""
    first = max(0, int(np.floor(center - reach + 0.5)))
    last = min(size - 1, int(np.floor(center + reach + 0.5)))
    return first, max(0, last - first + 1)


@kernel
def accumulate(o: Any, j0: int, i0: int, area: Array, space: Scratch) -> None:
    """Add the signed areas of an object, in coordinates from its own pixel: a shift is a shift.

    The box begins at row j0 and column i0; ``area`` has one row more, (rows + 1, columns).
    """
    column, x = outline.origin(o.center_x_px)
    row, y = outline.origin(o.center_y_px)
    left, bottom = i0 - column, j0 - row
    bounds = left, left + area.shape[1], bottom, bottom + area.shape[0] - 1
    a, b, inner_a, inner_b = sizes(o)
    curved, partial = is_round(o.kind), o.kind == ARC and o.extent_deg < 360.0
    for edge in range(2 if inner_b > 0.0 else 1):
        sign = 1.0 - 2.0 * edge
        a, b = (a, b) if edge == 0 else (inner_a, inner_b)
        if partial:
            _bow(o, area, x, y, a, sign, bounds, space)
        elif curved:
            _ellipse(o, area, x, y, a, b, sign, bounds, space)
        else:
            count = corners(o, a, b, space[4], space[5])
            _polygon(count, 1, area, x, y, sign, bounds, space)
    if partial:
        count = _wedge(o, inner_a, space[4], space[5])
        _polygon(count, 2, area, x, y, 1.0, bounds, space)


@kernel
def _polygon(count, step, area, x, y, sign, bounds, space) -> None:
    """Add the straight sides after every step-th corner; sign -1 makes a hole."""
    px, py = space[4], space[5]
    for k in range(0, count, step):
        n = k + 1 if k + 1 < count else 0
        x0, y0, x1, y1, weight = x + px[k], y + py[k], x + px[n], y + py[n], sign
        if x0 > x1:
            x0, y0, x1, y1, weight = x1, y1, x0, y0, -sign
        if x1 - x0 > NOTHING and x0 < bounds[1] and x1 > bounds[0]:
            trace(area, x0, y0, x1, y1, weight, bounds, None, None, None)


@kernel
def _ellipse(o, area, x, y, a, b, sign, bounds, space) -> None:
    """Add a whole ellipse in four parts, from one extreme of x or y to the next.

    With rx^2, ry^2 and k the elements of its covariance, the chord of x = u is k u / rx^2 +-
    a b / rx sqrt(1 - u^2 / rx^2), and the extremes are at (rx, k / rx) and (k / ry, ry).
    """
    s, c = exact.sincosd(o.angle_deg)
    s, c = (0.0, 1.0) if a == b else (s, c)
    rx, ry = np.sqrt(a * a * c * c + b * b * s * s), np.sqrt(a * a * s * s + b * b * c * c)
    k, ab = (a - b) * (a + b) * s * c, a * b
    curve = _crossings(x, y, rx, ry, k, ab, sign, bounds, space)
    for part in range(4):
        turn = 1.0 if part > 1 else -1.0
        x0, y0, x1, y1 = x - rx, y - k / rx, x + turn * (k / ry), y + turn * ry
        if part & 1:
            x0, y0, x1, y1 = x1, y1, x + rx, y + k / rx
        heights, places = space[part >> 1], space[2 + (part & 1)]
        trace(area, x0, y0, x1, y1, -turn * sign, bounds, heights, places, curve)


@kernel
def _crossings(x, y, rx, ry, k, ab, sign, bounds, space) -> Curve:
    """Fill in where an ellipse crosses the grid, and return its equation."""
    ellipse_crossings(x, y, rx, k / (rx * rx), ab / rx, bounds[0], bounds[1], space[0], space[1])
    ellipse_crossings(y, x, ry, k / (ry * ry), ab / ry, bounds[2], bounds[3], space[2], space[3])
    flat = 1.0 / (ab * ab)
    return x, y, 0.5 * sign * ab, 1.0 / ab, ry * ry * flat, -k * flat, rx * rx * flat


@kernel
def _bow(o, area, x, y, r, sign, bounds, space) -> None:
    """Add the arc of a circle, a quadrant at a time."""
    curve = _crossings(x, y, r, r, 0.0, r * r, sign, bounds, space)
    start = _start(o)
    quadrant, stop = int(np.floor(start / 90.0)), start + o.extent_deg
    s0, c0 = exact.sincosd(start)
    while quadrant * 90.0 < stop:
        s1, c1 = exact.sincosd(min(stop, (quadrant + 1) * 90.0))
        up, right = quadrant & 2 == 0, quadrant & 3 == 0 or quadrant & 3 == 3
        x0, y0, x1, y1 = x + r * c0, y + r * s0, x + r * c1, y + r * s1
        if up:
            x0, y0, x1, y1 = x1, y1, x0, y0
        if x0 < x1:
            heights, places = space[1 if up else 0], space[3 if right else 2]
            weight = -sign if up else sign
            trace(area, x0, y0, x1, y1, weight, bounds, heights, places, curve)
        s0, c0 = s1, c1
        quadrant += 1


@kernel
def _start(o: Any) -> float:
    """Where an arc starts, within one turn, degrees."""
    return o.angle_deg - 360.0 * np.floor(o.angle_deg / 360.0)


@kernel
def _wedge(o: Any, inner: float, x: Array, y: Array) -> int:
    """Fill in the corners of an arc, whose radial ends are sides 0 and 2; 1 and 3 are its bows."""
    outer = sizes(o)[0]
    s0, c0 = exact.sincosd(_start(o))
    s1, c1 = exact.sincosd(_start(o) + o.extent_deg)
    x[0], y[0], x[1], y[1] = inner * c0, inner * s0, outer * c0, outer * s0
    x[2], y[2], x[3], y[3] = outer * c1, outer * s1, inner * c1, inner * s1
    return 4
