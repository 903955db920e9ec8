"""The light of a cusp or sharp peak in the cells of its fine grid; see `core.py`.

Cells hold means of f W over themselves. The middle one holds what the others lack of the integral
of f W, so that the light is whole, however coarse the means near the cusp are: under the PSF it
matters how much light there is, not in which of the cells.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import float32s, sincospif
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.core import CORE_RADIUS, CORE_SIDE, MIDDLE, STEP, WINDOW, window
from deepbench_hf.simulators.sky.means import CURVED, add_curvature, refine
from deepbench_hf.simulators.sky.profile import INDEX, QA, QB, QC, RATIO, SCALE, X, Y, sample, shine
from deepbench_hf.simulators.sky.quadrature import NODES_12, WEIGHTS_12

_NEAR, _FLAT = 9, 0.5
"""Cells a side around the cusp that get 9 points each, or 25 below this axis ratio."""
_ANGLES = 32
_TWO_PI = 6.283185307179586
_ZERO, _HALF, _QUARTER, _ONE_24TH = float32s(0.0, 0.5, 1 / 4, 1 / 24)


@kernel
def add_cells(p, flux, level, work) -> float:
    """Add the light of a profile's core to the cells of the fine grid in the scratch.

    Args:
        p, flux: the vector of the profile; what it is multiplied by.
        level: of the canvas.
        work: scratch; `core` (CORE_SIDE, STRIDE) is padded with what must stay zero.

    Returns:
        The flux of the cusp, which is not in the cells.
    """
    step, fine, cells = STEP / level, work.fine_profile, work.core
    for k in range(p.size):
        fine[k] = p[k]
    fine[X] = fine[Y] = MIDDLE
    fine[QA], fine[QB], fine[QC] = p[QA] * step * step, p[QB] * step * step, p[QC] * step * step
    fine[SCALE] = p[SCALE] / step
    _mean_light(fine, work)
    area = flux * step * step
    _mask(work.fine, work.part[: work.fine.size], work.masked, area)
    return _share_out(work.masked, area * _windowed_light(fine, work.total), cells)


@kernel
def _mean_light(p, work) -> None:
    """Fill in the means of a profile over the cells, the nearer to the cusp the finer."""
    # As int64: for literals everything below would be compiled a second time.
    side, zero, rule = np.int64(CORE_SIDE), np.int64(0), np.int64(2 if p[RATIO] > _FLAT else 3)
    wider = (np.int64(-1), side + 2, np.int64(-1), side + 2)
    sample(p, work.part, *wider, 0.0, 0.0)
    add_curvature(work.part, side, side, work.fine, side, CURVED)
    first, near = np.int64((CORE_SIDE - _NEAR) // 2), np.int64(_NEAR)
    part = (first, near, first, near)
    refine(p, rule, work.fine, zero, zero, side, part, work.part, work.total)


@kernel
def _windowed_light(p, points) -> float:
    """Integrate f W over the plane, in units of a cell.

    In polar coordinates with r = R v^n no cusp is left: Gauss-Legendre nodes in v, and equal steps
    of half a turn.
    """
    n, radius2 = max(p[INDEX], 1.0), (CORE_RADIUS / STEP) * (CORE_RADIUS / STEP)
    size = NODES_12.size * _ANGLES
    light, spare = points[:size].reshape(NODES_12.size, _ANGLES), points[size:]
    form, weight = spare[:_ANGLES], spare[_ANGLES : _ANGLES + NODES_12.size]
    _set_forms(p, form)
    for k in range(NODES_12.size):
        v, line = NODES_12[k] + 0.5, light[k]
        t = exact.exp2(2.0 * n * exact.log2(v))
        r2, weight[k] = np.float32(radius2 * t), np.float32(WEIGHTS_12[k] * t / v * window(t))
        for j in range(_ANGLES):
            line[j] = r2 * form[j]
    shine(p, points[:size])
    for j in range(_ANGLES):
        form[j] = _ZERO
    for k in range(NODES_12.size):
        line = light[k]
        for j in range(_ANGLES):
            form[j] += weight[k] * line[j]
    total = 0.0
    for j in range(_ANGLES):
        total += form[j]
    return total * n * radius2 * _TWO_PI / _ANGLES


@kernel
def _set_forms(p, form) -> None:
    """Fill in r^2 of the profile at the distance 1, under angles from 0 to half a turn."""
    a, b, c = np.float32(p[QA]), np.float32(p[QB]), np.float32(p[QC])
    for j in range(_ANGLES):
        y, x = sincospif((np.float32(np.int32(j)) + _HALF) / np.float32(_ANGLES))
        form[j] = (a * x + b * y) * x + c * y * y


@kernel
def _share_out(masked, whole, cells) -> float:
    """Give the middle cell what the others lack, add all of them to the grid; return the cusp."""
    middle = MIDDLE * CORE_SIDE + MIDDLE
    masked[middle] = _ZERO
    for j in range(CORE_SIDE):
        line, target = masked[j * CORE_SIDE :], cells[j]
        for i in range(CORE_SIDE):
            target[i] += line[i]
    for j in range(1, CORE_SIDE):
        line = masked[j * CORE_SIDE :]
        for i in range(CORE_SIDE):
            masked[i] += line[i]
    rest = 0.0
    for i in range(CORE_SIDE):
        rest += masked[i]
    beside = masked[middle - 1] + masked[middle + 1]
    around = beside + (masked[middle - CORE_SIDE] + masked[middle + CORE_SIDE])
    cells[MIDDLE, MIDDLE] += _QUARTER * around
    return whole - rest - np.float64(_QUARTER * around)


@kernel
def _mask(light, product, masked, area) -> None:
    """Fill in the flux of f W in each cell from the means of f.

    The mean over a cell is W mean(f) + grad f grad W / 12 + f lap W / 24. Both corrections together
    are the sum of f (W - W here) / 24 over the four neighbours: f W summed there, less W here times
    the sum of f. At the edge of the grid W vanishes.
    """
    window, scale = WINDOW.reshape(-1), np.float32(area)
    for k in range(light.size):
        product[k] = light[k] * window[k]
    for k in range(light.size):
        masked[k] = scale * product[k]
    last, small = light.size - CORE_SIDE, scale * _ONE_24TH
    inner, weight = masked[CORE_SIDE:last], window[CORE_SIDE:last]
    _bend(inner, weight, light, product, np.int64(CORE_SIDE), small)
    side = CORE_SIDE - 1
    _bend(inner, weight, light[side:], product[side:], np.int64(1), small)


@kernel
def _bend(inner, weight, light, product, apart, scale) -> None:
    """Add the correction by two neighbours, one before a cell and one after it."""
    after, product_after = light[2 * apart :], product[2 * apart :]
    for k in range(inner.size):
        inner[k] += scale * ((product[k] + product_after[k]) - weight[k] * (light[k] + after[k]))
