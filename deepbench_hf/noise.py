"""The closed set of noise models: what is measured, given what is true."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from deepbench_hf import philox, quantiles
from deepbench_hf.model import Model, OneOf
from deepbench_hf.priors import Prior, PriorOrNumber
from deepbench_hf.simulators.base import Field, Parameter

__all__ = ["NOISES", "AnyNoise", "Noise", "Stream"]

Array = NDArray[np.float64]
Stream = tuple[np.uint64, NDArray[np.int64]]
"""A Philox key, and for each example the index of the draw that it takes."""


class Noise(Protocol):
    """A noise model; the strength of every example is a column beside what was measured."""

    kind: str
    sigma: Prior
    level: str | None

    unitless: ClassVar[bool]
    """Whether the strength is a pure number instead of a value in the target's unit."""

    def refuse(self, target: Parameter | Field) -> str | None:
        """Why this noise does not fit ``target``; None where it does."""
        ...

    def strength(self, clean: Array, sigma: Array) -> Array:
        """The strength that is applied and stored, ``(n,)``, from draws of ``sigma``, ``(n,)``."""
        ...

    def apply(
        self, clean: Array, strength: Array, stream: Stream, target: Parameter | Field
    ) -> Array:
        """Measured values of the shape of ``clean``, ``(n, ...)``, for strengths ``(n,)``."""
        ...


class _Noise(Model):
    """The settings that all noise models share.

    Args:
        sigma: strength: a number, or a prior that is drawn once per example.
        level: the level of the hierarchy whose members share one draw; None for every example.
    """

    LARGEST: ClassVar[float] = 1e30
    """Far from where float32 ends."""

    sigma: PriorOrNumber
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

    def strength(self, clean: Array, sigma: Array) -> Array:
        return sigma


class Gaussian(_Noise):
    """measured = true + sigma z, with z standard normal and sigma in the unit of the target."""

    kind: Literal["gaussian"] = "gaussian"
    unitless: ClassVar[bool] = False

    def refuse(self, target: Parameter | Field) -> str | None:
        return _refuse_positive(target)

    def apply(
        self, clean: Array, strength: Array, stream: Stream, target: Parameter | Field
    ) -> Array:
        key, draws = stream
        if clean.ndim == 1:
            return clean + strength * philox.normals(key, draws)
        measured = np.array(clean, dtype=np.float64).reshape(
            len(clean), clean.size // max(len(clean), 1)
        )
        philox.add_normals(measured, np.ascontiguousarray(strength), key, draws)
        return measured.reshape(clean.shape)


class RelativeGaussian(Gaussian):
    """Gaussian noise whose strength is ``sigma`` times the example's largest absolute value."""

    kind: Literal["relative_gaussian"] = "relative_gaussian"  # type: ignore[assignment]

    def strength(self, clean: Array, sigma: Array) -> Array:
        return sigma * np.abs(clean).max(axis=tuple(range(1, clean.ndim)))


class LogNormal(_Noise):
    """measured = true exp(sigma z), with z standard normal: positive, and true is its median."""

    kind: Literal["log_normal"] = "log_normal"
    unitless: ClassVar[bool] = True
    LARGEST: ClassVar[float] = 10.0

    def refuse(self, target: Parameter | Field) -> str | None:
        if target.low < 0 or (isinstance(target, Parameter) and target.low == 0):
            reason = "log_normal needs a value that is always above zero; use gaussian"
            return _refuse_series(target) or reason
        return _refuse_series(target)

    def apply(
        self, clean: Array, strength: Array, stream: Stream, target: Parameter | Field
    ) -> Array:
        return clean * quantiles.exponential(strength * philox.normals(*stream))


class TruncatedGaussian(_Noise):
    """measured = true + sigma z, drawn again until it lies inside the parameter's limits."""

    kind: Literal["truncated_gaussian"] = "truncated_gaussian"
    unitless: ClassVar[bool] = False
    ATTEMPTS: ClassVar[int] = 1000

    def refuse(self, target: Parameter | Field) -> str | None:
        if isinstance(target, Field):
            return "truncated_gaussian needs a parameter, whose limits it keeps; use gaussian"
        if self.sigma.support[1] > target.high - target.low:
            return f"sigma must be at most the width of the limits, {target.high - target.low:g}"
        return None

    def apply(
        self, clean: Array, strength: Array, stream: Stream, target: Parameter | Field
    ) -> Array:
        assert isinstance(target, Parameter)
        key, draws = stream
        measured, todo = clean.copy(), np.arange(len(clean))
        for attempt in range(self.ATTEMPTS):
            z = philox.normals(key, draws[todo], attempt)
            measured[todo] = clean[todo] + strength[todo] * z
            outside = (measured[todo] < target.low) | (measured[todo] > target.high)
            todo = todo[outside]
            if not len(todo):
                break
        return np.clip(measured, target.low, target.high)


NOISES: dict[str, type[Model]] = {
    "gaussian": Gaussian,
    "relative_gaussian": RelativeGaussian,
    "log_normal": LogNormal,
    "truncated_gaussian": TruncatedGaussian,
}

AnyNoise = Annotated[Any, OneOf(NOISES)]


def _refuse_positive(target: Parameter | Field) -> str | None:
    if target.low >= 0:
        return "a value that cannot be negative needs log_normal or truncated_gaussian"
    return None


def _refuse_series(target: Parameter | Field) -> str | None:
    if isinstance(target, Field) and target.shape:
        return "this noise is for scalars; use gaussian on a series"
    return None
