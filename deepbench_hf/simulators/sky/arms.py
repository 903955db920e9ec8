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
from deepbench_hf.simulators.sky.gaussian import NODES
from deepbench_hf.simulators.sky.objects import LOGARITHMIC, RINGERMACHER_MEAD

BESSEL = (
    *(1.0, 1.0, 1 / 4, 1 / 36, 1 / 576, 1 / 14400, 1 / 518400, 1 / 25401600, 1 / 1625702400),
    *(1 / 131681894400, 1 / 13168189440000, 1 / 1593350922240000),
    *(1 / 229442532802560000, 1 / 38775788043632640000),
)
"""I0(k) in powers of k^2 / 4: 1 / m!^2."""
LATTICES = ((1, 0), (2, 1), (5, 2), (13, 5), (34, 13), (89, 34), (233, 89), (610, 233), (1597, 610))
"""N points (i / N, g i / N) of a pixel: N and g are Fibonacci numbers, so they are as even as any,
and but for the second the lattice is its own image after a quarter of a turn."""
BLURRED, ALONE, SHARP = 1.9, 3.2, 1.0
"""Points of a lattice along the width of the arms on the sky, and of a single arm; and panels of
Gauss-Legendre points where there is no point-spread function."""

_FADED = np.float32(-40.0)  # log2 of k / K: its square is no denormal
_LN_2, _LOG2_E = 0.6931471805599453, 1.4426950408889634
_ZERO, _HALF, _ONE, _TINY = float32s(0.0, 0.5, 1.0, 1e-12)
_HALF_PI = np.float32(1.5707963267948966)
_LOG2_E_32, _LN_2_32 = float32s(_LOG2_E, _LN_2)
_BESSEL = float32s(*BESSEL[:11])
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
def points_of(wave: Wave, sharp: bool) -> int:
    """How many points of a pixel the wave is sampled at; see `point_of`."""
    finest = min(wave.width, wave.scale) * wave.ratio
    if sharp:
        side = len(NODES) * np.ceil(SHARP / finest)
        return int(side * side)
    side, k = (ALONE if wave.arms == 1 else BLURRED) / finest, 0
    while LATTICES[k][0] < side * side and k < len(LATTICES) - 1:
        k += 1
    return LATTICES[k][0]


@kernel
def point_of(number: int, points: int, sharp: bool) -> tuple[float, float, float]:
    """The place of a point in its pixel, from the middle, px, and its weight.

    A blurred wave is sampled at a lattice, a sharp one at Gauss-Legendre points.
    """
    if sharp:
        side = int(np.sqrt(1.0 * points) + 0.5)
        i, j, panels = number % side, number // side, side // len(NODES)
        a, b = NODES[i % len(NODES)], NODES[j % len(NODES)]
        ox = (i // len(NODES) + 0.5 + a[0]) / panels - 0.5
        oy = (j // len(NODES) + 0.5 + b[0]) / panels - 0.5
        return ox, oy, a[1] * b[1] / (panels * panels)
    if points == 2:
        return 0.5 * number - 0.25, 0.5 * number - 0.25, 0.5
    generator = 0
    for k in range(len(LATTICES)):
        generator = LATTICES[k][1] if LATTICES[k][0] == points else generator
    ox, oy = number / points, (number * generator % points) / points
    return ox - np.floor(ox + 0.5), oy - np.floor(oy + 0.5), 1.0 / points


@kernel
def fill_wave(wave: Wave, left: float, low: float, plane, work) -> None:
    """Fill in what the wave adds to the disc of unit flux, px^-2.

    Args:
        wave: the disc and its arms.
        left, low: place of the first point of the first row, px; others are a pixel apart.
        plane: output (rows, columns), float32.
        work: scratch (6, columns), float32.
    """
    h, m = wave.scale, 1.0 * wave.arms
    top = exact.log2(1.0 / (6.283185307179586 * h * h * wave.ratio))
    fall, damp = np.float32(-_LOG2_E / h), -0.5 * _LOG2_E * wave.width * wave.width * m * m
    s, c = exact.sincos(wave.pitch)
    winds, turn = np.float32(-m * c / s * _LN_2), m * wave.hand * wave.phase
    shift = np.float32(m * c / s * exact.log(h) - turn)
    steep = np.float32(damp / (s * s))
    step_u, step_v = np.float32(wave.cos), np.float32(-wave.sin / wave.ratio * wave.hand)
    for j in range(plane.shape[0]):
        dx, dy = left - wave.x, low + j - wave.y
        u, v = wave.cos * dx + wave.sin * dy, (wave.cos * dy - wave.sin * dx) / wave.ratio
        start_u, start_v = np.float32(u), np.float32(v * wave.hand)
        _directions(start_u, step_u, start_v, step_v, work)
        if wave.model == LOGARITHMIC:
            for i in range(work.shape[1]):
                square = work[2, i]
                work[3, i] = winds * _HALF * log2f(square) + shift
                work[4, i] = steep / square
        else:
            _wound(wave, np.float32(turn), np.float32(damp), work)
        _multiply(wave.arms, work)
        _light(np.float32(wave.strength), np.float32(top), fall, work, plane[j])


@kernel
def _directions(start_u, step_u, start_v, step_v, work) -> None:
    """Fill in cosine and sine of the azimuth, counted as the arms wind, and r^2."""
    for i in range(work.shape[1]):
        t = np.float32(np.int32(i))
        u, v = start_u + step_u * t, start_v + step_v * t
        square = u * u + v * v + _TINY
        over = _ONE / np.sqrt(square)
        work[0, i], work[1, i], work[2, i] = u * over, v * over, square


@kernel
def _wound(wave, turn, damp, work) -> None:
    """Fill in -M phi - M s phase and log2(k / K) of Ringermacher-Mead and Archimedean arms."""
    m, length = np.float32(wave.arms), np.float32(wave.length)
    winds, sweep = np.float32(2.0 * wave.winding), np.float32(wave.sweep)
    for i in range(work.shape[1]):
        square = work[2, i]
        radius = np.sqrt(square)
        if wave.model == RINGERMACHER_MEAD:
            e = sweep * exp2f(-_LOG2_E_32 * length / radius)
            wound = winds * _arctan(e)
            slope = winds * e / (_ONE + e * e) * length / square
        else:
            wound, slope = radius / length, _ONE / length
        work[3, i] = -m * wound - turn
        work[4, i] = damp * (_ONE / square + slope * slope)


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
def _multiply(arms, work) -> None:
    """Turn the cosine of the azimuth into that of chi: by powers, then by the phase."""
    powers = work[5:]
    for i in range(work.shape[1]):
        s, c = sincosf(work[3, i])
        work[3, i], powers[0, i] = s, c
    for _ in range(arms):
        for i in range(work.shape[1]):
            c, s = powers[0, i], work[3, i]
            powers[0, i] = c * work[0, i] - s * work[1, i]
            work[3, i] = s * work[0, i] + c * work[1, i]


@kernel
def _light(strength, top, fall, work, line) -> None:
    """Fill in I_disc (exp(k cos chi) / I0(k) - 1)."""
    for i in range(line.size):
        faded = work[4, i]
        k = strength * exp2f(faded if faded > _FADED else _FADED)
        bessel = horner(_HALF * k * (_HALF * k), _BESSEL)
        disc = exp2f(fall * np.sqrt(work[2, i]) + top)
        line[i] = disc * (exp2f(_LOG2_E_32 * k * work[5, i]) / bessel - _ONE)
