"""The density of counted photons under the noise of reading them out: the exact sum over counts.

    p(e) = sum_k mu^k e^-mu / k! N(e - k; sigma)

The terms rise to one count and fall from it, so they are added from there, upwards and downwards,
each from the one before, until they no longer matter. Without read noise only k = e has a chance.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import LOG_ROOT_TWO_PI
from deepbench_hf.exact.kernel import kernel

NEGLIGIBLE = 1e-14
"""A term beside the sum of those before it."""


@kernel
def _largest_term(electrons: float, mean: float, square: float) -> float:
    """The count k whose term is largest: k + sigma^2 ln(k / mu) = e, by Newton's steps in ln k."""
    start = exact.log(mean)
    u = max(start, exact.log(electrons)) if electrons > 0.0 else start
    for _ in range(4):  # they come from above, and never pass the place
        k = exact.exp(u)
        u = max(u - (k + square * (u - start) - electrons) / (k + square), -40.0)
    return np.floor(exact.exp(u) + 0.5)


@kernel
def log_density(electrons: float, mean: float, sigma: float) -> float:
    """The logarithm of p(e), of its chance where sigma is 0; -inf where it cannot be."""
    if sigma <= 0.0:
        k = np.floor(electrons + 0.5)
        if k < 0.0 or (mean <= 0.0 and k > 0.0):
            return -np.inf
        return k * exact.log(mean) - mean - exact.log_gamma(k + 1.0) if mean > 0.0 else 0.0
    square = sigma * sigma
    edge = -LOG_ROOT_TWO_PI - exact.log(sigma)
    if mean <= 0.0:
        return edge - 0.5 * electrons * electrons / square
    top = _largest_term(electrons, mean, square)
    off = electrons - top
    largest = top * exact.log(mean) - mean - exact.log_gamma(top + 1.0)
    fall = exact.exp(-1.0 / square) if square > 0.002 else 0.0
    total = 1.0
    ratio = exact.exp(max((off - 0.5) / square, -700.0))
    term, k = 1.0, top
    while term > NEGLIGIBLE * total:
        k += 1.0
        term *= ratio * mean / k
        ratio *= fall
        total += term
    ratio = exact.exp(max((-off - 0.5) / square, -700.0))
    term, k = 1.0, top
    while k > 0.0 and term > NEGLIGIBLE * total:
        term *= ratio * k / mean
        ratio *= fall
        total += term
        k -= 1.0
    return largest + edge - 0.5 * off * off / square + exact.log(total)


@kernel
def add_log_densities(electrons, mean, sigma, total) -> None:
    """Add up the logarithms over the pixels of each image.

    Args:
        electrons: e, (1, m) or (n, m).
        mean: mu, (n, m).
        sigma: electrons, (1,) or (n,).
        total: what they are added to, (n,).
    """
    for i in range(mean.shape[0]):
        seen = electrons[min(i, electrons.shape[0] - 1)]
        noise = sigma[min(i, sigma.size - 1)]
        for j in range(seen.size):
            total[i] += log_density(seen[j], mean[i, j], noise)


def log_densities(
    electrons: NDArray[np.float64], mean: NDArray[np.float64], sigma: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The logarithm of the density of whole images, ``(n,)``, in 1 / electron for each pixel.

    Args:
        electrons: e, ``(n, H, W)`` or one image for all, ``(1, H, W)``.
        mean: mu, ``(n, H, W)``.
        sigma: of the read noise, electrons, ``(n,)`` or ``(1,)``.
    """
    total, noise = np.zeros(len(mean)), np.ascontiguousarray(sigma, np.float64)
    seen, mean = (
        np.ascontiguousarray(a.reshape(len(a), -1), np.float64) for a in (electrons, mean)
    )
    add_log_densities(seen, mean, noise, total)
    return total
