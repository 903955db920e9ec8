"""Noise of one strength: Gaussian, relative, log-normal and truncated."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from deepbench_hf.exact import quantiles
from deepbench_hf.exact.draws import add_normals, normals
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.model import Model
from deepbench_hf.noise import counts
from deepbench_hf.noise.base import (
    SNR,
    Array,
    Stream,
    Streams,
    Target,
    measured_field,
    measured_name,
    sigma_name,
    snr_name,
)
from deepbench_hf.priors import NumberPrior, Prior


class _Noise(Model):
    """The settings that all noise models of one strength share.

    Args:
        sigma: strength: a number, or a prior that is drawn once per example.
        over: the parameter whose absolute value the strength is divided by, such as the slope:
            noise on an input is then as strong as noise of ``sigma`` on the output.
        level: the level of the hierarchy whose members share one draw; None for every example.
    """

    LARGEST: ClassVar[float] = 1e30
    """Far from where float32 ends."""

    unitless: ClassVar[bool] = False
    per_sample: ClassVar[bool] = False

    kind: Any
    sigma: NumberPrior
    over: str | None = None
    level: str | None = None

    @field_validator("sigma")
    @classmethod
    def _is_in_range(cls, sigma: Prior) -> Prior:
        if sigma.support[0] < 0:
            raise ValueError(f"sigma must not be negative; reaches {sigma.support[0]:g}")
        if sigma.support[1] > cls.LARGEST:
            reach = f"reaches {sigma.support[1]:g}"
            raise ValueError(f"sigma must be at most {cls.LARGEST:g}; {reach}")
        return sigma

    @property
    def priors(self) -> Mapping[str, Prior]:
        return {"sigma": self.sigma}

    def settings(self, name: str, target: Target) -> Mapping[str, Prior]:
        return {sigma_name(name, self, target): self.sigma}

    def told(self, name: str, target: Target) -> Mapping[str, Field]:
        unit = "1" if self.unitless else target.unit
        strength = Field(unit, f"strength ({self.kind}) of the noise on {name}")
        is_image = isinstance(target, Field) and target.is_image
        snr = {snr_name(name): SNR} if is_image else {}
        return {sigma_name(name, self, target): strength, **snr}

    def observed(self, target: Target) -> Field:
        return measured_field(target)

    def strength(self, clean: Array, sigma: Array) -> NDArray:
        """The strength that is applied and stored, ``(n,)``, from draws of ``sigma``, ``(n,)``."""
        return sigma

    def at(self, clean: Array, strength: Array, z: Array) -> Array:
        """What is measured of a scalar ``(n,)`` where the standard normal number is ``z``."""
        return clean + strength * z

    def apply(self, clean: Array, strength: Array, stream: Stream, target: Target) -> Array:
        """Measured values of the shape of ``clean``, ``(n, ...)``, for strengths ``(n,)``."""
        raise NotImplementedError

    def measure(
        self,
        name: str,
        target: Target,
        clean: NDArray,
        drawn: Columns,
        streams: Streams,
        wanted: Collection[str],
    ) -> Columns:
        column, sigma = measured_name(name, target), sigma_name(name, self, target)
        strength = self.strength(clean, drawn[sigma])
        told = {sigma: strength}
        if clean.ndim == 3 and snr_name(name) in wanted:
            told[snr_name(name)] = counts.matched_filter(clean, strength)
        observed = self.apply(clean, strength, streams(column), target)
        observed = observed.astype(self.observed(target).dtype, copy=False)
        return {**told, column: observed}

    def variance(self, name: str, target: Target, clean: NDArray, columns: Columns) -> Array:
        sigma = columns[sigma_name(name, self, target)].reshape(-1, *[1] * (clean.ndim - 1))
        return np.broadcast_to(sigma * sigma, clean.shape)

    def response(self, columns: Columns) -> Array | float:
        return 1.0

    def resized(self, ratio: float) -> Self:
        return self

    def background(self, name: str, target: Target, columns: Columns) -> Array:
        return columns[sigma_name(name, self, target)]


class Gaussian(_Noise):
    """measured = true + sigma z, with z standard normal and sigma in the unit of the target.

    A parameter that cannot be negative may have it up to a fifth of the least value of its prior:
    then zero is at least five standard deviations away.
    """

    STRONGEST: ClassVar[float] = 0.2

    kind: Literal["gaussian"] = "gaussian"

    def refuse(self, target: Target) -> str | None:
        strongest = self.STRONGEST * target.low
        if isinstance(target, Parameter) and 0 <= self.sigma.support[1] <= strongest:
            return None
        return _refuse_positive(target)

    def apply(self, clean: Array, strength: Array, stream: Stream, target: Target) -> Array:
        key, draws = stream
        if clean.ndim == 1:
            return self.at(clean, strength, normals(key, draws))
        measured = np.ascontiguousarray(clean)
        flat = measured.reshape(len(clean), clean.size // max(len(clean), 1))
        add_normals(flat, np.ascontiguousarray(strength), key, draws)
        return measured


class RelativeGaussian(Gaussian):
    """Gaussian noise whose strength is ``sigma`` times the example's largest absolute value.

    A scalar that cannot be negative may have it up to ``sigma`` = 0.2: then zero is at least five
    standard deviations away.
    """

    kind: Literal["relative_gaussian"] = "relative_gaussian"  # type: ignore[assignment]

    def refuse(self, target: Target) -> str | None:
        series = isinstance(target, Field) and target.shape
        if target.low >= 0 and not series and self.sigma.support[1] <= self.STRONGEST:
            return None
        return _refuse_positive(target)

    def strength(self, clean: Array, sigma: Array) -> NDArray:
        return sigma * np.abs(clean).max(axis=tuple(range(1, clean.ndim)))


class Heteroscedastic(Gaussian):
    """measured = true + sigma z, z standard normal, with a draw of sigma for every sample.

    Args:
        sigma: distribution of the strengths of the samples of a series, in the unit of the target.
    """

    kind: Literal["heteroscedastic"] = "heteroscedastic"  # type: ignore[assignment]
    per_sample: ClassVar[bool] = True

    def refuse(self, target: Target) -> str | None:
        if not isinstance(target, Field) or len(target.shape) != 1:
            return "heteroscedastic needs a series; use gaussian"
        return super().refuse(target)

    def told(self, name: str, target: Target) -> Mapping[str, Field]:
        ((column, strength),) = super().told(name, target).items()
        shape = target.shape if isinstance(target, Field) else ()
        meaning = f"standard deviation of the noise on each sample of {name}"
        return {column: replace(strength, meaning=meaning, shape=shape, dtype="float32")}

    def strength(self, clean: Array, sigma: Array) -> NDArray:
        return sigma.astype(np.float32)

    def apply(self, clean: Array, strength: Array, stream: Stream, target: Target) -> Array:
        z = super().apply(np.zeros_like(clean), np.ones(len(clean)), stream, target)
        return clean + strength * z

    def variance(self, name: str, target: Target, clean: NDArray, columns: Columns) -> Array:
        sigma = columns[sigma_name(name, self, target)].astype(np.float64)
        return sigma * sigma


class LogNormal(_Noise):
    """measured = true exp(sigma z), with z standard normal: positive, and true is its median."""

    kind: Literal["log_normal"] = "log_normal"
    unitless: ClassVar[bool] = True
    LARGEST: ClassVar[float] = 10.0

    def refuse(self, target: Target) -> str | None:
        if target.low < 0 or (isinstance(target, Parameter) and target.low == 0):
            reason = "log_normal needs a value that is always above zero; use gaussian"
            return _refuse_series(target) or reason
        return _refuse_series(target)

    def at(self, clean: Array, strength: Array, z: Array) -> Array:
        return clean * quantiles.exponential(strength * z)

    def apply(self, clean: Array, strength: Array, stream: Stream, target: Target) -> Array:
        return self.at(clean, strength, normals(*stream))

    def variance(self, name: str, target: Target, clean: NDArray, columns: Columns) -> Array:
        """To first order in sigma."""
        return clean * clean * super().variance(name, target, clean, columns)


class TruncatedGaussian(_Noise):
    """measured = true + sigma z, drawn again until it lies inside the parameter's limits."""

    kind: Literal["truncated_gaussian"] = "truncated_gaussian"
    ATTEMPTS: ClassVar[int] = 1000

    def refuse(self, target: Target) -> str | None:
        if isinstance(target, Field):
            return "truncated_gaussian needs a parameter, whose limits it keeps; use gaussian"
        if self.sigma.support[1] > target.high - target.low:
            return f"sigma must be at most the width of the limits, {target.high - target.low:g}"
        return None

    def apply(self, clean: Array, strength: Array, stream: Stream, target: Target) -> Array:
        assert isinstance(target, Parameter)
        key, draws = stream
        measured, todo = clean.copy(), np.arange(len(clean))
        for attempt in range(self.ATTEMPTS):
            z = normals(key, draws[todo], attempt)
            measured[todo] = self.at(clean[todo], strength[todo], z)
            outside = (measured[todo] < target.low) | (measured[todo] > target.high)
            todo = todo[outside]
            if not len(todo):
                break
        return np.clip(measured, target.low, target.high)


def _refuse_positive(target: Target) -> str | None:
    if target.low >= 0:
        hint = "or a sigma of at most a fifth of the least value"
        return f"a value that cannot be negative needs log_normal or truncated_gaussian, {hint}"
    return None


def _refuse_series(target: Target) -> str | None:
    if isinstance(target, Field) and target.shape:
        return "this noise is for scalars; use gaussian on a series"
    return None
