"""Moving the values of a periodic map along the deflections of a lens."""

import numpy as np

from deepbench_hf.exact.fourier import real_series
from deepbench_hf.exact.kernel import Array, kernel

FINER = 4
"""Points of the fine grid for each pixel, in either direction."""
POINTS = 6
"""Points of the Lagrange interpolation on it, in either direction."""


def moved(real: Array, imaginary: Array, right: Array, down: Array) -> Array:
    """The map X(x + d) whose values come from where the deflection d points to, (n, n).

    The coefficients (n, n / 2 + 1) of X, nothing at the Nyquist modes, padded with zeros, give the
    map on a grid four times as fine, and Lagrange polynomials of six points in each direction the
    values between: within 2e-5 of the standard deviation of a map of the microwave background. The
    deflection along x and along y is in pixels, (n, n).
    """
    n = len(real)
    fine = [np.zeros((FINER * n, FINER * n // 2 + 1)) for _ in range(2)]
    for whole, part in zip(fine, (real, imaginary), strict=True):
        whole[: n // 2, : n // 2] = part[: n // 2, : n // 2]
        whole[1 - n // 2 :, : n // 2] = part[1 - n // 2 :, : n // 2]
    out = np.empty((n, n))
    _interpolate(real_series(*fine), right, down, out)
    return out


@kernel
def _weights(t: float):
    """Lagrange weights of the points -2, -1, 0, 1, 2, 3 at t."""
    a, b, c, d, e, f = t + 2.0, t + 1.0, t, t - 1.0, t - 2.0, t - 3.0
    return (
        b * c * d * e * f / -120.0,
        a * c * d * e * f / 24.0,
        a * b * d * e * f / -12.0,
        a * b * c * e * f / 12.0,
        a * b * c * d * f / -24.0,
        a * b * c * d * e / 120.0,
    )


@kernel
def _interpolate(fine: Array, right: Array, down: Array, out: Array) -> None:
    size, n = fine.shape[0], out.shape[0]
    around = size - 1  # size is a power of two, and its multiples are taken off by a mask
    for y in range(n):
        for x in range(n):
            at_x, at_y = FINER * (x + right[y, x]), FINER * (y + down[y, x])
            column, row = int(np.floor(at_x)), int(np.floor(at_y))
            along, across = _weights(at_x - column), _weights(at_y - row)
            total = 0.0
            for j in range(POINTS):
                line, part = fine[(row + j - 2) & around], 0.0
                for i in range(POINTS):
                    part += along[i] * line[(column + i - 2) & around]
                total += across[j] * part
            out[y, x] = total
