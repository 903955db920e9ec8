"""Quantile functions that need more than + - * /, from exact operations."""

from functools import lru_cache

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel


@kernel(allocates=True)
def log_uniform(u, low, high):
    """Low (high / low)^u: quantiles ``(n,)`` of the log-uniform distribution on [low, high]."""
    out = np.empty_like(u)
    base, span = exact.log(low), exact.log(high) - exact.log(low)
    for i in range(u.size):
        out[i] = exact.exp(base + span * u[i])
    return out


@kernel(allocates=True)
def exponential(x):
    """exp(x) for ``(n,)`` values, cut at +-700."""
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = exact.exp(min(max(x[i], -700.0), 700.0))
    return out


@kernel(allocates=True)
def logarithm(x):
    """Ln x for ``(n,)`` values above zero."""
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = exact.log(x[i])
    return out


@kernel(allocates=True)
def waits(u):
    """-ln(1 - u): quantiles ``(n,)`` of the exponential distribution with the mean 1."""
    out = np.empty_like(u)
    for i in range(u.size):
        out[i] = 0.0 - exact.log(1.0 - u[i])
    return out


def normal(p: Array) -> Array:
    """Standard normal quantiles ``(n,)`` of probabilities ``(n,)`` in [0, 1], cut at 8.3 sigma.

    Relative error below 2e-15 (tested against SciPy).
    Source: M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution",
    Applied Statistics 37 (1988), PPND16.
    """
    return _normal(np.ascontiguousarray(p, dtype=np.float64))


@lru_cache(4096)  # every block of rows asks for the same ends of its priors
def normal_cdf(z: float) -> float:
    """Probability below ``z``, the inverse of `normal` by bisection (no libm: the same bits)."""
    low, high = 0.0, 1.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        below = float(normal(np.array([middle]))[0]) < z
        low, high = (middle, high) if below else (low, middle)
    return 0.5 * (low + high)


@kernel(allocates=True)
def _normal(p):
    out = np.empty_like(p)
    for i in range(p.size):
        q = p[i] - 0.5
        if abs(q) <= 0.425:
            r = 0.180625 - q * q
            out[i] = q * exact.horner(r, _A) / exact.horner(r, _B)
        else:
            tail = p[i] if q < 0.0 else 1.0 - p[i]
            r = np.sqrt(-exact.log(tail if tail > 5.0e-17 else 5.0e-17))
            if r <= 5.0:
                z = exact.horner(r - 1.6, _C) / exact.horner(r - 1.6, _D)
            else:
                z = exact.horner(r - 5.0, _E) / exact.horner(r - 5.0, _F)
            out[i] = -z if q < 0.0 else z
    return out


# Coefficients of PPND16, highest power first.
_A = (
    2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
    4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
    1.3314166789178437745e2, 3.3871328727963666080e0,
)[::-1]  # fmt: skip
_B = (
    5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
    2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
    4.2313330701600911252e1, 1.0,
)[::-1]  # fmt: skip
_C = (
    7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
    1.27045825245236838258e0, 3.64784832476320460504e0, 5.76949722146069140550e0,
    4.63033784615654529590e0, 1.42343711074968357734e0,
)[::-1]  # fmt: skip
_D = (
    1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
    1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940e0,
    2.05319162663775882187e0, 1.0,
)[::-1]  # fmt: skip
_E = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
    2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580e0,
    5.46378491116411436990e0, 6.65790464350110377720e0,
)[::-1]  # fmt: skip
_F = (
    2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
    7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
    5.99832206555887937690e-1, 1.0,
)[::-1]  # fmt: skip
