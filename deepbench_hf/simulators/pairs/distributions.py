"""The distributions of a pair: their classes and parameters, and their mutual information, in nats.

Source of the mixtures: D. Piras, H. V. Peiris, A. Pontzen, L. Lucie-Smith, N. Guo and B. Nord, A
robust estimator of mutual information for deep learning interpretability, Machine Learning: Science
and Technology 4 (2023) 025006, doi:10.1088/2632-2153/acc444: the synthetic models D1, D3, D5, D3',
D5' and D3 with rho != 0 in ``gmm_mi/data/synthetic_data.py`` of https://github.com/dpiras/GMM-MI.
The information published there, but for D1, is a sum of 1e8 random draws, and so agrees to four
digits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import LN_2
from deepbench_hf.exact.kernel import Array, Int64s, kernel

Pair = tuple[float, float]
Covariance = tuple[float, float, float]


@dataclass(frozen=True)
class Mixture:
    """A mixture of Gaussians in the plane.

    Args:
        weights: chance of each component; they add up to 1.
        means: of x and y.
        covariances: variance of x, covariance, variance of y.
        information: mutual information of x and y, in nats: the integral of
            p ln(p / (p_x p_y)) by the trapezoidal rule, which converges exponentially here; steps
            of 0.04, 0.02 and 0.01 agree to 1e-15.
    """

    weights: tuple[float, ...]
    means: tuple[Pair, ...]
    covariances: tuple[Covariance, ...]
    information: float

    def table(self) -> NDArray[np.float64]:
        """By component: chance of it or one before, mean, and the root (a, b, c) of the covariance.

        x = mean_x + a z1, y = mean_y + b z1 + c z2 with independent normal z1 and z2.
        """
        rows, below = [], 0.0
        for weight, mean, (xx, xy, yy) in zip(
            self.weights, self.means, self.covariances, strict=True
        ):
            below += weight
            root = np.sqrt(xx), xy / np.sqrt(xx), np.sqrt(yy - xy * xy / xx)
            rows.append((below, *mean, *root))
        return np.array(rows)


_THREE, _FIVE = (0.3, 0.45, 0.25), (0.2, 0.35, 0.15, 0.12, 0.18)
_WIDE, _ROUND, _NARROW = (1, 0, 0.1), (0.5, 0.2, 0.5), (0.1, 0.05, 0.1)
_TILTED, _SMALL = (0.5, -0.1, 0.9), (0.2, -0.05, 0.1)
MIXTURES = {
    "mixture_d1": Mixture((1.0,), ((-1, 1),), (_ROUND,), 0.0871766935723927),
    "mixture_d3": Mixture(
        _THREE, ((-1, 1), (0, 2), (-1.5, 2)), (_WIDE, _ROUND, _NARROW), 0.1323869636148025
    ),
    "mixture_d5": Mixture(
        _FIVE,
        ((-1, 1), (0, 2), (-1.5, 2), (2, 1), (-0.25, 0)),
        (_WIDE, _ROUND, _NARROW, _TILTED, _SMALL),
        0.1680527993087116,
    ),
    "mixture_d3_prime": Mixture(
        _THREE, ((-3, 3), (2, 4), (-2.5, 5)), (_WIDE, _ROUND, _NARROW), 0.38881453369238594
    ),
    "mixture_d5_prime": Mixture(
        _FIVE,
        ((-1, 1), (0, 2), (-1.5, 2), (3, 1), (-0.25, 0)),
        (_WIDE, _ROUND, _NARROW, _TILTED, _SMALL),
        0.17972193485852742,
    ),
    "mixture_d3_correlated": Mixture(
        _THREE, ((-1, 1), (0, 2), (-1.5, 2)), ((1, 0.1, 0.1), _ROUND, _NARROW), 0.14826669663388845
    ),
}
"""D1, D3, D5, D3 and D5 with other means, and D3 with correlated components."""


DISTRIBUTIONS = (
    "independent",
    "bivariate_gaussian",
    "gamma_exponential",
    "ordered_weinman",
    "discrete_continuous",
    *MIXTURES,
)
_, GAUSSIAN, GAMMA, WEINMAN, DISCRETE, FIRST_MIXTURE = range(6)

OWN = {
    "bivariate_gaussian": "correlation",
    "gamma_exponential": "shape",
    "ordered_weinman": "mean_gap",
    "discrete_continuous": "levels",
}
"""The parameter that the mutual information of a distribution depends on."""

TRANSFORMS = ("identity", "cubed", "exp", "log")
_, CUBED, EXP, LOG = range(4)

FITS = {
    "exp": tuple(name for name in DISTRIBUTIONS if name != "gamma_exponential"),
    "log": ("gamma_exponential", "ordered_weinman"),
}
"""Transforms that not every distribution can take: its tails must end, or its signs be plus."""

LEAST_CUBED, MOST_EXP = 0.2, 18.0
"""The least shape of cubed pairs, the greatest mean gap of exp: others can exceed float64.

The least number that a shape a can give is about 1e-15 2^(-53/a), and 37 over that is y; the
greatest y of a gap g is 18.4 + 36.8 g.
"""


def unfit(label: int, kind: int, shape: float, mean_gap: float) -> str | None:
    """Why a transform does not fit a distribution, both by number; None where it does.

    Shape is the least one of a gamma distribution, mean_gap the greatest of an ordered Weinman one.
    """
    name, distribution = TRANSFORMS[kind], DISTRIBUTIONS[label]
    got, fitting = f"transform = {name} of label = {distribution}", FITS.get(name, DISTRIBUTIONS)
    if distribution not in fitting:
        return f"{got}; {name} fits {', '.join(fitting)}"
    if kind == CUBED and label == GAMMA and shape < LEAST_CUBED:
        return f"{got} needs a shape of at least {LEAST_CUBED:g}; got {shape:g}"
    if kind == EXP and label == WEINMAN and mean_gap > MOST_EXP:
        return f"{got} needs a mean_gap of at most {MOST_EXP:g}; got {mean_gap:g}"
    return None


_KNOWN = np.array([mixture.information for mixture in MIXTURES.values()])
_PSI_2 = 0.42278433509846713
"""Of 2: 1 less Euler's constant."""

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
            found[i] = exact.log(value) - (value - 1.0) / value * LN_2
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
