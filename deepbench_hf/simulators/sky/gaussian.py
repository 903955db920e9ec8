"""The mean of a Gaussian over each pixel, drawn in float32.

    G = exp(-u^2 / 2a^2 - v^2 / 2b^2) / (2 pi a b)

u along its major axis, v along its minor one. Where it is wide, 1/12, a pixel's variance, is added
to those along x and y, and the pixel's next cumulants, -1/120 and 1/252, correct the rest:

    mean = (1 - (d^4/dx^4 + d^4/dy^4) / 2880 + (d^6/dx^6 + d^6/dy^6) / 181440) G.

Where it is narrow, the error function integrates along x, and Gauss-Legendre points along y. Where
it is almost aligned with the axes, or round, with a correlation r of x and y, Mehler's series

    G = sum over n of r^n / n! q_n(x) q_n(y),  q_n = He_n times the normal density,

has means over pixels that are products along x and y, exactly.

Sources: DLMF 18.18.28 for Mehler's series, 18.9 for Hermite polynomials He.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import erff, exp2f, float32s
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.blur import columns_of, rows_of

Gaussian = tuple[float, float, float, float, float, float]
"""Centre x, y (px); covariances xx, xy, yy and the smaller principal variance b^2 (px^2)."""

REACH = 22.0
"""A Gaussian ends where its exponent is minus half of this: it loses 2e-5 of its flux."""
NARROW, WIDE = 1.0, 20.0
"""b^2 below which it is integrated, and above which higher cumulants do not count, px^2."""
PANEL = 2.0  # largest panel of Gauss-Legendre points, in b
NODES = (
    (-0.4305681557970263, 0.1739274225687269),
    (-0.16999052179242813, 0.3260725774312731),
    (0.16999052179242813, 0.3260725774312731),
    (0.4305681557970263, 0.1739274225687269),
)
"""Gauss-Legendre points in a panel of length 1, and their weights."""
ORDERS, FEW = 20, 3
"""The most terms of Mehler's series, and where a Gaussian is wide."""
LEFT_OUT = 12.0  # minus the logarithm of the correlation to the power of the terms
BLOCK = 8  # rows between which a wide Gaussian goes on by multiplication
_LOG2_E, _ROOT_TWO_PI = 1.4426950408889634, 2.5066282746310002
_ROOT_HALF, _TWO_PI = 0.7071067811865476, 6.283185307179586
_ZERO, _HALF, _ONE, _THREE, _SIX = float32s(0.0, 0.5, 1.0, 3.0, 6.0)
_ROOT_HALF_32, _DENSITY, _HALF_LOG2_E = float32s(_ROOT_HALF, 1.0 / _ROOT_TWO_PI, -0.5 * _LOG2_E)
_FOURTH, _SIXTH, _15, _45 = float32s(1.0 / 2880.0, 1.0 / 181440.0, 15.0, 45.0)


@kernel
def gaussian(x: float, y: float, a2: float, b2: float, c: float, s: float) -> Gaussian:
    """A Gaussian from its principal variances and the cosine and sine of its angle."""
    return x, y, c * c * a2 + s * s * b2, c * s * (a2 - b2), s * s * a2 + c * c * b2, b2


@kernel
def add_gaussian(image, flux: float, one: Gaussian, edges, work) -> None:
    """Add the means of a Gaussian over the pixels.

    Args:
        image: (H, W), float32, to which is added; W is a multiple of `LANES`.
        flux: flux of the whole Gaussian; nothing is added where it is not above 0.
        one: the Gaussian.
        edges: scratch (2 ORDERS + 1, longer side + 1), float32.
        work: scratch (3, longer side + 1), float32.
    """
    if flux <= 0.0:
        return
    x, y, xx, xy, yy, b2 = one
    correlation = abs(xy) / np.sqrt(xx * yy)
    orders = int(min(np.ceil(LEFT_OUT / -exact.log(max(correlation, 1e-9))), 99.0))
    if orders <= (ORDERS if b2 < NARROW else FEW):
        _add_series(image, flux, one, orders, edges, work)
    elif b2 < NARROW:
        _add_narrow(image, flux, one, edges[0])
    else:
        pixel = 1.0 / 12.0
        _add_wide(image, flux, (x, y, xx + pixel, xy, yy + pixel, b2), b2 < WIDE, edges)


