"""The pendulum family: exact, small-angle, damped, in phase space, and on a planet.

theta'' = -b theta' - (g / L) sin(theta), with theta from the downward vertical, the pivot at the
origin and x = L sin(theta).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.simulators.base import Columns, Field, Parameter
from deepbench_hf.simulators.damped import damped_swing
from deepbench_hf.simulators.rod import GRAVITY, LENGTH, RELEASE, Swinging, exact_motion
from deepbench_hf.simulators.swing import TWO_PI, lift, small_swing

__all__ = [
    "DampedPendulum",
    "HamiltonianPendulum",
    "HierarchicalPendulum",
    "Pendulum",
    "SmallAnglePendulum",
]


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

    >>> from deepbench_hf.simulators.times import TimeGrid
    >>> swinging = Pendulum(time=TimeGrid(stop=2.0, samples=3))
    >>> rod = {"length_m": [1.0], "gravity_m_s2": [9.81], "theta0_rad": [1.0]}
    >>> swinging(**rod, **swinging.locate(**rod))["theta_rad"].round(6)
    array([[ 1.      , -0.980067,  0.920794]])
    """

    kind: Literal["pendulum"] = "pendulum"

    def __call__(self, **inputs: Any) -> Columns:
        """The exact motion."""
        row = self.inputs(inputs)
        period, theta, omega, sine = exact_motion(row, row["gravity_m_s2"])
        x = row["length_m"][:, None] * sine
        return {"period_s": period, "theta_rad": theta, "omega_rad_s": omega, "x_m": x}


