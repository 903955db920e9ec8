"""The mutual information of a pair, in nats, by closed forms."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, Int64s, kernel
from deepbench_hf.simulators.pairs.labels import DISCRETE, FIRST_MIXTURE, GAMMA, GAUSSIAN, WEINMAN
from deepbench_hf.simulators.pairs.mixtures import MIXTURES

_KNOWN = np.array([mixture.information for mixture in MIXTURES.values()])
_PSI_2 = 0.42278433509846713
"""Of 2: 1 less Euler's constant."""
_LN_2 = 0.6931471805599453

# B_2k / (2k) of the asymptotic series in x^-2.
_SERIES = (*(1 / 12, -1 / 120, 1 / 252, -1 / 240), *(1 / 132, -691 / 32760, 1 / 12))


@kernel(allocates=True)
def information(label: Int64s, own: Array) -> Array:
    """Return I = E[ln(p(x, y) / (p(x) p(y)))] of n distributions; ``own`` is their parameter, (n,).

        gaussian            -ln(1 - rho^2) / 2
        gamma_exponential   psi(a + 1) - ln a
        ordered_weinman     ln(1 - s) + s - psi(2) + psi(1 + 1 / (1 - s)) + max(ln r, 0),
                            r = 1 / (2 g), s = min(r, 1 / r); 1 - psi(2) for r = 1
        discrete_continuous ln m - (m - 1) / m ln 2

    Source: G. A. Darbellay and I. Vajda, Entropy expressions for multivariate continuous
    distributions, IEEE Transactions on Information Theory 46 (2000) 709; W. Gao, S. Kannan, S. Oh
    and P. Viswanath, Estimating mutual information for discrete-continuous mixtures (2017).
    """
    found = np.zeros(own.size)
    for i in range(own.size):
        value = own[i]
        if label[i] == GAUSSIAN:
            found[i] = 0.5 * exact.log(1.0 / ((1.0 - value) * (1.0 + value)))
        elif label[i] == GAMMA:
            found[i] = digamma(value + 1.0) - exact.log(value)
        elif label[i] == WEINMAN:
            found[i] = _weinman(0.5 / value)
        elif label[i] == DISCRETE:
            found[i] = exact.log(value) - (value - 1.0) / value * _LN_2
        elif label[i] >= FIRST_MIXTURE:
            found[i] = _KNOWN[label[i] - FIRST_MIXTURE]
    return found


@kernel
def _weinman(ratio: float) -> float:
    """Return the information of x and y = x + a gap; the ratio is mean of x over mean gap."""
    small = ratio if ratio < 1.0 else 1.0 / ratio
    above = exact.log(ratio) if ratio > 1.0 else 0.0
    if small == 1.0:
        return 1.0 - _PSI_2
    rest = 1.0 - small
    return exact.log(rest) + small - _PSI_2 + digamma(1.0 + 1.0 / rest) + above


@kernel
def digamma(x: float) -> float:
    """Return psi(x) = d ln Gamma / dx: its asymptotic series at x + 8 or more, less the steps.

    x above 0. Absolute error at most 4e-15 (1 + ln x) from 0.25 on.

    Source: DLMF 5.5.2 and 5.11.2.
    """
    steps = 0.0
    while x < 9.0:
        steps += 1.0 / x
        x += 1.0
    square = 1.0 / (x * x)
    return exact.log(x) - 0.5 / x - square * exact.horner(square, _SERIES) - steps