@kernel
def _add_series(image, flux, one, orders, scratch, work) -> None:
    """Add a Gaussian by Mehler's series."""
    x, y, xx, xy, yy, _ = one
    rows, columns = (
        rows_of(y, yy, REACH, image.shape[0]),
        columns_of(x, xx, REACH, image.shape[1]),
    )
    count = columns[1] - columns[0]
    if count == 0 or rows[0] == rows[1]:
        return
    across, along = scratch[:ORDERS, :count], scratch[ORDERS : 2 * ORDERS, : rows[1] - rows[0]]
    _set_series(columns[0] - 0.5 - x, xx, 1.0, orders, across, work)
    _set_series(rows[0] - 0.5 - y, yy, xy / np.sqrt(xx * yy), orders, along, work)
    sums, light = scratch[2 * ORDERS, :count], np.float32(flux)
    for j in range(rows[0], rows[1]):
        line = image[j, columns[0] : columns[1]]
        first, one_of = light * along[0, j - rows[0]], across[0]
        if orders == 1:
            for i in range(count):
                line[i] += first * one_of[i]
            continue
        for i in range(count):
            sums[i] = first * one_of[i]
        for n in range(1, orders):
            weight, one_of = light * along[n, j - rows[0]], across[n]
            for i in range(count):
                sums[i] += weight * one_of[i]
        for i in range(count):
            line[i] += sums[i] if sums[i] > _ZERO else _ZERO


@kernel
def _set_series(start, variance, correlation, orders, out, work) -> None:
    """Fill in the means of q_n over pixels along an axis, times correlation^n / sqrt(n!)."""
    size, over = out.shape[1], 1.0 / np.sqrt(variance)
    first, step = np.float32(start * over), np.float32(over)
    below, now, before = work[0, : size + 1], work[1, : size + 1], work[2, : size + 1]
    for i in range(size + 1):
        z = first + step * np.float32(np.int32(i))
        below[i], before[i] = _HALF * erff(_ROOT_HALF_32 * z), _ZERO
        now[i] = _DENSITY * exp2f(_HALF_LOG2_E * z * z)
    line = out[0]
    for i in range(size):
        line[i] = below[i + 1] - below[i]
    factor = 1.0
    for n in range(1, orders):
        factor *= correlation / np.sqrt(n)
        weight, last, line = np.float32(factor), np.float32(n - 1.0), out[n]
        for i in range(size):
            line[i] = weight * (now[i] - now[i + 1])
        for i in range(size + 1):
            z = first + step * np.float32(np.int32(i))
            after = z * now[i] - last * before[i]
            before[i] = now[i]
            now[i] = after


@kernel
def _add_wide(image, flux, one, corrected, scratch) -> None:
    """Add a wide Gaussian: exponentials in every eighth row, and products from row to row."""
    x, y, xx, xy, yy, _ = one
    rows = rows_of(y, yy, REACH, image.shape[0])
    slope = xy / yy
    variance = xx - slope * xy
    p_xy, p_yy = -slope / variance, xx / (yy * variance)
    top = exact.log2(flux / (_TWO_PI * np.sqrt(variance * yy)))
    flat, tilt = np.float32(-0.5 * _LOG2_E / variance), np.float32(-_LOG2_E * p_xy)
    bend = np.float32(exact.exp(-p_yy))
    light, step = scratch[0], scratch[1]
    for block in range(rows[0], rows[1], BLOCK):
        end = min(block + BLOCK, rows[1])
        first, last = _columns_of_rows(one, slope, variance, block, end, image.shape[1])
        if first == last:
            continue
        dy = block - y
        lift = np.float32(top - 0.5 * _LOG2_E * dy * dy / yy)
        start = np.float32(first - x - slope * dy)
        rise = np.float32(-_LOG2_E * (p_xy * (first - x) + p_yy * (dy + 0.5)))
        for i in range(last - first):
            t = start + np.float32(np.int32(i))
            light[i] = exp2f(flat * t * t + lift)
            step[i] = exp2f(rise + tilt * np.float32(np.int32(i)))
        for j in range(block, end):
            line = image[j, first:last]
            if corrected:
                _add_corrected(line, light, first - x - slope * (j - y), j - y, one, variance)
            else:
                for i in range(line.size):
                    line[i] += light[i]
            if j < end - 1:
                for i in range(line.size):
                    light[i] *= step[i]
                    step[i] *= bend


