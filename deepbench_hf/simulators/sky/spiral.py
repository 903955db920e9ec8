"""The arms of a spiral: the part of its disc's brightness that is in them, and its flux.

In the plane of the disc, r from the centre and at the distance d from the nearest arm,

    I = I_disc(r) [(1 - C) + C A],  A = exp(-d^2 / 2 w^2),  I_disc(r) = I(0) exp(-r / h).

The centre, where I_disc has its cusp, is as far from the arms as they begin: A = A_0 there. So
I_disc (1 - C + C A_0) is a Sersic profile with n = 1, and what is left for here,
C I_disc (A - A_0), has no cusp. An inclined disc is the face-on one with its minor axis shortened
to q: a pixel's distances are those of its point in the plane.
"""

from __future__ import annotations

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact32 import exp2f, float32s
from deepbench_hf.kernel import kernel
from deepbench_hf.simulators.sky.arms import ELEMENTS, arm_pitch, arm_start, trace_arm
from deepbench_hf.simulators.sky.distance import CHUNK, nearest_arm

__all__ = ["CENTRAL", "PEAK", "arms_extent", "arms_flux", "distance_map", "sample_arms", "set_arms"]

X, Y, RATIO, COS, SIN, SCALE_LENGTH, WIDTH, ARMS, HAND, TURN = range(10)
MODEL, SCALE, EXTENT, PITCH, WINDING, SWEEP, PEAK, CENTRAL = range(10, 18)
"""Centre, px; disc; arms, as in `objects.py`; brightness C I(0) for unit flux, 1/px^2;
A_0."""

REACH = 3.9
"""Arms are drawn out to this many of their widths w: to 5e-4 of the brightness on the arm."""
_NEAR, _NEAREST = 0.005, 1e-5  # distance of the circles from the arm, px: in images, in maps
_LOG2_E = 1.4426950408889634
_RADIANS = 0.017453292519943295
FLUX_SIDE = 256  # points a side of the grid for the flux, at most
_ROOT_TWO_PI = 2.5066282746310002
_ROOT_TWO, _ROOT_PI, _TWO_PI = 1.4142135623730951, 1.7724538509055159, 6.283185307179586
_FAINT = 1e-4  # an A_0 that does not matter
_BLOB = 4.0  # widths over scale length up to which the central part is taken off
_LENGTHS = 10.0  # scale lengths out to which there is flux
_FLOOR = float32s(-60.0)[0]


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
    first = arm_start(int(a[MODEL]), a[SCALE], a[WINDING], a[SWEEP])
    value = exact.exp(-0.5 * first * first / (a[WIDTH] * a[WIDTH]))
    a[CENTRAL] = value if value > _FAINT and first < a[EXTENT] else 0.0


@kernel
def arms_extent(a) -> float:
    """Radius in the disc's plane, px, beyond which the arms give no light."""
    light = 12.0 * a[SCALE_LENGTH]
    return light if a[CENTRAL] > 0.0 else min(a[EXTENT], light) + REACH * a[WIDTH]


@kernel
def trace(a, pieces) -> int:
    """Fill in the pieces of one arm, as far as there is light; return their number."""
    model = int(a[MODEL])
    start = arm_start(model, a[SCALE], a[WINDING], a[SWEEP])
    end = min(a[EXTENT], 12.0 * a[SCALE_LENGTH] + REACH * a[WIDTH])
    return trace_arm(start, end, model, a[SCALE], a[PITCH], a[WINDING], a[SWEEP], _NEAR, pieces)


@kernel
def fill_distances(a, pieces, count, near, row, rows, column, stride, view, reach) -> None:
    """Fill in the squared distances of a map, of `nearest_arm`, to the arms of the vector."""
    arms = int(a[ARMS])
    where = (near, row, rows, column, stride, view)
    nearest_arm(*where, pieces, count, arms, a[TURN], a[HAND], reach)


