"""A brightness that depends on the elliptical radius only: its vector of numbers, and its values.

Stars (Moffat), ellipticals, bulges and discs (Sersic) share one form. With the distances dx, dy
from the centre and r^2 = (QA dx + QB dy) dx + QC dy^2, in units of the scale length,

    Moffat: PEAK (1 + r^2)^(-RATE)        Sersic: PEAK 2^(-RATE (r^2)^HALF)

for a flux of 1. The vector is float64; its entries are named by the constants below.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import exp2f, float32s, log2f
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.moffat import moffat_flux, moffat_gamma
from deepbench_hf.simulators.sky.sersic import sersic_b, sersic_flux

X, Y, QA, QB, QC, SCALE, RATIO, COS, SIN, PEAK, INDEX, RATE, HALF = range(13)
"""Centre, px; form of r^2, 1/px^2; scale length, px; axis ratio; cos and sin of the angle;
central brightness for unit flux, 1/px^2; Sersic index (0: Moffat); exponents, dimensionless."""
SIZE = 20
"""Numbers of a vector: those of a disc with arms, the longest, fit."""

CUT_E_S = 5e-4
"""A profile is drawn at least as far as it is brighter than this, electrons / s / px."""
LOST = 6e-4
"""A profile is drawn at least so far that less than this share of its flux is left out."""
_LOST_SIGMA = 3.3  # the upper LOST quantile of a normal number, and some reserve
_LOG2_E = 1.4426950408889634
_RADIANS = 0.017453292519943295
_FAR = 1e5
_ONE, _FLOOR = float32s(1.0, -60.0)


@kernel
def _set_place(p, x: float, y: float, scale: float, ratio: float, angle_deg: float) -> None:
    """Fill in centre, scale length (px), axis ratio, angle and the quadratic form of them."""
    s, c = exact.sincos(angle_deg * _RADIANS)
    along = 1.0 / (scale * scale)
    across = along / (ratio * ratio)
    p[X], p[Y], p[SCALE], p[RATIO], p[COS], p[SIN] = x, y, scale, ratio, c, s
    p[QA] = c * c * along + s * s * across
    p[QB] = 2.0 * c * s * (along - across)
    p[QC] = s * s * along + c * c * across


@kernel
def set_star(p, x: float, y: float, fwhm: float, beta: float) -> None:
    """Fill in the vector of a star at (x, y) with a full width at half maximum `fwhm`, all px."""
    gamma = moffat_gamma(fwhm, beta)
    _set_place(p, x, y, gamma, 1.0, 0.0)
    p[PEAK] = 1.0 / moffat_flux(gamma, beta)
    p[INDEX], p[RATE], p[HALF] = 0.0, beta, 1.0


@kernel
def set_sersic(p, x: float, y: float, radius: float, n: float, ratio: float, angle: float) -> None:
    """Fill in the vector of a Sersic profile: semi-major half-light radius, px; angle, deg."""
    _set_place(p, x, y, radius, ratio, angle)
    p[PEAK] = 1.0 / (sersic_flux(n) * ratio * radius * radius)
    p[INDEX], p[RATE], p[HALF] = n, sersic_b(n) * _LOG2_E, 0.5 / n


@kernel
def brightness(p, r2: float) -> float:
    """Brightness at a squared elliptical radius in units of the scale length, float64."""
    if p[INDEX] == 0.0:
        return p[PEAK] * exact.exp2(-p[RATE] * exact.log2(1.0 + r2))
    if r2 == 0.0:
        return p[PEAK]
    return p[PEAK] * exact.exp2(-p[RATE] * exact.power(r2, p[HALF]))


@kernel
def extent(p, flux: float) -> float:
    """Semi-major axis, px, of the ellipse outside of which a profile is not drawn.

    It holds all but LOST of the flux (for a Sersic profile by Wilson and Hilferty's approximation
    of the gamma distribution) and all that is brighter than CUT_E_S.
    """
    above = flux * p[PEAK] / CUT_E_S
    octaves = exact.log2(above) if above > 1.0 else 0.0
    if p[INDEX] == 0.0:
        light = -exact.log2(LOST) / (p[RATE] - 1.0)
        power = max(light, octaves / p[RATE])
        return p[SCALE] * np.sqrt(exact.exp2(min(power, 40.0)) - 1.0)
    a = 2.0 * p[INDEX]
    root = 1.0 - 1.0 / (9.0 * a) + _LOST_SIGMA / (3.0 * np.sqrt(a))
    light = a * root * root * root * _LOG2_E
    size = exact.power(max(light, octaves) / p[RATE], p[INDEX])
    return p[SCALE] * min(size, _FAR)


@kernel
def sample(p, z, row: int, rows: int, column: int, columns: int, ox: float, oy: float) -> None:
    """Fill z[: rows columns] with the brightness at the pixel centres of a box moved by (ox, oy).

    Args:
        p: the vector of the profile.
        z: output, float32, row after row.
        row, rows, column, columns: first row and column of the box, and how many.
        ox, oy: shift of the points, px.
    """
    form = np.float32(p[QA]), np.float32(p[QB]), np.float32(p[QC])
    left = np.float32(column + ox - p[X])
    for j in range(rows):
        dy = np.float32(row + j + oy - p[Y])
        tilt, rest = form[1] * dy, form[2] * dy * dy
        line = z[j * columns : (j + 1) * columns]
        for i in range(columns):
            dx = left + np.float32(np.int32(i))
            line[i] = (form[0] * dx + tilt) * dx + rest
    shine(p, z[: rows * columns])


@kernel
def shine(p, z) -> None:
    """Replace squared radii by the brightness, float32."""
    peak, rate, half = np.float32(p[PEAK]), np.float32(-p[RATE]), np.float32(p[HALF])
    if p[INDEX] == 0.0:
        for i in range(z.size):
            z[i] = rate * log2f(_ONE + abs(z[i]))
    else:
        for i in range(z.size):
            z[i] = half * log2f(abs(z[i]))
        for i in range(z.size):
            z[i] = rate * exp2f(z[i])
    for i in range(z.size):
        z[i] = peak * exp2f(z[i] if z[i] > _FLOOR else _FLOOR)
