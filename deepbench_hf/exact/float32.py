"""Elementary functions in float32 that give the same bits on every CPU.

The counterparts of `float64.py`, named as in C. They take and return float32 (anything else is
first rounded to it). They cost a third of what float64 costs: for pixels, not for parameters.
"""

import numpy as np

from deepbench_hf.exact.kernel import float32_from_bits, horner, int32_bits, kernel

Float = float | np.float32


def float32s(*values: float) -> tuple[np.float32, ...]:
    """Return constants as float32; a plain literal would turn all of a kernel into float64."""
    return tuple(np.float32(value) for value in values)


# Adding 1.5 * 2^23 rounds to the nearest integer and leaves that integer in the low bits.
_ROUND = np.float32(12582912.0)
_MANTISSA = np.int32(23)
_ONE_BIT = np.int32(1)
_SIGN = np.int32(31)
_ZERO, _HALF, _ONE, _FOUR = float32s(0.0, 0.5, 1.0, 4.0)

# Clamps.
_EXP2_LOW, _EXP_LOW, _EXP_HIGH = float32s(-126.0, -87.0, 88.5)
_SQRT_HALF_BITS = np.int32(0x3F3504F3)
(_LOG2_E,) = float32s(1.4426950408889634)
# ln 2 and pi / 2 in parts, short enough (9 and 11 bits) that their products with n are exact.
_LN2_HIGH, _LN2_LOW = float32s(0.693359375, -2.12194440e-4)
_TWO_OVER_PI, _HALF_PI_1, _HALF_PI_2, _HALF_PI_3, _HALF_PI_4 = float32s(
    0.6366197723675814,
    float.fromhex("0x1.92p+0"),
    float.fromhex("0x1.fb4p-12"),
    float.fromhex("0x1.444p-24"),
    float.fromhex("0x1.68c234p-39"),
)

