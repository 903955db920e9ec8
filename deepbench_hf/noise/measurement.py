"""A noise bound to what it is on: the columns that it makes and the random streams it takes.

Streams are called after columns, so that a noise that is added leaves every other draw as it was.
The names of columns end in their units: what changes a column changes its word or its unit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns, Field
from deepbench_hf.noise.base import Noise, Streams, Target, is_image


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


@lru_cache  # every block of rows asks for dozens of names
def unit_suffix(unit: str) -> str:
    """The end of a column's name for its unit: ``"m s-2"`` gives ``"m_s2"``, ``"1"`` gives ``""``.

    >>> unit_suffix("kg m2 s-1"), unit_suffix("s-1"), unit_suffix("1")
    ('kg_m2_s', '1_s', '')
    >>> unit_suffix("pix2"), unit_suffix("electron s-1 pix-1")
    ('px2', 'e_s_px')
    """
    if unit == "1":
        return ""
    words = unit.replace("electron", "e").replace("pix", "px").split()
    above = [word for word in words if "-" not in word] or ["1"]
    below = [word.replace("-1", "").replace("-", "") for word in words if "-" in word]
    return "_".join(above + below)


def of_image(name: str, word: str) -> str:
    """A column that tells of an image: the plain word, with the name of another than ``image``.

    >>> of_image("image", "snr"), of_image("u_image", "snr")
    ('snr', 'u_image_snr')
    """
    return word if name == "image" else f"{name}_{word}"


def squared(unit: str) -> str:
    """The unit of a variance.

    >>> squared("m"), squared("kg m2 s-1"), squared("1")
    ('m2', 'kg2 m4 s-2', '1')
    """
    if unit == "1":
        return unit
    parts = [re.fullmatch(r"([A-Za-z]+)(-?[0-9]*)", word) for word in unit.split()]
    return " ".join(f"{part[1]}{2 * int(part[2] or 1)}" for part in parts if part)


def rooted(unit: str) -> str:
    """The unit whose square is another one.

    >>> rooted("MeV"), rooted("1")
    ('MeV(1/2)', '1')
    """
    from astropy.units import Unit  # takes a third of a second to import

    return (Unit("" if unit == "1" else unit) ** 0.5).to_string() or "1"


def word_of(name: str, unit: str) -> str:
    """A column's name without the suffix of its unit.

    >>> word_of("gravity_m_s2", "m s-2")
    'gravity'
    """
    suffix = unit_suffix(unit)
    return name.removesuffix(f"_{suffix}") if suffix else name


@lru_cache(4096)
def tagged(name: str, tag: str, unit: str, new_unit: str) -> str:
    """A column's name with another word and unit.

    >>> tagged("x_m", "noise_sigma", "m", "m")
    'x_noise_sigma_m'
    """
    return "_".join(filter(None, (word_of(name, unit), tag, unit_suffix(new_unit))))
