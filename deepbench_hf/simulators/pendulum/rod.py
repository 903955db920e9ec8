"""What the pendulum family shares: the rod's parameters, the time grid, and the exact motion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.simulators.base import Columns, Field, Parameter, Simulator
from deepbench_hf.simulators.pendulum.swing import TWO_PI, swing
from deepbench_hf.simulators.times import TimeGrid, columns

__all__ = ["GRAVITY", "LENGTH", "RELEASE", "Swinging", "exact_motion"]

GRAVITY = Parameter("m s-2", "gravitational acceleration", 1e-3, 1e3, symbol="g")
LENGTH = Parameter("m", "length of the rod", 1e-3, 1e3, symbol="L")
RELEASE = Parameter(
    "rad", "angle from the downward vertical at t = 0", -3.1415, 3.1415, symbol=r"\theta_0"
)
START = Parameter(
    "rad s-1", "angular velocity at t = 0", -1e3, 1e3, default=0.0, symbol=r"\omega_0"
)
ROD = {"length_m": LENGTH, "gravity_m_s2": GRAVITY, "theta0_rad": RELEASE}


class Swinging(Simulator):
    """What the family shares: a time grid, and the motion on it."""

    parameters: ClassVar[Mapping[str, Parameter]] = {**ROD, "omega0_rad_s": START}
    time: TimeGrid = TimeGrid()

    @property
    def coordinates(self) -> Mapping[str, Field]:
        """The times of the samples."""
        return {"time_s": Field("s", "time since the start", (self.time.samples,))}

    @property
    def fields(self) -> Mapping[str, Field]:
        """The period, where there is one, and the motion."""
        return {"period_s": Field("s", "period", low=0.0), **self.motion}

    @property
    def motion(self) -> dict[str, Field]:
        """Angle, velocity and position."""
        shape = (self.time.samples,)
        return {
            "theta_rad": Field("rad", "angle from the downward vertical, unwrapped", shape),
            "omega_rad_s": Field("rad s-1", "angular velocity", shape),
            "x_m": Field("m", "horizontal position of the bob", shape),
        }

    def locate(self, **parameters: NDArray) -> Columns:
        """The times ``time_s`` (n, samples), s, for parameters (n,)."""
        row = columns(self.parameters, parameters)
        gravity = self.gravity(row)
        return {"time_s": self.time.times(TWO_PI * np.sqrt(row["length_m"] / gravity))}

    def gravity(self, row: Columns) -> NDArray[np.float64]:
        """Gravitational acceleration (n,), m/s^2, of checked columns."""
        return row["gravity_m_s2"]

    def inputs(self, given: Mapping[str, Any]) -> Columns:
        """The columns of a call, checked; the times are among them."""
        row = columns(self.parameters, given)
        if "time_s" not in row:
            raise ValueError("time_s is missing; locate() gives it")
        return row


def exact_motion(row: Columns, gravity: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Period (n,), theta, omega and sin(theta) (n, T) of the exact motion."""
    time, theta0 = row["time_s"], row["theta0_rad"]
    w0, omega0 = np.sqrt(gravity / row["length_m"]), row.get("omega0_rad_s", np.zeros(len(theta0)))
    period, theta, omega, sine = np.empty(len(w0)), *(np.empty_like(time) for _ in range(3))
    swing(w0, theta0, omega0, time, period, theta, omega, sine)
    return period, theta, omega, sine
