"""The mutual information of pairs, from their ranks."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact import quantiles
from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.base import Estimates
from deepbench_hf.recipe.recipe import Recipe


def normal_information(recipe: Recipe, rows: Columns) -> Estimates:
    """-ln(1 - r^2) / 2, r the correlation of normal scores: right for Gaussians, else too low."""
    x, y = (_scores(rows[name]) for name in ("x", "y"))
    r = (x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1))
    return -0.5 * np.log1p(-(r**2)), None


def _scores(values: NDArray) -> NDArray:
    """Standard normal quantiles of the ranks, so that rising functions change nothing."""
    ranks = values.argsort(axis=1, kind="stable").argsort(axis=1)
    return quantiles.normal(((ranks + 0.5) / values.shape[1]).ravel()).reshape(values.shape)
