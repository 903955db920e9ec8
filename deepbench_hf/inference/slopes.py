"""The slope and the curvature of a log posterior, in the coordinates of the search.

    slope = J' V^-1 (seen - mean) - x,   curvature = J' V^-1 J + 1

with J the derivatives of the mean of what is seen, by the model's own closed forms where it has
them, and V its variance. For counts the slope is the exact one of their probability.

Source: P. McCullagh, J. A. Nelder, Generalized Linear Models, section 2.5.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.space import Space
from deepbench_hf.recipe.steps import Measure
from deepbench_hf.simulators.base import Differentiable, Marginal, sensitive


def searched(observation: Observation, space: Space, x: Array) -> Array:
    """What the search makes large: normal prior times likelihood, logarithm, ``(n,)``."""
    flat = np.where(space.round, 0.0, x)
    return observation.searched(space.searched(x)) - 0.5 * (flat * flat).sum(axis=1)


def excess(observation: Observation, values: Columns) -> float:
    """Standard deviations by which the squares of the residuals of some parameters are too many.

    Where a model is right they are as many as there are samples, n, give or take sqrt(2 n).
    """
    if isinstance(observation.plan.simulator, Marginal):
        return 0.0
    return float(
        (squares(observation, values)[0] - observation.size) / np.sqrt(2.0 * observation.size)
    )


def squares(observation: Observation, values: Columns, share: float = 1.0) -> Array:
    """Squares of the residuals over their variances, ``(n,)``, of parameters ``(n,)`` each.

    Of the first share of each series, or of images with so many times fewer pixels on a side.
    """
    inputs, clean = observation.clean(values)
    total: Array = np.zeros(len(next(iter(values.values()))))
    for step in observation.steps:
        off, weight, _ = _residuals(observation, step, inputs, clean[step.measurement.name], share)
        total = total + (off * off * weight).reshape(len(total), -1).sum(axis=1)
    return np.where(np.isnan(total), np.inf, total)


def expansion(
    observation: Observation, space: Space, x: Array, share: float = 1.0
) -> tuple[Array, Array]:
    """The slope of the log posterior, ``(m, d)``, and its negative curvature, ``(m, d, d)``.

    Of what a share tells, as `squares` has it.
    """
    if not x.shape[1]:
        return x, np.zeros((len(x), 0, 0))
    if isinstance(observation.plan.simulator, Marginal):
        return _differences(observation, space, x)
    values = space.searched(x)
    # What goes round has no slope of its prior; a weak one of the curvature keeps it in bounds.
    gradient = np.where(space.round, 0.0, -x)
    hessian = np.repeat(np.eye(x.shape[1])[None], len(x), axis=0)
    inputs, clean = observation.clean(values)
    slopes = _slopes(observation, space, x, values, inputs)
    for step in observation.steps:
        name = step.measurement.name
        off, weight, kept = _residuals(observation, step, inputs, clean[name], share)
        jacobian = kept(slopes[name]).reshape(len(x), x.shape[1], -1)
        weighted = jacobian * weight.reshape(len(x), 1, -1)
        gradient = gradient + (weighted @ off.reshape(len(x), -1, 1))[..., 0]
        hessian = hessian + weighted @ jacobian.transpose(0, 2, 1)
    return gradient, hessian


def _residuals(
    observation: Observation, step: Measure, inputs: Columns, clean: NDArray, share: float
) -> tuple[Array, Array, Callable[[Array], Array]]:
    """What was measured less the mean, ``(m, ...)``, and one over its variance, or 0.

    Also what is done to derivatives, as these are of images with fewer pixels.
    """
    measurement = step.measurement
    drawn = measurement.divided(observation.drawn[measurement.name], inputs)
    settings = measurement.noise.applied(clean, drawn)
    response = np.reshape(measurement.noise.response(settings), (-1, *[1] * (clean.ndim - 1)))
    off = observation.rows[measurement.column] / response - clean
    variance = np.broadcast_to(measurement.noise.variance(clean, settings), off.shape)
    blocks = int(1.0 / share) if clean.ndim > 2 else 1
    off, variance = _blocks(off, blocks), _blocks(variance, blocks)
    weight = np.divide(1.0, variance, out=np.zeros(off.shape), where=variance > 0.0)
    valid = getattr(measurement.target, "valid", "")
    if valid:
        weight = np.where(observation.rows[valid], weight, 0.0)
    if clean.ndim == 2:
        weight[:, int(np.ceil(share * clean.shape[1])) :] = 0.0
    return off, weight, lambda slopes: _blocks(slopes, blocks)


def _blocks(values: Array, size: int) -> Array:
    """Images ``(..., H, W)`` with sums of square blocks for pixels; what is left over is cut."""
    if size == 1:
        return values
    high, wide = (n // size for n in values.shape[-2:])
    values = values[..., : high * size, : wide * size]
    parts = values.reshape(*values.shape[:-2], high, size, wide, size)
    return np.asarray(parts.sum(axis=(-3, -1)), np.float64)


def _slopes(
    observation: Observation, space: Space, x: Array, values: Columns, inputs: Columns
) -> Columns:
    """d(clean) / dx of each measurement, ``(m, d, ...)``."""
    model = observation.plan.simulator
    names = [step.measurement.name for step in observation.steps]
    exact = model.derivatives(**inputs) if isinstance(model, Differentiable) else {}
    inner = space.slopes(x, values)
    numeric = [n for n in names if n not in exact and n not in inputs]
    missing = set(space.names) - set(sensitive(model))
    found = {name: [] for name in names}
    for k, parameter in enumerate(space.names):
        by_hand = parameter in missing and bool(exact)
        plain = _difference(observation, space, x, k) if numeric or by_hand else {}
        for name in names:
            if name in inputs:
                value = inner[name] if name == parameter else np.zeros(len(x))
            elif name in exact and not by_hand:
                slope = exact[name][parameter]
                value = slope * inner[parameter].reshape(-1, *[1] * (slope.ndim - 1))
            else:
                value = plain[name]
            found[name].append(value)
    return {name: np.stack(parts, axis=1) for name, parts in found.items()}


def _difference(observation: Observation, space: Space, x: Array, k: int) -> Columns:
    """d(clean) / dx_k by central differences; float32 needs a wider step than float64."""
    kinds = {str(field.dtype) for field in observation.plan.simulator.columns.values()}
    step = np.zeros(x.shape[1])
    step[k] = 3e-3 if "float32" in kinds else 1e-4
    above, below = (observation.clean(space.searched(x + sign * step))[1] for sign in (1.0, -1.0))
    return {name: (above[name] - np.float64(below[name])) / (2.0 * step[k]) for name in above}


def _differences(observation: Observation, space: Space, x: Array) -> tuple[Array, Array]:
    """The same for a likelihood that is a function of the parameters alone, by differences."""
    d, h = x.shape[1], 1e-3
    shifts = h * np.concatenate([np.eye(d), -np.eye(d)])

    def slope(at: Array) -> Array:
        moved = (at[:, None] + shifts).reshape(-1, d)
        values = searched(observation, space, moved).reshape(len(at), 2, d)
        return (values[:, 0] - values[:, 1]) / (2.0 * h)

    curvature = np.stack(
        [(slope(x - h * e) - slope(x + h * e)) / (2.0 * h) for e in np.eye(d)], axis=2
    )
    curvature = np.nan_to_num(0.5 * (curvature + curvature.transpose(0, 2, 1)), posinf=0, neginf=0)
    value, vector = np.linalg.eigh(curvature)
    value = np.maximum(np.abs(value), 1.0)  # the prior's own
    return np.nan_to_num(slope(x), posinf=0, neginf=0), (
        vector * value[:, None]
    ) @ vector.transpose(0, 2, 1)
