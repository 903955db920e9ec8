"""Noise of one strength: Gaussian, relative, log-normal and truncated."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact import quantiles
from deepbench_hf.exact.draws import add_normals, normals
from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.noise import base, counts
from deepbench_hf.noise.base import Made, Noise, Streams, Target
from deepbench_hf.noise.measurement import (
    Measurement,
    measured_field,
    measured_name,
    of_image,
    tagged,
)
from deepbench_hf.priors import NumberPrior

LARGEST = 1e19
"""Of a strength: its square is a variance, and a float32 too."""


def _strength(largest: float = LARGEST) -> Mapping[str, Parameter]:
    return {"sigma": Parameter("1", "strength of the noise", 0.0, largest, symbol=r"\sigma")}


class _OneStrength(Noise):
    """The settings that all noise models of one strength share.

    Args:
        sigma: strength: a number, or a prior that is drawn once per example.
        over: the parameter whose absolute value the strength is divided by, such as the slope:
            noise on an input is then as strong as noise of ``sigma`` on the output.
    """

    SETTINGS: ClassVar[Mapping[str, Parameter]] = _strength()

    sigma: NumberPrior
    over: str | None = None

    @property
    def divisor(self) -> str | None:
        return self.over

    def on(self, name: str, target: Target) -> Measurement:
        column, snr = measured_name(name, target), ""
        unit = "1" if self.unitless else target.unit
        sigma = tagged(name, "noise_sigma", target.unit, unit)
        if base.is_image(target):
            sigma, snr = f"{name}_noise_sigma", of_image(name, "snr")
        stored = {sigma: self.strength(name, target, unit), **({snr: base.SNR} if snr else {})}
        seen, settings = measured_field(target), {"sigma": sigma}
        return Measurement(self, name, target, column, seen, settings, stored, (column,), snr)

    def strength(self, name: str, target: Target, unit: str) -> Field:
        """The field of the strengths that are stored."""
        return Field(unit, f"strength ({self.kind}) of the noise on {name}")

    def signal_to_noise(self, clean: NDArray, settings: Columns) -> Array:
        n, *rows, width = clean.shape  # of an image in colour those of all channels
        return counts.matched_filter(clean.reshape(n, int(np.prod(rows)), width), settings["sigma"])

    def at(self, clean: Array, settings: Columns, z: Array) -> Array:
        return clean + settings["sigma"] * z

    def variance(self, clean: NDArray, settings: Columns) -> Array:
        sigma = settings["sigma"].reshape(-1, *[1] * (clean.ndim - 1))
        return np.broadcast_to(sigma * sigma, clean.shape)

    def background(self, settings: Columns) -> Array:
        return settings["sigma"]

    def log_prob(self, seen: NDArray, clean: NDArray, settings: Columns, target: Target) -> Array:
        """Of an example as a whole, by the squares of its residuals, where no sample is missing."""
        sigma = settings["sigma"]
        if sigma.ndim > 1 or getattr(target, "valid", ""):
            return super().log_prob(seen, clean, settings, target)
        off = np.subtract(seen, clean, dtype=np.float64).reshape(len(clean), -1)
        square, unit = np.einsum("ni,ni->n", off, off), np.where(sigma > 0.0, sigma, 1.0)
        size = off.shape[1]
        density = -0.5 * square / (unit * unit) - size * (np.log(unit) + base.LOG_ROOT_TWO_PI)
        return np.where(sigma > 0.0, density, np.where(square == 0.0, 0.0, -np.inf))


class Gaussian(_OneStrength):
    """measured = true + sigma z, with z standard normal and sigma in the unit of the target.

    A parameter that cannot be negative may have it up to a fifth of the least value of its prior:
    then zero is at least five standard deviations away.
    """

    STRONGEST: ClassVar[float] = 0.2

    kind: Literal["gaussian"] = "gaussian"

    def refuse(self, target: Target) -> str | None:
        known = isinstance(target, Parameter) and self.over is None  # in the unit of the target
        if known and 0 <= self.sigma.support[1] <= self.STRONGEST * target.low:
            return None
        return _refuse_positive(target)

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        (stream,) = streams
        if clean.ndim == 1:
            return (self.at(clean, settings, normals(*stream)),)
        measured = np.ascontiguousarray(clean)
        flat = measured.reshape(len(clean), clean.size // max(len(clean), 1))
        add_normals(flat, np.ascontiguousarray(settings["sigma"]), *stream)
        return (measured,)


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

    def applied(self, clean: NDArray, drawn: Columns) -> Columns:
        largest = np.abs(clean).max(axis=tuple(range(1, clean.ndim)))
        return {"sigma": drawn["sigma"] * largest}


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

    def strength(self, name: str, target: Target, unit: str) -> Field:
        meaning = f"standard deviation of the noise on each sample of {name}"
        return Field(unit, meaning, target.shape if isinstance(target, Field) else (), "float32")

    def applied(self, clean: NDArray, drawn: Columns) -> Columns:
        return {"sigma": drawn["sigma"].astype(np.float32)}

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        (z,) = super().measure(
            np.zeros_like(clean), {"sigma": np.ones(len(clean))}, streams, target
        )
        return (clean + settings["sigma"] * z,)

    def variance(self, clean: NDArray, settings: Columns) -> Array:
        sigma = settings["sigma"].astype(np.float64)
        return sigma * sigma


class LogNormal(_OneStrength):
    """measured = true exp(sigma z), with z standard normal: positive, and true is its median."""

    kind: Literal["log_normal"] = "log_normal"
    unitless: ClassVar[bool] = True
    SETTINGS: ClassVar[Mapping[str, Parameter]] = _strength(10.0)

    def refuse(self, target: Target) -> str | None:
        if isinstance(target, Field) and target.shape:
            return "this noise is for scalars; use gaussian on a series"
        if target.low < 0 or (isinstance(target, Parameter) and target.low == 0):
            return "log_normal needs a value that is always above zero; use gaussian"
        return None

    def at(self, clean: Array, settings: Columns, z: Array) -> Array:
        return clean * quantiles.exponential(settings["sigma"] * z)

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        (stream,) = streams
        return (self.at(clean, settings, normals(*stream)),)

    def variance(self, clean: NDArray, settings: Columns) -> Array:
        """To first order in sigma."""
        return clean * clean * super().variance(clean, settings)

    def log_prob(self, seen: NDArray, clean: NDArray, settings: Columns, target: Target) -> Array:
        logarithm = np.log(seen)
        return base.normal_density(logarithm - np.log(clean), settings["sigma"]) - logarithm


class TruncatedGaussian(_OneStrength):
    """measured = true + sigma z, drawn again until it lies inside the parameter's limits."""

    kind: Literal["truncated_gaussian"] = "truncated_gaussian"
    ATTEMPTS: ClassVar[int] = 1000

    def refuse(self, target: Target) -> str | None:
        if isinstance(target, Field):
            return "truncated_gaussian needs a parameter, whose limits it keeps; use gaussian"
        if self.sigma.support[1] > target.high - target.low:
            return f"sigma must be at most the width of the limits, {target.high - target.low:g}"
        return None

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        assert isinstance(target, Parameter)
        ((key, draws),) = streams
        measured, todo = clean.copy(), np.arange(len(clean))
        for attempt in range(self.ATTEMPTS):
            z = normals(key, draws[todo], attempt)
            measured[todo] = self.at(clean[todo], {"sigma": settings["sigma"][todo]}, z)
            outside = (measured[todo] < target.low) | (measured[todo] > target.high)
            todo = todo[outside]
            if not len(todo):
                break
        return (np.clip(measured, target.low, target.high),)

    def log_prob(self, seen: NDArray, clean: NDArray, settings: Columns, target: Target) -> Array:
        from scipy import special

        assert isinstance(target, Parameter)
        low, high = ((end - clean) / settings["sigma"] for end in (target.low, target.high))
        left, right = np.where(low > 0, -high, low), np.where(low > 0, -low, high)
        share = special.ndtr(right) - special.ndtr(left)  # the same by symmetry, with its digits
        found = super().log_prob(seen, clean, settings, target) - np.log(share)
        return np.where((target.low <= seen) & (seen <= target.high), found, -np.inf)


def _refuse_positive(target: Target) -> str | None:
    if target.low >= 0:
        hint = "or a sigma of at most a fifth of the least value"
        return f"a value that cannot be negative needs log_normal or truncated_gaussian, {hint}"
    return None
