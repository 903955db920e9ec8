"""What all distributions of a parameter share."""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from pydantic import model_validator

from deepbench_hf.exact.kernel import Array
from deepbench_hf.model import Model


class Prior(Model):
    """The distribution of one scalar parameter.

    Args:
        level: the level of the hierarchy whose members share one draw; None for every example.
    """

    discrete: ClassVar[bool] = False
    """Whether only some values can be drawn, each with a chance of its own."""
    logarithmic: ClassVar[bool] = False
    """Whether the values are spread over orders of magnitude, all above zero."""
    middle: ClassVar[float] = 0.5
    """The uniform whose value is the median."""
    lengths: ClassVar[tuple[str, ...]] = ()
    """The settings that are values of the parameter, or distributions of them."""
    widths: ClassVar[tuple[str, ...]] = ()
    """The settings that are distances between values, or from zero where the values begin."""

    level: str | None = None

    @property
    def support(self) -> tuple[float, float]:
        """The smallest and the largest value that a draw can give."""
        raise NotImplementedError

    def quantile(self, u: Array) -> Array:
        """Values for uniforms in [0, 1), of the same shape."""
        raise NotImplementedError

    def log_prob(self, values: Array) -> Array:
        """Logarithm of the density, in 1 / unit, or of the chance where ``discrete``, in nats.

        Args:
            values: of the parameter, any shape; -inf where they cannot be drawn.
        """
        values = np.asarray(values, np.float64)
        low, high = self.support
        inside = (low <= values) & (values <= high)
        return np.where(inside, self._log_prob(np.where(inside, values, high)), -np.inf)

    def _log_prob(self, values: Array) -> Array | float:
        """The same of values within the support."""
        raise NotImplementedError

    def stretched(self, scale: float, shift: float) -> Self:
        """The distribution of ``scale`` times the value plus ``shift``.

        Raises:
            ValueError: it is none of this kind.
        """
        still = scale == 1.0 or bool(self.lengths or self.widths)
        if not still or (shift and (self.logarithmic or not self.lengths)):
            raise ValueError(f"{getattr(self, 'kind', '')} does not stretch; use uniform or choice")
        changed = {name: _stretch(getattr(self, name), scale, shift) for name in self.lengths}
        changed |= {name: _stretch(getattr(self, name), scale, 0.0) for name in self.widths}
        return self.model_validate({**dict(self), **changed})


class Bounded(Prior):
    """What all that lies between two ends shares: they rise, above zero where it is logarithmic."""

    lengths: ClassVar[tuple[str, ...]] = ("low", "high")

    low: float
    high: float

    @model_validator(mode="after")
    def _rises(self) -> Bounded:
        if not self.low < self.high:
            raise ValueError(f"low must be below high; got low={self.low}, high={self.high}")
        if self.logarithmic and not self.low > 0:
            raise ValueError(f"low must be above zero for logarithms; got low={self.low}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high


def _stretch(value: Any, scale: float, shift: float) -> Any:
    if value is None:
        return None
    if isinstance(value, Prior):
        return value.stretched(scale, shift)
    if isinstance(value, dict):
        return {name: _stretch(part, scale, shift) for name, part in value.items()}
    if isinstance(value, tuple):
        return tuple(_stretch(part, scale, shift) for part in value)
    return scale * value + shift
