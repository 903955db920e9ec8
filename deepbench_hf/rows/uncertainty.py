"""Variances, propagated errors and Cramer-Rao bounds of rows, as `recipe.plan` names them."""

from collections.abc import Mapping

import numpy as np

from deepbench_hf.exact.fisher import add_information, bounds, bounds_of
from deepbench_hf.fields import Columns
from deepbench_hf.recipe.steps import Bounds
from deepbench_hf.rows.propagation import propagated_errors
from deepbench_hf.simulators.base import Differentiable, Simulator


def uncertainties(step: Bounds, simulator: Simulator, rows: Columns, inputs: Columns) -> Columns:
    """The columns of the step: of rows with truths, clean outputs and the settings of noise."""
    found = {}
    for name, column in step.variances.items():
        one = step.measurements[name]
        variance = one.variance(rows[step.clean[name]], rows)
        unit = np.reshape(one.response(rows), (-1, *[1] * (variance.ndim - 1)))
        values = {column: (unit * unit * variance).astype(np.float32)}
        found |= one.without_padding(values, rows)
    if step.propagated:
        found |= propagated_errors(step, simulator, rows, inputs)
    if step.bounded and isinstance(simulator, Differentiable):
        found |= _bounds(step, simulator.derivatives(**inputs), rows)
    return found


def _bounds(step: Bounds, slopes: Mapping[str, Columns], rows: Columns) -> Columns:
    """The bounds ``(n,)`` from all observed outputs together."""
    names, seen = step.parameters, []
    for output in step.variances:
        clean = rows[step.clean[output]]
        stacked = np.stack([slopes[output][name].reshape(clean.shape) for name in names])
        seen.append(step.measurements[output].uncorrelated(stacked, clean, rows))
    flat = [v.reshape(len(v), int(np.prod(v.shape[1:]))) for _, v in seen]
    largest = np.maximum.reduce([variance.max(axis=1) for variance in flat])
    unit = np.where(largest > 0.0, largest, 1.0)
    information = np.zeros((len(unit), len(names), len(names)))
    for (turned, _), variance in zip(seen, flat, strict=True):
        counted = np.where(largest[:, None] > 0.0, variance, 1.0)
        add_information(turned.reshape(len(names), *counted.shape), counted, unit, information)
    bound = np.empty((len(names), len(unit)))
    bounds(information, largest, bound)
    found = dict(zip(names, bound, strict=True))
    for number in step.bounded.keys() - set(names):
        found[number] = np.empty(len(unit))
        gradient = np.stack([slopes[number][name] for name in names])
        bounds_of(gradient, information, largest, found[number])
    return {step.bounded[name]: values for name, values in found.items()}
