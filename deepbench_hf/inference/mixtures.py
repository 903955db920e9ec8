"""Mixtures of Student distributions that propose points, and that follow points.

A mixture is fitted by expectation and maximization: each point belongs to each distribution with a
chance g, and counts the less for it the more units z it is off,

    u = (v + d) / (v + z^2),   m = sum g u x / sum g u,   C = sum g u (x - m)(x - m)' / sum g

Source: D. Peel, G. J. McLachlan, Statistics and Computing 10 (2000) 339; O. Cappe et al., Adaptive
importance sampling in general mixture classes, arXiv:0710.4242, for their use as proposals.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from deepbench_hf.exact.kernel import Array
from deepbench_hf.inference.laplace import WIDE, Mode

FREEDOM, WIDER = 5, 1.5
"""Degrees of freedom of the proposals, and how much larger than of what they follow their
covariances are: the tails of a posterior must not be missed."""

SHARED = 0.1
"""The share of the proposals that all modes get alike."""

LOCAL, POINTS, PASSES = 48, 4, 12
"""Of a mixture: how many there are at most, the independent points for each number of a mean and a
covariance, and the steps of its fit. Of a posterior of 16 parameters three distributions had three
times as many effective draws as 35 that were fitted to the same points."""


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
        return student_log_density(self.units(x), self.root, FREEDOM)

    def units(self, x: Array) -> Array:
        """Points ``(n, d)`` off the centre in units of the spread, ``(d, n)``."""
        return np.asarray(np.linalg.inv(self.root), np.float64) @ (x - self.center).T


def student_log_density(z: Array, root: Array, freedom: int) -> Array:
    """Of a Student distribution, so many units of its root off the centre, ``(d, n)``."""
    d = len(z)
    constant = special.gammaln((freedom + d) / 2) - special.gammaln(freedom / 2)
    constant -= d / 2 * np.log(freedom * np.pi) + np.log(np.diag(root)).sum()
    return constant - (freedom + d) / 2 * np.log1p((z * z).sum(axis=0) / freedom)


def proposals(found: dict[int, list[Mode]]) -> list[Proposal]:
    """One for each mode of each case, by their masses, but for those that are hopeless."""
    flat = [(case, mode) for case, of in found.items() for mode in of]
    top = max(mode.log_mass for _, mode in flat)
    flat = [(case, mode) for case, mode in flat if mode.log_mass >= top - WIDE]
    mass = np.array([mode.log_mass for _, mode in flat])
    share = (1.0 - SHARED) * special.softmax(mass) + SHARED / len(flat)
    roots = [
        np.asarray(np.linalg.cholesky(WIDER * mode.covariance), np.float64) for _, mode in flat
    ]
    return [
        Proposal(case, mode.center, root, float(a))
        for (case, mode), root, a in zip(flat, roots, share, strict=True)
    ]


def mixture(case: int, x: Array, effective: float) -> list[Proposal]:
    """Student distributions that points follow; their shares have the sum 1.

    Each covariance is drawn towards that of all points as if `d + 2` of them had it.

    Args:
        case: number of the case.
        x: the points, ``(n, d)``.
        effective: so many independent points would say as much.
    """
    d, weight = x.shape[1], np.full(len(x), 1.0 / len(x))
    if not d:
        return [Proposal(case, np.zeros(0), np.zeros((0, 0)), 1.0)]
    numbers = d + d * (d + 1) / 2
    many = int(np.clip(effective / (POINTS * numbers), 1, LOCAL))
    spread = np.cov(x.T, ddof=0).reshape(d, d) + 1e-12 * np.eye(d)
    prior = many ** (-2.0 / d) * spread
    first = ((np.arange(many) + 0.5) / many * len(x)).astype(np.int64)
    root = np.asarray(np.linalg.cholesky(prior), np.float64)
    parts = [Proposal(case, center, root, 1.0 / many) for center in x[first]]
    for _ in range(PASSES):
        belongs = special.softmax(_log_parts(parts, x), axis=0) * weight
        moved = [
            _moved(p, x, own, effective, prior)
            for p, own in zip(parts, belongs, strict=True)
            if len(parts) == 1 or own.sum() * effective >= d + 2
        ]
        parts = moved or parts
    whole = sum(p.share for p in parts)
    return [replace(p, root=WIDER**0.5 * p.root, share=p.share / whole) for p in parts]


def _moved(proposal: Proposal, x: Array, weight: Array, effective: float, prior: Array) -> Proposal:
    """A distribution where its points, by their weights ``(n,)``, pull it."""
    d, share = x.shape[1], weight.sum()
    z = proposal.units(x)
    pull = weight * (FREEDOM + d) / (FREEDOM + (z * z).sum(axis=0))
    center = pull @ x / pull.sum()
    off, count = x - center, share * effective
    spread = (count * ((off.T * pull) @ off / share) + (d + 2) * prior) / (count + d + 2)
    root = np.asarray(np.linalg.cholesky(spread), np.float64)
    return Proposal(proposal.case, center, root, float(share))


def log_mixture(parts: Sequence[Proposal], x: Array) -> Array:
    """The logarithm of the density of points ``(n, d)``, of sum of the shares, ``(n,)``."""
    return np.logaddexp.reduce(_log_parts(parts, x), axis=0, initial=-np.inf)


def _log_parts(parts: Sequence[Proposal], x: Array) -> Array:
    return np.array([np.log(p.share) + p.log_density(x) for p in parts]).reshape(-1, len(x))
