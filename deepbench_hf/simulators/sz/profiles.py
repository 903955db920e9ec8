"""The profiles of the Compton parameter that a cluster of a mass and a redshift may have."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import Array
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.exact.quantiles import exponential, logarithm
from deepbench_hf.simulators.sz.pressure import (
    EDGE,
    KPC_CM,
    NODES,
    THOMSON,
    battaglia,
    clusters,
    logarithms,
    look_up,
    table,
)

CORE = 7.338291156836
"""F(0) of the universal profile: y in the middle of an unblurred cluster over its scale."""
_WITHIN = 3.100597740186
"""2 pi times the integral of F(u) u du from 0 to 1: Y within theta500, over y's scale."""
BETA_CORE, BETA_EDGE = 0.2, 200.0
"""Core radius of a beta model, and where its table ends, in R500; both ours."""


class Cluster(NamedTuple):
    """A cluster as the beam sees it: y = scale F(theta / theta500).

    Args:
        theta500: angle of R500, arcmin.
        scale: y for F = 1.
        y0: y in the middle.
        y500: Y within theta500, arcmin^2.
        logs, values: logarithms of u, and F(u), (200,) each.
    """

    theta500: float
    scale: float
    y0: float
    y500: float
    logs: Array
    values: Array


def _clusters(log10_mass: float, redshift: float) -> list[float]:
    """R500 (Mpc), theta500 (arcmin), and y per unit of F of the universal profile."""
    one = np.array([log10_mass]), np.array([redshift])
    return clusters(*one, *gauss_legendre(NODES))[0].tolist()


def _arnaud(log10_mass: float, redshift: float) -> Cluster:
    _, theta, scale = _clusters(log10_mass, redshift)
    return Cluster(theta, scale, CORE * scale, _WITHIN * scale * theta * theta, *table())


def _beta(log10_mass: float, redshift: float) -> Cluster:
    """The model y0 (1 + theta^2 / theta_c^2)^((1 - 3 beta) / 2) with beta = 1, and y0 as above."""
    _, theta, scale = _clusters(log10_mass, redshift)
    core, y0 = BETA_CORE * theta, CORE * scale
    within = float(logarithm(np.array([1.0 + 1.0 / (BETA_CORE * BETA_CORE)]))[0])
    return Cluster(theta, y0, y0, 0.5 * TWO_PI * core * core * y0 * within, *_beta_table())


@lru_cache
def _beta_table() -> tuple[Array, Array]:
    logs = logarithms(BETA_EDGE)
    u = exponential(logs) / BETA_CORE
    return logs, 1.0 / (1.0 + u * u)


def _battaglia(log10_mass: float, redshift: float) -> Cluster:
    radius, theta, _ = _clusters(log10_mass, redshift)
    logs = logarithms(EDGE)
    u = np.append(exponential(logs), 0.0)
    pressure, values = battaglia(log10_mass, redshift, 1e3 * radius, u, *gauss_legendre(2 * NODES))
    scale, within = THOMSON * pressure * 1e3 * radius * KPC_CM, 0.0
    for node, weight in zip(*gauss_legendre(NODES), strict=True):
        at = 0.25 * (1.0 + node) * (1.0 + node)  # u = w^2
        within += weight * (1.0 + node) * at * look_up(at, logs, values[:-1])
    y500 = 0.5 * TWO_PI * scale * theta * theta * within
    return Cluster(theta, scale, scale * float(values[-1]), y500, logs, values[:-1].copy())


PROFILES: Mapping[str, Callable[[float, float], Cluster]] = {
    "arnaud": _arnaud,
    "battaglia": _battaglia,
    "beta": _beta,
}
"""The universal profile of `pressure`, that of simulations in `battaglia`, and a beta model.

Each makes a cluster of the decimal logarithm of M500 over the Sun's mass and a redshift.
"""
