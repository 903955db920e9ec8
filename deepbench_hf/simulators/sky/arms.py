"""Arms as a density wave: what a wave of given strength adds to an exponential disc, in float32.

In the plane of the disc, at the azimuth theta and the radius r,

    I = I_disc(r) exp(k cos chi) / I0(k),        chi = M (s (theta - phase) - phi(r)),
    k = K exp(-w^2 |grad chi|^2 / 2),            |grad chi|^2 = M^2 (1 / r^2 + phi'(r)^2),

phi being the azimuth that a crest has wound up to:

    logarithmic            phi = ln(r / h) / tan(pitch)
    Ringermacher and Mead  phi = 2 N arctan(B exp(-A / r))
    Archimedean            phi = r / A

The mean of exp(k cos chi) over a circle is I0(k), the modified Bessel function: rings keep the
brightness of the disc, and the flux is that of the disc. Where arms crowd, towards the centre, they
melt into it.

Sources: C. C. Lin, F. H. Shu, ApJ 140 (1964) 646, for spirals as density waves; H. I. Ringermacher,
L. R. Mead, MNRAS 397 (2009) 164, equation 7, which has tan and counts phi inwards; DLMF 10.25.2 and
10.32.1 for I0. The form exp(k cos chi) and the smoothing by w are ours.
"""

from typing import NamedTuple

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import exp2f, float32s, log2f, sincosf
from deepbench_hf.exact.float64 import horner
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.gaussian import LANES, padded, span
from deepbench_hf.simulators.sky.objects import LOGARITHMIC, RINGERMACHER_MEAD

BESSEL = (
    *(1.0, 1.0, 1 / 4, 1 / 36, 1 / 576, 1 / 14400, 1 / 518400, 1 / 25401600, 1 / 1625702400),
    *(1 / 131681894400, 1 / 13168189440000, 1 / 1593350922240000),
    *(1 / 229442532802560000, 1 / 38775788043632640000),
)
"""I0(k) in powers of k^2 / 4: 1 / m!^2."""
FARTHEST = 10.0
"""Scale lengths beyond which a disc has no arms."""

_FADED = np.float32(-40.0)  # log2 of k / K: its square is no denormal
_LN_2, _LOG2_E = 0.6931471805599453, 1.4426950408889634
_ZERO, _HALF, _ONE, _TINY = float32s(0.0, 0.5, 1.0, 1e-12)
_HALF_PI, _LOG2_E_32 = float32s(1.5707963267948966, _LOG2_E)
_BESSEL = float32s(*BESSEL[:9])
# (arctan q - q) / q^3 in q^2, for |q| <= tan(pi / 8): S. Moshier, Cephes, atanf.
_ARCTAN = float32s(-3.33329491539e-1, 1.99777106478e-1, -1.38776856032e-1, 8.05374449538e-2)
_TAN_PI_8, _QUARTER_PI = float32s(0.41421356237309503, 0.7853981633974483)


class Wave(NamedTuple):
    """A disc of unit flux and its arms.

    Args:
        x, y: centre, px.
        cos, sin: of the angle of the major axis.
        ratio: axis ratio q.
        scale: h, px.
        model: number of the law of the phase.
        arms, hand, phase: M, s, and the phase in rad.
        pitch: in rad, of logarithmic arms.
        winding, sweep, length: N and B, and A, px.
        strength, width: K, and w, px.
    """

    x: float
    y: float
    cos: float
    sin: float
    ratio: float
    scale: float
    model: int
    arms: int
    hand: float
    phase: float
    pitch: float
    winding: float
    sweep: float
    length: float
    strength: float
    width: float


@kernel
def wave_of(one) -> Wave:
    """The wave of a record of a spiral."""
    s, c = exact.sincosd(one.angle_deg)
    radian = 0.017453292519943295
    return Wave(
        one.center_x_px,
        one.center_y_px,
        c,
        s,
        one.axis_ratio,
        one.scale_length_px,
        int(one.arm_model),
        int(one.arms),
        1.0 * one.handedness,
        radian * one.arm_phase_deg,
        radian * one.pitch_deg,
        one.winding,
        one.sweep,
        one.arm_scale_px,
        one.arm_strength,
        one.arm_width_px,
    )


