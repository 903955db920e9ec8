"""The mean of a Gaussian over each pixel, and its derivatives: the one thing that is drawn.

    G = exp(-u^2 / 2a^2 - v^2 / 2b^2) / (2 pi a b)

u along its major axis, v along its minor one. The mean over a pixel is that of one, 2 x 2 or 3 x 3
points, with some variance added to a^2 and b^2: places, weights and variance are those that share
the first 3, 5 or 7 moments with a pixel, so that the wider the Gaussian, the fewer will do. Light
at 2 x 2 points is one Gaussian times a sum of cosines. Light of the narrow ones is in `pixels.py`;
for their derivatives a pixel is m by m squares. Along a row every exponential is computed; from row
to row they go on by multiplication.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import LOG2_E, TWO_PI
from deepbench_hf.exact.float32 import exp2f
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import go_down, padded
from deepbench_hf.simulators.sky.mixtures import (
    DIFFERENTIATED,
    DRAWN,
    FARTHEST,
    MOFFAT_LAW,
    PAIR,
    PROFILE,
    TERMS,
    Precision,
    blurred,
    mixture,
)
from deepbench_hf.simulators.sky.pixels import POINTS, add_narrow, span
from deepbench_hf.simulators.sky.slopes import add_slopes

LONGEST = 1024
"""The most points or squares of a row, where there are several to a pixel: 15 / q and more."""
FAINTEST = 2e-6
"""Share of the light in the frame, and of the peak, below which a Gaussian is not drawn."""
LINES = 6
"""Numbers of each column that are gone on with down the rows."""
BLOCK, STEEPEST = 32, 7.0
"""Rows between which exponentials are computed anew, and standard deviations along a row that the
ridge moves between them: what is below 2^-126 counts as nothing and cannot grow again. Half as many
for the mean of four points, where what is rounded grows."""


@kernel(allocates=True)
def scratch_for(planes):
    """Arrays for `add_profile`: a profile's Gaussians, blurred ones, sums and rows."""
    longest = max(LONGEST, planes.shape[2])
    sums = np.empty((planes.shape[0], 1, longest), planes.dtype)
    work = np.empty((LINES, longest), planes.dtype)
    return np.empty((PROFILE, TERMS)), np.empty((TERMS * TERMS, PAIR)), sums, work


@kernel
def add_profile(planes, flux, law, place, size, optics, tables, slopes, scratch) -> None:
    """Add a round profile, inclined: its Gaussians under those of the point-spread function.

    Args:
        planes: (1, H, W) for light, or (9, H, W) for all of `SLOPES` of unit flux, to which is
            added; W is a multiple of `LANES`; float32, or float64.
        flux: of light; derivatives are those of unit flux.
        law: `MOFFAT_LAW` or `SERSIC_LAW`, and beta or n.
        place: x, y (px), cosine and sine of the angle.
        size: gamma or r_e, px, and axis ratio.
        optics: of `mixtures.psf_mixture`.
        tables: of `mixtures.mixture_tables`.
        slopes: None for light, anything else for the derivatives.
        scratch: of `scratch_for`.
    """
    profile, pairs, sums, work = scratch
    precision = DRAWN if slopes is None else DIFFERENTIATED
    side = max(planes.shape[1], planes.shape[2])
    widest = FARTHEST * side / size[0] if law[0] == MOFFAT_LAW else np.inf
    count = mixture(law[0], law[1], tables, widest, profile)
    found = blurred(profile, count, size[0], size[1], optics, precision, pairs)
    area, light, peak = 1.0 * planes.shape[1] * planes.shape[2], 0.0, 0.0
    for k in range(found):
        wide = 1.0 + np.sqrt(pairs[k, 1] * pairs[k, 2])
        light += pairs[k, 0] * min(1.0, area / wide)
        peak += pairs[k, 0] / wide
    for k in range(found):
        wide = 1.0 + np.sqrt(pairs[k, 1] * pairs[k, 2])
        seen = pairs[k, 0] * min(1.0, area / wide)
        seen_enough = seen > FAINTEST * light or pairs[k, 0] > FAINTEST * peak * wide
        if slopes is not None or seen_enough:
            add_gaussian(planes, flux, place, pairs[k], precision, slopes, sums, work)


@kernel
def add_gaussian(planes, flux, place, pair, precision: Precision, slopes, sums, work) -> None:
    """Add the means of a Gaussian over the pixels, and its derivatives where they are asked for.

    Args:
        planes, flux, place, slopes: as in `add_profile`.
        pair: of `mixtures.blurred`.
        precision: how finely pixels are divided, and how far a Gaussian reaches.
        sums, work: scratch (1 or 9, 1, longer of `LONGEST` and W), (`LINES`, the same), of the same
            type.
    """
    x, y, c, s = place
    width = np.sqrt(pair[2])
    n = 1 if width > precision[3] else 2 if width > precision[4] else 3
    m = int(np.ceil(precision[5] / width)) if n == 3 else 1
    h = 1.0 / m
    share = 1.0
    if slopes is None:
        share = flux * pair[0]
        if m > 1:
            axes = x, y, c, s, pair[1], pair[2]
            add_narrow(planes, share, axes, m, precision[6], sums, work)
            return
    apart, outer, middle, variance = POINTS[n - 1]
    a2, b2 = pair[1] + h * h * variance, pair[2] + h * h * variance
    top = exact.log2(share * h * h / (TWO_PI * np.sqrt(a2 * b2)))
    if n == 2 and slopes is None:
        axes = x, y, c, s, a2, b2
        _add_points(planes, top, axes, 1, precision[6], 0.5 * apart, pair, slopes, sums, work)
        return
    for j in range(n):
        dy, along = h * apart * (j - 0.5 * (n - 1)), middle if 2 * j + 1 == n else outer
        for i in range(n):
            dx, across = h * apart * (i - 0.5 * (n - 1)), middle if 2 * i + 1 == n else outer
            axes, light = (x - dx, y - dy, c, s, a2, b2), top + exact.log2(along * across)
            _add_points(planes, light, axes, m, precision[6], 0.0, pair, slopes, sums, work)


