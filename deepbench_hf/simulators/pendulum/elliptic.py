"""Elliptic integrals and the nome, in operations that round alike on every machine.

Sources: NIST Digital Library of Mathematical Functions (DLMF), sections 19.8 (arithmetic-geometric
mean), 19.25 and 19.36 (Carlson's forms), 20.9 and 22.2 (nome); B. C. Carlson, Numerical
computation of real or complex elliptic integrals, Numerical Algorithms 10 (1995), 13-26.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

QUARTER_PI2 = 2.4674011002723395  # pi^2 / 4


@kernel
def agm(a: float, b: float) -> float:
    """Arithmetic-geometric mean M of two positive numbers, to 1e-15; K(k) = pi / (2 M(1, k')).

    Source: DLMF 19.8.1 to 19.8.5. The last step is the plain mean: at a relative distance d of
    a and b it is off by d^2 / 16.
    """
    while abs(a - b) > 1e-8 * a:
        a, b = 0.5 * (a + b), np.sqrt(a * b)
    return 0.5 * (a + b)


@kernel
def carlson_rf(x: float, y: float, z: float) -> float:
    """Carlson's R_F(x, y, z) = 1/2 int_0^inf dt / sqrt((t + x)(t + y)(t + z)), to 2e-15.

    Of numbers not below zero, at most one of them zero.

    Source: duplication theorem, DLMF 19.26.18, until the arguments agree to 0.8 %; then the Taylor
    series of DLMF 19.36.1 with all terms of degree below eight.
    """
    mean = (x + y + z) / 3.0
    while max(abs(mean - x), abs(mean - y), abs(mean - z)) > 0.008 * mean:
        step = np.sqrt(x) * np.sqrt(y) + np.sqrt(z) * (np.sqrt(x) + np.sqrt(y))
        x, y, z = 0.25 * (x + step), 0.25 * (y + step), 0.25 * (z + step)
        mean = (x + y + z) / 3.0
    u, v = 1.0 - x / mean, 1.0 - y / mean
    w = -(u + v)
    e2, e3 = u * v - w * w, u * v * w
    series = 1.0 - e2 / 10.0 + e3 / 14.0 + e2 * e2 / 24.0 - 3.0 * e2 * e3 / 44.0
    series += 3.0 * e3 * e3 / 104.0 - 5.0 * e2 * e2 * e2 / 208.0 + e2 * e2 * e3 / 16.0
    return series / np.sqrt(mean)


@kernel
def incomplete_f(sine: float, cosine: float, delta: float) -> float:
    """Legendre's F(phi | m) = sin(phi) R_F(cos(phi)^2, 1 - m sin(phi)^2, 1), |phi| <= pi/2.

    To 2e-15. The caller gives delta = sqrt(1 - m sin(phi)^2), as it often knows it without
    cancellation; it is positive where the cosine is zero.

    Source: DLMF 19.25.5.
    """
    return sine * carlson_rf(cosine * cosine, delta * delta, 1.0)


@kernel
def root_nome(k: float, k1: float) -> float:
    """Square root of the nome, q = exp(-pi K(k') / K(k)), to 4e-15 down to the smallest moduli.

    Of the modulus k and the complementary one k' = sqrt(1 - k^2), both above zero.

    Source: DLMF 20.9 with e = (1 - sqrt(k')) / (2 (1 + sqrt(k'))) for k <= k', where e < 0.044;
    beyond, ln(q) ln(q') = pi^2 (DLMF 22.2.1).
    """
    if k <= k1:
        return _small_root_nome(k, k1)
    return exact.exp(QUARTER_PI2 / exact.log(_small_root_nome(k1, k)))


@kernel
def _small_root_nome(k: float, k1: float) -> float:
    """sqrt(e + 2 e^5 + 15 e^9 + 150 e^13), k <= k1; sqrt(e) is written without cancellation."""
    root = k / ((1.0 + np.sqrt(k1)) * np.sqrt(2.0 * (1.0 + k1)))
    e4 = root * root * root * root
    e4 *= e4
    return root * np.sqrt(1.0 + e4 * (2.0 + e4 * (15.0 + e4 * 150.0)))
