"""The modes of a posterior and the curvature there: Laplace's approximation.

    mass = p(peak) sqrt(det 2 pi C),   C = 1 / curvature

Peaks have their images by symmetry, and points along the ridges on which they lie.

Source: L. Tierney, J. B. Kadane, J. Am. Stat. Assoc. 81 (1986) 82.
"""

from dataclasses import dataclass

import numpy as np

from deepbench_hf.exact.kernel import Array
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.search import Climbed, places
from deepbench_hf.inference.slopes import expansion, searched
from deepbench_hf.inference.space import Space

WIDE = 15.0
"""A mode whose share of the evidence is less than e to the minus this is left out."""

MOST = 12
"""Modes of one case."""

SOUND = 1e-6
"""The least curvature of a peak, beside which that of the prior is about 1."""

STRIDES, STRIDE, FOLLOWED = 24, 1.5, 4
"""Steps along a ridge, the length of each in standard deviations, and how many are followed."""


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


def modes(
    observation: Observation, space: Space, begun: Climbed, alone: bool, shared: bool
) -> list[tuple[Space, list[Mode]]]:
    """The peaks of a case, the most massive first, in coordinates to draw them in.

    Where they reach a wall of the prior there are two kinds of coordinates; nothing without peaks.
    Coordinates that rows share are not fitted to one of them.

    Args:
        observation: the row.
        space: the coordinates of the case.
        begun: how far the search has come.
        alone: whether it is the only case, so that a peak of it must fit.
        shared: whether rows share the coordinates.
    """
    if not space.names:
        value = observation.log_likelihood(space.searched(begun.x))[0] + space.case.log_chance
        mode = Mode(np.zeros(0), np.zeros((0, 0)), float(value))
        return [(space, [mode])] if np.isfinite(value) else []
    reached = places(observation, space, begun, alone)
    x, hessian = reached.x, expansion(observation, space, reached.x)[1]
    space = space if shared else space.about(x[np.argmax(reached.value)])
    found = _distinct(observation, space, x, hessian)
    if shared:
        return [(space, found)] if found else []
    spread = np.sqrt([np.diag(mode.covariance) for mode in found])
    centers = np.array([mode.center for mode in found])
    other = space.at_walls(centers, spread) if found else space.at_every_wall()
    walled = _distinct(observation, other, x, hessian) if other.walled else []
    return [(s, of) for s, of in ((space, found), (other, walled)) if of]


def ridges(observation: Observation, space: Space, found: list[Mode]) -> list[Mode]:
    """The modes, and points on both sides along the longest axis of each, however it bends.

    A step of `STRIDE` standard deviations along the axis, then Gauss-Newton steps across it.
    """
    if not space.names:
        return found
    centers = np.stack([mode.center for mode in found])
    values = space.parameters(centers)
    first = np.stack(
        [space.point({n: float(v[k]) for n, v in values.items()}) for k in range(len(centers))]
    )
    x = np.repeat(first[:FOLLOWED], 2, axis=0)
    ways, top, places = np.zeros(x.shape), searched(observation, space, x), [first]
    for number in range(STRIDES):
        length, axes = np.linalg.eigh(expansion(observation, space, x)[1])
        axis = axes[:, :, 0]  # of the least curvature
        turn = np.einsum("mi,mi->m", axis, ways) < 0.0 if number else np.arange(len(x)) % 2 == 1
        ways = np.where(turn[:, None], -axis, axis)
        x = np.clip(x + np.minimum(STRIDE / np.sqrt(length[:, :1]), 1.0) * ways, -8.0, 8.0)
        for _ in range(3):
            gradient, hessian = expansion(observation, space, x)
            wall = 1e6 * np.einsum("mi,mj->mij", ways, ways)
            across = gradient - np.einsum("mi,mi->m", gradient, ways)[:, None] * ways
            x = x + np.clip(np.linalg.solve(hessian + wall, across[..., None])[..., 0], -0.5, 0.5)
        near = searched(observation, space, x) > top - WIDE
        x, ways, top = x[near], ways[near], top[near]
        if not len(x):
            break
        places.append(x)
    points = np.concatenate(places)
    return _distinct(
        observation, space, points, expansion(observation, space, points)[1], 2 * STRIDES
    )


def _distinct(
    observation: Observation, space: Space, x: Array, hessian: Array, most: int = MOST
) -> list[Mode]:
    """The peaks that differ, with their images by symmetry, in the coordinates for drawing."""
    found: list[Mode] = []
    values, unit = space.searched(x), np.eye(x.shape[1])
    x, ratio = space.drawn(space.wrapped(x), values)
    value = space.log_prior(x, values) + observation.log_likelihood(values)
    hessian = (hessian - unit) / (ratio[:, :, None] * ratio[:, None, :]) + unit
    sound = np.isfinite(hessian).all(axis=(1, 2)) & np.isfinite(value)
    sound[sound] = np.linalg.eigvalsh(hessian[sound])[:, 0] > SOUND
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
    """A mode, and its equals beyond an end of what goes round that reach over it."""
    images = [center]
    for k in np.flatnonzero(space.round):
        (middle, half), reach = space.part[k], 4.0 * covariance[k, k] ** 0.5
        for image in list(images):
            for way in (-2.0 * half, 2.0 * half):
                if abs(image[k] + way - middle) <= half + min(reach, 2.0 * half):
                    images.append(image + way * np.eye(len(center))[k])
    return images