@kernel
def _columns_of_rows(one, slope, variance, start, end, width) -> tuple[int, int]:
    """The columns that a Gaussian reaches in some rows, in whole groups."""
    x, y, _, _, yy, _ = one
    low, high = width, 0
    for j in range(start, end):
        dy = j - y
        first, last = columns_of(x + slope * dy, variance, max(REACH - dy * dy / yy, 0.0), width)
        if first < last:
            low, high = min(low, first), max(high, last)
    return (low, high) if low < high else (0, 0)


@kernel
def _add_corrected(line, light, start, dy, one, variance) -> None:
    """Add a row of a Gaussian with the corrections by the pixel's cumulants."""
    _, _, xx, xy, yy, _ = one
    a, b = np.float32(1.0 / variance), np.float32(-xy / (yy * variance))
    c, up, left = np.float32(xx / (yy * variance)), np.float32(dy / yy), np.float32(start)
    still = _ONE - _FOURTH * _THREE * (a * a + c * c) - _SIXTH * _15 * (a * a * a + c * c * c)
    for i in range(line.size):
        t = left + np.float32(np.int32(i))
        across, along = a * t, b * t + up
        g, h = across * across, along * along
        fourth = g * (g - _SIX * a) + h * (h - _SIX * c)
        sixth = g * (g * (g - _15 * a) + _45 * a * a) + h * (h * (h - _15 * c) + _45 * c * c)
        line[i] += light[i] * (still - _FOURTH * fourth + _SIXTH * sixth)


@kernel
def _add_narrow(image, flux, one, edges) -> None:
    """Add a narrow Gaussian: row by row, exactly along x, at points along y."""
    x, y, xx, xy, yy, b2 = one
    slope = xy / yy
    variance = xx - slope * xy
    rows = rows_of(y, yy, REACH, image.shape[0])
    ends = np.sqrt(REACH * yy)
    for j in range(rows[0], rows[1]):
        low, high = max(j - 0.5 - y, -ends), min(j + 0.5 - y, ends)
        panels = int(np.ceil((high - low) / (PANEL * np.sqrt(b2))))
        side = (high - low) / max(panels, 1)
        for panel in range(panels):
            for node in range(len(NODES)):
                dy = low + side * (panel + 0.5 + NODES[node][0])
                weight = flux * side * NODES[node][1] / (_ROOT_TWO_PI * np.sqrt(yy))
                weight *= exact.exp(-0.5 * dy * dy / yy)
                _add_row(image[j], weight, x + slope * dy, variance, edges)


@kernel
def _add_row(line, weight, middle, variance, edges) -> None:
    """Add what a Gaussian of one dimension has of a flux in each pixel of a row."""
    first, last = columns_of(middle, variance, REACH, line.size)
    scale = _ROOT_HALF / np.sqrt(variance)
    start, step = np.float32((first - 0.5 - middle) * scale), np.float32(scale)
    half = np.float32(0.5 * weight)
    part, shares = line[first:last], edges[: last - first + 1]
    for i in range(shares.size):
        shares[i] = erff(start + step * np.float32(np.int32(i)))
    for i in range(part.size):
        share = shares[i + 1] - shares[i]
        part[i] += half * (share if share > _ZERO else _ZERO)
