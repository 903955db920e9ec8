"""Squared distances of pixels, in the plane of a disc, to the nearest spiral arm.

Each piece of an arm is a circle; only pixels near it that see it under a right angle are compared
with it, and the ends of the arms are points. In the frame (t, n) of the middle of a piece of
curvature k, the distance to its circle is
|k t^2 + (k n - 2) n| / (1 + sqrt((1 - k n)^2 + (k t)^2)).
"""

from __future__ import annotations

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact32 import float32s
from deepbench_hf.kernel import kernel

__all__ = ["CHUNK", "FAR2", "nearest_arm"]

CHUNK = 8
"""The stride of the map is a multiple of it, and so are the parts of rows that are worked on."""
FAR2 = np.float32(1e30)
"""Squared distance of a pixel that no arm is near to, px^2."""
_TWO_PI = 6.283185307179586
_ZERO, _ONE, _TWO, _TWENTIETH = float32s(0.0, 1.0, 2.0, 0.05)


@kernel
def nearest_arm(near, row, rows, column, stride, view, pieces, count, arms, turn, hand, reach):
    """Fill in the squared distance to the nearest arm, px^2, where it is below reach^2.

    Args:
        near: output (rows, stride), float32; beyond reach larger than reach^2.
        row, rows, column, stride: first row and column of the map, and their numbers; `stride` is
            a multiple of CHUNK.
        view: centre x, y in pixels of the map; columns of the matrix from the disc's plane (px) to
            the map: xu, yu, xv, yv; and of its inverse: ux, uy, vx, vy.
        pieces, count: of the arm that starts on the +x axis, of `trace_arm`.
        arms: number of arms.
        turn: position angle of the first arm's start, rad.
        hand: 1 or -1, sense of winding.
        reach: px in the disc's plane.
    """
    for j in range(rows):
        for i in range(stride):
            near[j, i] = FAR2
    for arm in range(arms):
        s, c = exact.sincos(turn + _TWO_PI * arm / arms)
        spin = (c, -hand * s, s, hand * c)
        for k in range(count):
            ends = (k == 0, k == count - 1)
            _near_piece(near, row, rows, column, stride, view, pieces[k], ends, spin, hand, reach)
        if count > 0:
            _near_end(near, row, rows, column, stride, view, pieces[0], pieces[0, 5], spin, reach)
            _near_end(
                near,
                row,
                rows,
                column,
                stride,
                view,
                pieces[count - 1],
                pieces[count - 1, 6],
                spin,
                reach,
            )


@kernel
def _window(u, v, tu, tv, along, across, view, row, rows, column, stride):
    """Rows and chunks of the map that a rectangle in the disc's plane touches: middle, sides."""
    x = view[0] + view[2] * u + view[4] * v
    y = view[1] + view[3] * u + view[5] * v
    wide = along * abs(view[2] * tu + view[4] * tv) + across * abs(view[4] * tu - view[2] * tv)
    high = along * abs(view[3] * tu + view[5] * tv) + across * abs(view[5] * tu - view[3] * tv)
    first = max(_whole(y - high) - row, 0)
    last = min(_whole(y + high) - row + 1, rows)
    left = max(_whole(x - wide) - column, 0) // CHUNK * CHUNK
    right = min((_whole(x + wide) - column + CHUNK) // CHUNK * CHUNK, stride)
    return first, last, left, max(right, left)


@kernel
def _whole(x: float) -> int:
    return int(np.rint(min(max(x, -1e6), 1e6)))


@kernel
def _near_piece(near, row, rows, column, stride, view, piece, ends, spin, hand, reach) -> None:
    """Compare the pixels beside one piece of an arm with it."""
    u = spin[0] * piece[0] + spin[1] * piece[1]
    v = spin[2] * piece[0] + spin[3] * piece[1]
    tu = spin[0] * piece[2] + spin[1] * piece[3]
    tv = spin[2] * piece[2] + spin[3] * piece[3]
    kappa = hand * piece[4]
    # Neighbouring circles meet under a small angle: their sectors overlap by this much.
    lean = piece[7]
    spare = 0.05 + lean * reach
    widen = 1.0 + abs(kappa) * reach
    back, forth = piece[5] * widen - spare, piece[6] * widen + spare
    middle, along = 0.5 * (back + forth), 0.5 * (forth - back)
    across = reach + 0.5 * abs(kappa) * max(piece[5] * piece[5], piece[6] * piece[6])
    first, last, left, right = _window(
        u + middle * tu, v + middle * tv, tu, tv, along, across, view, row, rows, column, stride
    )
    ux, vx = view[6], view[8]
    tx, nx = np.float32(tu * ux + tv * vx), np.float32(tu * vx - tv * ux)
    bend, back32 = np.float32(kappa), np.float32(piece[5])
    forth32, lean32 = np.float32(piece[6]), np.float32(lean)
    early32, late32 = np.float32(0.0 if ends[0] else 1.0), np.float32(0.0 if ends[1] else 1.0)
    for j in range(first, last):
        dx, dy = column + left - view[0], row + j - view[1]
        pu, pv = ux * dx + view[7] * dy - u, vx * dx + view[9] * dy - v
        t0, n0 = np.float32(tu * pu + tv * pv), np.float32(tu * pv - tv * pu)
        line = near[j, left:right]
        for i in range(line.size):
            t, n = t0 + tx * np.float32(np.int32(i)), n0 + nx * np.float32(np.int32(i))
            opening = _ONE - bend * n
            bent = bend * t
            side = bent * t + (bend * n - _TWO) * n
            d = side / (_ONE + np.sqrt(opening * opening + bent * bent))
            spare32 = _TWENTIETH + lean32 * abs(n)
            # How far outside the sector: one number, so that the loop becomes vectors.
            before = back32 * opening - early32 * spare32 - t
            behind = t - forth32 * opening - late32 * spare32
            outside = before if before > behind else behind
            outside = outside if outside > -opening else -opening
            d2 = d * d
            d2 = d2 if outside <= _ZERO else FAR2
            old = line[i]
            line[i] = d2 if d2 < old else old


@kernel
def _near_end(near, row, rows, column, stride, view, piece, t, spin, reach) -> None:
    """Compare the pixels around one end of an arm with that point."""
    # Back from t / (1 - k n) to the point of the circle at that angle.
    bent = piece[4] * t
    length = np.sqrt(1.0 + bent * bent)
    along, aside = t / length, bent * t / (length * (length + 1.0))
    x = piece[0] + along * piece[2] - aside * piece[3]
    y = piece[1] + along * piece[3] + aside * piece[2]
    u, v = spin[0] * x + spin[1] * y, spin[2] * x + spin[3] * y
    first, last, left, right = _window(
        u, v, 1.0, 0.0, reach, reach, view, row, rows, column, stride
    )
    stepu, stepv = np.float32(view[6]), np.float32(view[8])
    for j in range(first, last):
        dx, dy = column + left - view[0], row + j - view[1]
        u0 = np.float32(view[6] * dx + view[7] * dy - u)
        v0 = np.float32(view[8] * dx + view[9] * dy - v)
        line = near[j, left:right]
        for i in range(line.size):
            du = u0 + stepu * np.float32(np.int32(i))
            dv = v0 + stepv * np.float32(np.int32(i))
            d2 = du * du + dv * dv
            old = line[i]
            line[i] = d2 if d2 < old else old
