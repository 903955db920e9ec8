"""Strength and memory of a quasar's variations, from the likelihood of a damped random walk.

On an even grid in the quantiles of the recipe's priors, which makes all its points equally likely;
what is predicted are mean and standard deviation of the posterior. A second damping is not known
of, so that it is right for `quasar_drw` alone.

Source: B. C. Kelly et al., Are the variations in quasar optical flux driven by thermal
fluctuations?, ApJ 698 (2009) 895, equations 6 to 12.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.base import Estimates, Predict
from deepbench_hf.recipe.recipe import Recipe

GRID = {"sigma_mag": 12, "tau_d": 20}
"""Points of each parameter."""

UNSEEN = 1e12
"""Variance of what is not there, mag^2."""

Array = NDArray[np.float64]


def posterior_of(target: str) -> Predict:
    """The baseline that predicts ``sigma_mag`` or ``tau_d``."""
    return lambda recipe, rows: _posterior(recipe, rows, target)


def _posterior(recipe: Recipe, rows: Columns, target: str) -> Estimates:
    """Mean and standard deviation; within a point's share of the prior all values count."""
    points = {n: recipe.priors[n].quantile((np.arange(k) + 0.5) / k) for n, k in GRID.items()}
    sigma, tau = np.meshgrid(*points.values(), indexing="ij")
    density = _log_likelihood(rows, sigma.ravel() ** 2, tau.ravel())
    weight = np.exp(density - density.max(axis=1, keepdims=True))
    axis = 2 - list(GRID).index(target)
    own = weight.reshape(-1, *GRID.values()).sum(axis=axis)
    own /= own.sum(axis=1, keepdims=True)
    values, width = points[target], np.gradient(points[target])
    mean = own @ values
    square = own @ (values**2 + width**2 / 12) - mean**2
    return mean, np.sqrt(np.maximum(square, np.finfo(np.float32).tiny))


def _log_likelihood(rows: Columns, variance: Array, tau: Array) -> Array:
    """The ln p of each row's magnitudes at each point of the grid, (n, G), but for a constant."""
    there = rows["valid"].astype(bool)
    time = np.maximum.accumulate(np.where(there, rows["time_d"], 0.0), axis=1)
    step = np.diff(time, axis=1, prepend=-1e9)
    error = rows["magnitude_noise_sigma_mag"].astype(np.float64).reshape(len(there), -1)
    noise = np.where(there, error * error, UNSEEN)
    seen = rows["magnitude_mag"].astype(np.float64)
    mean, spread = np.zeros((2, len(seen), len(tau)))
    total = np.zeros_like(mean)
    for k in range(int(there.sum(axis=1).max())):
        kept = np.exp(-step[:, k, None] / tau)
        mean, spread = kept * mean, variance + kept * kept * (spread - variance)
        off, width = seen[:, k, None] - mean, spread + noise[:, k, None]
        total -= 0.5 * (np.log(width) + off * off / width)
        mean, spread = mean + spread / width * off, spread * noise[:, k, None] / width
    return total
