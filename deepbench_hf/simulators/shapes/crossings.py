"""Signed area of an edge in the cells that it crosses, from where it crosses the lines of the grid.

The area above an edge that goes to the right counts positive, above one that goes to the left
negative. In the column of one pixel, an edge adds to the cell that it is in the part of that area
in the cell, and to the cell above the rest of its width; a running sum up the columns then gives
the coverage. Between two crossings a curved edge is a chord plus the segment that an ellipse cuts
off beyond the chord, so nothing is approximated.

Coordinates count cells: cell (j, i) is the square from (i, j) to (i + 1, j + 1), `bounds` says
which of them are drawn, and what lies below them counts in the lowest row.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import horner, kernel

Bounds = tuple[int, int, int, int]
"""Left, right, bottom, top of what is drawn, in cells; right and top are the first ones outside."""

Curve = tuple[float, float, float, float, float, float, float]
"""Centre x and y of an ellipse, a b / 2 with the sign of the edge, 1 / (a b), and the coefficients
of x^2, 2 x y, y^2 in its equation."""
NEAR = 0.97
# (arcsin(s) - s) / s^3 in s^2.
ARCSINE = (1 / 6, 3 / 40, 5 / 112, 35 / 1152, 63 / 2816, 231 / 13312)


@kernel
def ellipse_crossings(x, y, reach, slope, half, low, high, lower, upper) -> None:
    """Fill in where an ellipse crosses lines: the chord that x = low + t cuts, for x and y alike.

    At a distance u from the centre (x, y) the chord's middle is y + slope u, and its half-length is
    half sqrt(1 - (u / reach)^2), all in cells. The first and the last line are low and high; lower
    and upper get the ends of the chords, (high - low + 1,).
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
def trace(area, x0, y0, x1, y1, weight, bounds, heights, places, curve) -> None:
    """Add one edge to the signed areas (H + 1, W), a row more than is drawn.

    From (x0, y0) to (x1, y1), cells, x0 < x1, and y must rise or fall all the way. The weight is 1
    for the lower side of a shape, -1 for the upper, the reverse for a hole. A curved edge is part
    of the ellipse ``curve``, and has its y at x = left + t in heights (W + 1,), its x at y = bottom
    + t in places (H + 1,); all three are None for a straight one.
    """
    left, right, bottom, top = bounds
    if min(y0, y1) >= top:
        return
    rises = y1 >= y0
    weight = weight if rises else -weight
    slope = (y1 - y0) / (x1 - x0)
    slant = (x1 - x0) / (y1 - y0) if y1 != y0 else 0.0
    first, last = max(left, int(np.floor(x0))), min(right, int(np.ceil(x1)))
    xa, ya = x0, y0
    if x0 < left:
        xa, ya = float(left), _crossing(left, left, heights, x0, y0, slope, y0, y1)
    for i in range(first, last):
        xb, yb = x1, y1
        if i + 1 < x1:
            xb, yb = float(i + 1), _crossing(i + 1, left, heights, x0, y0, slope, y0, y1)
        # From the lower end p to the upper end q.
        px, py = (xa, ya) if rises else (xb, yb)
        qx, qy = (xb, yb) if rises else (xa, ya)
        xa, ya = xb, yb
        column = i - left
        if qy <= bottom:
            area[0, column] += weight * (qx - px)
            continue
        if py < bottom:
            x = _crossing(bottom, bottom, places, y0, x0, slant, px, qx)
            area[0, column] += weight * (x - px)
            px, py = x, float(bottom)
        j = int(np.floor(py))
        above = 0.0
        while j < top and j + 1 < qy:
            x = _crossing(j + 1, bottom, places, y0, x0, slant, px, qx)
            width = weight * (x - px)
            rest = above + width
            above = width * (0.5 * (py + (j + 1)) - j)
            if curve is not None:
                above -= _segment(px, py, x, j + 1.0, curve)
            area[j - bottom, column] += rest - above
            px, py = x, j + 1.0
            j += 1
        if j < top:
            width = weight * (qx - px)
            rest = above + width
            above = width * (0.5 * (py + qy) - j)
            if curve is not None:
                above -= _segment(px, py, qx, qy, curve)
            area[j - bottom, column] += rest - above
            area[j + 1 - bottom, column] += above


@kernel
def _crossing(line, first, table, start, value, slope, end, other) -> float:
    """Where an edge crosses a line, from the table or the slope, kept between two ends."""
    crossing = value + (line - start) * slope if table is None else table[line - first]
    low, high = min(end, other), max(end, other)
    crossing = crossing if crossing > low else low
    return crossing if crossing < high else high


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
