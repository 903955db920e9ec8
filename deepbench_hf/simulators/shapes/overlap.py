"""What later objects hide of one object within one pixel, exactly, by clipping convex pieces.

Every shape is a signed sum of convex pieces: an outline is the outer edge minus the inner one, an
arc wider than a half circle is two sectors. With A the area and c the pieces of all later objects,

    hidden(P, l) = sum over m >= l, c of m: sign(c) (A(P and c) - hidden(P and c, m + 1)),

because what several of them hide counts once. The intersections are clipped polygons; an ellipse
is taken as a polygon of the same area, as fine as keeps its share of a pixel within 5e-5.

Source: I. E. Sutherland and G. W. Hodgman, Reentrant polygon clipping, CACM 17 (1974), 32-42.
"""

from typing import Any

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import Array, Int64s, kernel
from deepbench_hf.simulators.shapes.pieces import MOST_PIECES

NOTHING = 1e-15
NEAR = 1e-9
"""How far from a pixel, px, a line that misses it is, at least."""

MOST_CUTS = 96
"""No piece cuts more corners into what it is clipped from."""

Room = tuple[Array, Int64s, Array]
"""For each depth a polygon (x, y, and a copy of both to clip from, px from the pixel's centre), its
number of corners with the next object and piece to clip it with, and its weight."""


def polygons(depths: int) -> Room:
    """Return room for `hidden_area`, one depth more than there are objects."""
    corners = np.empty((depths + 1, 4, 4 + MOST_CUTS * (depths + 1)))
    return corners, np.empty((depths + 1, 3), np.int64), np.empty(depths + 1)


@kernel
def hidden_area(k: int, count: int, i: int, j: int, pieces: Any, room: Room) -> float:
    """Area of object k in pixel (j, i) that objects k + 1 to count - 1 hide, px^2.

    The pieces are those of `pieces.convex_pieces` for all objects, (K, MOST_PIECES).
    """
    corners = room[0]
    total = 0.0
    for c in range(MOST_PIECES):
        piece = pieces[k, c]
        if piece.sign != 0.0 and _is_near(piece, i, j):
            n = _clip(piece, corners[0], _pixel(corners[0]), i, j)
            if n > 2:
                total += piece.sign * _hidden(n, k + 1, count, i, j, pieces, room)
    return total


@kernel
def _pixel(polygon: Array) -> int:
    """Make a polygon the whole pixel; return its number of corners."""
    for v in range(4):
        polygon[0, v] = 0.5 if v == 1 or v == 2 else -0.5
        polygon[1, v] = 0.5 if v > 1 else -0.5
    return 4


@kernel
def _hidden(n: int, first: int, count: int, i: int, j: int, pieces: Any, room: Room) -> float:
    """Area of the polygon at depth 0, n corners, that the objects from `first` on hide.

    The recursion above, unrolled: one depth for every piece that a polygon has been clipped with.
    """
    corners, state, weight = room
    total, depth = 0.0, 0
    state[0, 0], state[0, 1], state[0, 2], weight[0] = n, first, 0, -1.0
    while depth >= 0:
        m, c = state[depth, 1], state[depth, 2]
        if m >= count:
            depth -= 1
            continue
        piece = pieces[m, c]
        last = c + 1 == MOST_PIECES
        state[depth, 1], state[depth, 2] = m + 1 if last else m, 0 if last else c + 1
        if piece.sign == 0.0 or not _is_near(piece, i, j):
            continue
        for v in range(state[depth, 0]):
            corners[depth + 1, 0, v] = corners[depth, 0, v]
            corners[depth + 1, 1, v] = corners[depth, 1, v]
        left = _clip(piece, corners[depth + 1], state[depth, 0], i, j)
        area = _area(corners[depth + 1], left)
        if area > NOTHING:
            weight[depth + 1] = -weight[depth] * piece.sign
            total += weight[depth + 1] * area
            depth += 1
            state[depth, 0], state[depth, 1], state[depth, 2] = left, m + 1, 0
    return total


@kernel
def _is_near(piece: Any, i: int, j: int) -> bool:
    """Whether the box around a piece and the pixel have something in common."""
    across, along = abs(piece.x - i), abs(piece.y - j)
    return across < piece.reach_x + 0.5 and along < piece.reach_y + 0.5


