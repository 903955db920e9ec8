"""The brightness of stars, ellipticals, bulges and discs: the laws of Moffat and of Sersic.

    star        I = A (1 + r^2 / gamma^2)^-beta,  FWHM = 2 gamma sqrt(2^(1 / beta) - 1)
    elliptical  I = I_e exp(-b_n ((r / r_e)^(1 / n) - 1)),  half of the flux inside r_e

Their constants, and images and derivatives at the centres of pixels, all in float64.

Sources: A. F. J. Moffat, A theoretical investigation of focal stellar images, A&A 3 (1969) 455;
A. W. Graham, S. P. Driver, A concise reference to (projected) Sersic R^(1/n) quantities, PASA 22
(2005) 118, equations 1 to 4.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import LN_2, PI, TWO_PI
from deepbench_hf.exact.kernel import horner, kernel
from deepbench_hf.simulators.differences import richardson

DISC_HALF_LIGHT = 1.6783469900166605
"""Half-light radius of an exponential disc, in scale lengths."""

STEP = 0.01  # of the Sersic index: the constants are smooth on the scale of 1
# b_n - 2n in powers of 1/n: a fit in 40-digit arithmetic for n from 0.49 on.
B_SERIES = (
    *(-0.33333333209628, 0.009876511967442112, 0.001803175488703796, 7.98819199078767e-05),
    *(-7.187699823643203e-05, -2.5611904451016864e-05, 2.582796242194184e-05),
    *(-9.125520757431106e-06, 1.6705285727871647e-06, -1.3131621274676456e-07),
)


@kernel
def moffat_gamma(fwhm_px: float, beta: float) -> float:
    """Core radius gamma = FWHM / (2 sqrt(2^(1/beta) - 1)), px."""
    return 0.5 * fwhm_px / np.sqrt(exact.exp2(1.0 / beta) - 1.0)


@kernel
def moffat_widening(beta: float) -> float:
    """Derivative of ln gamma with respect to beta, at a constant FWHM."""
    power = exact.exp2(1.0 / beta)
    return 0.5 * LN_2 * power / (beta * beta * (power - 1.0))


@kernel
def moffat_flux(gamma_px: float, beta: float) -> float:
    """Flux over central brightness, pi gamma^2 / (beta - 1), px^2; beta above 1."""
    return PI * gamma_px * gamma_px / (beta - 1.0)


@kernel
def sersic_b(n: float) -> float:
    """Sersic's b_n, the root of P(2n, b) = 1/2, n from 0.5 to 10; error below 1e-10."""
    u = 1.0 / n
    return 2.0 * n + horner(u, B_SERIES)


@kernel
def sersic_flux(n: float) -> float:
    """Flux of a round profile with r_e = 1 and a central brightness of 1.

    f(n) = 2 pi n b_n^(-2n) Gamma(2n), relative error below 1e-9; with I_e in the place of I(0) it
    is exp(b_n) times as large.
    """
    power = exact.log_gamma(2.0 * n) - 2.0 * n * exact.log(sersic_b(n))
    return TWO_PI * n * exact.exp(power)


@kernel
def _constants(index, b, log_flux):
    for row in range(index.size):
        b[row], log_flux[row] = sersic_b(index[row]), exact.log(sersic_flux(index[row]))


def sersic_constants(index: NDArray[np.float64]) -> NDArray[np.float64]:
    """b_n, ln f(n) and the derivatives of both for Sersic indices (n,), as (4, n)."""

    def constants(n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        b, log_flux = np.empty_like(n), np.empty_like(n)
        _constants(n, b, log_flux)
        return b, log_flux

    return np.stack([*constants(index), *richardson(constants, index, STEP * index)])


@kernel
def _log_light(star: bool, shape: float, constants, s: float) -> tuple[float, float, float]:
    """Ln I of unit flux and scale at r^2 = s, and its derivatives by s and by beta or n."""
    if star:
        log = exact.log(1.0 + s)
        light = exact.log((shape - 1.0) / PI) - shape * log
        return light, -shape / (1.0 + s), 1.0 / (shape - 1.0) - log
    if s == 0.0:  # the slope of a cusp is that of the place: 0
        return -constants[1], 0.0, -constants[3]
    b, log_flux, b_n, log_flux_n = constants
    log = 0.5 * exact.log(s)
    z = exact.exp(log / shape)
    steep = -0.5 * b * z / (shape * s)
    return -b * z - log_flux, steep, b * z * log / (shape * shape) - b_n * z - log_flux_n


@kernel
def sampled_slopes(star: bool, place, extent, shape: float, constants, slopes) -> None:
    """Fill in the derivatives of a profile of unit flux at the centres of pixels.

    Args:
        star: Moffat's law, or Sersic's.
        place: x, y (px), cosine and sine of the angle.
        extent: scale (gamma or r_e, px) and axis ratio.
        shape: beta or n.
        constants: of `sersic_constants`, (4,).
        slopes: output (9, H, W), in the order of `slopes.SLOPES`.
    """
    x0, y0, c, s = place
    scale, q = extent
    square = scale * scale
    for j in range(slopes.shape[1]):
        line = slopes[:, j]
        for i in range(slopes.shape[2]):
            dx, dy = i - x0, j - y0
            u, v = c * dx + s * dy, c * dy - s * dx
            w = v / (q * q)
            radius = (u * u + v * w) / square
            log, steep, by_shape = _log_light(star, shape, constants, radius)
            light, steep = exact.exp(log) / (square * q), 2.0 * steep / square
            line[0, i] = light
            line[1, i] = -light * steep * (u * c - w * s)
            line[2, i] = -light * steep * (u * s + w * c)
            line[3, i] = -light * (steep * square * radius + 2.0) / scale
            line[4, i] = -light * (1.0 + steep * v * w) / q
            line[5, i] = light * steep * u * (v - w)
            line[6, i] = light * by_shape
            line[7, i] = line[8, i] = 0.0
