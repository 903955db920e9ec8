"""Random numbers, more of them than the tests take: ``python -m tools.noise``.

Normal numbers: moments, tails to 5 sigma and correlations of 10^8 pixels. Poisson counts: the
distribution of each rate over all 2^32 words against the exact law. Some minutes of one core; ends
with code 1 if anything is off. Known answers of Philox are in tests/exact/test_draws.py.
"""

import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from deepbench_hf.exact.draws import add_normals
from deepbench_hf.exact.kernel import Array, Array32, Int32s, Int64s, kernel
from deepbench_hf.exact.poisson import BLOCK, fill_counts
from deepbench_hf.exact.words import stream_key

WORDS = 2**32
RATES = (0.3, 3.0, 15.99, 16.0, 100.0, 1000.0)
EXACT = 2e-6
"""By how much the distribution function of Poisson counts may be wrong."""
SIGMAS = 5.0
ROWS, PIXELS = 24_415, 4096
"""10^8 normal numbers, as images of 64 x 64."""
LAGS = (1, 2, 3, 4, 64, 1024, 4095)
MOMENTS = {1: (0.0, 1.0), 2: (1.0, 2.0), 3: (0.0, 15.0), 4: (3.0, 96.0)}
"""Of each power of a standard normal number the mean and the variance."""


def main() -> int:
    """Print a line for each number; 1 if one is off."""
    off = 0
    for name, sigmas in normal_sigmas():
        off += abs(sigmas) > SIGMAS
        print(f"{name:<28} {sigmas:+.2f} sigma", flush=True)
    for rate in RATES:
        error = poisson_error(rate)
        off += error > EXACT
        print(f"Poisson, rate {rate:<14g} {error:.1e} in its distribution function", flush=True)
    print(f"{off} off")
    return int(off > 0)


def poisson_error(rate: float, step: int = 1, law_of: float | None = None) -> float:
    """The largest error of the distribution function over every ``step``-th word.

    Against the law of another rate, if one is given.
    """
    found = np.zeros(int(rate + 20 * np.sqrt(rate) + 60), np.int64)
    scratch, words = np.empty((5, BLOCK), np.float32), np.empty(BLOCK, np.int32)
    rates, counts = np.full(BLOCK, rate, np.float32), np.empty(BLOCK, np.float32)
    _count(rates, step, WORDS // step, words, counts, scratch, found)
    law_of = float(np.float32(rate)) if law_of is None else law_of
    law = stats.poisson.cdf(np.arange(len(found)), law_of)
    return float(np.abs(np.cumsum(found) * step / WORDS - law).max())


@kernel
def _count(
    rates: Array32, step: int, number: int, words: Int32s, counts: Array32, scratch: Array32,
    found: Int64s,
) -> None:  # fmt: skip
    """Count the counts of every word, those between two that are taken by their middle."""
    for first in range(0, number, words.size):
        for i in range(words.size):
            words[i] = np.int32((first + i) * step + step // 2 - 2147483648)
        fill_counts(counts, rates, words, scratch)
        for i in range(words.size):
            found[np.int64(counts[i])] += 1


def normal_sigmas() -> Iterator[tuple[str, float]]:
    """By how many standard errors moments, tails and correlations of 10^8 numbers are off."""
    sums, products = np.zeros(5), np.zeros((2, len(LAGS)))
    tails = np.zeros(4, np.int64)
    n = ROWS * PIXELS
    for z in _images():
        flat = z.ravel().astype(np.float64)
        sums[1:] += [(flat**power).sum() for power in MOMENTS]
        tails += [(np.abs(flat) > t).sum() for t in (2, 3, 4, 5)]
        for kind, values in enumerate((flat, flat**2 - 1)):
            products[kind] += [values[lag:] @ values[:-lag] for lag in LAGS]
    for power, (mean, variance) in MOMENTS.items():
        yield f"moment {power}", (sums[power] / n - mean) / np.sqrt(variance / n)
    for t, count in zip((2, 3, 4, 5), tails, strict=True):
        share = 2 * stats.norm.sf(t)
        yield f"beyond {t} sigma", float((count - n * share) / np.sqrt(n * share))
    for kind, scale in enumerate((1.0, 2.0)):
        for lag, product in zip(LAGS, products[kind], strict=True):
            what = "squares" if kind else "numbers"
            yield f"correlation of {what}, lag {lag}", product / (scale * np.sqrt(n))


def _images(at_once: int = 256) -> Iterator[NDArray[np.float32]]:
    key = stream_key("noise quality", 0)
    for first in range(0, ROWS, at_once):
        indices = np.arange(first, min(first + at_once, ROWS))
        z: Array | Array32 = np.zeros((len(indices), PIXELS), np.float32)
        add_normals(z, np.ones(len(indices)), key, indices)
        yield z


if __name__ == "__main__":
    sys.exit(main())
