"""What JPEG does to an image: an 8 x 8 cosine transform, each coefficient a multiple of its step.

    level = 48 + 16 asinh(x / sigma) - 128,  F = C L C^T,  F' = q round(F / q),  L' = C^T F' C

with sigma the noise of an empty pixel, C the orthonormal cosine transform of 8 points, and q the
steps of the standard's luminance table scaled by the quality. The stretch puts six decades of
brightness on the 256 levels that the table is made for. Levels are neither rounded nor clipped, so
that an image of whole blocks is compressed to itself when it is compressed again.

Source: ITU-T Recommendation T.81 (1992), annexes A.3.3 and K.1; the scale of the Independent JPEG
Group's libjpeg.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import PI
from deepbench_hf.exact.kernel import Array, Array32, Int64s, kernel

SIDE = 8
BLACK, GAIN, MIDDLE = 48.0, 16.0, 128.0
"""The level of an empty pixel, the levels of a standard deviation of it, and what is taken off."""

FARTHEST = 512.0
"""Levels from the middle at most: ringing of the coarsest steps must not overflow float32."""


LUMINANCE = (
    *(16, 11, 10, 16, 24, 40, 51, 61),
    *(12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56),
    *(14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77),
    *(24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101),
    *(72, 92, 95, 98, 112, 100, 103, 99),
)
"""Steps of the luminance at quality 50, by rows of vertical frequency."""

Square = Array


def steps(quality: Int64s) -> Int64s:
    """The steps q of every coefficient, ``(n, 8, 8)``, for qualities 1 to 100, ``(n,)``.

    >>> steps(np.array([50, 100]))[:, 0, 0].tolist()
    [16, 1]
    """
    percent = np.where(quality < 50, 5000 // quality, 200 - 2 * quality)
    table = np.array(LUMINANCE, np.int64).reshape(SIDE, SIDE)
    return np.clip((table * percent[:, None, None] + 50) // 100, 1, 255)


def compress(images: Array32, sigma: Array, quality: Int64s) -> None:
    """Compress images (n, H, W) in place; sides that are no multiple of 8 repeat their last row.

    Sigma (n,), above 0, is the standard deviation of an empty pixel; the quality (n,) is 1 to 100.
    """
    _compress(images, np.ascontiguousarray(sigma), steps(quality).astype(np.float64))


@kernel(allocates=True)
def _compress(images: Array32, sigma: Array, table: Array) -> None:
    """Do `compress` with steps ``(n, 8, 8)``, block by block."""
    cosines = _cosines()
    back = cosines.T.copy()
    block, half = np.empty((SIDE, SIDE)), np.empty((SIDE, SIDE))
    for i in range(images.shape[0]):
        for top in range(0, images.shape[1], SIDE):
            for left in range(0, images.shape[2], SIDE):
                _load(images[i], top, left, sigma[i], block)
                _transform(cosines, block, back, half)
                for k in range(SIDE):
                    for m in range(SIDE):
                        step = table[i, k, m]
                        block[k, m] = step * np.floor(block[k, m] / step + 0.5)
                _transform(back, block, cosines, half)
                _store(block, top, left, sigma[i], images[i])


@kernel(allocates=True)
def _cosines() -> Square:
    """C[k, j] = a_k cos((2 j + 1) k pi / 16), a_0 = sqrt(1/8), a_k = 1/2."""
    matrix = np.empty((SIDE, SIDE))
    for k in range(SIDE):
        scale = np.sqrt(0.125) if k == 0 else 0.5
        for j in range(SIDE):
            matrix[k, j] = scale * exact.cos((2 * j + 1) * k * PI / 16.0)
    return matrix


@kernel
def _transform(left: Square, block: Square, right: Square, half: Square) -> None:
    """Put left @ block @ right in the place of the block."""
    _product(left, block, half)
    _product(half, right, block)


@kernel
def _product(a: Square, b: Square, out: Square) -> None:
    """Put a @ b into `out`, summed from the first term to the last."""
    out[:] = 0.0
    for i in range(SIDE):
        for k in range(SIDE):
            for j in range(SIDE):
                out[i, j] += a[i, k] * b[k, j]


@kernel
def _load(image: Array32, top: int, left: int, sigma: float, block: Square) -> None:
    """The levels of a block, less the middle; beyond the image those of its last row or column."""
    height, width = image.shape
    for i in range(SIDE):
        y = min(top + i, height - 1)
        for j in range(SIDE):
            value = image[y, min(left + j, width - 1)] / sigma
            size = abs(value)
            stretched = exact.log(size + np.sqrt(size * size + 1.0))
            block[i, j] = BLACK - MIDDLE + GAIN * (-stretched if value < 0.0 else stretched)


@kernel
def _store(block: Square, top: int, left: int, sigma: float, image: Array32) -> None:
    """The brightness of the levels, where the block is inside the image."""
    for i in range(min(SIDE, image.shape[0] - top)):
        for j in range(min(SIDE, image.shape[1] - left)):
            level = min(max(block[i, j], -FARTHEST), FARTHEST)
            stretched = (level + MIDDLE - BLACK) / GAIN
            grown = exact.exp(abs(stretched))
            value = 0.5 * sigma * (grown - 1.0 / grown)
            image[top + i, left + j] = -value if stretched < 0.0 else value
