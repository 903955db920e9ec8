"""Spreading sampled light over pixels: a separable point-spread function, the pixel included.

A point of light gives each pixel the mean of a Gaussian over it, along x and along y, by the points
of `gaussian.py`. Without a point-spread function it belongs to its own pixel. Of the Gaussians of a
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
from deepbench_hf.simulators.sky.pixels import POINTS

GROUP = 4
"""Points that are added up at once."""
SIGMAS = 4.5
"""Where the Gaussians of sampled light end, in standard deviations."""
SMOOTH, NARROW = 1.0, 2.2
"""Variances, px^2. Gaussians of a point-spread function that are narrower than the second spread
every point; wider ones spread what all points give under a Gaussian of the first, which leaves
nothing of what pixels cannot tell apart."""


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


@kernel
def _taps_of(margin: int) -> int:
    """The number of shares along an axis, zeros included."""
    return (2 * margin + GROUP) // GROUP * GROUP


@kernel
def _set_taps(offset: float, variance: float, whole: bool, margin: int, taps) -> None:
    """Fill in the shares of a point of light in pixels, and their derivatives by the variance.

    Args:
        offset: of the point from the centre of its pixel, px.
        variance: of the point-spread function, px^2.
        whole: means over pixels, not values at their centres.
        margin: pixels before and after the point's own.
        taps: output (2, `_taps_of(margin)` or more), for points from `margin` pixels before to as
            many after, then zeros.
    """
    taps[:] = 0.0
    if variance <= 0.0:
        taps[0, margin] = 1.0
        return
    squares = int(np.ceil(DIFFERENTIATED[5] / np.sqrt(variance))) if whole else 1
    points = 3 if whole else 1
    apart, outer, middle, left = POINTS[points - 1]
    wide = variance + (left / (squares * squares) if whole else 0.0)
    over, top = 1.0 / wide, 1.0 / (squares * ROOT_TWO_PI * np.sqrt(wide))
    for k in range(squares * points):
        place = (k // points + 0.5 + apart * (k % points - 0.5 * (points - 1))) / squares - 0.5
        part = top * (middle if k % points == points // 2 else outer)
        for t in range(2 * margin + 1):
            x = place + (np.int32(margin - t) - offset)
            share = part * exact.exp(-0.5 * x * x * over)
            taps[0, t] += share
            taps[1, t] += 0.5 * (x * x * over - 1.0) * over * share


@kernel
def _spread(plane, corner, weight, taps, reach, image, size, work) -> None:
    """Add sampled light, spread over pixels, to an image.

    Args:
        plane: values at one point of each pixel, of `room_for`.
        corner: which row and column of it are those of the image's first pixel; at least `reach`.
        weight: of the light.
        taps: shares along x and along y, (`_taps_of(reach)` or more,).
        reach: pixels before and after a point's own that it gives light to.
        image: of the plane's type, to which is added.
        size: rows and columns of the image, a multiple of `LANES`.
        work: of `room_for`.
    """
    half_done, across, along = work
    rows, columns = size
    cut, count, number = corner - reach, _taps_of(reach), plane.dtype.type
    for t in range(count):
        across[t], along[t] = number(taps[0][t]), number(weight * taps[1][t])
    wide = half_done.shape[1]
    for j in range(rows + count - 1):
        begin = (cut + j) * plane.shape[1] + cut
        weighted(half_done, (j * wide, columns), plane, (begin, 1, count), across)
    for j in range(rows):
        line = j * image.shape[1], columns
        add_weighted(image, line, half_done, (j * wide, wide, count), along)


@kernel
def _narrow_terms(optics) -> int:
    """How many Gaussians of a point-spread function spread every point."""
    found = 0 if optics.shape[0] > 1 else 1
    while found < optics.shape[0] and optics[found, 0] < NARROW:
        found += 1
    return found


@kernel(allocates=True)
def room_for(count: int, margin: int, optics, image):
    """Planes for `add_point`, with the margin that they have, and the room that it works in.

    Args:
        count: number of planes.
        margin: pixels around the frame from which light is seen.
        optics: of `mixtures.psf_mixture`.
        image: to which light will be added.
    """
    edge, rows, wide = margin, image.shape[1] + GROUP, padded(image.shape[2] + 2 * margin) + LANES
    smooth = np.empty((1, 1, 1), image.dtype)
    if _narrow_terms(optics) < optics.shape[0]:
        smooth = np.zeros((count, rows + 2 * margin, wide), image.dtype)
        edge += margin_of(SMOOTH)
        wide = padded(wide + 2 * margin_of(SMOOTH))
    planes = np.empty((count, rows + 2 * edge, wide), image.dtype)
    half_done = np.empty((planes.shape[1] + GROUP, wide), image.dtype)
    count = _taps_of(edge)
    work = half_done, np.empty(count, image.dtype), np.empty(count, image.dtype)
    return planes, edge, (smooth, work, np.empty((2, 2, count)))


@kernel
def add_point(planes, edge, place, optics, slopes, room, image) -> None:
    """Add light that is sampled at one point of each pixel, under the point-spread function.

    Args:
        planes: (P, rows, columns) of the frame and of margins around it.
        edge: the margin.
        place: of the point in its pixel, from the middle, px, and its weight.
        optics: of `mixtures.psf_mixture`.
        slopes: None for light, anything else for derivatives too.
        room: of `room_for`.
        image: (1, H, W), or (P + 2, H, W), to which is added.
    """
    ox, oy, weight = place
    smooth, work, taps = room
    narrow = _narrow_terms(optics)
    for g in range(narrow):
        reach = margin_of(optics[g, 0])
        if reach <= edge:
            _set_taps(ox, optics[g, 0], True, reach, taps[0])
            _set_taps(oy, optics[g, 0], True, reach, taps[1])
            size = image.shape[1], image.shape[2]
            _add_all(planes, edge, weight, optics[g], taps, reach, slopes, image, size, work)
    if narrow < optics.shape[0]:
        reach, size = margin_of(SMOOTH), (smooth.shape[1] - GROUP, smooth.shape[2] - LANES)
        _set_taps(ox, SMOOTH, True, reach, taps[0])
        _set_taps(oy, SMOOTH, True, reach, taps[1])
        for p in range(planes.shape[0]):
            plain = taps[0, 0], taps[1, 0]
            _spread(planes[p], reach, weight, plain, reach, smooth[p], size, work)


@kernel
def add_smooth(margin, optics, slopes, room, image) -> None:
    """Add what all points have given to `smooth` under the wider Gaussians.

    Args:
        margin: pixels around the frame from which light is seen.
        optics, slopes, room, image: as in `add_point`.
    """
    smooth, work, taps = room
    size = image.shape[1], image.shape[2]
    for g in range(_narrow_terms(optics), optics.shape[0]):
        reach = margin_of(optics[g, 0])
        if reach <= margin:
            _set_taps(0.0, optics[g, 0] - SMOOTH, False, reach, taps[0])
            _set_taps(0.0, optics[g, 0] - SMOOTH, False, reach, taps[1])
            _add_all(smooth, margin, 1.0, optics[g], taps, reach, slopes, image, size, work)


@kernel
def _add_all(planes, corner, weight, one, taps, reach, slopes, image, size, work) -> None:
    """Add planes under a Gaussian of the point-spread function, and the derivatives by that."""
    across, along, count = taps[0], taps[1], planes.shape[0]
    plain = across[0], along[0]
    for p in range(count):
        _spread(planes[p], corner, weight * one[1], plain, reach, image[p], size, work)
    for which in range(0 if slopes is None else 2):  # by the width, and by the exponent
        rate, out = weight * one[1] * one[2 + which], image[count + which]
        if rate != 0.0:
            turn = (across[0], along[1]), (across[1], along[0])
            _spread(planes[0], corner, rate, turn[0], reach, out, size, work)
            _spread(planes[0], corner, rate, turn[1], reach, out, size, work)
    if slopes is not None and one[4] != 0.0:
        out = image[count + 1]
        _spread(planes[0], corner, weight * one[4], plain, reach, out, size, work)
