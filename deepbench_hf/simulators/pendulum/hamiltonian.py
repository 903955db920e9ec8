"""The pendulum in phase space: H(q, p) = p^2 / (2 m L^2) + m g L (1 - cos q)."""

from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, of_role
from deepbench_hf.simulators.pendulum.rod import Slopes, Swinging
from deepbench_hf.simulators.pendulum.slopes import cosines
from deepbench_hf.simulators.pendulum.swing import lift


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
    parameters: ClassVar[Parameters] = {
        **Swinging.parameters,
        "mass_kg": Parameter("kg", "mass of the bob", 1e-3, 1e3, symbol="m"),
    }

    @property
    def columns(self) -> Fields:
        shape, rod = (self.time.samples,), super().columns
        return {
            **{name: rod[name] for name in ("time_s", "period_s")},
            "q_rad": Field("rad", "angle from the downward vertical, unwrapped", shape),
            "p_kg_m2_s": Field("kg m2 s-1", "angular momentum", shape),
            "dq_dt_rad_s": Field("rad s-1", "time derivative of q", shape),
            "dp_dt_kg_m2_s2": Field("kg m2 s-2", "time derivative of p", shape),
            "hamiltonian_J": Field("J", "energy, zero at rest", shape),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = self.inputs(inputs)
        period, q, omega, sine = self.motion(row)
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

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        row = self.inputs(inputs)
        (q, omega, sine), slopes = self.slopes(row)
        height, cosine = np.empty_like(q), np.empty_like(q)
        lift(q, height)
        cosines(q, cosine)
        mass, length, gravity = (row[n][:, None] for n in ("mass_kg", "length_m", "gravity_m_s2"))
        moment, weight = mass * length * length, mass * gravity * length
        none = np.zeros_like(length)
        moments = {"mass_kg": length * length, "length_m": 2.0 * mass * length}
        weights = {
            "mass_kg": gravity * length, "length_m": mass * gravity, "gravity_m_s2": mass * length,
        }  # fmt: skip
        found: dict[str, Columns] = {name: {} for name in of_role(self.columns, "output")}
        for name, (dq, v) in slopes.items():
            dm, dw = moments.get(name, none), weights.get(name, none)
            found["q_rad"][name] = dq
            found["p_kg_m2_s"][name] = moment * v + dm * omega
            found["dq_dt_rad_s"][name] = v
            found["dp_dt_kg_m2_s2"][name] = -weight * cosine * dq - dw * sine
            kinetic = moment * omega * v + 0.5 * dm * omega * omega
            found["hamiltonian_J"][name] = kinetic + weight * sine * dq + dw * height
        return found

    def slopes(self, row: Columns) -> tuple[tuple[Array, ...], Slopes]:
        """Those of the exact motion, which does not answer to the mass."""
        none = np.zeros_like(row["time_s"])
        motion, slopes = super().slopes(row)
        return motion, slopes | {"mass_kg": (none, none)}
