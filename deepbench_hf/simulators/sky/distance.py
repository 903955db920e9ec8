"""Squared distances of pixels, in the plane of a disc, to the nearest spiral arm.

Each piece of an arm is a circle; only pixels near it that see it under a right angle are compared
with it, and the ends of the arms are points. In the frame (t, n) of the middle of a piece of
curvature k, the distance to its circle is
|s| / (1 + sqrt(1 + k s)), s = k t^2 + (k n - 2) n.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import float32s
from deepbench_hf.exact.kernel import kernel

CHUNK = 8
"""Pixels of a row that are worked on together: a loop of a constant length becomes vectors."""
FAR2 = np.float32(1e30)
"""Squared distance of a pixel that no arm is near to, px^2."""
_TWO_PI = 6.283185307179586
_ZERO, _ONE, _TWO, _TWENTIETH = float32s(0.0, 1.0, 2.0, 0.05)


@kernel
def whole_chunks(columns: int) -> int:
    """Columns of a map that has at least so many."""
    return (columns + CHUNK - 1) // CHUNK * CHUNK


@kernel
def nearest_arm(near, row, column, view, pieces, arms, turn, hand, reach) -> None:
    """Fill in the squared distance to the nearest arm, px^2, where it is below reach^2.

    Args:
        near: output (rows, columns), float32; beyond reach larger than reach^2. The number of
            columns is a multiple of CHUNK.
        row, column: first row and column of the map.
        view: centre x, y in pixels of the map; columns of the matrix from the disc's plane (px) to
            the map: xu, yu, xv, yv; and of its inverse: ux, uy, vx, vy.
        pieces: of the arm that starts on the +x axis, of `trace_arm`.
        arms: number of arms.
        turn: position angle of the first arm's start, rad.
        hand: 1 or -1, sense of winding.
        reach: px in the disc's plane.
    """
    for j in range(near.shape[0]):
        for i in range(near.shape[1]):
            near[j, i] = FAR2
    for arm in range(arms):
        s, c = exact.sincos(turn + _TWO_PI * arm / arms)
        spin = (c, -hand * s, s, hand * c)
        last = pieces.shape[0] - 1
        for k in range(last + 1):
            piece, ends = pieces[k], (k == 0, k == last)
            _near_piece(near, row, column, view, piece, ends, spin, hand, reach)
            for side in range(2):
                if ends[side]:
                    _near_end(near, row, column, view, piece, piece[5 + side], spin, reach)


@kernel
def _window(u, v, tu, tv, along, across, view, row, column, shape) -> tuple[int, int, int, int]:
    """Rows and chunks of the map that a rectangle in the disc's plane touches: middle, sides."""
    x = view[0] + view[2] * u + view[4] * v
    y = view[1] + view[3] * u + view[5] * v
    wide = along * abs(view[2] * tu + view[4] * tv) + across * abs(view[4] * tu - view[2] * tv)
    high = along * abs(view[3] * tu + view[5] * tv) + across * abs(view[5] * tu - view[3] * tv)
    first = max(_whole(y - high) - row, 0)
    last = min(_whole(y + high) - row + 1, shape[0])
    left = max(_whole(x - wide) - column, 0) // CHUNK * CHUNK
    right = min((_whole(x + wide) - column + CHUNK) // CHUNK * CHUNK, shape[1])
    return first, last, left, max(right, left)


@kernel
def _whole(x: float) -> int:
    return int(np.rint(min(max(x, -1e6), 1e6)))


@kernel(inline=True)
def _squared(t, n, bend, back, forth, early, late, lean) -> np.float32:
    """Squared distance to a circle of the point (t, n) in its frame; FAR2 beside its sector."""
    bent_n = bend * n
    opening, side = _ONE - bent_n, bend * t * t + (bent_n - _TWO) * n
    d = side / (_ONE + np.sqrt(abs(_ONE + bend * side)))
    spare = _TWENTIETH + lean * abs(n)
    # How far outside the sector: one number, so that the loop becomes vectors.
    before = back * opening - early * spare - t
    behind = t - forth * opening - late * spare
    outside = before if before > behind else behind
    outside = outside if outside > -opening else -opening
    d2 = d * d
    return d2 if outside <= _ZERO else FAR2


@kernel
def _circle(piece, ends, hand):
    """The circle of a piece as `_squared` takes it. At the ends of the arm it ends sharply."""
    early, late = np.float32(0.0 if ends[0] else 1.0), np.float32(0.0 if ends[1] else 1.0)
    bend, lean = np.float32(hand * piece[4]), np.float32(piece[7])
    return bend, np.float32(piece[5]), np.float32(piece[6]), early, late, lean


@kernel
def _turned(piece, spin) -> tuple[float, float, float, float]:
    """Middle and direction of a piece of an arm that is turned and mirrored."""
    u, v = spin[0] * piece[0] + spin[1] * piece[1], spin[2] * piece[0] + spin[3] * piece[1]
    return u, v, spin[0] * piece[2] + spin[1] * piece[3], spin[2] * piece[2] + spin[3] * piece[3]


@kernel
def _near_piece(near, row, column, view, piece, ends, spin, hand, reach) -> None:
    """Compare the pixels beside one piece of an arm with it."""
    u, v, tu, tv = _turned(piece, spin)
    # Neighbouring circles meet under a small angle: their sectors overlap by this much.
    spare = 0.05 + piece[7] * reach
    widen = 1.0 + abs(piece[4]) * reach
    back, forth = piece[5] * widen - spare, piece[6] * widen + spare
    middle, along = 0.5 * (back + forth), 0.5 * (forth - back)
    across = reach + 0.5 * abs(piece[4]) * max(piece[5] * piece[5], piece[6] * piece[6])
    place = (u + middle * tu, v + middle * tv, tu, tv)
    first, last, left, right = _window(*place, along, across, view, row, column, near.shape)
    ux, vx = view[6], view[8]
    tx, nx = np.float32(tu * ux + tv * vx), np.float32(tu * vx - tv * ux)
    circle = _circle(piece, ends, hand)
    bend, back32, forth32, early, late, lean = circle
    for j in range(first, last):
        for part in range(left, right, CHUNK):
            dx, dy = column + part - view[0], row + j - view[1]
            pu, pv = ux * dx + view[7] * dy - u, vx * dx + view[9] * dy - v
            t0, n0 = np.float32(tu * pu + tv * pv), np.float32(tu * pv - tv * pu)
            line = near[j, part : part + CHUNK]
            for i in range(CHUNK):
                t, n = t0 + tx * np.float32(np.int32(i)), n0 + nx * np.float32(np.int32(i))
                d2 = _squared(t, n, bend, back32, forth32, early, late, lean)
                old = line[i]
                line[i] = d2 if d2 < old else old


@kernel
def compare_points(near, us, vs, piece, ends, spin) -> None:
    """Compare points of the disc's plane with one piece of an arm, and with the arm's ends.

    Args:
        near: squared distances so far, px^2; float32, to be lessened.
        us, vs: the points, px, float32.
        piece, ends, spin: as in `nearest_arm`, for arms that wind to the left.
    """
    u, v, tu, tv = _turned(piece, spin)
    u0, v0, tu32, tv32 = np.float32(u), np.float32(v), np.float32(tu), np.float32(tv)
    bend, back, forth, early, late, lean = _circle(piece, ends, 1.0)
    for i in range(near.size):
        du, dv = us[i] - u0, vs[i] - v0
        t, n = tu32 * du + tv32 * dv, tu32 * dv - tv32 * du
        d2 = _squared(t, n, bend, back, forth, early, late, lean)
        old = near[i]
        near[i] = d2 if d2 < old else old
    for side in range(2):
        if ends[side]:
            u, v = _end(piece, piece[5 + side], spin)
            u0, v0 = np.float32(u), np.float32(v)
            for i in range(near.size):
                du, dv = us[i] - u0, vs[i] - v0
                d2, old = du * du + dv * dv, near[i]
                near[i] = d2 if d2 < old else old


@kernel
def _end(piece, t, spin) -> tuple[float, float]:
    """The end of a piece: back from t / (1 - k n) to the point of the circle at that angle."""
    bent = piece[4] * t
    length = np.sqrt(1.0 + bent * bent)
    along, aside = t / length, bent * t / (length * (length + 1.0))
    x = piece[0] + along * piece[2] - aside * piece[3]
    y = piece[1] + along * piece[3] + aside * piece[2]
    return spin[0] * x + spin[1] * y, spin[2] * x + spin[3] * y


@kernel
def _near_end(near, row, column, view, piece, t, spin, reach) -> None:
    """Compare the pixels around one end of an arm with that point."""
    u, v = _end(piece, t, spin)
    place = (u, v, 1.0, 0.0, reach, reach)
    first, last, left, right = _window(*place, view, row, column, near.shape)
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
