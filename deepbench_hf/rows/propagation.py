"""Errors of measured parameters in the clean output: their root mean square, to all orders.

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
from deepbench_hf.fields import Columns
from deepbench_hf.noise import Noise, sigma_name
from deepbench_hf.simulators.base import Simulator

POINTS, GENERATOR = 4093, 2999
"""About 1 % of the result where a measured period is wrong by a whole swing, less elsewhere."""

BATCH = 4096
"""Examples in one call of the simulator."""


def propagated_errors(
    simulator: Simulator, noise: Mapping[str, Noise], rows: Columns, clean: Columns
) -> Columns:
    """Root mean square errors of the outputs, ``(n, ...)``, if inputs are taken as measured.

    Measured values outside the limits of a parameter, which the simulator would refuse, are left
    out of the mean.

    Args:
        simulator: the model.
        noise: on parameters of the model; other noise is not looked at.
        rows: true parameters, coordinates and the strength of every noise.
        clean: the outputs at the true parameters.
    """
    errors = {name: own for name, own in noise.items() if name in simulator.parameters}
    inputs = {n: rows[n] for n in (*simulator.parameters, *simulator.coordinates) if n in rows}
    normal = _normals(len(errors))
    total = {name: np.zeros(clean[name].shape) for name in simulator.outputs}
    count, n = np.zeros(len(rows["index"])), len(rows["index"])
    step = max(1, BATCH // max(n, 1))
    for first in range(0, POINTS, step):
        points = normal[first : first + step]
        given = {name: np.tile(v, (len(points), *[1] * (v.ndim - 1))) for name, v in inputs.items()}
        inside = np.ones(len(points) * n, bool)
        for name, z in zip(errors, points.T, strict=True):
            parameter, own = simulator.parameters[name], errors[name]
            strength = np.tile(rows[sigma_name(name, own, parameter)], len(points))
            measured = own.at(given[name], strength, np.repeat(z, n))
            here = (measured >= parameter.low) & (measured <= parameter.high)
            given[name] = np.where(here, measured, given[name])
            inside &= here
        found = simulator(**given)
        for k, kept in enumerate(
            inside.reshape(len(points), n)
        ):  # one by one: any n adds in one order
            count += kept
            for name, square in total.items():
                miss = found[name][k * n : k * n + n] - clean[name]
                square += miss * miss * kept.reshape(n, *[1] * (miss.ndim - 1))
    size = np.maximum(count, 1.0)
    return {
        name: np.sqrt(square / size.reshape(n, *[1] * (square.ndim - 1)))
        for name, square in total.items()
    }


@lru_cache
def _normals(dimensions: int) -> NDArray[np.float64]:
    """Standard normal numbers, ``(POINTS, dimensions)``, evenly spread in probability."""
    steps = np.array([pow(GENERATOR, power, POINTS) for power in range(dimensions)])
    places = np.arange(POINTS)[:, None] * steps % POINTS
    return quantiles.normal(((places + 0.5) / POINTS).ravel()).reshape(POINTS, dimensions)
