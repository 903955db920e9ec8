"""Elementary functions in float64 that give the same bits on every CPU.

Each is made of + - * / and integer operations only, which IEEE 754 defines to the last bit; the
functions of libm and NumPy differ between CPUs and versions. Called in a loop over an array they
vectorise. Their float32 counterparts are in `float32.py`.

Coefficients: near-minimax fits by weighted least squares in 40-digit arithmetic, rounded one after
the other, lowest power first, while the remaining ones were fitted again.
"""

from deepbench_hf.exact.kernel import float64_from_bits, horner, int64_bits, kernel

# Adding 1.5 * 2^52 rounds to the nearest integer and leaves that integer in the low bits.
_ROUND = 6755399441055744.0
_ROUND_BITS = 0x4338000000000000
_MANTISSA = 52

_LOG2_E = 1.4426950408889634
# ln 2 in two parts, the first short enough that its product with an exponent is exact.
_LN2_HIGH = float.fromhex("0x1.62e42fefa3800p-1")
_LN2_LOW = float.fromhex("0x1.ef35793c76730p-45")
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD

_TWO_OVER_PI = 0.6366197723675814
# pi / 2 in three parts; products of the first two with an integer below 2^20 are exact.
_HALF_PI_HIGH = float.fromhex("0x1.921fb54400000p+0")
_HALF_PI_MIDDLE = float.fromhex("0x1.0b4611a600000p-34")
_HALF_PI_LOW = float.fromhex("0x1.3198a2e037073p-69")
_PI = 3.141592653589793
_HALF_PI = 1.5707963267948966
_QUARTER_PI = 0.7853981633974483
_DEGREE = 0.017453292519943295
_TAN_PI_8 = 0.41421356237309503

# fmt: off
# (e^f - 1 - f) / f^2 for |f| <= ln(2) / 2.
_EXP = (
    0.5000000000000011, 0.16666666666666444, 0.04166666666652706, 0.008333333333475914,
    0.0013888888944307409, 0.0001984126954463907, 2.4801492490609158e-05, 2.755755376217011e-06,
    2.7630441538244573e-07, 2.501004572225686e-08,
)
# (2^f - 1) / f for |f| <= 1/2.
_EXP2 = (
    0.6931471805599453, 0.2402265069591007, 0.05550410866482338, 0.00961812910762978,
    0.0013333558146025565, 0.00015403530390643584, 1.5252734182933221e-05, 1.3215489217663379e-06,
    1.0177922439019337e-07, 7.0539516869779e-09, 4.4751996875222694e-10, 2.708998203547413e-11,
)
# (2 artanh(s) - 2 s) / s^3 in s^2, for s = f / (2 + f), 1 + f between sqrt(1/2) and sqrt(2).
_LOG = (
    0.6666666666666734, 0.3999999999941691, 0.2857142874194826, 0.22222198613790145,
    0.1818356240884227, 0.15314095330994665, 0.14795539743523264,
)
# (sin y - y) / y^3 and (cos y - 1 + y^2 / 2) / y^4 in y^2, for |y| <= pi / 4.
_SIN = (
    -0.1666666666666663, 0.008333333333321917, -0.00019841269829457014, 2.7557313581815727e-06,
    -2.5050742265647867e-08, 1.5895941358999472e-10,
)
_COS = (
    0.041666666666666595, -0.0013888888888873348, 2.4801587289007615e-05, -2.755731421873267e-07,
    2.087570561790805e-09, -1.135875976919258e-11,
)
# (arctan q - q) / q^3 in q^2, for |q| <= tan(pi / 8).
_ARCTAN = (
    -0.3333333333333319, 0.19999999999952353, -0.14285714280083806, 0.11111110778255333,
    -0.09090897617846883, 0.0769205786926546, -0.06663078751481208, 0.05847713773040236,
    -0.05038547481484593, 0.03804608370660544, -0.0178877263197439,
)
# fmt: on


@kernel
def exp2(x: float) -> float:
    """Return 2^x: 2^n by the exponent bits, 2^f by a polynomial, x = n + f with |f| <= 1/2.

    Any x: below -1022 the result is 2^-1022, above 1023 it is 2^1023. Error at most 1.1 ulp.
    Integers give exact powers of two.
    """
    x = x if x > -1022.0 else -1022.0
    x = x if x < 1023.0 else 1023.0
    shifted = x + _ROUND
    f = x - (shifted - _ROUND)
    return _scale(horner(f, _EXP2) * f + 1.0, shifted)


@kernel
def exp(x: float) -> float:
    """Return e^x: e^x = 2^n e^f with n the integer nearest to x / ln 2 and f = x - n ln 2.

    Any x: below -708 the result is e^-708, above 709 it is e^709. Error at most 0.95 ulp.
    """
    x = x if x > -708.0 else -708.0
    x = x if x < 709.0 else 709.0
    shifted = x * _LOG2_E + _ROUND
    n = shifted - _ROUND
    f = (x - n * _LN2_HIGH) - n * _LN2_LOW
    return _scale(horner(f, _EXP) * f * f + f + 1.0, shifted)


@kernel
def _scale(p: float, shifted: float) -> float:
    """Return p 2^n, n being the integer in the low bits of `shifted`."""
    return float64_from_bits(int64_bits(p) + (int64_bits(shifted) << _MANTISSA))


