"""One part of an object on an image that no PSF blurs: means over the pixels, or values."""

import numpy as np

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.distance import whole_chunks
from deepbench_hf.simulators.sky.items import ARMS
from deepbench_hf.simulators.sky.means import CURVED, add_curvature, box, sample_means
from deepbench_hf.simulators.sky.profile import QA, QB, QC, X, Y, brightness, extent
from deepbench_hf.simulators.sky.quadrature import ORDERS, RULES
from deepbench_hf.simulators.sky.spiral import (
    CENTRAL,
    CONTRAST,
    SCALE_LENGTH,
    WIDTH,
    arms_extent,
    sample_arms,
    sample_disc,
)
from deepbench_hf.simulators.sky.spiral import RATIO as ARMS_RATIO

TOLERANCE = 6e-4
"""Estimate of a pixel's error, over the brightness near the centre, where a finer rule is due."""
_ZERO = np.float32(0.0)


@kernel
def paint_means(part, k, flux, pieces, work, image) -> float:
    """Add the pixel means of a part to the image; return their sum times the flux.

    Args:
        part, k: the vector of the part, and its number.
        flux: of the part, electrons / s.
        pieces: of an arm.
        work: scratch.
        image: (H, W), float32, electrons / s / px.
    """
    radius = _bent_extent(part) if k == ARMS else extent(part, flux)
    row, rows, column, columns = box(part, radius, *image.shape, np.int64(0))
    if rows == 0 or columns == 0:
        return 0.0
    if k == ARMS:
        _arms_means(part, pieces, row, rows, column, columns, work)
    else:
        sample_means(part, work.z, row, rows, column, columns, TOLERANCE, work)
    return flux * _add(work.z, row, rows, column, columns, flux, work.sums, image)


@kernel
def _bent_extent(a) -> float:
    """Radius in the disc's plane, px, beyond which what the arms add to the disc is nothing."""
    return 12.0 * a[SCALE_LENGTH] if a[CENTRAL] > 0.0 else arms_extent(a)


@kernel
def _sample_bent(a, pieces, z, row, rows, column, columns, ox, oy, work) -> None:
    """Fill in what the arms add to the disc that has A_0 everywhere: I_disc C (A - A_0)."""
    where, stride = (row, rows, column, columns), whole_chunks(columns)
    arms = work.near[: rows * stride].reshape(rows, stride)
    sample_arms(a, pieces, row, column, ox, oy, arms)
    sample_disc(a, z, where, where, arms, -a[CONTRAST] * a[CENTRAL], ox, oy)


@kernel
def _arms_rule(a) -> int:
    """Rule of Gauss-Legendre points, by the narrowest width of the arms."""
    narrow = a[WIDTH] * min(1.0, 1.2 * a[ARMS_RATIO])
    rule = 0
    for limit in (1.4, 0.75, 0.4, 0.2):
        rule += 1 if narrow < limit else 0
    return rule


@kernel
def _arms_means(a, pieces, row, rows, column, columns, work) -> None:
    """Fill work.z with the means of arms over the pixels of a box."""
    rule = _arms_rule(a)
    if rule == 0:
        wider = (row - 1, rows + 2, column - 1, columns + 2)
        _sample_bent(a, pieces, work.part, *wider, 0.0, 0.0, work)
        add_curvature(work.part, rows, columns, work.z, columns, CURVED)
        return
    size = rows * columns
    z, part, where = work.z[:size], work.part, (row, rows, column, columns)
    for i in range(size):
        z[i] = _ZERO
    for b in range(ORDERS[rule]):
        for c in range(ORDERS[rule]):
            ox, oy = RULES[rule, 0, c], RULES[rule, 0, b]
            _sample_bent(a, pieces, part, *where, ox, oy, work)
            weight = np.float32(RULES[rule, 1, b] * RULES[rule, 1, c])
            for i in range(size):
                z[i] += weight * part[i]


@kernel
def _add(z, row, rows, column, columns, flux, sums, image) -> float:
    """Add flux z to a part of the image; return the sum of z."""
    scale = np.float32(flux)
    for i in range(columns):
        sums[i] = _ZERO
    for j in range(rows):
        line, source = image[row + j, column : column + columns], z[j * columns :]
        for i in range(columns):
            line[i] += scale * source[i]
            sums[i] += source[i]
    total = 0.0
    for i in range(columns):
        total += sums[i]
    return total


@kernel
def paint_values(part, k, flux, pieces, work, image) -> float:
    """Add the brightness at the pixels' centres to the image, float64 until it is stored.

    Args:
        part, k, flux, pieces, work, image: as in `paint_means`.
    """
    rows, columns = image.shape
    if k == ARMS:
        zero = np.int64(0)
        where = (zero, rows, zero, columns)
        _sample_bent(part, pieces, work.z, *where, 0.0, 0.0, work)
        return flux * _add(work.z, *where, flux, work.sums, image)
    total = 0.0
    for j in range(rows):
        for i in range(columns):
            dx, dy = i - part[X], j - part[Y]
            r2 = (part[QA] * dx + part[QB] * dy) * dx + part[QC] * dy * dy
            value = brightness(part, r2)
            total += value
            image[j, i] += flux * value
    return flux * total
