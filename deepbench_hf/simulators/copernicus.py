"""The Sun and Mars as seen from the Earth, and as Copernicus saw them: angles about the Sun."""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import filled, laid_out
from deepbench_hf.simulators.two_body import fill_anomalies

Positive = Annotated[float, pydantic.Field(gt=0, le=1e6)]

Eccentricity = Annotated[float, pydantic.Field(ge=0, le=0.9)]
Angle = Annotated[float, pydantic.Field(ge=-7, le=7)]
Loose = pydantic.Field(strict=False)


class Copernicus(Simulator):
    r"""Angles of Sun and Mars against the fixed stars, from circular orbits about the Sun.

        phi_S = phi_S0 + 2 pi t / T_E,    phi_M = phi_M0 + 2 pi t / T_M,
        theta_S = phi_S,  theta_M = arg(e^(i phi_S) - R e^(i phi_M)),

    phi the directions of the Sun from the Earth and from Mars, half a turn from where the planets
    are about the Sun; theta those of Sun and Mars from the Earth, without jumps along a row. From
    the Earth Mars runs backwards at times; about the Sun both angles grow evenly.

    On ellipses these phi are mean longitudes l: with Kepler's equation E - e sin E = l - w the true
    ones are w + 2 atan(sqrt((1 + e) / (1 - e)) tan(E / 2)) and distances a (1 - e cos E).

    Args:
        sun_start_rad, mars_start_rad: phi_S0 and phi_M0, (n,).
        time_d: t, days, (n, T).
        step_d, samples: days from one time to the next, and T.
        radius: R of the planet's orbit over that of the Earth's.
        year_d, planet_year_d: T_E and T_M, days.
        eccentricities: e of the Earth's and of the planet's orbit; 0 by default.
        perihelia_rad: w of both, phi where the planet is nearest to the Sun: half a turn from the
            longitude of its perihelion.

    Returns:
        sun_rad, mars_rad (n, T): theta; sun_heliocentric_rad, mars_heliocentric_rad (n, T): phi.

    Source: R. Iten et al., Discovering physical concepts with neural networks, Physical Review
    Letters 124 (2020) 010508, arXiv:1807.10300, section on the heliocentric model.
    """

    kind: Literal["copernicus"] = "copernicus"
    parameters: ClassVar[Parameters] = {
        "sun_start_rad": Parameter(
            *("rad", "direction of the Sun from the Earth at first", -7, 7),
            symbol=r"\phi_{S,0}",
            period=TWO_PI,
        ),
        "mars_start_rad": Parameter(
            *("rad", "direction of the Sun from Mars at first", -7, 7),
            symbol=r"\phi_{M,0}",
            period=TWO_PI,
        ),
    }
    step_d: Positive = 7.0
    samples: Annotated[int, pydantic.Field(ge=2, le=65536)] = 50
    radius: Annotated[float, pydantic.Field(ge=0.01, le=1000)] = 1.52366231
    year_d: Positive = 365.26
    planet_year_d: Positive = 686.97959
    eccentricities: Annotated[tuple[Eccentricity, Eccentricity], Loose] = (0.0, 0.0)
    perihelia_rad: Annotated[tuple[Angle, Angle], Loose] = (0.0, 0.0)

    @property
    def columns(self) -> Fields:
        size = (self.samples,)
        time = {"role": "coordinate", "accepts": (-1e6, 1e6), "rising": True}
        return {
            "time_d": Field("d", "time", size, **time),
            "sun_rad": Field("rad", "angle of the Sun as seen from the Earth", size),
            "mars_rad": Field("rad", "angle of Mars as seen from the Earth", size),
            "sun_heliocentric_rad": Field("rad", "direction of the Sun from the Earth", size),
            "mars_heliocentric_rad": Field("rad", "direction of the Sun from Mars", size),
        }

    def locate(self, **parameters: NDArray) -> Columns:
        times = self.step_d * np.arange(self.samples, dtype=np.float64)
        return {"time_d": np.repeat(times[None], len(parameters["sun_start_rad"]), axis=0)}

    def __call__(self, *, time_d: NDArray, **inputs: Any) -> Columns:
        row, time = filled(self.parameters, inputs), laid_out(time_d)
        sun = row["sun_start_rad"][:, None] + TWO_PI * (time / self.year_d)
        mars = row["mars_start_rad"][:, None] + TWO_PI * (time / self.planet_year_d)
        away = np.ones_like(sun), np.full_like(mars, self.radius)
        for angle, distance, e, nearest in zip(
            (sun, mars), away, self.eccentricities, self.perihelia_rad, strict=True
        ):
            if e > 0.0:
                _to_true(angle, distance, e, nearest)
        seen = from_earth(sun, mars, *away)
        names = ("sun_rad", "mars_rad", "sun_heliocentric_rad", "mars_heliocentric_rad")
        return dict(zip(names, (sun.copy(), seen, sun, mars), strict=True))


@kernel(allocates=True)
def _to_true(angle: Array, distance: Array, e: float, nearest: float) -> None:
    """Turn mean longitudes (n, T) into true ones, and semi-major axes into distances."""
    moments = angle.shape[1]
    mean, step, found = np.empty(moments), np.empty(moments), np.empty(moments)
    for i in range(angle.shape[0]):
        for k in range(moments):
            mean[k] = angle[i, k] - nearest
        fill_anomalies(mean, e, step, found)
        for k in range(moments):
            s, c = exact.sincos(found[k])
            true = exact.atan2(np.sqrt((1.0 - e) * (1.0 + e)) * s, c - e)
            # The equation of the centre, true - mean, is less than half a turn.
            more = true - (angle[i, k] - nearest)
            angle[i, k] += more - TWO_PI * np.floor(more / TWO_PI + 0.5)
            distance[i, k] *= 1.0 - e * c


@kernel(allocates=True)
def from_earth(sun: Array, mars: Array, near: Array, far: Array) -> Array:
    """The angle of the planet from the Earth, (n, T), without jumps along a row.

    Args:
        sun, mars: angles about the Sun.
        near, far: distances of the Earth and of the planet.
    """
    out = np.empty_like(sun)
    for i in range(sun.shape[0]):
        for k in range(sun.shape[1]):
            s, c = exact.sincos(sun[i, k])
            up, across = exact.sincos(mars[i, k])
            y, x = near[i, k] * s - far[i, k] * up, near[i, k] * c - far[i, k] * across
            angle = exact.atan2(y, x)
            if k > 0:
                angle += TWO_PI * np.floor((out[i, k - 1] - angle) / TWO_PI + 0.5)
            out[i, k] = angle
    return out
