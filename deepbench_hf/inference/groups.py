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

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import special

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.inference.amis import even_points
from deepbench_hf.inference.likelihoods import Observation
from deepbench_hf.inference.mixtures import FREEDOM, Proposal, student_log_density
from deepbench_hf.inference.space import Space, weighed
from deepbench_hf.recipe.steps import Infer

POINTS, PICKS = 32, 4
"""Of psi of each row for each phi, and how many of them may be draws."""


@dataclass(frozen=True)
class Parts:
    """Which coordinates of a row are shared, and which are its own."""

    shared: NDArray[np.int64]
    own: NDArray[np.int64]

    def marginal(self, proposal: Proposal) -> Proposal:
        """The distribution of the shared coordinates alone."""
        rows = proposal.root[self.shared]
        root = np.linalg.cholesky(rows @ rows.T)
        return Proposal(
            proposal.case,
            proposal.center[self.shared],
            np.asarray(root, np.float64),
            proposal.share,
        )


@dataclass(frozen=True)
class Integrals:
    """Integrals over psi of one row, and some psi for each phi.

    Args:
        log_integral: for each phi, ``(n,)``.
        psi: coordinates that are equally likely, ``(n, PICKS, q)``.
        mean, variance: of the row's own parameters, given phi, ``(n,)`` each.
    """

    log_integral: Array
    psi: Array
    mean: Columns
    variance: Columns


@dataclass
class Group:
    """Rows that share some parameters; it remembers what it was asked for with ``weighed``.

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
    _found: list[list[Integrals]] = field(default_factory=list)
    _tried: int = 0

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
        self._found.append(self._integrals(phi, f"own {len(self._found)}"))
        return self._weighed(phi, self._found[-1])

    def tried(self, _: int, phi: Array) -> Array:
        """The same of places that no draw is made of."""
        self._tried += 1
        return self._weighed(phi, self._integrals(phi, f"tried {self._tried}"))

    def _weighed(self, phi: Array, found: list[Integrals]) -> Array:
        once, shared = self._observed(0, once=True), self.parts.shared
        y = self.whole(phi, np.zeros((len(phi), 1, len(self.parts.own))))
        total = weighed(once, self.space, y, shared)
        for own in found:
            total = total + own.log_integral
        return np.where(np.isnan(total), -np.inf, total)

    def told(self, k: int, phi: Array, weight: Array, chosen: NDArray[np.int64]) -> Columns:
        """Draws and moments of one row.

        Args:
            k: which one of the group.
            phi: all places that were asked for, ``(n, p)``, and their weights.
            chosen: which of them are draws.
        """
        of = [found[k] for found in self._found]
        psi = np.concatenate([one.psi for one in of])
        pick = np.arange(len(chosen)) % PICKS
        found = self._parameters(k, phi[chosen], psi[chosen, pick][:, None])
        values = self._parameters(k, phi, psi[:, :1])
        for name in list(found):
            given, spread = values[name], 0.0
            if name in of[0].mean:
                given = np.concatenate([one.mean[name] for one in of])
                spread = weight @ np.concatenate([one.variance[name] for one in of])
            mean = weight @ given
            sigma = np.sqrt(weight @ (given - mean) ** 2 + spread)
            found |= {f"{name}_mean": np.array(mean), f"{name}_sigma": np.array(sigma)}
        return found

    def _integrals(self, phi: Array, purpose: str) -> list[Integrals]:
        """Of each row, over what is its own."""
        wide, found = len(self.parts.own) + 2, []
        own = [self.space.names[j] for j in self.parts.own]
        for k, index in enumerate(self.indices):
            u = self.step.uniforms(purpose, index, len(phi) * (wide + 1))
            shift = u[len(phi) :].reshape(-1, 1, wide)
            psi, log_weight = self._points(k, phi, (even_points(POINTS, wide) + shift) % 1.0)
            weight = np.nan_to_num(special.softmax(log_weight, axis=1))
            place = (np.arange(PICKS) + u[: len(phi), None]) / PICKS
            below = np.cumsum(weight, axis=1)[:, None] < place[..., None]
            pick = np.minimum(below.sum(axis=2), POINTS - 1)
            values = self._parameters(k, phi, psi)
            of = {name: values[name].reshape(weight.shape) for name in own}
            mean = {name: (weight * v).sum(axis=1) for name, v in of.items()}
            spread = {n: (weight * (v - mean[n][:, None]) ** 2).sum(axis=1) for n, v in of.items()}
            psi = np.take_along_axis(psi, pick[..., None], axis=1)
            log_integral = special.logsumexp(log_weight, axis=1) - np.log(POINTS)
            found.append(Integrals(log_integral, psi, mean, spread))
        return found

    def _parameters(self, k: int, phi: Array, psi: Array) -> Columns:
        """Of a row, ``(n m,)`` each; what is shared goes round alike in all rows."""

        def uniforms(name: str, n: int) -> Array:
            index = self.indices[0 if name in self.step.shared else k]
            return self.step.uniforms(f"turn of {name}", index, n)

        return self.space.unfolded(self.space.parameters(self.whole(phi, psi)), uniforms)

    def whole(self, phi: Array, psi: Array) -> Array:
        """All coordinates of ``(n, p)`` and ``(n, m, q)``: ``(n m, d)``."""
        y = np.empty((*psi.shape[:2], len(self.space.names)))
        y[..., self.parts.shared], y[..., self.parts.own] = phi[:, None], psi
        return y.reshape(-1, y.shape[-1])

    def _observed(self, k: int, once: bool) -> Observation:
        """What one row measured: of what is measured once for all, or the rest of it."""
        steps = (s for s in self.rows[k].steps if (s.measurement.name in self.step.once) == once)
        return replace(self.rows[k], steps=tuple(steps))

    def _points(self, k: int, phi: Array, u: Array) -> tuple[Array, Array]:
        """Psi of a row ``(n, POINTS, q)`` and the logarithms of their weights.

        From random numbers ``(n, POINTS, q + 2)``: for the choice, the radius, the direction.
        """
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
            units = np.asarray(np.linalg.inv(one.root), np.float64) @ off.reshape(-1, q).T
            part = student_log_density(units, one.root, freedom).reshape(n, POINTS)
            part += (chance[:, j] - q * np.log(one.scale))[:, None]
            density = np.logaddexp(density, part)
        seen = self._observed(k, once=False)
        value = weighed(seen, self.space, self.whole(phi, psi), self.parts.own)
        return psi, value.reshape(n, POINTS) - density


@dataclass(frozen=True)
class _Given:
    """A proposal given phi: one root, and a centre, a factor and a share for each phi."""

    center: Array
    scale: Array
    root: Array
    log_share: Array


def _given(proposal: Proposal, parts: Parts, phi: Array) -> _Given:
    marginal, covariance = parts.marginal(proposal), proposal.root @ proposal.root.T
    across = covariance[np.ix_(parts.own, parts.shared)]
    slope = across @ np.linalg.inv(marginal.root @ marginal.root.T)
    rest = covariance[np.ix_(parts.own, parts.own)] - slope @ across.T
    off = phi - marginal.center
    z = np.linalg.solve(marginal.root, off.T)
    freedom = FREEDOM + len(parts.shared)
    return _Given(
        proposal.center[parts.own] + off @ slope.T,
        np.sqrt((FREEDOM + (z * z).sum(axis=0)) / freedom),
        np.asarray(np.linalg.cholesky(rest), np.float64),
        np.log(proposal.share) + marginal.log_density(phi),
    )