# Made as those of `float64.py`. The same functions, but for log: 2 artanh(s) / s in s^2.
_EXP = float32s(0.49999994, 0.1666652, 0.041668236, 0.008368809, 0.0013823407)
_EXP2 = float32s(0.6931472, 0.24022648, 0.055503596, 0.009618502, 0.0013390976, 0.00015328097)
_LOG2 = float32s(2.88539, 0.96181613, 0.57532525, 0.46103463)
_ERF_P = float32s(0.3275911)[0]
_ERF = float32s(0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
_SIN = float32s(-0.16666655, 0.008332189, -0.00019518287)
_COS = float32s(0.041666646, -0.0013887311, 2.4432564e-05)
# (arctan q - q) / q^3 in q^2, for |q| <= tan(pi / 8): S. Moshier, Cephes, atanf.
_ARCTAN = float32s(-3.33329491539e-1, 1.99777106478e-1, -1.38776856032e-1, 8.05374449538e-2)
_HALF_PI, _TAN_PI_8, _QUARTER_PI = float32s(
    1.5707963267948966, 0.41421356237309503, 0.7853981633974483
)


@kernel
def exp2f(x: Float) -> np.float32:
    """Return 2^x as `exact.exp2` does.

    x below 127.5: from 128 on the result is meaningless; below -126 it is 2^-126. Error at most 1.3
    ulp. Integers give exact powers of two. Pixels wait for this function more than for any other,
    so there is only one clamp, and the polynomial is summed by Estrin's rule, whose steps wait less
    for one another than those of Horner's.
    """
    x = np.float32(x)
    x = x if x > _EXP2_LOW else _EXP2_LOW
    shifted = x + _ROUND
    f = x - (shifted - _ROUND)
    c0, c1, c2, c3, c4, c5 = _EXP2
    square = f * f
    series = (c0 + c1 * f) + square * ((c2 + c3 * f) + square * (c4 + c5 * f))
    return _scale(series * f + _ONE, shifted)


@kernel
def expf(x: Float) -> np.float32:
    """Return e^x as `exact.exp` does.

    Any x: below -87 the result is e^-87, above 88.5 it is e^88.5. Error at most 1 ulp.
    """
    x = np.float32(x)
    x = x if x > _EXP_LOW else _EXP_LOW
    x = x if x < _EXP_HIGH else _EXP_HIGH
    shifted = x * _LOG2_E + _ROUND
    n = shifted - _ROUND
    f = (x - n * _LN2_HIGH) - n * _LN2_LOW
    return _scale(horner(f, _EXP) * f * f + f + _ONE, shifted)


@kernel
def _scale(p: np.float32, shifted: np.float32) -> np.float32:
    """Return p 2^n, n being the integer in the low bits of `shifted`."""
    return float32_from_bits(np.int32(int32_bits(p) + np.int32(int32_bits(shifted) << _MANTISSA)))


@kernel
def erff(x: Float) -> np.float32:
    """Return the error function 1 - exp(-x^2) P(1 / (1 + p x)).

    Any x: beyond 4 the result is 1. Absolute error at most 6e-7.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 7.1.26.
    """
    x = np.float32(x)
    size = abs(x)
    size = size if size < _FOUR else _FOUR
    t = _ONE / (_ONE + _ERF_P * size)
    value = _ONE - exp2f(-_LOG2_E * size * size) * horner(t, _ERF) * t
    return -value if x < _ZERO else value


@kernel
def _split(x: np.float32) -> tuple[np.float32, np.float32]:
    """Return s = (m - 1) / (m + 1) and e with x = m 2^e and m between sqrt(1/2) and sqrt(2)."""
    bits = int32_bits(x)
    exponent = np.int32(np.int32(bits - _SQRT_HALF_BITS) >> _MANTISSA)
    m = float32_from_bits(np.int32(bits - np.int32(exponent << _MANTISSA)))
    return (m - _ONE) / (m + _ONE), np.float32(exponent)


@kernel
def log2f(x: Float) -> np.float32:
    """Return the logarithm of x to base 2: e + 2 artanh((m - 1) / (m + 1)) / ln 2, with x = m 2^e.

    Positive normal x; zero is taken as 2^-127. Error at most 3.1 ulp; powers of two are exact.
    """
    s, e = _split(np.float32(x))
    return horner(s * s, _LOG2) * s + e


@kernel
def sincosf(x: Float) -> tuple[np.float32, np.float32]:
    """Return sin x and cos x as `exact.sincos` does, pi / 2 in four parts.

    |x| <= 8000; beyond, the result loses its meaning. Error at most 1.9 ulp, near zeros too.
    """
    x = np.float32(x)
    shifted = x * _TWO_OVER_PI + _ROUND
    n = shifted - _ROUND
    y = (((x - n * _HALF_PI_1) - n * _HALF_PI_2) - n * _HALF_PI_3) - n * _HALF_PI_4
    z = y * y
    s = horner(z, _SIN) * z * y + y
    c = _ONE - (_HALF * z - horner(z, _COS) * z * z)
    return _quadrant(s, c, int32_bits(shifted))


@kernel
def _quadrant(s: np.float32, c: np.float32, n: np.int32) -> tuple[np.float32, np.float32]:
    """Return sine and cosine of y + n pi / 2 from those of y."""
    odd = n & _ONE_BIT
    sine = c if odd else s
    cosine = s if odd else c
    return _flip(sine, n), _flip(cosine, np.int32(n + _ONE_BIT))


@kernel
def _flip(value: np.float32, quadrant: np.int32) -> np.float32:
    """Return the value, with its sign changed if bit 1 of the quadrant is set."""
    sign = np.int32(np.int32(quadrant >> _ONE_BIT) << _SIGN)
    return float32_from_bits(np.int32(int32_bits(value) ^ sign))


@kernel
def arctanf(x: Float) -> np.float32:
    """Return arctan x of a float32 that is not negative. Error at most 2.5 ulp."""
    far = x > _ONE
    y = _ONE / x if far else x
    tilted = y > _TAN_PI_8
    y = (y - _ONE) / (y + _ONE) if tilted else y
    z = y * y
    angle = horner(z, _ARCTAN) * z * y + y + (_QUARTER_PI if tilted else _ZERO)
    return _HALF_PI - angle if far else angle
