"""The flux of a spiral's arms, which has no closed form: by rings in the plane of the disc.

    F = int exp(-r / h) exp(-d^2 / 2 w^2) dA = int r exp(-r / h) M(r) dr

M is the mean over a ring, times 2 pi: by symmetry over the part that belongs to one arm, or as much
of it as is near that arm. There the light is periodic, or it vanishes at both ends, so equally
spaced points do. Where two arms meet it has a crease: the points of each ring are shifted against
it by the golden section, and what one ring sums up too much another lacks. The rings are
Gauss-Legendre nodes inside the beginning of the arms, along them, and beyond their ends.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import exp2f, float32s, sincosf
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.arms import arm_angle, arm_slant, arm_start
from deepbench_hf.simulators.sky.distance import FAR2, compare_points
from deepbench_hf.simulators.sky.quadrature import NODES_12, ORDERS, RULES, WEIGHTS_12
from deepbench_hf.simulators.sky.spiral import (
    ARMS,
    EXTENT,
    MODEL,
    PITCH,
    SCALE,
    SCALE_LENGTH,
    SWEEP,
    WIDTH,
    WINDING,
)

ANGLES = 16
"""Points of a ring."""
EIGHT = len(ORDERS) - 1
"""The rule of eight points."""
FLUX_POINTS = (2 * NODES_12.size + ORDERS[EIGHT]) * ANGLES
_REACH = 4.2  # widths from an arm out to which there is light
_LENGTHS = 12.0  # scale lengths out to which there is light
_INNER = 0.3  # radius of the inner rings over that of the arms' ends, for arms from the centre on
_GOLDEN = 0.6180339887498949
_PI, _TWO_PI, _LOG2_E = 3.141592653589793, 6.283185307179586, 1.4426950408889634
_ZERO, _FLOOR = float32s(0.0, -60.0)


@kernel
def arms_flux(a, pieces, points, rings) -> float:
    """Flux of the arms of a face-on disc of the central brightness 1, px^2.

    Args:
        a: the vector of the arms.
        pieces: of `trace`.
        points: scratch (3, FLUX_POINTS), float32.
        rings: scratch (2, FLUX_POINTS / ANGLES), float64.
    """
    if pieces.shape[0] == 0:
        return 0.0
    number = _set_rings(a, rings)
    u, v, near = points[0], points[1], points[2]
    _set_points(a, rings, number, u, v)
    for i in range(near.size):
        near[i] = FAR2
    _compare(a, pieces, rings[0, :number], u, v, near)
    narrow = np.float32(-0.5 * _LOG2_E / (a[WIDTH] * a[WIDTH]))
    for i in range(near.size):
        power = narrow * near[i]
        near[i] = exp2f(power if power > _FLOOR else _FLOOR)
    for k in range(number):
        light, first, weight = near[k * ANGLES :], near, np.float32(rings[1, k])
        for i in range(ANGLES):
            first[i] = weight * light[i] + (first[i] if k > 0 else _ZERO)
    total = 0.0
    for i in range(ANGLES):
        total += near[i]
    return total


@kernel
def _set_rings(a, rings) -> int:
    """Fill in the radii of the rings, ascending, and their weights r dr; return their number."""
    w, light = a[WIDTH], _LENGTHS * a[SCALE_LENGTH]
    end = min(a[EXTENT], light)
    start = arm_start(int(a[MODEL]), a[SCALE], a[WINDING], a[SWEEP])
    inner = min(start, end) if a[MODEL] == 0.0 else _INNER * end
    count = _add_rings(rings, np.int64(0), 0.0, inner, NODES_12, WEIGHTS_12)
    count = _add_rings(rings, count, inner, end, NODES_12, WEIGHTS_12)
    last = min(end + _REACH * w, light)
    return _add_rings(rings, count, end, last, RULES[EIGHT, 0], RULES[EIGHT, 1])


@kernel
def _add_rings(rings, count, low, high, nodes, weights) -> int:
    """Add rings from a radius to another behind those that are there; return their number."""
    if high <= low:
        return count
    for k in range(nodes.size):
        r = 0.5 * (low + high) + (high - low) * nodes[k]
        rings[0, count + k], rings[1, count + k] = r, (high - low) * weights[k] * r
    return count + nodes.size


@kernel
def _set_points(a, rings, count, u, v) -> None:
    """Fill in the points of the rings; multiply the weights by exp(-r / h) and the angles."""
    model, arms = int(a[MODEL]), a[ARMS]
    arm = (model, a[SCALE], a[PITCH], a[WINDING])
    start, end = arm_start(model, a[SCALE], a[WINDING], a[SWEEP]), a[EXTENT]
    shift = 0.0
    for k in range(count):
        r = rings[0, k]
        on_arm = min(max(r, start), end)
        phi = arm_angle(on_arm, *arm, a[SWEEP])
        half = 0.5 * _REACH * a[WIDTH] / (r * arm_slant(on_arm, phi, *arm))
        half = min(_PI / arms, 2.2 * half) if half < 0.5 else _PI / arms  # 2 arcsin, and some
        rings[1, k] *= exact.exp(-r / a[SCALE_LENGTH]) * 2.0 * half * arms / ANGLES
        shift = shift + _GOLDEN - (1.0 if shift + _GOLDEN >= 1.0 else 0.0)
        first = np.float32(phi + half * (2.0 * shift / ANGLES - 1.0))
        step, radius = np.float32(2.0 * half / ANGLES), np.float32(r)
        angles, radii = u[k * ANGLES :], v[k * ANGLES :]
        for i in range(ANGLES):
            angles[i], radii[i] = first + step * np.float32(np.int32(i)), radius
    for i in range(count * ANGLES):
        s, c = sincosf(u[i])
        u[i], v[i] = v[i] * c, v[i] * s


@kernel
def _compare(a, pieces, radii, u, v, near) -> None:
    """Lessen the squared distances of the points of rings to all arms, within the reach."""
    reach = _REACH * a[WIDTH]
    arms = int(a[ARMS])
    for arm in range(arms):
        s, c = exact.sincos(_TWO_PI * arm / arms)
        spin, first = (c, -s, s, c), 0
        for k in range(pieces.shape[0]):
            low = pieces[k - 1, 8] if k > 0 else 0.0
            while first < radii.size and radii[first] < low - reach:
                first += 1
            last = first
            while last < radii.size and radii[last] <= pieces[k, 8] + reach:
                last += 1
            part = slice(first * ANGLES, last * ANGLES)
            ends = (k == 0, k == pieces.shape[0] - 1)
            compare_points(near[part], u[part], v[part], pieces[k], ends, spin)
