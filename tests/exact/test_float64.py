"""Elementary functions: as close to the truth as they say, in a vector as well as alone."""

import inspect

import mpmath
import numpy as np
import pytest

from deepbench_hf import exact
from deepbench_hf.exact import float32
from deepbench_hf.exact.kernel import kernel

N = 2000
F32 = np.float32
LN2 = float(np.log(2.0))


def spread(low, high, kind=np.float64):
    """Random numbers of a fixed seed, uniform in a range."""
    return np.random.default_rng(7).uniform(low, high, N).astype(kind)


def scales(octaves, kind=np.float64):
    """Positive numbers over many powers of two."""
    return np.exp2(spread(-octaves, octaves)).astype(kind)


def around(centres, kind=np.float64):
    """The floats nearest to the centres and their two neighbours."""
    nearest = np.array([float(c) for c in centres]).astype(kind)
    up, down = kind(np.inf), kind(-np.inf)
    return np.concatenate([nearest, np.nextafter(nearest, up), np.nextafter(nearest, down)])


def quarter_turns(limit, kind=np.float64):
    """Floats around multiples of pi / 2 up to a limit, where sine or cosine almost vanishes."""
    count = int(limit / 1.5708)
    chosen = np.unique(np.random.default_rng(8).integers(1, count, N))
    return around([int(n) * mpmath.pi / 2 for n in chosen], kind)


def half_steps(count, kind=np.float64):
    """Floats around (n + 1/2) ln 2, where the reduction of exp is at its worst."""
    return around([(n + 0.5) * LN2 for n in range(-count, count)], kind)


def sine(x):
    return float32.sincosf(x)[0]


def cosine(x):
    return float32.sincosf(x)[1]


def sine_of_degrees(x):
    return exact.sincosd(x)[0]


def cosine_of_degrees(x):
    return exact.sincosd(x)[1]


def true_sine_of_degrees(x):
    return mpmath.sin(mpmath.radians(x))


def true_cosine_of_degrees(x):
    return mpmath.cos(mpmath.radians(x))


def two_to(x):
    return mpmath.mpf(2) ** x


def log_2(x):
    return mpmath.log(x, 2)


NEAR_ONE = np.concatenate([1.0 + spread(-1e-3, 1e-3), around([1.0]), around([0.5**0.5, 2**0.5])])
RIGHT_ANGLES = np.concatenate([90.0 * np.arange(-9, 9) + shift for shift in (1e-9, -1e-4, 0.1)])
ACCURACY = {
    "exp": (exact.exp, mpmath.exp, 0.96, [spread(-700, 700), spread(-1, 1), half_steps(900)]),
    "exp2": (exact.exp2, two_to, 1.1, [spread(-1022, 1023), spread(-1, 1)]),
    "log": (exact.log, mpmath.log, 0.86, [scales(1022), spread(0.5, 2), NEAR_ONE]),
    "log2": (exact.log2, log_2, 1.7, [scales(1022), spread(0.5, 2), NEAR_ONE]),
    "sin": (exact.sin, mpmath.sin, 1.9, [spread(-1e6, 1e6), quarter_turns(1e6)]),
    "cos": (exact.cos, mpmath.cos, 1.9, [spread(-1e6, 1e6), quarter_turns(1e6)]),
    "sin_small": (exact.sin, mpmath.sin, 1.1, [spread(-10, 10), quarter_turns(1e3)]),
    "cos_small": (exact.cos, mpmath.cos, 1.1, [spread(-10, 10), quarter_turns(1e3)]),
    "sind": (sine_of_degrees, true_sine_of_degrees, 2.6, [spread(-720, 720), spread(-1e6, 1e6)]),
    "cosd": (cosine_of_degrees, true_cosine_of_degrees, 2.6, [spread(-720, 720), RIGHT_ANGLES]),
    "expf": (float32.expf, mpmath.exp, 1.0, [spread(-87, 88, F32), half_steps(120, F32)]),
    "exp2f": (float32.exp2f, two_to, 1.3, [spread(-126, 127, F32), spread(-1, 1, F32)]),
    "log2f": (float32.log2f, log_2, 3.1, [scales(126, F32), NEAR_ONE.astype(F32)]),
    "sinf": (sine, mpmath.sin, 1.9, [spread(-8e3, 8e3, F32), quarter_turns(8e3, F32)]),
    "cosf": (cosine, mpmath.cos, 1.9, [spread(-8e3, 8e3, F32), quarter_turns(8e3, F32)]),
    "arctanf": (float32.arctanf, mpmath.atan, 2.5, [scales(40, F32), spread(0, 3, F32)]),
}


def ulps(values, truths, kind):
    """Errors in units of the last place of the true values, which are mpmath numbers."""
    near = np.array([float(t) for t in truths])
    rest = np.array([float(t - n) for t, n in zip(truths, near, strict=True)])
    spacing = np.spacing(np.abs(near).astype(kind)).astype(float)
    return np.abs((np.asarray(values, float) - near) - rest) / spacing


@pytest.mark.parametrize("name", ACCURACY)
def test_errors_stay_within_the_stated_ulps(name):
    function, truth, limit, points = ACCURACY[name]
    x = np.concatenate(points)
    with mpmath.workdps(40):
        truths = [truth(mpmath.mpf(float(v))) for v in x]
        kept = [i for i, t in enumerate(truths) if t != 0]
        errors = ulps([function(x[i]) for i in kept], [truths[i] for i in kept], x.dtype)
    assert errors.max() <= limit


