"""What every noise model offers, and a noise bound to what it is on.

A model knows numbers only: its settings come by their names in the recipe. `Measurement` knows the
names: of the columns, and of the random streams, which are called after columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from deepbench_hf.exact.kernel import Array, Int64s
from deepbench_hf.fields import Columns, Field, Parameter, tagged
from deepbench_hf.model import Model
from deepbench_hf.priors import Prior

Made = tuple[NDArray, ...]
"""What was measured, and what is stored of its making."""
Stream = tuple[np.uint64, Int64s]
"""A Philox key, and for each example the index of the draw that it takes."""
Streams = Sequence[Stream]

Target = Parameter | Field
"""What the noise is on: a parameter or a column of the simulator."""

LOG_ROOT_TWO_PI = 0.9189385332046727

SNR = Field(
    "1",
    "signal-to-noise ratio of the clean image under the best linear filter; none without noise",
    low=0,
    absent=np.inf,
)


class Noise(Model):
    """A noise model; the settings of every example are columns beside what was measured.

    Args:
        level: the level of the hierarchy whose members share one draw; None for every example.
    """

    unitless: ClassVar[bool] = False
    """Whether the strength is a pure number instead of a value in the target's unit."""

    per_sample: ClassVar[bool] = False
    """Whether every sample of a series has a strength of its own."""

    SETTINGS: ClassVar[Mapping[str, Parameter]]
    """The settings by their name in the recipe, with their limits."""

    kind: Any
    level: str | None = None

    @field_validator("*")
    @classmethod
    def _is_in_range(cls, value: Any, info: Any) -> Any:
        if info.field_name in cls.SETTINGS:
            (low, high), limits = value.support, cls.SETTINGS[info.field_name]
            if not (limits.low <= low and high <= limits.high):
                unit = "" if limits.unit == "1" else f" {limits.unit}"
                accepted = f"accepted is [{limits.low:g}, {limits.high:g}]{unit}"
                raise ValueError(f"reaches [{low:g}, {high:g}]; {accepted}")
        return value

    @property
    def priors(self) -> Mapping[str, Prior]:
        """The settings that are drawn for every example, by their name in the recipe."""
        return {name: getattr(self, name) for name in self.SETTINGS}

    @property
    def divisor(self) -> str | None:
        """The parameter whose absolute value the strength is divided by; None for none."""
        return None

    def refuse(self, target: Target) -> str | None:
        """Why this noise does not fit ``target``; None where it does."""
        raise NotImplementedError

    def on(self, name: str, target: Target) -> "Measurement":
        """The measurement of a parameter or a column called ``name`` under this noise."""
        raise NotImplementedError

    def stored(self, settings: Mapping[str, str]) -> dict[str, Field]:
        """The fields of settings that are called so."""
        return {settings[n]: Field(p.unit, p.meaning) for n, p in self.SETTINGS.items()}

    def resized(self, ratio: float) -> Self:
        """The same noise on an image whose lengths, in pixels, are ``ratio`` times as large."""
        return self

    def applied(self, clean: NDArray, drawn: Columns) -> Columns:
        """The settings that are applied and stored, from those that were drawn."""
        return drawn

    def signal_to_noise(self, clean: NDArray, settings: Columns) -> Array:
        """Of clean images under the best linear filter, ``(n,)``."""
        raise NotImplementedError

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        """What is measured, of the shape of ``clean``, and what is stored of its making.

        ``clean`` may be overwritten: fresh memory costs more than the noise on it.
        """
        raise NotImplementedError

    def at(self, clean: Array, settings: Columns, z: Array) -> Array:
        """What is measured of a scalar, ``(n,)``, where the standard normal number is ``z``."""
        raise NotImplementedError

    def variance(self, clean: NDArray, settings: Columns) -> Array:
        """Of the noise, in the unit and shape of ``clean``."""
        raise NotImplementedError

    def uncorrelated(
        self, slopes: NDArray, clean: NDArray, settings: Columns
    ) -> tuple[NDArray, Array]:
        """Derivatives of the clean values along axes whose noise is independent, and its variance.

        Args:
            slopes: by P parameters, ``(P, n, ...)``.
            clean: the true values, ``(n, ...)``.
            settings: that are applied, ``(n, ...)``.
        """
        return slopes, self.variance(clean, settings)

    def log_prob(self, seen: NDArray, clean: NDArray, settings: Columns, target: Target) -> Array:
        """Logarithm of the density of what is seen, given the truth, in nats.

        A Gaussian of the noise's variance, unless a model says otherwise.

        Args:
            seen: as `measure` gives it, ``(n, ...)``, or one example for all, ``(1, ...)``.
            clean: the true values, ``(n, ...)``.
            settings: that are applied, ``(n, ...)`` or ``(1, ...)`` each.
            target: what the noise is on.

        Returns:
            Of each sample ``(n, ...)``, or of the example as a whole ``(n,)``.
        """
        return normal_density(seen - clean, np.sqrt(self.variance(clean, settings)))

    def background(self, settings: Columns) -> Array:
        """Standard deviation of the noise where the clean values are zero, ``(n,)``."""
        raise NotImplementedError

    def response(self, settings: Columns) -> Array | float:
        """What a unit of the clean values is in what is measured, ``(n,)`` or one number."""
        return 1.0


