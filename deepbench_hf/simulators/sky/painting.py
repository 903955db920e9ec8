"""One part of an object on the image or on the canvas of a level, and its share in the frame."""

from __future__ import annotations

import numpy as np

from deepbench_hf.kernel import kernel
from deepbench_hf.simulators.sky.convolve import offset
from deepbench_hf.simulators.sky.core import add_core, cut_core, set_core
from deepbench_hf.simulators.sky.items import ARMS_PART
from deepbench_hf.simulators.sky.means import add_curvature, box, sample_means
from deepbench_hf.simulators.sky.profile import QA, QB, QC, X, Y, brightness, extent, sample
from deepbench_hf.simulators.sky.quadrature import ORDERS, RULES
from deepbench_hf.simulators.sky.spiral import RATIO as ARMS_RATIO
from deepbench_hf.simulators.sky.spiral import WIDTH, arms_extent, sample_arms

__all__ = ["paint_canvas", "paint_core", "paint_means", "paint_values"]

_ZERO = np.float32(0.0)


@kernel
def _extent(part, k: int, flux: float) -> float:
    """Semi-major axis of the ellipse in which a part is drawn, px."""
    return arms_extent(part) if k == ARMS_PART else extent(part, flux)


@kernel
def paint_means(part, k, count, flux, work, image) -> float:
    """Add the pixel means of a part to the image; return their sum over the flux.

    Args:
        part, k: the vector of the part, and its number.
        count: pieces of an arm.
        flux: of the part, electrons / s.
        work: scratch.
        image: (H, W), float32, electrons / s / px.
    """
    row, rows, column, columns = box(part, _extent(part, k, flux), *image.shape, np.int64(0))
    if rows == 0 or columns == 0:
        return 0.0
    if k == ARMS_PART:
        _arms_means(part, count, row, rows, column, columns, work)
    else:
        sample_means(part, work.z, row, rows, column, columns, 0.0, work)
    return _add(work.z, row, rows, column, columns, flux, work.sums, image)


@kernel
def _arms_rule(a) -> int:
    """Rule of Gauss-Legendre points, by the narrowest width of the arms."""
    narrow = a[WIDTH] * min(1.0, 1.2 * a[ARMS_RATIO])
    rule = 0
    for limit in (1.4, 0.75, 0.4, 0.2):
        rule += 1 if narrow < limit else 0
    return rule


@kernel
def _arms_means(a, count, row, rows, column, columns, work) -> None:
    """Fill work.z with the means of arms over the pixels of a box."""
    rule = _arms_rule(a)
    if rule == 0:
        wider = (row - 1, rows + 2, column - 1, columns + 2)
        sample_arms(a, work.pieces, count, work.part, *wider, 0.0, 0.0, work.near)
        add_curvature(work.part, rows, columns, work.z, columns)
        return
    size = rows * columns
    z, part, where = work.z[:size], work.part, (row, rows, column, columns)
    for i in range(size):
        z[i] = _ZERO
    for b in range(ORDERS[rule]):
        for c in range(ORDERS[rule]):
            ox, oy = RULES[rule, 0, c], RULES[rule, 0, b]
            sample_arms(a, work.pieces, count, part, *where, ox, oy, work.near)
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
def paint_values(part, k, count, flux, work, image) -> float:
    """Add the brightness at the pixels' centres to the image, float64 until it is stored.

    Args:
        part, k, count, flux, work, image: as in `paint_means`.
    """
    rows, columns = image.shape
    if k == ARMS_PART:
        zero = np.int64(0)
        where = (zero, rows, zero, columns)
        sample_arms(part, work.pieces, count, work.z, *where, 0.0, 0.0, work.near)
        return _add(work.z, *where, flux, work.sums, image)
    total = 0.0
    for j in range(rows):
        for i in range(columns):
            dx, dy = i - part[X], j - part[Y]
            r2 = (part[QA] * dx + part[QB] * dy) * dx + part[QC] * dy * dy
            value = brightness(part, r2)
            total += value
            image[j, i] += flux * value
    return total


@kernel
def paint_canvas(part, k, count, flux, level, cored, margin, terms, work, planes) -> float:
    """Add the brightness of a part to the planes of a level; return its share in the frame.

    Args:
        part, k, count, flux, work: as in `paint_means`.
        level: planes a side.
        cored: whether the core is left out.
        margin: pixels of the canvas around the frame.
        terms: Gaussians of the PSF, whose views of the frame are in the scratch.
        planes: (level^2, H + 2 margin, W + 2 margin), float32.
    """
    high, wide = planes.shape[1] - 2 * margin, planes.shape[2] - 2 * margin
    row, rows, column, columns = box(part, _extent(part, k, flux), high, wide, margin)
    if rows == 0 or columns == 0:
        return 0.0
    where, total, scale = (row, rows, column, columns), 0.0, np.float32(flux)
    for a in range(level):
        for b in range(level):
            ox, oy = offset(b, level), offset(a, level)
            if k == ARMS_PART:
                sample_arms(part, work.pieces, count, work.z, *where, ox, oy, work.near)
            else:
                sample(part, work.z, *where, ox, oy)
            if cored:
                cut_core(part, level, work.z, *where, ox, oy)
            plane = planes[a * level + b]
            for j in range(rows):
                start = column + margin
                line = plane[row + margin + j, start : start + columns]
                source = work.z[j * columns :]
                for i in range(columns):
                    line[i] += scale * source[i]
            for g in range(terms):
                views = work.view_y[g, a, row + margin :], work.view_x[g, b, column + margin :]
                total += work.weight[g] * _weigh(work.z, rows, columns, *views, work.sums)
    return total / (level * level)


@kernel
def _weigh(z, rows, columns, view_y, view_x, sums) -> float:
    """Sum of z view_y view_x."""
    for i in range(columns):
        sums[i] = _ZERO
    for j in range(rows):
        weight, source = np.float32(view_y[j]), z[j * columns :]
        for i in range(columns):
            sums[i] += weight * source[i]
    total = 0.0
    for i in range(columns):
        total += sums[i] * view_x[i]
    return total


@kernel
def paint_core(part, flux, level, terms, work, image) -> float:
    """Add the core of a part, under the PSF, to the image; return its share in the frame."""
    cusp = set_core(part, level, work.fine_profile, work.core, work)
    total = 0.0
    for g in range(terms):
        total += add_core(part, level, cusp, work.sigma[g], flux * work.weight[g], work, image)
    return total / flux
