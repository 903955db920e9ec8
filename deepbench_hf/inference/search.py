"""The search for the peaks of a posterior.

Damped Gauss-Newton steps, in coordinates x in which the prior is a standard normal distribution:

    (curvature + damping) step = slope

The search begins at what was measured and at the best of many points of the prior. It begins again
at the peaks along a line through the best place so far for each coordinate: a frequency has many of
them, each as narrow as the data are long, and the edges of a shape make others.

The squares of the residuals tell whether a place fits. Until one combination of classes fits an
image all of them go on; then those whose mass is hopeless beside it are left. As lines take ten
times as long as the steps before them, an image that is fitted already has them only where the
starts disagree. A series that nothing fits is begun anew with its first part alone, and an image
whose starts disagree with fewer pixels.

Source: K. Levenberg, Quarterly of Applied Mathematics 2 (1944) 164; D. W. Marquardt, SIAM J. Appl.
Math. 11 (1963) 431.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from deepbench_hf.exact.kernel import Array
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.slopes import excess, expansion, searched, squares
from deepbench_hf.inference.space import EDGE, Space

STEPS, STARTS = 14, 6
"""Steps from each of the best starts."""

FIRST_STEPS, MOST_STARTS, FEWEST, TRIED = 4, 64, 1024, 4096
"""Steps before the best are known; how many starts, and of how few and how many points."""

SMALL = 1e-3
"""Nats by which the last step may gain: a mode is then within some 0.05 standard deviations."""

SAMPLES = 1 << 16
"""Of starts times the samples of a row: of large images there are fewer starts."""

LINES, PLACES, FEWER, PEAKS, AGAIN = 2, 256, 64, 4, 3
"""Through how many places lines are laid, the points of each, or fewer of an image that is fitted
already, the peaks that are kept of it, and how often they are laid for an image that none fits."""

AGREED, ALIKE, HOPELESS = 3, 0.1, 50.0
"""Starts that must end at the same height, and the nats by which they may differ; the nats by which
the mass of a case may be below that of one that fits: lines added 30 at most, of galaxies."""

FAR, NEAR = 6.0, 3.0
"""Standard deviations by which the squares of the residuals are too many, and up to which a place
is taken for the right one."""

UNCOVERED = ((0.125, 256), (0.25, 64), (0.5, 32), (1.0, 16))
COARSE = ((0.125, 32), (0.25, 16), (0.5, 8))
"""The shares of series that are seen one after the other, and the places that are kept; the same of
the pixels on a side of an image."""


@dataclass(frozen=True)
class Climbed:
    """Places of a search.

    Args:
        x: ``(m, d)``.
        value: what the search makes large there, ``(m,)``.
        starts: where it began, the best first, ``(n, d)``.
    """

    x: Array
    value: Array
    starts: Array

    @property
    def agreed(self) -> bool:
        """Whether some of the starts ended alike."""
        return bool((self.value > self.value.max() - ALIKE).sum() >= AGREED)

    def with_more(self, x: Array, value: Array) -> "Climbed":
        """These places and others."""
        x, value = np.concatenate([self.x, x]), np.concatenate([self.value, value])
        return Climbed(x, value, self.starts)

    def excess(self, observation: Observation, space: Space) -> float:
        """Standard deviations by which squares of residuals are too many at the best place."""
        return excess(observation, space.searched(self.x[[self.value.argmax()]]))

    def log_mass(self, observation: Observation, space: Space) -> float:
        """Laplace's estimate of the evidence of the best place, logarithm."""
        best = self.value.argmax()
        _, determinant = np.linalg.slogdet(expansion(observation, space, self.x[[best]])[1])
        mass = space.case.log_chance + self.value[best] - 0.5 * determinant[0]
        return float(np.nan_to_num(mass, nan=-np.inf))


def climbed(observation: Observation, space: Space, normals: Array) -> Climbed:
    """Where the best of the starts lead, which are taken from points of the prior ``(n, d)``."""
    room = _room(observation, space)
    fewest = FEWEST if space.names else 0  # a class alone is one place
    starts = _starts(observation, space, normals[: max(fewest, min(TRIED, 8 * room))])
    most = max(STARTS, min(MOST_STARTS, room))
    found = Climbed(*_twice(observation, space, starts[:most]), starts)
    if observation.images and not found.agreed:
        found = found.with_more(*_uncovered(observation, space, starts))
    return found


def contenders(observation: Observation, spaces: list[Space], normals: Array) -> dict[int, Climbed]:
    """How far the search has come in the cases that are worth more of it, by their numbers.

    Args:
        observation: the row.
        spaces: the coordinates of the cases.
        normals: points of the prior from which some starts are taken, ``(n, d)``.
    """
    begun = [climbed(observation, space, normals[:, : len(space.names)]) for space in spaces]
    for number in range(AGAIN + 1):
        mass = [of.log_mass(observation, space) for of, space in zip(begun, spaces, strict=True)]
        best = int(np.argmax(mass))
        if begun[best].excess(observation, spaces[best]) <= NEAR:
            return {k: of for k, of in enumerate(begun) if mass[k] >= mass[best] - HOPELESS}
        if observation.series or number == AGAIN:
            break
        for k, of in enumerate(begun):
            begun[k] = of.with_more(*_along_lines(observation, spaces[k], of, PLACES))
    return dict(enumerate(begun))


def places(observation: Observation, space: Space, begun: Climbed, alone: bool) -> Climbed:
    """Where the search ends.

    Args:
        observation: the row.
        space: the coordinates of the case.
        begun: where the best starts have led.
        alone: whether it is the only case, so that a peak of it must fit.
    """
    fits = not observation.series and begun.excess(observation, space) <= NEAR
    if _room(observation, space) and not (fits and begun.agreed):
        begun = begun.with_more(*_along_lines(observation, space, begun, FEWER if fits else PLACES))
    if alone and observation.series and begun.excess(observation, space) > FAR:
        begun = begun.with_more(*_uncovered(observation, space, begun.starts))
        begun = begun.with_more(*_along_lines(observation, space, begun, PLACES))
    return begun


