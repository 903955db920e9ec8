"""Distributions of what is never negative."""

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from deepbench_hf import exact
from deepbench_hf.exact import quantiles
from deepbench_hf.priors.base import Array, Bounded, Prior
from deepbench_hf.priors.continuous import Normal


class Exponential(Prior):
    """Exponential from 0 on, such as the distance to a decay; cut where 1e-15 is left.

    Args:
        mean: in the parameter's unit.
    """

    widths: ClassVar[tuple[str, ...]] = ("mean",)

    kind: Literal["exponential"] = "exponential"
    REACH: ClassVar[float] = 37.0
    mean: float = Field(gt=0)

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, self.REACH * self.mean

    def quantile(self, u: Array) -> Array:
        return np.minimum(quantiles.waits(u) * self.mean, self.support[1])

    def _log_prob(self, values: Array) -> Array | float:
        return -values / self.mean - np.log(self.mean)


class Rayleigh(Prior):
    """Distance from 0 of two normal numbers, such as the size of an isotropic ellipticity.

    The density is x / sigma^2 exp(-x^2 / 2 sigma^2), cut at ``high``.

    Args:
        sigma: standard deviation of each of the two, in the parameter's unit.
        high: the largest value, at least sigma / 1000; 8.6 sigma where it is not given.
    """

    widths: ClassVar[tuple[str, ...]] = ("sigma", "high")

    kind: Literal["rayleigh"] = "rayleigh"
    REACH: ClassVar[float] = 8.602325267042627  # beyond, 1 in 10^16 is left
    sigma: float = Field(gt=0)
    high: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _bends(self) -> Self:
        if self.support[1] < 1e-3 * self.sigma:
            hint = "use power_law with exponent 1"
            raise ValueError(f"high is too near zero for this sigma; {hint}; got {self.high}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        reach = self.REACH * self.sigma
        return 0.0, reach if self.high is None else min(reach, self.high)

    def quantile(self, u: Array) -> Array:
        ratio = self.support[1] / self.sigma
        beyond = float(exact.exp(-0.5 * ratio * ratio)) if ratio < self.REACH else 0.0
        return np.minimum(
            self.sigma * np.sqrt(2.0 * quantiles.waits(u * (1 - beyond))), self.support[1]
        )

    def _log_prob(self, values: Array) -> Array | float:
        from scipy import special

        scale = np.log(self.sigma) + np.log(-np.expm1(-0.5 * (self.support[1] / self.sigma) ** 2))
        z = values / self.sigma
        return special.xlogy(1.0, z) - 0.5 * z * z - scale


class PowerLaw(Bounded):
    """Density proportional to x^exponent on [low, high); exponent 1 from 0 on fills a disc evenly.

    Args:
        low, high: from 0 on, in the parameter's unit.
        exponent: from 0 to 10.
    """

    lengths: ClassVar[tuple[str, ...]] = ()
    widths: ClassVar[tuple[str, ...]] = ("low", "high")

    kind: Literal["power_law"] = "power_law"
    low: float = Field(default=0.0, ge=0)
    exponent: float = Field(ge=0, le=10)

    def quantile(self, u: Array) -> Array:
        power = self.exponent + 1.0
        share = float(exact.power(self.low / self.high, power)) if self.low > 0 else 0.0
        part = np.maximum(share + (1.0 - share) * u, 1e-300)
        root = quantiles.exponential(-quantiles.waits(1.0 - part) / power)
        return np.clip(self.high * root, self.low, self.high)

    def _log_prob(self, values: Array) -> Array | float:
        from scipy import special

        power = self.exponent + 1.0
        scale = power * np.log(self.high) + np.log1p(-((self.low / self.high) ** power))
        return special.xlogy(self.exponent, values) + np.log(power) - scale


class LogNormal(Prior):
    """exp of a normal with the mean ln ``median`` and ``sigma``, cut at 8 sigma on either side.

    Args:
        median: half of the draws are below it; in the parameter's unit.
        sigma: of the natural logarithm, 1e-9 to 80.
    """

    logarithmic: ClassVar[bool] = True
    lengths: ClassVar[tuple[str, ...]] = ("median",)

    kind: Literal["log_normal"] = "log_normal"
    median: float = Field(gt=0)
    sigma: float = Field(ge=1e-9, le=80)

    @property
    def normal(self) -> Normal:
        """The distribution of the logarithm."""
        center = float(exact.log(self.median))
        return Normal.model_validate({"mean": center, "sigma": self.sigma})

    @property
    def support(self) -> tuple[float, float]:
        low, high = quantiles.exponential(np.array(self.normal.support))
        return float(low), float(high)

    def quantile(self, u: Array) -> Array:
        return quantiles.exponential(self.normal.quantile(u))

    def _log_prob(self, values: Array) -> Array | float:
        logarithm = np.log(values)
        return self.normal.log_prob(np.clip(logarithm, *self.normal.support)) - logarithm
