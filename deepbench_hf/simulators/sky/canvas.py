"""An object on the canvas of a level, its cores cut out; then the cores; what the frame sees."""

import numpy as np

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.convolve import offset
from deepbench_hf.simulators.sky.core import CORE_RADIUS, CORE_SIDE, cut_core, spread_core
from deepbench_hf.simulators.sky.corecells import add_cells
from deepbench_hf.simulators.sky.creases import sample_spiral, smooth_creases
from deepbench_hf.simulators.sky.items import ARMS, DISC, MAIN, needs_core
from deepbench_hf.simulators.sky.means import box
from deepbench_hf.simulators.sky.profile import RATIO, extent, sample
from deepbench_hf.simulators.sky.spiral import arms_extent

_ZERO = np.float32(0.0)


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
            total += lay(where, flux, a, b, level, terms, margin, work, planes)
    return total


@kernel
def _paint_disc(parts, flux, pieces, where, inner, level, terms, margin, work, planes) -> float:
    """The same for a disc with arms."""
    canvas = (planes.shape[1] - 2 * margin, planes.shape[2] - 2 * margin, margin)
    cored, total = needs_core(parts[DISC], level, work.sigma[0]), 0.0
    for a in range(level):
        for b in range(level):
            ox, oy = offset(b, level), offset(a, level)
            sample_spiral(parts, pieces, where, inner, level, cored, ox, oy, work.z, work)
            smooth_creases(parts, pieces, where, canvas, level, cored, ox, oy, work)
            total += lay(where, flux, a, b, level, terms, margin, work, planes)
    return total


@kernel
def lay(where, flux, a, b, level, terms, margin, work, planes) -> float:
    """Add the light in work.z to plane (a, b) of a level; return how much the frame sees."""
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
