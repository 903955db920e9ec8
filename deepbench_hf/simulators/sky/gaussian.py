"""The mean of a Gaussian over each pixel, and its derivatives: the one thing that is drawn.

    G = exp(-u^2 / 2a^2 - v^2 / 2b^2) / (2 pi a b)

u along its major axis, v along its minor one. The mean over a pixel is that of one, 2 x 2 or 3 x 3
points, with some variance added to a^2 and b^2: places, weights and variance are those that share
the first 3, 5 or 7 moments with a pixel, so that the wider the Gaussian, the fewer will do. Where
it is narrow a pixel is m by m squares. Along a row every exponential is computed; from row to row
they go on by multiplication.

The derivatives are G times polynomials, at the same points:

    dG/du0 = (u / a^2) G,  dG/d(a^2) = (u^2 / a^4 - 1 / a^2) G / 2,
    dG/d(angle) = (a^2 - b^2) (u / a^2) (v / b^2) G.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import exp2f
from deepbench_hf.exact.kernel import kernel
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

SLOPES = ("flux", "x", "y", "scale", "ratio", "angle", "shape", "psf_fwhm", "psf_beta")
"""What images of one profile are differentiated by: the flux, of which the derivative is the image
of unit flux; centre; gamma or r_e; axis ratio; angle, rad; beta or n; the point-spread function."""
LANES = 16
"""Pixels that are worked on at once: rows that are drawn on have a multiple of it."""
LONGEST = 1024
"""The most squares of a row, where there are several to a pixel: ten times 0.7 / q and more."""
POINTS = (
    (0.0, 1.0, 1.0, 1 / 12),
    (0.5081327481546148, 0.5, 0.5, 0.01878361089654304),
    (0.3458319986892238, 0.3189029737465915, 0.362194052506817, 0.007051887868281648),
)
"""For 1, 2 and 3 points to the side of a square: the distance between them, the weight of an outer
and of a middle one, and the variance, in sides of the square."""
FAINTEST = 2e-6
"""Share of the light in the frame, and of the peak, below which a Gaussian is not drawn."""
BLOCK, STEEPEST = 16, 7.0
"""Rows between which exponentials are computed anew, and standard deviations along a row that the
ridge moves between them: what is below 2^-126 counts as nothing and cannot grow again."""
_LOG2_E, _TWO_PI = 1.4426950408889634, 6.283185307179586


@kernel
def padded(columns: int) -> int:
    """The length of a row that is drawn on."""
    return (columns + LANES - 1) // LANES * LANES


@kernel
def span(middle: float, half: float, m: int, count: int) -> tuple[int, int]:
    """The first of `count` squares of side 1/m within `half` of a place, and the one after them."""
    first = min(max(np.ceil((middle - half + 0.5) * m - 0.5), 0.0), 1.0 * count)
    last = min(max(np.floor((middle + half + 0.5) * m + 0.5), first), 1.0 * count)
    return int(first), int(last)


@kernel(allocates=True)
def scratch_for(planes):
    """Arrays for `add_profile`: a profile's Gaussians, blurred ones, sums and rows."""
    longest = max(LONGEST, planes.shape[2])
    sums = np.empty((planes.shape[1], longest), planes.dtype)
    work = np.empty((2, longest), planes.dtype)
    return np.empty((TERMS, PROFILE)), np.empty((TERMS * TERMS, PAIR)), sums, work


@kernel
def add_profile(planes, flux, law, place, size, optics, tables, slopes, scratch) -> None:
    """Add a round profile, inclined: its Gaussians under those of the point-spread function.

    Args:
        planes: (H, 1, W) for light, or (H, 9, W) for all of `SLOPES` of unit flux, to which is
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
    side = max(planes.shape[0], planes.shape[2])
    widest = FARTHEST * side / size[0] if law[0] == MOFFAT_LAW else np.inf
    count = mixture(law[0], law[1], tables, widest, profile)
    found = blurred(profile[:count], size[0], size[1], optics, precision, pairs)
    area, light, peak = 1.0 * planes.shape[0] * planes.shape[2], 0.0, 0.0
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
        sums, work: scratch (1 or 9, longer of `LONGEST` and W), (2, the same), of the same type.
    """
    x, y, c, s = place
    width = np.sqrt(pair[2])
    n = 1 if width > precision[3] else 2 if width > precision[4] else 3
    m = int(np.ceil(precision[5] / width)) if n == 3 else 1
    h = 1.0 / m
    apart, outer, middle, variance = POINTS[n - 1]
    a2, b2 = pair[1] + h * h * variance, pair[2] + h * h * variance
    share = flux * pair[0] if slopes is None else 1.0
    top = exact.log2(share * h * h / (_TWO_PI * np.sqrt(a2 * b2)))
    for j in range(n):
        dy, part = h * apart * (j - 0.5 * (n - 1)), middle if 2 * j + 1 == n else outer
        for i in range(n):
            dx, share = h * apart * (i - 0.5 * (n - 1)), middle if 2 * i + 1 == n else outer
            axes, light = (x - dx, y - dy, c, s, a2, b2), top + exact.log2(part * share)
            _add_points(planes, light, axes, m, precision[6], pair, slopes, sums, work)


