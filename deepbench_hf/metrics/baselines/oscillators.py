"""Damped oscillations: the resonance near its peak, and Prony's method."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.base import Estimates
from deepbench_hf.recipe.recipe import Recipe

Array = NDArray[np.float64]
Wave = NDArray[np.complex128]


def resonant_amplitude(recipe: Recipe, rows: Columns) -> Estimates:
    """A = 1 / (2 sqrt((1 - omega)^2 + gamma^2)): right where omega is near 1 and gamma small.

    Source: L. D. Landau, E. M. Lifshitz, Mechanics, section 26, the vicinity of the resonance.
    """
    return 0.5 / np.hypot(1 - rows["omega"], rows["gamma"]), None


def resonant_phase(recipe: Recipe, rows: Columns) -> Estimates:
    """The phase atan2(gamma, 1 - omega), as `resonant_amplitude`."""
    return np.arctan2(rows["gamma"], 1 - rows["omega"]), None


def damping(recipe: Recipe, rows: Columns) -> Estimates:
    """The damping of a pendulum as if it were harmonic, x ~ e^(-b t / 2) cos(w t)."""
    step = rows["time_s"][:, 1] - rows["time_s"][:, 0]
    return -2 * np.log(np.abs(_root(rows["x_m"]))) / step, None


def answer(recipe: Recipe, rows: Columns) -> Estimates:
    """Where a damped oscillation will be: x = Re(c z^(t / step)), c by least squares."""
    time, x = rows["time_s"], rows["x_m"].astype(np.float64)
    first, step = time[:, 0], time[:, 1] - time[:, 0]
    rate = np.log(_root(x)) / step
    wave: Wave = np.exp(rate[:, None] * (time - first[:, None]))
    basis = np.stack([wave.real, -wave.imag], axis=2)
    part = (np.linalg.pinv(basis) @ x[..., None])[..., 0]
    asked: Wave = np.exp(rate * (rows["question_s"] - first))
    return part[:, 0] * asked.real - part[:, 1] * asked.imag, None


def _root(x: Array) -> Wave:
    """The z of x_k = Re(c z^k), from x_(k+1) = a x_k - b x_(k-1) by least squares, (n,).

    Source: F. B. Hildebrand, Introduction to Numerical Analysis, section 9.4, Prony's method.
    """
    x = x.astype(np.float64)
    before = np.stack([x[:, 1:-1], -x[:, :-2]], axis=2)
    a, b = (np.linalg.pinv(before) @ x[:, 2:, None])[..., 0].T
    root = (a + np.sqrt((a * a - 4 * b).astype(np.complex128))) / 2
    return np.where(root == 0, 1, root)  # what does not move is not damped
