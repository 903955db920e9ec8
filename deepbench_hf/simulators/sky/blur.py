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
SIGMAS = 4.5
"""Where the Gaussians of sampled light end, in standard deviations."""
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
    sigma = np.sqrt(variance)
    for t in range(2 * margin + 1):
        x = margin - t - offset
        high, low = (x + 0.5) / sigma, (x - 0.5) / sigma
        above, top = normal(high)
        below, bottom = normal(low)
        taps[0, t] = weight * (above - below)
        taps[1, t] = -0.5 * weight * (high * top - low * bottom) / variance


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
