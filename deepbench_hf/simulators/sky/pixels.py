"""Pixels and Gaussians: which ones it reaches, and its mean over each where it is a narrow one.

The mean of a Gaussian over a pixel is that of a few points, with some variance added. A Gaussian
that is narrower than a pixel takes many along y; over a row at a given y it is a Gaussian of x, of
which a pixel has the difference of two error functions.
"""

import numpy as np

from deepbench_hf.exact.constants import LOG2_E, TWO_PI
from deepbench_hf.exact.float32 import erff, exp2f
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import LANES, padded

POINTS = (
    (0.0, 1.0, 1.0, 1 / 12),
    (0.5081327481546148, 0.5, 0.5, 0.01878361089654304),
    (0.3458319986892238, 0.3189029737465915, 0.362194052506817, 0.007051887868281648),
)
"""For 1, 2 and 3 points to the side of a square: the distance between them, the weight of an outer
and of a middle one, and the variance, in sides of the square."""


@kernel
def span(middle: float, half: float, m: int, count: int) -> tuple[int, int]:
    """The first of `count` squares of side 1/m within `half` of a place, and the one after them."""
    first = min(max(np.ceil((middle - half + 0.5) * m - 0.5), 0.0), 1.0 * count)
    last = min(max(np.floor((middle + half + 0.5) * m + 0.5), first), 1.0 * count)
    return int(first), int(last)


@kernel
def add_narrow(planes, flux, axes, m, reach, sums, work) -> None:
    """Add the means of a narrow Gaussian over pixels.

    Args:
        planes: (1, H, W), float32, to which is added.
        flux: of the Gaussian.
        axes: x, y, cosine and sine of the angle, and the variances along its axes.
        m: intervals of a pixel along y, of three points each.
        reach: minus twice the exponent where the Gaussian ends.
        sums: scratch (1, 1, longest row of points), float32.
        work: scratch (2, the same), float32.
    """
    x, y, c, s, a2, b2 = axes
    h, (apart, outer, middle, variance) = 1.0 / m, POINTS[2]
    yy, xy = s * s * a2 + c * c * b2 + h * h * variance, c * s * (a2 - b2)
    slope, narrow = xy / yy, c * c * a2 + s * s * b2 - xy * xy / yy
    number, top = planes.dtype.type, flux * h / np.sqrt(TWO_PI * yy)
    fall, over = number(-0.5 * LOG2_E / yy), number(1.0 / np.sqrt(2.0 * narrow))
    tilt, zero = number(slope) * over, number(0.0)
    begin, ending = span(y, np.sqrt(reach * yy), m, planes.shape[1] * m)
    for j in range(begin // m, (ending + m - 1) // m):
        low, high = max(begin, j * m), min(ending, (j + 1) * m)
        bottom, rise = (low + 0.5) * h - 0.5 - y, (high - 1 - low) * h
        many, count = high - low, padded(3 * (high - low))
        weights, places = work[0, :count], work[1, :count]
        weights[3 * many :], places[3 * many :] = zero, zero
        for p in range(3):
            weight = number(top * (middle if p == 1 else outer))
            t_0, t_1, of = number(bottom + h * apart * (p - 1)), number(h), p * many
            for k in range(many):
                t = t_0 + t_1 * number(np.int32(k))
                weights[of + k], places[of + k] = weight * exp2f(fall * t * t), tilt * t
        side = 0.5 * abs(slope) * (rise + h) + np.sqrt(reach * narrow)
        middle_x = x + slope * (bottom + 0.5 * rise)
        first, last = span(middle_x, side + 0.5, 1, planes.shape[2])
        before = after = zero
        for i in range(first, last + 1):
            edge = i - 0.5
            if edge > middle_x - side and (i == first or edge - 1.0 < middle_x + side):
                after = _before(number(edge - x) * over, weights, places, sums[0, 0, :count])
            if i > first:
                planes[0, j, i - 1] += after - before
            before = after


@kernel
def _before(edge, weights, places, parts):
    """The light to the left of a place."""
    half, total = weights.dtype.type(0.5), weights.dtype.type(0.0)
    for k in range(parts.size):
        parts[k] = weights[k] * (half + half * erff(edge - places[k]))
    for first in range(LANES, parts.size, LANES):
        for k in range(LANES):
            parts[k] += parts[first + k]
    for k in range(LANES):
        total += parts[k]
    return total
