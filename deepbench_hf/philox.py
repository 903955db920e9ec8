"""Counter-based random numbers: any draw of any example, alone and in any order.

Philox4x32-10 turns a counter and a key into four 32-bit words, without any state. The key is the
first 64 bits of the SHA-256 of what the numbers are for; the counter is

    (word block, 0, low 32 bits of the example's index, high 32 bits of the example's index).

All functions count word blocks from 0, so one key serves one purpose: a key that gives `normals`
must not give `add_normals` as well.

Source: Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf import exact
from deepbench_hf.exact import horner
from deepbench_hf.exact32 import float32s, log2f
from deepbench_hf.kernel import float32_from_bits, int32_bits, kernel

__all__ = [
    "add_normals",
    "normals",
    "philox4x32",
    "stream_key",
    "uniforms",
    "uniforms_of_blocks",
    "words",
]

Word = np.uint32
Words = tuple[Word, Word, Word, Word]

_WORD = np.uint64(32)
_MULTIPLIER_0, _MULTIPLIER_2 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint32(0x9E3779B9), np.uint32(0xBB67AE85)
_ZERO_WORD = np.uint32(0)

_TAU = 6.283185307179586
_BLOCKS = 256
"""Word blocks per pass of `add_normals`: its scratch of 4 kB stays in the fastest cache."""

# sin(pi u / 2) / u and (cos(pi u / 2) - 1) / u^2 in u^2, 0 <= u <= 1; made as in `exact.py`.
_SIN = float32s(1.5707964, -0.6459647, 0.0796935, -0.004679053, 0.00015387539)
_COS = float32s(-1.2337005, 0.2536691, -0.02086206, 0.00091698853, -2.3527624e-05)
_HALF, _ONE, _MINUS_TWO_LN2 = float32s(0.5, 1.0, -1.3862943611198906)
_TO_UNIT_31, _TO_UNIT_30 = float32s(2.0**-31, 2.0**-30)
_31_BITS, _30_BITS = np.int32(0x7FFFFFFF), np.int32(0x3FFFFFFF)
_SIGN, _ONE_BIT = np.int32(-0x80000000), np.int32(1)


@lru_cache(4096, typed=True)  # a batch of rows needs a dozen of them
def stream_key(*labels: str | int) -> np.uint64:
    """Return the Philox key of a purpose: the first 8 bytes of the SHA-256 of its labels.

    The labels are hashed as compact UTF-8 JSON, the bytes read as little-endian.

    Args:
        labels: What the numbers are for, such as ``("pendulum", 42, "train", "mass")``.

    Returns:
        The key; keys of neighbouring seeds have nothing in common.
    """
    plain = [int(label) if isinstance(label, np.integer) else label for label in labels]
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    return np.uint64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little"))


# Too big for LLVM's own inliner: without this the loops around it would not vectorise.
@kernel(inline=True)
def philox4x32(c0: Word, c1: Word, c2: Word, c3: Word, k0: Word, k1: Word) -> Words:
    """Return the four words of Philox4x32-10 for a counter and a key, all of them uint32."""
    for _ in range(10):
        product_0 = _MULTIPLIER_0 * np.uint64(c0)
        product_2 = _MULTIPLIER_2 * np.uint64(c2)
        c0 = np.uint32(np.uint32(product_2 >> _WORD) ^ c1 ^ k0)
        c2 = np.uint32(np.uint32(product_0 >> _WORD) ^ c3 ^ k1)
        c1, c3 = np.uint32(product_2), np.uint32(product_0)
        k0, k1 = np.uint32(k0 + _WEYL_0), np.uint32(k1 + _WEYL_1)
    return c0, c1, c2, c3


@kernel(inline=True)
def words(block: int | Word, index: int | np.int64, key: int | np.uint64) -> Words:
    """Return the words of one word block of an example (int64) in the stream `key` (uint64)."""
    example = np.uint64(index)
    low, high = np.uint32(example), np.uint32(example >> _WORD)
    return philox4x32(
        np.uint32(block), _ZERO_WORD, low, high, np.uint32(key), np.uint32(key >> _WORD)
    )


def as_indices(indices: ArrayLike) -> NDArray[np.int64]:
    """Return example indices as a contiguous int64 array of shape (n,).

    Raises:
        ValueError: If they are not integers from 0 to 2^63 - 1 in one dimension.
    """
    given = np.asarray(indices)
    if given.ndim != 1 or not (given.dtype.kind in "iu" or given.size == 0):
        raise ValueError(f"indices: got {given.dtype} {given.shape}, accepts integers (n,)")
    checked = np.ascontiguousarray(given, dtype=np.int64)
    if checked.size and checked.min() < 0:
        raise ValueError(f"indices: got {given[checked.argmin()]}, accepts 0 to 2^63 - 1")
    return checked


def uniforms(key: np.uint64, indices: ArrayLike) -> NDArray[np.float64]:
    """Return one uniform number in [0, 1) per example, a multiple of 2^-53.

        u = ((w0 >> 5) 2^26 + (w1 >> 6)) / 2^53,  w = words of block 0

    Args:
        key: Of `stream_key`.
        indices: Example indices, 0 to 2^63 - 1 in any order, shape (n,).

    Returns:
        The numbers, shape (n,).
    """
    return _uniforms(np.uint64(key), as_indices(indices))


def uniforms_of_blocks(
    key: np.uint64, indices: ArrayLike, blocks: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return one uniform number in [0, 1) per pair of example and word block, as `uniforms` does.

    Args:
        key: Of `stream_key`.
        indices: Example indices, 0 to 2^63 - 1 in any order, shape (n,).
        blocks: Word blocks, 0 to 2^32 - 1, such as the numbers of an example's objects, shape (n,).

    Returns:
        The numbers, shape (n,).
    """
    return _uniforms_of_blocks(np.uint64(key), as_indices(indices), as_indices(blocks))


