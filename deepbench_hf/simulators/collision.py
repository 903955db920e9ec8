"""A free mass hits a mass on a rod that turns: only the angular momentum is conserved."""

from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import HALF_PI
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled, uniform

MOMENTS, AFTER_S = 5, 2.0
"""Times of each series, and how long the free mass is watched after the collision, s."""


class Collision(Simulator):
    r"""A free mass and one on a rod of 1 m about the origin, both of 1 kg, collide at (0, 1) m.

    Before, with t_c = -x_0 / v_x the time of the collision,

        free mass:  (x_0 + v_x t, 1 + v_y (t - t_c)),
        rotor:      (cos, sin)(pi / 2 + omega (t - t_c)).

    Afterwards the free mass leaves with any velocity v', as energy need not be conserved; the
    rotor turns at omega' with omega' - v'_x = omega - v_x, the angular momentum about the origin.

    Args:
        velocity_x_m_s, velocity_y_m_s: v_x and v_y, m / s, (n,).
        angular_velocity_rad_s: omega, (n,).
        start_x_m: x_0, m, (n,).
        later_velocity_x_m_s, later_velocity_y_m_s: v', m / s, (n,).
        question_time_s: t_q after the collision, s, (n,).
        realization: number of the times, (n,).

    Returns:
        time_free_s and time_rotor_s, when both are seen before the collision, and time_after_s, s
        from the collision on, (n, 5): one in each fifth of t_c, and of 2 s; x and y of the free
        mass, of the rotor, and of the free mass after the collision, m, (n, 5); answer_x_m and
        answer_y_m, where the rotor is at t_q; angular_momentum_kg_m2_s and
        later_angular_velocity_rad_s omega', (n,).

    Source: R. Iten et al., Discovering physical concepts with neural networks, Physical Review
    Letters 124 (2020) 010508, arXiv:1807.10300, on two particles that collide; how times are drawn
    is ours.
    """

    kind: Literal["collision"] = "collision"
    parameters: ClassVar[Parameters] = {
        "velocity_x_m_s": Parameter("m s-1", "velocity along x", 0.01, 100, symbol="v_x"),
        "velocity_y_m_s": Parameter("m s-1", "velocity along y", -100, 100, symbol="v_y"),
        "angular_velocity_rad_s": Parameter(
            "rad s-1", "angular velocity of the rotor", -100, 100, symbol=r"\omega"
        ),
        "start_x_m": Parameter("m", "place of the free mass at first", -100, -0.01, symbol="x_0"),
        "later_velocity_x_m_s": Parameter(
            "m s-1", "velocity along x after the collision", -100, 100, symbol="v'_x"
        ),
        "later_velocity_y_m_s": Parameter(
            "m s-1", "velocity along y after the collision", -100, 100, symbol="v'_y"
        ),
        "question_time_s": Parameter(
            "s", "time after the collision that is asked for", 0, 1000, symbol="t_q"
        ),
        "realization": REALIZATION,
    }

    @property
    def columns(self) -> Fields:
        size = (MOMENTS,)
        time: Any = {"shape": size, "low": 0.0, "role": "label"}
        seen = {
            "free": "of the free mass",
            "rotor": "of the rotor",
            "after": "of the free mass after the collision",
        }
        moved = {
            f"{axis}_{name}_m": Field(
                "m", f"place along {axis} {of}", size, against=f"x_{name}_m" if axis == "y" else ""
            )
            for name, of in seen.items()
            for axis in "xy"
        }
        momentum, turning = "angular momentum about the origin", "angular velocity of the rotor"
        return {
            "time_free_s": Field("s", "when the free mass is seen", **time),
            "time_rotor_s": Field("s", "when the rotor is seen", **time),
            "time_after_s": Field("s", "time after the collision", **time),
            "angular_momentum_kg_m2_s": Field("kg m2 s-1", momentum, role="label"),
            "later_angular_velocity_rad_s": Field(
                "rad s-1", f"{turning} after the collision", role="label"
            ),
            **moved,
            "answer_x_m": Field("m", "place of the rotor along x when it is asked for"),
            "answer_y_m": Field("m", "place of the rotor along y when it is asked for"),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = {name: values[:, None] for name, values in filled(self.parameters, inputs).items()}
        speed, turning = row["velocity_x_m_s"], row["angular_velocity_rad_s"]
        hit = -row["start_x_m"] / speed
        drawn = uniform(inputs["realization"], "times", 3 * MOMENTS).reshape(-1, 3, MOMENTS)
        share = (np.arange(MOMENTS) + drawn) / MOMENTS
        free, rotor, after = hit * share[:, 0], hit * share[:, 1], AFTER_S * share[:, 2]
        momentum = turning - speed
        later = momentum + row["later_velocity_x_m_s"]
        around = _around(HALF_PI + turning * (rotor - hit))
        answer = _around(HALF_PI + later * row["question_time_s"])
        return {
            "time_free_s": free,
            "time_rotor_s": rotor,
            "time_after_s": after,
            "angular_momentum_kg_m2_s": momentum[:, 0].copy(),
            "later_angular_velocity_rad_s": later[:, 0].copy(),
            "x_free_m": row["start_x_m"] + speed * free,
            "y_free_m": 1.0 + row["velocity_y_m_s"] * (free - hit),
            "x_rotor_m": around[0],
            "y_rotor_m": around[1],
            "x_after_m": row["later_velocity_x_m_s"] * after,
            "y_after_m": 1.0 + row["later_velocity_y_m_s"] * after,
            "answer_x_m": answer[0, :, 0].copy(),
            "answer_y_m": answer[1, :, 0].copy(),
        }


@kernel(allocates=True)
def _around(angle: Array) -> Array:
    """Cosines and sines of angles (n, m), radians, (2, n, m)."""
    out = np.empty((2, *angle.shape))
    for i in range(angle.shape[0]):
        for k in range(angle.shape[1]):
            out[1, i, k], out[0, i, k] = exact.sincos(angle[i, k])
    return out