@kernel
def sample_arms(a, pieces, count, z, row, rows, column, columns, ox, oy, near) -> None:
    """Fill z[: rows columns] with the brightness of the arms at shifted pixel centres.

    Args:
        a: the vector of the arms.
        pieces, count: of `trace`.
        z: output, float32, row after row.
        row, rows, column, columns: first row and column of the box, and how many.
        ox, oy: shift of the points, px.
        near: scratch, float32, for rows of columns rounded up to whole chunks.
    """
    stride = (columns + CHUNK - 1) // CHUNK * CHUNK
    near = near[: rows * stride].reshape(rows, stride)
    c, s, q = a[COS], a[SIN], a[RATIO]
    x, y = a[X] - ox, a[Y] - oy
    view = (x, y, c, s, -s * q, c * q, c, s, -s / q, c / q)
    fill_distances(a, pieces, count, near, row, rows, column, stride, view, REACH * a[WIDTH])
    _shine(a, z, near, row, rows, column, columns, x, y)


@kernel
def _shine(a, z, near, row, rows, column, columns, x, y) -> None:
    """Fill in PEAK exp(-r / h) (exp(-d^2 / 2 w^2) - A_0) from the squared distances d^2."""
    c, s, q, h = a[COS], a[SIN], a[RATIO], a[SCALE_LENGTH]
    steep = np.float32(-_LOG2_E / h)
    narrow = np.float32(-0.5 * _LOG2_E / (a[WIDTH] * a[WIDTH]))
    across = 1.0 / (q * q)
    form_x, form_y = np.float32(c * c + s * s * across), np.float32(s * s + c * c * across)
    mixed, peak = np.float32(2.0 * c * s * (1.0 - across)), np.float32(a[PEAK])
    left, central = np.float32(column - x), np.float32(a[CENTRAL])
    for j in range(rows):
        dy = np.float32(row + j - y)
        tilt, rest = mixed * dy, form_y * dy * dy
        line, distances = z[j * columns : (j + 1) * columns], near[j]
        for i in range(columns):
            dx = left + np.float32(np.int32(i))
            r = np.sqrt(abs((form_x * dx + tilt) * dx + rest))
            power = narrow * distances[i]
            line[i] = exp2f(power if power > _FLOOR else _FLOOR) - central
            r = steep * r
            line[i] *= peak * exp2f(r if r > _FLOOR else _FLOOR)


@kernel
def arms_flux(a, pieces, count, z, near) -> float:
    """Flux of the arms of a face-on disc for PEAK = 1: int exp(-r / h - d^2 / 2 w^2) dA, px^2.

    The sum over a grid in the plane of the disc, centred on the galaxy: so it depends on neither
    the place nor the frame. A_0 exp(-r / h - r^2 / 2 w^2), whose integral is known, is taken off
    before: it has the cusp in the centre. Arms that are thin against the grid count as ribbons.
    """
    if count == 0:
        return 0.0
    h, w = a[SCALE_LENGTH], a[WIDTH]
    end = min(a[EXTENT] + REACH * w, _LENGTHS * h)
    step = min(_grid_step(a), 0.7 * h)
    half = int(np.rint(end / step)) + 1
    if 2 * half > FLUX_SIDE:
        return _ribbon_flux(a, pieces, count)
    even = int(a[ARMS]) % 2 == 0
    rows, stride = half if even else 2 * half, (2 * half + CHUNK - 1) // CHUNK * CHUNK
    near = near[: rows * stride].reshape(rows, stride)
    middle = half - 0.5
    view = (middle, middle, 1.0 / step, 0.0, 0.0, 1.0 / step, step, 0.0, 0.0, step)
    zero = np.int64(0)
    fill_distances(a, pieces, count, near, zero, rows, zero, stride, view, REACH * w)
    for i in range(stride):
        z[i] = np.float32(0.0)
    narrow = -0.5 * _LOG2_E / (w * w)
    blob = a[CENTRAL] if w < _BLOB * h else 0.0
    _add_rows(-_LOG2_E * step / h, narrow, narrow * step * step, blob, near, middle, z[:stride])
    total = 0.0
    for i in range(2 * half):
        total += z[i]
    return total * step * step * (2.0 if even else 1.0) + blob * _blob_flux(w, h)


