"""What the pendulum family shares: the rod's parameters, the time grid, motion and slopes."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.grid import LONGEST_S, TimeGrid
from deepbench_hf.simulators.inputs import filled, laid_out
from deepbench_hf.simulators.pendulum.slopes import cosines, start_slopes
from deepbench_hf.simulators.pendulum.swing import swing

GRAVITY = Parameter("m s-2", "gravitational acceleration", 1e-3, 1e3, symbol="g")
LENGTH = Parameter("m", "length of the rod", 1e-3, 1e3, symbol="L")
RELEASE = Parameter(
    *("rad", "angle from the downward vertical at t = 0", -3.1415, 3.1415),
    usual=0.75,
    symbol=r"\theta_0",
)
START = Parameter(
    "rad s-1", "angular velocity at t = 0", -1e3, 1e3, default=0.0, symbol=r"\omega_0"
)
ROD = {"length_m": LENGTH, "gravity_m_s2": GRAVITY, "theta0_rad": RELEASE}


Slopes = dict[str, tuple[Array, Array]]
"""By parameter, the derivatives of theta and omega, ``(n, T)`` each."""


class Swinging(Simulator):
    """What the family shares: a time grid, and the motion on it."""

    parameters: ClassVar[Parameters] = {**ROD, "omega0_rad_s": START}
    time: TimeGrid = TimeGrid()

    @property
    def columns(self) -> Fields:
        shape, accepts = (self.time.samples,), (-LONGEST_S, LONGEST_S)
        return {
            "time_s": Field("s", "time since the start", shape, role="coordinate", accepts=accepts),
            "period_s": Field("s", "period", low=0.0, role="label"),
            "theta_rad": Field("rad", "angle from the downward vertical, unwrapped", shape),
            "omega_rad_s": Field("rad s-1", "angular velocity", shape),
            "x_m": Field("m", "horizontal position of the bob", shape),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = self.inputs(inputs)
        period, theta, omega, sine = self.motion(row)
        sine *= row["length_m"][:, None]  # in place: fresh memory costs more than the product
        return {"period_s": period, "theta_rad": theta, "omega_rad_s": omega, "x_m": sine}

    def motion(self, row: Columns) -> tuple[Array, ...]:
        """Period (n,), theta, omega and sin(theta) (n, T) of columns of `inputs`."""
        return exact_motion(row, self.gravity(row))

    def locate(self, **parameters: NDArray) -> Columns:
        row = filled(self.parameters, parameters)
        gravity = self.gravity(row)
        return {"time_s": self.time.times(TWO_PI * np.sqrt(row["length_m"] / gravity))}

    @property
    def sensitive(self) -> tuple[str, ...]:
        return tuple(self.parameters)

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        row = self.inputs(inputs)
        motion, slopes = self.slopes(row)
        theta, _, sine = motion
        cosine, length = np.empty_like(theta), row["length_m"][:, None]
        cosines(theta, cosine)
        x = {name: length * cosine * angle for name, (angle, _) in slopes.items()}
        x["length_m"] += sine
        return {
            "theta_rad": {name: angle for name, (angle, _) in slopes.items()},
            "omega_rad_s": {name: speed for name, (_, speed) in slopes.items()},
            "x_m": x,
        }

    def slopes(self, row: Columns) -> tuple[tuple[Array, ...], Slopes]:
        """Theta, omega and sin(theta) of columns, and what theta and omega answer.

        For the exact motion; with w0 = sqrt(g / L) it is Theta(w0 t, theta0, omega0 / w0), so that
        dtheta/dw0 = (t omega - omega0 dtheta/domega0) / w0, and likewise for omega.
        """
        gravity = self.gravity(row)
        _, *motion = exact_motion(row, gravity)
        w0, omega0 = _start(row, gravity)
        found = np.empty((4, *row["time_s"].shape))
        start_slopes(w0, row["theta0_rad"], omega0, row["time_s"], *motion[1:], found)
        starts: Slopes = {"theta0_rad": (found[0], found[1]), "omega0_rad_s": (found[2], found[3])}
        force = -(w0 * w0)[:, None] * motion[2]
        return tuple(motion), self.answers(row, gravity, motion[1], force, starts)

    def answers(
        self, row: Columns, gravity: Array, omega: Array, force: Array, starts: Slopes
    ) -> Slopes:
        """The slopes of all parameters, from those of all but length and gravity.

        Omega is the angular velocity (n, T), rad/s, and the force its derivative, rad/s^2.
        """
        angle, speed = row["time_s"] * omega, omega + row["time_s"] * force
        for name in ("omega0_rad_s", "damping_1_s"):
            if name in row:
                angle = angle - row[name][:, None] * starts[name][0]
                speed = speed - row[name][:, None] * starts[name][1]
        half = 0.5 / gravity[:, None], -0.5 / row["length_m"][:, None]
        by_gravity, by_length = ((part * angle, part * speed) for part in half)
        slopes = {"length_m": by_length, **self.by_gravity(row, by_gravity), **starts}
        return {name: slopes[name] for name in self.parameters if name in slopes}

    def by_gravity(self, row: Columns, slope: tuple[NDArray, NDArray]) -> Slopes:
        """The slopes of the parameters that decide gravity, from that of gravity."""
        return {"gravity_m_s2": slope}

    def gravity(self, row: Columns) -> Array:
        """Gravitational acceleration (n,), m/s^2."""
        return row["gravity_m_s2"]

    def inputs(self, given: Mapping[str, Any]) -> Columns:
        """The columns of a call as kernels take them; the times are among them."""
        return {**filled(self.parameters, given), "time_s": laid_out(given["time_s"])}


def exact_motion(row: Columns, gravity: Array) -> tuple[Array, ...]:
    """Period (n,), theta, omega and sin(theta) (n, T) of the exact motion."""
    time, theta0 = row["time_s"], row["theta0_rad"]
    w0, omega0 = _start(row, gravity)
    period, theta, omega, sine = np.empty(len(w0)), *(np.empty_like(time) for _ in range(3))
    swing(w0, theta0, omega0, time, period, theta, omega, sine)
    return period, theta, omega, sine


def _start(row: Columns, gravity: Array) -> tuple[NDArray, NDArray]:
    """Small-angle frequency, rad/s, and angular velocity at t = 0, rad/s, (n,)."""
    return np.sqrt(gravity / row["length_m"]), row.get("omega0_rad_s", np.zeros(len(gravity)))