@kernel
def fill_wave(wave: Wave, left: float, low: float, plane, work) -> None:
    """Fill in what the wave adds to the disc of unit flux, px^-2.

    Args:
        wave: the disc and its arms.
        left, low: place of the first point of the first row, px; others are a pixel apart.
        plane: output (rows, columns), float32; columns are a multiple of `LANES`.
        work: scratch (6, columns), float32.
    """
    h, q, m = wave.scale, wave.ratio, 1.0 * wave.arms
    top = np.float32(exact.log2(1.0 / (6.283185307179586 * h * h * q)))
    fall, damp = np.float32(-_LOG2_E / h), -0.5 * _LOG2_E * wave.width * wave.width * m * m
    s, c = exact.sincos(wave.pitch)
    winds, turn = np.float32(-m * c / s * _LN_2), m * wave.hand * wave.phase
    shift = np.float32(m * c / s * exact.log(h) - turn)
    steep = np.float32(damp / (s * s))
    step_u, step_v = np.float32(wave.cos), np.float32(-wave.sin / q * wave.hand)
    high = wave.sin * wave.sin + wave.cos * wave.cos * q * q  # of the ellipse r = 1, squared
    slope, reach = wave.cos * wave.sin * (1.0 - q * q) / high, FARTHEST * FARTHEST * h * h
    for j in range(plane.shape[0]):
        dy = low + j - wave.y
        half = q * np.sqrt(max(reach - dy * dy / high, 0.0) / high)
        begin, end = span(wave.x - left + slope * dy, half, 1, plane.shape[1])
        first, last = begin // LANES * LANES, padded(end)
        plane[j] = _ZERO
        if half == 0.0 or first == last:
            continue
        line = plane[j, first:last]
        dx = left + first - wave.x
        start_u = np.float32(wave.cos * dx + wave.sin * dy)
        start_v = np.float32((wave.cos * dy - wave.sin * dx) / q * wave.hand)
        _directions(start_u, step_u, start_v, step_v, line.size, work)
        if wave.model == LOGARITHMIC:
            for i in range(line.size):
                work[4, i] = winds * log2f(work[2, i]) + shift
                work[5, i] = steep * work[3, i] * work[3, i]
        else:
            _wound(wave, np.float32(turn), np.float32(damp), line.size, work)
        _turn(wave.arms, work, line)
        _light(np.float32(wave.strength), top, fall, work, line)
        # What is left out must be as symmetric as the galaxy, or its centre of light moves.
        plane[j, first:begin], plane[j, end:last] = _ZERO, _ZERO


@kernel
def _directions(start_u, step_u, start_v, step_v, count, work) -> None:
    """Fill in cosine and sine of the azimuth, counted as the arms wind, r and 1 / r."""
    for i in range(count):
        t = np.float32(np.int32(i))
        u, v = start_u + step_u * t, start_v + step_v * t
        square = u * u + v * v + _TINY
        over = _ONE / np.sqrt(square)
        work[0, i], work[1, i], work[2, i], work[3, i] = u * over, v * over, square * over, over


@kernel
def _wound(wave, turn, damp, count, work) -> None:
    """Fill in -M phi - M s phase and log2(k / K) of Ringermacher-Mead and Archimedean arms."""
    m, length = np.float32(wave.arms), np.float32(wave.length)
    winds, sweep = np.float32(2.0 * wave.winding), np.float32(wave.sweep)
    if wave.model == RINGERMACHER_MEAD:
        for i in range(count):
            far = length * work[3, i]
            e = sweep * exp2f(-_LOG2_E_32 * far)
            slope = winds * e / (_ONE + e * e) * far
            work[4, i] = -m * winds * _arctan(e) - turn
            work[5, i] = damp * (_ONE + slope * slope) * work[3, i] * work[3, i]
    else:
        over = _ONE / length
        for i in range(count):
            work[4, i] = -m * over * work[2, i] - turn
            work[5, i] = damp * (work[3, i] * work[3, i] + over * over)


@kernel
def _arctan(x):
    """Return arctan x of a float32 that is not negative; error below 3e-7."""
    far = x > _ONE
    y = _ONE / x if far else x
    tilted = y > _TAN_PI_8
    y = (y - _ONE) / (y + _ONE) if tilted else y
    z = y * y
    angle = horner(z, _ARCTAN) * z * y + y + (_QUARTER_PI if tilted else _ZERO)
    return _HALF_PI - angle if far else angle


@kernel
def _turn(arms, work, line) -> None:
    """Fill in the cosine of chi: the phase is turned by the azimuth, once for each arm."""
    for i in range(line.size):
        work[4, i], line[i] = sincosf(work[4, i])
    for _ in range(arms):
        for i in range(line.size):
            s, c = work[4, i], line[i]
            line[i] = c * work[0, i] - s * work[1, i]
            work[4, i] = s * work[0, i] + c * work[1, i]


@kernel
def _light(strength, top, fall, work, line) -> None:
    """Turn the cosine of chi into I_disc (exp(k cos chi) / I0(k) - 1)."""
    for i in range(line.size):
        faded = work[5, i]
        k = strength * exp2f(faded if faded > _FADED else _FADED)
        bessel = horner(_HALF * k * (_HALF * k), _BESSEL)
        disc = exp2f(fall * work[2, i] + top)
        line[i] = disc * (exp2f(_LOG2_E_32 * k * line[i]) / bessel - _ONE)
