"""The disc of a spiral with its arms.

In the plane of the disc, r from the centre and at the distance d from the nearest arm,

    I = I_disc(r) [(1 - C) + C A],  A = exp(-d^2 / 2 w^2),  I_disc(r) = I(0) exp(-r / h).

The centre, where I_disc has its cusp, is as far from the arms as they begin: A = A_0 there. So
I_disc (1 - C + C A_0) is a Sersic profile with n = 1 that has all of the cusp, and what is left,
C I_disc (A - A_0), has none. An inclined disc is the face-on one with its minor axis shortened
to q: a pixel's distances are those of its point in the plane.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import exp2f, float32s
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.arms import ELEMENTS, arm_start, trace_arm
from deepbench_hf.simulators.sky.distance import nearest_arm, whole_chunks

X, Y, RATIO, COS, SIN, SCALE_LENGTH, WIDTH, ARMS, HAND, TURN = range(10)
MODEL, SCALE, EXTENT, PITCH, WINDING, SWEEP, PEAK, CENTRAL, CONTRAST, PIECES = range(10, 20)
"""Centre, px; disc; arms, as in `objects.py`; I(0) for unit flux, 1/px^2; A_0; C; number of
pieces of an arm."""

REACH = 3.9
"""Arms are drawn out to this many of their widths w: to 5e-4 of the brightness on the arm."""
_NEAR, _NEAREST = 0.005, 1e-5  # distance of the circles from the arm, px: in images, in maps
_LOG2_E = 1.4426950408889634
_RADIANS = 0.017453292519943295
_FAINT = 1e-4  # an A_0 that does not matter
_FLOOR = float32s(-30.0)[0]  # products of two must not be denormal


@kernel
def set_arms(a, source) -> None:
    """Fill in the vector of an object's arms, but for the brightness."""
    a[X], a[Y], a[RATIO] = source.center_x_px, source.center_y_px, source.axis_ratio
    a[SIN], a[COS] = exact.sincos(source.angle_deg * _RADIANS)
    a[SCALE_LENGTH], a[WIDTH], a[ARMS] = source.scale_length_px, source.arm_width_px, source.arms
    a[HAND] = 1.0 if source.handedness >= 0.0 else -1.0
    a[TURN] = source.arm_phase_deg * _RADIANS
    a[MODEL], a[SCALE], a[EXTENT] = source.arm_model, source.arm_scale_px, source.arm_extent_px
    a[PITCH], a[WINDING], a[SWEEP] = source.pitch_deg, source.winding, source.sweep
    a[CONTRAST] = source.arm_contrast
    first = arm_start(int(a[MODEL]), a[SCALE], a[WINDING], a[SWEEP])
    value = exact.exp(-0.5 * first * first / (a[WIDTH] * a[WIDTH]))
    a[CENTRAL] = value if value > _FAINT and first < a[EXTENT] else 0.0


@kernel
def arms_extent(a) -> float:
    """Radius in the disc's plane, px, beyond which there are no arms."""
    return min(a[EXTENT], 12.0 * a[SCALE_LENGTH]) + REACH * a[WIDTH]


@kernel
def trace(a, pieces) -> int:
    """Fill in the pieces of one arm, as far as there is light; return how many there are."""
    model = int(a[MODEL])
    start = arm_start(model, a[SCALE], a[WINDING], a[SWEEP])
    end = min(a[EXTENT], 12.0 * a[SCALE_LENGTH] + REACH * a[WIDTH])
    arm = (model, a[SCALE], a[PITCH], a[WINDING], a[SWEEP])
    return trace_arm(start, end, *arm, _NEAR, pieces)


@kernel
def sample_arms(a, pieces, row, column, ox, oy, lines) -> None:
    """Fill in the brightness of the arms, C A, at the shifted pixel centres of a box.

    Args:
        a: the vector of the disc.
        pieces: of `trace`.
        row, column: first row and column of the box.
        ox, oy: shift of the points, px.
        lines: output, float32: the rows of the box, in whole chunks.
    """
    c, s, q = a[COS], a[SIN], a[RATIO]
    view = (a[X] - ox, a[Y] - oy, c, s, -s * q, c * q, c, s, -s / q, c / q)
    reach = REACH * a[WIDTH]
    nearest_arm(lines, row, column, view, pieces, int(a[ARMS]), a[TURN], a[HAND], reach)
    narrow = np.float32(-0.5 * _LOG2_E / (a[WIDTH] * a[WIDTH]))
    contrast, flat = np.float32(a[CONTRAST]), lines.reshape(-1)
    for i in range(flat.size):
        power = narrow * flat[i]
        flat[i] = contrast * exp2f(power if power > _FLOOR else _FLOOR)