def _room(observation: Observation, space: Space) -> int:
    """For so many starts there is room; none where all is measured, so that it is near already."""
    measured = {step.measurement.name for step in observation.steps}
    return 0 if measured.issuperset(space.names) else SAMPLES // observation.size


def _twice(observation: Observation, space: Space, starts: Array) -> tuple[Array, Array]:
    """Where starts lead; the best of them after some steps go on."""
    x, value = _climbed(observation, space, starts, FIRST_STEPS)
    best = np.argsort(-value, kind="stable")[:STARTS]
    return _climbed(observation, space, x[best], STEPS)


def _along_lines(
    observation: Observation, space: Space, begun: Climbed, count: int
) -> tuple[Array, Array]:
    """Where the peaks along lines of so many points through the best places lead."""
    x = begun.x[np.argsort(-begun.value, kind="stable")[:LINES]]
    d, laid = x.shape[1], x.size  # lines
    steps = (np.arange(count) + 0.5) / count
    lines = np.repeat(x, d * count, axis=0).reshape(len(x), d, count, d)
    for k, (middle, half) in enumerate(space.part):
        around = middle + half * (2.0 * steps - 1.0)
        lines[:, k, :, k] = around if space.round[k] else special.ndtri(steps)
    along = searched(observation, space, lines.reshape(laid * count, d)).reshape(laid, count)
    walls = np.pad(along, ((0, 0), (1, 1)), constant_values=-np.inf)
    peak = np.where((along >= walls[:, :-2]) & (along >= walls[:, 2:]), along, -np.inf)
    chosen = np.argsort(-peak, axis=1, kind="stable")[:, :PEAKS]
    starts = np.take_along_axis(lines.reshape(laid, count, d), chosen[..., None], axis=1)
    starts = starts[np.isfinite(np.take_along_axis(peak, chosen, axis=1))]
    return _twice(observation, space, starts) if len(starts) else (x[:0], begun.value[:0])


def _uncovered(observation: Observation, space: Space, starts: Array) -> tuple[Array, Array]:
    """Places that fit the first part of series, then ever more of them; or images ever less coarse.

    The longer a series is, the narrower and the more are the peaks of its frequency; and the finer
    an image is, the closer a thin line must be to its place before it is seen.
    """
    x = starts
    for share, most in UNCOVERED if observation.series else COARSE:
        least = squares(observation, space.searched(x), share) + (x * x).sum(axis=1)
        x = x[np.argsort(least, kind="stable")[:most]]
        x, _ = _climbed(observation, space, x, FIRST_STEPS, share)
    return _climbed(observation, space, x, STEPS)


def _climbed(
    observation: Observation, space: Space, x: Array, steps: int, share: float = 1.0
) -> tuple[Array, Array]:
    """Points after some damped steps from ``x``, and what the search makes large there.

    Of what the first share of each series tells, where it is not 1.
    """

    def height(at: Array) -> Array:
        if share == 1.0:
            return searched(observation, space, at)
        flat = np.where(space.round, 0.0, at)
        return -0.5 * (squares(observation, space.searched(at), share) + (flat * flat).sum(axis=1))

    value = height(x)
    damping = np.full(len(x), 1e-3)
    for _ in range(steps):
        gradient, hessian = expansion(observation, space, x, share)
        diagonal = np.einsum("mii->mi", hessian)
        damped = hessian + np.einsum("mi,ij->mij", damping[:, None] * diagonal, np.eye(x.shape[1]))
        step = np.nan_to_num(np.linalg.solve(damped, gradient[..., None])[..., 0])
        trial = space.wrapped(np.clip(x + np.clip(step, -2.0, 2.0), -8.0, 8.0))
        found = height(trial)
        better = found >= value
        settled = np.abs(found - value).max(where=better & np.isfinite(value), initial=0.0) < SMALL
        x, value = np.where(better[:, None], trial, x), np.where(better, found, value)
        damping = np.clip(np.where(better, damping / 6.0, damping * 8.0), 1e-8, 1e6)
        if settled and better.any():
            break
    return x, value


def _starts(observation: Observation, space: Space, normals: Array) -> Array:
    """Where the search begins: what was measured, and what fits best among points of the prior."""
    points = normals.copy()
    points[:, space.round] = EDGE * np.tanh(0.8 * points[:, space.round])
    first, width = _measured(observation, space)
    pool = space.wrapped(np.concatenate([first[None], first + width * points]))
    return pool[np.argsort(-searched(observation, space, pool), kind="stable")]


def _measured(observation: Observation, space: Space) -> tuple[Array, Array]:
    """Coordinates of measured inputs and their errors; of other parameters the prior's, 0 and 1."""
    inputs = {step.measurement.name: step.measurement for step in observation.steps}
    inputs = {name: of for name, of in inputs.items() if name in space.names}
    first = space.point(
        {name: float(observation.rows[of.column][0]) for name, of in inputs.items()}
    )
    values, width = space.searched(first[None]), np.ones(len(first))
    slopes = space.slopes(first[None], values)
    for name, measurement in inputs.items():
        drawn = measurement.divided(observation.drawn[name], values)
        settings = measurement.noise.applied(values[name], drawn)
        square = measurement.noise.variance(values[name], settings)[0] / slopes[name][0] ** 2
        width[space.names.index(name)] = np.sqrt(square / (1.0 + square))
    return first, width
