"""The light near a cusp or sharp peak under a PSF: on a fine grid of its own.

The brightness f is split by the window W = (1 - t)^6 (1 + 6 t + 21 t^2), t = r^2 / R^2, around the
object's centre. What is outside, f (1 - W), is smooth enough for the canvas; f W is kept as means
over the cells of a grid that is centred on the object, and the cells are spread by the PSF straight
onto the pixels. The variance of a cell, step^2 / 12, is taken off that of the Gaussian. The cusp,
what the central cell has more than its neighbours, is spread as a point instead.
"""

from __future__ import annotations

import numpy as np

from deepbench_hf.kernel import kernel
from deepbench_hf.simulators.sky.means import sample_means
from deepbench_hf.simulators.sky.profile import QA, QB, QC, RATIO, SCALE, X, Y
from deepbench_hf.simulators.sky.psf import SIGMAS, gaussian_share

__all__ = ["CORE_RADIUS", "CORE_SIDE", "add_core", "cut_core", "set_core"]

CORE_RADIUS = 4.2
"""Radius R of the window at level 1, px; at level s it is divided by s."""
CORE_SIDE = 17
"""Cells a side of the fine grid."""
STRIDE, CHUNK = 24, 8
_STEP = 0.5
_MIDDLE = CORE_SIDE // 2
_ZERO, _QUARTER = np.float32(0.0), np.float32(0.25)


def _power(r2: float) -> float:
    """W = 1 - 56 t^3 + ... of t = r^2 / R^2; 0 outside."""
    rest = 1.0 - r2
    if rest <= 0.0:
        return 0.0
    cube = rest * rest * rest
    return cube * cube * (1.0 + r2 * (6.0 + 21.0 * r2))


_window = kernel(_power)
_LINE = [(k - _MIDDLE - 1) * _STEP / CORE_RADIUS for k in range(CORE_SIDE + 2)]
WINDOW = np.array([[_power(x * x + y * y) for x in _LINE] for y in _LINE])
"""The window at the cells' centres, and one cell further on every side."""


@kernel
def cut_core(p, level, z, row, rows, column, columns, ox, oy) -> None:
    """Multiply sampled brightness, laid out as by `profile.sample`, by 1 - W."""
    radius = CORE_RADIUS / level
    x, y = p[X] - ox, p[Y] - oy
    first, last = int(np.floor(x - radius)), int(np.ceil(x + radius)) + 1
    left, right = max(first - column, 0), min(last - column, columns)
    for j in range(max(int(np.floor(y - radius)) - row, 0), rows):
        dy = row + j - y
        if dy > radius:
            break
        for i in range(left, right):
            dx = column + i - x
            z[j * columns + i] *= 1.0 - _window((dx * dx + dy * dy) / (radius * radius))


@kernel
def set_core(p, level, fine, cells, work) -> float:
    """Fill in the flux of each cell of the fine grid, (CORE_SIDE, STRIDE), padded with zeros.

    Args:
        p: the vector of the profile.
        level: of the canvas.
        fine: scratch for the vector of the profile in cells.
        cells: output, float32.
        work: scratch of `sample_means`.

    Returns:
        The flux of the cusp, which is not in the cells.
    """
    step = _STEP / level
    for k in range(p.size):
        fine[k] = p[k]
    fine[X] = fine[Y] = _MIDDLE
    fine[QA], fine[QB], fine[QC] = p[QA] * step * step, p[QB] * step * step, p[QC] * step * step
    fine[SCALE] = p[SCALE] / step
    # As int64: for literals everything below would be compiled a second time.
    zero, side = np.int64(0), np.int64(CORE_SIDE)
    sample_means(fine, work.fine, zero, side, zero, side, 2.0 * CORE_SIDE / p[RATIO], work)
    area = step * step
    for j in range(CORE_SIDE):
        for i in range(STRIDE):
            cells[j, i] = _ZERO
        for i in range(CORE_SIDE):
            cells[j, i] = area * _windowed(work.fine, j, i)
    k = _MIDDLE
    around = (cells[k - 1, k] + cells[k + 1, k]) + (cells[k, k - 1] + cells[k, k + 1])
    cusp = cells[k, k] - _QUARTER * around
    cells[k, k] -= cusp
    return cusp


