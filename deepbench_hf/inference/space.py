"""Two kinds of coordinates of the free parameters: to search in, and to draw in.

    search   theta = F^-1(Phi(x)),  F the distribution function of the prior
    draw     theta = m + s y, or ln theta = m + s y of what is always above zero

In the first the prior is a standard normal distribution without walls. In the second, where s is
half of the central 68.3 % of the prior, posteriors stay as normal as the data make them, and what
depends on a product of parameters lies on a straight line; points beyond the walls of the prior
count nothing.

A parameter that goes round, such as the angle of an ellipse, has the same outputs at both ends of
its prior, and one coordinate for both uses. Where its outputs are the same after a part of a turn,
such as those of three spiral arms after 120 degrees, one part stands for all: a posterior has then
one peak where it had three, and its draws are spread over the parts in the end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.noise.base import LOG_ROOT_TWO_PI
from deepbench_hf.priors import Prior
from deepbench_hf.recipe.steps import Case

EDGE = 3.0**0.5
"""Half of the width of a uniform distribution of variance 1."""

REACH = 3.0
"""Standard deviations from a wall at which it matters."""

LAST = 1.0 - 2.0**-53


@dataclass(frozen=True)
class Space:
    """The free parameters of one case, as coordinates.

    Args:
        case: what is settled, and the distributions of what is free.
        turns: of each parameter that goes round, how many equal parts its range has.
        middles: the middle of the part that stands for all, 0 where it is not given.
        walled: parameters that are drawn in the coordinates of the search, as the data leave them
            at a wall of their prior.
    """

    case: Case
    turns: Mapping[str, int]
    middles: Mapping[str, float] = field(default_factory=dict)
    walled: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """The free parameters, in the order of the coordinates."""
        return tuple(self.case.free)

    @property
    def round(self) -> NDArray[np.bool_]:
        """Which coordinates go round, ``(d,)``."""
        return np.array([name in self.turns for name in self.names], bool)

    @cached_property
    def part(self) -> Array:
        """The middle and half of the width of the part that stands for all; 0, 1 of others."""
        parts = [self.turns.get(name, EDGE) for name in self.names]
        middles = [self.middles.get(name, 0.0) for name in self.names]
        return np.stack([np.array(middles), EDGE / np.array(parts)], axis=1)

    def about(self, x: Array) -> "Space":
        """The same with parts about a point ``(d,)``."""
        middles = {n: float(v) for n, v in zip(self.names, x, strict=True) if n in self.turns}
        return replace(self, middles=middles)

    def wrapped(self, x: Array) -> Array:
        """Points ``(n, d)`` whose coordinates that go round are in the part that stands for all."""
        middle, half = self.part.T
        turns = np.floor((x - middle + half) / (2.0 * half))
        return np.where(self.round, x - 2.0 * half * turns, x)

    def searched(self, x: Array) -> Columns:
        """All parameters of points of the search ``(n, d)``, ``(n,)`` each."""
        columns = zip(self.names, x.T, strict=True)
        return self._fixed(len(x)) | {name: self._searched(name, of) for name, of in columns}

    def parameters(self, y: Array) -> Columns:
        """All parameters of points that were drawn ``(n, d)``, ``(n,)`` each."""
        found = self._fixed(len(y))
        for k, name in enumerate(self.names):
            if name in self.walled or name in self.turns:
                found[name] = self._searched(name, y[:, k])
                continue
            middle, scale = self.scales[k]
            value = middle + scale * y[:, k]
            found[name] = np.exp(np.minimum(value, 700.0)) if self._logs(name) else value
        return found

    def unfolded(self, values: Columns, uniforms: Callable[[str, int], Array]) -> Columns:
        """Parameters ``(n,)`` spread over all parts of a turn.

        Args:
            values: as `parameters` gives them.
            uniforms: for each name so many random numbers in [0, 1).
        """
        found = dict(values)
        for name, parts in self.turns.items():
            if parts > 1:
                low, high = self.case.free[name].support
                turn = np.floor(parts * uniforms(name, len(values[name]))) / parts
                way = (values[name] - low) / (high - low) + turn
                found[name] = low + (high - low) * (way - np.floor(way))
        return found

    def at_walls(self, centers: Array, spread: Array) -> "Space":
        """The coordinates for normal distributions ``(m, d)`` some of which reach walls."""
        names = []
        for k, (name, prior) in enumerate(self.case.free.items()):
            low, high = np.log(prior.support) if self._logs(name) else np.array(prior.support)
            ends = (np.array([low, high]) - self.scales[k, 0]) / self.scales[k, 1]
            near = np.abs(ends[:, None] - centers[:, k]) < REACH * spread[:, k]
            if name not in self.turns and near.any():
                names.append(name)
        return replace(self, walled=frozenset(names))

    def at_every_wall(self) -> "Space":
        """The coordinates of the search, where no others are of use."""
        return replace(self, walled=frozenset(self.names) - self.turns.keys())

    def _logs(self, name: str) -> bool:
        """Whether a parameter is drawn by its logarithm."""
        return self.case.free[name].support[0] > 0.0 and name not in self.turns

    def _searched(self, name: str, x: Array) -> Array:
        """A parameter from its coordinate of the search ``(n,)``, of any turn."""
        prior = self.case.free[name]
        if name not in self.turns:
            return prior.quantile(np.minimum(special.ndtr(x), LAST))
        low, high = prior.support
        way = (x / EDGE + 1.0) / 2.0
        return low + (high - low) * (way - np.floor(way))

    def _fixed(self, n: int) -> Columns:
        return {name: np.full(n, value) for name, value in self.case.fixed.items()}

    @cached_property
    def scales(self) -> Array:
        """M and s of each coordinate, ``(d, 2)``."""
        found = []
        for name, prior in self.case.free.items():
            ends = np.sort(prior.quantile(special.ndtr(np.array([-1.0, 1.0]))))
            low, high = np.log(ends) if self._logs(name) else ends
            found.append((0.5 * (low + high), max(0.5 * (high - low), 1e-300)))
        return np.array(found).reshape(-1, 2)

    def drawn(self, x: Array, values: Columns) -> tuple[Array, Array]:
        """The coordinates y of points of the search ``(n, d)``, and dy / dx of each."""
        slopes, y, ratio = self.slopes(x, values), np.empty(x.shape), np.empty(x.shape)
        for k, name in enumerate(self.names):
            if name in self.walled or name in self.turns:
                y[:, k], ratio[:, k] = x[:, k], 1.0
                continue
            middle, scale = self.scales[k]
            plain = values[name]
            y[:, k] = ((np.log(plain) if self._logs(name) else plain) - middle) / scale
            ratio[:, k] = slopes[name] / scale / (plain if self._logs(name) else 1.0)
        return y, np.maximum(ratio, 1e-12)

    def point(self, values: Mapping[str, float]) -> Array:
        """The coordinates ``(d,)`` of values, moved into the prior where they are outside it."""
        found = np.zeros(len(self.names))
        for k, (name, prior) in enumerate(self.case.free.items()):
            low, high = prior.support
            value = min(max(values.get(name, np.nan), low), high)
            if name in values and name in self.turns:
                found[k] = EDGE * (2.0 * (value - low) / (high - low) - 1.0)
            elif name in values:
                found[k] = _coordinate(prior, value)
        return found

    def slopes(self, x: Array, values: Columns) -> Columns:
        """D theta / dx of each free parameter, ``(n,)``."""
        found = {}
        for k, (name, prior) in enumerate(self.case.free.items()):
            if name in self.turns:
                low, high = prior.support
                found[name] = np.full(len(x), (high - low) / (2.0 * EDGE))
            else:
                density = -0.5 * x[:, k] ** 2 - LOG_ROOT_TWO_PI
                found[name] = np.exp(density - prior.log_prob(values[name]))
        return found

    def log_prior(self, y: Array, values: Columns, coordinates: NDArray | None = None) -> Array:
        """Logarithm of the density of points that were drawn, the chance of the case included.

        Args:
            y: the points, ``(n, d)``; the density is in 1 / y.
            values: their parameters, as `parameters` gives them.
            coordinates: whose; None for all.
        """
        total = np.full(len(next(iter(values.values()))), self.case.log_chance)
        for k in range(len(self.names)) if coordinates is None else coordinates:
            name = self.names[k]
            if name in self.walled:
                total = total - 0.5 * y[:, k] ** 2 - LOG_ROOT_TWO_PI
                continue
            if name in self.turns:
                middle, half = self.part[k]
                inside = np.abs(y[:, k] - middle) <= half
                total = total + np.where(inside, -np.log(2.0 * half), -np.inf)
                continue
            prior, value = self.case.free[name], values[name]
            change = np.log(self.scales[k, 1] * (value if self._logs(name) else 1.0))
            total = total + prior.log_prob(value) + change
        return total


def weighed(
    observation: Observation, space: Space, y: Array, coordinates: NDArray | None = None
) -> Array:
    """Likelihood times prior of points that were drawn ``(n, d)``, logarithm, ``(n,)``.

    Args:
        observation: the row.
        space: its coordinates.
        y: the points.
        coordinates: whose prior; None for all.
    """
    values = space.parameters(y)
    found = space.log_prior(y, values, coordinates)
    inside = np.isfinite(found)
    found[inside] += observation.log_likelihood({name: v[inside] for name, v in values.items()})
    return found


def _coordinate(prior: Prior, value: float) -> float:
    """The x whose parameter is ``value``, by bisection: quantiles rise."""
    low, high = -8.0, 8.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        below = prior.quantile(np.minimum(special.ndtr(np.array([middle])), LAST))[0] < value
        low, high = (middle, high) if below else (low, middle)
    return 0.5 * (low + high)
