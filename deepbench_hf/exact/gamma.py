"""The regularised incomplete gamma function, from exact operations."""

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

_TERMS = 400


@kernel
def gamma_p(a: float, x: float) -> float:
    """P(a, x) = int_0^x t^(a - 1) e^-t dt / Gamma(a), for a > 0 and x >= 0.

    By its series below x = a + 1, by Lentz's continued fraction of 1 - P above. Error 1e-13.

    Source: NIST Digital Library of Mathematical Functions, 8.7.1 and 8.9.2.
    """
    if x <= 0.0:
        return 0.0
    scale = exact.exp(a * exact.log(x) - x - exact.log_gamma(a))
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
