"""Closed-form baselines: what no training is needed for, scored as any prediction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import quantiles
from deepbench_hf.generation import BLOCK, rows_at, split_of
from deepbench_hf.metrics.evaluation import Evaluation, evaluate
from deepbench_hf.recipe import Recipe
from deepbench_hf.schema import schema
from deepbench_hf.simulators.base import Columns

__all__ = ["BASELINES", "Baseline", "baselines", "run_baseline"]

Estimates = tuple[NDArray, NDArray | None]
"""Means or numbers of classes ``(n,)``, and standard deviations if there are any."""


@dataclass(frozen=True)
class Baseline:
    """A pure function from what is observed to a prediction.

    Args:
        name: one phrase for tables.
        target: the column that it predicts.
        needs: the columns that it looks at; a recipe that lacks one has no such baseline.
        predict: the predictions of rows.
        split: the split that cards score it on, if the recipe has it.
    """

    name: str
    target: str
    needs: tuple[str, ...]
    predict: Callable[[Columns], Estimates]
    split: str = "test"


def baselines(recipe: Recipe) -> list[Baseline]:
    """The baselines of a recipe: those of its simulator whose columns it has.

    >>> from deepbench_hf import load_recipe
    >>> [one.target for one in baselines(load_recipe("deepuq_linear"))]
    ['slope']
    """
    columns = schema(recipe).keys()
    known = BASELINES.get(recipe.simulator.kind, ())
    return [one for one in known if {one.target, *one.needs} <= columns]


def run_baseline(
    recipe: Recipe, baseline: Baseline, split: str | None = None, rows: int = BLOCK
) -> Evaluation:
    """Score a baseline on the first rows of a split.

    Args:
        recipe: what is predicted.
        baseline: one of `baselines`.
        split: which split; None for the baseline's own.
        rows: how many, or as many as there are.

    Raises:
        KeyError: no such split.
    """
    split = split or (baseline.split if baseline.split in recipe.splits else "test")
    index = np.arange(min(rows, split_of(recipe, split).size))
    mean, sigma = baseline.predict(rows_at(recipe, split, index, baseline.needs))
    given = {"index": index, baseline.target: mean}
    if sigma is not None:
        given[f"{baseline.target}_sigma"] = sigma
    return evaluate(recipe, given, split)


def _gravity_estimate(rows: Columns) -> Estimates:
    """The estimate that the rows hold, g = 4 pi^2 L / T^2, with its error to first order."""
    return rows["gravity_estimate_m_s2"], rows["gravity_estimate_sigma_m_s2"]


def _gravity_of_frequency(rows: Columns) -> Estimates:
    """The g from 0.3 to 30 m/s^2 with most power at w = sqrt(g / L) / (1 + theta0^2 / 16)."""
    gravity, found = np.geomspace(0.3, 30, 400), np.empty(len(rows["time_s"]))
    root = np.sqrt(rows["length_measured_m"]) * (1 + rows["theta0_measured_rad"] ** 2 / 16)
    for i, (time, seen) in enumerate(zip(rows["time_s"], rows["x_observed_m"], strict=True)):
        turn = np.exp(1j * np.outer(np.sqrt(gravity) / root[i], time))
        found[i] = gravity[np.abs(turn @ seen.astype(np.float64)).argmax()]
    return found, None


def _least_squares(rows: Columns) -> Estimates:
    """The slope of the line through the points; its error from the noise of x and y.

    Noise on x lowers it by the factor 1 / (1 + sigma_x^2 / var x), which is not mended.
    """
    x, y = (rows[name].astype(np.float64) for name in ("x_observed", "y_observed"))
    x, y = x - x.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    square = (x * x).sum(1)
    slope = (x * y).sum(1) / square
    noise = np.hypot(rows["y_noise_sigma"], slope * rows["x_noise_sigma"])
    return slope, noise / np.sqrt(square)


def _sum_of_pixels(rows: Columns) -> Estimates:
    """The sum of an image; each pixel has the same noise."""
    image = rows["image"].astype(np.float64)
    sigma = rows["image_noise_sigma"] * np.sqrt(image[0].size)
    return image.sum((1, 2)), np.maximum(sigma, 1e-12)


def _counted_light(rows: Columns) -> Estimates:
    """The sum S of an image, and the error of what was counted: (t (S + n B) + n r^2) / t^2."""
    image, time = rows["image"].astype(np.float64), rows["exposure_s"]
    total, pixels = image.sum((1, 2)), image[0].size
    counts = time * (np.maximum(total, 0) + pixels * rows["sky_e_s_px"])
    return total, np.sqrt(counts + pixels * rows["read_noise_e"] ** 2) / time


def _normal_information(rows: Columns) -> Estimates:
    """-ln(1 - r^2) / 2, r the correlation of normal scores: right for Gaussians, else too low."""
    x, y = (_scores(rows[name]) for name in ("x", "y"))
    r = (x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1))
    return -0.5 * np.log1p(-(r**2)), None


def _scores(values: NDArray) -> NDArray:
    """Standard normal quantiles of the ranks, so that rising functions change nothing."""
    ranks = values.argsort(axis=1, kind="stable").argsort(axis=1)
    return quantiles.normal(((ranks + 0.5) / values.shape[1]).ravel()).reshape(values.shape)


_ESTIMATE = Baseline(
    "closed form of length and mean period",
    "gravity_m_s2",
    ("gravity_estimate_m_s2", "gravity_estimate_sigma_m_s2"),
    _gravity_estimate,
)
_LIGHT = Baseline(
    "sum of the pixels",
    "flux_e_s",
    ("image", "exposure_s", "sky_e_s_px", "read_noise_e"),
    _counted_light,
)

BASELINES: dict[str, tuple[Baseline, ...]] = {
    "pendulum": (
        Baseline(
            "peak of the spectrum, at the measured length",
            "gravity_m_s2",
            ("time_s", "x_observed_m", "length_measured_m", "theta0_measured_rad"),
            _gravity_of_frequency,
        ),
    ),
    "pendulum_timed": (_ESTIMATE,),
    "pendulum_timed_small_angle": (_ESTIMATE,),
    "line": (
        Baseline(
            "least squares",
            "slope",
            ("x_observed", "y_observed", "x_noise_sigma", "y_noise_sigma"),
            _least_squares,
        ),
    ),
    "pairs": (
        Baseline(
            "correlation of normal scores",
            "mutual_information_nats",
            ("x", "y"),
            _normal_information,
        ),
    ),
    "sky_star": (_LIGHT,),
    "sky_elliptical": (_LIGHT,),
    "sky_elliptical_total": (
        Baseline(
            "sum of the pixels",
            "total_e_s",
            ("image", "image_noise_sigma"),
            _sum_of_pixels,
            split="test_input_middle",
        ),
    ),
}
"""By simulator."""
