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
SMOOTH, NARROW = 0.6, 1.3
"""Variances, px^2. Gaussians of a point-spread function that are narrower than the second spread
every point; wider ones spread what all points give under a Gaussian of the first, once."""
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
def set_samples(variance: float, weight: float, margin: int, taps) -> None:
    """Fill in a Gaussian at whole pixels, and its derivatives, as `set_taps` does."""
    taps[:] = 0.0
    for t in range(2 * margin + 1):
        square = 1.0 * (margin - t) * (margin - t) / variance
        share = weight * exact.exp(-0.5 * square) / (_ROOT_TWO_PI * np.sqrt(variance))
        taps[0, t], taps[1, t] = share, 0.5 * share * (square - 1.0) / variance


@kernel
def margin_around(optics, scale: float) -> int:
    """How many pixels around the frame a wave is seen from.

    A Gaussian much wider than the disc leaves nothing of a wave, whose mean over rings is zero.
    """
    variance = optics[0, 0]
    for g in range(optics.shape[0]):
        if optics[g, 1] > COUNTED and optics[g, 0] < scale * scale:
            variance = max(variance, optics[g, 0])
    return margin_of(variance)


@kernel
def narrow_terms(optics) -> int:
    """How many Gaussians of a point-spread function spread every point."""
    found = 0 if optics.shape[0] > 1 else 1
    while found < optics.shape[0] and optics[found, 0] < NARROW:
        found += 1
    return found


@kernel(allocates=True)
def add_point(plane, ox, oy, weight, flux, optics, smooth, image) -> None:
    """Add light that is sampled at one point of each pixel, under the point-spread function.

    Args:
        plane: values, float32, of the frame and of margins all around that `add_smooth` needs.
        ox, oy: place of the point in its pixel, from the middle, px.
        weight: of the point among those of a pixel.
        flux: light of a point of value and weight 1.
        optics: of `psf_mixture`.
        smooth: (H + 2m, W + 2m + `GROUP` or more), float32, to which is added what the wider
            Gaussians are to spread.
        image: (H, W), float32, to which is added.
    """
    narrow, reach = narrow_terms(optics), margin_of(SMOOTH)
    margin = (plane.shape[0] - image.shape[0]) // 2
    taps = np.empty((2, 2, taps_of(max(margin, reach))), np.float32)
    half_done = np.empty((plane.shape[0] + GROUP, image.shape[1]), np.float32)
    for g in range(narrow):
        far = margin_of(optics[g, 0])
        if far <= margin:
            across, along = taps[0, :, : taps_of(far)], taps[1, :, : taps_of(far)]
            set_taps(ox, optics[g, 0], 1.0, far, across)
            set_taps(oy, optics[g, 0], flux * weight * optics[g, 1], far, along)
            inner = plane[margin - far : plane.shape[0] - margin + far, margin - far :]
            spread(inner, across[0], along[0], image, half_done[: inner.shape[0] + GROUP])
    if narrow < optics.shape[0]:
        across, along = taps[0, :, : taps_of(reach)], taps[1, :, : taps_of(reach)]
        set_taps(ox, SMOOTH, 1.0, reach, across)
        set_taps(oy, SMOOTH, weight, reach, along)
        half_done = np.empty((plane.shape[0] + GROUP, smooth.shape[1]), np.float32)
        spread(plane, across[0], along[0], smooth, half_done)


@kernel(allocates=True)
def add_smooth(smooth, flux, optics, image) -> None:
    """Add what all points have given to `smooth` under the wider Gaussians."""
    if narrow_terms(optics) == optics.shape[0]:
        return
    margin = (smooth.shape[0] - image.shape[0]) // 2
    taps = np.empty((2, 2, taps_of(margin)), np.float32)
    half_done = np.empty((smooth.shape[0] + GROUP, image.shape[1]), np.float32)
    for g in range(narrow_terms(optics), optics.shape[0]):
        far, variance = margin_of(optics[g, 0]), optics[g, 0] - SMOOTH
        if far <= margin:
            across, along = taps[0, :, : taps_of(far)], taps[1, :, : taps_of(far)]
            set_samples(variance, 1.0, far, across)
            set_samples(variance, flux * optics[g, 1], far, along)
            inner = smooth[margin - far : smooth.shape[0] - margin + far, margin - far :]
            spread(inner, across[0], along[0], image, half_done[: inner.shape[0] + GROUP])


@kernel
def room_for(optics, margin: int, rows: int, columns: int) -> tuple[int, int, int, int, int]:
    """Sizes of arrays for `add_point`.

    Args:
        optics: of `psf_mixture`.
        margin: pixels around the frame from which light is seen.
        rows, columns: of the frame.

    Returns:
        Rows and columns of `smooth`, rows and columns of `plane`, and the margin of `plane`.
    """
    if narrow_terms(optics) == optics.shape[0]:
        return 1, columns, rows + 2 * margin, padded(columns + 2 * margin + GROUP), margin
    wide, reach = padded(columns + 2 * margin + GROUP), margin_of(SMOOTH)
    edge = margin + reach
    return rows + 2 * margin, wide, rows + 2 * edge, padded(wide + 2 * reach + GROUP), edge
