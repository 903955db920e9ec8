"""The search for the peaks of a posterior.

Damped Gauss-Newton steps, in coordinates x in which the prior is a standard normal distribution:

    (curvature + damping) step = slope

The search begins at what was measured and at the best of many points of the prior, and it begins
again at the peaks along a line through the best place so far for each coordinate: a frequency has
many of them, each as narrow as the data are long. Where the best place is farther from a series
than its noise explains, it begins anew with the first part of the series alone.

Source: K. Levenberg, Quarterly of Applied Mathematics 2 (1944) 164; D. W. Marquardt, SIAM J. Appl.
Math. 11 (1963) 431.
"""

import numpy as np
from scipy import special

from deepbench_hf.exact.kernel import Array
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.slopes import expansion, searched, squares
from deepbench_hf.inference.space import EDGE, Space
from deepbench_hf.simulators.base import Marginal

STEPS, STARTS = 14, 6
"""Steps from each of the best starts."""

FIRST_STEPS, MOST_STARTS, FEWEST, TRIED = 4, 64, 256, 4096
"""Steps before the best are known; how many starts, and of how few and how many points."""

SMALL = 1e-3
"""Nats by which the last step may gain: a mode is then within some 0.05 standard deviations."""

SAMPLES = 1 << 16
"""Of starts times the samples of a row: of large images there are fewer starts."""

LINES, PLACES, PEAKS = 2, 256, 4
"""Through how many places lines are laid, the points of each, and the peaks that are kept of it."""

FAR = 6.0
"""Standard deviations by which the squares of the residuals are too many."""

UNCOVERED = ((0.125, 256), (0.25, 64), (0.5, 32), (1.0, 16))
"""The shares of series that are seen one after the other, and the places that are kept."""


def places(one: Observation, space: Space, normals: Array, alone: bool) -> Array:
    """Where the search ends, ``(m, d)``.

    Args:
        one: the row.
        space: the coordinates of the case.
        normals: points of the prior from which some starts are taken, ``(n, d)``.
        alone: whether it is the only case, so that a peak of it must fit.
    """
    measured = {step.measurement.name for step in one.steps}.issuperset(space.names)
    room = 0 if measured else SAMPLES // one.size  # what is measured is near already
    starts = _starts(one, space, normals[: max(FEWEST, min(TRIED, 8 * room))])
    many = max(STARTS, min(MOST_STARTS, room))
    x, value = _climbed(one, space, starts[:many], FIRST_STEPS)
    best = np.argsort(-value, kind="stable")[:STARTS]
    x, value = _climbed(one, space, x[best], STEPS)
    if room:
        x, value = _with_peaks(one, space, x, value)
    if alone and _misses(one, space, x, value):
        found, reached = _uncovered(one, space, starts)
        x, value = np.concatenate([x, found]), np.concatenate([value, reached])
        x, value = _with_peaks(one, space, x, value)
    return x


def _with_peaks(one: Observation, space: Space, x: Array, value: Array) -> tuple[Array, Array]:
    """The places found so far, and those to which the peaks along lines through the best lead."""
    best, d = np.argsort(-value, kind="stable")[:LINES], x.shape[1]
    steps = special.ndtri((np.arange(PLACES) + 0.5) / PLACES)
    around = EDGE * (2.0 * (np.arange(PLACES) + 0.5) / PLACES - 1.0)
    lines = np.repeat(x[best], d * PLACES, axis=0).reshape(len(best), d, PLACES, d)
    for k in range(d):
        lines[:, k, :, k] = around if space.round[k] else steps
    lines = lines.reshape(-1, PLACES, d)
    along = searched(one, space, lines.reshape(-1, d)).reshape(-1, PLACES)
    walls = np.pad(along, ((0, 0), (1, 1)), constant_values=-np.inf)
    peak = np.where((along >= walls[:, :-2]) & (along >= walls[:, 2:]), along, -np.inf)
    chosen = np.argsort(-peak, axis=1, kind="stable")[:, :PEAKS]
    starts = np.take_along_axis(lines, chosen[..., None], axis=1).reshape(-1, d)
    found, reached = _climbed(one, space, starts, FIRST_STEPS)
    again = np.argsort(-reached, kind="stable")[:STARTS]
    found, reached = _climbed(one, space, found[again], STEPS)
    return np.concatenate([x, found]), np.concatenate([value, reached])


