"""The derivatives of a Gaussian along the rows of an image, in the order of `SLOPES`.

They are the Gaussian times polynomials, at the same points:

    dG/du0 = (u / a^2) G,  dG/d(a^2) = (u^2 / a^4 - 1 / a^2) G / 2,
    dG/d(angle) = (a^2 - b^2) (u / a^2) (v / b^2) G.
"""

import numpy as np

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import LANES

SLOPES = ("flux", "x", "y", "scale", "ratio", "angle", "shape", "psf_fwhm", "psf_beta")
"""What images of one profile are differentiated by: the flux, of which the derivative is the image
of unit flux; centre; gamma or r_e; axis ratio; angle, rad; beta or n; the point-spread function."""


@kernel
def add_slopes(planes, rows, columns, m, start, factors, pair, sums) -> None:
    """Add the derivatives of a Gaussian to rows, which go on by multiplication.

    Args:
        planes: (9, H, W), float64, to which is added.
        rows, columns: the first square and the one after the last, along y and x.
        m: squares of a pixel's side.
        start: x and y of the first square from the centre, px; 1 / a^2 and 1 / b^2; cosine and sine
            of the angle.
        factors: the Gaussian along the first row, the second row's over it, and what the next ratio
            is over that, the last a number; these change.
        pair: of `mixtures.blurred`.
        sums: scratch (9, 1, longer of a row and of its squares).
    """
    dx, dy, over_a, over_b, c, s = start
    light, step, bend = factors
    h, (row, end), (first, last) = 1.0 / m, rows, columns
    while row < end:
        pixel = row // m
        lines, line, offset = (planes, pixel, first) if m == 1 else (sums, 0, 0)
        for p in range(sums.shape[0] if m > 1 else 0):
            sums[p, 0, : light.size] = 0.0
        for at in range(row, min((pixel + 1) * m, end)):
            place = dx, dy + (at - rows[0]) * h, h
            _add_row(lines, line, offset, light, place, (over_a, over_b, c, s), pair)
            for i in range(light.size):
                light[i] *= step[i]
                step[i] *= bend
        if m > 1:
            _fold(sums, first, last, m, planes, pixel)
        row = min((pixel + 1) * m, end)


@kernel
def _fold(sums, first, last, m, planes, row) -> None:
    """Add the squares of each pixel of a row to it: square by square, or, of many, by pixel."""
    for p in range(planes.shape[0]):
        for k in range(m if m < LANES else 0):
            low, high = (first - k + m - 1) // m, (last - k + m - 1) // m
            line, squares = planes[p, row, low:high], sums[p, 0, low * m + k - first :]
            for i in range(line.size):
                line[i] += squares[i * m]
        for i in range(first // m, (last - 1) // m + 1 if m >= LANES else 0):
            for k in range(max(i * m, first), min((i + 1) * m, last)):
                planes[p, row, i] += sums[p, 0, k - first]


@kernel
def _add_row(lines, row, offset, light, place, axes, rates) -> None:
    """Add the derivatives along a row of squares."""
    dx, dy, h = place
    over_a, over_b, c, s = axes
    share, by_scale, minor_by_scale, by_ratio = rates[0], rates[3], rates[4], rates[5]
    by_angle, share_by_shape, by_shape, minor_by_shape = rates[6], rates[7], rates[8], rates[9]
    by_fwhm, share_by_beta, by_beta = rates[10], rates[11], rates[12]
    a, b = offset, offset + light.size
    flux, by_x, by_y = lines[0, row, a:b], lines[1, row, a:b], lines[2, row, a:b]
    scale, ratio, angle = lines[3, row, a:b], lines[4, row, a:b], lines[5, row, a:b]
    shape, fwhm, beta = lines[6, row, a:b], lines[7, row, a:b], lines[8, row, a:b]
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
