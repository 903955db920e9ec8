"""The modes of a posterior and the curvature there: Laplace's approximation.

Damped Gauss-Newton steps, in coordinates x in which the prior is a standard normal distribution:

    (J' V^-1 J + 1 + damping) step = J' V^-1 (seen - mean) - x

with J the derivatives of the mean of what is seen, by the model's own closed forms where it has
them, and V its variance. For counts the right side is the exact slope of their probability.

Source: K. Levenberg, Quarterly of Applied Mathematics 2 (1944) 164; D. W. Marquardt, SIAM J. Appl.
Math. 11 (1963) 431; P. McCullagh, J. A. Nelder, Generalized Linear Models, section 2.5.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.space import EDGE, Space
from deepbench_hf.simulators.base import Differentiable, Marginal, sensitive

Array = NDArray[np.floating]

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
    return _distinct(one, space, x, _expansion(one, space, x)[1])


def _climbed(one: Observation, space: Space, x: Array, steps: int) -> tuple[Array, Array]:
    """Points after some damped steps from ``x``, and what the search makes large there."""
    value = _searched(one, space, x)
    damping = np.full(len(x), 1e-3)
    for _ in range(steps):
        gradient, hessian = _expansion(one, space, x)
        diagonal = np.einsum("mii->mi", hessian)
        damped = hessian + np.einsum("mi,ij->mij", damping[:, None] * diagonal, np.eye(x.shape[1]))
        step = np.nan_to_num(np.linalg.solve(damped, gradient[..., None])[..., 0])
        trial = _turned(space, np.clip(x + np.clip(step, -2.0, 2.0), -8.0, 8.0))
        found = _searched(one, space, trial)
        better = found >= value
        settled = np.abs(found - value).max(where=better & np.isfinite(value), initial=0.0) < 1e-6
        x, value = np.where(better[:, None], trial, x), np.where(better, found, value)
        damping = np.clip(np.where(better, damping / 6.0, damping * 8.0), 1e-8, 1e6)
        if settled and better.any():
            break
    return x, value


def _searched(one: Observation, space: Space, x: Array) -> Array:
    """What the search makes large: normal prior times likelihood, logarithm, ``(n,)``."""
    flat = np.where(space.round, 0.0, x)
    return one.log_likelihood(space.searched(x)) - 0.5 * (flat * flat).sum(axis=1)


def _starts(one: Observation, space: Space, normals: Array) -> Array:
    """Where the search begins: what was measured, and what fits best among points of the prior."""
    points = normals.copy()
    points[:, space.round] = EDGE * np.tanh(0.8 * points[:, space.round])
    first, width = _measured(one, space)
    pool = np.concatenate([first[None], first + width * points])
    order = np.argsort(-_searched(one, space, pool), kind="stable")
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


def _expansion(one: Observation, space: Space, x: Array) -> tuple[Array, Array]:
    """The slope of the log posterior, ``(m, d)``, and its negative curvature, ``(m, d, d)``."""
    values = space.searched(x)
    # What goes round has no slope of its prior; a weak one of the curvature keeps it in bounds.
    gradient = np.where(space.round, 0.0, -x)
    hessian = np.repeat(np.eye(x.shape[1])[None], len(x), axis=0)
    if isinstance(one.plan.simulator, Marginal):
        return _differences(one, space, x)
    inputs, clean = one.clean(values)
    slopes = _slopes(one, space, x, values, inputs)
    for step in one.steps:
        measurement, name = step.measurement, step.measurement.name
        drawn = measurement.divided(one.drawn[name], inputs)
        settings = measurement.noise.applied(clean[name], drawn)
        response = np.reshape(
            measurement.noise.response(settings), (-1, *[1] * (clean[name].ndim - 1))
        )
        off = one.rows[measurement.column] / response - clean[name]
        variance = np.broadcast_to(measurement.noise.variance(clean[name], settings), off.shape)
        weight = np.divide(1.0, variance, out=np.zeros(off.shape), where=variance > 0.0)
        valid = getattr(measurement.target, "valid", "")
        if valid:
            weight = np.where(one.rows[valid], weight, 0.0)
        jacobian = slopes[name].reshape(len(x), x.shape[1], -1)
        weighted = jacobian * weight.reshape(len(x), 1, -1)
        gradient = gradient + (weighted @ off.reshape(len(x), -1, 1))[..., 0]
        hessian = hessian + weighted @ jacobian.transpose(0, 2, 1)
    return gradient, hessian


def _slopes(one: Observation, space: Space, x: Array, values: Columns, inputs: Columns) -> Columns:
    """d(clean) / dx of each measurement, ``(m, d, ...)``."""
    model = one.plan.simulator
    names = [step.measurement.name for step in one.steps]
    exact = model.derivatives(**inputs) if isinstance(model, Differentiable) else {}
    inner = space.slopes(x, values)
    numeric = [n for n in names if n not in exact and n not in inputs]
    missing = set(space.names) - set(sensitive(model))
    found = {name: [] for name in names}
    for k, parameter in enumerate(space.names):
        by_hand = parameter in missing and bool(exact)
        plain = _difference(one, space, x, k) if numeric or by_hand else {}
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


def _difference(one: Observation, space: Space, x: Array, k: int) -> Columns:
    """d(clean) / dx_k by central differences; float32 needs a wider step than float64."""
    kinds = {str(field.dtype) for field in one.plan.simulator.columns.values()}
    step = np.zeros(x.shape[1])
    step[k] = 3e-3 if "float32" in kinds else 1e-4
    above, below = (one.clean(space.searched(x + sign * step))[1] for sign in (1.0, -1.0))
    return {name: (above[name] - np.float64(below[name])) / (2.0 * step[k]) for name in above}


def _differences(one: Observation, space: Space, x: Array) -> tuple[Array, Array]:
    """The same for a likelihood that is a function of the parameters alone, by differences."""
    d, h = x.shape[1], 1e-3
    shifts = h * np.concatenate([np.eye(d), -np.eye(d)])

    def slope(at: Array) -> Array:
        moved = (at[:, None] + shifts).reshape(-1, d)
        values = _searched(one, space, moved).reshape(len(at), 2, d)
        return (values[:, 0] - values[:, 1]) / (2.0 * h)

    curvature = np.stack(
        [(slope(x - h * e) - slope(x + h * e)) / (2.0 * h) for e in np.eye(d)], axis=2
    )
    value, vector = np.linalg.eigh(0.5 * (curvature + curvature.transpose(0, 2, 1)))
    value = np.maximum(np.abs(value), 1.0)  # the prior's own
    return slope(x), (vector * value[:, None]) @ vector.transpose(0, 2, 1)


def _distinct(one: Observation, space: Space, x: Array, hessian: Array) -> list[Mode]:
    """The peaks that differ, with their images by symmetry, in the coordinates for drawing."""
    found: list[Mode] = []
    values, unit = space.searched(x), np.eye(x.shape[1])
    x, ratio = space.drawn(x, values)
    value = space.log_prior(values) + one.log_likelihood(values)
    hessian = (hessian - unit) / (ratio[:, :, None] * ratio[:, None, :]) + unit
    sound = np.isfinite(hessian).all(axis=(1, 2)) & np.isfinite(value)
    x, value, hessian = x[sound], value[sound], hessian[sound]
    covariance = np.linalg.inv(hessian)
    _, determinant = np.linalg.slogdet(2.0 * np.pi * covariance)
    mass = value + 0.5 * determinant
    for k in np.argsort(-mass, kind="stable"):
        if mass[k] < mass.max() - WIDE:
            continue
        for center in _images(space, x[k], covariance[k]):
            off = np.array([center - other.center for other in found]).reshape(-1, len(center))
            if all(o @ hessian[k] @ o > 0.5 for o in off):
                found.append(Mode(center, covariance[k], float(mass[k])))
    return found[:MOST]


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
