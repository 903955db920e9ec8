"""Weighted draws from a posterior: a mixture of Student distributions, and what they say.

    w_s = prior(x_s) L(x_s) / q(x_s),  q = sum_k a_k t_5(x; m_k, 1.5 C_k)

The evidence is the mean of w; (sum w)^2 / sum w^2 draws would say as much if they were independent
ones of the posterior itself; and the shape k of the generalised Pareto distribution of the largest
weights tells whether their mean can be trusted: up to 0.7.

Source: T. Kloek, H. K. van Dijk, Econometrica 46 (1978) 1; A. Kong, technical report 348, Chicago
(1992); A. Vehtari et al., Pareto smoothed importance sampling, arXiv:1507.02646; O. Cappe et al.,
Adaptive importance sampling in general mixture classes, arXiv:0710.4242, for the second round.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.spatial import KDTree
from scipy.stats import qmc

from deepbench_hf.exact.kernel import Array
from deepbench_hf.inference.laplace import Mode

Target = Callable[[int, Array], Array]

FREEDOM, WIDER = 5, 1.5
"""Degrees of freedom of the proposals, and how much larger their covariances are."""

LOCAL, NEIGHBOURS = 48, 40
"""Proposals for a posterior that one does not describe, and how many points there are for each."""

KEPT = 0.05
"""The share of a sample's points that must be effective before proposals are made from them."""

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
        return student_log_density(x - self.center, self.root, FREEDOM)


def student_log_density(off: Array, root: Array, freedom: int) -> Array:
    """Of a Student distribution with a triangular root, so far off its centre, ``(n, d)``."""
    d, z = off.shape[1], np.asarray(np.linalg.inv(root), np.float64) @ off.T
    constant = special.gammaln((freedom + d) / 2) - special.gammaln(freedom / 2)
    constant -= d / 2 * np.log(freedom * np.pi) + np.log(np.diag(root)).sum()
    return constant - (freedom + d) / 2 * np.log1p((z * z).sum(axis=0) / freedom)


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

    def moments(self, values: Array) -> tuple[float, float]:
        """The mean and the standard deviation of something that all points have, ``(n,)``."""
        mean = float(self.weight @ values)
        return mean, float(np.sqrt(self.weight @ (values - mean) ** 2))

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
    roots = [
        np.asarray(np.linalg.cholesky(WIDER * mode.covariance), np.float64) for _, mode in flat
    ]
    return [
        Proposal(case, mode.center, root, float(a))
        for (case, mode), root, a in zip(flat, roots, share, strict=True)
    ]


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


def sample(target: Target, proposed: list[Proposal], count: int, shift: Array) -> Sample:
    """Draw from the proposals, and weigh what was drawn.

    Args:
        target: prior times likelihood, by the number of the case and its points ``(n, d)``,
            logarithm.
        proposed: what is drawn from.
        count: of points.
        shift: random numbers in [0, 1), ``(most coordinates + 2,)``.
    """
    u = (even_points(count, len(shift)) + shift) % 1.0
    u = np.clip(u, 2.0**-33, 1.0 - 2.0**-33)
    share = np.cumsum([p.share for p in proposed])
    chosen = np.minimum(np.searchsorted(share, u[:, 0] * share[-1]), len(proposed) - 1)
    stretch = np.sqrt(FREEDOM / special.chdtri(FREEDOM, u[:, 1]))
    normals = special.ndtri(u[:, 2:])
    case = np.array([p.case for p in proposed])[chosen]
    weight, points = np.full(count, -np.inf), {}
    for number in np.unique(case):
        here = np.flatnonzero(case == number)
        own = [k for k, p in enumerate(proposed) if p.case == number]
        x = np.empty((len(here), len(proposed[own[0]].center)))
        z = normals[here, : x.shape[1]] * stretch[here, None]
        for k in own:
            of = chosen[here] == k
            x[of] = proposed[k].center + z[of] @ proposed[k].root.T
        parts = [np.log(proposed[k].share / share[-1]) + proposed[k].log_density(x) for k in own]
        density = np.logaddexp.reduce(parts, axis=0)
        weight[here], points[int(number)] = target(int(number), x) - density, x
    return Sample(case, points, weight)


def fitted(drawn: Sample, before: list[Proposal]) -> list[Proposal]:
    """Proposals that follow a weighted sample, however bent the posterior is.

    The weights are raised to a power up to 1 that leaves `KEPT` of the points effective. Of what
    is left some points are taken, each as the centre of a Student distribution with the covariance
    of the points next to it.

    Args:
        drawn: the sample.
        before: what it was drawn from; a tenth of the new proposals are the old ones, so that no
            mode is lost.
    """
    weight = _flattened(drawn.log_weight, KEPT * len(drawn.log_weight))
    found = [replace(p, share=SHARED * p.share) for p in before]
    for number, x in drawn.points.items():
        own = weight[drawn.case == number]
        mass = own.sum()
        many = round(LOCAL * mass)
        if not many:
            continue
        cumulative, d = np.cumsum(own) / mass, x.shape[1]

        def taken(n: int, x: Array = x, cumulative: Array = cumulative) -> Array:
            return x[np.minimum(np.searchsorted(cumulative, (np.arange(n) + 0.5) / n), len(x) - 1)]

        cloud, centers = taken(NEIGHBOURS * LOCAL), taken(many)
        width = cloud.std(axis=0) + 1e-9
        near = KDTree(cloud / width).query(centers / width, max(2 * NEIGHBOURS, 4 * d))[1]
        floor = np.diag(1e-6 * width * width)
        for center, those in zip(centers, np.asarray(near), strict=True):
            spread = np.cov(cloud[those].T, dtype=np.float64).reshape(d, d) + floor
            root = np.asarray(np.linalg.cholesky(spread), np.float64)
            found.append(Proposal(number, center, root, (1.0 - SHARED) * mass / many))
    return found


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
