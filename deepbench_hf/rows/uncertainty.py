"""Variances, propagated errors and Cramer-Rao bounds of rows, as `recipe.bounds` names them."""

from collections.abc import Mapping

import numpy as np

from deepbench_hf.exact.fisher import add_information, bounds, bounds_of
from deepbench_hf.fields import Columns
from deepbench_hf.recipe.steps import Bounds
from deepbench_hf.rows.propagation import propagated_errors
from deepbench_hf.simulators.base import Differentiable, Simulator


def uncertainties(step: Bounds, simulator: Simulator, rows: Columns, inputs: Columns) -> Columns:
    """The columns of the step: of rows with truths, clean outputs and the settings of noise."""
    variance = {
        name: one.variance(rows[step.clean[name]], rows) for name, one in step.measurements.items()
    }
    found = {}
    for name, column in step.variances.items():
        one, axes = step.measurements[name], variance[name].ndim - 1
        unit = np.reshape(one.response(rows), (-1, *[1] * axes))
        values = {column: (unit * unit * variance[name]).astype(np.float32)}
        found |= one.without_padding(values, rows)
    if step.propagated:
        found |= propagated_errors(step, simulator, rows, inputs)
    if step.bounded and isinstance(simulator, Differentiable):
        slopes = simulator.derivatives(**inputs)
        found |= _bounds(step, slopes, {name: variance[name] for name in step.variances})
    return found


def _bounds(step: Bounds, slopes: Mapping[str, Columns], variance: Columns) -> Columns:
    """The bounds ``(n,)`` from all observed outputs together."""
    names = step.parameters
    flat = {name: v.reshape(len(v), int(np.prod(v.shape[1:]))) for name, v in variance.items()}
    tops = [values.max(axis=1) for values in flat.values()]
    largest = np.maximum.reduce(tops)
    unit = np.where(largest > 0.0, largest, 1.0)
    information = np.zeros((len(unit), len(names), len(names)))
    for output, values in flat.items():
        stacked = np.stack([slopes[output][name].reshape(values.shape) for name in names])
        seen = np.where(largest[:, None] > 0.0, values, 1.0)
        add_information(stacked, seen, unit, information)
    bound = np.empty((len(names), len(unit)))
    bounds(information, largest, bound)
    found = dict(zip(names, bound, strict=True))
    for number in step.bounded.keys() - set(names):
        found[number] = np.empty(len(unit))
        gradient = np.stack([slopes[number][name] for name in names])
        bounds_of(gradient, information, largest, found[number])
    return {step.bounded[name]: values for name, values in found.items()}
