"""The density of a map of the convergence, whatever its realization, by its modes.

    ln p = -1/2 sum_k [|a_k|^2 / C_k + ln(2 pi C_k)]

over the real and imaginary parts of the modes that have power, each once: as many numbers as the
map has pixels, less its mean. Of a lognormal map they are the modes of g = ln(1 + kappa / lambda),
and the change of variables is -sum ln(kappa + lambda) over the pixels.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import Array

ROUNDING = 1e-4
"""Of a mode, in the largest standard deviation of one: maps are stored in float32."""


def density_of_modes(field: NDArray, variance: Array) -> float:
    """The logarithm of the density of a periodic field ``(n, n)`` in its orthonormal modes, nats.

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
