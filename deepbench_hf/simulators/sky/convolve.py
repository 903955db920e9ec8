"""Convolution of a canvas of point values with Gaussians that are averaged over the pixels.

A canvas of the level s holds s x s planes; plane (a, b) has the brightness at the points that lie
((a + 1/2) / s - 1/2, (b + 1/2) / s - 1/2) from the pixels' centres in y and x. The mean of the
convolved light over a pixel is the sum over all points of their value / s^2 and the PSF's mean over
that pixel as seen from the point: a trapezoidal sum, whose error vanishes for smooth light.
"""

import numpy as np

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.psf import SIGMAS, gaussian_shares

_ZERO = np.float32(0.0)


@kernel
def offset(k: int, level: int) -> float:
    """Shift of the points of plane number k of a level, px."""
    return (k + 0.5) / level - 0.5


@kernel
def _set_taps(taps, below, shift: float, sigma: float, limit: int) -> int:
    """Fill in the PSF's means over the pixels -reach to reach from a point; return the reach."""
    reach = min(int(np.ceil(SIGMAS * sigma + 0.5)), limit)
    gaussian_shares(below[: 2 * reach + 2], -reach - 0.5 - shift, 1.0, sigma)
    # What is cut off beyond a few standard deviations is put back; beyond the frame it is lost.
    whole = np.float64(below[2 * reach + 1] - below[0]) if reach < limit else 1.0
    for k in range(2 * reach + 1):
        taps[k] = np.float64(below[k + 1] - below[k]) / whole
    return reach


@kernel
def set_views(view, below, level: int, size: int, margin: int, sigma: float) -> None:
    """Fill in view[b, i]: share of the light of a point of a canvas' row that falls in the frame.

    Args:
        view: output (level, size + 2 margin), float32.
        below: scratch, float32, for one row.
        level: planes a side.
        size, margin: pixels of the frame, and on either side of it.
        sigma: of the Gaussian, px.
    """
    for b in range(level):
        line, shift = view[b, : size + 2 * margin], offset(b, level)
        # What lies above the first edge, less what lies above the last.
        gaussian_shares(line, shift - margin + 0.5, 1.0, sigma)
        gaussian_shares(below[: line.size], shift - margin + 0.5 - size, 1.0, sigma)
        for i in range(line.size):
            line[i] -= below[i]


@kernel
def add_convolved(
    planes, level, margin, sigma, weight, half_done, done, taps, below, image
) -> None:
    """Add a canvas, convolved with one Gaussian, to the image.

    Args:
        planes: the canvas (level^2, H + 2 margin, W + 2 margin), float32.
        level, margin: planes a side; pixels around the frame.
        sigma, weight: of the Gaussian, px, and its share of the flux.
        half_done, done: scratch (H, W + 2 margin), float32.
        taps, below: scratch, float64 and float32, for 2 margin + 2 values.
        image: (H, W), float32, to which is added.
    """
    stride = planes.shape[2]
    flat = half_done.reshape(-1)
    for b in range(level):
        for i in range(flat.size):
            flat[i] = _ZERO
        for a in range(level):
            reach = _set_taps(taps, below, offset(a, level), sigma, margin)
            plane = planes[a * level + b].reshape(-1)
            start = (margin - reach) * stride
            # The pixel is `reach - k` beyond the point: the taps run backwards over the points.
            _add_taps(flat, plane[start:], stride, taps, 2 * reach + 1, 1.0)
        reach = _set_taps(taps, below, offset(b, level), sigma, margin)
        # One long loop over all rows; where they meet, in the margin, is what nobody reads.
        long = done.reshape(-1)[: flat.size - 2 * margin]
        for i in range(long.size):
            long[i] = _ZERO
        scale = weight / (level * level)
        _add_taps(long, flat[margin - reach :], np.int64(1), taps, 2 * reach + 1, scale)
        for j in range(image.shape[0]):
            for i in range(image.shape[1]):
                image[j, i] += done[j, i]


@kernel
def _add_taps(target, source, stride, taps, count, scale) -> None:
    """Add the sum over k of scale taps[count - 1 - k] source[i + k stride] to target[i]."""
    n, k = target.size, 0
    while k + 4 <= count:
        w0, w1 = np.float32(scale * taps[count - 1 - k]), np.float32(scale * taps[count - 2 - k])
        w2, w3 = np.float32(scale * taps[count - 3 - k]), np.float32(scale * taps[count - 4 - k])
        s0, s1 = source[k * stride :], source[(k + 1) * stride :]
        s2, s3 = source[(k + 2) * stride :], source[(k + 3) * stride :]
        for i in range(n):
            target[i] += (w0 * s0[i] + w1 * s1[i]) + (w2 * s2[i] + w3 * s3[i])
        k += 4
    while k < count:
        w0, s0 = np.float32(scale * taps[count - 1 - k]), source[k * stride :]
        for i in range(n):
            target[i] += w0 * s0[i]
        k += 1