class SmallAnglePendulum(Swinging):
    """Small-angle formula at any amplitude: the baseline that DeepBench calls Newtonian.

    theta = theta0 cos(w0 t) + (omega0 / w0) sin(w0 t), w0 = sqrt(g / L), period 2 pi / w0. It
    solves theta'' = -(g / L) theta; at pi / 4 its period is 4 % short, at pi / 2 it is 15 % short.

    Args:
        length_m, gravity_m_s2, theta0_rad, omega0_rad_s, time_s: as in `Pendulum`.

    Returns:
        period_s, theta_rad, omega_rad_s and x_m = L sin(theta), shaped as in `Pendulum`.

    Source: L. D. Landau, E. M. Lifshitz, Mechanics, section 21.
    """

    kind: Literal["pendulum_small_angle"] = "pendulum_small_angle"

    def __call__(self, **inputs: Any) -> Columns:
        """The small-angle motion."""
        row = self.inputs(inputs)
        length, gravity, time = row["length_m"], row["gravity_m_s2"], row["time_s"]
        theta, omega, sine = (np.empty_like(time) for _ in range(3))
        start = row["theta0_rad"], row["omega0_rad_s"]
        small_swing(np.sqrt(gravity / length), *start, time, theta, omega, sine)
        period, x = TWO_PI * np.sqrt(length / gravity), length[:, None] * sine
        return {"period_s": period, "theta_rad": theta, "omega_rad_s": omega, "x_m": x}


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

    Source: as in `deepbench_hf.simulators.damped`.
    """

    kind: Literal["pendulum_damped"] = "pendulum_damped"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        **Swinging.parameters,
        "damping_1_s": Parameter("s-1", "friction: b in theta'' = -b theta' - ...", 0.0, 1e2),
    }

    @property
    def fields(self) -> Mapping[str, Field]:
        """The motion; it has no period."""
        return self.motion

    def __call__(self, **inputs: Any) -> Columns:
        """The damped motion."""
        row = self.inputs(inputs)
        time = row["time_s"]
        if np.any(time < 0.0) or np.any(time[:, 1:] < time[:, :-1]):
            raise ValueError("time_s must not be below zero and must not decrease along a row")
        theta, omega, sine = (np.empty_like(time) for _ in range(3))
        w0 = np.sqrt(row["gravity_m_s2"] / row["length_m"])
        start = row["damping_1_s"], row["theta0_rad"], row["omega0_rad_s"]
        damped_swing(w0, *start, time, theta, omega, sine)
        x = row["length_m"][:, None] * sine
        return {"theta_rad": theta, "omega_rad_s": omega, "x_m": x}


class HamiltonianPendulum(Swinging):
    """Exact pendulum in phase space, with its derivatives and its energy.

    H(q, p) = p^2 / (2 m L^2) + m g L (1 - cos q), q' = p / (m L^2), p' = -m g L sin q.

    Args:
        mass_kg: m, mass of the bob, kg, (n,).
        length_m, gravity_m_s2, theta0_rad, omega0_rad_s, time_s: as in `Pendulum`; q(0) is theta0
            and p(0) is m L^2 omega0.

    Returns:
        period_s (n,); q_rad, p_kg_m2_s, dq_dt_rad_s, dp_dt_kg_m2_s2 and hamiltonian_J, (n, T), all
        of the same state.

    Source: L. D. Landau, E. M. Lifshitz, Mechanics, sections 11 and 40.
    """

    kind: Literal["pendulum_hamiltonian"] = "pendulum_hamiltonian"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        **Swinging.parameters,
        "mass_kg": Parameter("kg", "mass of the bob", 1e-3, 1e3),
    }

    @property
    def fields(self) -> Mapping[str, Field]:
        """The period, the state, its derivatives, and the energy."""
        shape = (self.time.samples,)
        return {
            "period_s": Field("s", "period", low=0.0),
            "q_rad": Field("rad", "angle from the downward vertical, unwrapped", shape),
            "p_kg_m2_s": Field("kg m2 s-1", "angular momentum", shape),
            "dq_dt_rad_s": Field("rad s-1", "time derivative of q", shape),
            "dp_dt_kg_m2_s2": Field("kg m2 s-2", "time derivative of p", shape),
            "hamiltonian_J": Field("J", "energy, zero at rest", shape),
        }

    def __call__(self, **inputs: Any) -> Columns:
        """The exact motion in phase space."""
        row = self.inputs(inputs)
        period, q, omega, sine = exact_motion(row, row["gravity_m_s2"])
        moment = (row["mass_kg"] * row["length_m"] * row["length_m"])[:, None]
        weight = (row["mass_kg"] * row["gravity_m_s2"] * row["length_m"])[:, None]
        height = np.empty_like(q)
        lift(q, height)
        return {
            "period_s": period,
            "q_rad": q,
            "p_kg_m2_s": moment * omega,
            "dq_dt_rad_s": omega,
            "dp_dt_kg_m2_s2": -weight * sine,
            "hamiltonian_J": 0.5 * moment * omega * omega + weight * height,
        }


class HierarchicalPendulum(Swinging):
    """Exact pendulum, released at rest on a planet: g = G Phi, Phi = M / r^2.

    Args:
        gravitational_constant_m3_kg_s2: G, m^3/(kg s^2), (n,).
        planet_mass_kg: M, kg, (n,).
        planet_radius_m: r, m, (n,).
        length_m, theta0_rad, time_s: as in `Pendulum`.

    Returns:
        potential_kg_m2 = M / r^2 (n,), the planet's share of g; gravity_m_s2 = G Phi (n,);
        period_s, theta_rad, omega_rad_s, x_m as in `Pendulum`.

    Raises:
        ValueError: G M / r^2 is outside the limits of gravity_m_s2.

    Source: motion as in `Pendulum`; I. Newton's law of gravitation at the planet's surface.
    """

    kind: Literal["pendulum_hierarchical"] = "pendulum_hierarchical"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "length_m": LENGTH,
        "theta0_rad": RELEASE,
        "gravitational_constant_m3_kg_s2": Parameter(
            "m3 kg-1 s-2", "gravitational constant G", 1e-12, 1e-9
        ),
        "planet_mass_kg": Parameter("kg", "mass of the planet", 1e20, 1e29),
        "planet_radius_m": Parameter("m", "radius of the planet", 1e5, 1e9),
    }

    @property
    def fields(self) -> Mapping[str, Field]:
        """Phi, g, the period, and the motion."""
        return {
            "potential_kg_m2": Field("kg m-2", "Phi = M / r^2 of the planet", low=0.0),
            "gravity_m_s2": Field("m s-2", "gravitational acceleration g = G Phi", low=0.0),
            **super().fields,
        }

    def refuse(self, supports: Mapping[str, tuple[float, float]]) -> str | None:
        """Gravity must stay within its limits for every planet that the priors can give."""
        constant, mass, radius = (supports[name] for name in list(self.parameters)[2:])
        low = constant[0] * mass[0] / (radius[1] * radius[1])
        high = constant[1] * mass[1] / (radius[0] * radius[0])
        if low < GRAVITY.low or high > GRAVITY.high:
            accepted = f"[{GRAVITY.low:g}, {GRAVITY.high:g}] {GRAVITY.unit}"
            return f"g = G M / r^2 reaches [{low:g}, {high:g}]; the model accepts {accepted}"
        return None

    def gravity(self, row: Columns) -> NDArray[np.float64]:
        """G Phi (n,), m/s^2, of checked columns, if the model covers it."""
        gravity = row["gravitational_constant_m3_kg_s2"] * _potential(row)
        bad = (gravity < GRAVITY.low) | (gravity > GRAVITY.high)
        if np.any(bad):
            accepted = f"accepted is {GRAVITY.low:g} to {GRAVITY.high:g} {GRAVITY.unit}"
            raise ValueError(f"g = G M / r^2 = {gravity[bad][0]:g} {GRAVITY.unit}; {accepted}")
        return gravity

    def __call__(self, **inputs: Any) -> Columns:
        """The planet and the exact motion."""
        row = self.inputs(inputs)
        gravity = self.gravity(row)
        period, theta, omega, sine = exact_motion(row, gravity)
        motion = {"theta_rad": theta, "omega_rad_s": omega, "x_m": row["length_m"][:, None] * sine}
        planet = {"potential_kg_m2": _potential(row), "gravity_m_s2": gravity}
        return {**planet, "period_s": period, **motion}


def _potential(row: Columns) -> NDArray[np.float64]:
    return row["planet_mass_kg"] / (row["planet_radius_m"] * row["planet_radius_m"])
