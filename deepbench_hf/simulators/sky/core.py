"""The light near a cusp or sharp peak under a PSF: on a fine grid of its own.

The brightness f is split by the window W = (1 - t)^6 (1 + 6 t + 21 t^2), t = r^2 / R^2, around the
object's centre. What is outside, f (1 - W), is smooth enough for the canvas; f W is kept as means
over the cells of a grid that is centred on the object, and the cells are spread by the PSF straight
onto the pixels. The variance of a cell, step^2 / 12, is taken off that of the Gaussian. The cusp,
what the central cell has more than its neighbours, is spread as a point instead.
"""

import numpy as np

from deepbench_hf.exact.float32 import float32s
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.means import LANES
from deepbench_hf.simulators.sky.profile import X, Y
from deepbench_hf.simulators.sky.psf import SIGMAS, gaussian_shares

CORE_RADIUS = 4.2
"""Radius R of the window at level 1, px; at level s it is divided by s."""
CORE_SIDE = 17
"""Cells a side of the fine grid."""
STRIDE = LANES
STEP = 0.5
"""Side of a cell at level 1, px."""
MIDDLE = CORE_SIDE // 2
_ZERO, _ONE = float32s(0.0, 1.0)


def _power(r2: float) -> float:
    """W = 1 - 56 t^3 + ... of t = r^2 / R^2; 0 outside."""
    rest = 1.0 - r2
    if rest <= 0.0:
        return 0.0
    cube = rest * rest * rest
    return cube * cube * (1.0 + r2 * (6.0 + 21.0 * r2))


window = kernel(_power)
_LINE = [(k - MIDDLE) * STEP / CORE_RADIUS for k in range(CORE_SIDE)]
WINDOW = np.array([[_power(x * x + y * y) for x in _LINE] for y in _LINE], np.float32)
"""The window at the cells' centres."""


@kernel
def cut_core(p, level, z, row, rows, column, columns, ox, oy) -> None:
    """Multiply sampled brightness, laid out as by `profile.sample`, by 1 - W."""
    lines = z[: rows * columns].reshape(rows, columns)
    _cut(p[X] - ox - column, p[Y] - oy - row, level, lines, columns, 1.0, 0.0)


@kernel
def cut_light(p, level, lines, row, column, columns, ox, oy, light) -> None:
    """Subtract `light` W from the rows of a box that are longer than it."""
    _cut(p[X] - ox - column, p[Y] - oy - row, level, lines, columns, 0.0, light)


@kernel
def _cut(x, y, level, lines, columns, factor, light) -> None:
    """Subtract W (factor z + light) from z."""
    radius = CORE_RADIUS / level
    left, right = max(int(np.floor(x - radius)), 0), min(int(np.ceil(x + radius)) + 1, columns)
    top = max(int(np.floor(y - radius)), 0)
    bottom = min(int(np.ceil(y + radius)) + 1, lines.shape[0])
    for j in range(top, bottom):
        dy, line = j - y, lines[j]
        for i in range(left, right):
            dx = i - x
            inside = window((dx * dx + dy * dy) / (radius * radius))
            line[i] -= inside * (factor * line[i] + light)


@kernel
def _set_shares(share, below, centre, size, level, sigma) -> tuple[int, int]:
    """Fill in share[i, m] of cell i's light in pixel first + m; return first and how many.

    share[CORE_SIDE] is that of the cusp.
    """
    step, per_pixel = STEP / level, 2 * level
    narrow = np.sqrt(sigma * sigma - step * step / 12.0)
    reach = CORE_RADIUS / level + SIGMAS * sigma
    first = max(int(np.rint(max(centre - reach, -1.0))), 0)
    end = min(int(np.rint(min(max(centre + reach, -1.0), size + 1.0))), size - 1)
    count = max(end - first + 1, 0)
    # Shares below points a step apart: those at the edges of the pixels, as the cells see them.
    origin = first - 0.5 - centre - MIDDLE * step
    gaussian_shares(below[: count * per_pixel + CORE_SIDE], origin, step, narrow)
    for i in range(CORE_SIDE):
        for m in range(count):
            k = m * per_pixel + CORE_SIDE - 1 - i
            share[i, m] = below[k + per_pixel] - below[k]
        for m in range(count, (count + LANES - 1) // LANES * LANES):
            share[i, m] = _ZERO
    gaussian_shares(below[: count + 1], first - 0.5 - centre, 1.0, sigma)
    for m in range(count):
        share[CORE_SIDE, m] = below[m + 1] - below[m]
    return first, count


@kernel
def spread_core(p, level, cusp, sigma, weight, work, image) -> float:
    """Add the cells' light, spread by one Gaussian, to the image; return its sum in the frame.

    Args:
        p: the vector of the profile.
        level: of the canvas.
        cusp: flux of the cusp.
        sigma, weight: of the Gaussian, px; the cells' light is multiplied by it.
        work: scratch; `core` holds the cells' light.
        image: (H, W), float32.
    """
    rows, columns = image.shape
    cells, tall, line = work.core, work.tall, work.line
    first, high = _set_shares(work.share_y, work.below, p[Y], rows, level, sigma)
    left, wide = _set_shares(work.share_x, work.below, p[X], columns, level, sigma)
    if high == 0 or wide == 0:
        return 0.0
    sums, scale = work.sums[:wide], np.float32(weight)
    for i in range(wide):
        sums[i] = _ZERO
    for m in range(high):
        _mix(cells, work.share_y[:, m], tall, scale)
        some = line[: (wide + LANES - 1) // LANES * LANES]
        _mix(work.share_x, tall, some, _ONE)
        target = image[first + m, left : left + wide]
        point = np.float32(cusp * weight * work.share_y[CORE_SIDE, m])
        for i in range(wide):
            light = line[i] + point * work.share_x[CORE_SIDE, i]
            target[i] += light
            sums[i] += light
    total = 0.0
    for i in range(wide):
        total += sums[i]
    return total


@kernel
def _mix(lines, shares, target, scale) -> None:
    """Fill in the sum of the first CORE_SIDE lines times their shares: four lines at a time."""
    for i in range(target.size):
        target[i] = _ZERO
    for j in range(0, CORE_SIDE - 1, 4):
        w0, w1, w2, w3 = shares[j], shares[j + 1], shares[j + 2], shares[j + 3]
        s0, s1, s2, s3 = lines[j], lines[j + 1], lines[j + 2], lines[j + 3]
        for i in range(target.size):
            target[i] += (w0 * s0[i] + w1 * s1[i]) + (w2 * s2[i] + w3 * s3[i])
    last, weight = lines[CORE_SIDE - 1], shares[CORE_SIDE - 1]
    for i in range(target.size):
        target[i] = (target[i] + weight * last[i]) * scale
