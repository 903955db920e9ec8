"""Adaptive multiple importance sampling: weighted points of a posterior.

    w_s = prior(x_s) L(x_s) / q(x_s),  q = mean over rounds of the density of their proposals

Each round proposes what the rounds before it have found, and the points of all rounds are kept: as
they are weighed by the density of all proposals together, a bad round costs time and nothing else.
The evidence is the mean of w, and (sum w)^2 / sum w^2 draws would say as much if they were
independent ones of the posterior itself.

The next proposals are Student mixtures fitted to walkers. Each combination of classes gets a share
of the points that goes with the root of the sum of its squared weights, so that a rare class whose
weights are uneven gets more of them than its mass: Neyman's allocation.

Source: J.-M. Cornuet et al., Adaptive multiple importance sampling, arXiv:0907.1254; T. Kloek, H.
K. van Dijk, Econometrica 46 (1978) 1; A. Kong, technical report 348, Chicago (1992), for the
effective draws; J. Neyman, J. R. Stat. Soc. 97 (1934) 558.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.stats import qmc

from deepbench_hf.exact.kernel import Array
from deepbench_hf.inference.mixtures import FREEDOM, SHARED, Proposal, log_mixture, mixture
from deepbench_hf.inference.walkers import Uniforms, many, walked

Target = Callable[[int, Array], Array]

KEPT = 0.05
"""The share of a round's points that must be effective before walkers begin from them."""

CORRELATED = 4
"""So many places of walkers say as much as one that is independent."""

LEAST = 3e-3
"""A case that needs less of the points has no proposals of its own."""


@dataclass(frozen=True)
class Sample:
    """Weighted points of a posterior.

    Args:
        case: number of the case of each point, ``(n,)``.
        points: of each case, the coordinates of its points, in order.
        log_weight: ``(n,)``, of the prior times likelihood over the density of proposals.
    """

    case: NDArray[np.int64]
    points: dict[int, Array]
    log_weight: Array

    @property
    def weight(self) -> Array:
        """Of sum 1, ``(n,)``."""
        top = self.log_weight.max()
        found = np.exp(self.log_weight - top) if np.isfinite(top) else np.zeros(len(self.case))
        return found / max(found.sum(), 1e-300)

    @property
    def log_evidence(self) -> float:
        """Logarithm of the probability of what was measured, nats."""
        return float(special.logsumexp(self.log_weight) - np.log(len(self.log_weight)))

    @property
    def effective(self) -> float:
        """Independent draws that would say as much."""
        square = (self.weight**2).sum()
        return float(1.0 / square) if square > 0 else 0.0


@lru_cache(16)
def even_points(count: int, dimensions: int) -> Array:
    """The first points of Sobol's sequence in the unit cube, ``(count, dimensions)``.

    They fill it more evenly than random numbers do: moved by one random shift, modulo 1, they give
    means whose errors fall almost as 1 / count.

    Source: I. M. Sobol, USSR Comp. Math. Math. Phys. 7 (1967) 86; R. Cranley, T. N. L. Patterson,
    SIAM J. Numer. Anal. 13 (1976) 904, for the shift.
    """
    sequence = qmc.Sobol(dimensions, scramble=False, bits=32)
    return sequence.random_base2(int(np.ceil(np.log2(count))))[:count]


