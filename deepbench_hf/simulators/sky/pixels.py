"""Pixels: which ones a Gaussian reaches, and the points that stand for them.

The mean of a Gaussian over a pixel is that of a few points, with some variance added. A Gaussian
that is narrower than a pixel takes many along y; over a row at a given y it is a Gaussian of x, of
which a pixel has the difference of two error functions.

Other light is sampled. Its points lie in rows, a pixel apart; the rows are 4/N px apart, and each
is shifted by so many quarters of a pixel against the one before. So points may lie as densely as
light needs, and along its directions, and after four rows of pixels all is as before.
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
NODES = (
    (-0.4305681557970263, 0.1739274225687269),
    (-0.16999052179242813, 0.3260725774312731),
    (0.16999052179242813, 0.3260725774312731),
    (0.4305681557970263, 0.1739274225687269),
)
"""Gauss-Legendre points in a panel of length 1, and their weights."""
FIBONACCI = (
    *((5, 3), (8, 5), (13, 8), (21, 13), (34, 21), (55, 34), (89, 55), (144, 89), (233, 144)),
    *((377, 233), (610, 377), (987, 610), (1597, 987)),
)
"""N and g of lattices (i / N, g i / N) of a pixel that are even in all directions."""
QUARTERS = 4
"""After so many rows of pixels, and after so many rows of points, these lie as before."""
SIGMAS = 4.5
"""Where the Gaussians of sampled light end, in standard deviations."""

Points = tuple[int, int, float, float]
"""Rows of points to four rows of pixels; quarters of a pixel by which each is shifted against the
one before; y of the first row, px; and x of its points, from the centres of pixels."""


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


@kernel
def point_of(number: int, lattice: tuple[int, int]) -> tuple[float, float, float]:
    """The place of a point in its pixel, from the middle, px, and its weight."""
    points, generator = lattice
    if generator == 0:
        side = int(np.sqrt(1.0 * points) + 0.5)
        i, j, panels = number % side, number // side, side // len(NODES)
        a, b = NODES[i % len(NODES)], NODES[j % len(NODES)]
        ox = (i // len(NODES) + 0.5 + a[0]) / panels - 0.5
        oy = (j // len(NODES) + 0.5 + b[0]) / panels - 0.5
        return ox, oy, a[1] * b[1] / (panels * panels)
    middle = 0.5 - 0.5 / points  # of the points
    ox, oy = number / points - middle, (number * generator % points) / points - middle
    return ox - np.floor(ox + 0.5), oy - np.floor(oy + 0.5), 1.0 / points


@kernel
def points_through(x: float, y: float, edge: int, rows: int, quarters: int) -> Points:
    """Rows of points from `edge` pixels around a frame on, one of which is at a place."""
    before = int(np.floor((y + edge + 0.5) * rows / QUARTERS))
    left = x - (before * quarters % QUARTERS) / QUARTERS
    return rows, quarters, y - before * (QUARTERS / rows), left - np.floor(left + 0.5)


@kernel
def row_of(points: Points, number: int) -> tuple[float, float]:
    """How far the points of a row are from the centres of pixels along x, and its y."""
    rows, quarters, low, left = points
    place = left + (number * quarters % QUARTERS) / QUARTERS
    return place - np.floor(place + 0.5), low + number * (QUARTERS / rows)


@kernel
def margin_of(variance: float) -> int:
    """How many pixels outside a frame can give light to it."""
    return int(np.ceil(SIGMAS * np.sqrt(variance) + 0.5)) if variance > 0.0 else 0


@kernel
def margin_around(optics, counted: float, widest: float) -> int:
    """How many pixels around the frame sampled light is seen from.

    Args:
        optics: of `mixtures.psf_mixture`.
        counted: share of the flux below which a Gaussian does not matter.
        widest: variance, px^2, above which it does not.
    """
    variance = optics[0, 0]
    for g in range(optics.shape[0]):
        if optics[g, 1] > counted and optics[g, 0] < widest:
            variance = max(variance, optics[g, 0])
    return margin_of(variance)
