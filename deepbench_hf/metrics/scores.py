"""Proper scores: the least on average if the prediction is the distribution of the truth."""

from math import erfc, pi, sqrt

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.metrics.estimates import Array, Estimate, average, checked, finite, positive
from deepbench_hf.metrics.points import root

_erfc = np.frompyfunc(erfc, 1, 1)


def normal_cdf(z: ArrayLike) -> Array:
    """The standard normal distribution function, of any shape."""
    return np.asarray(_erfc(-np.asarray(z) / sqrt(2)) / 2, np.float64)


def pulls(truth: ArrayLike, mean: ArrayLike, sigma: ArrayLike) -> Array:
    """Errors in units of the predicted standard deviation.

        z = (m - t) / sigma

    Of a calibrated model they have mean 0 and standard deviation 1: see `average` and `spread`.

    Args:
        truth: true values t, ``(n, ...)``.
        mean: predicted means m, ``(n, ...)``, in the unit of the truth.
        sigma: predicted standard deviations, ``(n, ...)``, in this unit.

    Returns:
        The pulls, ``(n, ...)``, pure numbers.

    Raises:
        ValueError: shapes differ, a value is not finite, or a sigma is not above 0.

    Source: L. Demortier and L. Lyons, CDF/ANAL/PUBLIC/5776 (2002).

    >>> pulls([1.0, 2.0], [1.5, 1.5], [0.5, 0.25])
    array([ 1., -2.])
    """
    truth, mean, sigma = checked(truth=truth, mean=mean, sigma=sigma)
    return (mean - truth) / positive("sigma", sigma)


def negative_log_likelihood(truth: ArrayLike, mean: ArrayLike, sigma: ArrayLike) -> Array:
    """Minus the logarithm of the predicted Gaussian density at the truth.

        l = z^2 / 2 + ln sigma + ln(2 pi) / 2,  z = (m - t) / sigma

    Args:
        truth: true values t, ``(n, ...)``.
        mean: predicted means m, ``(n, ...)``, in the unit of the truth.
        sigma: predicted standard deviations, ``(n, ...)``, in this unit.

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
        truth: true values t, ``(n, ...)``.
        mean: predicted means m, ``(n, ...)``, in the unit of the truth.
        sigma: predicted standard deviations, ``(n, ...)``, in this unit.

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
    height = z * (2 * normal_cdf(z) - 1) + 2 * density - 1 / sqrt(pi)
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
    return root(average(positive("sigma", finite("sigma", sigma)) ** 2))
