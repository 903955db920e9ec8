"""Weighted draws from a posterior: a mixture of Student distributions, and what they say.

    w_s = prior(x_s) L(x_s) / q(x_s),  q = sum_k a_k t_5(x; m_k, 1.5 C_k)

The evidence is the mean of w; (sum w)^2 / sum w^2 draws would say as much if they were independent
ones of the posterior itself; and the shape k of the generalised Pareto distribution of the largest
weights tells whether their mean can be trusted: up to 0.7.

Source: T. Kloek, H. K. van Dijk, Econometrica 46 (1978) 1; A. Kong, technical report 348, Chicago
(1992); A. Vehtari et al., Pareto smoothed importance sampling, arXiv:1507.02646; O. Cappe et al.,
Adaptive importance sampling in general mixture classes, arXiv:0710.4242, for the second round.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from deepbench_hf.inference.laplace import Mode
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.space import Space

Array = NDArray[np.floating]

FREEDOM, WIDER = 5, 1.5
"""Degrees of freedom of the proposals, and how much larger their covariances are."""

SCATTERED = 8
"""Proposals for a posterior that one does not describe."""

SHARED = 0.1
"""The share of the proposals that all modes get alike."""


@dataclass(frozen=True)
class Proposal:
    """A Student distribution in the coordinates of one case.

    Args:
        case: number of the case.
        center: ``(d,)``.
        root: of the scale matrix, lower triangular, ``(d, d)``.
        share: of all proposals.
    """

    case: int
    center: Array
    root: Array
    share: float

    def log_density(self, x: Array) -> Array:
        """At points ``(n, d)``."""
        d = len(self.center)
        z = np.linalg.solve(self.root, (x - self.center).T)
        constant = special.gammaln((FREEDOM + d) / 2) - special.gammaln(FREEDOM / 2)
        constant -= d / 2 * np.log(FREEDOM * np.pi) + np.log(np.diag(self.root)).sum()
        return constant - (FREEDOM + d) / 2 * np.log1p((z * z).sum(axis=0) / FREEDOM)


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


def proposals(found: dict[int, list[Mode]]) -> list[Proposal]:
    """One for each mode of each case, by their masses."""
    flat = [(case, mode) for case, of in found.items() for mode in of]
    mass = np.array([mode.log_mass for _, mode in flat])
    share = (1.0 - SHARED) * special.softmax(mass) + SHARED / max(len(flat), 1)
    roots = [np.linalg.cholesky(WIDER * mode.covariance) for _, mode in flat]
    return [
        Proposal(case, mode.center, root, float(a))
        for (case, mode), root, a in zip(flat, roots, share, strict=True)
    ]


def sample(
    one: Observation, spaces: list[Space], proposed: list[Proposal], normals: Array
) -> Sample:
    """Draw from the proposals, and weigh what was drawn.

    Args:
        one: the row.
        spaces: of all cases.
        proposed: what is drawn from.
        normals: standard normal numbers, ``(n, most coordinates + FREEDOM + 1)``.
    """
    share = np.cumsum([p.share for p in proposed])
    u = special.ndtr(normals[:, 0]) * share[-1]
    chosen = np.minimum(np.searchsorted(share, u, side="right"), len(proposed) - 1)
    stretch = np.sqrt(FREEDOM / (normals[:, 1 : 1 + FREEDOM] ** 2).sum(axis=1))
    case = np.array([p.case for p in proposed])[chosen]
    weight, points = np.full(len(normals), -np.inf), {}
    for number in np.unique(case):
        here, space = np.flatnonzero(case == number), spaces[number]
        x = np.empty((len(here), len(space.names)))
        z = normals[here, 1 + FREEDOM : 1 + FREEDOM + x.shape[1]] * stretch[here, None]
        own = [k for k, p in enumerate(proposed) if p.case == number]
        for k in own:
            of = chosen[here] == k
            x[of] = proposed[k].center + z[of] @ proposed[k].root.T
        density = special.logsumexp(
            [np.log(proposed[k].share) + proposed[k].log_density(x) for k in own], axis=0
        )
        values = space.parameters(x)
        found = space.log_prior(values)
        inside = np.isfinite(found)
        there = {name: value[inside] for name, value in values.items()}
        found[inside] += one.log_likelihood(there)
        weight[here], points[int(number)] = found - density, x
    return Sample(case, points, weight)


def scattered(proposed: list[Proposal], drawn: Sample) -> list[Proposal]:
    """Several narrower proposals for each case, where its points have weight: for bent shapes."""
    found, weight = list(proposed), drawn.weight
    for number, x in drawn.points.items():
        own = weight[drawn.case == number]
        mass = own.sum()
        if mass > 1e-3 and mass**2 / (own**2).sum() > 2.0:
            steps = mass * (np.arange(SCATTERED) + 0.5) / SCATTERED
            center = x[np.minimum(np.searchsorted(np.cumsum(own), steps), len(x) - 1)]
            off = (x - own @ x / mass) * np.sqrt(own / mass)[:, None]
            wide = off.T @ off
            root = np.linalg.cholesky(0.5 * wide + 1e-9 * np.diag(np.diag(wide) + 1e-12))
            found += [Proposal(number, one, root, 4.0 * mass / SCATTERED) for one in center]
    return found


def refined(proposed: list[Proposal], drawn: Sample) -> list[Proposal]:
    """Proposals that follow a weighted sample: each moved to the mean of its share, and as wide."""
    found, weight = [], drawn.weight
    for number, x in drawn.points.items():
        own = [p for p in proposed if p.case == number]
        density = np.stack([np.log(p.share) + p.log_density(x) for p in own])
        part = np.exp(density - special.logsumexp(density, axis=0)) * weight[drawn.case == number]
        for proposal, of in zip(own, part, strict=True):
            share = of.sum()
            if share <= 1e-4 or 1.0 / (of**2 / share**2).sum() < 3 * len(x[0]):
                found.append(Proposal(number, proposal.center, proposal.root, max(share, 0.01)))
                continue
            center = of @ x / share
            off = (x - center) * np.sqrt(of / share)[:, None]
            root = np.linalg.cholesky(1.2 * off.T @ off + 1e-12 * np.eye(len(center)))
            found.append(Proposal(number, center, root, share))
    return found


def pareto_shape(log_weight: Array) -> float:
    """The shape k of the tail of weights ``(n,)``: above 0.7 their mean is not to be trusted.

    Source: J. Zhang, M. A. Stephens, Technometrics 51 (2009) 316, with the prior of
    arXiv:1507.02646, appendix C.
    """
    if not np.isfinite(log_weight).any():
        return np.inf
    n = len(log_weight)
    size = int(min(0.2 * n, 3.0 * np.sqrt(n)))
    tail = np.sort(np.exp(log_weight - log_weight.max()))[-size - 1 :]
    over = tail[1:] - tail[0]
    over = over[over > 0.0]
    if len(over) < 5:
        return np.inf
    m = len(over)
    count = 30 + int(np.sqrt(m))
    b = 1.0 / over[-1] + (1.0 - np.sqrt(count / (np.arange(1, count + 1) - 0.5))) / (
        3.0 * over[int(m / 4 + 0.5) - 1]
    )
    k = np.log1p(-b[:, None] * over).mean(axis=1)
    profile = m * (np.log(-b / k) - k - 1.0)
    best = (b * special.softmax(profile)).sum()
    shape = float(np.log1p(-best * over).mean())
    return (shape * m + 5.0) / (m + 10.0)
