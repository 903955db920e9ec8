"""Scores of predictions: bias and errors of points, and proper scores of distributions.

A proper score is least on average if the prediction is the distribution of the truth.
"""

from math import pi, sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from deepbench_hf.metrics.calibration import pulls
from deepbench_hf.metrics.estimates import Array, Estimate, average, checked, finite, positive


def bias(truth: ArrayLike, mean: ArrayLike) -> Estimate:
    """How far predictions are off on average.

        b = <m - t>

    Args:
        truth, mean: true values t and predictions m, ``(n, ...)``, in one unit.

    Returns:
        Value and standard error ``(...)``, in the unit of the truth.

    Raises:
        ValueError: shapes differ, or a value is not finite.

    Source: the definition.

    >>> bias([1.0, 2.0], [1.5, 2.5]).value
    np.float64(0.5)
    """
    truth, mean = checked(truth=truth, mean=mean)
    return average(mean - truth)


def root_mean_squared_error(truth: ArrayLike, mean: ArrayLike) -> Estimate:
    """The typical size of errors.

        r = sqrt(<(m - t)^2>),  error = error of the mean square / (2 r)

    Args:
        truth, mean: true values t and predictions m, ``(n, ...)``, in one unit.

    Returns:
        Value and standard error ``(...)``, in the unit of the truth.

    Raises:
        ValueError: shapes differ, or a value is not finite.

    Source: the definition; its error to first order.

    >>> root_mean_squared_error([1.0, 2.0], [1.5, 1.5]).value
    np.float64(0.5)
    """
    truth, mean = checked(truth=truth, mean=mean)
    return _root(average((mean - truth) ** 2))


