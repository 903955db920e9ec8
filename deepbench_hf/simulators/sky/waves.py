"""Adding the wave of a spiral to its disc: at which points it is sampled.

There are as few as its arms and the point-spread function allow. One of them is the centre of the
disc, so that they lie opposite each other, and light is computed for one of two.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import padded
from deepbench_hf.simulators.sky.arms import OUT, WORK, add_arms
from deepbench_hf.simulators.sky.blur import add_points, add_smooth, room_for
from deepbench_hf.simulators.sky.objects import RINGERMACHER_MEAD
from deepbench_hf.simulators.sky.pixels import (
    FIBONACCI,
    NODES,
    QUARTERS,
    margin_around,
    point_of,
    points_through,
    row_of,
    span,
)

DENSEST = 16
"""Rows of points to four rows of pixels, above which every pixel has the same points."""
CRESTS, CENTRE, SMALL, BAR, BLURRED, SHARP = 0.83, 0.35, 1.15, 0.35, 0.45, 1.0
"""Points of a lattice along the width of many arms; how many more over the number of arms, as few
go on closer to the centre, by their strength, and where the disc is not much wider than they are;
how many more for those that start as a bar; how many more along the standard deviation of the
point-spread function; and, where there is none, panels of Gauss-Legendre points. Set by trial: 1e-3
of the peak, 1e-4 of the flux."""
COUNTED, LEFT = 3e-4, 10.0
"""Share of a point-spread function's flux below which its Gaussians do not spread a wave, and minus
log2 of what they leave of it."""

FARTHEST = 12.5
"""Scale lengths beyond which a disc has no arms."""
TOGETHER = 320
"""Points, of several rows, whose light is found together: no more than fit in the fastest cache."""
SPAN = 6
"""Numbers that tell which columns of a row are computed."""
MOST = 512
"""Pixels around the frame beyond which no wave is looked for. The wings of a Moffat function of an
exponent near 1.5 reach further; what they bring of a single arm is below 1e-4 of the peak, and
would take minutes and gigabytes."""

Lattice = tuple[int, int, int, int]
"""Points of a pixel and the generator of their lattice, 0: Gauss-Legendre points; for each of them
the rows of points to four rows of pixels, and their shift in quarters of a pixel."""


@kernel
def lattice_of(spiral, blur: float) -> Lattice:
    """The points that the wave is sampled at: the fewest that are dense enough.

    A lattice takes some waves for none at all. The shortest of their wave vectors, in the plane of
    the disc, must be too long for the arms and for what the point-spread function, of variance
    `blur` (px^2), leaves.
    """
    finest = min(spiral.arm_width_px, spiral.scale_length_px)
    if blur == 0.0:
        side = len(NODES) * np.ceil(SHARP / (finest * spiral.axis_ratio))
        return int(side * side), 0, QUARTERS, 0
    bar = BAR if spiral.arm_model == RINGERMACHER_MEAD else 0.0
    widest = max(spiral.arm_width_px, spiral.scale_length_px)
    centre = CENTRE * spiral.arm_strength + SMALL * finest / widest
    crests = (CRESTS + centre / spiral.arms + bar) / finest
    need = np.sqrt(crests * crests + BLURRED * BLURRED / blur)
    for rows in range(1, DENSEST + 1):
        if rows * spiral.axis_ratio >= 0.8 * QUARTERS * need * need:
            for quarters in range(QUARTERS):
                if _even(spiral, rows, quarters, need):
                    return 1, 1, rows, quarters
    k, need = 0, need / spiral.axis_ratio
    while FIBONACCI[k][0] < need * need and k < len(FIBONACCI) - 1:
        k += 1
    return FIBONACCI[k][0], FIBONACCI[k][1], QUARTERS, 0


@kernel
def _even(spiral, rows: int, quarters: int, need: float) -> bool:
    """Whether no wave that rows of points take for none is longer than what is needed.

    The wave vectors are (m, (n - m quarters / 4) rows / 4).
    """
    s, c = exact.sincosd(spiral.angle_deg)
    flat, close = spiral.axis_ratio * spiral.axis_ratio, rows / QUARTERS
    high = s * s + flat * c * c
    if close * close * high < need * need:
        return False
    for m in range(1, int(need / spiral.axis_ratio) + 1):
        shift = m * quarters / QUARTERS
        n = np.floor(shift - m * c * s * (1.0 - flat) / (high * close) + 0.5)
        a = (n - shift) * close
        u, v = c * m + s * a, spiral.axis_ratio * (c * a - s * m)
        if u * u + v * v < need * need:
            return False
    return True


@kernel(allocates=True)
def add_wave(image, flux: float, spiral, sampled: bool, optics, slopes) -> None:
    """Add what the wave of a spiral adds to its disc.

    Args:
        image: (1, H, W), float32, or with derivatives as in `blur.py`, the planes being those of
            `_fill`, float64.
        flux: of the disc.
        spiral: record of a spiral.
        sampled: the centres of pixels only.
        optics: of `mixtures.psf_mixture`.
        slopes: None for light, anything else for derivatives too.
    """
    # A Gaussian much wider than the disc leaves nothing of a wave, whose mean over rings is zero:
    # what has M arms is a multipole, of which (h / sigma)^M is left.
    wide = spiral.scale_length_px * exact.exp2(LEFT / spiral.arms)
    margin = min(margin_around(optics, COUNTED, wide * wide), MOST)
    count = 1 if slopes is None else image.shape[0] - 2
    blurred, lattice = optics[0, 0] > 0.0, (1, 1, QUARTERS, 0)
    if not sampled:
        lattice = lattice_of(spiral, optics[0, 0])
    number, generator, rows, quarters = lattice
    planes, edge, room = room_for(count, margin, rows, optics, image)
    work = np.empty((WORK, max(2 * planes.shape[2], TOGETHER)), planes.dtype)
    spans = np.empty((planes.shape[1], SPAN), np.int64)
    size = image.shape[1] + 2 * edge, image.shape[2] + 2 * edge
    for k in range(number):
        x, y, weight = point_of(k, (number, generator))
        if blurred:  # by a lattice through the centre
            x, y = x + spiral.center_x_px, y + spiral.center_y_px
        points = points_through(x, y, edge, rows, quarters)
        middle = -1
        if blurred and number == 1 and slopes is None:
            middle = int(np.floor((y - points[2]) * rows / QUARTERS + 0.5))
        _fill(spiral, points, edge, middle, size, planes, slopes, work, spans)
        weight *= flux * QUARTERS / rows
        add_points(planes, edge, points, weight, optics, slopes, room, image)
    add_smooth(margin, optics, slopes, room, image)


@kernel
def _fill(spiral, points, edge, middle, size, planes, slopes, work, spans) -> None:
    """Fill in what the wave adds to the disc of unit flux, px^-2, and its derivatives.

    Args:
        spiral: record of a spiral.
        points: rows of points, of `blur.points_through`.
        edge: column of the planes that is the frame's first.
        middle: the row through the centre of the disc, where points on both sides lie opposite each
            other and light alone is asked for, so that half of them are enough; otherwise -1.
        size: rows and columns of pixels, margins included; planes may have more, which are 0.
        planes: output (1, rows, columns), float32, or with derivatives (P, rows, columns), float64:
            `PLANES`, then those of the law; columns are a multiple of `LANES`.
        slopes: None for light, anything else for derivatives too.
        work: scratch (`WORK`, twice the columns or more), of the same type; as many rows as fit in
            there are filled together, since a loop takes a while to start.
        spans: scratch (rows, `SPAN`).
    """
    s, c = exact.sincosd(spiral.angle_deg)
    x, y, odd = spiral.center_x_px, spiral.center_y_px, int(spiral.arms) % 2
    rows = _find_spans(spiral, (c, s), points, edge, middle, size, spans)
    planes[:] = planes.dtype.type(0.0)
    begin = 0
    while begin < rows:
        end, count = begin, 0
        while end < rows:
            first, last = spans[end, 2], spans[end, 3]
            ending = count + padded(last - first)
            if ending > work.shape[1]:
                break
            if last > first:
                offset, height = row_of(points, end)
                dx, dy = offset - edge + first - x, height - y
                _go_around(spiral, c, s, dx, dy, work, count, ending)
            end, count = end + 1, ending
        add_arms(spiral, slopes, work, count, planes.shape[0])
        count = 0
        for row in range(begin, end):
            own, own_end, first, last, other, turn = spans[row]
            if last > first:
                for p in range(planes.shape[0]):
                    line, found = planes[p, row, own:own_end], work[OUT + p, count + own - first :]
                    for i in range(line.size):
                        line[i] = found[i]
                if other >= 0:
                    line = planes[0, other, spans[other, 0] : spans[other, 1]]
                    found = work[OUT + odd, count + turn - spans[other, 1] + 1 - first :]
                    for i in range(line.size):
                        line[np.uint64(line.size - 1 - i)] = found[i]
            count += padded(last - first)
        begin = end


@kernel
def _find_spans(spiral, direction, points, edge, middle, size, spans) -> int:
    """Fill in which columns of each row are computed, and return the number of rows.

    Args:
        spiral, points, edge, middle, size: as in `_fill`.
        direction: cosine and sine of the angle of the major axis.
        spans: output (rows, `SPAN`): the columns that the disc reaches, those that are computed,
            the row opposite that they are copied to, or -1, and the sum of opposite columns.
    """
    c, s = direction
    q, x, reach = spiral.axis_ratio, spiral.center_x_px, FARTHEST * spiral.scale_length_px
    high = s * s + c * c * q * q  # of the ellipse r = 1, squared
    lean = c * s * (1.0 - q * q) / high
    rows = 0
    for row in range(spans.shape[0]):
        offset, y = row_of(points, row)
        if y > size[0] - edge - 0.5:
            break
        dy = y - spiral.center_y_px
        half = q * np.sqrt(max(reach * reach - dy * dy / high, 0.0) / high)
        # What is left out must be as symmetric as the galaxy, or its centre of light moves.
        columns = size[1] if half > 0.0 else 0
        first, last = span(x + edge - offset + lean * dy, half, 1, columns)
        spans[row, 0], spans[row, 1], spans[row, 2], spans[row, 3] = first, last, first, last
        spans[row, 4], spans[row, 5] = -1, 0
        rows += 1
        other = 2 * middle - row
        if middle >= 0 and 0 <= other < row:
            begin, end = spans[other, 0], spans[other, 1]
            turn = 2.0 * (x + edge) - offset - row_of(points, other)[0]
            turn = int(np.floor(turn + 0.5))
            low, top = min(begin, turn + 1 - last), max(end, turn + 1 - first)
            if top - low < last - first + end - begin:  # else it takes less to compute both
                spans[other, 2], spans[other, 3], spans[other, 4] = low, top, row
                spans[other, 5], spans[row, 3] = turn, first
    return rows


@kernel
def _go_around(spiral, c, s, dx, dy, work, begin, end) -> None:
    """Fill in cosine and sine of the azimuth, r and 1 / r along a row."""
    number = work.dtype.type
    one, tiny = number(1.0), number(1e-12)
    u_0, u_1 = number(c * dx + s * dy), number(c)
    flat = spiral.handedness / spiral.axis_ratio
    v_0, v_1 = number(flat * (c * dy - s * dx)), number(-flat * s)
    cosine, sine = work[0, begin:end], work[1, begin:end]
    r, inverse = work[2, begin:end], work[3, begin:end]
    for i in range(end - begin):
        t = number(np.int32(i))
        u, v = u_0 + u_1 * t, v_0 + v_1 * t
        square = u * u + v * v + tiny
        over = one / np.sqrt(square)
        cosine[i], sine[i], r[i], inverse[i] = u * over, v * over, square * over, over