@kernel
def _windowed(light, j, i) -> float:
    """Mean of f W over a cell from the means of f: W mean(f) + grad f grad W / 12 + f lap W / 24.

    Both corrections together are the sum of f (W - W here) / 24 over the four neighbours.
    """
    here, k = WINDOW[j + 1, i + 1], j * CORE_SIDE + i
    bend = 0.0
    if 0 < j < CORE_SIDE - 1 and 0 < i < CORE_SIDE - 1:
        bend += light[k - CORE_SIDE] * (WINDOW[j, i + 1] - here)
        bend += light[k + CORE_SIDE] * (WINDOW[j + 2, i + 1] - here)
        bend += light[k - 1] * (WINDOW[j + 1, i] - here)
        bend += light[k + 1] * (WINDOW[j + 1, i + 2] - here)
    return light[k] * here + bend / 24.0


@kernel
def _set_shares(share, below, centre, size, level, sigma) -> tuple[int, int]:
    """Fill in share[i, m] of cell i's light in pixel first + m; return first and how many.

    share[CORE_SIDE] is that of the cusp.
    """
    step, per_pixel = _STEP / level, 2 * level
    narrow = np.sqrt(sigma * sigma - step * step / 12.0)
    reach = CORE_RADIUS / level + SIGMAS * sigma
    first = max(int(np.rint(max(centre - reach, -1.0))), 0)
    end = min(int(np.rint(min(max(centre + reach, -1.0), size + 1.0))), size - 1)
    count = max(end - first + 1, 0)
    # Shares below points a step apart: those at the edges of the pixels, as the cells see them.
    origin = first - 0.5 - centre - _MIDDLE * step
    for k in range(count * per_pixel + CORE_SIDE):
        below[k] = gaussian_share(origin + k * step, narrow)
    for i in range(CORE_SIDE):
        for m in range(count):
            k = m * per_pixel + CORE_SIDE - 1 - i
            share[i, m] = below[k + per_pixel] - below[k]
        for m in range(count, (count + CHUNK - 1) // CHUNK * CHUNK):
            share[i, m] = _ZERO
    last = gaussian_share(first - 0.5 - centre, sigma)
    for m in range(count):
        upper = gaussian_share(first + m + 0.5 - centre, sigma)
        share[CORE_SIDE, m] = upper - last
        last = upper
    return first, count


@kernel
def add_core(p, level, cusp, sigma, weight, work, image) -> float:
    """Add the cells' light, spread by one Gaussian, to the image; return its sum in the frame.

    Args:
        p: the vector of the profile.
        level: of the canvas.
        cusp: flux of the cusp.
        sigma, weight: of the Gaussian, px; the cells' light is multiplied by it.
        work: scratch; `cells` holds the cells' light.
        image: (H, W), float32.
    """
    rows, columns = image.shape
    cells, tall, line = work.core, work.tall, work.line
    first, high = _set_shares(work.share_y, work.below, p[Y], rows, level, sigma)
    left, wide = _set_shares(work.share_x, work.below, p[X], columns, level, sigma)
    if high == 0 or wide == 0:
        return 0.0
    total, scale = 0.0, np.float32(weight)
    for m in range(high):
        for i in range(STRIDE):
            tall[i] = _ZERO
        for j in range(CORE_SIDE):
            share, light = work.share_y[j, m] * scale, cells[j]
            for i in range(light.size):
                tall[i] += share * light[i]
        _spread(tall, work.share_x, wide, line)
        target = image[first + m, left : left + wide]
        point = np.float32(cusp * weight * work.share_y[CORE_SIDE, m])
        for i in range(wide):
            line[i] += point * work.share_x[CORE_SIDE, i]
            target[i] += line[i]
            total += line[i]
    return total


@kernel
def _spread(tall, share_x, wide, line) -> None:
    """Spread one row of cells over a row of pixels."""
    line = line[: (wide + CHUNK - 1) // CHUNK * CHUNK]
    for i in range(line.size):
        line[i] = _ZERO
    for j in range(CORE_SIDE):
        light, share = tall[j], share_x[j]
        for i in range(line.size):
            line[i] += light * share[i]
