"""Means of a profile over the pixels: the nearer to the centre, the finer the rule.

Far out the mean is the value at the pixel's centre, then that plus its Laplacian / 24 by
differences, then Gauss-Legendre points, and at a cusp the exact integral.
"""

import numpy as np

from deepbench_hf.exact.float32 import float32s
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.cells import SIDE, central_cells
from deepbench_hf.simulators.sky.profile import COS, QA, QB, QC, RATIO, SIN, X, Y, sample, shine
from deepbench_hf.simulators.sky.quadrature import ORDERS, RULES
from deepbench_hf.simulators.sky.zones import RULES_MEAN, set_zones

LANES = 32
"""Numbers that a loop works on at once: what is left over costs as much as all of them."""
_EVERYWHERE = (2000000, 2000000, 1000000)  # a frame and margin that cut off nothing
CURVED = float32s(20 / 24, 1 / 24)
"""Weights of a pixel and of its neighbours in the value plus Laplacian / 24."""
_HALF, _ONE = float32s(0.5, 1.0)


@kernel
def box(p, radius: float, rows: int, columns: int, margin: int) -> tuple[int, int, int, int]:
    """First row, rows, first column, columns of the pixels that an ellipse hits.

    Args:
        p: the vector of the profile.
        radius: semi-major axis, px.
        rows, columns: size of the frame.
        margin: pixels around the frame that count as well.
    """
    c, s, q = p[COS], p[SIN], p[RATIO]
    wide = min(radius * np.sqrt(c * c + q * q * s * s), 1e6)
    high = min(radius * np.sqrt(s * s + q * q * c * c), 1e6)
    row, row_end = _clip(p[Y], high, rows, margin)
    column, column_end = _clip(p[X], wide, columns, margin)
    return row, max(row_end - row, 0), column, max(column_end - column, 0)


@kernel
def _clip(centre: float, half: float, size: int, margin: int) -> tuple[int, int]:
    """First pixel, and the one after the last, that [centre - half, centre + half] touches."""
    first = max(int(np.rint(centre - half)), -margin)
    return first, min(int(np.rint(centre + half)) + 1, size + margin)


@kernel
def sample_means(p, z, row, rows, column, columns, tolerance, work) -> None:
    """Fill z[: rows columns] with the means of a profile over the pixels of a box.

    Args:
        p: the vector of the profile.
        z: output, float32, row after row.
        row, rows, column, columns: first row and column of the box, and how many.
        tolerance: estimate of a pixel's error, over the brightness near the centre, where a finer
            rule is due.
        work: scratch.
    """
    radii, zero = work.radii, np.int64(0)
    exactly = set_zones(p, tolerance, radii)
    sample(p, z, row, rows, column, columns, 0.0, 0.0)
    row0, column0 = int(np.rint(p[Y])) - 1, int(np.rint(p[X])) - 1
    for k in range(1, RULES_MEAN):
        if exactly and _within(box(p, radii[k - 1], *_EVERYWHERE), row0, column0):
            break
        part = _common(box(p, radii[k - 1], row + rows, column + columns, zero), row, column)
        if radii[k - 1] > radii[k] and part[1] > 0 and part[3] > 0:
            if k == 1:
                _curve(p, z, row, column, columns, part, work.part)
            else:
                refine(p, k - 1, z, row, column, columns, part, work.part, work.total)
    if exactly:
        first = central_cells(p, work.cells, work.points, work.edges)
        for j in range(SIDE):
            for i in range(SIDE):
                y, x = first[0] + j - row, first[1] + i - column
                if 0 <= y < rows and 0 <= x < columns:
                    z[y * columns + x] = work.cells[j, i]


@kernel
def _within(part, row0, column0) -> bool:
    """Whether a box lies in the block of exact cells."""
    high, wide = part[0] + part[1], part[2] + part[3]
    inside = part[0] >= row0 and high <= row0 + SIDE
    return inside and part[2] >= column0 and wide <= column0 + SIDE


@kernel
def _common(part, row: int, column: int) -> tuple[int, int, int, int]:
    """The part of a box from a row and a column on."""
    top, left = max(part[0], row), max(part[2], column)
    return top, part[1] - (top - part[0]), left, part[3] - (left - part[2])


@kernel
def _curve(p, z, row, column, columns, part, values) -> None:
    """Replace a part of the box by the centre values and their Laplacian / 24."""
    top, high, left, wide = part
    stride = wide + 2
    sample(p, values, top - 1, high + 2, left - 1, stride, 0.0, 0.0)
    start = (top - row) * columns + left - column
    add_curvature(values, high, wide, z[start:], columns, CURVED)


@kernel
def add_curvature(values, high, wide, z, columns, weights) -> None:
    """Fill in values with some of their Laplacian, of a box that is a pixel wider all round.

    Args:
        values: (high + 2) (wide + 2) values, float32, row after row.
        high, wide: size of the inner part, which is filled in.
        z: output, float32, rows that begin `columns` apart.
        weights: of a value and of its four neighbours, float32, such as `CURVED`.
    """
    middle, aside = weights
    stride = wide + 2
    for j in range(high):
        line = z[j * columns : j * columns + wide]
        above, here = values[j * stride :], values[(j + 1) * stride :]
        below = values[(j + 2) * stride :]
        for i in range(wide):
            around = (above[i + 1] + below[i + 1]) + (here[i] + here[i + 2])
            line[i] = here[i + 1] * middle + around * aside


@kernel
def refine(p, k, z, row, column, columns, part, values, total) -> None:
    """Replace a part of the box by the means of the rule number k.

    All points of some rows are computed at once, as the parts are often a few pixels wide, and
    LANES of them together.
    """
    top, high, left, wide = part
    nodes = ORDERS[k] * ORDERS[k]
    together = max((values.size // nodes - LANES) // wide, 1)
    for first in range(0, high, together):
        size = min(together, high - first) * wide
        padded = (size + LANES - 1) // LANES * LANES
        _place_points(p, k, top + first, left, wide, padded, values)
        shine(p, values[: nodes * padded])
        means = total[:padded]
        for i in range(means.size):
            means[i] = np.float32(0.0)
        for node in range(nodes):
            b, a = node // ORDERS[k], node % ORDERS[k]
            weight = np.float32(RULES[k, 1, a] * RULES[k, 1, b])
            some = values[node * padded : (node + 1) * padded]
            for i in range(means.size):
                means[i] += weight * some[i]
        for j in range(size // wide):
            start = (top + first + j - row) * columns + left - column
            line = z[start : start + wide]
            for i in range(wide):
                line[i] = means[j * wide + i]


@kernel
def _place_points(p, k, row, column, wide, count, values) -> None:
    """Fill in r^2 at the points of a rule: for each node `count` pixels, row after row."""
    form = np.float32(p[QA]), np.float32(p[QB]), np.float32(p[QC])
    width = np.float32(wide)
    one_row = _ONE / width
    for b in range(ORDERS[k]):
        for a in range(ORDERS[k]):
            x = np.float32(column + RULES[k, 0, a] - p[X])
            y = np.float32(row + RULES[k, 0, b] - p[Y])
            node = b * ORDERS[k] + a
            some = values[node * count : (node + 1) * count]
            for i in range(some.size):
                pixel = np.float32(np.int32(i))
                line = np.floor((pixel + _HALF) * one_row)
                dx, dy = x + (pixel - line * width), y + line
                some[i] = (form[0] * dx + form[1] * dy) * dx + form[2] * dy * dy
