"""Harmonic oscillators: one driven, at rest in its motion; one damped, and a question about it.

driven  x'' + 2 gamma x' + x = cos(omega t),  x = A cos(omega t - phi) once the start is forgotten
damped  m x'' + b x' + kappa x = 0,           x = A0 e^(-b t / 2 m) cos(w t + delta)
"""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, Supports
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.grid import Grid
from deepbench_hf.simulators.inputs import filled, laid_out

LATEST_S = 1e4  # later, the phase of the stiffest spring is lost to rounding
Time = Annotated[float, pydantic.Field(ge=0.0, le=LATEST_S)]


class DrivenOscillator(Simulator):
    """Steady state of a damped oscillator under a harmonic force, in units of its own frequency.

    A = 1 / sqrt(4 gamma^2 omega^2 + (1 - omega^2)^2)
    phi = atan2(2 gamma omega, 1 - omega^2), in [0, pi]

    Args:
        omega: frequency of the force over that of the undamped oscillator, (n,).
        gamma: damping, half of the width of the resonance, (n,).

    Returns:
        amplitude A, phase_rad phi and ln_amplitude, (n,); ln_omega and ln_gamma, (n,), where
        omega = 0 has the logarithm -709.1, close to that of the smallest float64.

    Source: L. D. Landau, E. M. Lifshitz, Mechanics, section 26.
    """

    kind: Literal["oscillator_driven"] = "oscillator_driven"
    parameters: ClassVar[Parameters] = {
        "omega": Parameter(
            "1", "frequency of the force, in natural frequencies", 0, 1e9, symbol=r"\omega"
        ),
        "gamma": Parameter("1", "damping, in natural frequencies", 1e-9, 1e9, symbol=r"\gamma"),
    }

    @property
    def columns(self) -> Fields:
        return {
            "ln_omega": Field("1", "natural logarithm of omega", role="label"),
            "ln_gamma": Field("1", "natural logarithm of gamma", role="label"),
            "amplitude": Field("1", "amplitude, in deflections under the constant force", low=0.0),
            "phase_rad": Field("rad", "how far the motion is behind the force, 0 to pi"),
            "ln_amplitude": Field("1", "natural logarithm of the amplitude"),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        return dict(zip(self.columns, _steady(row["omega"], row["gamma"]), strict=True))


@kernel(allocates=True)
def _steady(omega, gamma):
    """The logarithms of omega and gamma, A, phi and ln A, (5, n)."""
    out = np.empty((5, omega.size))
    for i in range(omega.size):
        across = 2.0 * gamma[i] * omega[i]
        along = (1.0 - omega[i]) * (1.0 + omega[i])
        square = across * across + along * along
        out[0, i], out[1, i] = exact.log(omega[i]), exact.log(gamma[i])
        out[2, i] = 1.0 / np.sqrt(square)
        out[3, i] = exact.atan2(across, along)
        out[4, i] = 0.0 - 0.5 * exact.log(square)
    return out


class DampedOscillator(Grid, Simulator):
    """A weight of 1 kg on a damped spring: its motion, and where it is at the time of a question.

    x = A0 e^(-b t / 2 m) cos(sqrt(kappa / m - b^2 / 4 m^2) t + delta), m = 1 kg.

    Args:
        damping_kg_s: b, kg/s, (n,).
        stiffness_kg_s2: kappa, kg/s^2, above b^2 / 4 kg, (n,).
        amplitude_m: A0, m, (n,); 1 by default.
        phase_rad: delta, rad, (n,); 0 by default.
        question_s: when the question is asked, s, (n,).
        time_s: times, s, (n, T).
        start, stop: the first and the last time, s.
        samples: T, how many there are; 2 to 65536.

    Returns:
        x_m (n, T), m, and answer_m (n,), m: x at question_s.

    Source: R. Iten et al., Discovering physical concepts with neural networks (2020), the damped
    pendulum.
    """

    kind: Literal["oscillator_damped"] = "oscillator_damped"
    parameters: ClassVar[Parameters] = {
        "damping_kg_s": Parameter("kg s-1", "damping", 0, 10, symbol="b"),
        "stiffness_kg_s2": Parameter("kg s-2", "spring constant", 1e-6, 100, symbol=r"\kappa"),
        "amplitude_m": Parameter("m", "amplitude at the start", -1e6, 1e6, 1.0, symbol="A_0"),
        "phase_rad": Parameter(
            "rad", "phase at the start", -1e3, 1e3, 0.0, symbol=r"\delta", period=TWO_PI
        ),
        "question_s": Parameter("s", "time of the question", 0, LATEST_S, symbol="t_q"),
    }
    start: Time = 0.0
    stop: Time = 5.0
    samples: Annotated[int, pydantic.Field(ge=2, le=65536)] = 50

    @property
    def columns(self) -> Fields:
        time, shape = "time of each observation", (self.samples,)
        return {
            "time_s": Field("s", time, shape, role="coordinate", accepts=(0.0, LATEST_S)),
            "x_m": Field("m", "position", shape),
            "answer_m": Field("m", "position at the time of the question"),
        }

    def refuse(self, supports: Supports) -> str | None:
        """Why some oscillators would creep back instead of swinging."""
        damping, stiffness = supports["damping_kg_s"][1], supports["stiffness_kg_s2"][0]
        if damping * damping < 4.0 * stiffness:
            return None
        got = f"damping_kg_s up to {damping:g} and stiffness_kg_s2 from {stiffness:g}"
        return f"{got} do not swing; damping_kg_s^2 must stay below 4 stiffness_kg_s2"

    def locate(self, **parameters: NDArray) -> Columns:
        return {"time_s": self.rows(len(parameters["damping_kg_s"]))}

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        if np.any(row["damping_kg_s"] * row["damping_kg_s"] >= 4.0 * row["stiffness_kg_s2"]):
            raise ValueError("it does not swing; damping_kg_s^2 must be below 4 stiffness_kg_s2")
        start = [row[name] for name in tuple(self.parameters)[:4]]
        answer = _swing(*start, np.ascontiguousarray(row["question_s"][:, None]))
        return {"x_m": _swing(*start, laid_out(inputs["time_s"])), "answer_m": answer[:, 0].copy()}


@kernel(allocates=True)
def _swing(damping, stiffness, amplitude, phase, time):
    """The position (n, T) at times (n, T)."""
    out = np.empty_like(time)
    for i in range(time.shape[0]):
        rate = 0.5 * damping[i]
        omega = np.sqrt(stiffness[i] - rate * rate)
        for j in range(time.shape[1]):
            envelope = amplitude[i] * exact.exp(-rate * time[i, j])
            out[i, j] = envelope * exact.cos(omega * time[i, j] + phase[i])
    return out
