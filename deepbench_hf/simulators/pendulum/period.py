"""The period alone, measured several times, and what a closed form makes of it.

T = 2 pi sqrt(L / g), times (2 / pi) K(sin^2(theta0 / 2)) = 1 / agm(1, cos(theta0 / 2)) if exact
g_hat = 4 pi^2 L / T_mean^2
"""

from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.pendulum.elliptic import agm
from deepbench_hf.simulators.pendulum.rod import ROD

ROOT_PI = 1.772453850905516
MASS = Parameter("kg", "mass of the bob", 1e-3, 1e3, decoy=True, symbol="m")


class TimedPendulum(Simulator):
    """Period of an exact pendulum released from rest, measured several times.

    T = 2 pi sqrt(L / g) (2 / pi) K(m), m = sin^2(theta0 / 2).

    Args:
        length_m: L, length of the rod, m, (n,).
        gravity_m_s2: g, gravitational acceleration, m/s^2, (n,).
        theta0_rad: amplitude, rad, (n,).
        mass_kg: of the bob, kg, (n,); without effect.
        measurements: R, how often the period is measured; 2 to 1000.

    Returns:
        period_s (n, R), s: the true period, R times, for noise to make R measurements of it.
        Rows with measured length and periods also have the small-angle estimate of g and its
        error, g_hat = 4 pi^2 L / T^2 and
        delta = (4 pi^2 / T^2) sqrt((2 L dT / T)^2 + (s L)^2), with the measured L, its relative
        error s, the mean T of the measured periods, and its standard error dT.

    Source: J. Caldeira, B. Nord, Deeply Uncertain: comparing methods of uncertainty
    quantification in deep learning algorithms (2020), whose periods are those of
    `SmallAngleTimedPendulum`.
    """

    kind: Literal["pendulum_timed"] = "pendulum_timed"
    parameters: ClassVar[Parameters] = {**ROD, "mass_kg": MASS}
    measurements: Annotated[int, pydantic.Field(ge=2, le=1000)] = 10

    @property
    def columns(self) -> Fields:
        told = "small-angle estimate of gravity from the measured length and periods"
        length = {"length_m", "length_noise_sigma_m", "length_measured_m"}
        needs = frozenset({*length, "period_observed_s"})
        gravity = Field("m s-2", told, low=0.0, role="estimate", needs=needs)
        return {
            "period_s": Field("s", "period, for each measurement", (self.measurements,)),
            "gravity_estimate_m_s2": gravity,
            "gravity_estimate_sigma_m_s2": replace(gravity, meaning="standard error of that"),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        period = TWO_PI * np.sqrt(row["length_m"] / row["gravity_m_s2"]) * self.stretch(row)
        return {"period_s": np.repeat(period[:, None], self.measurements, axis=1)}

    def stretch(self, row: Columns) -> Array:
        """Period over that of small angles, (n,)."""
        return _stretch(row["theta0_rad"])

    def estimate(self, rows: Columns) -> Columns:
        """Gravity and its standard error, (n,), m/s^2."""
        length = rows["length_measured_m"]
        length_error = length * (rows["length_noise_sigma_m"] / rows["length_m"])
        mean, error = standard_error(rows["period_observed_s"].astype(np.float64))
        scale = TWO_PI * TWO_PI / (mean * mean)
        timing_error = 2.0 * length * error / mean
        sigma = scale * np.sqrt(timing_error * timing_error + length_error * length_error)
        return {"gravity_estimate_m_s2": scale * length, "gravity_estimate_sigma_m_s2": sigma}


class SmallAngleTimedPendulum(TimedPendulum):
    """Period by the small-angle formula at any amplitude, measured several times.

    T = 2 pi sqrt(L / g): neither the amplitude nor the mass decides anything.

    Args:
        length_m, gravity_m_s2, mass_kg, measurements: as in `TimedPendulum`.
        theta0_rad: amplitude, rad, (n,); without effect.

    Returns:
        As in `TimedPendulum`; the estimate is then unbiased but for the noise.

    Source: as in `TimedPendulum`.
    """

    kind: Literal["pendulum_timed_small_angle"] = "pendulum_timed_small_angle"  # type: ignore[assignment]
    parameters: ClassVar[Parameters] = {
        **TimedPendulum.parameters,
        "theta0_rad": replace(ROD["theta0_rad"], decoy=True),
    }

    def stretch(self, row: Columns) -> Array:
        """One, (n,)."""
        return np.ones_like(row["theta0_rad"])


def standard_error(values: Array) -> tuple[Array, Array]:
    """Mean of R values (n, R) and its unbiased standard error, (n,) each.

    s0 / sqrt(2) Gamma((R - 1) / 2) / Gamma(R / 2), with s0^2 the mean square deviation: s0 divided
    by sqrt(R - 1), and by the factor c4(R) by which a normal sample's deviation falls short.
    """
    count = values.shape[1]
    mean = _total(values) / count
    deviation = values - mean[:, None]
    spread = np.sqrt(_total(deviation * deviation) / count)
    return mean, spread * (_gamma_ratio(count) / np.sqrt(2.0))


def _total(values: Array) -> Array:
    """Sum over the last axis, from the first to the last: the same bits everywhere."""
    total = values[:, 0]
    for number in range(1, values.shape[1]):
        total = total + values[:, number]
    return total


def _gamma_ratio(count: int) -> float:
    """Gamma((R - 1) / 2) / Gamma(R / 2), by r(R) r(R + 1) = 2 / (R - 1) from r(2) = sqrt(pi)."""
    ratio = ROOT_PI
    for number in range(2, count):
        ratio = 2.0 / ((number - 1) * ratio)
    return ratio


@kernel(allocates=True)
def _stretch(theta0):
    """1 / agm(1, cos(theta0 / 2)) for ``(n,)`` amplitudes, rad."""
    out = np.empty_like(theta0)
    for i in range(theta0.size):
        out[i] = 1.0 / agm(1.0, exact.cos(0.5 * theta0[i]))
    return out
