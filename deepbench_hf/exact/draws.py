"""Counter-based random numbers: any draw of any example, alone and in any order.

Philox4x32-10 turns a counter and a key into four 32-bit words, without any state. The key is the
first 64 bits of the SHA-256 of what the numbers are for; the counter is

    (word block, 0, low 32 bits of the example's index, high 32 bits of the example's index).

All functions count word blocks from 0, so one key serves one purpose: a key that gives `normals`
must not give `add_normals` as well.

Source: Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf import exact
from deepbench_hf.exact.float32 import float32s, log2f
from deepbench_hf.exact.kernel import (
    Array,
    Array32,
    Int32s,
    Int64s,
    float32_from_bits,
    int32_bits,
    kernel,
)
from deepbench_hf.exact.words import Word, as_indices, fill_lanes, words

_TAU = 6.283185307179586
_BLOCKS = 256
"""Word blocks per pass of `add_normals`: its scratch of 8 kB stays in the fastest cache."""

# sin(pi u / 2) / u and (cos(pi u / 2) - 1) / u^2 in u^2, 0 <= u <= 1; made as in `float64.py`.
_SIN = float32s(1.5707964, -0.6459647, 0.0796935, -0.004679053, 0.00015387539)
_COS = float32s(-1.2337005, 0.2536691, -0.02086206, 0.00091698853, -2.3527624e-05)
_HALF, _ONE, _MINUS_TWO_LN2 = float32s(0.5, 1.0, -1.3862943611198906)
_TO_UNIT_31, _TO_UNIT_30 = float32s(2.0**-31, 2.0**-30)
_31_BITS, _30_BITS = np.int32(0x7FFFFFFF), np.int32(0x3FFFFFFF)
_SIGN, _ONE_BIT = np.int32(-0x80000000), np.int32(1)


def uniforms(key: np.uint64, indices: ArrayLike) -> Array:
    """Return one uniform number in [0, 1) per example, a multiple of 2^-53.

        u = ((w0 >> 5) 2^26 + (w1 >> 6)) / 2^53,  w = words of block 0

    Args:
        key: Of `stream_key`.
        indices: Example indices, 0 to 2^63 - 1 in any order, shape (n,).
    """
    return uniforms_of_keys([key], indices)[0]


def uniforms_of_blocks(key: np.uint64, indices: ArrayLike, blocks: ArrayLike) -> Array:
    """Return one uniform number in [0, 1) per pair of example and word block, as `uniforms` does.

    Args:
        key, indices: As in `uniforms`.
        blocks: Word blocks, 0 to 2^32 - 1, such as the numbers of an example's objects, shape (n,).
    """
    return uniforms_of_keys([key], indices, blocks)[0]


def uniforms_of_keys(
    keys: Sequence[np.uint64], indices: ArrayLike, blocks: ArrayLike | None = None
) -> Array:
    """Return what `uniforms`, or `uniforms_of_blocks`, gives for each key: (keys, n), in one call.

    Of 256 examples a call takes longer than the numbers.
    """
    draws = as_indices(indices)
    numbers = np.zeros_like(draws) if blocks is None else as_indices(blocks)
    if len(numbers) != len(draws):
        raise ValueError(f"blocks: {len(numbers)} of them, for {len(draws)} indices")
    found = np.empty((len(keys), len(draws)))
    _fill_uniforms(np.array(keys, np.uint64), draws, numbers, found)
    return found


def uniform_rows(key: np.uint64, indices: ArrayLike, count: int) -> Array:
    """Return ``count`` uniform numbers in [0, 1) per example, (n, count), of blocks 0, 1, ..."""
    draws = as_indices(indices)
    blocks = np.tile(np.arange(count), len(draws))
    return uniforms_of_blocks(key, np.repeat(draws, count), blocks).reshape(len(draws), count)


@kernel
def _fill_uniforms(keys, indices: Int64s, blocks: Int64s, found: Array) -> None:
    for k in range(keys.size):
        for i in range(indices.size):
            w0, w1, _, _ = words(blocks[i], indices[i], keys[k])
            found[k, i] = unit(w0, w1)


@kernel
def unit(high: Word, low: Word) -> float:
    """Return 53 bits of two words as a multiple of 2^-53 in [0, 1)."""
    # By int32, which CPUs before AVX-512 convert in vectors.
    return (np.int32(high >> np.uint32(5)) * 67108864.0 + np.int32(low >> np.uint32(6))) * 2.0**-53


def normals(key: np.uint64, indices: ArrayLike, attempt: int = 0) -> Array:
    """Return one standard normal number per example in full float64, by Box-Muller.

        z = sqrt(-2 ln(1 - u)) cos(2 pi v)

    with u from words 0 and 1 of the block, v from words 2 and 3, both as in `uniforms`, so that
    |z| <= 8.58.

    Args:
        key, indices: As in `uniforms`.
        attempt: The word block, 0 to 2^32 - 1: another one gives other numbers, for draws that
            may be refused.
    """
    return _normals(np.uint64(key), as_indices(indices), np.uint32(attempt))


@kernel(allocates=True)
def _normals(key: np.uint64, indices: Int64s, attempt: int) -> Array:
    z = np.empty(indices.size)
    for i in range(indices.size):
        w0, w1, w2, w3 = words(attempt, indices[i], key)
        radius = np.sqrt(abs(2.0 * exact.log(1.0 - unit(w0, w1))))
        z[i] = radius * exact.cos(_TAU * unit(w2, w3))
    return z


def add_normals(out: Array | Array32, sigma: Array, key: np.uint64, indices: ArrayLike) -> None:
    """Add Gaussian noise to a batch in place: out[i, j] += sigma[i] z[i, j].

    z is standard normal in float32, by Box-Muller: z[i, 4 b] and z[i, 4 b + 1] come from words 0
    and 1 of block b, the next two from words 2 and 3. So it depends on neither the other examples
    nor on m, and |z| <= 6.7. The product and the sum are made in the type of `out`.

    Args:
        out: What the noise is added to, float32 or float64, C-contiguous, shape (n, m).
        sigma: Standard deviation of the noise of each example, in the unit of `out`, shape (n,).
        key, indices: As in `uniforms`.

    Raises:
        ValueError: If `out` is not such an array, or the shapes differ.
    """
    checked = as_indices(indices)
    sigma = np.ascontiguousarray(sigma, dtype=np.float64)
    if out.ndim != 2 or out.dtype not in (np.float32, np.float64) or not out.flags.c_contiguous:
        raise ValueError(f"out: got {out.dtype} {out.shape}, accepts C-contiguous floats (n, m)")
    if not len(out) == len(checked) == sigma.size:
        raise ValueError(f"out, indices, sigma: {len(out)}, {len(checked)}, {sigma.size} examples")
    _add_normals(out, sigma, np.uint64(key), checked)


@kernel(allocates=True)
def _add_normals(out: Array | Array32, sigma: Array, key: np.uint64, indices: Int64s) -> None:
    z = np.empty(4 * _BLOCKS, np.float32)
    _add_each(out, sigma, key, indices, np.empty((4, _BLOCKS), np.int32), z)


@kernel
def _add_each(out, sigma, key, indices, lanes: Int32s, z: Array32) -> None:
    """Do `add_normals` with scratch for whole blocks."""
    for i in range(out.shape[0]):
        scale = out.dtype.type(sigma[i])
        for start in range(0, out.shape[1], 4 * _BLOCKS):
            part = out[i, start : start + 4 * _BLOCKS]
            fill_normals(z, lanes, start, part.size, indices[i], key)
            for j in range(part.size):
                part[j] += scale * z[j]


@kernel
def fill_normals(z, lanes, start, count, index, key) -> None:
    """Fill z with an example's `count` normals from number `start` on; see `add_normals`.

    The other arguments are those of `fill_lanes`; z must have room for whole blocks.
    """
    a, b, c, d = lanes[0], lanes[1], lanes[2], lanes[3]
    for i in range(fill_lanes(lanes, start, count, index, key)):
        z[4 * i], z[4 * i + 1] = _box_muller(a[i], b[i])
        z[4 * i + 2], z[4 * i + 3] = _box_muller(c[i], d[i])


@kernel
def _box_muller(a: np.int32, b: np.int32) -> tuple[np.float32, np.float32]:
    """Return sqrt(-2 ln x) (+-sin, +-cos)(pi u / 2), |z| <= 6.7, from two words.

    x = (a' + 1/2) 2^-31 and u = b' 2^-30 with 31 bits of a and 30 bits of b, the signs from 2 bits.

    Source: Box and Muller, Annals of Mathematical Statistics 29 (1958).
    """
    x = (np.float32(np.int32(a & _31_BITS)) + _HALF) * _TO_UNIT_31
    radius = np.sqrt(abs(log2f(x) * _MINUS_TWO_LN2))
    u = np.float32(np.int32(b & _30_BITS)) * _TO_UNIT_30
    square = u * u
    sine = exact.horner(square, _SIN) * u * radius
    cosine = (exact.horner(square, _COS) * square + _ONE) * radius
    return _signed(sine, b), _signed(cosine, np.int32(b << _ONE_BIT))


@kernel
def _signed(value: np.float32, word: np.int32) -> np.float32:
    """Return the value with its sign changed if the highest bit of the word is set."""
    return float32_from_bits(np.int32(int32_bits(value) ^ np.int32(word & _SIGN)))
