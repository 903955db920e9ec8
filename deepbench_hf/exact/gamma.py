"""The logarithm of the Gamma function, and its incomplete form, from exact operations."""

from deepbench_hf.exact.float64 import exp, log
from deepbench_hf.exact.kernel import horner, kernel

_TERMS = 400
# Bernoulli's numbers B_2k / (2k (2k - 1)) of Stirling's series in x^-2.
_STIRLING = (
    *(0.08333333333333333, -0.002777777777777778, 0.0007936507936507937),
    *(-0.0005952380952380953, 0.0008417508417508417, -0.0019175269175269176),
)
_HALF_LOG_TWO_PI = 0.9189385332046728


@kernel
def log_gamma(x: float) -> float:
    """Return ln Gamma(x) by Stirling's series at x + 8, divided by x (x + 1) ... (x + 7).

    0.01 <= x <= 1e6. Absolute error at most 1e-14 (1 + |ln Gamma(x)| + x).

    Source: DLMF 5.5.1 and 5.11.1.
    """
    product = x
    for k in range(1, 8):
        product *= x + k
    y = x + 8.0
    series = horner(1.0 / (y * y), _STIRLING) / y
    return ((y - 0.5) * log(y) - y + _HALF_LOG_TWO_PI) + (series - log(product))


@kernel
def gamma_p(a: float, x: float) -> float:
    """P(a, x) = int_0^x t^(a - 1) e^-t dt / Gamma(a), for 0.01 <= a <= 400 and x >= 0.

    By its series below x = a + 1, by Lentz's continued fraction of 1 - P above. Error 2e-13.

    Source: NIST Digital Library of Mathematical Functions, 8.7.1 and 8.9.2.
    """
    if x <= 0.0:
        return 0.0
    scale = exp(a * log(x) - x - log_gamma(a))
    if x < a + 1.0:
        term, total = 1.0 / a, 1.0 / a
        for k in range(1, _TERMS):
            term *= x / (a + k)
            total += term
            if term < 1e-17 * total:
                break
        return scale * total
    tiny = 1e-300
    b = x + 1.0 - a
    c, d = 1.0 / tiny, 1.0 / b
    ratio = d
    for k in range(1, _TERMS):
        step = -k * (k - a)
        b += 2.0
        d = 1.0 / (step * d + b if abs(step * d + b) > tiny else tiny)
        c = b + step / c if abs(b + step / c) > tiny else tiny
        ratio *= c * d
        if abs(c * d - 1.0) < 1e-16:
            break
    return 1.0 - scale * ratio
