"""Noise that follows from what is measured: counts, resolution, and the momentum of tracks."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field as Setting

from deepbench_hf.exact.draws import add_normals
from deepbench_hf.exact.kernel import Array
from deepbench_hf.exact.poisson import poisson
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.noise import base
from deepbench_hf.noise.base import Made, Noise, Streams, Target
from deepbench_hf.noise.measurement import (
    Measurement,
    measured_field,
    measured_name,
    rooted,
    tagged,
)
from deepbench_hf.priors import Constant, NumberPrior

ZERO = Setting(default_factory=lambda: Constant(value=0.0))


def _flat(values: NDArray) -> NDArray:
    """Values of examples in rows, ``(n, m)``."""
    return values.reshape(len(values), values.size // max(len(values), 1))


def _bound(noise: Noise, name: str, target: Target, units: Mapping[str, str]) -> Measurement:
    """A measurement whose settings are columns called after what it is on."""
    settings, stored = {}, {}
    for setting, parameter in noise.SETTINGS.items():
        unit = units.get(setting, "1")
        named = "1" if "/2" in unit else unit  # no suffix for the root of a unit
        word = setting.removesuffix(f"_{unit}")
        column = (
            f"{name}_{setting}" if base.is_image(target) else tagged(name, word, target.unit, named)
        )
        settings[setting] = column
        stored[column] = Field(unit, f"{parameter.meaning} of {name}")
    column, seen = measured_name(name, target), measured_field(target)
    return Measurement(noise, name, target, column, seen, settings, stored, (column,))


class Counts(Noise):
    """What is counted where the true value is the number expected: N = Poisson(true).

    Its probability is e^-true true^N / N!.
    """

    kind: Literal["counts"] = "counts"
    SETTINGS: ClassVar[Mapping[str, Parameter]] = {}

    def refuse(self, target: Target) -> str | None:
        if not isinstance(target, Field) or target.low < 0 or target.unit != "1":
            return "counts needs an expected number, without a unit and never negative"
        return None

    def on(self, name: str, target: Target) -> Measurement:
        return _bound(self, name, target, {})

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        (stream,) = streams
        rate = np.ascontiguousarray(_flat(clean), np.float64)
        return (poisson(rate, *stream).reshape(clean.shape),)

    def variance(self, clean: NDArray, settings: Columns) -> Array:
        return np.maximum(clean, 0.0)

    def log_prob(self, seen: NDArray, clean: NDArray, settings: Columns, target: Target) -> Array:
        from scipy import special

        count, mean = seen.astype(np.float64), np.maximum(clean, 0.0)
        return special.xlogy(count, mean) - mean - special.gammaln(count + 1.0)


class Resolution(Noise):
    """Gaussian noise whose variance is that of a calorimeter: sigma^2 = a^2 v + b^2 v^2 + c^2.

    measured = v + sigma z, with v the true value of each sample and z standard normal.

    Args:
        stochastic: a, in the root of the target's unit: the number of what is counted.
        constant: b, a pure number: errors of calibration.
        noise: c, in the target's unit: the electronics.

    Source: C. W. Fabjan and F. Gianotti, Rev. Mod. Phys. 75 (2003) 1243, equation 12.
    """

    kind: Literal["resolution"] = "resolution"
    SETTINGS: ClassVar[Mapping[str, Parameter]] = {
        "stochastic": Parameter("1", "stochastic term of the resolution", 0, 1e6, symbol="a"),
        "constant": Parameter("1", "constant term of the resolution", 0, 10, symbol="b"),
        "noise": Parameter("1", "noise term of the resolution", 0, 1e9, symbol="c"),
    }

    stochastic: NumberPrior = ZERO
    constant: NumberPrior = ZERO
    noise: NumberPrior = ZERO

    def refuse(self, target: Target) -> str | None:
        if not isinstance(target, Field) or target.low < 0 or not target.shape:
            return "resolution needs a series or an image that is never negative; use gaussian"
        return None

    def on(self, name: str, target: Target) -> Measurement:
        units = {"stochastic": rooted(target.unit), "constant": "1", "noise": target.unit}
        return _bound(self, name, target, units)

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        ((key, draws),) = streams
        z = np.zeros(_flat(clean).shape)
        add_normals(z, np.ones(len(z)), key, draws)
        sigma = np.sqrt(self.variance(clean, settings))
        return (clean + sigma * z.reshape(clean.shape),)

    def variance(self, clean: NDArray, settings: Columns) -> Array:
        shape = (-1, *[1] * (clean.ndim - 1))
        a, b, c = (settings[name].reshape(shape) for name in self.SETTINGS)
        value = np.maximum(clean.astype(np.float64), 0.0)
        return a * a * value + b * b * value * value + c * c

    def background(self, settings: Columns) -> Array:
        return settings["noise"]


class Tracker(Noise):
    """The momentum of a charged track as a spectrometer measures it, and its direction.

    p' = p (1 + s z1),  s^2 = scattering^2 + (curvature p)^2,  n' = n + angle (z2 e1 + z3 e2), made
    a unit vector again, with e1 and e2 across the direction n and z standard normal.

    Args:
        scattering: relative error at low momentum, by multiple scattering.
        curvature: relative error for each unit of momentum, 1 over the target's unit.
        angle_mrad: error of the direction, in either plane, mrad.

    Source: R. L. Gluckstern, Nucl. Instrum. Meth. 24 (1963) 381, for the form of s.
    """

    kind: Literal["tracker"] = "tracker"
    SETTINGS: ClassVar[Mapping[str, Parameter]] = {
        "scattering": Parameter("1", "relative error of low momenta", 0, 0.2, symbol="a"),
        "curvature": Parameter("1", "relative error for a unit of momentum", 0, 0.1, symbol="b"),
        "angle_mrad": Parameter("mrad", "error of the direction", 0, 100, symbol=r"\sigma_\theta"),
    }
    APART: ClassVar = (("scattering", "curvature"), ("angle_mrad",))

    scattering: NumberPrior = ZERO
    curvature: NumberPrior = ZERO
    angle_mrad: NumberPrior = ZERO

    def refuse(self, target: Target) -> str | None:
        if not isinstance(target, Field) or target.shape != (3,):
            return "tracker needs a momentum (x, y, z); use gaussian"
        return None

    def on(self, name: str, target: Target) -> Measurement:
        units = {"scattering": "1", "curvature": f"{target.unit}-1", "angle_mrad": "mrad"}
        return _bound(self, name, target, units)

    def measure(self, clean: NDArray, settings: Columns, streams: Streams, target: Target) -> Made:
        ((key, draws),) = streams
        z = np.zeros((len(clean), 3))
        add_normals(z, np.ones(len(z)), key, draws)
        size, n, e1, e2 = _frame(clean)
        angle = 1e-3 * settings["angle_mrad"][:, None]
        turned = n + angle * (z[:, 1:2] * e1 + z[:, 2:3] * e2)
        turned /= np.sqrt(np.maximum(_square(turned), 1e-300))[:, None]
        length = size * (1.0 + self._relative(size, settings) * z[:, 0])
        return (length[:, None] * turned,)

    @staticmethod
    def _relative(size: Array, settings: Columns) -> Array:
        a, b = settings["scattering"], settings["curvature"] * size
        return np.sqrt(a * a + b * b)

    def variance(self, clean: NDArray, settings: Columns) -> Array:
        """Of each component, to first order in the errors."""
        square = _square(clean)
        along = self._relative(np.sqrt(square), settings)[:, None] * clean
        across = 1e-3 * settings["angle_mrad"]
        across = (across * across)[:, None] * (square[:, None] - clean * clean)
        return along * along + np.maximum(across, 0.0)

    def uncorrelated(
        self, slopes: NDArray, clean: NDArray, settings: Columns
    ) -> tuple[NDArray, Array]:
        """Along the track and across it, to first order in the errors."""
        size, *axes = _frame(clean)
        turned = np.empty_like(slopes)
        for k, axis in enumerate(axes):
            (x, y, z), (a, b, c) = np.moveaxis(slopes, -1, 0), axis.T
            turned[..., k] = x * a + y * b + z * c
        along = self._relative(size, settings) * size
        across = 1e-3 * settings["angle_mrad"] * size
        return turned, np.stack([along * along, across * across, across * across], axis=1)

    def log_prob(self, seen: NDArray, clean: NDArray, settings: Columns, target: Target) -> Array:
        """Of the vector: of its signed length r along n, and of where it meets the plane there.

        p = N(r; |p|, s |p|) N(x; angle) N(y; angle) / (r^2 c^3), with c the cosine between the
        directions and x^2 + y^2 = 1 / c^2 - 1; r has the sign of the cosine.
        """
        seen, clean = seen.astype(np.float64), clean.astype(np.float64)
        size, length = np.sqrt(_square(clean)), np.sqrt(_square(seen))
        along = (seen * clean).sum(axis=1) / size
        cosine, signed = np.abs(along) / length, np.sign(along) * length
        angle = 1e-3 * settings["angle_mrad"]
        across = _square(_cross(*np.broadcast_arrays(seen, clean))) / (size * along) ** 2
        found = base.normal_density(signed - size, self._relative(size, settings) * size)
        found -= 0.5 * across / (angle * angle) + 2.0 * (np.log(angle) + base.LOG_ROOT_TWO_PI)
        return found - 2.0 * np.log(length) - 3.0 * np.log(cosine)

    def background(self, settings: Columns) -> Array:
        return np.zeros_like(settings["scattering"])


def _frame(vectors: NDArray) -> tuple[Array, ...]:
    """The lengths ``(n,)`` of vectors, their directions, and two across them, ``(n, 3)`` each.

    The first lies across the direction and the axis that this is farthest from; the second
    completes the three.
    """
    size = np.sqrt(_square(vectors))
    n = vectors / np.where(size > 0.0, size, 1.0)[:, None]
    e1 = _cross(n, np.eye(3)[np.abs(n).argmin(axis=1)])
    e1 /= np.sqrt(np.maximum(_square(e1), 1e-300))[:, None]
    return size, n, e1, _cross(n, e1)


def _square(vectors: NDArray) -> Array:
    """The square of the length of vectors ``(n, 3)``."""
    x, y, z = vectors.T
    return x * x + y * y + z * z


def _cross(a: NDArray, b: NDArray) -> NDArray:
    """The vector products of vectors ``(n, 3)``."""
    (ax, ay, az), (bx, by, bz) = a.T, b.T
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], axis=1)