@kernel
def sample_disc(a, z, where, inner, arms, base, ox, oy) -> None:
    """Fill in the brightness of a disc and its arms, I(0) exp(-r / h) (base + C A).

    Args:
        a: the vector of the disc.
        z: output, float32, row after row.
        where: first row, rows, first column and columns of the box of z.
        inner: those of the arms, a part of it.
        arms: C A, of `sample_arms`.
        base: what the disc has without its arms.
        ox, oy: shift of the points, px.
    """
    row, rows, column, columns = where
    c, s, q = a[COS], a[SIN], a[RATIO]
    steep, across = np.float32(-_LOG2_E / a[SCALE_LENGTH]), 1.0 / (q * q)
    form_x, form_y = np.float32(c * c + s * s * across), np.float32(s * s + c * c * across)
    mixed, left = np.float32(2.0 * c * s * (1.0 - across)), np.float32(column + ox - a[X])
    for j in range(rows):
        dy = np.float32(row + j + oy - a[Y])
        tilt, rest = mixed * dy, form_y * dy * dy
        line = z[j * columns : (j + 1) * columns]
        for i in range(columns):
            dx = left + np.float32(np.int32(i))
            line[i] = (form_x * dx + tilt) * dx + rest
    flat, peak, base32 = z[: rows * columns], np.float32(a[PEAK]), np.float32(base)
    for i in range(flat.size):
        power = steep * np.sqrt(abs(flat[i]))
        flat[i] = peak * exp2f(power if power > _FLOOR else _FLOOR)
    _light_up(z, where, inner, arms, base32)


@kernel
def _light_up(z, where, inner, arms, base) -> None:
    """Multiply z by base + arms where there are arms, else by base."""
    row, rows, column, columns = where
    top, left = inner[0] - row, inner[2] - column
    right = left + inner[3]
    for j in range(rows):
        line = z[j * columns : (j + 1) * columns]
        # An empty box may lie anywhere, beyond the frame as well.
        if inner[3] > 0 and top <= j < top + inner[1]:
            light, middle = arms[j - top], line[left:right]
            for i in range(left):
                line[i] = line[i] * base
            for i in range(middle.size):
                middle[i] = middle[i] * (base + light[i])
            for i in range(right, columns):
                line[i] = line[i] * base
        else:
            for i in range(columns):
                line[i] = line[i] * base


@kernel(allocates=True)
def distance_map(
    center_x_px: float,
    center_y_px: float,
    axis_ratio: float,
    angle_deg: float,
    arms: int,
    handedness: int,
    phase_deg: float,
    extent_px: float,
    model: int,
    scale_px: float,
    pitch_deg: float,
    winding: float,
    sweep: float,
    reach_px: float,
    distance,
) -> None:
    """Fill in the distance of each pixel's centre, in the disc's plane, to the nearest arm.

    Args:
        center_x_px, center_y_px, axis_ratio, angle_deg: of the disc.
        arms, handedness, phase_deg, extent_px, model, scale_px, pitch_deg, winding, sweep: of the
            arms, as in `objects.py` and `arms.arm_radius`.
        reach_px: distance up to which the map is right; beyond, it is some larger number.
        distance: output (H, W), float64, px.
    """
    rows, columns = distance.shape
    stride = whole_chunks(columns)
    near, pieces = np.empty((rows, stride), np.float32), np.empty((ELEMENTS, 9))
    s, c = exact.sincos(angle_deg * _RADIANS)
    q = axis_ratio
    view = (center_x_px, center_y_px, c, s, -s * q, c * q, c, s, -s / q, c / q)
    start = arm_start(model, scale_px, winding, sweep)
    count = trace_arm(
        start, extent_px, model, scale_px, pitch_deg, winding, sweep, _NEAREST, pieces
    )
    hand, turn = (1.0 if handedness >= 0 else -1.0), phase_deg * _RADIANS
    nearest_arm(near, 0, 0, view, pieces[:count], arms, turn, hand, reach_px)
    for j in range(rows):
        for i in range(columns):
            distance[j, i] = np.sqrt(near[j, i])