@kernel
def _uniforms_of_blocks(
    key: np.uint64, indices: NDArray[np.int64], blocks: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return `uniforms_of_blocks` of checked arguments."""
    u = np.empty(indices.size)
    for i in range(indices.size):
        w0, w1, _, _ = words(blocks[i], indices[i], key)
        u[i] = _unit(w0, w1)
    return u


@kernel
def _uniforms(key: np.uint64, indices: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return `uniforms` of checked arguments."""
    u = np.empty(indices.size)
    for i in range(indices.size):
        w0, w1, _, _ = words(0, indices[i], key)
        u[i] = _unit(w0, w1)
    return u


@kernel
def _unit(high: Word, low: Word) -> float:
    """Return 53 bits of two words as a multiple of 2^-53 in [0, 1)."""
    # By int32, which CPUs before AVX-512 convert in vectors.
    return (np.int32(high >> np.uint32(5)) * 67108864.0 + np.int32(low >> np.uint32(6))) * 2.0**-53


def normals(key: np.uint64, indices: ArrayLike, attempt: int = 0) -> NDArray[np.float64]:
    """Return one standard normal number per example in full float64, by Box-Muller.

        z = sqrt(-2 ln(1 - u)) cos(2 pi v)

    with u from words 0 and 1 of the block, v from words 2 and 3, both as in `uniforms`, so that
    |z| <= 8.58.

    Args:
        key: Of `stream_key`.
        indices: Example indices, 0 to 2^63 - 1 in any order, shape (n,).
        attempt: The word block, 0 to 2^32 - 1: another one gives other numbers, for draws that
            may be refused.

    Returns:
        The numbers, shape (n,).
    """
    return _normals(np.uint64(key), as_indices(indices), np.uint32(attempt))


@kernel
def _normals(key: np.uint64, indices: NDArray[np.int64], attempt: int) -> NDArray[np.float64]:
    """Return `normals` of checked arguments."""
    z = np.empty(indices.size)
    for i in range(indices.size):
        w0, w1, w2, w3 = words(attempt, indices[i], key)
        radius = np.sqrt(abs(2.0 * exact.log(1.0 - _unit(w0, w1))))
        z[i] = radius * exact.cos(_TAU * _unit(w2, w3))
    return z


def add_normals(
    out: NDArray[np.floating], sigma: NDArray[np.float64], key: np.uint64, indices: ArrayLike
) -> None:
    """Add Gaussian noise to a batch in place: out[i, j] += sigma[i] z[i, j].

    z is standard normal in float32, by Box-Muller: z[i, 4 b] and z[i, 4 b + 1] come from words 0
    and 1 of block b, the next two from words 2 and 3. So it depends on neither the other examples
    nor on m, and |z| <= 6.7. The product and the sum are made in the type of `out`.

    Args:
        out: What the noise is added to, float32 or float64, C-contiguous, shape (n, m).
        sigma: Standard deviation of the noise of each example, in the unit of `out`, shape (n,).
        key: Of `stream_key`.
        indices: Example indices, 0 to 2^63 - 1 in any order, shape (n,).

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


@kernel
def _add_normals(
    out: NDArray[np.floating],
    sigma: NDArray[np.float64],
    key: np.uint64,
    indices: NDArray[np.int64],
) -> None:
    """Do `add_normals` with checked arguments."""
    lanes = np.empty((4, _BLOCKS), np.int32)
    z = np.empty(4 * _BLOCKS, np.float32)
    for i in range(out.shape[0]):
        scale = out.dtype.type(sigma[i])
        for start in range(0, out.shape[1], 4 * _BLOCKS):
            part = out[i, start : start + 4 * _BLOCKS]
            blocks = (part.size + 3) // 4
            fill_lanes(lanes, start // 4, blocks, indices[i], key)
            _fill_normals(z, lanes, blocks)
            for j in range(part.size):
                part[j] += scale * z[j]


@kernel
def fill_lanes(
    lanes: NDArray[np.int32], first: int, blocks: int, index: int, key: np.uint64
) -> None:
    """Fill lanes[:, :blocks] with the words of the blocks from `first` on, as int32."""
    a, b, c, d = lanes[0], lanes[1], lanes[2], lanes[3]
    for i in range(blocks):
        w0, w1, w2, w3 = words(np.uint32(first) + np.uint32(i), index, key)
        a[i], b[i], c[i], d[i] = np.int32(w0), np.int32(w1), np.int32(w2), np.int32(w3)


@kernel
def _fill_normals(z: NDArray[np.float32], lanes: NDArray[np.int32], blocks: int) -> None:
    """Fill z[: 4 * blocks] with the normals of the words in `lanes`."""
    a, b, c, d = lanes[0], lanes[1], lanes[2], lanes[3]
    for i in range(blocks):
        z[4 * i], z[4 * i + 1] = _box_muller(a[i], b[i])
        z[4 * i + 2], z[4 * i + 3] = _box_muller(c[i], d[i])


@kernel
def _box_muller(a: np.int32, b: np.int32) -> tuple[np.float32, np.float32]:
    """Return two float32 normals from two int32 words: the radius from a, the angle from b.

    sqrt(-2 ln x) (+-sin, +-cos)(pi u / 2), with x = (a + 1/2) 2^-31 and u = b 2^-30.
    """
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
