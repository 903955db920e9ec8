"""The most likely power spectrum of a convergence map, and random walk of a quasar."""

from typing import cast

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.templates import Predict, span
from deepbench_hf.metrics.estimates import Prediction
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.kappa.maps import Convergence
from deepbench_hf.simulators.kappa.modes import power

PIVOT, ROUNDS, FLATTEST = 1000.0, 8, 0.05

POINTS = {"sigma_mag": 12, "tau_d": 20}
"""Points of the grid along each parameter of a random walk."""

UNSEEN = 1e12
"""Variance of what is not there, mag^2."""


def amplitude(recipe: Recipe, rows: Columns) -> Prediction:
    """The factor of the power spectrum, and its error if the map were Gaussian."""
    tilts = span(recipe, "tilt")
    found, error = _spectrum(recipe, rows["image"], tilts)
    return np.exp(found[:, 0]), np.exp(found[:, 0]) * error[0]


def tilt(recipe: Recipe, rows: Columns) -> Prediction:
    """What is added to the slope of the power spectrum, as `amplitude`."""
    found, error = _spectrum(recipe, rows["image"], (-np.inf, np.inf))
    return found[:, 1], np.full(len(found), error[1])


def shift(recipe: Recipe, rows: Columns) -> Prediction:
    """The depth of a lognormal field whose pixels have the deviation s and the skewness g.

        lambda = s / y,  y^3 + 3 y = g,  y = 2 sinh(asinh(g / 2) / 3)

    A map with hardly any skewness counts as one with 0.05.

    Source: P. Coles, B. Jones, A lognormal model for the cosmological mass distribution, MNRAS 248
    (1991) 1.
    """
    pixels = rows["image"].reshape(len(rows["image"]), -1).astype(np.float64)
    pixels = pixels - pixels.mean(axis=1, keepdims=True)
    deviation = pixels.std(axis=1)
    skewness = np.maximum((pixels**3).mean(axis=1) / deviation**3, FLATTEST)
    return deviation / (2 * np.sinh(np.arcsinh(skewness / 2) / 3)), None


def _spectrum(recipe: Recipe, images: NDArray, tilts: tuple[float, float]) -> tuple[Array, Array]:
    """The most likely ln A and n_t of each map, (n, 2), and their errors, (2,).

    Each mode's power is exponential about its mean; the Newton steps are those of a generalised
    linear model, in ln A and, unless there is only one tilt, in n_t.

    Source: P. Whittle, Estimation and information in stationary time series, Arkiv for Matematik 2
    (1953) 423.
    """
    height, width = images.shape[1:]
    side = np.radians(cast("Convergence", recipe.simulator).side_deg)
    along = np.fft.fftfreq(height, 1 / height)[:, None], np.fft.rfftfreq(width, 1 / width)
    multipole = (2 * np.pi / side * np.hypot(*along)).ravel()[1:]
    count = np.where((along[1] == 0) | (along[1] == width // 2), 0.5, 1.0)  # else twice
    count = np.repeat(count[None], height, axis=0).ravel()[1:]
    modes = np.fft.rfft2(images.astype(np.float64)).reshape(len(images), -1)[:, 1:]
    ratio = np.abs(modes) ** 2 / (power(multipole) * (height * width / side) ** 2)
    base = np.stack([np.ones_like(multipole), np.log(multipole / PIVOT)])
    free = slice(0, 2 if tilts[0] < tilts[1] else 1)
    found = np.zeros((len(images), 2))
    found[:, 1] = 0.0 if tilts[0] < tilts[1] else tilts[0]
    covariance = np.linalg.inv((count * base[free]) @ base[free].T)
    for _ in range(ROUNDS):
        off = ratio * np.exp(-found @ base) - 1
        found[:, free] += np.clip((count * off) @ base[free].T @ covariance, -1, 1)
    error = np.zeros(2)
    error[free] = np.sqrt(np.diag(covariance))
    return found, error


def posterior_of(target: str) -> Predict:
    """The baseline that predicts ``sigma_mag`` or ``tau_d``."""
    return lambda recipe, rows: _posterior(recipe, rows, target)


def _posterior(recipe: Recipe, rows: Columns, target: str) -> Prediction:
    """Mean and standard deviation of the posterior of a damped random walk.

    The grid is even in the quantiles of the recipe's priors, so that all its points are equally
    likely; within a point's share of the prior all values count. A second damping is not known of,
    so that it is right for `quasar_drw` alone.

    Source: B. C. Kelly et al., Are the variations in quasar optical flux driven by thermal
    fluctuations?, ApJ 698 (2009) 895, equations 6 to 12.
    """
    points = {n: recipe.priors[n].quantile((np.arange(k) + 0.5) / k) for n, k in POINTS.items()}
    sigma, tau = np.meshgrid(*points.values(), indexing="ij")
    density = _log_likelihood(rows, sigma.ravel() ** 2, tau.ravel())
    weight = np.exp(density - density.max(axis=1, keepdims=True))
    axis = 2 - list(POINTS).index(target)
    own = weight.reshape(-1, *POINTS.values()).sum(axis=axis)
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
