"""Posteriors of rows that share parameters, all rows of a group together.

    p(phi, psi_1, ...) = p(phi) prod_i p(psi_i) L_i(phi, psi_i) / evidence

Phi is shared, psi_i is each row's own. Points phi are drawn and weighed as those of a single row
are; in their weights stand the integrals over psi_i, each estimated from points of its own:

    integral_i(phi) = mean over m of p(psi_m) L_i(phi, psi_m) / q_i(psi_m | phi)

Such an estimate is right in the mean, so that weights are, too, however few the points are. The
proposals q_i are those that fit row i alone, given phi: of Student distributions they are again
such ones, with more degrees of freedom.

Source: M.-N. Tran et al., Importance sampling squared for Bayesian inference in latent variable
models, arXiv:1309.3339; P. Ding, On the conditional distribution of the multivariate t
distribution, arXiv:1604.00561.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special

from deepbench_hf.exact.kernel import Array
from deepbench_hf.inference.importance import FREEDOM, Proposal, even_points, student_log_density
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.space import Space, weighed
from deepbench_hf.recipe.steps import Infer

POINTS = 32
"""Of psi of each row for each phi."""


@dataclass(frozen=True)
class Parts:
    """Which coordinates of a row are shared, and which are its own."""

    shared: NDArray[np.int64]
    own: NDArray[np.int64]

    def marginal(self, one: Proposal) -> Proposal:
        """The distribution of the shared coordinates alone."""
        rows = one.root[self.shared]
        root = np.linalg.cholesky(rows @ rows.T)
        return Proposal(one.case, one.center[self.shared], np.asarray(root, np.float64), one.share)


@dataclass(frozen=True)
class Integrals:
    """Points psi of one row for each phi, and the integrals over them.

    Args:
        psi: coordinates, ``(n, POINTS, q)``.
        log_weight: of each point, ``(n, POINTS)``; its mean is the integral.
    """

    psi: Array
    log_weight: Array

    @property
    def log_integral(self) -> Array:
        """``(n,)``."""
        return special.logsumexp(self.log_weight, axis=1) - np.log(POINTS)

    @property
    def weight(self) -> Array:
        """Of the points of each phi, of sum 1, ``(n, POINTS)``; 0 where the integral is."""
        return np.nan_to_num(special.softmax(self.log_weight, axis=1))


@dataclass(frozen=True)
class Group:
    """Rows that share some parameters.

    Args:
        step: what is asked for.
        space: the coordinates of each row.
        indices, rows: the rows.
        alone: proposals that fit each row alone.
    """

    step: Infer
    space: Space
    indices: tuple[int, ...]
    rows: tuple[Observation, ...]
    alone: tuple[tuple[Proposal, ...], ...]

    @cached_property
    def parts(self) -> Parts:
        """Shared coordinates and others."""
        shared = np.array([name in self.step.shared for name in self.space.names])
        return Parts(np.flatnonzero(shared), np.flatnonzero(~shared))

    def proposals(self) -> list[Proposal]:
        """Of the shared coordinates: those of the row that tells most of them."""
        of = [[self.parts.marginal(p) for p in fits] for fits in self.alone]
        return min(of, key=lambda fits: min(np.diag(p.root).prod() for p in fits))

    def weighed(self, _: int, phi: Array) -> Array:
        """Prior times likelihood of shared coordinates ``(n, p)``, logarithm."""
        once, shared = self._observed(0, once=True), self.parts.shared
        y = self.whole(phi, np.zeros((len(phi), 1, len(self.parts.own))))
        total = weighed(once, self.space, y, shared)
        for own in self.integrals(phi):
            total = total + own.log_integral
        return np.where(np.isnan(total), -np.inf, total)

    def integrals(self, phi: Array) -> Iterator[Integrals]:
        """Of each row, over what is its own."""
        wide = len(self.parts.own) + 2
        for k, index in enumerate(self.indices):
            shift = self.step.uniforms("own", index, len(phi) * wide).reshape(-1, 1, wide)
            yield self._integrals(k, phi, (even_points(POINTS, wide) + shift) % 1.0)

    def whole(self, phi: Array, psi: Array) -> Array:
        """All coordinates of ``(n, p)`` and ``(n, m, q)``: ``(n m, d)``."""
        y = np.empty((*psi.shape[:2], len(self.space.names)))
        y[..., self.parts.shared], y[..., self.parts.own] = phi[:, None], psi
        return y.reshape(-1, y.shape[-1])

    def _observed(self, k: int, once: bool) -> Observation:
        """What one row measured: of what is measured once for all, or the rest of it."""
        steps = (s for s in self.rows[k].steps if (s.measurement.name in self.step.once) == once)
        return replace(self.rows[k], steps=tuple(steps))

    def _integrals(self, k: int, phi: Array, u: Array) -> Integrals:
        """With random numbers ``(n, POINTS, q + 2)``: for the choice, the radius, the direction."""
        n, q = len(phi), len(self.parts.own)
        freedom = FREEDOM + len(self.parts.shared)
        given = [_given(p, self.parts, phi) for p in self.alone[k]]
        chance = np.stack([one.log_share for one in given], axis=1)
        chance = special.log_softmax(chance, axis=1)
        u = np.clip(u, 2.0**-33, 1.0 - 2.0**-33)
        above = u[..., :1] > np.cumsum(np.exp(chance), axis=1)[:, None]
        chosen = np.minimum(above.sum(axis=2), len(given) - 1)
        stretch = np.sqrt(freedom / special.chdtri(freedom, u[..., 1]))
        z, psi = special.ndtri(u[..., 2:]) * stretch[..., None], np.empty((n, POINTS, q))
        for j, one in enumerate(given):
            row, point = np.nonzero(chosen == j)
            psi[row, point] = one.center[row] + one.scale[row, None] * (z[row, point] @ one.root.T)
        density = np.full((n, POINTS), -np.inf)
        for j, one in enumerate(given):
            off = (psi - one.center[:, None]) / one.scale[:, None, None]
            part = student_log_density(off.reshape(-1, q), one.root, freedom).reshape(n, POINTS)
            part += (chance[:, j] - q * np.log(one.scale))[:, None]
            density = np.logaddexp(density, part)
        seen = self._observed(k, once=False)
        value = weighed(seen, self.space, self.whole(phi, psi), self.parts.own)
        return Integrals(psi, value.reshape(n, POINTS) - density)


@dataclass(frozen=True)
class _Given:
    """A proposal given phi: one root, and a centre, a factor and a share for each phi."""

    center: Array
    scale: Array
    root: Array
    log_share: Array


def _given(one: Proposal, parts: Parts, phi: Array) -> _Given:
    marginal, covariance = parts.marginal(one), one.root @ one.root.T
    across = covariance[np.ix_(parts.own, parts.shared)]
    slope = across @ np.linalg.inv(marginal.root @ marginal.root.T)
    rest = covariance[np.ix_(parts.own, parts.own)] - slope @ across.T
    off = phi - marginal.center
    z = np.linalg.solve(marginal.root, off.T)
    freedom = FREEDOM + len(parts.shared)
    return _Given(
        one.center[parts.own] + off @ slope.T,
        np.sqrt((FREEDOM + (z * z).sum(axis=0)) / freedom),
        np.asarray(np.linalg.cholesky(rest), np.float64),
        np.log(one.share) + marginal.log_density(phi),
    )
