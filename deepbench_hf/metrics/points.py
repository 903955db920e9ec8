"""Metrics of point predictions: bias, root mean squared error, efficiency."""

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.metrics.estimates import Estimate, average, checked, positive


def bias(truth: ArrayLike, mean: ArrayLike) -> Estimate:
    """How far predictions are off on average.

        b = <m - t>

    Args:
        truth: true values t, ``(n, ...)``.
        mean: predictions m, ``(n, ...)``, in the unit of the truth.

    Returns:
        Value and standard error ``(...)``, in the unit of the truth.

    Raises:
        ValueError: shapes differ, or a value is not finite.

    >>> bias([1.0, 2.0], [1.5, 2.5]).value
    np.float64(0.5)
    """
    truth, mean = checked(truth=truth, mean=mean)
    return average(mean - truth)


def root_mean_squared_error(truth: ArrayLike, mean: ArrayLike) -> Estimate:
    """The typical size of errors.

        r = sqrt(<(m - t)^2>),  error = error of the mean square / (2 r)

    Args:
        truth: true values t, ``(n, ...)``.
        mean: predictions m, ``(n, ...)``, in the unit of the truth.

    Returns:
        Value and standard error ``(...)``, in the unit of the truth.

    Raises:
        ValueError: shapes differ, or a value is not finite.

    >>> root_mean_squared_error([1.0, 2.0], [1.5, 1.5]).value
    np.float64(0.5)
    """
    truth, mean = checked(truth=truth, mean=mean)
    return root(average((mean - truth) ** 2))


def root(square: Estimate) -> Estimate:
    """The square root of an estimate, its error to first order."""
    value = np.sqrt(square.value)
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.where(value > 0, square.error / (2 * value), 0.0)
    return Estimate(value, error[()])


def efficiency(truth: ArrayLike, mean: ArrayLike, bound: ArrayLike) -> Estimate:
    """How much of the information in the data an estimator uses.

        e = 1 / <((m - t) / b)^2>

    b is the Cramer-Rao bound of each example, so every example counts alike; where all have the
    same bound, e = b^2 / mean squared error. An unbiased estimator reaches 1 at most, up to the
    standard error. One that knows the prior may exceed it.

    Args:
        truth: true values t, ``(n, ...)``.
        mean: predictions m, ``(n, ...)``, in the unit of the truth.
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
