"""Sets of pairs drawn from distributions whose mutual information is known."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic

from deepbench_hf.exact.kernel import Int64s
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Columns, Field, Parameter, one_of
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.pairs.drawing import fill, transform
from deepbench_hf.simulators.pairs.information import information
from deepbench_hf.simulators.pairs.labels import DISTRIBUTIONS, OWN, TRANSFORMS, unfit
from deepbench_hf.simulators.realization import REALIZATION


def _only(distribution: str) -> Mapping[str, tuple[str, ...]]:
    return {"label": (distribution,)}


class Pairs(Simulator):
    """Independent pairs (x, y) of one distribution, and the mutual information of x and y.

    I(x; y) = E[ln(p(x, y) / (p(x) p(y)))], in nats: `information.information` has the formulas.

    - independent: two standard normals.
    - bivariate_gaussian: standard normals of correlation rho.
    - gamma_exponential: x ~ Gamma(a, 1), y ~ Exponential(rate x).
    - ordered_weinman: x ~ Exponential(mean 1/2), y - x ~ Exponential(mean g).
    - discrete_continuous: x one of 0 ... m - 1, y uniform on [x, x + 2].
    - mixture_d1 to mixture_d3_correlated: the mixtures of `mixtures.MIXTURES`.

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
    interpretability (2023), doi:10.1088/2632-2153/acc444; formulas as in `information.information`.
    """

    kind: Literal["pairs"] = "pairs"
    parameters: ClassVar[Mapping[str, Parameter]] = {
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
    def columns(self) -> Mapping[str, Field]:
        nats = "mutual information of x and y, in nats, whatever the transform"
        return {
            "mutual_information_nats": Field("1", nats, low=0.0, role="label"),
            "x": Field("1", "the first of each pair", (self.samples,)),
            "y": Field("1", "the second of each pair", (self.samples,), against="x"),
        }

    def refuse(self, supports: Mapping[str, tuple[float, float]]) -> str | None:
        """A transform must fit its distribution, and not exceed the largest number."""
        (label, _), (kind, _) = supports["label"], supports.get("transform", (0, 0))
        shape, gap = (supports.get(name, (1.0, 1.0)) for name in ("shape", "mean_gap"))
        return unfit(int(label), int(kind), shape[0], gap[1])

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
        return {"mutual_information_nats": information(label, own), "x": x, "y": y}

    @staticmethod
    def _refuse_unfit(label: Int64s, kind: Int64s, row: Columns) -> None:
        for pair in {*zip(label[kind > 0].tolist(), kind[kind > 0].tolist(), strict=True)}:
            here = (label == pair[0]) & (kind == pair[1])
            if reason := unfit(*pair, row["shape"][here].min(), row["mean_gap"][here].max()):
                raise ValueError(reason)
