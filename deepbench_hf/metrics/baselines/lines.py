"""Straight lines and steps through noisy points, or through the first training rows."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.base import Estimates
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import BLOCK, rows_at


def slope_of_points(recipe: Recipe, rows: Columns) -> Estimates:
    """The slope of the line through the points; its error from the noise of x and y.

    Noise on x lowers it by the factor 1 / (1 + sigma_x^2 / var x), which is not mended.
    """
    x, y = (rows[name].astype(np.float64) for name in ("x_observed", "y_observed"))
    x, y = x - x.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    square = (x * x).sum(1)
    slope = (x * y).sum(1) / square
    noise = np.hypot(rows["y_noise_sigma"], slope * rows["x_noise_sigma"])
    return slope, noise / np.sqrt(square)


def learnt_line(recipe: Recipe, rows: Columns) -> Estimates:
    """The y on the line of least squares through the training rows."""
    x, y = _training(recipe)
    slope = np.linalg.pinv((x - x.mean())[:, None]) @ (y - y.mean())
    return y.mean() + slope * (rows["x"] - x.mean()), None


def learnt_step(recipe: Recipe, rows: Columns) -> Estimates:
    """The mean y of the training rows on either side of the largest step between neighbours."""
    x, y = _training(recipe)
    order = x.argsort()
    x, y = x[order], y[order]
    right = int(np.abs(np.diff(y, prepend=y[0])).argmax())
    left = max(right - 1, 0)  # the same where all y are equal
    above = rows["x"] > (x[left] + x[right]) / 2
    return np.where(above, y[right:].mean(), y[: left + 1].mean()), None


def _training(recipe: Recipe) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The x and y of the first training rows."""
    split, part = next(iter(recipe.splits.items()))
    rows = rows_at(recipe, split, np.arange(min(BLOCK, part.size)), ("x", "y"))
    return rows["x"], rows["y"]
