"""Spreading sampled light over pixels: a separable point-spread function, the pixel included.

A point of light at an offset from a pixel's centre gives each pixel the share of a Gaussian that
lies inside it, Phi((x + 1/2) / sigma) - Phi((x - 1/2) / sigma) along x, times the same along y.
Without a point-spread function the point belongs to its own pixel.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float64 import horner
from deepbench_hf.exact.kernel import kernel

GROUP = 4
"""Points that are added up at once."""
LANES = 16
"""Pixels that are worked on at once: rows that are drawn on have a multiple of it."""
SIGMAS = 4.0
"""Where the Gaussians of sampled light end, in standard deviations."""
NARROW = 3.0
"""Variance of a point-spread function, px^2, from which a mean over a cell counts as its middle's
value, and the variance of the cell as a part of that of the point-spread function."""
COUNTED = 1e-4
"""Share of a point-spread function's flux below which its Gaussians do not spread a wave."""
_ROOT_TWO_PI = 2.5066282746310002
# (1 + x) m(x) in (x - 4) / (x + 4), m being Mills' ratio, to 2e-13: a fit in 40-digit arithmetic
# at the nodes of a Chebyshev polynomial; M. Abramowitz, I. A. Stegun (1964), 26.2.
MILLS = (
    *(1.1832619145678034, -0.2423996705002778, 0.035091880268906805, 0.0716904801691759),
    *(-0.08070801132584542, 0.0449591434861666, -0.012539080320241461, -0.0007160409602862664),
    *(0.0017416996094103264, -0.00023640484806569174, -0.00021970350824791185),
    *(5.2718120003074595e-05, 3.31432077942582e-05, -8.046562550627072e-06),
    *(-5.36550321262456e-06, 7.524393483120606e-07, 5.916630344983559e-07),
)


@kernel
def normal(x: float) -> tuple[float, float]:
    """The standard normal distribution's share below x, and its density there."""
    density = exact.exp(-0.5 * x * x) / _ROOT_TWO_PI
    size = abs(x)
    outside = density * horner((size - 4.0) / (size + 4.0), MILLS) / (1.0 + size)
    return (outside if x < 0.0 else 1.0 - outside), density


@kernel
def padded(columns: int) -> int:
    """The length of a row that is drawn on."""
    return (columns + LANES - 1) // LANES * LANES


@kernel
def rows_of(middle: float, variance: float, reach: float, count: int) -> tuple[int, int]:
    """The first pixel of a row or column, and the one after the last, that a Gaussian reaches."""
    half = np.sqrt(reach * variance) + 0.5
    first = min(max(np.ceil(middle - half), 0.0), float(count))
    last = min(max(np.floor(middle + half) + 1.0, first), float(count))
    return int(first), int(last)


@kernel
def columns_of(middle: float, variance: float, reach: float, width: int) -> tuple[int, int]:
    """The same along a row, in whole groups of `LANES`, which is how loops are fastest."""
    first, last = rows_of(middle, variance, reach, width)
    return first // LANES * LANES, (last + LANES - 1) // LANES * LANES


@kernel
def margin_of(variance: float) -> int:
    """How many pixels outside a frame can give light to it."""
    return int(np.ceil(SIGMAS * np.sqrt(variance) + 0.5)) if variance > 0.0 else 0


@kernel
def taps_of(margin: int) -> int:
    """The number of shares along an axis, zeros included."""
    return (2 * margin + GROUP) // GROUP * GROUP


@kernel
def set_taps(offset: float, variance: float, weight: float, margin: int, taps) -> None:
    """Fill in the shares of a point of light in pixels, and their derivatives by the variance.

    Args:
        offset: of the point from the centre of its pixel, px.
        variance: of the point-spread function, px^2.
        weight: the light of the point.
        margin: pixels before and after the point's own.
        taps: output (2, `taps_of(margin)`), for points from `margin` pixels before to as many
            after, then zeros.
    """
    taps[:] = 0.0
    if variance <= 0.0:
        taps[0, margin] = weight
        return
    over, inside, edge = 1.0 / np.sqrt(variance), 0.0, 0.0
    for t in range(2 * margin + 2):  # the sides of pixels, from the last to the first
        z = (margin + 0.5 - t - offset) * over
        below, density = normal(z)
        if t > 0:
            taps[0, t - 1] = weight * (inside - below)
            taps[1, t - 1] = -0.5 * weight * (edge - z * density) / variance
        inside, edge = below, z * density


