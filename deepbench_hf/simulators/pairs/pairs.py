"""Sets of pairs drawn from distributions whose mutual information is known.

They are made of the words of a realization: pair j never depends on how many there are.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.draws import unit
from deepbench_hf.exact.kernel import Array, Int64s, kernel
from deepbench_hf.exact.words import stream_key, words
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, Supports, one_of
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled
from deepbench_hf.simulators.pairs import distributions
from deepbench_hf.simulators.pairs.distributions import DISTRIBUTIONS, MIXTURES, OWN, TRANSFORMS

_BLOCKS = 32
"""Word blocks of a pair: the first for the pair itself, the others where it needs more."""

_TRIES = (_BLOCKS - 2) // 2
"""Of a gamma draw: each is refused in at most 5 % of cases, all in 1e-20."""

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
    if label == distributions.DISCRETE:
        x = np.floor(u * own)
        return x, x + 2.0 * v
    if label == distributions.WEINMAN:
        x = -0.5 * exact.log(1.0 - u)
        return x, x - own * exact.log(1.0 - v)
    if label == distributions.GAMMA:
        x = _gamma(own, block + 1, index, key)
        return x, -exact.log(1.0 - v) / x
    z1, z2 = _normals(u, v)
    if label >= distributions.FIRST_MIXTURE:
        mixture = label - distributions.FIRST_MIXTURE
        return _mixed(mixture, z1, z2, _uniforms(block + 1, index, key)[0])
    rho = own if label == distributions.GAUSSIAN else 0.0
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
    s, c = exact.sincos(TWO_PI * v)
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
            if kind[i] == distributions.CUBED:
                row[j] = row[j] * row[j] * row[j]
            elif kind[i] == distributions.EXP:
                row[j] = exact.exp(row[j])
            elif kind[i] == distributions.LOG:
                row[j] = exact.log(row[j])


def _only(distribution: str) -> Mapping[str, tuple[str, ...]]:
    return {"label": (distribution,)}


class Pairs(Simulator):
    """Independent pairs (x, y) of one distribution, and the mutual information of x and y.

    I(x; y) = E[ln(p(x, y) / (p(x) p(y)))], in nats: `distributions.information` has the formulas.

    - independent: two standard normals.
    - bivariate_gaussian: standard normals of correlation rho.
    - gamma_exponential: x ~ Gamma(a, 1), y ~ Exponential(rate x).
    - ordered_weinman: x ~ Exponential(mean 1/2), y - x ~ Exponential(mean g).
    - discrete_continuous: x one of 0 ... m - 1, y uniform on [x, x + 2].
    - mixture_d1 to mixture_d3_correlated: the mixtures of `distributions.MIXTURES`.

    Args:
        label: which distribution, (n,).
        correlation: rho, (n,).
        shape: a, (n,).
        mean_gap: g, (n,).
        levels: m, (n,).
        transform: rising function that x and y are taken through, (n,); it leaves I as it is. exp
            of a gamma_exponential y has no bound, and log needs pairs above zero.
        realization: number of the draw, (n,).
        samples: T, how many pairs; 2 to 65536. More of them keep the first ones.

    Returns:
        x (n, T); y (n, T); mutual_information_nats (n,).

    Raises:
        ValueError: a transform that does not fit the distribution.

    Source: D. Piras et al., A robust estimator of mutual information for deep learning
    interpretability (2023), doi:10.1088/2632-2153/acc444; formulas: `distributions.information`.
    """

    kind: Literal["pairs"] = "pairs"
    parameters: ClassVar[Parameters] = {
        "label": one_of("how the pairs are distributed", DISTRIBUTIONS, symbol="k"),
        "correlation": Parameter(
            "1", "correlation of x and y", -0.9999, 0.9999, 0.0, only=_only("bivariate_gaussian"),
            symbol=r"\rho",
        ),
        "shape": Parameter(
            "1", "shape of the gamma distribution of x", 0.1, 1000, 1.0,
            only=_only("gamma_exponential"), absent=1.0, symbol="a",
        ),
        "mean_gap": Parameter(
            "1", "mean of y - x", 0.01, 1000, 1.0, only=_only("ordered_weinman"), absent=1.0,
            symbol="g",
        ),
        "levels": Parameter(
            "1", "number of values of x", 1, 100, 1.0, whole=True,
            only=_only("discrete_continuous"), absent=1.0, symbol="m",
        ),
        "transform": one_of("what x and y are taken through", TRANSFORMS, default=0.0, symbol="f"),
        "realization": REALIZATION,
    }  # fmt: skip
    samples: Annotated[int, pydantic.Field(ge=2, le=65536)] = 1000

    @property
    def columns(self) -> Fields:
        nats = "mutual information of x and y, in nats, whatever the transform"
        return {
            "mutual_information_nats": Field("1", nats, low=0.0, role="label"),
            "x": Field("1", "the first of each pair", (self.samples,)),
            "y": Field("1", "the second of each pair", (self.samples,), against="x"),
        }

    def refuse(self, supports: Supports) -> str | None:
        """A transform must fit its distribution, and not exceed the largest number."""
        (label, _), (kind, _) = supports["label"], supports.get("transform", (0, 0))
        shape, gap = (supports.get(name, (1.0, 1.0)) for name in ("shape", "mean_gap"))
        return distributions.unfit(int(label), int(kind), shape[0], gap[1])

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        label, kind = row["label"].astype(np.int64), row["transform"].astype(np.int64)
        self._refuse_unfit(label, kind, row)
        own = np.ones(len(label))
        for name, parameter in OWN.items():
            own = np.where(label == DISTRIBUTIONS.index(name), row[parameter], own)
        x, y = np.empty((2, len(label), self.samples))
        key = stream_key("realization", "pairs")
        fill(label, own, row["realization"].astype(np.int64), key, x, y)
        for values in (x, y):
            transform(kind, values)
        return {"mutual_information_nats": distributions.information(label, own), "x": x, "y": y}

    @staticmethod
    def _refuse_unfit(label: Int64s, kind: Int64s, row: Columns) -> None:
        for pair in {*zip(label[kind > 0].tolist(), kind[kind > 0].tolist(), strict=True)}:
            here = (label == pair[0]) & (kind == pair[1])
            ends = row["shape"][here].min(), row["mean_gap"][here].max()
            if reason := distributions.unfit(*pair, *ends):
                raise ValueError(reason)
