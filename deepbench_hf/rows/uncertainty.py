"""Variances, propagated errors and Cramer-Rao bounds of rows, as `recipe.plan` names them.

Errors of measured parameters are told by their root mean square in the clean output, to all orders:

    sigma^2 = E[(f(p measured) - f(p))^2],  p measured by the noise about the truth p

First-order propagation, (df/dp)^2 sigma_p^2, grows with time without end in a swing whose measured
period is wrong; the true error ends at the size of the motion. The mean is taken over fixed points,
those of a lattice turned into normal numbers, so that no random number enters.

Source: I. H. Sloan and S. Joe, Lattice Methods for Multiple Integration (1994), rank-1 rules of
Korobov's form; the generator is ours, the best of 150 for two to five dimensions.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact import quantiles
from deepbench_hf.exact.fisher import add_information, bounds, bounds_of
from deepbench_hf.fields import Columns
from deepbench_hf.recipe.steps import Bounds
from deepbench_hf.simulators.base import Differentiable, Simulator
from deepbench_hf.simulators.inputs import misfits


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


POINTS, GENERATOR = 4093, 2999
"""About 1 % of the result where a measured period is wrong by a whole swing, less elsewhere."""

BATCH = 4096
"""Examples in one call of the simulator."""


def propagated_errors(
    step: Bounds, simulator: Simulator, rows: Columns, inputs: Columns
) -> Columns:
    """Root mean square errors of the outputs, ``(n, ...)``, if inputs are taken as measured.

    Measured values outside the limits of a parameter, and those that do not fit together, which the
    simulator would refuse, are left out of the mean; noise on what is no parameter is not looked
    at. The rows hold the settings of noise and the outputs at the true parameters.
    """
    errors = {n: one for n, one in step.measurements.items() if n in simulator.parameters}
    clean = {name: rows[step.clean[name]] for name in step.propagated}
    drawn = {column: rows[column] for one in errors.values() for column in one.settings.values()}
    n, normal = len(rows["index"]), _normals(len(errors))
    total, count = {name: np.zeros(values.shape) for name, values in clean.items()}, np.zeros(n)
    batch = max(1, BATCH // max(n, 1))
    for first in range(0, POINTS, batch):
        points = normal[first : first + batch]
        given, settings = _repeated(inputs, len(points)), _repeated(drawn, len(points))
        inside = np.ones(len(points) * n, bool)
        for (name, one), z in zip(errors.items(), points.T, strict=True):
            parameter = simulator.parameters[name]
            measured = one.at(given[name], settings, np.repeat(z, n))
            here = (measured >= parameter.low) & (measured <= parameter.high)
            given[name] = np.where(here, measured, given[name])
            inside &= here
        if apart := misfits(simulator, given):
            wrong = np.array([*apart])
            inside[wrong] = False
            for name in errors:
                given[name][wrong] = inputs[name][wrong % n]
        found = simulator(**given)
        # One by one, so that the sums of a row do not depend on the other rows.
        for k, kept in enumerate(inside.reshape(len(points), n)):
            count += kept
            for name, square in total.items():
                miss = found[name][k * n : k * n + n] - clean[name]
                square += miss * miss * kept.reshape(n, *[1] * (miss.ndim - 1))
    size = np.maximum(count, 1.0)
    return {
        step.propagated[name]: np.sqrt(square / size.reshape(n, *[1] * (square.ndim - 1)))
        for name, square in total.items()
    }


def _repeated(columns: Columns, times: int) -> Columns:
    """All rows of the columns, again and again."""
    return {n: np.tile(v, (times, *[1] * (v.ndim - 1))) for n, v in columns.items()}


@lru_cache
def _normals(dimensions: int) -> NDArray[np.float64]:
    """Standard normal numbers, ``(POINTS, dimensions)``, evenly spread in probability."""
    steps = np.array([pow(GENERATOR, power, POINTS) for power in range(dimensions)])
    places = np.arange(POINTS)[:, None] * steps % POINTS
    return quantiles.normal(((places + 0.5) / POINTS).ravel()).reshape(POINTS, dimensions)
