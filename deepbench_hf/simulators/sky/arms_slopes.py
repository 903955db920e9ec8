"""How the wave of a spiral answers to its parameters, in closed form, in float64.

With D the brightness of the disc, f = D (exp(k cos chi) / I0(k) - 1), so that

    df = (exp(k cos chi) / I0(k) - 1) dD + D exp(k cos chi) / I0(k) ((cos chi - I1/I0) dk
         - k sin chi dchi),

with the terms of `arms.py`. What changes r and theta is followed through u and v.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float64 import horner
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.arms import BESSEL, Wave
from deepbench_hf.simulators.sky.objects import LOGARITHMIC, RINGERMACHER_MEAD

PLANES = ("flux", "x", "y", "scale", "ratio", "angle", "phase", "strength", "width")
"""The wave itself, and what every wave is differentiated by: px, rad and pure numbers."""
OF_LAWS = (("pitch",), ("winding", "sweep", "length"), ("length",))
"""What waves are differentiated by besides, by the law of the phase."""

# I1(k) over k / 2 in powers of k^2 / 4: 1 / (m! (m + 1)!).
BESSEL_1 = tuple(value / (m + 1) for m, value in enumerate(BESSEL))
TINY = 1e-12

Course = tuple[float, float, float, float, float, float, float, float, float]
"""phi and its first two derivatives by r; then phi and phi' by what is in `OF_LAWS`, in pairs."""


@kernel
def _course(wave: Wave, r: float, sine: float, cosine: float) -> Course:
    """How far the crest has wound at r."""
    if wave.model == LOGARITHMIC:
        cot, log = cosine / sine, exact.log(r / wave.scale)
        over = -1.0 / (sine * sine)
        return cot * log, cot / r, -cot / (r * r), over * log, over / r, 0.0, 0.0, 0.0, 0.0
    a = wave.length
    if wave.model != RINGERMACHER_MEAD:
        flat = 1.0 / a
        return r * flat, flat, 0.0, -r * flat * flat, -flat * flat, 0.0, 0.0, 0.0, 0.0
    n2, b, far = 2.0 * wave.winding, wave.sweep, a / (r * r)
    e = b * exact.exp(-a / r)
    over = 1.0 / (1.0 + e * e)
    phi, g, g_e = n2 * exact.atan2(e, 1.0), e * over, (1.0 - e * e) * over * over
    slope = n2 * g * far
    bend = n2 * far * (g_e * e * far - 2.0 * g / r)
    phi_b, slope_b = n2 * over * e / b, n2 * g_e * e / b * far
    phi_a, slope_a = -n2 * over * e / r, n2 * (g / (r * r) - g_e * e / r * far)
    return phi, slope, bend, 2.0 * phi / n2, 2.0 * slope / n2, phi_b, slope_b, phi_a, slope_a


@kernel
def fill_slopes(wave: Wave, left: float, low: float, planes) -> None:
    """Fill in the wave of a disc of unit flux and its derivatives.

    Args:
        wave: the disc and its arms.
        left, low: place of the first point of the first row, px; others are a pixel apart.
        planes: output (P, rows, columns): `PLANES`, then those of the law, float64.
    """
    sine, cosine = exact.sincos(wave.pitch)
    for j in range(planes.shape[1]):
        for i in range(planes.shape[2]):
            dx, dy = left + i - wave.x, low + j - wave.y
            _fill_point(wave, dx, dy, sine, cosine, planes[:, j, i])


@kernel
def _fill_point(wave, dx, dy, sine, cosine, out) -> None:
    """Fill in the wave and its derivatives at a point, in the order of `PLANES`."""
    c, s, q, h, m = wave.cos, wave.sin, wave.ratio, wave.scale, 1.0 * wave.arms
    u, v = c * dx + s * dy, (c * dy - s * dx) / q
    square = u * u + v * v + TINY
    r = np.sqrt(square)
    phi, slope, bend, phi_1, slope_1, phi_2, slope_2, phi_3, slope_3 = _course(
        wave, r, sine, cosine
    )
    chi = m * (wave.hand * (exact.atan2(v, u) - wave.phase) - phi)
    sin_chi, cos_chi = exact.sincos(chi)
    w2 = wave.width * wave.width * m * m
    crowding = 1.0 / square + slope * slope
    faded = exact.exp(max(-0.5 * w2 * crowding, -40.0))
    k = wave.strength * faded
    quarter = 0.25 * k * k
    bessel = horner(quarter, BESSEL)
    excess = exact.exp(k * cos_chi) / bessel
    disc = exact.exp(-r / h) / (6.283185307179586 * h * h * q)
    light, full = disc * (excess - 1.0), disc * excess
    by_k = full * (cos_chi - 0.5 * k * horner(quarter, BESSEL_1) / bessel)
    by_chi = -full * k * sin_chi
    by_slope = -by_k * k * w2 * slope
    by_r = -light / h - m * by_chi * slope
    by_r += by_k * k * w2 / (square * r) + by_slope * bend
    by_theta = by_chi * m * wave.hand
    by_u, by_v = (by_r * u - by_theta * v / r) / r, (by_r * v + by_theta * u / r) / r
    by_scale = light * (r / h - 2.0) / h
    if wave.model == LOGARITHMIC:
        by_scale += by_chi * m * cosine / (sine * h)
    out[0] = light
    out[1] = by_v * s / q - by_u * c
    out[2] = -by_u * s - by_v * c / q
    out[3] = by_scale
    out[4] = -(by_v * v + light) / q
    out[5] = by_u * q * v - by_v * u / q
    out[6] = -by_theta
    out[7] = by_k * faded
    out[8] = -by_k * k * w2 * crowding / wave.width
    out[9] = by_slope * slope_1 - m * by_chi * phi_1
    if out.size > 10:
        out[10] = by_slope * slope_2 - m * by_chi * phi_2
        out[11] = by_slope * slope_3 - m * by_chi * phi_3
