"""The pendulum of Newton's equation: exact, under the small-angle formula, and damped.

theta'' = -b theta' - (g / L) sin(theta), with theta from the downward vertical, the pivot at the
origin and x = L sin(theta).
"""

from dataclasses import replace
from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf.exact.constants import PI, TWO_PI
from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns, Fields, Parameter, Parameters
from deepbench_hf.simulators.differences import richardson
from deepbench_hf.simulators.grid import LONGEST_S
from deepbench_hf.simulators.pendulum.damped import damped_swing
from deepbench_hf.simulators.pendulum.rod import Slopes, Swinging
from deepbench_hf.simulators.pendulum.swing import small_swing

STEP = 1e-4  # rad: large beside rounding
_NEAR = 0.05  # of the way to rest at the top: no step passes it, beyond which all is different


class Pendulum(Swinging):
    """Exact pendulum, any amplitude below pi, started at rest or in motion, also rotating.

    theta'' = -(g / L) sin(theta); with w0 = sqrt(g / L), k^2 = sin^2(theta0 / 2) +
    (omega0 / (2 w0))^2:

        k < 1:  sin(theta / 2) = k sn(w0 t + u0 | k^2),        period 4 K(k) / w0
        k > 1:  theta = +-2 am(k w0 t + u0 | 1 / k^2),          one turn in 2 K(1/k) / (k w0)

    Args:
        length_m: L, length of the rod, m, (n,).
        gravity_m_s2: g, gravitational acceleration, m/s^2, (n,).
        theta0_rad: angle from the downward vertical at t = 0, rad, (n,).
        omega0_rad_s: angular velocity at t = 0, rad/s, (n,); 0 by default.
        time_s: times, s, (n, T), in any order.

    Returns:
        period_s (n,), s, of one swing or one turn; theta_rad (n, T), unwrapped in rotation;
        omega_rad_s (n, T); x_m = L sin(theta) (n, T).

    Accuracy: theta to 1e-8 rad over five periods (1e-6 rad from 3 rad on, where the motion itself
    is that sensitive), the period to 1e-12, the energy constant to 1e-10. Nearer to the separatrix
    than |1 - k^2| = 1e-14, which is below the rounding of k, the motion is that at 1e-14.

    Source: L. D. Landau, E. M. Lifshitz, Mechanics, section 11; DLMF 22.19(i), summed as in 22.11.

    >>> from deepbench_hf.simulators.grid import TimeGrid
    >>> swinging = Pendulum(time=TimeGrid(stop=2.0, samples=3))
    >>> rod = {"length_m": [1.0], "gravity_m_s2": [9.81], "theta0_rad": [1.0]}
    >>> swinging(**rod, **swinging.locate(**rod))["theta_rad"].round(6)
    array([[ 1.      , -0.980067,  0.920794]])
    """

    kind: Literal["pendulum"] = "pendulum"


class SmallAnglePendulum(Swinging):
    """Small-angle formula at any amplitude: the baseline that DeepBench calls Newtonian.

    theta = theta0 cos(w0 t) + (omega0 / w0) sin(w0 t), w0 = sqrt(g / L), period 2 pi / w0. It
    solves theta'' = -(g / L) theta; at pi / 4 its period is 3.8 % short, at pi / 2 15 %.

    Args:
        length_m, gravity_m_s2, theta0_rad, omega0_rad_s, time_s: as in `Pendulum`.

    Returns:
        period_s, theta_rad, omega_rad_s and x_m = L sin(theta), shaped as in `Pendulum`.

    Source: L. D. Landau, E. M. Lifshitz, Mechanics, section 21.
    """

    kind: Literal["pendulum_small_angle"] = "pendulum_small_angle"

    def motion(self, row: Columns) -> tuple[Array, ...]:
        period = TWO_PI * np.sqrt(row["length_m"] / row["gravity_m_s2"])
        return period, *_small_swing(row, row["theta0_rad"], row["omega0_rad_s"])

    def slopes(self, row: Columns) -> tuple[tuple[Array, ...], Slopes]:
        """The motion is linear in its start: the slopes are the motions from unit starts."""
        gravity, one = row["gravity_m_s2"], np.ones(len(row["time_s"]))
        motion = _small_swing(row, row["theta0_rad"], row["omega0_rad_s"])
        by_angle, by_speed = _small_swing(row, one, 0.0 * one), _small_swing(row, 0.0 * one, one)
        starts: Slopes = {"theta0_rad": by_angle[:2], "omega0_rad_s": by_speed[:2]}
        w0 = np.sqrt(gravity / row["length_m"])
        force = -(w0 * w0)[:, None] * motion[0]
        return motion, self.answers(row, gravity, motion[1], force, starts)


