"""The modes of a posterior and the curvature there: Laplace's approximation.

Damped Gauss-Newton steps, in coordinates x in which the prior is a standard normal distribution:

    (curvature + damping) step = slope

The search begins at what was measured and at the best of many points of the prior, and it begins
again at the peaks along a line through the best place so far for each coordinate: a frequency has
many of them, each as narrow as the data are long.

Source: K. Levenberg, Quarterly of Applied Mathematics 2 (1944) 164; D. W. Marquardt, SIAM J. Appl.
Math. 11 (1963) 431.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from deepbench_hf.exact.kernel import Array
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.slopes import expansion, searched
from deepbench_hf.inference.space import EDGE, Space

STEPS, STARTS = 14, 6
"""Steps from each of the best starts."""

FIRST_STEPS, MOST_STARTS, FEWEST, TRIED = 4, 64, 256, 4096
"""Steps before the best are known; how many starts, and of how few and how many points."""

SAMPLES = 1 << 16
"""Of starts times the samples of a row: of large images there are fewer starts."""

WIDE = 15.0
"""A mode whose share of the evidence is less than e to the minus this is left out."""

MOST = 12
"""Modes of one case."""

LINES, PLACES, PEAKS = 2, 256, 4
"""Through how many places lines are laid, the points of each, and the peaks that are kept of it."""


STRIDES, STRIDE = 24, 1.5
"""Steps along a ridge, and the length of each in standard deviations."""


@dataclass(frozen=True)
class Mode:
    """A normal distribution about a peak of the posterior, in the coordinates for drawing.

    Args:
        center: ``(d,)``.
        covariance: ``(d, d)``.
        log_mass: logarithm of the evidence in it, nats.
    """

    center: Array
    covariance: Array
    log_mass: float


def modes(one: Observation, space: Space, normals: Array) -> list[Mode]:
    """The peaks of a case, the most massive first.

    Args:
        one: the row.
        space: the coordinates of the case.
        normals: points of the prior from which some starts are taken, ``(n, d)``.
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
    return _distinct(one, space, x, expansion(one, space, x)[1])


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


def ridges(one: Observation, space: Space, found: list[Mode]) -> list[Mode]:
    """The modes, and points on both sides along the longest axis of each, however it bends.

    A step of `STRIDE` standard deviations along the axis, then Gauss-Newton steps across it.
    """
    centers = np.stack([mode.center for mode in found])
    values = space.parameters(centers)
    first = np.stack(
        [space.point({n: float(v[k]) for n, v in values.items()}) for k in range(len(centers))]
    )
    x, ways = np.repeat(first, 2, axis=0), np.zeros((2 * len(first), first.shape[1]))
    top, places = searched(one, space, x), [first]
    for number in range(STRIDES):
        length, axes = np.linalg.eigh(expansion(one, space, x)[1])
        axis = axes[:, :, 0]  # of the least curvature
        turn = np.einsum("mi,mi->m", axis, ways) < 0.0 if number else np.arange(len(x)) % 2 == 1
        ways = np.where(turn[:, None], -axis, axis)
        x = np.clip(x + np.minimum(STRIDE / np.sqrt(length[:, :1]), 1.0) * ways, -8.0, 8.0)
        for _ in range(3):
            gradient, hessian = expansion(one, space, x)
            wall = 1e6 * np.einsum("mi,mj->mij", ways, ways)
            across = gradient - np.einsum("mi,mi->m", gradient, ways)[:, None] * ways
            x = x + np.clip(np.linalg.solve(hessian + wall, across[..., None])[..., 0], -0.5, 0.5)
        near = searched(one, space, x) > top - WIDE
        x, ways, top = x[near], ways[near], top[near]
        if not len(x):
            break
        places.append(x)
    points = np.concatenate(places)
    return _distinct(one, space, points, expansion(one, space, points)[1], 2 * STRIDES)


def _climbed(one: Observation, space: Space, x: Array, steps: int) -> tuple[Array, Array]:
    """Points after some damped steps from ``x``, and what the search makes large there."""
    value = searched(one, space, x)
    damping = np.full(len(x), 1e-3)
    for _ in range(steps):
        gradient, hessian = expansion(one, space, x)
        diagonal = np.einsum("mii->mi", hessian)
        damped = hessian + np.einsum("mi,ij->mij", damping[:, None] * diagonal, np.eye(x.shape[1]))
        step = np.nan_to_num(np.linalg.solve(damped, gradient[..., None])[..., 0])
        trial = _turned(space, np.clip(x + np.clip(step, -2.0, 2.0), -8.0, 8.0))
        found = searched(one, space, trial)
        better = found >= value
        settled = np.abs(found - value).max(where=better & np.isfinite(value), initial=0.0) < 1e-6
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


def _distinct(
    one: Observation, space: Space, x: Array, hessian: Array, most: int = MOST
) -> list[Mode]:
    """The peaks that differ, with their images by symmetry, in the coordinates for drawing."""
    found: list[Mode] = []
    values, unit = space.searched(x), np.eye(x.shape[1])
    x, ratio = space.drawn(x, values)
    value = space.log_prior(values) + one.log_likelihood(values)
    hessian = (hessian - unit) / (ratio[:, :, None] * ratio[:, None, :]) + unit
    sound = np.isfinite(hessian).all(axis=(1, 2)) & np.isfinite(value)
    x, value, hessian = x[sound], value[sound], hessian[sound]
    covariance = np.asarray(np.linalg.inv(hessian), np.float64)
    _, determinant = np.linalg.slogdet(2.0 * np.pi * covariance)
    mass = value + 0.5 * determinant
    for k in np.argsort(-mass, kind="stable"):
        if mass[k] < mass.max() - WIDE:
            continue
        for center in _images(space, x[k], covariance[k]):
            off = np.array([center - other.center for other in found]).reshape(-1, len(center))
            if all(o @ hessian[k] @ o > 0.5 for o in off):
                found.append(Mode(center, covariance[k], float(mass[k])))
    return found[:most]


def _images(space: Space, center: Array, covariance: Array) -> list[Array]:
    """A mode and its equals by symmetry, also those beyond an end that reach into the range."""
    images = [center]
    for k, name in enumerate(space.names):
        if name in space.turns:
            part, reach = 2.0 * EDGE / space.turns[name], 4.0 * covariance[k, k] ** 0.5
            count = range(-space.turns[name] - 1, space.turns[name] + 2)
            moved = []
            for image in images:
                for turn in count:
                    place = image[k] + turn * part
                    if abs(place) <= EDGE + min(reach, part):
                        other = image.copy()
                        other[k] = place
                        moved.append(other)
            images = sorted(moved, key=lambda one: abs(one[k] - center[k]))
    return images
