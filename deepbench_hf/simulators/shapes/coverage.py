"""Signed areas of one shape in the pixels of a box, whose running sums are its coverage."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.kernel import kernel
from deepbench_hf.simulators.shapes.crossings import (
    Bounds,
    ellipse_crossings,
    trace,
)
from deepbench_hf.simulators.shapes.objects import ARC
from deepbench_hf.simulators.shapes.outline import (
    MOST_CORNERS,
    corners,
    is_round,
    origin,
    reach,
    sizes,
)

__all__ = ["accumulate", "box", "scratch"]

NOTHING = 1e-13
"""Edges narrower than this are left out, px: they bound no area."""
MARGIN = 1e-9

Scratch = tuple[NDArray[np.float64], ...]
"""Crossings with the columns' sides (lower, upper) and the rows' (left, right), corners x and y."""


@kernel
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
    rx, ry = reach(o, a, b, s, c)
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
def accumulate(o: Any, j0: int, i0: int, area: NDArray[np.float64], space: Scratch) -> None:
    """Add the signed areas of an object, in coordinates from its own pixel: a shift is a shift.

    Args:
        o: One object.
        j0, i0: First row and column of the box.
        area: Input and output, one row more than the box, shape (rows + 1, columns).
        space: Of `scratch`.
    """
    column, x = origin(o.center_x_px)
    row, y = origin(o.center_y_px)
    left, bottom = i0 - column, j0 - row
    bounds = left, left + area.shape[1], bottom, bottom + area.shape[0] - 1
    a, b, inner_a, inner_b = sizes(o)
    if o.kind == ARC and o.extent_deg < 360.0:
        _sector(o, area, x, y, a, inner_a, bounds, space)
    elif is_round(o.kind):
        _ellipse(o, area, x, y, a, b, 1.0, bounds, space)
        if inner_b > 0.0:
            _ellipse(o, area, x, y, inner_a, inner_b, -1.0, bounds, space)
    else:
        _polygon(o, area, x, y, a, b, 1.0, bounds, space)
        if inner_b > 0.0:
            _polygon(o, area, x, y, inner_a, inner_b, -1.0, bounds, space)


@kernel
def _polygon(
    o: Any,
    area: NDArray[np.float64],
    x: float,
    y: float,
    a: float,
    b: float,
    sign: float,
    bounds: Bounds,
    space: Scratch,
) -> None:
    """Add an edge with straight sides; sign -1 makes it a hole."""
    px, py = space[4], space[5]
    count = corners(o, a, b, px, py)
    for k in range(count):
        n = k + 1 if k + 1 < count else 0
        _side(area, x + px[k], y + py[k], x + px[n], y + py[n], sign, bounds, space)


@kernel
def _side(
    area: NDArray[np.float64],
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    sign: float,
    bounds: Bounds,
    space: Scratch,
) -> None:
    """Add one straight side, the shape being on its left."""
    if x0 > x1:
        x0, y0, x1, y1, sign = x1, y1, x0, y0, -sign
    if x1 - x0 > NOTHING and x0 < bounds[1] and x1 > bounds[0]:
        trace(area, x0, y0, x1, y1, sign, bounds, None, None, None)


@kernel
def _ellipse(
    o: Any,
    area: NDArray[np.float64],
    x: float,
    y: float,
    a: float,
    b: float,
    sign: float,
    bounds: Bounds,
    space: Scratch,
) -> None:
    """Add a whole ellipse in four parts, from one extreme of x or y to the next.

    With rx^2, ry^2 and k the elements of its covariance, the chord of x = u is k u / rx^2 +-
    a b / rx sqrt(1 - u^2 / rx^2), and the extremes are at (rx, k / rx) and (k / ry, ry).
    """
    s, c = exact.sincosd(o.angle_deg)
    s, c = (0.0, 1.0) if a == b else (s, c)
    rx, ry = np.sqrt(a * a * c * c + b * b * s * s), np.sqrt(a * a * s * s + b * b * c * c)
    k, ab = (a - b) * (a + b) * s * c, a * b
    lower, upper, near, far = space[0], space[1], space[2], space[3]
    ellipse_crossings(x, y, rx, k / (rx * rx), ab / rx, bounds[0], bounds[1], lower, upper)
    ellipse_crossings(y, x, ry, k / (ry * ry), ab / ry, bounds[2], bounds[3], near, far)
    r, t = k / rx, k / ry
    flat = 1.0 / (ab * ab)
    curve = x, y, 0.5 * sign * ab, 1.0 / ab, ry * ry * flat, -k * flat, rx * rx * flat
    trace(area, x - rx, y - r, x - t, y - ry, sign, bounds, lower, near, curve)
    trace(area, x - t, y - ry, x + rx, y + r, sign, bounds, lower, far, curve)
    trace(area, x - rx, y - r, x + t, y + ry, -sign, bounds, upper, near, curve)
    trace(area, x + t, y + ry, x + rx, y + r, -sign, bounds, upper, far, curve)


@kernel
def _sector(
    o: Any,
    area: NDArray[np.float64],
    x: float,
    y: float,
    outer: float,
    inner: float,
    bounds: Bounds,
    space: Scratch,
) -> None:
    """Add the part of a ring between two radial ends."""
    start = o.angle_deg - 360.0 * np.floor(o.angle_deg / 360.0)
    s0, c0 = exact.sincosd(start)
    s1, c1 = exact.sincosd(start + o.extent_deg)
    _bow(area, x, y, outer, start, o.extent_deg, 1.0, bounds, space)
    if inner > 0.0:
        _bow(area, x, y, inner, start, o.extent_deg, -1.0, bounds, space)
    _radius(area, x, y, s0, c0, inner, outer, 1.0, bounds, space)
    _radius(area, x, y, s1, c1, inner, outer, -1.0, bounds, space)


@kernel
def _radius(
    area: NDArray[np.float64],
    x: float,
    y: float,
    s: float,
    c: float,
    inner: float,
    outer: float,
    sign: float,
    bounds: Bounds,
    space: Scratch,
) -> None:
    """Add a radial end, the shape being on its left for sign 1."""
    x0, y0, x1, y1 = x + inner * c, y + inner * s, x + outer * c, y + outer * s
    _side(area, x0, y0, x1, y1, sign, bounds, space)


@kernel
def _bow(
    area: NDArray[np.float64],
    x: float,
    y: float,
    r: float,
    start: float,
    extent: float,
    sign: float,
    bounds: Bounds,
    space: Scratch,
) -> None:
    """Add the arc of a circle, a quadrant at a time."""
    lower, upper, near, far = space[0], space[1], space[2], space[3]
    ellipse_crossings(x, y, r, 0.0, r, bounds[0], bounds[1], lower, upper)
    ellipse_crossings(y, x, r, 0.0, r, bounds[2], bounds[3], near, far)
    square = 1.0 / (r * r)
    curve = x, y, 0.5 * sign * r * r, square, square, 0.0, square
    quadrant, stop = int(np.floor(start / 90.0)), start + extent
    s0, c0 = exact.sincosd(start)
    while quadrant * 90.0 < stop:
        s1, c1 = exact.sincosd(min(stop, (quadrant + 1) * 90.0))
        x0, y0, x1, y1 = x + r * c0, y + r * s0, x + r * c1, y + r * s1
        below = quadrant & 2 == 2
        heights = lower if below else upper
        places = near if quadrant & 3 == 1 or quadrant & 3 == 2 else far
        if below and x0 < x1:
            trace(area, x0, y0, x1, y1, sign, bounds, heights, places, curve)
        elif x1 < x0:
            trace(area, x1, y1, x0, y0, -sign, bounds, heights, places, curve)
        s0, c0 = s1, c1
        quadrant += 1
