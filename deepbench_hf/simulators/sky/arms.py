"""Arms as a density wave: what a wave adds to an exponential disc, and its derivatives.

In the plane of the disc, at the azimuth theta and the radius r,

    I = I_disc(r) exp(k cos chi) / I0(k),        chi = M (s (theta - phase) - phi(r)),
    k = K exp(-w^2 |grad chi|^2 / 2),            |grad chi|^2 = M^2 (1 / r^2 + phi'(r)^2),

phi being the azimuth that a crest has wound up to:

    logarithmic            phi = ln(r / h) / tan(pitch)
    Ringermacher and Mead  phi = 2 N arctan(B exp(-A / r))
    Archimedean            phi = r / A

The mean of exp(k cos chi) over a circle is I0(k), the modified Bessel function: rings keep the
brightness of the disc, and the flux is that of the disc. Where arms crowd, towards the centre, they
melt into it. With D the brightness of the disc and E = exp(k cos chi) / I0(k), the wave adds
f = D (E - 1), and

    df = (E - 1) dD + D E ((cos chi - I1/I0) dk - k sin chi dchi).

One code does both: light alone in float32, with its derivatives in float64.

Sources: C. C. Lin, F. H. Shu, ApJ 140 (1964) 646, for spirals as density waves; H. I. Ringermacher,
L. R. Mead, MNRAS 397 (2009) 164, equation 7, which has tan and counts phi inwards; DLMF 10.25.2 and
10.32.1 for I0. The form exp(k cos chi) and the smoothing by w are ours.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import DEGREE, LN_2, LOG2_E, TWO_PI
from deepbench_hf.exact.float32 import arctanf, exp2f, float32s, log2f, sincosf
from deepbench_hf.exact.kernel import horner, kernel
from deepbench_hf.simulators.sky.gaussian import two_to
from deepbench_hf.simulators.sky.objects import LOGARITHMIC, RINGERMACHER_MEAD

PLANES = ("flux", "x", "y", "scale", "ratio", "angle", "phase", "strength", "width")
"""The wave itself, and what every wave is differentiated by: px, rad and pure numbers."""
OF_LAWS = (("pitch",), ("winding", "sweep", "length"), ("length",))
"""What waves are differentiated by besides, by the law of the phase."""
OUT, FADED, WORK = 14, 26, 27
"""Numbers of a point: cosine and sine of the azimuth, counted as the arms wind; r and 1/r; sine and
cosine of chi; phi' and phi''; phi and phi' by what is in `OF_LAWS`, in pairs; then the planes, and
what the melting of the arms leaves of their strength."""

# I0(k) in powers of k^2 / 4: 1 / m!^2; and I1(k) over k / 2.
_BESSEL = (
    *(1.0, 1.0, 1 / 4, 1 / 36, 1 / 576, 1 / 14400, 1 / 518400, 1 / 25401600, 1 / 1625702400),
    *(1 / 131681894400, 1 / 13168189440000, 1 / 1593350922240000),
    *(1 / 229442532802560000, 1 / 38775788043632640000),
)
_BESSEL_1 = tuple(value / (m + 1) for m, value in enumerate(_BESSEL))
_BESSEL_32 = float32s(*_BESSEL[:9])
_FADED, _FADED_32 = -400.0, np.float32(-40.0)  # log2 of k / K: its square is no denormal


@kernel
def add_arms(spiral, slopes, work, count, planes) -> None:
    """Turn places into what the wave adds to the disc, and its derivatives.

    Args:
        spiral: record of a spiral.
        slopes: None for light, anything else for derivatives too.
        work: of the places, the first four numbers of `OUT`; the others are filled in.
        count: of places.
        planes: how many of `PLANES` and those of the law there are.
    """
    _wind(spiral, slopes, work, count)
    _turn(int(spiral.arms), slopes, work, count)
    _shine(spiral, slopes, work, count, planes)


@kernel
def _wind(spiral, slopes, work, count) -> None:
    """Fill in chi without its azimuth, and the derivatives of phi."""
    number, m = work.dtype.type, 1.0 * spiral.arms
    turn = number(m * spiral.handedness * DEGREE * spiral.arm_phase_deg)
    arms, one, two = number(m), number(1.0), number(2.0)
    length, over_length = number(spiral.arm_scale_px), number(1.0 / max(spiral.arm_scale_px, 1e-9))
    if spiral.arm_model == LOGARITHMIC:
        s, c = exact.sincos(DEGREE * spiral.pitch_deg)
        cot, steep = number(c / s), number(-1.0 / (s * s))
        ln_2, shift = number(LN_2), number(exact.log(spiral.scale_length_px))
        for i in range(count):
            over, log = work[3, i], ln_2 * _log2(work[2, i], slopes) - shift
            work[4, i], work[6, i] = -arms * cot * log - turn, cot * over
            if slopes is not None:
                work[7, i], work[8, i], work[9, i] = -cot * over * over, steep * log, steep * over
    elif spiral.arm_model == RINGERMACHER_MEAD:
        winds, sweep, fall = number(2.0 * spiral.winding), number(spiral.sweep), number(-LOG2_E)
        for i in range(count):
            over = work[3, i]
            near, far = length * over, length * over * over
            e = sweep * two_to(fall * near, slopes)
            bottom = one / (one + e * e)
            angle, g = _arctan(e, slopes), winds * e * bottom  # g: phi by ln e
            work[4, i], work[6, i] = -arms * winds * angle - turn, g * far
            if slopes is not None:
                g_e = g * (one - e * e) * bottom
                work[7, i] = (g_e * far - two * g * over) * far
                work[8, i], work[9, i] = two * angle, two * e * bottom * far
                work[10, i], work[11, i] = g / sweep, g_e / sweep * far
                work[12, i], work[13, i] = -g * over, (g - g_e * near) * over * over
    else:
        for i in range(count):
            work[4, i], work[6, i] = -arms * over_length * work[2, i] - turn, over_length
            if slopes is not None:
                square = over_length * over_length
                work[7, i], work[8, i], work[9, i] = number(0.0), -square * work[2, i], -square


@kernel
def _turn(arms, slopes, work, count) -> None:
    """Fill in sine and cosine of chi: the phase is turned by the azimuth, once for each arm."""
    for i in range(count):
        s, c = _sincos(work[4, i], slopes)
        work[4, i], work[5, i] = _turned(s, c, work[1, i], work[0, i])
    for _ in range((arms - 1) // 2):  # two at a time, as each is read and written
        for i in range(count):
            s, c = _turned(work[4, i], work[5, i], work[1, i], work[0, i])
            work[4, i], work[5, i] = _turned(s, c, work[1, i], work[0, i])
    if arms % 2 == 0:
        for i in range(count):
            work[4, i], work[5, i] = _turned(work[4, i], work[5, i], work[1, i], work[0, i])


@kernel
def _turned(s, c, by_s, by_c):
    """Sine and cosine of a sum of two angles."""
    return s * by_c + c * by_s, c * by_c - s * by_s


@kernel
def _shine(spiral, slopes, work, count, planes) -> None:
    """Turn chi into D (E - 1), and its derivatives, in the order of `PLANES`."""
    number, h, q = work.dtype.type, spiral.scale_length_px, spiral.axis_ratio
    top, fall = number(exact.log2(1.0 / (TWO_PI * h * h * q))), number(-LOG2_E / h)
    crowd = spiral.arm_width_px * spiral.arms
    crowd *= crowd
    damp, strength = number(-0.5 * LOG2_E * crowd), number(spiral.arm_strength)
    one, half, log2_e = number(1.0), number(0.5), number(LOG2_E)
    for i in range(count):
        over, slope = work[3, i], work[6, i]
        work[FADED, i] = _faded(damp * (over * over + slope * slope), slopes)
    for i in range(count):
        r, cos_chi, faded = work[2, i], work[5, i], work[FADED, i]
        k = strength * faded
        quarter = half * k * (half * k)
        bessel = _bessel(quarter, slopes)
        disc = two_to(fall * r + top, slopes)
        excess = two_to(log2_e * k * cos_chi, slopes)
        opposite = one / (excess * bessel)  # where cos chi has the other sign
        excess *= excess * opposite
        work[14, i] = disc * (excess - one)
        if slopes is None:
            work[15, i] = disc * (opposite - one)
        else:
            full = disc * excess
            by_k = full * (cos_chi - 0.5 * k * horner(quarter, _BESSEL_1) / bessel)
            work[15, i], work[16, i] = -full * k * work[4, i] * spiral.arms, by_k * k * crowd
            work[21, i] = by_k * faded
    if slopes is not None:
        _follow(spiral, work, count, planes)


@kernel
def _follow(spiral, work, count, planes) -> None:
    """Fill in the other derivatives, from those by chi / M (1) and by -w^2 |grad chi|^2 / 2 (2)."""
    q, h, hand = spiral.axis_ratio, spiral.scale_length_px, spiral.handedness
    s, c = exact.sincosd(spiral.angle_deg)
    sine, cosine = exact.sincos(DEGREE * spiral.pitch_deg)
    by_log = cosine / (sine * h) if spiral.arm_model == LOGARITHMIC else 0.0
    for p in range(9, planes):
        phi, slope = work[2 * p - 10], work[2 * p - 9]
        for i in range(count):
            work[OUT + p, i] = -work[16, i] * work[6, i] * slope[i] - work[15, i] * phi[i]
    for i in range(count):
        light, by_chi, by_crowd = work[14, i], work[15, i], work[16, i]
        cos, sin, r, over, slope = work[0, i], work[1, i], work[2, i], work[3, i], work[6, i]
        by_r = -light / h - by_chi * slope
        by_r += by_crowd * (over * over * over - slope * work[7, i])
        by_u, by_v = by_r * cos - by_chi * sin * over, hand * (by_r * sin + by_chi * cos * over)
        work[15, i] = by_v * s / q - by_u * c
        work[16, i] = -by_u * s - by_v * c / q
        work[17, i] = light * (r / h - 2.0) / h + by_chi * by_log
        work[18, i] = -(by_v * hand * r * sin + light) / q
        work[19, i] = by_u * q * hand * r * sin - by_v * r * cos / q
        work[20, i] = -by_chi * hand
        work[22, i] = -by_crowd * (over * over + slope * slope) / spiral.arm_width_px


@kernel
def _faded(x, slopes):
    """Return 2^x, or what is nearly 0, but no denormal even when squared."""
    if slopes is None:
        return exp2f(x if x > _FADED_32 else _FADED_32)
    return exact.exp2(x if x > _FADED else _FADED)


@kernel
def _bessel(x, slopes):
    return horner(x, _BESSEL_32) if slopes is None else horner(x, _BESSEL)


@kernel
def _log2(x, slopes):
    return log2f(x) if slopes is None else exact.log2(x)


@kernel
def _sincos(x, slopes):
    return sincosf(x) if slopes is None else exact.sincos(x)


@kernel
def _arctan(x, slopes):
    return arctanf(x) if slopes is None else exact.atan2(x, 1.0)
