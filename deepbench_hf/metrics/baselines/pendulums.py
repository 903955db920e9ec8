"""Gravity and period of a pendulum, from its frequency."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.base import Estimates, Predict
from deepbench_hf.recipe.recipe import Recipe

TURNS = np.geomspace(0.02, 3.1, 4000)
"""Frequencies that are tried for a period, radians a sample: up to half the sampling rate."""


def given_estimate(recipe: Recipe, rows: Columns) -> Estimates:
    """The estimate that the rows hold, g = 4 pi^2 L / T^2, with its error to first order."""
    return rows["gravity_estimate_m_s2"], rows["gravity_estimate_sigma_m_s2"]


def gravity_of_frequency(recipe: Recipe, rows: Columns) -> Estimates:
    """The g from 0.3 to 30 m/s^2 with most power at w = sqrt(g / L) / (1 + theta0^2 / 16)."""
    gravity, time = np.geomspace(0.3, 30, 400), rows["time_s"]
    root = np.sqrt(rows["length_measured_m"]) * (1 + rows["theta0_measured_rad"] ** 2 / 16)
    turn = np.exp(1j * np.sqrt(gravity) * ((time[:, 1] - time[:, 0]) / root)[:, None])
    wave = np.zeros_like(turn)
    for seen in rows["x_m"].astype(np.float64).T:  # sum_k x_k turn^(T - 1 - k), as Horner did
        wave = wave * turn + seen[:, None]
    return gravity[np.abs(wave).argmax(axis=1)], None


def period_of(series: str) -> Predict:
    """The baseline that finds the period of an evenly sampled series."""
    return lambda recipe, rows: (_period(rows["time_s"], rows[series]), None)


def _period(time: NDArray, series: NDArray) -> NDArray[np.float64]:
    """The period of the one wave that takes most of the squares, a cos w t + b sin w t.

    Source: N. R. Lomb, Least-squares frequency analysis, Astrophys. Space Sci. 39 (1976) 447.
    """
    turn = np.outer(np.arange(time.shape[1]), TURNS)
    cos, sin, seen = np.cos(turn), np.sin(turn), series.astype(np.float64)
    a, b = seen @ cos, seen @ sin
    cc, cs, ss = (cos * cos).sum(0), (cos * sin).sum(0), (sin * sin).sum(0)
    power = (a * a * ss - 2 * a * b * cs + b * b * cc) / (cc * ss - cs * cs)
    place = np.clip(power.argmax(axis=1), 1, len(TURNS) - 2)
    low, top, high = (np.take_along_axis(power, place[:, None] + k, 1)[:, 0] for k in (-1, 0, 1))
    # The vertex of the parabola through three neighbours, which are evenly spaced in ln w.
    shift = np.clip((low - high) / np.minimum(2 * (low - 2 * top + high), -1e-300), -1, 1)
    best = TURNS[place] * (TURNS[1] / TURNS[0]) ** shift
    return 2 * np.pi / best * (time[:, 1] - time[:, 0])
