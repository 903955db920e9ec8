"""Poisson counts with a rate of their own for every value, one random word a value.

Rates below 16 go up the distribution function step by step; from 16 on, the quantile is the floor
of a Cornish-Fisher expansion in a normal quantile, whose error at rate 16 1e8 draws do not show
in a chi-square test. Both ways are monotone in the word, and neither looks at another value.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf import exact
from deepbench_hf.exact.float32 import expf, float32s, log2f
from deepbench_hf.exact.kernel import (
    Array,
    Array32,
    Int32s,
    Int64s,
    float32_from_bits,
    horner,
    int32_bits,
    kernel,
)
from deepbench_hf.exact.words import as_indices, fill_words

Floats = Array | Array32

BLOCK = 256
"""Values per pass: the scratch stays in the fastest cache, and a dark pass ends after few steps."""
_STEPS = 60
_ZERO, _HALF, _ONE, _TWO, _THREE, _SWITCH = float32s(0.0, 0.5, 1.0, 2.0, 3.0, 16.0)
_31_BITS, _SIGN = np.int32(0x7FFFFFFF), np.int32(-0x80000000)
_TO_UNIT_31, _TO_UNIT_32 = float32s(2.0**-31, 2.0**-32)
# Closer to 1 than this, a distribution function summed in float32 cannot be trusted.
_FAR_WORDS, _NEAR = np.int32(2**21), np.float32(1.0 - 2.0**-11)
# Rates so low that no step is needed but in the far tail, and terms that no sum feels: they would
# end as denormal numbers.
_DIM, _NOTHING = float32s(2.0**-12, 1e-15)
_RECIPROCALS = np.array([0.0] + [1.0 / j for j in range(1, 128)])
_RECIPROCALS_32 = _RECIPROCALS.astype(np.float32)

# z(x) / (1 - x) in t - 3.34 with t^2 = 3 - ln(x (2 - x)), z being the normal quantile of 1 - x / 2,
# for x >= 2^-32: even and odd powers. Made as in `float64.py`.
_MIDDLE, _MINUS_LN2 = float32s(3.3412811756134033, -0.6931471805599453)
_EVEN = float32s(
    *(3.80458069, -0.0642697737, 0.0107105291, 0.0122226626, -0.00375047443, 0.000374688272)
)
_ODD = float32s(
    *(1.65113866, 0.0083428761, -0.0167538133, -0.000668120978, 0.00103580276, -0.000125014049)
)
# Cornish-Fisher polynomials in z^2 of the orders rate^(1/2 - k/2), k = 1 to 5.
_ORDER_1 = float32s(1 / 3, 1 / 6)
_ORDER_2 = float32s(-1 / 36, -1 / 72)
_ORDER_3 = float32s(-8 / 405, 7 / 810, 1 / 270)
_ORDER_4 = float32s(0.0172582893551, -0.00352372022629, -0.00133101099266)
_ORDER_5 = float32s(-0.000627052752666, -0.012710799247, 0.00165352378261, 0.000558486542473)


def poisson(rate: Floats, key: np.uint64, indices: ArrayLike) -> Floats:
    """Return Poisson counts for a batch of rates; value j of an example takes word j of its stream.

    Args:
        rate: Expected counts, up to 1e9, float32 or float64, shape (n, m); below 0 they count as 0.
            Counts have its type: above 2^24 they are rounded in float32.
        key: Of `words.stream_key`.
        indices: Example indices, 0 to 2^63 - 1 in any order, shape (n,).

    Raises:
        ValueError: If `rate` is not such an array, or the lengths differ.

    Source: Cornish and Fisher (Revue de l'Institut International de Statistique 5, 1937); for
    Poisson numbers Giles, Algorithm 955 (ACM Transactions on Mathematical Software 42, 2016).
    """
    checked = as_indices(indices)
    if rate.ndim != 2 or rate.dtype not in (np.float32, np.float64) or len(rate) != len(checked):
        got = f"{rate.dtype} {rate.shape} for {len(checked)} examples"
        raise ValueError(f"rate: got {got}, accepts floats (n, m)")
    return _poisson(np.ascontiguousarray(rate), np.uint64(key), checked)


@kernel(allocates=True)
def _poisson(rate: Floats, key: np.uint64, indices: Int64s) -> Floats:
    counts = np.empty_like(rate)
    words, lanes = np.empty(BLOCK, np.int32), np.empty((4, BLOCK // 4), np.int32)
    scratch = np.empty((5, BLOCK), np.float32)
    for i in range(rate.shape[0]):
        for start in range(0, rate.shape[1], BLOCK):
            part = rate[i, start : start + BLOCK]
            fill_words(words, lanes, start, part.size, indices[i], key)
            fill_counts(counts[i, start : start + BLOCK], part, words, scratch)
    return counts


@kernel
def fill_counts(counts: Floats, rate: Floats, words: Int32s, scratch: Array32) -> None:
    """Fill the counts (m,) of at most one block, by one way or by both.

    The words are those of the stream, at least m of them; scratch has the shape (5, `BLOCK`).
    """
    low = np.int32(0)
    for i in range(rate.size):
        low = np.int32(low + np.int32(rate[i] < _SWITCH))
    if low == rate.size:
        _step_up(counts, rate, words, scratch)
        return
    z, stepped = scratch[0][: rate.size], scratch[4][: rate.size]
    if low > 0:
        _step_up(stepped, rate, words, scratch)
    _normal_quantiles(z, words)
    for i in range(rate.size):
        expanded = _cornish_fisher(rate[i] if rate[i] > _SWITCH else _SWITCH, z[i])
        counts[i] = stepped[i] if rate[i] < _SWITCH else expanded


@kernel
def _step_up(counts: Floats, rate: Floats, words: Int32s, scratch: Array32) -> None:
    """Count the steps of the distribution function below u, four at a time for the whole block."""
    n = rate.size
    u, mean, term, total = scratch[0], scratch[1], scratch[2], scratch[3]
    for i in range(n):
        low = np.float32(rate[i])
        mean[i] = low if _DIM < low < _SWITCH else _ZERO
        u[i] = _uniform(words[i]) if low < _SWITCH else _ZERO
    for i in range(n):
        term[i] = expf(-mean[i])
        total[i] = term[i]
        counts[i] = _ZERO
    for j in range(1, _STEPS, 4):
        open_values = np.int32(0)
        for i in range(n):
            p = term[i] if term[i] > _NOTHING else _ZERO
            c, k = total[i], np.int32(0)
            for ahead in range(4):
                k = np.int32(k + np.int32(u[i] > c))
                p *= mean[i] * _RECIPROCALS_32[j + ahead]
                c += p
            term[i], total[i] = p, c
            counts[i] += np.float32(k)
            open_values = np.int32(open_values | int32_bits(c - u[i]))
        if open_values >= 0:
            break
    _fix_far_tail(counts, rate, words)


@kernel
def _uniform(word: np.int32) -> np.float32:
    """Return (word + 1/2) 2^-32 with the sign bit of the word upside down, kept off 1."""
    v = (np.float32(np.int32(word & _31_BITS)) + _HALF) * _TO_UNIT_32
    u = v if word < 0 else _ONE - v
    return u if u < _NEAR else _NEAR


@kernel
def _fix_far_tail(counts: Floats, rate: Floats, words: Int32s) -> None:
    """Repeat in float64, from the top, the one value in 2 000 that float32 cannot tell from 1."""
    far = np.int32(0)
    for i in range(rate.size):
        far = np.int32(far | np.int32(np.int32(words[i] - _FAR_WORDS) & np.int32(~words[i])))
    if far < 0:
        for i in range(rate.size):
            if 0 <= words[i] < _FAR_WORDS and 0.0 < rate[i] < _SWITCH:
                counts[i] = _count_from_top(np.float64(rate[i]), (words[i] + 0.5) * 2.0**-32)


@kernel
def _count_from_top(rate: float, above: float) -> int:
    """Return the Poisson quantile whose upper tail has the probability `above`."""
    term = exact.exp(-rate)
    rest = 1.0 - term
    k = 0
    while rest > above and k < _RECIPROCALS.size - 1:
        k += 1
        term *= rate * _RECIPROCALS[k]
        rest -= term
    return k


@kernel
def _normal_quantiles(z: Array32, words: Int32s) -> None:
    """Fill z with the standard normal quantiles of the words, relative error below 1e-5.

    Two loops, as one would wait for its own divisions; even and odd powers for the same reason.
    """
    for i in range(z.size):
        x = (np.float32(np.int32(words[i] & _31_BITS)) + _HALF) * _TO_UNIT_31
        z[i] = log2f(x * (_TWO - x))
    for i in range(z.size):
        x = (np.float32(np.int32(words[i] & _31_BITS)) + _HALF) * _TO_UNIT_31
        t = np.sqrt(_THREE + _MINUS_LN2 * z[i]) - _MIDDLE
        square = t * t
        size = (_ONE - x) * (horner(square, _EVEN) + horner(square, _ODD) * t)
        z[i] = float32_from_bits(np.int32(int32_bits(size) | np.int32(words[i] & _SIGN)))


@kernel
def _cornish_fisher(rate: Any, z: np.float32) -> Any:
    """Return the Poisson quantile of a rate >= 16 at the normal quantile z.

    floor(rate + sqrt(rate) z + (z^2 + 2) / 6 + ...), to the order rate^-2.
    """
    root = np.sqrt(rate)
    inverse = _ONE / root
    square = z * z
    series = horner(square, _ORDER_5) * inverse + horner(square, _ORDER_4) * z
    series = series * inverse + horner(square, _ORDER_3)
    series = series * inverse + horner(square, _ORDER_2) * z
    series = series * inverse + horner(square, _ORDER_1)
    count = np.floor(series + root * z + rate)
    return count if count > _ZERO else _ZERO


@kernel
def poisson_number(u: float, mean: float, most: int) -> int:
    """Return the first count, at most `most`, whose Poisson distribution function exceeds u."""
    count, term = 0, exact.exp(-mean)
    total = term
    while total <= u and count < most:
        count += 1
        term *= mean / count
        total += term
    return count
