"""The pendulum on a planet in a universe: g = G Phi, Phi = M / r^2."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import reach
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, Supports
from deepbench_hf.simulators.pendulum.rod import GRAVITY, LENGTH, RELEASE, Slopes, Swinging

G = Parameter("m3 kg-1 s-2", "gravitational constant G", 1e-12, 1e-9, symbol="G")
PHI = "potential_kg_m2"


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
        ValueError: G Phi is outside the limits of gravity_m_s2.

    Source: motion as in `Pendulum`; I. Newton's law of gravitation at the planet's surface.
    """

    kind: Literal["pendulum_hierarchical"] = "pendulum_hierarchical"
    parameters: ClassVar[Parameters] = {
        "length_m": LENGTH,
        "theta0_rad": RELEASE,
        "gravitational_constant_m3_kg_s2": G,
        "planet_mass_kg": Parameter("kg", "mass of the planet", 1e20, 1e29, symbol="M"),
        "planet_radius_m": Parameter("m", "radius of the planet", 1e5, 1e9, symbol="r"),
    }

    powers: ClassVar[Mapping[str, float]] = {
        "gravitational_constant_m3_kg_s2": 1.0, "planet_mass_kg": 1.0, "planet_radius_m": -2.0,
    }  # fmt: skip
    """Of g, in what decides it."""

    @property
    def columns(self) -> Fields:
        phi, g = "Phi = M / r^2 of the planet", "gravitational acceleration g = G Phi"
        return {
            PHI: Field("kg m-2", phi, low=0.0, role="label"),
            "gravity_m_s2": Field("m s-2", g, low=0.0, role="label"),
            **super().columns,
        }

    def refuse(self, supports: Supports) -> str | None:
        """Gravity must stay within its limits for every planet that the priors can give."""
        low = high = 1.0
        for name, power in self.powers.items():
            ends = [end**power for end in supports[name]]
            low, high = low * min(ends), high * max(ends)
        if low < GRAVITY.low or high > GRAVITY.high:
            accepted = f"[{GRAVITY.low:g}, {GRAVITY.high:g}] {GRAVITY.unit}"
            return f"g = G Phi {reach(low, high)}; the model accepts {accepted}"
        return None

    def gravity(self, row: Columns) -> NDArray[np.float64]:
        """G Phi (n,), m/s^2, if the model covers it."""
        gravity = row["gravitational_constant_m3_kg_s2"] * self.potential(row)
        bad = (gravity < GRAVITY.low) | (gravity > GRAVITY.high)
        if np.any(bad):
            accepted = f"accepted is {GRAVITY.low:g} to {GRAVITY.high:g} {GRAVITY.unit}"
            raise ValueError(f"g = G Phi = {gravity[bad][0]:g} {GRAVITY.unit}; {accepted}")
        return gravity

    def by_gravity(self, row: Columns, slope: tuple[NDArray, NDArray]) -> Slopes:
        """The chain rule of g = G Phi."""
        gravity = self.gravity(row)
        ratios = {n: (power * gravity / row[n])[:, None] for n, power in self.powers.items()}
        return {name: (ratio * slope[0], ratio * slope[1]) for name, ratio in ratios.items()}

    def __call__(self, **inputs: Any) -> Columns:
        row = self.inputs(inputs)
        planet = {PHI: self.potential(row), "gravity_m_s2": self.gravity(row)}
        planet = {name: values for name, values in planet.items() if name in self.columns}
        return planet | super().__call__(**inputs)

    def potential(self, row: Columns) -> NDArray[np.float64]:
        """Phi (n,), kg/m^2."""
        return row["planet_mass_kg"] / (row["planet_radius_m"] * row["planet_radius_m"])


class PotentialPendulum(HierarchicalPendulum):
    """The same on a planet that is given by Phi itself: g = G Phi.

    Args:
        gravitational_constant_m3_kg_s2: G, m^3/(kg s^2), (n,).
        potential_kg_m2: Phi, kg/m^2, (n,).
        length_m, theta0_rad, time_s: as in `Pendulum`.

    Returns:
        gravity_m_s2 = G Phi (n,); period_s, theta_rad, omega_rad_s, x_m as in `Pendulum`.

    Raises:
        ValueError: G Phi is outside the limits of gravity_m_s2.

    Source: M. Voetberg et al., DeepBench, whose coefficients of a planet are G and Phi.
    """

    kind: Literal["pendulum_potential"] = "pendulum_potential"  # type: ignore[assignment]
    parameters: ClassVar[Parameters] = {
        "length_m": LENGTH,
        "theta0_rad": RELEASE,
        "gravitational_constant_m3_kg_s2": G,
        PHI: Parameter("kg m-2", "Phi = M / r^2 of the planet", 1e6, 1e15, symbol=r"\Phi"),
    }
    powers: ClassVar[Mapping[str, float]] = {"gravitational_constant_m3_kg_s2": 1.0, PHI: 1.0}

    @property
    def columns(self) -> Fields:
        return {name: field for name, field in super().columns.items() if name != PHI}

    def potential(self, row: Columns) -> NDArray[np.float64]:
        """Phi (n,), kg/m^2."""
        return row[PHI]