@kernel
def _split(x: float) -> tuple[float, float]:
    """Return f and e with x = (1 + f) 2^e and 1 + f between sqrt(1/2) and sqrt(2)."""
    bits = int64_bits(x)
    exponent = (bits - _SQRT_HALF_BITS) >> _MANTISSA
    f = float64_from_bits(bits - (exponent << _MANTISSA)) - 1.0
    # The rounding trick backwards: CPUs before AVX-512 cannot convert int64 in a vector.
    return f, float64_from_bits(exponent + _ROUND_BITS) - _ROUND


@kernel
def _log_tail(f: float, half_square: float) -> float:
    """Return ln(1 + f) - f + f^2 / 2, with `half_square` = f^2 / 2."""
    s = f / (f + 2.0)
    z = s * s
    return s * (half_square + z * horner(z, _LOG))


@kernel
def log(x: float) -> float:
    """Return ln x = e ln 2 + f - f^2 / 2 + s (f^2 / 2 + R(s^2)), x = (1 + f) 2^e, s = f / (2 + f).

    Positive normal x; zero is taken as 2^-1023. Error at most 0.85 ulp.

    Source: the scheme of fdlibm's e_log.c (Sun Microsystems, 1993).
    """
    f, e = _split(x)
    half_square = 0.5 * f * f
    tail = _log_tail(f, half_square) + e * _LN2_LOW
    return e * _LN2_HIGH - ((half_square - tail) - f)


@kernel
def log2(x: float) -> float:
    """Return the logarithm of x to base 2: e + ln(1 + f) / ln 2, with x = (1 + f) 2^e.

    Positive normal x; zero is taken as 2^-1023. Error at most 1.7 ulp; powers of two are exact.
    """
    f, e = _split(x)
    half_square = 0.5 * f * f
    return e + (f - (half_square - _log_tail(f, half_square))) * _LOG2_E


@kernel(inline=True)
def power(x: float, y: float) -> float:
    """Return x^y = 2^(y log2 x).

    Positive normal x; zero is taken as 2^-1023. The relative error grows with the exponent of the
    result: 1e-16 (2 + 2 |y log2 x|).
    """
    return exp2(y * log2(x))


@kernel
def sincos(x: float) -> tuple[float, float]:
    """Return sin x and cos x: x = n pi / 2 + y, polynomials for |y| <= pi / 4, then the quadrant n.

    |x| <= 1e6; beyond, the result loses its meaning. Error at most 1.1 ulp for |x| <= 1e3 and
    1.9 ulp for |x| <= 1e6, near zeros too: pi / 2 is subtracted in three parts, and what the second
    subtraction rounds away is kept.

    Source: Cody and Waite, Software Manual for the Elementary Functions (1980), chapter 8.
    """
    shifted = x * _TWO_OVER_PI + _ROUND
    n = shifted - _ROUND
    coarse = x - n * _HALF_PI_HIGH
    fine = n * _HALF_PI_MIDDLE
    y = coarse - fine
    lost = ((coarse - y) - fine) - n * _HALF_PI_LOW
    z = y * y
    half = 0.5 * z
    s = y + (horner(z, _SIN) * z * y + (lost - lost * half))
    c = 1.0 - (half - (horner(z, _COS) * z * z - y * lost))
    return _turn(s, c, int64_bits(shifted))


@kernel
def _turn(s: float, c: float, quadrant: int) -> tuple[float, float]:
    """Return sine and cosine of an angle that is some quadrants further."""
    sine, cosine = (c, s) if quadrant & 1 else (s, c)
    return _flip(sine, quadrant), _flip(cosine, quadrant + 1)


@kernel
def _flip(value: float, quadrant: int) -> float:
    """Return the value, with its sign changed if bit 1 of the quadrant is set."""
    return float64_from_bits(int64_bits(value) ^ ((quadrant >> 1) << 63))


@kernel
def sin(x: float) -> float:
    """Return sin x, |x| <= 1e6, error at most 1.9 ulp; see `sincos`."""
    return sincos(x)[0]


@kernel
def cos(x: float) -> float:
    """Return cos x, |x| <= 1e6, error at most 1.9 ulp; see `sincos`."""
    return sincos(x)[1]


@kernel
def sincosd(x: float) -> tuple[float, float]:
    """Return sine and cosine of x degrees: x = 90 n + y, where |y| <= 45 is exact.

    |x| <= 1e6. Error at most 2.6 ulp, near zeros too; whole multiples of 90 degrees are exact.
    """
    shifted = x / 90.0 + _ROUND
    s, c = sincos((x - 90.0 * (shifted - _ROUND)) * _DEGREE)
    return _turn(s, c, int64_bits(shifted))


@kernel
def atan2(y: float, x: float) -> float:
    """Return the angle of the point (x, y) in [-pi, pi], from the arctan of an eighth of a circle.

    Any x and y whose quotient is neither denormal nor overflowing; (0, 0) gives 0, and the sign of
    x = -0.0 is ignored. Error at most 1.9 ulp.
    """
    across, up = abs(x), abs(y)
    long = across if across > up else up
    short = up if across > up else across
    far = short > long * _TAN_PI_8
    top = short - long if far else short
    bottom = long + short if far else long
    q = top / (bottom if bottom > 0.0 else 1.0)
    z = q * q
    angle = horner(z, _ARCTAN) * z * q + q
    angle = angle + _QUARTER_PI if far else angle
    angle = _HALF_PI - angle if up > across else angle
    angle = _PI - angle if x < 0.0 else angle
    return float64_from_bits(int64_bits(angle) | ((int64_bits(y) >> 63) << 63))
