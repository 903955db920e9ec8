"""Walkers that find how far a posterior reaches: differential evolution with Metropolis' rule.

Half of the walkers move at a time, each by a difference of two of the other half,

    x' = x + g (x_a - x_b),   g = 2.38 / sqrt(2 d), or 1 in a tenth of the steps,

and stay where prior times likelihood falls by more than chance allows. Where they have walked
proposals are made; the weights of what these draw are exact however far the walkers came.

Source: C. J. F. ter Braak, Statistics and Computing 16 (2006) 239; L. Martino et al., Layered
adaptive importance sampling, arXiv:1505.04732, for proposals from walkers.
"""

from collections.abc import Callable

import numpy as np

from deepbench_hf.exact.kernel import Array

WALKERS, STEPS = 50, 40
"""A walker for so many points of a round, and the steps of each, whose second half counts."""

EACH = 4
"""Walkers for each coordinate, at least."""

Uniforms = Callable[[int], Array]


def many(points: float, coordinates: int) -> int:
    """Walkers of a case that has so many points, an even number."""
    return 2 * int(np.ceil(max(points / WALKERS, EACH * coordinates) / 2))


def walked(target: Callable[[Array], Array], x: Array, value: Array, uniforms: Uniforms) -> Array:
    """Where walkers were, ``(m, d)``.

    Args:
        target: prior times likelihood of points, logarithm.
        x: where they begin, ``(n, d)``.
        value: the target there, ``(n,)``.
        uniforms: so many random numbers in [0, 1).
    """
    n, d = x.shape
    x, value, half, places = x.copy(), value.copy(), n // 2, []
    u = uniforms(2 * STEPS * half * 4).reshape(STEPS, 2, 4, half)
    for number in range(STEPS):
        for side in (0, 1):
            own, other = ((side + k) % 2 * half for k in (0, 1))
            first, second, jump, chance = u[number, side]
            a = (first * half).astype(np.int64)
            b = (a + 1 + (second * (half - 1)).astype(np.int64)) % half
            factor = np.where(jump < 0.1, 1.0, (0.8 + 0.4 * (10.0 * jump % 1.0)) * 1.68 / d**0.5)
            here = slice(own, own + half)
            trial = x[here] + factor[:, None] * (x[other + a] - x[other + b])
            found = target(trial)
            better = np.log(np.maximum(chance, 1e-300)) < found - value[here]
            x[here] = np.where(better[:, None], trial, x[here])
            value[here] = np.where(better, found, value[here])
        if 2 * number >= STEPS:
            places.append(x.copy())
    return np.concatenate(places)