@kernel
def _add_points(planes, top, axes, m, reach, pair, slopes, sums, work) -> None:
    """Add a Gaussian of a given log2 of its peak at the middle of each of m by m squares."""
    x, y, c, s, a2, b2 = axes
    h = 1.0 / m
    xx, xy, yy = c * c * a2 + s * s * b2, c * s * (a2 - b2), s * s * a2 + c * c * b2
    slope, variance, rate = xy / yy, a2 * b2 / yy, xx / (a2 * b2)
    number = planes.dtype.type
    flat, side = number(-0.5 * _LOG2_E / variance), number(h)
    tilt, bend = number(_LOG2_E * slope / variance * h * h), number(exact.exp(-rate * h * h))
    zero, most = number(0.0), number(126.0 if slopes is None else 1000.0)
    begin, ending = span(y, np.sqrt(reach * yy), m, planes.shape[0] * m)
    block = int(min(1.0 + STEEPEST * np.sqrt(variance) / (abs(slope) * h + 1e-9), 1.0 * BLOCK))
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
        if m == 1:
            first = first // LANES * LANES
        count = padded(last - first)
        light, step, dx = work[0, :count], work[1, :count], (first + 0.5) * h - 0.5 - x
        lift, across = number(top - 0.5 * _LOG2_E * dy * dy / yy), number(dx - slope * dy)
        change = number(_LOG2_E * h * (slope / variance * dx - rate * (dy + 0.5 * h)))
        for i in range(count):
            t = across + side * number(np.int32(i))
            power, growth = flat * t * t + lift, change + tilt * number(np.int32(i))
            light[i] = two_to(power, slopes) if power > -most else zero
            step[i] = two_to(growth if growth < most else most, slopes)
        row, end = rows
        while row < end:
            pixel = row // m
            lines, offset = (planes[pixel], first) if m == 1 else (sums, 0)
            for p in range(sums.shape[0] if m > 1 else 0):
                sums[p, :count] = zero
            for at in range(row, min((pixel + 1) * m, end)):
                if slopes is not None:
                    start = dx, (at + 0.5) * h - 0.5 - y, h
                    _add_slopes(lines, offset, light, start, (1.0 / a2, 1.0 / b2, c, s), pair)
                _go_on(lines[0, offset : offset + count], light, step, bend, slopes)
            if m > 1:
                _fold(sums, first, last, m, planes[pixel])
            row = min((pixel + 1) * m, end)


@kernel
def _go_on(line, light, step, bend, slopes) -> None:
    """Add a row, if it is light that is drawn, and go on to the next."""
    for i in range(light.size):
        if slopes is None:
            line[i] += light[i]
        light[i] *= step[i]
        step[i] *= bend


@kernel
def two_to(x, slopes):
    """Return 2^x: of light, in float32; of derivatives, in float64."""
    return exp2f(x) if slopes is None else exact.exp2(x)


@kernel
def _fold(sums, first, last, m, lines) -> None:
    """Add the squares of each pixel of a row to it: square by square, or, of many, by pixel."""
    for p in range(lines.shape[0]):
        for k in range(m if m < LANES else 0):
            low, high = (first - k + m - 1) // m, (last - k + m - 1) // m
            line, squares = lines[p, low:high], sums[p, low * m + k - first :]
            for i in range(line.size):
                line[i] += squares[i * m]
        for i in range(first // m, (last - 1) // m + 1 if m >= LANES else 0):
            for k in range(max(i * m, first), min((i + 1) * m, last)):
                lines[p, i] += sums[p, k - first]


@kernel
def _add_slopes(lines, offset, light, place, axes, rates) -> None:
    """Add the derivatives along a row of squares, in the order of `SLOPES`."""
    dx, dy, h = place
    over_a, over_b, c, s = axes
    share, by_scale, minor_by_scale, by_ratio = rates[0], rates[3], rates[4], rates[5]
    by_angle, share_by_shape, by_shape, minor_by_shape = rates[6], rates[7], rates[8], rates[9]
    by_fwhm, share_by_beta, by_beta = rates[10], rates[11], rates[12]
    end = offset + light.size
    flux, by_x, by_y = lines[0, offset:end], lines[1, offset:end], lines[2, offset:end]
    scale, ratio, angle = lines[3, offset:end], lines[4, offset:end], lines[5, offset:end]
    shape, fwhm, beta = lines[6, offset:end], lines[7, offset:end], lines[8, offset:end]
    for i in range(light.size):
        t, g = dx + h * np.int32(i), light[i]
        u, v = over_a * (c * t + s * dy), over_b * (c * dy - s * t)
        major, minor = 0.5 * (u * u - over_a) * g, 0.5 * (v * v - over_b) * g
        flux[i] += share * g
        by_x[i] += share * (c * u - s * v) * g
        by_y[i] += share * (s * u + c * v) * g
        scale[i] += by_scale * major + minor_by_scale * minor
        ratio[i] += by_ratio * minor
        angle[i] += by_angle * u * v * g
        shape[i] += share_by_shape * g + by_shape * major + minor_by_shape * minor
        fwhm[i] += by_fwhm * (major + minor)
        beta[i] += share_by_beta * g + by_beta * (major + minor)
