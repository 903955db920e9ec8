"""What every noise model offers, and the names of the columns that it makes."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from deepbench_hf.fields import Columns, Field, Parameter, of_image, tagged
from deepbench_hf.model import Model
from deepbench_hf.priors import Prior

Array = NDArray[np.float64]
Stream = tuple[np.uint64, NDArray[np.int64]]
"""A Philox key, and for each example the index of the draw that it takes."""

Streams = Callable[[str], Stream]
"""The stream of a column's noise."""

Target = Parameter | Field
"""What the noise is on: a parameter or an output."""

SNR = Field("1", "signal-to-noise ratio of the clean image under the best linear filter", low=0)


class Noise(Protocol):
    """A noise model; the settings of every example are columns beside what was measured."""

    kind: str
    level: str | None

    @property
    def over(self) -> str | None:
        """The parameter whose absolute value the strength is divided by; None for none."""
        ...

    unitless: ClassVar[bool]
    """Whether the strength is a pure number instead of a value in the target's unit."""

    per_sample: ClassVar[bool]
    """Whether every sample of a series has a strength of its own."""

    @property
    def priors(self) -> Mapping[str, Prior]:
        """The settings that are drawn for every example, by their name in the recipe."""
        ...

    def refuse(self, target: Target) -> str | None:
        """Why this noise does not fit ``target``; None where it does."""
        ...

    def settings(self, name: str, target: Target) -> Mapping[str, Prior]:
        """The same by the names of their columns."""
        ...

    def told(self, name: str, target: Target) -> Mapping[str, Field]:
        """The columns that are stored beside what was measured, in order."""
        ...

    def observed(self, target: Target) -> Field:
        """What is measured: the field of its column."""
        ...

    def measure(
        self,
        name: str,
        target: Target,
        clean: NDArray,
        drawn: Columns,
        streams: Streams,
        wanted: Collection[str],
    ) -> Columns:
        """The told and the measured columns, from the clean one and the drawn settings.

        A signal-to-noise ratio is there only if it is ``wanted``. ``clean`` may be overwritten:
        fresh memory costs more than the noise on it.
        """
        ...

    def at(self, clean: Array, strength: Array, z: Array) -> Array:
        """What is measured of a scalar ``(n,)`` where the standard normal number is ``z``."""
        ...

    def variance(self, name: str, target: Target, clean: NDArray, columns: Columns) -> Array:
        """Variance of the noise, in the unit and shape of ``clean``, from the told columns."""
        ...

    def response(self, columns: Columns) -> Array | float:
        """What a unit of the clean output is in what is measured, ``(n,)`` or one number."""
        ...

    def resized(self, ratio: float) -> Self:
        """The same noise on an image whose lengths, in pixels, are ``ratio`` times as large."""
        ...

    def background(self, name: str, target: Target, columns: Columns) -> Array:
        """Standard deviation of the noise where the clean output is zero, ``(n,)``."""
        ...


class Apparatus(Model):
    """A noise with several settings, each of them a prior.

    Args:
        level: the level of the hierarchy whose members share one draw; None for every example.
    """

    unitless: ClassVar[bool] = False
    per_sample: ClassVar[bool] = False
    over: ClassVar[None] = None
    SETTINGS: ClassVar[Mapping[str, Parameter]]
    """The settings by their name in the recipe, with their limits."""

    level: str | None = None

    @field_validator("*")
    @classmethod
    def _is_in_range(cls, value: Any, info: Any) -> Any:
        if info.field_name in cls.SETTINGS:
            (low, high), limits = value.support, cls.SETTINGS[info.field_name]
            if not (limits.low <= low and high <= limits.high):
                accepted = f"accepted is [{limits.low:g}, {limits.high:g}] {limits.unit}"
                raise ValueError(f"reaches [{low:g}, {high:g}]; {accepted}")
        return value

    @property
    def priors(self) -> Mapping[str, Prior]:
        return {name: getattr(self, name) for name in self.SETTINGS}


def measured_name(name: str, target: Target) -> str:
    """``length_m`` gives ``length_measured_m``, the series ``x_m`` gives ``x_observed_m``.

    An image keeps its name: there the clean one has another.
    """
    if isinstance(target, Field) and target.is_image:
        return name
    word = "observed" if isinstance(target, Field) and target.shape else "measured"
    return tagged(name, word, target.unit, target.unit)


def sigma_name(name: str, noise: Any, target: Target) -> str:
    """``x_m`` gives ``x_noise_sigma_m``; pure numbers have no unit, and images no suffix."""
    if isinstance(target, Field) and target.is_image:
        return f"{name}_noise_sigma"
    return tagged(name, "noise_sigma", target.unit, "1" if noise.unitless else target.unit)


def snr_name(name: str) -> str:
    """The column of an image's signal-to-noise ratio."""
    return of_image(name, "snr")


def measured_field(target: Target) -> Field:
    """The field of what is measured with noise in the unit of ``target``."""
    shape = target.shape if isinstance(target, Field) else ()
    meaning = f"{target.meaning}, with noise"
    return Field(target.unit, meaning, shape, "float32" if shape else "float64")


def without_padding(columns: Columns, target: Target, rows: Columns) -> Columns:
    """The columns, 0 where a series of the shape of ``target`` has no number."""
    valid = rows[target.valid] if isinstance(target, Field) and target.valid else None
    if valid is None:
        return columns
    return {n: np.where(valid, v, v.dtype.type(0)) if v.ndim > 1 else v for n, v in columns.items()}
