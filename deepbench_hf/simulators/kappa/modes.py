"""Gaussian fields on a periodic patch by their modes: power spectra, draws, and densities.

    C(l) = A exp(-21.6008 - 1.27144 x - 0.0247731 x^2 - 0.0316503 x^3 - 0.00879643 x^4 + n_t x)

with x = ln(l / 1000): an analytic fit to the power of the convergence for sources at redshift 1.
Beyond l = 6000 the exponent has 0.2595 ln(l / 6000)^3 more, and beyond 20000 the tangent of that.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf import exact
from deepbench_hf.exact import quantiles
from deepbench_hf.exact.constants import DEGREE
from deepbench_hf.exact.fourier import even_series, real_series
from deepbench_hf.exact.kernel import Array, Array32, Int64s, kernel
from deepbench_hf.simulators.inputs import white

_FIT = (-21.6008, -1.27144, -0.0247731, -0.0316503, -0.00879643)
_PIVOT = 1000.0
_SHORT, _END, _CUBIC = 1.791759469228055, 2.995732273553991, 0.2595
"""ln 6 and ln 20: where short waves begin to have more power, and where the fit ends."""
_KEPT = 4
"""Spectra that are remembered: all rows of a config with constant parameters share one."""


@dataclass(frozen=True)
class Spectrum:
    """Variances (n, n / 2 + 1) of the modes of a field, in the order of `fourier.real_series`.

    Their sum is the variance of a pixel; of absolute power the share that was negative,
    ``clipped``, is left out.
    """

    variance: Array
    total: float
    clipped: float


def power(multipole: ArrayLike, amplitude: float = 1.0, tilt: float = 0.0) -> NDArray[np.float64]:
    """The power spectrum C(l) of the convergence, in steradians, for any shape of l above zero.

    Source: fit to CAMB 2, Planck-like cosmology, non-linear, sources at redshift 1; within 5 % for
    20 <= l <= 20000. Beyond it is an extrapolation.

    >>> round(float(power(1000)) * 1e10, 2)
    4.16
    """
    flat = np.ascontiguousarray(multipole, np.float64).reshape(-1)
    found = np.empty_like(flat)
    _fill_power(quantiles.logarithm(flat / _PIVOT), amplitude, tilt, found)
    return found.reshape(np.shape(multipole))


@kernel
def _fill_power(logarithm: Array, amplitude: float, tilt: float, found: Array) -> None:
    """Fill in `power` where ln(l / 1000) is given, all flat."""
    for i in range(logarithm.size):
        x = logarithm[i]
        found[i] = amplitude * exact.exp(exact.horner(x, _FIT) + tilt * x + _more(x))


@kernel
def _more(x: float) -> float:
    """Return what short waves have more than the polynomial, in ln C."""
    if x <= _SHORT:
        return 0.0
    u = min(x, _END) - _SHORT
    return _CUBIC * u * u * (u + 3.0 * (x - _SHORT - u))


@lru_cache(_KEPT)
def gaussian(n: int, side_deg: float, amplitude: float, tilt: float) -> Spectrum:
    """The convergence itself: C(l) / area for each mode k, l = 2 pi k / side; none for k = 0.

    The patch has n pixels a side, the amplitude is A and the tilt n_t.
    """
    side, variance = side_deg * DEGREE, np.empty((n, n // 2 + 1))
    _fill_power(_logarithms(n, side_deg), amplitude, tilt, variance.reshape(-1))
    variance /= side * side
    variance[0, 0] = 0.0
    return _spectrum(variance)


@lru_cache(_KEPT)
def lognormal(n: int, side_deg: float, amplitude: float, tilt: float, shift: float) -> Spectrum:
    """The Gaussian field g of a lognormal convergence, shift (e^(g - variance of g / 2) - 1).

    Its correlation is ln(1 + xi / shift^2), xi being that of the convergence (`gaussian`), at the
    distances of the grid. Modes whose power comes out negative have none.
    """
    half = n // 2 + 1
    correlation = even_series(gaussian(n, side_deg, amplitude, tilt).variance)[:, :half]
    ratio = 1.0 + correlation / (shift * shift)
    logarithm = quantiles.logarithm(ratio.ravel()).reshape(ratio.shape)
    return _spectrum(even_series(logarithm)[:, :half] / (n * n))


@lru_cache(_KEPT)
def _logarithms(n: int, side_deg: float) -> Array:
    """Ln(l / 1000) of each mode, flat; that of k = 1 for the first one, which has no scale."""
    along = np.arange(n, dtype=np.float64)
    along = np.minimum(along, n - along)
    square = (along * along)[:, None] + (along * along)[: n // 2 + 1]
    square[0, 0] = 1.0
    multipole = 360.0 / side_deg * np.sqrt(square.ravel())
    return quantiles.logarithm(multipole / _PIVOT)


def _spectrum(variance: Array) -> Spectrum:
    """The spectrum of what is not negative; the mean of the patch, k = 0, has no power either."""
    total, lost = _clip(variance)
    return Spectrum(variance, total, lost / (total + lost))


@kernel
def _clip(variance: Array) -> tuple[float, float]:
    """Set what is negative, and the first mode, to zero; return the power left and that lost."""
    last = variance.shape[1] - 1
    total, lost = 0.0, abs(variance[0, 0])
    variance[0, 0] = 0.0
    for k in range(variance.shape[0]):
        for j in range(last + 1):
            modes = 2.0 if 0 < j < last else 1.0  # that and its conjugate
            if variance[k, j] > 0.0:
                total += modes * variance[k, j]
            else:
                lost -= modes * variance[k, j]
                variance[k, j] = 0.0
    return total, lost


_ROOT_TWO = 1.4142135623730951
_ROOT_HALF = 0.7071067811865476


def gaussian_field(variance: Array, numbers: Array32) -> Array:
    """The periodic field (n, n) with random modes: a[k] = sqrt(variance[k] / 2) (z1 + i z2).

    A mode that is its own conjugate is sqrt(variance) z1. The numbers z of a mode, `draws` of a
    realization, depend on that, its purpose and k alone, so on a finer grid the same field has the
    same long waves. The variances (n, n / 2 + 1) are ordered as in `exact.fourier.real_series`.
    """
    return real_series(*_modes(variance, numbers))


def draws(n: int, realization: NDArray, purpose: str) -> NDArray[np.float32]:
    """The random numbers of the modes of n x n pixels, (realizations, numbers); see `white`."""
    return white(realization, purpose, _places(n)[1])


def unit_modes(shape: tuple[int, int], realization: NDArray, purpose: str) -> tuple[Array, Array]:
    """Real and imaginary parts of random modes of unit variance, (n, n / 2 + 1) each.

    The realization is (1,).
    """
    return _modes(np.ones(shape), draws(shape[0], realization, purpose)[0])


def _modes(variance: Array, numbers: Array32) -> tuple[Array, Array]:
    real, imaginary = np.empty(variance.shape), np.empty(variance.shape)
    _fill_modes(variance, numbers, _places(len(variance))[0], real, imaginary)
    return real, imaginary


@lru_cache
def _places(n: int) -> tuple[Int64s, int]:
    """Where the two numbers of each mode begin, and how many numbers that takes.

    Modes are counted in growing squares round k = 0.

    The square of side 2 s + 1 has 8 s modes on its edge, 4 s of them without their conjugates.
    """
    x, y = np.arange(n)[:, None], np.arange(n // 2 + 1)
    x = np.where(x > n // 2, x - n, x)
    s = np.maximum(np.abs(x), y)
    on_edge = np.where(y == s, s + x, np.where(x == s, 2 * s + 1 + y, 3 * s + y))
    places = np.ascontiguousarray(2 * (2 * s * (s - 1) + on_edge))
    return places, int(places.max()) + 2


@kernel
def _fill_modes(variance, numbers, places, real, imaginary) -> None:
    """Give every mode its two numbers, and the edges k_y = 0 and n / 2 their conjugates."""
    n, half = variance.shape[0], variance.shape[1] - 1
    for x in range(n):
        for y in range(half + 1):  # a loop of its own, as it vectorises
            imaginary[x, y] = np.sqrt(variance[x, y]) * _ROOT_HALF
        for y in range(half + 1):
            place, deviation = places[x, y], imaginary[x, y]
            real[x, y] = deviation * numbers[place]
            imaginary[x, y] = deviation * numbers[place + 1]
    for y in (0, half):
        for x in (0, half):
            real[x, y] *= _ROOT_TWO
            imaginary[x, y] = 0.0
        for x in range(1, half):
            real[n - x, y], imaginary[n - x, y] = real[x, y], -imaginary[x, y]


ROUNDING = 1e-4
"""Of a mode, in the largest standard deviation of one: maps are stored in float32."""


def density_of_modes(field: NDArray, variance: Array) -> float:
    """The logarithm of the density of a periodic field ``(n, n)``, whatever its realization, nats.

        ln p = -1/2 sum_k [|a_k|^2 / C_k + ln(2 pi C_k)]

    over the real and imaginary parts of the orthonormal modes that have power, each once: as many
    numbers as the map has pixels, less its mean. Of a lognormal map they are the modes of
    g = ln(1 + kappa / lambda), and the change of variables is -sum ln(kappa + lambda) over the
    pixels.

    Args:
        field: its values; -inf if a mode without power, the mean apart, is more than rounding.
        variance: of the modes, ``(n, n / 2 + 1)``, in the order of `exact.fourier.real_series`.
    """
    n = len(field)
    modes = np.fft.rfft2(np.asarray(field, np.float64)) / n  # orthonormal: the sum of squares stays
    # A mode and its conjugate are one pair of numbers, sqrt(2) Re and sqrt(2) Im, each of variance
    # n^2 C; one that is its own conjugate is one number of that variance.
    power, number = n * n * variance, _numbers(n)
    here = (power > 0.0) & (number > 0)
    rest = np.abs(modes[(power <= 0.0) & (number > 0)][1:])  # the first is the mean
    if rest.size and rest.max() > ROUNDING * np.sqrt(power.max()):
        return -np.inf
    square = number[here] * np.abs(modes[here]) ** 2 / power[here]
    logarithm = number[here] * np.log(2.0 * np.pi * power[here])
    return float(-0.5 * (square + logarithm).sum())


def _numbers(n: int) -> NDArray[np.int64]:
    """How many real numbers each mode stands for: 2, 1 of its own conjugate, 0 of a repetition."""
    half = n // 2
    found = np.full((n, half + 1), 2)
    for column in (0, half):
        found[half + 1 :, column] = 0
        found[0, column] = found[half, column] = 1
    return found
