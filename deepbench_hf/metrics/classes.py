"""Metrics of predicted classes: accuracy, its drop with the noise level, probabilities."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.metrics.estimates import Array, Estimate, average, finite

LEAST = np.finfo(np.float64).eps
"""The least probability that enters a logarithm."""


def accuracy(truth: ArrayLike, predicted: ArrayLike) -> Estimate:
    """The share of examples whose class is right.

    Args:
        truth: true classes, ``(n,)``, numbers or names.
        predicted: predicted classes, ``(n,)``.

    Returns:
        Value and standard error, between 0 and 1.

    Raises:
        ValueError: shapes differ, or one has numbers and the other names.

    Source: of the error, the variance p (1 - p) / n of a binomial share.

    >>> accuracy([0, 1, 2, 2], [0, 1, 2, 1]).value
    np.float64(0.75)
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.shape != predicted.shape or truth.ndim != 1:
        raise ValueError(f"truth {truth.shape}, predicted {predicted.shape}; give two of (n,)")
    return average(_equal(truth, predicted))


def chance(truth: ArrayLike) -> float:
    """The accuracy of who always names the commonest class: what an accuracy is to be held against.

    Args:
        truth: true classes, ``(n,)``, numbers or names.

    Raises:
        ValueError: no example.

    Source: ours.

    >>> chance([0, 1, 2, 2])
    0.5
    """
    _, counts = np.unique(np.asarray(truth), return_counts=True)
    if not len(counts):
        raise ValueError("truth: no example; give (n,) with n above 0")
    return float(counts.max() / counts.sum())


def accuracy_drop(truth: ArrayLike, predicted: ArrayLike) -> Estimate:
    """How much accuracy is lost from one noise level, or shift, to another on common truths.

        d_k = <correct on level 0> - <correct on level k>

    The same examples are on every level, so the error is that of the paired difference.

    Args:
        truth: true classes, ``(n,)``.
        predicted: predicted classes on each level, the reference first, ``(k, n)``.

    Returns:
        Value and standard error ``(k,)``, differences of shares; the first is 0.

    Raises:
        ValueError: shapes differ, or one has numbers and the other names.

    Source: Q. McNemar, Psychometrika 12 (1947) 153 (paired proportions).

    >>> accuracy_drop([0, 1], [[0, 1], [0, 0]]).value
    array([0. , 0.5])
    """
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    if truth.ndim != 1 or predicted.shape[1:] != truth.shape:
        raise ValueError(f"truth {truth.shape}, predicted {predicted.shape}; give (n,) and (k, n)")
    right = _equal(truth, predicted).T.astype(np.float64)
    return average(right[:, :1] - right)


def _equal(truth: NDArray, predicted: NDArray) -> NDArray[np.bool_]:
    """Where classes are the same; a name is never the same as a number."""
    named = [classes.dtype.kind in "SU" for classes in (truth, predicted)]
    if any(named) and not all(named) and "O" not in (truth.dtype.kind, predicted.dtype.kind):
        raise ValueError(f"truth {truth.dtype}, predicted {predicted.dtype}; give two of one kind")
    return predicted == truth


def cross_entropy(truth: ArrayLike, probabilities: ArrayLike) -> Array:
    """Minus the logarithm of the probability that was predicted for the true class.

        l = -ln p_t

    Probabilities below 2.2e-16 count as that, so that one rounded to zero is not infinite.

    Args:
        truth: numbers t of the true classes, ``(n,)``.
        probabilities: of each class, ``(n, classes)``; each row sums to 1.

    Returns:
        The score of each example, ``(n,)``, nats.

    Raises:
        ValueError: shapes differ, or a row is no distribution.

    Source: I. J. Good, Rational Decisions, J. R. Stat. Soc. B 14 (1952) 107.

    >>> cross_entropy([0], [[0.5, 0.5]]).round(4)
    array([0.6931])
    """
    classes, rows = _distribution(truth, probabilities)
    return -np.log(np.maximum(rows[np.arange(len(rows)), classes], LEAST))


def confidence_calibration_error(
    truth: ArrayLike, probabilities: ArrayLike, bins: int = 15
) -> float:
    """How far the confidence in the likeliest class is from the share that is right.

        ECE = sum over bins of n_b / n |accuracy_b - confidence_b|

    Args:
        truth: numbers of the true classes, ``(n,)``.
        probabilities: of each class, ``(n, classes)``; each row sums to 1.
        bins: of confidence, of equal width between 0 and 1.

    Returns:
        The error, between 0 and 1.

    Raises:
        ValueError: shapes differ, a row is no distribution, or there is no bin.

    Source: C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger, ICML (2017), equation 3.

    >>> confidence_calibration_error([0, 1], [[0.5, 0.5], [0.5, 0.5]])
    0.0
    """
    if bins < 1:
        raise ValueError(f"bins: {bins}; give 1 or more")
    classes, rows = _distribution(truth, probabilities)
    confidence, right = rows.max(1), rows.argmax(1) == classes
    # Bins are open below and closed above, so that a confidence of 1 is in the last one.
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = np.bincount(place, weights=right - confidence, minlength=bins)
    return float(np.abs(gaps).sum() / len(rows))


def _distribution(truth: ArrayLike, probabilities: ArrayLike) -> tuple[NDArray[np.int64], Array]:
    """Checked classes and probabilities."""
    rows, classes = finite("probabilities", probabilities), np.asarray(truth)
    if rows.ndim != 2 or classes.shape != rows.shape[:1] or classes.dtype.kind not in "iu":
        got = f"truth {classes.dtype} {classes.shape}, probabilities {rows.shape}"
        raise ValueError(f"{got}; give integers (n,) and (n, classes)")
    if classes.min() < 0 or classes.max() >= rows.shape[1]:
        outside = classes[(classes < 0) | (classes >= rows.shape[1])][0]
        raise ValueError(f"truth: class {outside}; there are probabilities of {rows.shape[1]}")
    wrong = (rows < 0).any(1) | (np.abs(rows.sum(1) - 1) > 1e-3)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        total = f"sum {rows[row].sum():g}, least {rows[row].min():g}"
        raise ValueError(f"probabilities[{row}]: {total}; each must be from 0 and all sum to 1")
    return classes.astype(np.int64), rows