def test_an_angle_stays_within_its_stated_ulps():
    y = np.concatenate([spread(-1, 1), scales(40), -scales(40)])
    x = np.random.default_rng(9).permutation(y)
    with mpmath.workdps(40):
        truths = [mpmath.atan2(mpmath.mpf(a), mpmath.mpf(b)) for a, b in zip(y, x, strict=True)]
        errors = ulps([exact.atan2(a, b) for a, b in zip(y, x, strict=True)], truths, float)
    assert errors.max() <= 1.9


def test_a_power_stays_within_its_stated_relative_error():
    x, y = scales(10), np.random.default_rng(9).uniform(-8, 8, N)
    exponent = np.abs(y * np.log2(x))
    with mpmath.workdps(40):
        truths = [mpmath.mpf(float(a)) ** mpmath.mpf(float(b)) for a, b in zip(x, y, strict=True)]
        values = [exact.power(a, b) for a, b in zip(x, y, strict=True)]
        errors = [abs(float(v / t - 1)) for v, t in zip(values, truths, strict=True)]
    assert np.all(errors <= 1e-16 * (2 + 2 * exponent))


def test_the_error_function_stays_within_its_stated_error():
    x = np.concatenate([spread(-8, 8, F32), spread(-0.1, 0.1, F32), scales(60, F32)])
    truths = [float(mpmath.erf(mpmath.mpf(float(v)))) for v in x]
    assert np.max(np.abs([float32.erff(v) - t for v, t in zip(x, truths, strict=True)])) < 6e-7


def test_the_logarithm_of_gamma_stays_within_its_stated_error():
    x = np.concatenate([spread(0.01, 25), np.geomspace(0.01, 1e6, 200)])
    truths = np.array([float(mpmath.loggamma(mpmath.mpf(v))) for v in x])
    errors = np.abs([exact.log_gamma(v) - t for v, t in zip(x, truths, strict=True)])
    assert np.all(errors <= 1e-14 * (1 + np.abs(truths) + x))


def test_an_error_of_two_ulps_is_found():
    x = spread(1, 700)
    with mpmath.workdps(40):
        truths = [mpmath.exp(mpmath.mpf(v)) for v in x]
        errors = ulps([exact.exp(v) * (1 + 2.0**-51) for v in x], truths, float)
    assert errors.max() > 1.5


FUNCTIONS = {
    **{name: (getattr(exact, name), float) for name in exact.__all__ if name != "horner"},
    **{name: (one, F32) for name, one in vars(float32).items() if name.endswith("f")},
}


def in_a_loop(function, count):
    """A kernel that applies a scalar function to whole arrays; sums pairs so that all is used."""
    pair = "sincos" in function.__name__

    @kernel
    def loop(x, y, out):
        for i in range(x.size):
            if count == 2:
                out[i] = function(x[i], y[i])
            elif pair:
                s, c = function(x[i])
                out[i] = s + c
            else:
                out[i] = function(x[i])

    return loop


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_vector_gives_the_bits_of_each_value_alone(name):
    function, kind = FUNCTIONS[name]
    x, y = spread(0.1, 50, kind), spread(-3, 3, kind)
    count = len(inspect.signature(function.py_func).parameters)
    out = np.empty_like(x)
    in_a_loop(function, count)(x, y, out)
    alone = [function(a, b) if count == 2 else function(a) for a, b in zip(x, y, strict=True)]
    alone = [kind(v[0] + v[1]) if isinstance(v, tuple) else v for v in alone]
    assert out.tobytes() == np.array(alone, kind).tobytes()


def test_a_sine_alone_has_the_bits_of_the_pair():
    for x in spread(-100, 100)[:200]:
        assert exact.sincos(x) == (exact.sin(x), exact.cos(x))


def test_powers_of_two_are_exact():
    for n in range(-1022, 1024):
        assert exact.exp2(float(n)) == 2.0**n
        assert exact.log2(2.0**n) == n
    for n in range(-126, 128):
        assert float32.exp2f(F32(n)) == F32(2.0**n)
        assert float32.log2f(F32(2.0**n)) == n


def test_special_values_are_exact():
    assert exact.exp(0.0) == float32.expf(0.0) == 1.0
    assert exact.log(1.0) == 0.0
    assert exact.sincos(0.0) == float32.sincosf(0.0) == (0.0, 1.0)
    assert exact.power(3.0, 0.0) == 1.0


def test_right_angles_in_degrees_are_exact():
    for turn in (-720.0, -360.0, 0.0, 360.0, 7200.0):
        assert exact.sincosd(turn) == (0.0, 1.0)
        assert exact.sincosd(turn + 90.0) == (1.0, 0.0)
        assert exact.sincosd(turn + 180.0) == (0.0, -1.0)
        assert exact.sincosd(turn + 270.0) == (-1.0, 0.0)


def test_angles_of_the_axes_are_exact():
    assert exact.atan2(0.0, 0.0) == exact.atan2(0.0, 1.0) == 0.0
    assert exact.atan2(1.0, 0.0) == -exact.atan2(-1.0, 0.0) == np.pi / 2
    assert exact.atan2(0.0, -1.0) == -exact.atan2(-0.0, -1.0) == np.pi


@pytest.mark.parametrize("function", [exact.exp, exact.exp2, float32.expf, float32.exp2f])
def test_an_exponential_is_a_normal_number_for_every_argument(function):
    # exp2f has no upper clamp: it is for x below 128.
    large = (127.4,) if function is float32.exp2f else (800.0, 1e300, np.inf)
    for x in (-np.inf, -1e300, -800.0, *large):
        value = function(x)
        smallest = 2.0**-1022 if function in (exact.exp, exact.exp2) else 2.0**-126
        assert smallest <= value < np.inf