def efficiency(truth: ArrayLike, mean: ArrayLike, bound: ArrayLike) -> Estimate:
    """How much of the information in the data an estimator uses.

        e = 1 / <((m - t) / b)^2>

    b is the Cramer-Rao bound of each example, so every example counts alike; where all have the
    same bound, e = b^2 / mean squared error. An unbiased estimator reaches 1 at most, up to the
    standard error. One that knows the prior may exceed it.

    Args:
        truth, mean: true values t and predictions m, ``(n, ...)``, in one unit.
        bound: least standard deviation b of an unbiased estimator, ``(n, ...)``, in this unit; the
            ``*_crlb*`` columns.

    Returns:
        Value and standard error ``(...)``, pure numbers; infinite if no prediction is off.

    Raises:
        ValueError: shapes differ, a value is not finite, or a bound is not above 0.

    Source: H. Cramer, Mathematical Methods of Statistics (1946), section 32.3. Deviation: the mean
    over examples with bounds of their own.

    >>> efficiency([0.0, 0.0], [0.2, -0.2], [0.1, 0.1]).value.round(6)
    np.float64(0.25)
    """
    truth, mean, bound = checked(truth=truth, mean=mean, bound=bound)
    ratio = average(((mean - truth) / positive("bound", bound)) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Estimate(1 / ratio.value, ratio.error / ratio.value**2)


def negative_log_likelihood(truth: ArrayLike, mean: ArrayLike, sigma: ArrayLike) -> Array:
    """Minus the logarithm of the predicted Gaussian density at the truth.

        l = z^2 / 2 + ln sigma + ln(2 pi) / 2,  z = (m - t) / sigma

    Args:
        truth, mean, sigma: true values t, predicted means m, and predicted standard deviations,
            ``(n, ...)``, in one unit.

    Returns:
        The score of each example, ``(n, ...)``, nats, with sigma in the unit of the truth.

    Raises:
        ValueError: shapes differ, a value is not finite, or a sigma is not above 0.

    Source: I. J. Good, Rational Decisions, J. R. Stat. Soc. B 14 (1952) 107.

    >>> negative_log_likelihood([0.0], [0.0], [1.0]).round(4)
    array([0.9189])
    """
    z = pulls(truth, mean, sigma)
    return z**2 / 2 + np.log(np.asarray(sigma, np.float64)) + np.log(2 * pi) / 2


def crps(truth: ArrayLike, mean: ArrayLike, sigma: ArrayLike) -> Array:
    """Continuous ranked probability score of Gaussian predictions.

        c = int (F(y) - [y >= t])^2 dy = sigma (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi))

    Args:
        truth, mean, sigma: true values t, predicted means m, and predicted standard deviations,
            ``(n, ...)``, in one unit.

    Returns:
        The score of each example, ``(n, ...)``, in the unit of the truth.

    Raises:
        ValueError: shapes differ, a value is not finite, or a sigma is not above 0.

    Source: T. Gneiting and A. E. Raftery, J. Am. Stat. Assoc. 102 (2007) 359, equation 21.

    >>> crps([0.0], [0.0], [1.0]).round(4)
    array([0.2337])
    """
    z = pulls(truth, mean, sigma)
    density = np.exp(-(z**2) / 2) / sqrt(2 * pi)
    height = z * (2 * special.ndtr(z) - 1) + 2 * density - 1 / sqrt(pi)
    return np.asarray(sigma, np.float64) * height


def crps_of_samples(truth: ArrayLike, samples: ArrayLike) -> Array:
    """Continuous ranked probability score of predictions that are samples.

        c = <|x_i - t|> - sum_ij |x_i - x_j| / (2 k (k - 1))

    The second term is that of the fair score: its mean does not depend on the number of samples.

    Args:
        truth: true values t, ``(n, ...)``.
        samples: k draws x of each prediction, ``(n, ..., k)``, k above 1, in the unit of the truth.

    Returns:
        The score of each example, ``(n, ...)``, in the unit of the truth.

    Raises:
        ValueError: shapes differ, fewer than two samples, or a value that is not finite.

    Source: C. A. T. Ferro, Q. J. R. Meteorol. Soc. 140 (2014) 1917, section 3.

    >>> crps_of_samples([0.0], [[-1.0, 1.0]])
    array([0.])
    """
    truth, samples = finite("truth", truth), finite("samples", samples)
    k = samples.shape[-1]
    if samples.shape[:-1] != truth.shape or k < 2:
        raise ValueError(f"samples: shape {samples.shape}; give {(*truth.shape, 'k')}, k above 1")
    ranked = np.sort(samples, axis=-1)
    # Twice the sum over pairs i < j of x_j - x_i: the i-th of k is added i times, less k - 1 - i.
    pairs = 2 * (ranked * (2 * np.arange(k) - k + 1)).sum(-1)
    return np.abs(samples - truth[..., None]).mean(-1) - pairs / (2 * k * (k - 1))


def pinball_loss(truth: ArrayLike, quantiles: ArrayLike, level: float) -> Array:
    """The score of predicted quantiles of one level.

        l = (p - [t < q]) (t - q)

    Args:
        truth: true values t, ``(n, ...)``.
        quantiles: predicted quantiles q, ``(n, ...)``, in the unit of the truth.
        level: the probability p below the quantile, between 0 and 1.

    Returns:
        The score of each example, ``(n, ...)``, in the unit of the truth.

    Raises:
        ValueError: shapes differ, a value is not finite, or the level is not between 0 and 1.

    Source: R. Koenker and G. Bassett, Econometrica 46 (1978) 33.

    >>> pinball_loss([1.0, 0.0], [0.0, 1.0], 0.9).round(6)
    array([0.9, 0.1])
    """
    truth, quantiles = checked(truth=truth, quantiles=quantiles)
    if not 0 < level < 1:
        raise ValueError(f"level: {level:g}; it must be between 0 and 1")
    return (level - (truth < quantiles)) * (truth - quantiles)


def sharpness(sigma: ArrayLike) -> Estimate:
    """How narrow predictions are: less is better among models that are calibrated.

        s = sqrt(<sigma^2>)

    Args:
        sigma: predicted standard deviations, ``(n, ...)``, any unit.

    Returns:
        Value and standard error ``(...)``, in the unit of sigma.

    Raises:
        ValueError: a sigma is not finite or not above 0.

    Source: V. Kuleshov, N. Fenner, S. Ermon, ICML (2018), section 3.5; its square is theirs.

    >>> sharpness([3.0, 3.0]).value
    np.float64(3.0)
    """
    return _root(average(positive("sigma", finite("sigma", sigma)) ** 2))


def _root(square: Estimate) -> Estimate:
    """The square root of an estimate, its error to first order."""
    value = np.sqrt(square.value)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.where(value > 0, square.error / (2 * value), square.error)
    return Estimate(value, error[()])