@kernel
def _grid_step(a) -> float:
    """Step of the grid for the flux, px: fine where arms meet, as the light has creases there."""
    model, w = int(a[MODEL]), a[WIDTH]
    r = max(0.7 * a[SCALE_LENGTH], arm_start(model, a[SCALE], a[WINDING], a[SWEEP]))
    pitch = arm_pitch(r, model, a[SCALE], a[PITCH], a[WINDING], a[SWEEP])
    apart = _TWO_PI * r * exact.sin(pitch) / a[ARMS]
    return (0.35 if apart < 6.0 * w else 0.8) * w


@kernel
def _blob_flux(w, h) -> float:
    """Integral of exp(-r / h - r^2 / 2 w^2) over the plane, px^2; for w below 4 h."""
    x = w / (_ROOT_TWO * h)
    tail = exact.exp(x * x) * (1.0 - exact.erf(x))
    return _TWO_PI * w * w * (1.0 - _ROOT_PI * x * tail)


@kernel
def _add_rows(steep, narrow, round_, blob, near, middle, sums) -> None:
    """Add up the columns of 2^(steep r) (2^(narrow d^2) - blob 2^(round r^2)), r in grid steps."""
    steep, narrow = np.float32(steep), np.float32(narrow)
    round_, blob = np.float32(round_), np.float32(blob)
    for j in range(near.shape[0]):
        dy2, line = np.float32((j - middle) * (j - middle)), near[j]
        for i in range(sums.size):
            dx = np.float32(np.int32(i)) - np.float32(middle)
            r2 = dx * dx + dy2
            power, near_centre = narrow * line[i], round_ * r2
            arms = exp2f(power if power > _FLOOR else _FLOOR)
            arms -= blob * exp2f(near_centre if near_centre > _FLOOR else _FLOOR)
            power = steep * np.sqrt(r2)
            sums[i] += arms * exp2f(power if power > _FLOOR else _FLOOR)


@kernel
def _ribbon_flux(a, pieces, count) -> float:
    """Flux of arms that do not overlap: w sqrt(2 pi) int exp(-r / h) ds, by Simpson's rule."""
    total = 0.0
    for k in range(count):
        x, y, tx, ty, kappa, back, forth = pieces[k, :7]
        light = 4.0 * _disc(x, y, a)
        for t in (back, forth):
            light += _disc(x + t * tx, y + t * ty, a)
        bent = max(abs(kappa), 1e-9)
        length = exact.atan2(bent * forth, 1.0) - exact.atan2(bent * back, 1.0)
        total += light * length / (6.0 * bent)
    return a[ARMS] * _ROOT_TWO_PI * a[WIDTH] * total


@kernel
def _disc(x, y, a) -> float:
    """exp(-r / h) at a point in the plane of the disc."""
    return exact.exp(-np.sqrt(x * x + y * y) / a[SCALE_LENGTH])


@kernel
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
    stride = (columns + CHUNK - 1) // CHUNK * CHUNK
    near, pieces = np.empty((rows, stride), np.float32), np.empty((ELEMENTS, 8))
    s, c = exact.sincos(angle_deg * _RADIANS)
    q = axis_ratio
    view = (center_x_px, center_y_px, c, s, -s * q, c * q, c, s, -s / q, c / q)
    start = arm_start(model, scale_px, winding, sweep)
    count = trace_arm(
        start, extent_px, model, scale_px, pitch_deg, winding, sweep, _NEAREST, pieces
    )
    hand, turn = (1.0 if handedness >= 0 else -1.0), phase_deg * _RADIANS
    where = (near, 0, rows, 0, stride, view)
    nearest_arm(*where, pieces, count, arms, turn, hand, reach_px)
    for j in range(rows):
        for i in range(columns):
            distance[j, i] = np.sqrt(near[j, i])
