"""Values in order instead of draws: the grids on which maps are drawn."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from deepbench_hf.exact import quantiles
from deepbench_hf.priors.base import Array, Bounded


class Grid(Bounded):
    """``count`` values from ``low`` to ``high``, both included, one row after the other.

    Nothing is drawn: the row's index decides. Several parameters on grids make one grid of all
    combinations; in the simulator's order of parameters, the last of them changes fastest. A
    split has at most as many rows as the grid has points.

    Args:
        count: how many values, 2 to 10 000.
        spacing: equal steps (``linear``) or equal ratios (``log``, both ends above zero).
    """

    discrete: ClassVar[bool] = True

    kind: Literal["grid"] = "grid"
    level: None = None  # pyright: ignore[reportIncompatibleVariableOverride]
    count: Annotated[int, Field(ge=2, le=10_000)]
    spacing: Literal["linear", "log"] = "linear"

    @property
    def logarithmic(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return self.spacing == "log"

    @property
    def values(self) -> Array:
        """The values ``(count,)``, rising."""
        k, last = np.arange(self.count, dtype=np.float64), self.count - 1.0
        if self.spacing == "linear":
            values = (self.low * (last - k) + self.high * k) / last
        else:
            inner = quantiles.log_uniform(k[1:-1] / last, self.low, self.high)
            values = np.concatenate([[self.low], inner, [self.high]])
        return np.clip(values, self.low, self.high)

    def quantile(self, u: Array) -> Array:
        return self.values[(u * self.count).astype(np.int64)]

    def _log_prob(self, values: Array) -> Array | float:
        """Of a row that is taken at random."""
        known = np.isin(values, self.values)
        return np.where(known, -np.log(self.count), -np.inf)

    def uniforms(self, places: NDArray[np.int64]) -> Array:
        """What `quantile` turns into the values at these places, counted round and round."""
        return (places % self.count + 0.5) / self.count


def strides(names: Iterable[str], priors: Mapping[str, Any]) -> dict[str, int]:
    """For each parameter on a grid, how many consecutive rows have the same value of it.

    Args:
        names: the simulator's parameters, in its order.
        priors: their distributions.

    >>> axes = {name: Grid(low=0, high=1, count=5) for name in ("gamma", "omega")}
    >>> strides(["omega", "mass", "gamma"], axes)
    {'omega': 5, 'gamma': 1}
    """
    axes = [name for name in names if isinstance(priors.get(name), Grid)]
    found, points = {}, 1
    for name in reversed(axes):
        found[name] = points
        points *= priors[name].count
    return {name: found[name] for name in axes}