@kernel
def spread(plane, across, along, image, half_done) -> None:
    """Add sampled light, spread over pixels, to an image.

    Args:
        plane: (H + 2m, W + 2m + `GROUP` or more), values at one point of each pixel of the frame
            and its margin.
        across, along: shares along x and y, (2m + 1,), with zeros up to a multiple of `GROUP`.
        image: (H, W), of the plane's type, to which is added.
        half_done: scratch (H + 2m + `GROUP` or more, W), of the same type.
    """
    rows, columns = image.shape
    high = min(plane.shape[0], half_done.shape[0])
    for j in range(half_done.shape[0]):
        line = half_done[j]
        line[:] = 0.0
        for t in range(0, across.size if j < high else 0, GROUP):
            row = plane[j, t : t + columns + GROUP]
            a, b, c, d = across[t], across[t + 1], across[t + 2], across[t + 3]
            for i in range(columns):
                line[i] += (a * row[i] + b * row[i + 1]) + (c * row[i + 2] + d * row[i + 3])
    for j in range(rows):
        line = image[j]
        for t in range(0, along.size, GROUP):
            a, b, c, d = along[t], along[t + 1], along[t + 2], along[t + 3]
            r, s = half_done[j + t], half_done[j + t + 1]
            u, v = half_done[j + t + 2], half_done[j + t + 3]
            for i in range(columns):
                line[i] += (a * r[i] + b * s[i]) + (c * u[i] + d * v[i])


@kernel
def margin_around(optics, scale: float) -> int:
    """How many pixels around the frame a wave is sampled at.

    A Gaussian much wider than the disc leaves nothing of a wave, whose mean over rings is zero.
    """
    variance = optics[0, 0]
    for g in range(optics.shape[0]):
        if optics[g, 1] > COUNTED and optics[g, 0] < scale * scale:
            variance = max(variance, optics[g, 0])
    return margin_of(variance)


@kernel
def sharp_terms(optics, points) -> int:
    """How many Gaussians of a point-spread function spread points, and not means over cells."""
    found = optics.shape[0] if points < 5 else 0
    while found < optics.shape[0] and optics[found, 0] < NARROW:
        found += 1
    return found


@kernel
def cell_of(points: int) -> float:
    """The variance of a lattice of points of a pixel along an axis, px^2."""
    return (1.0 - 1.0 / (1.0 * points * points)) / 12.0


@kernel
def add_up(total, plane, weight) -> None:
    """Add a plane times a number to another."""
    amount = np.float32(weight)
    for j in range(plane.shape[0]):
        for i in range(plane.shape[1]):
            total[j, i] += amount * plane[j, i]


@kernel(allocates=True)
def add_plane(plane, ox, oy, margin, flux, optics, cell, image) -> None:
    """Add light that is sampled at one point of each pixel, under the point-spread function.

    Args:
        plane: (H + 2 margin, W + 2 margin + GROUP or more), float32.
        ox, oy: place of the point in its pixel, from the middle, px.
        margin: pixels around the frame.
        flux: light of a point of value 1.
        optics: of `psf_mixture`; Gaussians too wide for the margin are left out.
        cell: the variance that the samples have already, px^2: see `cell_of`.
        image: (H, W), float32, to which is added.
    """
    taps = np.empty((2, 2, taps_of(margin)), np.float32)
    half_done = np.empty((plane.shape[0] + GROUP, image.shape[1]), np.float32)
    for g in range(optics.shape[0]):
        reach = margin_of(optics[g, 0])
        if reach <= margin:
            inner = plane[margin - reach : plane.shape[0] - margin + reach, margin - reach :]
            width = taps_of(reach)
            set_taps(ox, optics[g, 0] - cell, 1.0, reach, taps[0, :, :width])
            set_taps(oy, optics[g, 0] - cell, flux * optics[g, 1], reach, taps[1, :, :width])
            done = half_done[: inner.shape[0] + GROUP]
            spread(inner, taps[0, 0, :width], taps[1, 0, :width], image, done)
