"""Calibration: whether what is predicted with probability p comes true in a share p of cases.

All of it follows from the probability integral transform (PIT) u = F(t), the predicted distribution
function at the truth. Of a calibrated model it is uniform between 0 and 1.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from deepbench_hf.exact.draws import uniforms
from deepbench_hf.exact.words import stream_key
from deepbench_hf.metrics.estimates import Array, Estimate, checked, finite, positive

LEVELS = np.arange(1, 100) / 100
"""The probabilities at which calibration is judged, unless others are given."""


def pulls(truth: ArrayLike, mean: ArrayLike, sigma: ArrayLike) -> Array:
    """Errors in units of the predicted standard deviation.

        z = (m - t) / sigma

    Of a calibrated model they have mean 0 and standard deviation 1: see `average` and `spread`.

    Args:
        truth, mean, sigma: true values t, predicted means m, and predicted standard deviations,
            ``(n, ...)``, in one unit.

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


def pit_values(truth: ArrayLike, mean: ArrayLike, sigma: ArrayLike) -> Array:
    """The PIT of Gaussian predictions.

        u = Phi((t - m) / sigma)

    Args:
        truth, mean, sigma: true values t, predicted means m, and predicted standard deviations,
            ``(n, ...)``, in one unit.

    Returns:
        Numbers between 0 and 1, ``(n, ...)``.

    Raises:
        ValueError: shapes differ, a value is not finite, or a sigma is not above 0.

    Source: A. P. Dawid, J. R. Stat. Soc. A 147 (1984) 278.

    >>> pit_values([1.0], [1.0], [0.2])
    array([0.5])
    """
    return special.ndtr(-pulls(truth, mean, sigma))


def pit_of_samples(truth: ArrayLike, samples: ArrayLike) -> Array:
    """The PIT of predictions that are samples: the rank of the truth among them.

        u = (#(x < t) + j + 1/2) / (k + 1),  j at random from 0 to #(x = t)

    Samples that are equal to the truth, as of a class, are on either side of it at random, by the
    place of the truth in its array: give all rows at once. Else many ranks would be in the middle,
    however calibrated the model is.

    Args:
        truth: true values t, ``(n, ...)``.
        samples: k draws x of each prediction, ``(n, ..., k)``, in the unit of the truth.

    Returns:
        Numbers between 0 and 1, in steps of 1 / (k + 1), ``(n, ...)``.

    Raises:
        ValueError: shapes differ, or a value is not finite.

    Source: S. Talts et al., arXiv:1804.06788 (2018), section 4; of equal values C. Czado, T.
    Gneiting, L. Held, Biometrics 65 (2009) 1254, section 2, the randomized PIT.

    >>> pit_of_samples([0.5], [[0.0, 1.0, 2.0]])
    array([0.375])
    """
    truth, samples = finite("truth", truth), finite("samples", samples)
    if samples.shape[:-1] != truth.shape:
        raise ValueError(f"samples: shape {samples.shape}; give {(*truth.shape, 'k')}")
    at = truth[..., None]
    chance = uniforms(stream_key("posterior_ties", 0), np.arange(truth.size)).reshape(truth.shape)
    place = np.floor(chance * ((samples == at).sum(-1) + 1))
    return ((samples < at).sum(-1) + place + 0.5) / (samples.shape[-1] + 1)


def pit_of_quantiles(truth: ArrayLike, quantiles: ArrayLike, levels: ArrayLike) -> Array:
    """The PIT of predictions that are quantiles, linear between two of them.

    Below the first quantile it is half the first level, above the last one half way to 1: what
    happens there is not known.

    Args:
        truth: true values t, ``(n, ...)``.
        quantiles: of each prediction, rising, ``(n, ..., k)``, in the unit of the truth.
        levels: the probabilities below them, rising between 0 and 1, ``(k,)``.

    Returns:
        Numbers between 0 and 1, ``(n, ...)``.

    Raises:
        ValueError: shapes differ, a value is not finite, or levels or quantiles fall.

    Source: ours; `pit_values` has that of the transform itself.

    >>> pit_of_quantiles([1.5], [[1.0, 2.0]], [0.4, 0.6])
    array([0.5])
    """
    truth, quantiles = finite("truth", truth), finite("quantiles", quantiles)
    levels = _levels(levels)
    if quantiles.shape != (*truth.shape, len(levels)):
        raise ValueError(f"quantiles: shape {quantiles.shape}; give {(*truth.shape, len(levels))}")
    if (np.diff(levels) <= 0).any() or (np.diff(quantiles, axis=-1) < 0).any():
        raise ValueError("quantiles and levels: they must rise along the last axis; sort them")
    below = (quantiles <= truth[..., None]).sum(-1)
    inside = (below > 0) & (truth <= quantiles[..., -1])
    left = np.clip(below - 1, 0, max(len(levels) - 2, 0))
    right = np.minimum(left + 1, len(levels) - 1)
    low = np.take_along_axis(quantiles, left[..., None], -1)[..., 0]
    width = np.take_along_axis(quantiles, right[..., None], -1)[..., 0] - low
    share = np.divide(truth - low, width, out=np.ones_like(truth), where=width > 0)
    between = levels[left] + share * (levels[right] - levels[left])
    outside = np.where(below == 0, levels[0] / 2, (1 + levels[-1]) / 2)
    return np.where(inside, between, outside)


