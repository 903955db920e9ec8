"""The power of every mode of a periodic patch, of the convergence and of a lognormal's logarithm.

    C(l) = A exp(-21.6008 - 1.27144 x - 0.0247731 x^2 - 0.0316503 x^3 - 0.00879643 x^4 + n_t x)

with x = ln(l / 1000): an analytic fit to the power of the convergence for sources at redshift 1.
Beyond l = 6000 the exponent has 0.2595 ln(l / 6000)^3 more, and beyond 20000 the tangent of that.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf import exact
from deepbench_hf.exact.fourier import Array, even_series
from deepbench_hf.exact.kernel import kernel

_FIT = (-21.6008, -1.27144, -0.0247731, -0.0316503, -0.00879643)
_PIVOT = 1000.0
_SHORT, _END, _CUBIC = 1.791759469228055, 2.995732273553991, 0.2595
"""ln 6 and ln 20: where short waves begin to have more power, and where the fit ends."""
_DEGREE = 0.017453292519943295
_KEPT = 4
"""Spectra that are remembered: all rows of a config with constant parameters share one."""


@dataclass(frozen=True)
class Spectrum:
    """How strong the modes of a field are.

    Args:
        variance: of each mode, as `exact.fourier.real_series` orders them, (n, n / 2 + 1).
        total: the sum over all modes, which is the variance of a pixel.
        clipped: the share of absolute power that was negative and is left out.
    """

    variance: Array
    total: float
    clipped: float


def power(multipole: ArrayLike, amplitude: float = 1.0, tilt: float = 0.0) -> NDArray[np.float64]:
    """The power spectrum C(l) of the convergence, in steradians.

    Args:
        multipole: l, above zero, of any shape.
        amplitude: A.
        tilt: n_t.

    Source: fit to CAMB 2, Planck-like cosmology, non-linear, sources at redshift 1; within 5 % for
    20 <= l <= 20000. Beyond it is an extrapolation.

    >>> round(float(power(1000)) * 1e10, 2)
    4.16
    """
    flat = np.ascontiguousarray(multipole, np.float64).reshape(-1)
    return _power(flat, amplitude, tilt).reshape(np.shape(multipole))


@kernel(allocates=True)
def _power(multipole: Array, amplitude: float, tilt: float) -> Array:
    """Return `power` of a flat array."""
    found = np.empty(multipole.size)
    for i in range(multipole.size):
        x = exact.log(multipole[i] / _PIVOT)
        found[i] = amplitude * exact.exp(exact.horner(x, _FIT) + tilt * x + _more(x))
    return found


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

    Args:
        n: side of the patch, pixels.
        side_deg: the same, degrees.
        amplitude: A.
        tilt: n_t.
    """
    side = side_deg * _DEGREE
    multipole = 360.0 / side_deg * np.sqrt(_square(n))
    variance = power(multipole, amplitude, tilt) / (side * side)
    variance[0, 0] = 0.0
    return _spectrum(variance)


@lru_cache(_KEPT)
def lognormal(n: int, side_deg: float, amplitude: float, tilt: float, shift: float) -> Spectrum:
    """The Gaussian field g of a lognormal convergence, shift (e^(g - variance of g / 2) - 1).

    Its correlation is ln(1 + xi / shift^2), xi being that of the convergence, at the distances of
    the grid. Modes whose power comes out negative have none.

    Args:
        n: side of the patch, pixels.
        side_deg: the same, degrees.
        amplitude: A of the convergence.
        tilt: n_t of the convergence.
        shift: lambda.
    """
    half = n // 2 + 1
    correlation = even_series(gaussian(n, side_deg, amplitude, tilt).variance)[:, :half]
    logarithm = _logarithm(correlation / (shift * shift))
    return _spectrum(even_series(logarithm)[:, :half] / (n * n))


@kernel(allocates=True)
def _logarithm(ratio: Array) -> Array:
    """Return ln(1 + ratio)."""
    found = np.empty(ratio.shape)
    for y in range(ratio.shape[0]):
        for x in range(ratio.shape[1]):
            found[y, x] = exact.log(1.0 + ratio[y, x])
    return found


def _square(n: int) -> Array:
    """k_x^2 + k_y^2 of each mode, (n, n / 2 + 1); 1 for the first one, which has no scale."""
    along = np.arange(n, dtype=np.float64)
    along = np.minimum(along, n - along)
    square = (along * along)[:, None] + (along * along)[: n // 2 + 1]
    square[0, 0] = 1.0
    return square


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