@kernel
def _area(polygon: Array, n: int) -> float:
    """Area of a polygon of n corners, counter-clockwise, by fans from the first one."""
    x, y = polygon[0], polygon[1]
    total = 0.0
    for v in range(2, n):
        total += (x[v - 1] - x[0]) * (y[v] - y[0]) - (x[v] - x[0]) * (y[v - 1] - y[0])
    return 0.5 * total


@kernel
def _clip(piece: Any, polygon: Array, n: int, i: int, j: int) -> int:
    """Cut a polygon down to a convex piece; return how many corners are left."""
    x, y = piece.x - i, piece.y - j
    for p in range(int(piece.count)):
        if n == 0:
            return 0
        nx, ny = piece.planes[p, 0], piece.planes[p, 1]
        limit, reach = piece.planes[p, 2] + nx * x + ny * y, 0.5 * (abs(nx) + abs(ny)) + NEAR
        if limit < -reach:
            return 0
        if limit < reach:
            n = _cut(polygon, n, nx, ny, limit)
    if piece.sides > 0.0 and n > 0:
        n = _cut_ellipse(piece, polygon, n, x, y)
    return n


@kernel
def _cut(polygon: Array, n: int, nx: float, ny: float, limit: float) -> int:
    """Keep what has nx x + ny y <= limit; return how many corners are left."""
    x, y, old_x, old_y = polygon[0], polygon[1], polygon[2], polygon[3]
    outside = 0
    for v in range(n):
        outside += 1 if nx * x[v] + ny * y[v] > limit else 0
    if outside == 0:
        return n
    if outside == n:
        return 0
    for v in range(n):
        old_x[v], old_y[v] = x[v], y[v]
    px, py = old_x[n - 1], old_y[n - 1]
    before = nx * px + ny * py - limit
    left = 0
    for v in range(n):
        qx, qy = old_x[v], old_y[v]
        after = nx * qx + ny * qy - limit
        # Both corners are written, and kept or not: a branch would often be foreseen wrongly.
        t = before / (before - after)
        x[left], y[left] = px + t * (qx - px), py + t * (qy - py)
        left += 1 if (before > 0.0) != (after > 0.0) else 0
        x[left], y[left] = qx, qy
        left += 1 if after <= 0.0 else 0
        px, py, before = qx, qy, after
    return left


@kernel
def _cut_ellipse(piece: Any, polygon: Array, n: int, x: float, y: float) -> int:
    """Cut a polygon by those sides of an ellipse's polygon that the pixel's corners lie between."""
    s, c, ia, ib = piece.sin, piece.cos, piece.inverse_a, piece.inverse_b
    h, farthest = piece.apothem, 0.0
    for v in range(n):
        p, q = polygon[0, v] - x, polygon[1, v] - y
        along, up = (c * p + s * q) * ia, (c * q - s * p) * ib
        farthest = max(farthest, along * along + up * up)
    if farthest <= h * h:
        return n
    sides = int(piece.sides)
    first, last = 0, sides - 1
    if max(abs(x), abs(y)) > 0.5:
        middle, half = _span(-x, -y, s, c, ia, ib)
        first = int(np.floor((middle - half) * sides / TWO_PI))
        last = min(first + last, int(np.floor((middle + half) * sides / TWO_PI)))
    for k in range(first, last + 1):
        if n == 0:
            return 0
        up, along = exact.sincos((k + 0.5) * TWO_PI / sides)
        u, v = along * ia, up * ib
        nx, ny = u * c - v * s, u * s + v * c
        n = _cut(polygon, n, nx, ny, h + nx * x + ny * y)
    return n


@kernel
def _span(x: float, y: float, s: float, c: float, ia: float, ib: float) -> tuple[float, float]:
    """Middle and half-width of the eccentric angles of a pixel that does not hold the centre."""
    u, v = (c * x + s * y) * ia, (c * y - s * x) * ib
    widest, across, along = 0.0, 0.0, 1.0
    for corner in range(4):
        dx, dy = x - 0.5 + (corner & 1), y - 0.5 + (corner >> 1)
        p, q = (c * dx + s * dy) * ia, (c * dy - s * dx) * ib
        cross, dot = abs(u * q - v * p), u * p + v * q
        # Grows with the angle between 0 and 180 degrees, without an arc tangent for each corner.
        width = 1.0 - dot / (cross + abs(dot))
        if width > widest:
            widest, across, along = width, cross, dot
    return exact.atan2(v, u), exact.atan2(across, along)
