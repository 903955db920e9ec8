"""Random 32-bit words from a counter and a key, one block of four or many at once: Philox4x32-10.

The counter is (word block, 0, low 32 bits of the example's index, high 32 bits of the index).

Source: Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3 (SC 2011).
"""

import hashlib
import json
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.exact.kernel import Int32s, Int64s, kernel

Word = np.uint32
Words = tuple[Word, Word, Word, Word]

_WORD = np.uint64(32)
_MULTIPLIER_0, _MULTIPLIER_2 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL_0, _WEYL_1 = np.uint32(0x9E3779B9), np.uint32(0xBB67AE85)
_ZERO_WORD = np.uint32(0)
VECTOR, FEW = 16, 4
"""Word blocks that a processor works on at once, and how many take no longer one by one."""


@lru_cache(4096, typed=True)  # a batch of rows needs a dozen of them
def stream_key(*labels: str | int) -> np.uint64:
    """Return the Philox key of a purpose, such as ``("pendulum", 42, "train", "mass")``.

    The first 8 bytes, little-endian, of the SHA-256 of the labels as compact UTF-8 JSON: keys of
    neighbouring seeds have nothing in common.
    """
    plain = [int(label) if isinstance(label, np.integer) else label for label in labels]
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    return np.uint64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little"))


def as_indices(indices: ArrayLike) -> Int64s:
    """Return example indices as a contiguous int64 array of shape (n,).

    Raises:
        ValueError: If they are not integers from 0 to 2^63 - 1 in one dimension.
    """
    given = np.asarray(indices)
    if given.ndim != 1 or not (given.dtype.kind in "iu" or given.size == 0):
        raise ValueError(f"indices: got {given.dtype} {given.shape}, accepts integers (n,)")
    checked = np.ascontiguousarray(given, dtype=np.int64)
    if checked.size and np.minimum.reduce(checked) < 0:  # min() takes as long again
        raise ValueError(f"indices: got {given[checked.argmin()]}, accepts 0 to 2^63 - 1")
    return checked


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


@kernel
def fill_lanes(lanes: Int32s, start: int, count: int, index: int, key: np.uint64) -> int:
    """Fill lanes (4, count / 4 or more) with an example's words; return how many blocks.

    Word k of a block is in row k. The first word is number ``start``, a multiple of 4. The count is
    rounded up to whole blocks, and these to whole vectors if there is room: more than a few blocks
    one by one take longer than a vector of them.
    """
    first, blocks = np.uint32(start // 4), (count + 3) // 4
    over = blocks % VECTOR
    if over > FEW:
        blocks = min(blocks + VECTOR - over, lanes.shape[1])
    a, b, c, d = lanes[0], lanes[1], lanes[2], lanes[3]
    for i in range(blocks):
        w0, w1, w2, w3 = words(first + np.uint32(i), index, key)
        a[i], b[i], c[i], d[i] = np.int32(w0), np.int32(w1), np.int32(w2), np.int32(w3)
    return blocks


@kernel
def fill_words(ordered, lanes, start, count, index, key) -> None:
    """Fill `ordered` with an example's words, word k of block b being number 4 b + k.

    The other arguments are those of `fill_lanes`; there must be room for whole blocks.
    """
    a, b, c, d = lanes[0], lanes[1], lanes[2], lanes[3]
    for i in range(fill_lanes(lanes, start, count, index, key)):
        ordered[4 * i], ordered[4 * i + 1] = a[i], b[i]
        ordered[4 * i + 2], ordered[4 * i + 3] = c[i], d[i]
