"""How the mean of a Gaussian over a pixel answers to its centre and covariances, in float64.

A Gaussian G solves heat equations: with covariances xx, xy, yy,

    dG/dxx = G_xx / 2,  dG/dxy = G_xy,  dG/dyy = G_yy / 2,  dG/dx0 = -G_x,

so all derivatives of a profile, whatever the parameter, are sums of these. Means over pixels of
narrow ones are exact along x, where each is a difference of G or G_x between a pixel's sides, and
taken at Gauss-Legendre points along y.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.blur import normal, rows_of
from deepbench_hf.simulators.sky.gaussian import NODES, gaussian

MOMENTS = 6
"""Mean of G over a pixel, and its derivatives by x0, y0, xx, xy, yy."""
REACH = 32.0  # minus twice the exponent where a Gaussian ends: 1e-7 of it
NARROW = 36.0  # b^2, px^2, below which the sides of pixels count
PANEL = 1.5
ROOT_TWO_PI = 2.5066282746310002


@kernel
def add_profile_slopes(place, ratio: float, pairs, slopes, coefficients, moments, edges) -> None:
    """Add the derivatives of the image of a profile of unit flux.

    Args:
        place: x, y, scale (px), cosine and sine of the angle.
        ratio: axis ratio.
        pairs: of `mixtures.blurred`, (K, PAIR).
        slopes: (9, H, W), in the order of `profiles.SLOPES`, to which is added.
        coefficients, moments, edges: scratch (9, MOMENTS), (MOMENTS, W), (2, W + 1).
    """
    x, y, scale, c, s = place
    for k in range(pairs.shape[0]):
        one = gaussian(x, y, pairs[k, 1], pairs[k, 2], c, s)
        _set_coefficients(pairs[k], scale, ratio, c, s, coefficients)
        rows = rows_of(y, one[4] + 0.1, REACH, slopes.shape[1])
        columns = rows_of(x, one[2] + 0.1, REACH, slopes.shape[2])
        for j in range(rows[0], rows[1]):
            part = moments[:, columns[0] : columns[1]]
            if one[5] < NARROW:
                _narrow(one, j, columns[0], part, edges)
            else:
                _wide(one, j, columns[0], part)
            for p in range(slopes.shape[0]):
                _combine(coefficients[p], part, slopes[p, j, columns[0] : columns[1]])


@kernel
def _set_coefficients(pair, scale, ratio, c, s, out) -> None:
    """Fill in what each derivative has of each moment."""
    share, a2, b2, own, by_shape, own_by_shape, by_fwhm, by_beta, share_by_beta = pair
    out[:] = 0.0
    out[0, 1] = out[1, 2] = out[2, 0] = share
    _along(out[3], share, 2.0 * own / scale, 2.0 * ratio * ratio * own / scale, c, s)
    out[4, 0] = by_shape
    _along(out[4], share, own_by_shape, ratio * ratio * own_by_shape, c, s)
    _along(out[5], share, 0.0, 2.0 * ratio * own, c, s)
    turned = share * (a2 - b2)
    out[6, 3], out[6, 4], out[6, 5] = -2.0 * c * s * turned, (c * c - s * s) * turned, 0.0
    out[6, 5] = 2.0 * c * s * turned
    _along(out[7], share, by_fwhm, by_fwhm, c, s)
    out[8, 0] = share_by_beta
    _along(out[8], share, by_beta, by_beta, c, s)


@kernel
def _along(out, share, by_major, by_minor, c, s) -> None:
    """Add what changes of the variances along the axes mean for those along x and y."""
    out[3] += share * (c * c * by_major + s * s * by_minor)
    out[4] += share * c * s * (by_major - by_minor)
    out[5] += share * (s * s * by_major + c * c * by_minor)


@kernel
def _combine(coefficients, moments, line) -> None:
    for m in range(MOMENTS):
        factor = coefficients[m]
        if factor != 0.0:
            for i in range(line.size):
                line[i] += factor * moments[m, i]


@kernel
def _wide(one, j, first, moments) -> None:
    """Fill in the moments of a row: those at the centres, 1/12 added to the variances."""
    x, y, xx, xy, yy, _ = one
    xx, yy = xx + 1.0 / 12.0, yy + 1.0 / 12.0
    slope, dy = xy / yy, j - y
    variance = xx - slope * xy
    p_xx, p_xy, p_yy = 1.0 / variance, -slope / variance, xx / (yy * variance)
    top = 1.0 / (6.283185307179586 * np.sqrt(variance * yy))
    for i in range(moments.shape[1]):
        t = i + first - x - slope * dy
        g = top * exact.exp(-0.5 * (t * t / variance + dy * dy / yy))
        across = t / variance
        along = dy / yy - slope * across
        moments[0, i], moments[1, i], moments[2, i] = g, across * g, along * g
        moments[3, i] = 0.5 * (across * across - p_xx) * g
        moments[4, i] = (across * along - p_xy) * g
        moments[5, i] = 0.5 * (along * along - p_yy) * g


@kernel
def _narrow(one, j, first, moments, edges) -> None:
    """Fill in the moments of a row: exact along x, at points along y."""
    x, y, xx, xy, yy, b2 = one
    slope = xy / yy
    width = np.sqrt(xx - slope * xy)
    moments[:] = 0.0
    ends = np.sqrt(REACH * yy)
    low, high = max(j - 0.5 - y, -ends), min(j + 0.5 - y, ends)
    panels = int(max(np.ceil((high - low) / (PANEL * np.sqrt(b2))), 0.0))
    side = (high - low) / max(panels, 1)
    for panel in range(panels):
        for node in range(len(NODES)):
            dy = low + side * (panel + 0.5 + NODES[node][0])
            weight = side * NODES[node][1] * exact.exp(-0.5 * dy * dy / yy)
            weight /= ROOT_TWO_PI * np.sqrt(yy)
            start = (first - 0.5 - x - slope * dy) / width
            for i in range(moments.shape[1] + 1):
                edges[0, i], edges[1, i] = normal(start + i / width)
            _add_node(weight, dy / yy, slope, yy, start, width, edges, moments)


@kernel
def _add_node(weight, pull, slope, yy, start, width, edges, moments) -> None:
    """Add the moments on one line along x: differences of G and of G_x between sides."""
    over = 1.0 / width
    for i in range(moments.shape[1]):
        z = start + i * over
        light = weight * (edges[0, i + 1] - edges[0, i])
        step = weight * over * (edges[1, i + 1] - edges[1, i])
        bend = -weight * over * over * ((z + over) * edges[1, i + 1] - z * edges[1, i])
        light_y = -pull * light - slope * step
        step_y = -pull * step - slope * bend
        moments[0, i] += light
        moments[1, i] -= step
        moments[2, i] -= light_y
        moments[3, i] += 0.5 * bend
        moments[4, i] += step_y
        moments[5, i] += 0.5 * (-light / yy - pull * light_y - slope * step_y)