@dataclass
class AMIS:
    """Points of rounds of proposals.

    Args:
        target: prior times likelihood, by the number of the case and its points ``(n, d)``,
            logarithm.
        begun: what the first round is drawn from, and a tenth of each later one, so that no mode
            is lost.
        count: of the points of a round.
        tried: the target of walkers, if it is another one.
    """

    target: Target
    begun: list[Proposal]
    count: int
    tried: Target | None = None
    _fresh: list[list[Proposal]] = field(default_factory=list)
    _case: list[NDArray[np.int64]] = field(default_factory=list)
    _points: dict[int, Array] = field(default_factory=dict)
    _value: dict[int, Array] = field(default_factory=dict)
    _first: dict[int, Array] = field(default_factory=dict)
    _density: dict[int, Array] = field(default_factory=dict)

    def add(self, uniforms: Uniforms) -> Sample:
        """One round more; all points so far.

        Args:
            uniforms: so many random numbers in [0, 1).
        """
        shift = uniforms(max(len(p.center) for p in self.begun) + 2)
        fresh = self._followed(uniforms) if self._fresh else []
        self._fresh.append(fresh)
        case, drawn = draw(self.proposed, self.count, shift)
        self._case.append(case)
        for number in sorted({*self._points, *drawn}):
            old = self._points.get(number)
            if old is not None:
                self._add_density(number, fresh, slice(0, len(old)))
            if number in drawn:
                self._add_points(number, drawn[number])
        return self.sample

    @property
    def proposed(self) -> list[Proposal]:
        """What the last round was drawn from."""
        fresh = self._fresh[-1]
        first = SHARED if fresh else 1.0
        return [replace(p, share=first * p.share) for p in self.begun] + fresh

    @property
    def sample(self) -> Sample:
        """All points, by the density of all proposals."""
        case, weight = np.concatenate(self._case), np.full(len(self._case) * self.count, -np.inf)
        for number, value in self._value.items():
            weight[case == number] = value - self._density[number] + np.log(len(self._fresh))
        return Sample(case, self._points, weight)

    def _followed(self, uniforms: Uniforms) -> list[Proposal]:
        """Proposals where walkers find the posterior, which begin at points of all rounds.

        The weights of these are raised to the largest power up to 1 that leaves enough effective.
        """
        drawn, target = self.sample, self.tried or self.target
        weight, found = _flattened(drawn.log_weight, KEPT * self.count), []
        for number, need in self._needs(drawn).items():
            x, own = drawn.points[number], weight[drawn.case == number]
            n = many(need * self.count, x.shape[1])
            place = np.searchsorted(np.cumsum(own) / own.sum(), (np.arange(n) + uniforms(1)) / n)
            place = np.minimum(place, len(x) - 1)[np.argsort(uniforms(n), kind="stable")]
            value = self._value[number][place]
            there = walked(lambda y, k=number: target(k, y), x[place], value, uniforms)
            parts = mixture(number, there, len(there) / CORRELATED)
            found += [replace(p, share=need * p.share) for p in parts]
        whole = sum(p.share for p in found)
        return [replace(p, share=(1.0 - SHARED) * p.share / whole) for p in found]

    @staticmethod
    def _needs(drawn: Sample) -> dict[int, float]:
        """The share of the points that each case should have, where it is not next to nothing.

        Of n points of a case with weights w it goes with sqrt(n sum w^2).
        """
        weight = {number: drawn.weight[drawn.case == number] for number in drawn.points}
        root = {n: float(np.sqrt(len(w) * (w * w).sum())) for n, w in weight.items()}
        whole = max(sum(root.values()), 1e-300)
        return {number: r / whole for number, r in root.items() if r > LEAST * whole}

    def _add_points(self, number: int, x: Array) -> None:
        begun = [p for p in self.begun if p.case == number]
        new = {"_points": x, "_value": self.target(number, x), "_first": log_mixture(begun, x)}
        before = len(self._points.get(number, ()))
        new["_density"] = np.full(len(x), -np.inf)
        for name, values in new.items():
            of = getattr(self, name)
            of[number] = np.concatenate([of[number], values]) if number in of else values
        for fresh in self._fresh:
            self._add_density(number, fresh, slice(before, None))

    def _add_density(self, number: int, fresh: list[Proposal], here: slice) -> None:
        """Add that of a round to the densities of some points."""
        found = self._first[number][here] + np.log(SHARED if fresh else 1.0)
        own = [p for p in fresh if p.case == number]
        if own:
            found = np.logaddexp(found, log_mixture(own, self._points[number][here]))
        self._density[number][here] = np.logaddexp(self._density[number][here], found)


def draw(
    proposed: list[Proposal], count: int, shift: Array
) -> tuple[NDArray[np.int64], dict[int, Array]]:
    """Points of proposals: the case of each, and the points of each case in order."""
    u = (even_points(count, len(shift)) + shift) % 1.0
    u = np.clip(u, 2.0**-33, 1.0 - 2.0**-33)
    share = np.cumsum([p.share for p in proposed])
    chosen = np.minimum(np.searchsorted(share, u[:, 0] * share[-1]), len(proposed) - 1)
    z = special.ndtri(u[:, 2:])
    z *= np.sqrt(FREEDOM / special.chdtri(FREEDOM, u[:, 1]))[:, None]
    case, points = np.array([p.case for p in proposed])[chosen], {}
    for number in np.unique(case):
        here = np.flatnonzero(case == number)
        own = [k for k, p in enumerate(proposed) if p.case == number]
        points[int(number)] = x = np.empty((len(here), len(proposed[own[0]].center)))
        for k in own:
            of, p = chosen[here] == k, proposed[k]
            x[of] = p.center + z[here[of], : x.shape[1]] @ p.root.T
    return case, points


def _flattened(log_weight: Array, effective: float) -> Array:
    """Weights of sum 1, raised to the largest power up to 1 under which so many are effective."""
    low, high, weight = 0.0, 1.0, np.empty(0)
    for _ in range(30):
        power = 0.5 * (low + high) if low else high
        weight = special.softmax(np.where(np.isfinite(log_weight), power * log_weight, -np.inf))
        enough = (weight * weight).sum() * effective <= 1.0
        if enough and power == 1.0:
            break
        low, high = (power, high) if enough else (low or 1e-9, power)
    return weight
