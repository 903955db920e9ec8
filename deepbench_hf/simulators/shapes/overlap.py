"""What later objects hide of one object within one pixel, exactly, by clipping convex pieces.

Every shape is a signed sum of convex pieces: an outline is the outer edge minus the inner one, an
arc wider than a half circle is two sectors. With A the area and c the pieces of all later objects,

    hidden(P, l) = sum over m >= l, c of m: sign(c) (A(P and c) - hidden(P and c, m + 1)),

because what several of them hide counts once. The intersections are clipped polygons; an ellipse
is taken as a polygon of the same area, as fine as keeps its share of a pixel within 5e-5.

Source: I. E. Sutherland and G. W. Hodgman, Reentrant polygon clipping, CACM 17 (1974), 32-42.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.kernel import kernel
from deepbench_hf.simulators.shapes.pieces import A, B, COS, COUNT, H, N, PLANES, SIGN, SIN, X, Y

__all__ = ["hidden_area", "polygons"]

NOTHING = 1e-15
_TWO_PI = 6.283185307179586

Polygons = NDArray[np.float64]
"""One polygon a level: x, y and a copy of both to clip from, px from the pixel's centre."""


@kernel
def polygons(levels: int) -> Polygons:
    """Return room for the polygons of `hidden_area`, one level more than there are objects."""
    return np.empty((levels + 1, 4, 8 + 80 * (levels + 1)))


@kernel
def hidden_area(
    objects: Any, k: int, count: int, i: int, j: int, pieces: NDArray[np.float64], room: Polygons
) -> float:
    """Area of object k in pixel (j, i) that objects k + 1 to count - 1 hide, px^2.

    Args:
        objects: The objects of one image, shape (K,).
        k, count: The object, and the number of objects drawn.
        i, j: Column and row of the pixel.
        pieces: Of `pieces.convex_pieces`, for all objects, shape (K, 4, FIELDS).
        room: Of `polygons`.
    """
    total = 0.0
    for c in range(len(pieces[k])):
        sign = pieces[k, c, SIGN]
        if sign != 0.0:
            room[0, 0, 0], room[0, 1, 0] = -0.5, -0.5
            room[0, 0, 1], room[0, 1, 1] = 0.5, -0.5
            room[0, 0, 2], room[0, 1, 2] = 0.5, 0.5
            room[0, 0, 3], room[0, 1, 3] = -0.5, 0.5
            n = _clip(pieces[k, c], room[0], 4, i, j)
            total += sign * _hidden(k + 1, count, i, j, pieces, room, n)
    return total


@kernel
def _hidden(
    first: int, count: int, i: int, j: int, pieces: NDArray[np.float64], room: Polygons, n: int
) -> float:
    """Area of the polygon of level 0, n corners, that the objects from `first` on hide.

    A walk through all products of pieces without recursion, whose machine code cannot be cached.
    """
    levels, parts = len(room), pieces.shape[1]
    corners, following, weight = (
        np.empty(levels, np.int64),
        np.empty(levels, np.int64),
        np.empty(levels),
    )
    corners[0], following[0], weight[0] = n, first * parts, 1.0
    total, level = 0.0, 0
    while level >= 0:
        m, c = following[level] // parts, following[level] % parts
        if m >= count:
            level -= 1
            continue
        following[level] += 1
        sign = pieces[m, c, SIGN]
        if sign != 0.0:
            for v in range(corners[level]):
                room[level + 1, 0, v] = room[level, 0, v]
                room[level + 1, 1, v] = room[level, 1, v]
            left = _clip(pieces[m, c], room[level + 1], corners[level], i, j)
            area = _area(room[level + 1], left)
            if area > NOTHING:
                total += weight[level] * sign * area
                corners[level + 1], following[level + 1] = left, (m + 1) * parts
                weight[level + 1] = -weight[level] * sign
                level += 1
    return total


@kernel
def _area(polygon: Polygons, n: int) -> float:
    """Area of a polygon of n corners, counter-clockwise, by fans from the first one."""
    x, y = polygon[0], polygon[1]
    total = 0.0
    for v in range(2, n):
        total += (x[v - 1] - x[0]) * (y[v] - y[0]) - (x[v] - x[0]) * (y[v - 1] - y[0])
    return 0.5 * total


@kernel
def _clip(piece: NDArray[np.float64], polygon: Polygons, n: int, i: int, j: int) -> int:
    """Cut a polygon down to a convex piece; return how many corners are left."""
    x, y = piece[X] - i, piece[Y] - j
    for p in range(int(piece[COUNT])):
        if n == 0:
            return 0
        at = PLANES + 3 * p
        n = _cut(
            polygon, n, piece[at], piece[at + 1], piece[at + 2] + piece[at] * x + piece[at + 1] * y
        )
    if piece[N] > 0.0 and n > 0:
        n = _cut_ellipse(piece, polygon, n, x, y)
    return n


@kernel
def _cut(polygon: Polygons, n: int, nx: float, ny: float, limit: float) -> int:
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
        if (before > 0.0) != (after > 0.0):
            t = before / (before - after)
            x[left], y[left] = px + t * (qx - px), py + t * (qy - py)
            left += 1
        if after <= 0.0:
            x[left], y[left] = qx, qy
            left += 1
        px, py, before = qx, qy, after
    return left


@kernel
def _cut_ellipse(piece: NDArray[np.float64], polygon: Polygons, n: int, x: float, y: float) -> int:
    """Cut a polygon by the sides of an ellipse's polygon that the pixel's corners lie between."""
    s, c, ia, ib = piece[SIN], piece[COS], 1.0 / piece[A], 1.0 / piece[B]
    sides = int(piece[N])
    first, last = 0, sides - 1
    if max(abs(x), abs(y)) > 0.5:
        middle, half = _span(-x, -y, s, c, ia, ib)
        start = (middle - half) / _TWO_PI * sides
        stop = (middle + half) / _TWO_PI * sides
        first, last = int(np.floor(start)), int(np.floor(stop))
        last = min(last, first + sides - 1)
    for k in range(first, last + 1):
        if n == 0:
            return 0
        up, along = exact.sincos((k + 0.5) * _TWO_PI / sides)
        u, v = along * ia, up * ib
        nx, ny = u * c - v * s, u * s + v * c
        n = _cut(polygon, n, nx, ny, piece[H] + nx * x + ny * y)
    return n


@kernel
def _span(x: float, y: float, s: float, c: float, ia: float, ib: float) -> tuple[float, float]:
    """Middle and half-width of the eccentric angles of a pixel that does not hold the centre."""
    u, v = (c * x + s * y) * ia, (c * y - s * x) * ib
    half = 0.0
    for corner in range(4):
        dx, dy = x - 0.5 + (corner & 1), y - 0.5 + (corner >> 1)
        p, q = (c * dx + s * dy) * ia, (c * dy - s * dx) * ib
        half = max(half, abs(exact.atan2(u * q - v * p, u * p + v * q)))
    return exact.atan2(v, u), half
