"""Standard normal numbers in float32 from 32-bit words, by Box and Muller.

    (z0, z1) = sqrt(-2 ln x) (+-sin, +-cos)(pi u / 2),  x = (a + 1/2) 2^-31,  u = b 2^-30

with a from 31 bits of the first word of a pair, b from 30 bits and the signs from 2 bits of the
second; |z| <= 6.7.

Source: Box and Muller, Annals of Mathematical Statistics 29 (1958).
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.float32 import float32s, log2f
from deepbench_hf.exact.float64 import horner
from deepbench_hf.exact.kernel import float32_from_bits, int32_bits, kernel

# sin(pi u / 2) / u and (cos(pi u / 2) - 1) / u^2 in u^2, 0 <= u <= 1; made as in `exact.py`.
_SIN = float32s(1.5707964, -0.6459647, 0.0796935, -0.004679053, 0.00015387539)
_COS = float32s(-1.2337005, 0.2536691, -0.02086206, 0.00091698853, -2.3527624e-05)
_HALF, _ONE, _MINUS_TWO_LN2 = float32s(0.5, 1.0, -1.3862943611198906)
_TO_UNIT_31, _TO_UNIT_30 = float32s(2.0**-31, 2.0**-30)
_31_BITS, _30_BITS = np.int32(0x7FFFFFFF), np.int32(0x3FFFFFFF)
_SIGN, _ONE_BIT = np.int32(-0x80000000), np.int32(1)


@kernel
def fill_from_lanes(z: NDArray[np.float32], lanes: NDArray[np.int32], blocks: int) -> None:
    """Fill z[: 4 * blocks] with the normals of lanes[:, :blocks], row k being word k of blocks."""
    a, b, c, d = lanes[0], lanes[1], lanes[2], lanes[3]
    for i in range(blocks):
        z[4 * i], z[4 * i + 1] = _box_muller(a[i], b[i])
        z[4 * i + 2], z[4 * i + 3] = _box_muller(c[i], d[i])


@kernel
def _box_muller(a: np.int32, b: np.int32) -> tuple[np.float32, np.float32]:
    """Return two normals from two words: the radius from a, the angle from b."""
    x = (np.float32(np.int32(a & _31_BITS)) + _HALF) * _TO_UNIT_31
    radius = np.sqrt(abs(log2f(x) * _MINUS_TWO_LN2))
    u = np.float32(np.int32(b & _30_BITS)) * _TO_UNIT_30
    square = u * u
    sine = horner(square, _SIN) * u * radius
    cosine = (horner(square, _COS) * square + _ONE) * radius
    return _signed(sine, b), _signed(cosine, np.int32(b << _ONE_BIT))


@kernel
def _signed(value: np.float32, word: np.int32) -> np.float32:
    """Return the value with its sign changed if the highest bit of the word is set."""
    return float32_from_bits(np.int32(int32_bits(value) ^ np.int32(word & _SIGN)))