@dataclass(frozen=True)
class Measurement:
    """A noise on one parameter or column of a simulator.

    Args:
        noise: the model.
        name: what it is on.
        target: unit, limits and shape of that.
        column: the column of what is measured.
        field: unit, meaning and shape of that.
        settings: the column of each setting, by its name in the recipe.
        columns: what is stored beside what is measured, in order.
        streams: the columns that name its random streams, as `Noise.measure` takes them.
        snr: the column of an image's signal-to-noise ratio, one of ``columns``; empty for none.
    """

    noise: Noise
    name: str
    target: Target
    column: str
    field: Field
    settings: Mapping[str, str]
    columns: Mapping[str, Field]
    streams: tuple[str, ...]
    snr: str = ""

    def draw(self, clean: NDArray, drawn: Columns, streams: Streams, snr: bool = False) -> Columns:
        """What is measured and what is stored beside it, by column.

        Args:
            clean: the true values, ``(n, ...)``; they may be overwritten.
            drawn: draws of the settings, by their name in the recipe.
            streams: the random numbers of each of ``streams``.
            snr: whether the signal-to-noise ratio is wanted.
        """
        settings = self.noise.applied(clean, drawn)
        found = {self.settings[name]: values for name, values in settings.items()}
        if snr:
            found[self.snr] = self.noise.signal_to_noise(clean, settings)
        try:
            values, *more = self.noise.measure(clean, settings, streams, self.target)
        except ValueError as error:
            raise ValueError(f"{self.name}: {error}") from None
        others = self.columns.keys() - found.keys() - {self.snr}
        found |= zip([name for name in self.columns if name in others], more, strict=True)
        return {**found, self.column: values.astype(self.field.dtype, copy=False)}

    def divided(self, drawn: Columns, rows: Columns) -> Columns:
        """Draws of the settings over the absolute value of the parameter that divides them."""
        by = self.noise.divisor
        if by is None:
            return drawn
        return {name: (values.T / np.abs(rows[by])).T for name, values in drawn.items()}

    def at(self, clean: Array, rows: Columns, z: Array) -> Array:
        """As `Noise.at`, from rows."""
        return self.noise.at(clean, self._settings(rows), z)

    def variance(self, clean: NDArray, rows: Columns) -> Array:
        """As `Noise.variance`, from rows."""
        return self.noise.variance(clean, self._settings(rows))

    def uncorrelated(self, slopes: NDArray, clean: NDArray, rows: Columns) -> tuple[NDArray, Array]:
        """As `Noise.uncorrelated`, from rows."""
        return self.noise.uncorrelated(slopes, clean, self._settings(rows))

    def log_prob(self, clean: NDArray, drawn: Columns, rows: Columns) -> Array:
        """Logarithm of the density of rows' measured values, ``(n,)``, in nats.

        Args:
            clean: the true values, ``(n, ...)``.
            drawn: draws of the settings, by their name in the recipe, ``(n, ...)`` or of one row.
            rows: what is measured, ``(n, ...)`` or of one row.
        """
        settings = self.noise.applied(clean, drawn)
        found = self.noise.log_prob(rows[self.column], clean, settings, self.target)
        valid = self.target.valid if isinstance(self.target, Field) else ""
        if valid and found.ndim > 1:
            found = np.where(rows[valid], found, 0.0)
        return found.reshape(len(found), -1).sum(axis=1)

    def background(self, rows: Columns) -> Array:
        """As `Noise.background`, from rows."""
        return self.noise.background(self._settings(rows))

    def response(self, rows: Columns) -> Array | float:
        """As `Noise.response`, from rows."""
        return self.noise.response(self._settings(rows))

    def _settings(self, rows: Columns) -> Columns:
        return {name: rows[column] for name, column in self.settings.items()}

    def without_padding(self, columns: Columns, rows: Columns) -> Columns:
        """The columns, 0 where the series has no number."""
        valid = self.target.valid if isinstance(self.target, Field) else ""
        if not valid:
            return columns
        return {
            name: np.where(rows[valid], values, values.dtype.type(0)) if values.ndim > 1 else values
            for name, values in columns.items()
        }


def normal_density(off: NDArray, sigma: NDArray) -> Array:
    """Logarithm of the density of a normal distribution ``off`` from its mean.

    Of what has no noise the chance is 1 on the mean, and 0 off it.
    """
    noisy = sigma > 0.0
    unit = np.where(noisy, sigma, 1.0)
    z = off / unit
    density = -0.5 * z * z - np.log(unit) - LOG_ROOT_TWO_PI
    return density if noisy.all() else np.where(noisy, density, np.where(off == 0.0, 0.0, -np.inf))


def is_image(target: Target) -> bool:
    """Whether an example of the target is a picture."""
    return isinstance(target, Field) and target.is_image


def measured_name(name: str, target: Target) -> str:
    """``length_m`` gives ``length_measured_m``, the series ``x_m`` gives ``x_observed_m``.

    An image keeps its name: there the clean one has another.
    """
    if is_image(target):
        return name
    word = "observed" if isinstance(target, Field) and target.shape else "measured"
    return tagged(name, word, target.unit, target.unit)


def measured_field(target: Target) -> Field:
    """The field of what is measured with noise in the unit of ``target``."""
    shape, channels = (target.shape, target.channels) if isinstance(target, Field) else ((), ())
    meaning, dtype = f"{target.meaning}, with noise", "float32" if shape else "float64"
    return Field(target.unit, meaning, shape, dtype, channels=channels)
