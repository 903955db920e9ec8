"""How good inferred posteriors are: draws against the truth, and against reference draws.

Of a calibrated posterior the rank of the truth among the draws is uniform, for each parameter and
for distances from any point; all of it is necessary, and none of it alone is enough.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.spatial import KDTree

from deepbench_hf.exact.draws import uniforms
from deepbench_hf.exact.words import stream_key
from deepbench_hf.metrics.calibration import checked_pit, pit_of_samples
from deepbench_hf.metrics.estimates import Array, finite, positive, two_sets

ROUNDING = 1e-13
"""The share of the variances below which a direction has no spread but that of rounding."""


def rank_uniformity(pit: ArrayLike, draws: int | None = None) -> float:
    """The p-value of simulation-based calibration: are the ranks of the truths uniform?

        p = 2 min(KS(u), KS(|2 u - 1|)), at most 1

    The first test of Kolmogorov and Smirnov sees a bias best, the second a wrong width. Ranks among
    k draws come in steps of 1 / (k + 1). They are compared with the uniform distribution at the
    edges of these steps, where both can agree: else many rows would always seem uncalibrated.

    Args:
        pit: u of `pit_of_samples` or of `tarp`, ``(n,)``; between 0 and 1.
        draws: k, among which the ranks are; None where u has no steps. With few of them p is too
            large rather than too small.

    Returns:
        Between 0 and 1.

    Raises:
        ValueError: a number is not between 0 and 1, none is given, or there is no draw.

    Source: S. Talts et al., Validating Bayesian inference algorithms with simulation-based
    calibration, arXiv:1804.06788; the second test is ours.

    >>> rank_uniformity([0.5, 0.5, 0.5, 0.5]) < 0.01
    True
    """
    if draws is not None and draws < 1:
        raise ValueError(f"draws: {draws}; give 1 or more")
    u, half = checked_pit(pit).ravel(), 0.0 if draws is None else 0.5 / (draws + 1)
    return min(1.0, 2.0 * min(_uniform_p(u, half), _uniform_p(np.abs(2.0 * u - 1.0), 2.0 * half)))


def _uniform_p(values: Array, half: float) -> float:
    """The p-value of Kolmogorov and Smirnov for values that are the middles of steps."""
    v, n = np.sort(values), len(values)
    share = np.arange(n + 1) / n
    apart = max((share[1:] - v).max(), (v - share[:-1]).max()) - half
    return float(stats.kstwo.sf(apart, n))


def tarp(truth: ArrayLike, draws: ArrayLike, seed: int = 0) -> Array:
    """The share of draws that are nearer to a random point than the truth is (TARP).

        f = #(|x - r| < |t - r|) / k,  uniform over the rows of a calibrated posterior

    All parameters are judged together. Distances are taken after each parameter is scaled to the
    range of the truths; the points r are uniform in it, and the same for the same seed.

    Args:
        truth: true values t, ``(n, d)``.
        draws: k draws x of each posterior, ``(n, k, d)``.
        seed: of the points.

    Returns:
        Numbers between 0 and 1, ``(n,)``, to be judged as those of `pit_values` are: `coverage`
        of them is not central, but as good a test.

    Raises:
        ValueError: shapes differ, or a value is not finite.

    Source: P. Lemos et al., Sampling-based accuracy testing of posterior estimators for general
    inference, arXiv:2302.03026.

    >>> tarp([[0.0], [1.0]], [[[0.0], [0.5]], [[0.2], [0.7]]]).shape
    (2,)
    """
    truth, draws = _together(truth, draws)
    low, wide = truth.min(0), np.ptp(truth, axis=0)
    unit = np.where(wide > 0, wide, 1.0)
    n, d = truth.shape
    points = uniforms(stream_key("tarp", seed), np.arange(n * d)).reshape(n, d)
    own = np.square((truth - low) / unit - points).sum(-1)
    theirs = np.square((draws - low) / unit - points[:, None]).sum(-1)
    return pit_of_samples(own, theirs)


def posterior_z_scores(truth: ArrayLike, draws: ArrayLike) -> Array:
    """Errors of the posterior means in posterior standard deviations, (m - t) / s.

    Args:
        truth: ``(n, d)``, any units.
        draws: ``(n, k, d)``, in these units.

    Returns:
        ``(n, d)``, of mean 0 and standard deviation 1 where the posterior is normal and right. Of
        draws that are all equal it is 0 if they are the truth, and infinite if not.

    Raises:
        ValueError: shapes differ, a value is not finite, or there is one draw of each.

    Source: M. Betancourt, Towards a principled Bayesian workflow (2020), section 1.2.3.
    """
    truth, draws = _together(truth, draws)
    sigma, off = _spread(draws), draws.mean(1) - truth
    with np.errstate(divide="ignore"):
        return np.divide(off, sigma, out=np.zeros_like(truth), where=off != 0)


def contraction(draws: ArrayLike, prior_sigma: ArrayLike) -> Array:
    """What the data added to the prior: 1 - s^2 / s_prior^2; 0 of nothing, 1 of everything.

    Args:
        draws: ``(n, k, d)``, any units.
        prior_sigma: standard deviations of the prior, in these units, ``(d,)``.

    Returns:
        ``(n, d)``, pure numbers.

    Raises:
        ValueError: shapes do not fit, a value is not finite, a prior's sigma is not above 0, or
            there is one draw of each.

    Source: as of `posterior_z_scores`.
    """
    draws = finite("draws", draws)
    if draws.ndim != 3:
        raise ValueError(f"draws {draws.shape}; give (n, k, d)")
    sigma = positive("prior_sigma", finite("prior_sigma", prior_sigma, draws.shape[2:]))
    return 1.0 - (_spread(draws) / sigma) ** 2


def log_probability_of_truth(truth: ArrayLike, draws: ArrayLike) -> Array:
    """The logarithm of the density of the truth, in nats, from the mean and covariance of draws.

    That of the normal distribution with these moments: right where the posterior is normal, and in
    any case a proper score of the moments (Dawid and Sebastiani).

    Args:
        truth: ``(n, d)``.
        draws: ``(n, k, d)``, k above d.

    Returns:
        ``(n,)``; minus infinity where the draws have no spread along some direction.

    Raises:
        ValueError: shapes differ, a value is not finite, or there is one draw of each.

    Source: A. P. Dawid, P. Sebastiani, Annals of Statistics 27 (1999) 65.
    """
    truth, draws = _together(truth, draws)
    found, spread = np.full(len(truth), -np.inf), _spread(draws)
    for row, (t, x, sigma) in enumerate(zip(truth, draws, spread, strict=True)):
        if (sigma > 0).all():
            # In units of sigma rounding is as large for all parameters.
            off, scaled = (t - x.mean(0)) / sigma, (x - x.mean(0)) / sigma
            variance, axes = np.linalg.eigh(scaled.T @ scaled / (len(x) - 1))
            if variance[0] > ROUNDING:
                size = 2.0 * np.log(sigma).sum() + np.log(2.0 * np.pi * variance).sum()
                found[row] = -0.5 * ((off @ axes) ** 2 / variance).sum() - 0.5 * size
    return found


def classifier_two_sample_test(draws: ArrayLike, reference: ArrayLike) -> float:
    """The share of draws whose set a classifier finds: 1/2 if they are alike, 1 if all differ.

    Each draw is given to the set that most of its sqrt(n) nearest neighbours are of, itself left
    out; parameters are scaled by the spread of the reference. A network, as in other benchmarks,
    may tell small differences better: compare values of this classifier only. As a draw itself is
    left out, the others of its set are fewer: of two like sets of 20 draws 0.46 is found, of 100
    0.49.

    Args:
        draws: of one posterior, ``(n, d)``.
        reference: of the other, ``(m, d)``; of the larger set the first ones are taken.

    Returns:
        Between 0 and 1.

    Raises:
        ValueError: shapes differ, or a value is not finite.

    Source: D. Lopez-Paz, M. Oquab, Revisiting classifier two-sample tests, arXiv:1610.06545.

    >>> classifier_two_sample_test(np.arange(9.0)[:, None], 100 + np.arange(9.0)[:, None])
    1.0
    """
    x, y = two_sets(draws=draws, reference=reference)
    n, sigma = min(len(x), len(y)), y.std(0)
    both = np.concatenate([x[:n], y[:n]]) / np.where(sigma > 0, sigma, 1.0)
    ours = np.arange(2 * n) < n
    k = min(int(np.sqrt(2 * n)) // 2 * 2 + 1, 2 * n - 1)
    near = np.asarray(KDTree(both).query(both, k + 1)[1])
    # The first is the point itself, unless others lie at the same place.
    keep = near != np.arange(2 * n)[:, None]
    keep[keep.all(1), -1] = False
    share = ours[near[keep].reshape(2 * n, k)].mean(1)
    return float(((share > 0.5) == ours).mean())


def _spread(draws: Array) -> Array:
    """Standard deviations of ``(n, k, d)``, ``(n, d)``."""
    if draws.shape[1] < 2:
        raise ValueError("draws: one alone has no spread; give 2 or more of each posterior")
    return draws.std(1, ddof=1)


def _together(truth: ArrayLike, draws: ArrayLike) -> tuple[Array, Array]:
    truth, draws = finite("truth", truth), finite("draws", draws)
    if truth.ndim != 2 or draws.ndim != 3 or draws.shape[::2] != truth.shape:
        raise ValueError(f"truth {truth.shape}, draws {draws.shape}; give (n, d) and (n, k, d)")
    return truth, draws