@kernel
def _add_points(planes, top, axes, m, reach, corner, pair, slopes, sums, work) -> None:
    """Add a Gaussian of a given log2 of its peak at the middle of each of m by m squares.

    Light alone may be the mean of four points, at (+-corner, +-corner) from the middle.
    """
    x, y, c, s, a2, b2 = axes
    h = 1.0 / m
    xx, xy, yy = c * c * a2 + s * s * b2, c * s * (a2 - b2), s * s * a2 + c * c * b2
    slope, variance, rate = xy / yy, a2 * b2 / yy, xx / (a2 * b2)
    number = planes.dtype.type
    flat, side = number(-0.5 * LOG2_E / variance), number(h)
    tilt, bend = number(LOG2_E * slope / variance * h * h), number(exact.exp(-rate * h * h))
    zero, most = number(0.0), number(126.0 if slopes is None else 1000.0)
    begin, ending = span(y, np.sqrt(reach * yy), m, planes.shape[1] * m)
    steep = (STEEPEST if corner == 0.0 else 0.5 * STEEPEST) * np.sqrt(variance)
    block = int(min(1.0 + steep / (abs(slope) * h + 1e-9), 1.0 * BLOCK))
    block = block // m * m if m <= block else block  # whole pixels, where it can be
    for low in range(begin // block * block, ending, block):
        rows = max(low, begin), min(low + block, ending)
        dy, rise = (rows[0] + 0.5) * h - 0.5 - y, (rows[1] - 1 - rows[0]) * h
        nearest = dy if dy > 0.0 else min(dy + rise, 0.0)
        half = np.sqrt(max(reach - nearest * nearest / yy, 0.0) * variance)
        half, middle = half + 0.5 * abs(slope) * rise, x + slope * (dy + 0.5 * rise)
        first, last = span(middle, half, m, planes.shape[2] * m)
        if first == last:
            continue
        count = padded(last - first)
        if m == 1:
            first = min(first, planes.shape[2] - count)
        light, step, dx = work[0, :count], work[1, :count], (first + 0.5) * h - 0.5 - x
        lift, across = number(top - 0.5 * LOG2_E * dy * dy / yy), number(dx - slope * dy)
        change = number(LOG2_E * h * (slope / variance * dx - rate * (dy + 0.5 * h)))
        for i in range(count):
            t = across + side * number(np.int32(i))
            power, growth = flat * t * t + lift, change + tilt * number(np.int32(i))
            light[i] = two_to(power, slopes) if power > -most else zero
            step[i] = two_to(growth if growth < most else most, slopes)
        if slopes is None and corner > 0.0:
            turns = _wave(dx, dy, (xx, xy, yy), a2 * b2, corner, work, count)
            go_down(planes, rows, first, work, count, (bend, turns[0], turns[1]))
        elif slopes is None:
            go_down(planes, rows, first, work, count, (bend,))
        else:
            start, factors = (dx, dy, 1.0 / a2, 1.0 / b2, c, s), (light, step, bend)
            add_slopes(planes, rows, (first, last), m, start, factors, pair, sums)


@kernel
def _wave(dx, dy, covariance, area, corner, work, count):
    """Fill in what makes of a Gaussian the mean of four, and return how that goes on.

    With P the inverse of the covariance, the mean of those displaced by +-(t, t) and +-(t, -t) is
    the Gaussian in the middle times the sum over d = (t, t) and (t, -t) of

        exp(-d P d / 2) cosh(d P r) / 2.

    Args:
        dx, dy: place of the first column and row from the centre, px.
        covariance: xx, xy and yy, px^2.
        area: its determinant.
        corner: t, px.
        work: (`LINES`, longest), of which the last four lines are filled in.
        count: columns.
    """
    xx, xy, yy = covariance
    number = work.dtype.type
    c = 0.0, 0.0
    for k in range(2):
        sign = 1.0 - 2.0 * k
        a, b = corner * (yy - sign * xy) / area, corner * (sign * xx - xy) / area
        fall = 0.5 * corner * (a + sign * b)
        here, before = work[2 + 2 * k], work[3 + 2 * k]
        start, across = number(LOG2_E * (a * dx + b * dy)), number(LOG2_E * a)
        low = number(-LOG2_E * fall - 2.0)
        up, down = number(exact.exp(b)), number(exact.exp(-b))
        for i in range(count):
            t = start + across * number(np.int32(i))
            right, left = exp2f(low + t), exp2f(low - t)
            here[i], before[i] = right + left, right * down + left * up
        c = c[1], exact.exp(b) + exact.exp(-b)
    return number(c[0]), number(c[1])


@kernel
def two_to(x, slopes):
    """Return 2^x: of light, in float32; of derivatives, in float64."""
    return exp2f(x) if slopes is None else exact.exp2(x)
