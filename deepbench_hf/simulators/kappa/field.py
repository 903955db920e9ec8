"""A Gaussian random field from white noise that a realization has for each mode."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.fourier import Array, real_series
from deepbench_hf.exact.kernel import Int64s, kernel
from deepbench_hf.simulators.realization import white

_ROOT_TWO = 1.4142135623730951
_ROOT_HALF = 0.7071067811865476


def gaussian_field(variance: Array, realization: NDArray, purpose: str) -> Array:
    """The periodic field (n, n) with random modes: a[k] = sqrt(variance[k] / 2) (z1 + i z2).

    A mode that is its own conjugate is sqrt(variance) z1. The numbers z of a mode depend on the
    realization (1,), the purpose (see `white`) and k alone, so on a finer grid the same field has
    the same long waves. The variances (n, n / 2 + 1) are ordered as in `exact.fourier.real_series`.
    """
    return real_series(*_modes(variance, realization, purpose))


def unit_modes(shape: tuple[int, int], realization: NDArray, purpose: str) -> tuple[Array, Array]:
    """Real and imaginary parts of random modes of unit variance, (n, n / 2 + 1) each."""
    return _modes(np.ones(shape), realization, purpose)


def _modes(variance: Array, realization: NDArray, purpose: str) -> tuple[Array, Array]:
    places = _places(len(variance))
    numbers = white(realization, purpose, int(places.max()) + 2)[0]
    real, imaginary = np.empty(variance.shape), np.empty(variance.shape)
    _fill_modes(variance, numbers, places, real, imaginary)
    return real, imaginary


@lru_cache
def _places(n: int) -> Int64s:
    """Where the two numbers of each mode begin: modes are counted in growing squares round k = 0.

    The square of side 2 s + 1 has 8 s modes on its edge, 4 s of them without their conjugates.
    """
    x, y = np.arange(n)[:, None], np.arange(n // 2 + 1)
    x = np.where(x > n // 2, x - n, x)
    s = np.maximum(np.abs(x), y)
    on_edge = np.where(y == s, s + x, np.where(x == s, 2 * s + 1 + y, 3 * s + y))
    return np.ascontiguousarray(2 * (2 * s * (s - 1) + on_edge))


@kernel
def _fill_modes(variance, numbers, places, real, imaginary) -> None:
    """Give every mode its two numbers, and the edges k_y = 0 and n / 2 their conjugates."""
    n, half = variance.shape[0], variance.shape[1] - 1
    for x in range(n):
        for y in range(half + 1):
            deviation = np.sqrt(variance[x, y]) * _ROOT_HALF
            real[x, y] = deviation * numbers[places[x, y]]
            imaginary[x, y] = deviation * numbers[places[x, y] + 1]
    for y in (0, half):
        for x in (0, half):
            real[x, y] *= _ROOT_TWO
            imaginary[x, y] = 0.0
        for x in range(1, half):
            real[n - x, y], imaginary[n - x, y] = real[x, y], -imaginary[x, y]
