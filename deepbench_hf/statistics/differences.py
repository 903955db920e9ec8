"""Whether two sets of examples differ: tests whose unit is an example, such as a map.

Pixels of one map are correlated, so that a map is one draw, whatever its size. Tests that take
every pixel, or every bin of a mean curve, for a draw of its own are not calibrated.
"""

import warnings
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from deepbench_hf.metrics.estimates import Array, finite

EXACT = 1000
"""Up to so many examples a side the exact distribution is quick."""

SMALL = 1e-10
"""The share of the largest variance below which a direction is constant but for rounding."""

ROUNDING = 1e-12
"""The share of its size below which a difference is rounding."""


SURE = 10.0
"""So many times what rounding can make of it, a difference along a constant direction is real."""


class MeanDifference(NamedTuple):
    """How far two mean curves are apart.

    Args:
        z: difference of each bin, a less b, in standard errors, ``(bins,)``.
        chi2: squared difference by the inverse covariance, about ``dof`` if nothing differs.
        dof: how many independent directions the bins have.
        p: the probability of a larger chi2 if nothing differs.
    """

    z: Array
    chi2: float
    dof: int
    p: float


def ks_per_bin(a: ArrayLike, b: ArrayLike) -> Array:
    """The two-sample Kolmogorov-Smirnov test of each bin; its sample are the examples' values.

        D = max over v of |F_a(v) - F_b(v)|

    Of two sets from one simulator, p is uniform in every bin; equal values, as of small counts,
    make it larger. Bins depend on each other: of the least of m p-values, take m times as much.

    Args:
        a: a statistic of each example, ``(n,)`` or ``(n, bins)``, any unit.
        b: the same of the other set, ``(m,)`` or ``(m, bins)``.

    Returns:
        p, the probability of a larger D if nothing differs, ``(bins,)`` or a number.

    Raises:
        ValueError: shapes do not fit, or a value is not finite.

    Source: J. L. Hodges, Ark. Mat. 3 (1958) 469.

    >>> ks_per_bin([1.0, 2.0, 3.0], [1.5, 2.5, 3.5]).round(6)
    np.float64(1.0)
    """
    a, b = _pair(a, b, (1, 2))
    method = "exact" if max(len(a), len(b)) <= EXACT else "asymp"
    with warnings.catch_warnings():  # the exact sum overflows where p is next to 0
        warnings.filterwarnings("ignore", "ks_2samp: Exact calculation", RuntimeWarning)
        return stats.ks_2samp(a, b, axis=0, method=method).pvalue  # type: ignore[call-arg]


def mean_difference(a: ArrayLike, b: ArrayLike) -> MeanDifference:
    """Whether two sets have the same mean curve, given the covariance of its bins.

        z_b = (<a_b> - <b_b>) / sqrt(S_bb (1/n + 1/m))
        T^2 = d^T S^{-1} d / (1/n + 1/m),  d = <a> - <b>,  S = pooled covariance
        chi2 = (nu - q - 1) / nu T^2,  (nu - q + 1) / (nu q) T^2 ~ F(q, nu - q + 1)

    with nu = n + m - 2 and q the rank of S. The factor of chi2 frees S^{-1} of its bias (Kaufman,
    Hartlap). p is Hotelling's, which holds at any n and m for Gaussian values, and for others as
    far as their means are Gaussian. Bins that follow from others are left out of q; a constant
    direction in which the sets differ gives infinity.

    Args:
        a: a statistic of each example, ``(n, bins)``, any unit.
        b: the same of the other set, ``(m, bins)``.

    Raises:
        ValueError: shapes do not fit, a value is not finite, or the examples are too few
            for the covariance of so many bins.

    Source: H. Hotelling, Ann. Math. Stat. 2 (1931) 360; J. Hartlap, P. Simon, P. Schneider, A&A 464
    (2007) 399, equation 17.

    >>> mean_difference([[1.0], [2.0], [3.0]], [[1.5], [2.5], [3.5]]).z.round(4)
    array([-0.6124])
    """
    a, b = _pair(a, b, (2,))
    nu = len(a) + len(b) - 2
    if nu < 1:
        raise ValueError(_too_few(a.shape[1], nu))
    centred = np.concatenate([a - a.mean(0), b - b.mean(0)])
    least = ROUNDING * np.maximum(np.abs(a).max(0), np.abs(b).max(0))
    spread = _above(least, np.sqrt((centred**2).sum(0) / nu))
    error = spread * np.sqrt(1 / len(a) + 1 / len(b))
    z = _ratio(_above(least, a.mean(0) - b.mean(0)), error)
    scaled = np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 0)
    variance, axes = np.linalg.eigh(scaled.T @ scaled / nu)
    free = variance > SMALL * variance.max()
    q = int(free.sum()) if variance.max() > 0 else 0
    if q and nu < q + 2:
        raise ValueError(_too_few(int(np.count_nonzero(spread)), nu))  # as far as so few show
    # What rounding, or a variance just below the least, makes of z along constant directions.
    rounding = np.divide(least, error, out=np.zeros_like(error), where=error > 0).max()
    around = np.sqrt(SMALL * variance.max()) + rounding
    if not np.isfinite(z).all() or (np.abs(z @ axes[:, ~free]) > SURE * around).any():
        return MeanDifference(z, np.inf, q, 0.0)
    if not q:
        return MeanDifference(z, 0.0, 0, 1.0)
    squared = float(((z @ axes[:, free]) ** 2 / variance[free]).sum())
    p = stats.f.sf((nu - q + 1) / (nu * q) * squared, q, nu - q + 1)
    return MeanDifference(z, (nu - q - 1) / nu * squared, q, float(p))


def curve_ks(a: ArrayLike, b: ArrayLike) -> float:
    """The Kolmogorov-Smirnov p-value of two curves, their heights taken as two samples.

    Warning: this is no test of whether the curves agree. Heights of a curve are no draws of one
    distribution, p is near 1 wherever two curves have the same range, and it is not uniform where
    nothing differs: a power spectrum that is 21 % too high still scores above 0.9. It is here
    because such numbers are published, and only to compare with those. To judge, take
    `ks_per_bin` and `mean_difference`.

    Args:
        a: a mean curve or heights of a histogram, ``(bins,)``, any unit.
        b: the other, ``(bins,)``.

    Raises:
        ValueError: shapes do not fit, or a value is not finite.

    Source: arXiv:1706.02390 publishes such numbers.

    >>> curve_ks([1.0, 2.0, 3.0, 4.0], [1.1, 2.2, 3.3, 4.4])
    1.0
    """
    a, b = _pair(a, b, (1,))
    return float(stats.ks_2samp(a, b).pvalue)  # type: ignore[attr-defined]


def _too_few(bins: int, nu: int) -> str:
    need = f"{bins} bins that vary need {bins + 4} examples, a and b together"
    return f"{need}; got {nu + 2}"


def _pair(a: ArrayLike, b: ArrayLike, axes: tuple[int, ...]) -> tuple[Array, Array]:
    a, b = finite("a", a), finite("b", b)
    if a.ndim not in axes or a.shape[1:] != b.shape[1:]:
        raise ValueError(f"a {a.shape}, b {b.shape}; give one value of each example and bin")
    return a, b


def _above(least: Array, values: Array) -> Array:
    """The values, 0 for those that are rounding."""
    return np.where(np.abs(values) > least, values, 0)


def _ratio(difference: Array, error: Array) -> Array:
    """Differences in their errors: nothing over nothing is 0."""
    with np.errstate(divide="ignore"):
        return np.divide(difference, error, out=np.zeros_like(error), where=difference != 0)
