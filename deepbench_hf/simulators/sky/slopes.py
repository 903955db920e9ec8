"""How sampled stars and ellipticals answer to their parameters: closed forms in float64.

    star        ln I = ln F + ln(beta - 1) - ln(pi gamma^2) - beta ln(1 + r^2 / gamma^2)
    elliptical  ln I = ln F - ln(r_e^2 q f(n)) - b_n z,  z = (R / r_e)^(1 / n),
                f(n) = 2 pi n b_n^(-2 n) Gamma(2 n)

with r the distance to the centre and R^2 = u^2 + (v / q)^2; f(n) and b_n are given with their
derivatives. At the very centre of an elliptical, where a cusp has no slope, that of the place is 0.

Sources: as `Star` and `Elliptical` in `deepbench_hf.simulators.sky.galaxies`.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns
from deepbench_hf.simulators.differences import richardson
from deepbench_hf.simulators.sky.moffat import moffat_flux, moffat_gamma
from deepbench_hf.simulators.sky.sersic import sersic_b, sersic_flux

LN_2 = 0.6931471805599453
RADIAN = 0.017453292519943295  # of a degree
STEP = 0.01  # of the Sersic index: the constants are smooth on the scale of 1


PLACE = ("center_x_px", "center_y_px", "flux_e_s")
OF_STARS = (*PLACE, "fwhm_px", "beta")
OF_ELLIPTICALS = (*PLACE, "half_light_radius_px", "sersic_index", "axis_ratio", "angle_deg")


def sampled_stars(stars: NDArray, size: tuple[int, int], *optics: Any) -> Columns:
    """The derivatives of the images of stars by parameter, (n, H, W) each.

    Args:
        stars: records, (n,).
        size: height and width of the images, px.
        optics: nothing that matters: a sampled image is not blurred.
    """
    slopes = np.empty((len(OF_STARS), len(stars), *size))
    _star_slopes(*(stars[name].copy() for name in OF_STARS), slopes)
    return dict(zip(OF_STARS, slopes, strict=True))


def sampled_ellipticals(galaxies: NDArray, size: tuple[int, int], *optics: Any) -> Columns:
    """The same for ellipticals."""
    slopes = np.empty((len(OF_ELLIPTICALS), len(galaxies), *size))
    values = [galaxies[name].copy() for name in OF_ELLIPTICALS]
    constants = np.stack(sersic_constants(galaxies["sersic_index"].copy()))
    _elliptical_slopes(*values, constants, slopes)
    return dict(zip(OF_ELLIPTICALS, slopes, strict=True))


@kernel
def _star_slopes(x0, y0, flux, fwhm, beta, slopes):
    """Fill in dI / d(x0, y0, flux, fwhm, beta) at pixel centres.

    Args:
        x0, y0: centre, px, (n,).
        flux: F, electrons/s, (n,).
        fwhm: full width at half maximum, px, (n,).
        beta: exponent, (n,).
        slopes: output (5, n, H, W), electrons/s/px over the parameter's unit.
    """
    for row in range(x0.size):
        gamma, power = moffat_gamma(fwhm[row], beta[row]), exact.exp2(1.0 / beta[row])
        top = 1.0 / moffat_flux(gamma, beta[row])
        widening = 0.5 * LN_2 * power / (beta[row] * beta[row] * (power - 1.0))
        for j in range(slopes.shape[2]):
            for i in range(slopes.shape[3]):
                dx, dy = (i - x0[row]) / gamma, (j - y0[row]) / gamma
                s = dx * dx + dy * dy
                log = exact.log(1.0 + s)
                unit = top * exact.exp(-beta[row] * log)
                light, fall = flux[row] * unit, 2.0 * beta[row] / (1.0 + s)
                spread = light * (fall * s - 2.0)  # dI / d ln(gamma)
                slopes[0, row, j, i] = light * fall * dx / gamma
                slopes[1, row, j, i] = light * fall * dy / gamma
                slopes[2, row, j, i] = unit
                slopes[3, row, j, i] = spread / fwhm[row]
                slopes[4, row, j, i] = light * (1.0 / (beta[row] - 1.0) - log) + spread * widening


@kernel
def _constants(index, b, log_flux):
    for row in range(index.size):
        b[row], log_flux[row] = sersic_b(index[row]), exact.log(sersic_flux(index[row]))


def sersic_constants(index: np.ndarray) -> tuple[np.ndarray, ...]:
    """b_n, ln f(n) and the derivatives of both, (n,) each, for Sersic indices (n,)."""

    def constants(n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        b, log_flux = np.empty_like(n), np.empty_like(n)
        _constants(n, b, log_flux)
        return b, log_flux

    return *constants(index), *richardson(constants, index, STEP * index)


@kernel
def _elliptical_slopes(x0, y0, flux, radius, index, ratio, angle, constants, slopes):
    """Fill in dI / d(x0, y0, flux, radius, index, ratio, angle) at pixel centres.

    Args:
        x0, y0, flux: as in `_star_slopes`.
        radius: r_e, px, (n,).
        index: n, (n,).
        ratio: q, minor over major axis, (n,).
        angle: of the major axis, degrees, (n,).
        constants: what `sersic_constants` gives, (4, n).
        slopes: output (7, n, H, W), electrons/s/px over the parameter's unit.
    """
    for row in range(x0.size):
        n, q, r2 = index[row], ratio[row], radius[row] * radius[row]
        b, log_flux, b_n, log_flux_n = constants[:, row]
        sine, cosine = exact.sincosd(angle[row])
        top = exact.exp(-log_flux) / (r2 * q)
        for j in range(slopes.shape[2]):
            for i in range(slopes.shape[3]):
                dx, dy = i - x0[row], j - y0[row]
                u, v = cosine * dx + sine * dy, cosine * dy - sine * dx
                w = v / (q * q)
                s = (u * u + v * w) / r2
                log = 0.5 * exact.log(s) if s > 0.0 else 0.0  # of R / r_e
                z = exact.exp(log / n) if s > 0.0 else 0.0
                unit = top * exact.exp(-b * z)
                light = flux[row] * unit
                steep = -0.5 * b * z / (n * s * r2) if s > 0.0 else 0.0  # d ln I / d R^2
                slopes[0, row, j, i] = -2.0 * light * steep * (u * cosine - w * sine)
                slopes[1, row, j, i] = -2.0 * light * steep * (u * sine + w * cosine)
                slopes[2, row, j, i] = unit
                slopes[3, row, j, i] = light * (b * z / n - 2.0) / radius[row]
                slopes[4, row, j, i] = light * (b * z * log / (n * n) - b_n * z - log_flux_n)
                slopes[5, row, j, i] = -light * (1.0 + 2.0 * steep * v * w) / q
                slopes[6, row, j, i] = 2.0 * light * steep * u * (v - w) * RADIAN
