"""A disc with its arms at the points of a canvas, and the creases where two arms are equally near.

A sum over points is exact for smooth light only. Across a crease the slope jumps, which points a
pixel apart take for up to 2e-3 of a spiral's flux. So near the centre, where the arms are close to
each other, light is taken as

    I - (s^2 / 32) lap I,  I the mean of four points s / 2 apart, s the spacing of the canvas:

to fourth order the brightness itself where it is smooth, and without what a canvas cannot tell from
constant light.
"""

import numpy as np

from deepbench_hf.exact.float32 import float32s
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.core import cut_light
from deepbench_hf.simulators.sky.distance import whole_chunks
from deepbench_hf.simulators.sky.items import ARMS, DISC
from deepbench_hf.simulators.sky.means import add_curvature, box
from deepbench_hf.simulators.sky.spiral import ARMS as ARMS_NUMBER
from deepbench_hf.simulators.sky.spiral import (
    CENTRAL,
    CONTRAST,
    WIDTH,
    arms_extent,
    sample_arms,
    sample_disc,
)

_CREASED = 2.4
"""Creases count out to this many widths for each arm: there arms of 18 degrees are far apart."""
_ZERO, _QUARTER = float32s(0.0, 0.25)


@kernel
def sample_spiral(parts, pieces, where, inner, level, cored, ox, oy, z, work) -> None:
    """Fill in I_disc (1 - C + C A), its core cut out: I_disc W (1 - C + C A_0) less.

    Args:
        parts, pieces: of the object, of `set_parts`.
        where: first row, rows, first column and columns of the box of z.
        inner: those of the arms, a part of it.
        level: of the canvas.
        cored: whether the core is cut out.
        ox, oy: shift of the points, px.
        z: output, float32, row after row.
        work: scratch.
    """
    arms = parts[ARMS]
    plain = 1.0 - arms[CONTRAST]
    row, rows, column, columns = inner
    stride = whole_chunks(columns)
    lines = work.near[: rows * stride].reshape(rows, stride)
    sample_arms(arms, pieces, row, column, ox, oy, lines)
    if cored:
        central = plain + arms[CONTRAST] * arms[CENTRAL]
        cut_light(arms, level, lines, row, column, columns, ox, oy, central)
    sample_disc(arms, z, where, inner, lines, plain, ox, oy)


@kernel
def smooth_creases(parts, pieces, where, canvas, level, cored, ox, oy, work) -> None:
    """Replace the light in work.z near the centre by what creases do not disturb.

    Args:
        parts, pieces, where, level, cored, ox, oy, work: as in `sample_spiral`.
        canvas: rows and columns of the frame, and the margin around it.
    """
    arms = parts[ARMS]
    radius = min(_CREASED * arms[WIDTH] * arms[ARMS_NUMBER], arms_extent(arms))
    top, high, left, wide = box(parts[DISC], radius, *canvas)
    if high == 0 or wide == 0:
        return
    wider = (top - 1, high + 2, left - 1, wide + 2)
    mean, some = work.total[: wider[1] * wider[3]], work.part[: wider[1] * wider[3]]
    for i in range(mean.size):
        mean[i] = _ZERO
    for point in range(4):
        dx, dy = (point % 2 - 0.5) * 0.5 / level, (point // 2 - 0.5) * 0.5 / level
        sample_spiral(parts, pieces, wider, wider, level, cored, ox + dx, oy + dy, some, work)
        for i in range(mean.size):
            mean[i] += _QUARTER * some[i]
    around = 1.0 / (32 * level * level)
    weights = (np.float32(1.0 + 4.0 * around), np.float32(-around))
    start = (top - where[0]) * where[3] + left - where[2]
    add_curvature(mean, high, wide, work.z[start:], where[3], weights)
