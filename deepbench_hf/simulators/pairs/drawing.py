"""Pairs of numbers from the words of a realization: pair j never depends on how many there are."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.draws import unit
from deepbench_hf.exact.kernel import Array, Int64s, kernel
from deepbench_hf.exact.words import words
from deepbench_hf.simulators.pairs import labels
from deepbench_hf.simulators.pairs.mixtures import MIXTURES

_BLOCKS = 32
"""Word blocks of a pair: the first for the pair itself, the others where it needs more."""

_TRIES = (_BLOCKS - 2) // 2
"""Of a gamma draw: each is refused in at most 5 % of cases, all in 1e-20."""

_TWO_PI = 6.283185307179586
_TABLE = np.concatenate([mixture.table() for mixture in MIXTURES.values()])
_STARTS = np.cumsum([0, *(len(mixture.weights) for mixture in MIXTURES.values())])
"""The first row of each mixture in the table, and its end."""


@kernel
def fill(label, own, realization, key, x, y) -> None:
    """Fill x and y, (n, T), with the pairs of n examples; ``own`` is their one parameter, (n,)."""
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            x[i, j], y[i, j] = _pair(label[i], own[i], j * _BLOCKS, realization[i], key)


@kernel
def _pair(label: int, own: float, block: int, index: int, key: np.uint64) -> tuple[float, float]:
    """Return one pair of a distribution."""
    u, v = _uniforms(block, index, key)
    if label == labels.DISCRETE:
        x = np.floor(u * own)
        return x, x + 2.0 * v
    if label == labels.WEINMAN:
        x = -0.5 * exact.log(1.0 - u)
        return x, x - own * exact.log(1.0 - v)
    if label == labels.GAMMA:
        x = _gamma(own, block + 1, index, key)
        return x, -exact.log(1.0 - v) / x
    z1, z2 = _normals(u, v)
    if label >= labels.FIRST_MIXTURE:
        return _mixed(label - labels.FIRST_MIXTURE, z1, z2, _uniforms(block + 1, index, key)[0])
    rho = own if label == labels.GAUSSIAN else 0.0
    return z1, rho * z1 + np.sqrt((1.0 - rho) * (1.0 + rho)) * z2


@kernel
def _uniforms(block: int, index: int, key: np.uint64) -> tuple[float, float]:
    """Return two uniform numbers in [0, 1) of 53 bits, as `draws.uniforms` makes them."""
    w0, w1, w2, w3 = words(block, index, key)
    return unit(w0, w1), unit(w2, w3)


@kernel
def _normals(u: float, v: float) -> tuple[float, float]:
    """Return two standard normals by Box-Muller."""
    radius = np.sqrt(abs(2.0 * exact.log(1.0 - u)))
    s, c = exact.sincos(_TWO_PI * v)
    return radius * c, radius * s


@kernel
def _mixed(mixture: int, z1: float, z2: float, u: float) -> tuple[float, float]:
    """Return a pair of a mixture; ``u`` chooses the component."""
    row, last = _STARTS[mixture], _STARTS[mixture + 1] - 1
    while row < last and u >= _TABLE[row, 0]:
        row += 1
    x = _TABLE[row, 1] + _TABLE[row, 3] * z1
    return x, _TABLE[row, 2] + _TABLE[row, 4] * z1 + _TABLE[row, 5] * z2


@kernel
def _gamma(shape: float, block: int, index: int, key: np.uint64) -> float:
    """Return a gamma variate of scale 1; below shape 1 one of shape + 1 times U^(1 / shape).

    Source: G. Marsaglia and W. W. Tsang, A simple method for generating gamma variables, ACM
    Transactions on Mathematical Software 26 (2000) 363.
    """
    shrink, chance = _uniforms(block, index, key)
    d = (shape if shape >= 1.0 else shape + 1.0) - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    value = d
    for attempt in range(_TRIES):
        z, _ = _normals(*_uniforms(block + 1 + 2 * attempt, index, key))
        chance, _ = _uniforms(block + 2 + 2 * attempt, index, key)
        root = 1.0 + c * z
        if root > 0.0:
            value = d * root * root * root
            bound = 0.5 * z * z + d - value + d * exact.log(root * root * root)
            if exact.log(1.0 - chance) < bound:
                break
    return value if shape >= 1.0 else value * exact.power(1.0 - shrink, 1.0 / shape)


@kernel
def transform(kind: Int64s, values: Array) -> None:
    """Replace values (n, T) of n examples by a rising function of them."""
    for i in range(values.shape[0]):
        row = values[i]
        for j in range(row.size if kind[i] else 0):
            if kind[i] == labels.CUBED:
                row[j] = row[j] * row[j] * row[j]
            elif kind[i] == labels.EXP:
                row[j] = exact.exp(row[j])
            elif kind[i] == labels.LOG:
                row[j] = exact.log(row[j])
