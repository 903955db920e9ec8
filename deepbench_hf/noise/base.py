"""What every noise model offers.

A model knows numbers only: its settings come by their names in the recipe. `Measurement` knows the
names of columns and random streams.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import field_validator

from deepbench_hf.errors import reach
from deepbench_hf.exact.constants import LOG_ROOT_TWO_PI
from deepbench_hf.exact.kernel import Array, Int64s
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.model import Model
from deepbench_hf.priors import Prior

if TYPE_CHECKING:
    from deepbench_hf.noise.measurement import Measurement

Made = tuple[NDArray, ...]
"""What was measured, and what is stored of its making."""
Stream = tuple[np.uint64, Int64s]
"""A Philox key, and for each example the index of the draw that it takes."""
Streams = Sequence[Stream]

Target = Parameter | Field
"""What the noise is on: a parameter or a column of the simulator."""


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

    APART: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of settings, each the noise of a part of what is measured; none if all is one part."""

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
                raise ValueError(f"{reach(low, high)}; {accepted}")
        return value

    @property
    def priors(self) -> Mapping[str, Prior]:
        """The settings that are drawn for every example, by their name in the recipe."""
        return {name: getattr(self, name) for name in self.SETTINGS}

    @property
    def exact_part(self) -> tuple[str, ...]:
        """Settings that are 0 in every row, so that what they are of is exact; none if none are.

        They are all of the noise's, or one of the groups of `APART`.
        """
        for group in self.APART or (tuple(self.priors),):
            if all(self.priors[name].support == (0.0, 0.0) for name in group):
                return group
        return ()

    @property
    def divisor(self) -> str | None:
        """The parameter whose absolute value the strength is divided by; None for none."""
        return None

    def refuse(self, target: Target) -> str | None:
        """Why this noise does not fit ``target``; None where it does."""
        raise NotImplementedError

    def on(self, name: str, target: Target) -> Measurement:
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
        off = np.subtract(seen, clean, dtype=np.float64)
        return normal_density(off, np.sqrt(self.variance(clean, settings)))

    def background(self, settings: Columns) -> Array:
        """Standard deviation of the noise where the clean values are zero, ``(n,)``."""
        raise NotImplementedError

    def response(self, settings: Columns) -> Array | float:
        """What a unit of the clean values is in what is measured, ``(n,)`` or one number."""
        return 1.0


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