def _small_swing(row: Columns, theta0: Array, omega0: Array) -> tuple[Array, Array, Array]:
    """Theta, omega and sin(theta), (n, T), of the small-angle motion from a start."""
    theta, omega, sine = (np.empty_like(row["time_s"]) for _ in range(3))
    w0 = np.sqrt(row["gravity_m_s2"] / row["length_m"])
    small_swing(w0, theta0, omega0, row["time_s"], theta, omega, sine)
    return theta, omega, sine


class DampedPendulum(Swinging):
    """Pendulum with friction proportional to its velocity.

    theta'' = -b theta' - (g / L) sin(theta); the energy per mass falls as
    dE/dt = -b L^2 theta'^2. Taylor series of order 20, steps fixed by the row's parameters.

    Args:
        damping_1_s: b, 1/s, (n,).
        length_m, gravity_m_s2, theta0_rad, omega0_rad_s: as in `Pendulum`.
        time_s: times, s, (n, T), not below zero and not decreasing.

    Returns:
        theta_rad, unwrapped, omega_rad_s and x_m = L sin(theta), (n, T) each.

    Accuracy: theta to 1e-9 rad over 1000 small-angle periods; the time a row takes
    grows with (3 w0 + b) max(time_s).

    Source: as in `deepbench_hf.simulators.pendulum.damped`.
    """

    kind: Literal["pendulum_damped"] = "pendulum_damped"
    parameters: ClassVar[Parameters] = {
        **Swinging.parameters,
        "damping_1_s": Parameter(
            "s-1", "friction: b in theta'' = -b theta' - ...", 0.0, 1e2, symbol="b"
        ),
    }

    @property
    def columns(self) -> Fields:
        found = {name: field for name, field in super().columns.items() if name != "period_s"}
        time = replace(found["time_s"], accepts=(0.0, LONGEST_S), rising=True)
        return {**found, "time_s": time}

    def __call__(self, **inputs: Any) -> Columns:
        row = self.inputs(inputs)
        theta, omega, sine = _move(row)
        x = row["length_m"][:, None] * sine
        return {"theta_rad": theta, "omega_rad_s": omega, "x_m": x}

    def slopes(self, row: Columns) -> tuple[tuple[Array, ...], Slopes]:
        """Of start and damping by Richardson's differences; the rest follows by scaling."""
        gravity, length = row["gravity_m_s2"], row["length_m"]
        w0 = np.sqrt(gravity / length)
        motion = _move(row)
        below, speed = PI - np.abs(row["theta0_rad"]), row["omega0_rad_s"] / w0
        near = np.minimum(1.0, _NEAR / STEP * np.sqrt(below * below + speed * speed))
        steps = {"theta0_rad": near, "omega0_rad_s": near * w0, "damping_1_s": w0}
        starts: Slopes = {}
        for name, scale in steps.items():
            theta, omega, _ = richardson(
                lambda values, name=name: _move({**row, name: values}), row[name], STEP * scale
            )
            starts[name] = theta, omega
        force = -(w0 * w0)[:, None] * motion[2] - row["damping_1_s"][:, None] * motion[1]
        return motion, self.answers(row, gravity, motion[1], force, starts)


def _move(row: Columns) -> tuple[Array, Array, Array]:
    """Theta, omega and sin(theta), (n, T), of the damped motion."""
    time = row["time_s"]
    w0 = np.sqrt(row["gravity_m_s2"] / row["length_m"])
    theta, omega, sine = (np.empty_like(time) for _ in range(3))
    start = row["damping_1_s"], row["theta0_rad"], row["omega0_rad_s"]
    damped_swing(w0, *start, time, theta, omega, sine)
    return theta, omega, sine