def pit_histogram(pit: ArrayLike, bins: int = 20) -> Estimate:
    """The density of the PIT: flat at 1 if calibrated, a U if overconfident, a hill if too careful.

    Args:
        pit: numbers between 0 and 1, ``(n,)``.
        bins: how many, of equal width.

    Returns:
        Density ``(bins,)``, and its standard error if the model is calibrated, ``(bins,)``.

    Raises:
        ValueError: a number is not between 0 and 1, or there is no bin.

    Source: T. Gneiting, F. Balabdaoui, A. E. Raftery, J. R. Stat. Soc. B 69 (2007) 243.

    >>> pit_histogram([0.1, 0.2, 0.3, 0.9], bins=2).value
    array([1.5, 0.5])
    """
    pit = checked_pit(pit)
    if pit.ndim != 1 or bins < 1:
        raise ValueError(f"pit_histogram: pit {pit.shape}, bins {bins}; give (n,) and 1 or more")
    counts, _ = np.histogram(pit, bins, (0.0, 1.0))
    return Estimate(counts * bins / len(pit), np.full(bins, np.sqrt((bins - 1) / len(pit))))


def coverage(pit: ArrayLike, levels: ArrayLike) -> Estimate:
    """How often the truth lies in central intervals of given probabilities.

        c_p = share of examples with |u - 1/2| <= p / 2,  error = sqrt(p (1 - p) / n)

    The error is that of a calibrated model, so that (c_p - p) / error is a test of calibration.
    Ranks among k draws come in steps of 1 / (k + 1), by which c_p may then be off.

    Args:
        pit: numbers u between 0 and 1, ``(n, ...)``.
        levels: nominal probabilities p, such as 0.683, ``(k,)``.

    Returns:
        Value and standard error ``(k, ...)``, between 0 and 1.

    Raises:
        ValueError: a number is not between 0 and 1.

    Source: the definition; the error is that of a binomial share.

    >>> coverage([0.05, 0.4, 0.5, 0.6], [0.5, 0.95]).value
    array([0.75, 1.  ])
    """
    pit, levels = checked_pit(pit), _levels(levels)
    inside = [(np.abs(pit - 0.5) <= p / 2).mean(0) for p in levels]
    errors = np.sqrt(levels * (1 - levels) / len(pit)).reshape(-1, *[1] * (pit.ndim - 1))
    return Estimate(np.array(inside), np.broadcast_to(errors, np.shape(inside)))


def expected_calibration_error(pit: ArrayLike, levels: ArrayLike = LEVELS) -> Array:
    """How far observed and nominal probabilities are apart, on average over levels.

        ECE = mean over p of |share of examples with u <= p, less p|

    Overconfident by a factor f, the ECE of a Gaussian model is 1/4 - arctan(1/f) / pi. Chance
    alone gives a calibrated model sqrt(pi / (32 n)), or 0.31 / sqrt(n).

    Args:
        pit: numbers u between 0 and 1, ``(n, ...)``.
        levels: nominal probabilities p, ``(k,)``.

    Returns:
        The error, ``(...)``, between 0 and 1/2.

    Raises:
        ValueError: a number is not between 0 and 1.

    Source: V. Kuleshov, N. Fenner, S. Ermon, ICML (2018), section 3.5, equation 9. Deviation: the
    mean of absolute differences, as Y. Chung et al., arXiv:2109.10254 (2021), not of squares.

    >>> expected_calibration_error([0.25, 0.75], [0.5])
    np.float64(0.0)
    """
    pit, levels = checked_pit(pit), _levels(levels)
    return np.mean([np.abs((pit <= p).mean(0) - p) for p in levels], axis=0)


def checked_pit(values: ArrayLike) -> Array:
    """Numbers as an array. Raises ValueError: one is not between 0 and 1, or there is none."""
    return _probability("pit", finite("pit", values))


def _levels(values: ArrayLike) -> Array:
    levels = _probability("levels", finite("levels", np.atleast_1d(values)))
    if levels.ndim != 1:
        raise ValueError(f"levels: shape {levels.shape}; give (k,)")
    return levels


def _probability(name: str, values: Array) -> Array:
    outside = (values < 0) | (values > 1)
    if outside.any():
        raise ValueError(f"{name}: {values[outside][0]:g}; it must be between 0 and 1")
    return values