def _misses(one: Observation, space: Space, x: Array, value: Array) -> bool:
    """Whether series are farther from the best place than their noise explains."""
    if isinstance(one.plan.simulator, Marginal) or not one.series:
        return False
    least = squares(one, space, x[[value.argmax()]])[0]
    return bool(least > one.size + FAR * np.sqrt(2.0 * one.size))


def _uncovered(one: Observation, space: Space, starts: Array) -> tuple[Array, Array]:
    """Places that fit the first part of series, then ever more of them.

    The longer a series is, the narrower and the more are the peaks of its frequency.
    """
    x = starts
    for share, most in UNCOVERED:
        least = squares(one, space, x, share) + (x * x).sum(axis=1)
        x = x[np.argsort(least, kind="stable")[:most]]
        x, _ = _climbed(one, space, x, FIRST_STEPS, share)
    return _climbed(one, space, x, STEPS)


def _climbed(
    one: Observation, space: Space, x: Array, steps: int, share: float = 1.0
) -> tuple[Array, Array]:
    """Points after some damped steps from ``x``, and what the search makes large there.

    Of what the first share of each series tells, where it is not 1.
    """

    def height(at: Array) -> Array:
        if share == 1.0:
            return searched(one, space, at)
        flat = np.where(space.round, 0.0, at)
        return -0.5 * (squares(one, space, at, share) + (flat * flat).sum(axis=1))

    value = height(x)
    damping = np.full(len(x), 1e-3)
    for _ in range(steps):
        gradient, hessian = expansion(one, space, x, share)
        diagonal = np.einsum("mii->mi", hessian)
        damped = hessian + np.einsum("mi,ij->mij", damping[:, None] * diagonal, np.eye(x.shape[1]))
        step = np.nan_to_num(np.linalg.solve(damped, gradient[..., None])[..., 0])
        trial = _turned(space, np.clip(x + np.clip(step, -2.0, 2.0), -8.0, 8.0))
        found = height(trial)
        better = found >= value
        settled = np.abs(found - value).max(where=better & np.isfinite(value), initial=0.0) < SMALL
        x, value = np.where(better[:, None], trial, x), np.where(better, found, value)
        damping = np.clip(np.where(better, damping / 6.0, damping * 8.0), 1e-8, 1e6)
        if settled and better.any():
            break
    return x, value


def _starts(one: Observation, space: Space, normals: Array) -> Array:
    """Where the search begins: what was measured, and what fits best among points of the prior."""
    points = normals.copy()
    points[:, space.round] = EDGE * np.tanh(0.8 * points[:, space.round])
    first, width = _measured(one, space)
    pool = np.concatenate([first[None], first + width * points])
    order = np.argsort(-searched(one, space, pool), kind="stable")
    return pool[order]


def _measured(one: Observation, space: Space) -> tuple[Array, Array]:
    """Coordinates of measured inputs and their errors; of other parameters the prior's, 0 and 1."""
    inputs = {step.measurement.name: step.measurement for step in one.steps}
    inputs = {name: of for name, of in inputs.items() if name in space.names}
    first = space.point({name: float(one.rows[of.column][0]) for name, of in inputs.items()})
    values, width = space.searched(first[None]), np.ones(len(first))
    slopes = space.slopes(first[None], values)
    for name, measurement in inputs.items():
        drawn = measurement.divided(one.drawn[name], values)
        settings = measurement.noise.applied(values[name], drawn)
        square = measurement.noise.variance(values[name], settings)[0] / slopes[name][0] ** 2
        width[space.names.index(name)] = np.sqrt(square / (1.0 + square))
    return first, width


def _turned(space: Space, x: Array) -> Array:
    """Coordinates that go round, between their ends."""
    way = (x / EDGE + 1.0) / 2.0
    return np.where(space.round, EDGE * (2.0 * (way - np.floor(way)) - 1.0), x)
