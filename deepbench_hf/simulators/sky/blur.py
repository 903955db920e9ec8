"""Spreading sampled light over pixels: a separable point-spread function, the pixel included.

A point of light, of the rows of `pixels.py`, gives each pixel the mean of a Gaussian over it, along
x and along y. Without a point-spread function it belongs to its own pixel. Of the Gaussians of a
Moffat function the wider ones spread what all points give under one Gaussian, once.

Light is (1, H, W), float32. With its derivatives it is (P + 2, H, W), float64: P planes are spread
alike, the light first, and the last two are its derivatives by the point-spread function.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import ROOT_TWO_PI
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import LANES, add_weighted, padded, weighted
from deepbench_hf.simulators.sky.mixtures import DIFFERENTIATED
from deepbench_hf.simulators.sky.pixels import POINTS, QUARTERS, Points, margin_of, row_of

GROUP = 4
"""Points that are added up at once."""
SMOOTH, NARROW = 1.0, 2.2
"""Variances, px^2. Gaussians of a point-spread function that are narrower than the second spread
every point; wider ones spread what all points give under a Gaussian of the first, which leaves
nothing of what pixels cannot tell apart."""


@kernel
def _grouped(count: int) -> int:
    """A number of points, and zeros up to whole groups."""
    return (count + GROUP - 1) // GROUP * GROUP


@kernel
def _taps_of(points: Points, reach: int) -> tuple[int, int]:
    """The number of shares along x and along y, zeros included."""
    return _grouped(2 * reach + 1), _grouped((2 * reach + 1) * points[0] // QUARTERS + 1)


@kernel
def _first_row(points: Points, row: int, reach: int) -> int:
    """The first row of points that gives light to one of the first four rows of pixels."""
    return int(np.ceil((row - reach - 0.5 - points[2]) * points[0] / QUARTERS))


@kernel
def _set_taps(at, reach: int, variance: float, whole: bool, slopes, taps) -> None:
    """Fill in what points of light give a pixel, and the derivatives of that by the variance.

    Args:
        at: places of the points from the centre of the pixel, px, (n,).
        reach: pixels to either side from which light is taken.
        variance: of the point-spread function, px^2; 0: a point belongs to one pixel.
        whole: the mean over the pixel, not the value at its centre.
        slopes: None for light, anything else for derivatives too.
        taps: output (2, n).
    """
    share, slope = taps[0], taps[1]
    for t in range(at.size):
        share[t], slope[t] = 0.0, 0.0
        if variance <= 0.0 and abs(at[t]) < 0.5:
            share[t] = 1.0
    if variance <= 0.0:
        return
    squares = int(np.ceil(DIFFERENTIATED[5] / np.sqrt(variance))) if whole else 1
    points = 3 if whole else 1
    between, outer, middle, left = POINTS[points - 1]
    wide = variance + (left / (squares * squares) if whole else 0.0)
    over, top = 1.0 / wide, 1.0 / (squares * ROOT_TWO_PI * np.sqrt(wide))
    for k in range(squares * points):
        inside = (k // points + 0.5 + between * (k % points - 0.5 * (points - 1))) / squares - 0.5
        part = top * (middle if k % points == points // 2 else outer)
        for t in range(at.size):
            x = at[t] + inside
            here = part * exact.exp(-0.5 * x * x * over) if abs(at[t]) <= reach + 0.5 else 0.0
            share[t] += here
            if slopes is not None:
                slope[t] += 0.5 * (x * x * over - 1.0) * over * here


@kernel
def _set_all(points: Points, reach: int, variance: float, whole: bool, slopes, taps) -> None:
    """Fill in the shares along x, for four rows of points, and along y, for four rows of pixels.

    Args:
        points: the rows.
        reach, variance, whole, slopes: as in `_set_taps`.
        taps: output (2, 2, n), x and y, of which `_taps_of` tells what is used; and scratch (n,).
    """
    count, high = _taps_of(points, reach)
    shares, at = taps
    for k in range(QUARTERS):
        offset, _ = row_of(points, k)
        for t in range(count):
            at[k * count + t] = offset - reach + t
    _set_taps(at[: QUARTERS * count], reach, variance, whole, slopes, shares[0])
    for k in range(QUARTERS):
        first = _first_row(points, k, reach)
        for t in range(high):
            at[k * high + t] = row_of(points, first + t)[1] - k
    _set_taps(at[: QUARTERS * high], reach, variance, whole, slopes, shares[1])


@kernel
def _spread(plane, corner, points, weight, taps, reach, image, size, work):
    """Add sampled light, spread over pixels, to an image.

    Args:
        plane: values at points, of `room_for`.
        corner: which of its columns is that of the image's first pixel; at least `reach`.
        points: its rows, y being counted from the image's first row.
        weight: of the light.
        taps: shares along x and along y, (n,).
        reach: pixels before and after a point's own that it gives light to.
        image: of the plane's type, to which is added.
        size: rows and columns of the image, a multiple of `LANES`.
        work: of `room_for`.
    """
    half_done, across, along = work
    rows, columns = size
    number, wide, cut = plane.dtype.type, half_done.shape[1], corner - reach
    count, high = _taps_of(points, reach)
    for t in range(QUARTERS * count):
        across[t] = number(taps[0][t])
    for t in range(QUARTERS * high):
        along[t] = number(weight * taps[1][t])
    last = rows - 1
    end = _first_row(points, last % QUARTERS, reach) + last // QUARTERS * points[0] + high
    for r in range(_first_row(points, 0, reach), end):
        begin, k = r * plane.shape[1] + cut, r % QUARTERS * count
        weighted(half_done, (r * wide, columns), plane, (begin, 1, count), across[k : k + count])
    for j in range(rows):
        first = _first_row(points, j % QUARTERS, reach) + j // QUARTERS * points[0]
        line, here = (j * image.shape[1], columns), (first * wide, wide, high)
        k = j % QUARTERS * high
        add_weighted(image, line, half_done, here, along[k : k + high])


@kernel
def _narrow_terms(optics) -> int:
    """How many Gaussians of a point-spread function spread every point."""
    found = 0 if optics.shape[0] > 1 else 1
    while found < optics.shape[0] and optics[found, 0] < NARROW:
        found += 1
    return found


@kernel(allocates=True)
def room_for(count: int, margin: int, rows: int, optics, image):
    """Planes for `add_points`, with the margin that they have, and the room that it works in.

    Args:
        count: number of planes.
        margin: pixels around the frame from which light is seen.
        rows: of points, to four rows of pixels.
        optics: of `mixtures.psf_mixture`.
        image: to which light will be added.
    """
    edge, wide = margin, padded(image.shape[2] + 2 * margin) + LANES
    smooth = np.empty((1, 1, 1), image.dtype)
    if _narrow_terms(optics) < optics.shape[0]:
        high = image.shape[1] + 2 * margin + 2 * GROUP
        smooth = np.zeros((count, high, wide), image.dtype)
        edge += margin_of(SMOOTH)
        wide = padded(wide + 2 * margin_of(SMOOTH))
    high = (image.shape[1] + 2 * edge) * rows // QUARTERS + 2 * GROUP
    planes = np.empty((count, high, wide), image.dtype)
    half_done = np.empty((max(high, smooth.shape[1]), wide), image.dtype)
    count = QUARTERS * _taps_of((max(rows, QUARTERS), 0, 0.0, 0.0), edge)[1]
    work = half_done, np.empty(count, image.dtype), np.empty(count, image.dtype)
    return planes, edge, (smooth, work, (np.empty((2, 2, count)), np.empty(count)))


@kernel
def add_points(planes, edge, points, weight, optics, slopes, room, image) -> None:
    """Add light that is sampled at points, under the point-spread function.

    Args:
        planes: (P, rows, columns) of the frame and of margins around it.
        edge: the margin.
        points: the rows.
        weight: of a point.
        optics: of `mixtures.psf_mixture`.
        slopes: None for light, anything else for derivatives too.
        room: of `room_for`.
        image: (1, H, W), or (P + 2, H, W), to which is added.
    """
    smooth, work, taps = room
    narrow, size = _narrow_terms(optics), (image.shape[1], image.shape[2])
    for g in range(narrow):
        reach = margin_of(optics[g, 0])
        if reach <= edge:
            _set_all(points, reach, optics[g, 0], True, slopes, taps)
            _add_all(planes, edge, points, weight, optics[g], taps[0], reach, slopes, image, work)
    if narrow < optics.shape[0]:
        reach = margin_of(SMOOTH)
        margin = edge - reach
        rows, quarters, low, left = points
        around, wide = (rows, quarters, low + margin, left), smooth.shape[2] - LANES
        _set_all(around, reach, SMOOTH, True, slopes, taps)
        plain, size = (taps[0][0, 0], taps[0][1, 0]), (size[0] + 2 * margin, wide)
        for p in range(planes.shape[0]):
            _spread(planes[p], reach, around, weight, plain, reach, smooth[p], size, work)


@kernel
def add_smooth(margin, optics, slopes, room, image) -> None:
    """Add what all points have given to `smooth` under the wider Gaussians.

    Args:
        margin: pixels around the frame from which light is seen.
        optics, slopes, room, image: as in `add_points`.
    """
    smooth, work, taps = room
    pixels = QUARTERS, 0, -1.0 * margin, 0.0
    for g in range(_narrow_terms(optics), optics.shape[0]):
        reach = margin_of(optics[g, 0])
        if reach <= margin:
            _set_all(pixels, reach, optics[g, 0] - SMOOTH, False, slopes, taps)
            _add_all(smooth, margin, pixels, 1.0, optics[g], taps[0], reach, slopes, image, work)


@kernel
def _add_all(planes, corner, points, weight, one, taps, reach, slopes, image, work) -> None:
    """Add planes under a Gaussian of the point-spread function, and the derivatives by that."""
    across, along, count = taps[0], taps[1], planes.shape[0]
    plain, size = (across[0], along[0]), (image.shape[1], image.shape[2])
    for p in range(count):
        _spread(planes[p], corner, points, weight * one[1], plain, reach, image[p], size, work)
    for which in range(0 if slopes is None else 2):  # by the width, and by the exponent
        rate, out = weight * one[1] * one[2 + which], image[count + which]
        if rate != 0.0:
            turn = (across[0], along[1]), (across[1], along[0])
            _spread(planes[0], corner, points, rate, turn[0], reach, out, size, work)
            _spread(planes[0], corner, points, rate, turn[1], reach, out, size, work)
    if slopes is not None and one[4] != 0.0:
        out = image[count + 1]
        _spread(planes[0], corner, points, weight * one[4], plain, reach, out, size, work)
