"""Signed area of an edge in the cells that it crosses, from where it crosses the lines of the grid.

The area above an edge that goes to the right counts positive, above one that goes to the left
negative. In the column of one pixel, an edge adds to the cell that it is in the part of that area
in the cell, and to the cell above the rest of its width; a running sum up the columns then gives
the coverage. Between two crossings a curved edge is a chord plus the segment that an ellipse cuts
off beyond the chord, so nothing is approximated.

Coordinates count cells: cell (j, i) is the square from (i, j) to (i + 1, j + 1), `bounds` says
which of them are in the frame, and what lies below the frame counts in its lowest row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact import horner
from deepbench_hf.kernel import kernel

__all__ = ["ellipse_crossings", "line_crossings", "trace"]

Bounds = tuple[int, int, int, int]
"""Left, right, bottom, top of the frame in cells; right and top are the first ones outside."""

Curve = tuple[float, float, float, float, float, float, float]
"""Centre x and y of an ellipse, a b / 2 with the sign of the edge, 1 / (a b), and the coefficients
of x^2, 2 x y, y^2 in its equation; all 0 for a straight edge."""

STRAIGHT = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
NEAR = 0.97
# (arcsin(s) - s) / s^3 in s^2.
ARCSINE = (1 / 6, 3 / 40, 5 / 112, 35 / 1152, 63 / 2816, 231 / 13312)


@kernel
def line_crossings(
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    bounds: Bounds,
    heights: NDArray[np.float64],
    places: NDArray[np.float64],
) -> None:
    """Fill in where a straight edge crosses the grid: y on its columns' sides, x on its rows'.

    Args:
        x0, y0, x1, y1: Ends of the edge, x0 < x1, cells.
        bounds: The frame.
        heights: Output, y at x = left + t, shape (W + 1,).
        places: Output, x at y = bottom + t, shape (H + 1,).
    """
    left, right, bottom, top = bounds
    slope = (y1 - y0) / (x1 - x0)
    for i in range(max(left, int(np.ceil(x0))), min(right, int(np.floor(x1))) + 1):
        heights[i - left] = y0 + (i - x0) * slope
    if y0 != y1:
        low, high = min(y0, y1), max(y0, y1)
        slant = (x1 - x0) / (y1 - y0)
        for j in range(max(bottom, int(np.ceil(low))), min(top, int(np.floor(high))) + 1):
            places[j - bottom] = x0 + (j - y0) * slant


@kernel
def ellipse_crossings(
    x: float,
    y: float,
    reach: float,
    slope: float,
    half: float,
    low: int,
    high: int,
    lower: NDArray[np.float64],
    upper: NDArray[np.float64],
) -> None:
    """Fill in where an ellipse crosses lines: the chord that x = low + t cuts, for x and y alike.

    At a distance u from the centre the chord's middle is y + slope u, and its half-length is
    half sqrt(1 - (u / reach)^2).

    Args:
        x, y: The centre, cells; y is the coordinate along the lines.
        reach: Half the extent of the ellipse in the direction of x, cells.
        slope: That of the conjugate diameter.
        half: Half-length of the chord through the centre.
        low, high: First and last line of the frame, cells.
        lower, upper: Outputs, y at x = low + t, shape (high - low + 1,).
    """
    inverse = 1.0 / reach
    first = max(low, int(np.ceil(x - reach))) - low
    last = min(high, int(np.floor(x + reach))) - low
    for t in range(first, last + 1):
        u = low + t - x
        q = u * inverse
        rest = 1.0 - q * q
        chord = half * np.sqrt(rest if rest > 0.0 else 0.0)
        middle = y + slope * u
        lower[t] = middle - chord
        upper[t] = middle + chord


@kernel
def trace(
    area: NDArray[np.float64],
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    weight: float,
    bounds: Bounds,
    heights: NDArray[np.float64],
    places: NDArray[np.float64],
    curve: Curve,
) -> None:
    """Add one edge to the signed areas; on it, y must rise or fall all the way.

    Args:
        area: Input and output, one row more than the frame, shape (H + 1, W).
        x0, y0, x1, y1: Ends of the edge, x0 < x1, cells.
        weight: 1 for the lower side of a shape, -1 for the upper, the reverse for a hole.
        bounds: The frame.
        heights: y at x = left + t, shape (W + 1,).
        places: x at y = bottom + t, shape (H + 1,).
        curve: The ellipse that the edge is part of.
    """
    left, right, bottom, top = bounds
    low, high = min(y0, y1), max(y0, y1)
    if low >= top:
        return
    rises = y1 >= y0
    turned = weight if rises else -weight
    xa, ya = x0, y0
    first, last = max(left, int(np.floor(x0))), min(right, int(np.ceil(x1)))
    if x0 < left and first < last:
        xa, ya = float(left), _between(heights[0], low, high)
    for i in range(first, last):
        xb, yb = x1, y1
        if i + 1 < x1:
            xb, yb = float(i + 1), _between(heights[i + 1 - left], low, high)
        if rises:
            _climb(area, i - left, xa, ya, xb, yb, turned, bottom, top, places, curve)
        else:
            _climb(area, i - left, xb, yb, xa, ya, turned, bottom, top, places, curve)
        xa, ya = xb, yb


@kernel
def _between(value: float, low: float, high: float) -> float:
    """The value, kept within two limits."""
    value = value if value > low else low
    return value if value < high else high


@kernel
def _climb(
    area: NDArray[np.float64],
    column: int,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    weight: float,
    bottom: int,
    top: int,
    places: NDArray[np.float64],
    curve: Curve,
) -> None:
    """Add the part of an edge within one column, from its lower end (x0, y0) to (x1, y1)."""
    if y0 < bottom:
        x = _between(places[0], min(x0, x1), max(x0, x1)) if y1 > bottom else x1
        area[0, column] += weight * (x - x0)
        x0, y0 = x, float(bottom)
    j = int(np.floor(y0))
    while y0 < y1 and j < top or y0 == y1 and x0 != x1 and j < top:
        x, y = x1, y1
        if j + 1 < y1:
            x, y = _between(places[j + 1 - bottom], min(x0, x1), max(x0, x1)), float(j + 1)
        width = weight * (x - x0)
        above = width * (0.5 * (y0 + y) - j)
        if curve[2] != 0.0:
            above -= _segment(x0, y0, x, y, curve)
        area[j - bottom, column] += width - above
        area[j + 1 - bottom, column] += above
        x0, y0 = x, y
        j += 1


@kernel
def _segment(x0: float, y0: float, x1: float, y1: float, curve: Curve) -> float:
    """Area between a chord and its ellipse, a b / 2 (t - sin t) for the eccentric angle t."""
    x, y, half, scale, xx, xy, yy = curve
    u0, v0, u1, v1 = x0 - x, y0 - y, x1 - x, y1 - y
    sine = abs(u0 * v1 - u1 * v0) * scale
    cosine = xx * u0 * u1 + xy * (u0 * v1 + u1 * v0) + yy * v0 * v1
    if cosine > NEAR:
        square = sine * sine
        return half * horner(square, ARCSINE) * square * sine
    return half * (exact.atan2(sine, cosine) - sine)
