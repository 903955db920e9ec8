"""One part of an object on the image or on the canvas of a level, and its share in the frame."""

from __future__ import annotations

import numpy as np

from deepbench_hf.kernel import kernel
from deepbench_hf.simulators.sky.convolve import offset
from deepbench_hf.simulators.sky.core import (
    CORE_RADIUS,
    CORE_SIDE,
    add_cells,
    cut_core,
    cut_light,
    spread_core,
)
from deepbench_hf.simulators.sky.items import ARMS, DISC, MAIN, needs_core
from deepbench_hf.simulators.sky.means import add_curvature, box, sample_means
from deepbench_hf.simulators.sky.profile import QA, QB, QC, RATIO, X, Y, brightness, extent, sample
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

__all__ = ["paint_canvas", "paint_core", "paint_means", "paint_values"]

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
        sample_means(part, work.z, row, rows, column, columns, 0.0, TOLERANCE, work)
    return flux * _add(work.z, row, rows, column, columns, flux, work.sums, image)


@kernel
def _bent_extent(a) -> float:
    """Radius in the disc's plane, px, beyond which what the arms add to the disc is nothing."""
    return 12.0 * a[SCALE_LENGTH] if a[CENTRAL] > 0.0 else arms_extent(a)


@kernel
def _sample_bent(a, pieces, z, row, rows, column, columns, ox, oy, work) -> None:
    """Fill in what the arms add to the disc that has A_0 everywhere: I_disc C (A - A_0)."""
    where = (row, rows, column, columns)
    arms = sample_arms(a, pieces, *where, ox, oy, work.near)
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
        add_curvature(work.part, rows, columns, work.z, columns)
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


@kernel
def paint_canvas(parts, flux, pieces, level, margin, terms, work, planes) -> float:
    """Add the light of an object, its cores cut out, to the planes of a level.

    Args:
        parts, flux, pieces: of the object, of `set_parts`.
        level: planes a side.
        margin: pixels of the canvas around the frame.
        terms: Gaussians of the PSF, whose views of the frame are in the scratch.
        work: scratch.
        planes: (level^2, H + 2 margin, W + 2 margin), float32.

    Returns:
        The flux of this light in the frame, electrons / s.
    """
    canvas = (planes.shape[1] - 2 * margin, planes.shape[2] - 2 * margin, margin)
    total = 0.0
    if flux[MAIN] > 0.0:
        where = box(parts[MAIN], extent(parts[MAIN], flux[MAIN]), *canvas)
        if where[1] > 0 and where[3] > 0:
            total += _paint_profile(
                parts[MAIN], flux[MAIN], where, level, terms, margin, work, planes
            )
    if flux[ARMS] > 0.0:
        reach, core = arms_extent(parts[ARMS]), (CORE_RADIUS / level + 1.0) / parts[DISC, RATIO]
        reach = max(reach, core)
        where = box(parts[DISC], max(reach, extent(parts[DISC], flux[DISC])), *canvas)
        inner = box(parts[DISC], reach, *canvas)
        if where[1] > 0 and where[3] > 0:
            total += _paint_disc(
                parts, flux[ARMS], pieces, where, inner, level, terms, margin, work, planes
            )
    return total / (level * level)


@kernel
def _paint_profile(part, flux, where, level, terms, margin, work, planes) -> float:
    """Add a profile to the planes of a level; return its light in the frame, over all planes."""
    cored, total = needs_core(part, level, work.sigma[0]), 0.0
    for a in range(level):
        for b in range(level):
            ox, oy = offset(b, level), offset(a, level)
            sample(part, work.z, *where, ox, oy)
            if cored:
                cut_core(part, level, work.z, *where, ox, oy)
            total += _lay(where, flux, a, b, level, terms, margin, work, planes)
    return total


@kernel
def _paint_disc(parts, flux, pieces, where, inner, level, terms, margin, work, planes) -> float:
    """The same for a disc with arms: I_disc (1 - C + C A - W (1 - C + C A_0))."""
    arms, total = parts[ARMS], 0.0
    cored = needs_core(parts[DISC], level, work.sigma[0])
    plain = 1.0 - arms[CONTRAST]
    central = plain + arms[CONTRAST] * arms[CENTRAL]
    row, _, column, columns = inner
    for a in range(level):
        for b in range(level):
            ox, oy = offset(b, level), offset(a, level)
            lines = sample_arms(arms, pieces, *inner, ox, oy, work.near)
            if cored:
                cut_light(arms, level, lines, row, column, columns, ox, oy, central)
            sample_disc(arms, work.z, where, inner, lines, plain, ox, oy)
            total += _lay(where, flux, a, b, level, terms, margin, work, planes)
    return total


@kernel
def _lay(where, flux, a, b, level, terms, margin, work, planes) -> float:
    """Add the light in the scratch to plane (a, b) of a level; return how much the frame sees."""
    row, rows, column, columns = where
    plane, scale, total = planes[a * level + b], np.float32(flux), 0.0
    for j in range(rows):
        start = column + margin
        line = plane[row + margin + j, start : start + columns]
        source = work.z[j * columns : (j + 1) * columns]
        for i in range(columns):
            line[i] += scale * source[i]
    for g in range(terms):
        views = work.view_y[g, a, row + margin :], work.view_x[g, b, column + margin :]
        total += work.weight[g] * _weigh(work.z, rows, columns, *views, work.sums)
    return flux * total


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
def paint_core(parts, flux, level, terms, work, image) -> float:
    """Add the cores of an object, under the PSF, to the image; return their flux in the frame."""
    for j in range(CORE_SIDE):
        for i in range(CORE_SIDE):
            work.core[j, i] = _ZERO
    cusp, cored, total = 0.0, False, 0.0
    for k in (MAIN, DISC):
        if flux[k] > 0.0 and needs_core(parts[k], level, work.sigma[0]):
            cusp += add_cells(parts[k], flux[k], level, work)
            cored = True
    if cored:
        for g in range(terms):
            what = (parts[MAIN], level, cusp, work.sigma[g], work.weight[g])
            total += spread_core(*what, work, image)
    return total
