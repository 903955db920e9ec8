"""DeepBench's physics objects: the Newtonian and the Hamiltonian pendulum."""

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from deepbench_hf.recipe.deepbench.conversion import Conversion, rounded, uniform
from deepbench_hf.recipe.deepbench.entries import Entry, NotNegative, Number, Positive

EARTH_RADIUS_M = 6.371e6
PLANET = ("big_G_newton", "phi_planet")
Noisy = Literal[
    "pendulum_arm_length", "starting_angle_radians", "acceleration_due_to_gravity",
    "big_G_newton", "phi_planet",
]  # fmt: skip
COLUMNS: dict[Noisy, tuple[str, float]] = {
    "pendulum_arm_length": ("length_m", 1.0),
    "starting_angle_radians": ("theta0_rad", 1.0),
    "acceleration_due_to_gravity": ("gravity_m_s2", 1.0),
    "big_G_newton": ("gravitational_constant_m3_kg_s2", 1.0),
    "phi_planet": ("planet_mass_kg", EARTH_RADIUS_M**2),  # M = Phi r^2
}
"""Of every parameter that can have noise the column, and what it is multiplied by."""

Share = Annotated[float, Field(ge=0, le=1)]
PHASE_NOISE = {name: {"kind": "gaussian", "sigma": 0.1} for name in ("q_rad", "p_kg_m2_s")}
"""What DeepBench adds to angle (rad) and momentum (kg m2/s)."""


class Times(Entry):
    """When a pendulum is seen."""

    time: list[Number] = Field(description="a list of two or more times, s", min_length=2)
    noiseless: bool = False
    seed: Any = None
    verbose: Any = None

    @field_validator("time")
    @classmethod
    def _rises(cls, times: list[float]) -> list[float]:
        if not all(a < b for a, b in pairwise(times)):
            raise ValueError(f"must rise, s; got {times!r:.40}")
        return times


class HamiltonianPendulum(Entry):
    """What DeepBench's Hamiltonian pendulum is made with."""

    pendulum_arm_length: Number = Field(description="the length of the rod, m")
    starting_angle_radians: Number = Field(description="the angle at the start, rad")
    acceleration_due_to_gravity: Number | None = Field(description="gravity, m/s2")
    mass_pendulum_bob: Number = 10.0
    noise_std_percent: dict[Noisy, Share] = Field(default_factory=dict)

    def write(self, times: Times, to: Conversion) -> None:
        """Write which pendulum it is, and what only this one has."""
        to.simulator["kind"] = "pendulum_hamiltonian"
        to.put("mass_kg", self.mass_pendulum_bob, self.at("mass_pendulum_bob"))
        to.noise |= {} if times.noiseless else PHASE_NOISE
        to.tell("object_name", "unreachable", "start", "energy", "phase noise")
        times.tell("noiseless", "noiseless", when=times.noiseless)


class Pendulum(HamiltonianPendulum):
    """What DeepBench's Newtonian pendulum is made with: gravity, or G and Phi = M / r^2."""

    acceleration_due_to_gravity: Number | None = None
    big_G_newton: Positive | None = None  # noqa: N815 (DeepBench's name)
    phi_planet: Positive | None = None
    coefficient_friction: NotNegative = 0.0

    @model_validator(mode="after")
    def _has_one_gravity(self) -> Self:
        gravity, planet = "acceleration_due_to_gravity", "big_G_newton with phi_planet"
        missing = len(self.missing(*PLANET))
        if missing == 1 or bool(missing) == bool(self.missing(gravity)):
            raise ValueError(f"must have either {gravity}, or {planet}")
        if not missing and self.coefficient_friction:
            raise ValueError(f"coefficient_friction must be 0 where {planet} is given")
        for key in PLANET if missing else (gravity,):
            if self.noise_std_percent.get(key):
                raise ValueError(f"noise_std_percent has noise for {key}, which is not given")
        return self

    def write(self, times: Times, to: Conversion) -> None:
        friction = self.coefficient_friction
        kind = "pendulum_hierarchical" if self.phi_planet else "pendulum"
        to.simulator["kind"] = "pendulum_damped" if friction else kind
        if friction:
            to.put("damping_1_s", friction, self.at("coefficient_friction"))
        self.tell("coefficient_friction", "friction", when=friction)
        to.tell("object_name", "motion")
        self.tell("mass_pendulum_bob", "mass", when=not self.missing("mass_pendulum_bob"))


def physics(model: type[HamiltonianPendulum], image: Any, objects: Any, to: Conversion) -> None:
    """Write the recipe of a pendulum (``image_parameters``) at times (``object_parameters``)."""
    rod = model.read({"image_parameters": image}, to)
    times = Times.read({"object_parameters": objects}, to)
    if rod is None or times is None:
        return
    shares = {} if times.noiseless else rod.noise_std_percent
    planet = rod.acceleration_due_to_gravity is None
    for key, (column, factor) in COLUMNS.items():
        if (value := getattr(rod, key, None)) is not None:
            value = rounded(value * factor) if key in PLANET else value
            to.put(column, _prior(key, value, shares.get(key, 0.0), rod, to), rod.at(key))
    to.tell("parameter_noise", "one noise", when=to.jitter and (planet or any(shares.values())))
    if planet:
        to.put("planet_radius_m", EARTH_RADIUS_M, rod.at("phi_planet"))
        to.origins["priors"] = rod.at("phi_planet")
        rod.tell("phi_planet", "planet")
    rod.write(times, to)
    to.origins["simulator.time"] = times.at("time")
    times.tell("seed", "seed", when=times.seed is not None)
    times.tell("time", "whole times", when=all(type(time) is int for time in objects["time"]))
    first, last, samples = times.time[0], times.time[-1], len(times.time)
    even = np.linspace(first, last, samples)
    spread = {"start": first, "stop": last, "samples": samples}
    uneven = np.abs(times.time - even).max() > 1e-9 * (even[1] - even[0])
    to.simulator["time"] = {"unit": "s", **({"at": times.time} if uneven else spread)}


def _prior(key: Noisy, value: float, share: float, rod: Entry, to: Conversion) -> Any:
    """Normal with a standard deviation in shares of the value, or uniform by the jitter."""
    if not (share and value):
        jitter = 0.0 if key in PLANET else to.jitter
        to.tell("parameter_noise", "jitter of parameters", when=jitter)
        return uniform(value, jitter)
    where = rod.at("noise_std_percent", key)
    wide = key != "starting_angle_radians" and 8 * share > 0.99
    to.tell(where, "parameter draw")
    to.tell(where, "positive", when=wide)
    to.tell(where, "drawn once", when=key in PLANET)
    prior = {"kind": "normal", "mean": value, "sigma": rounded(abs(value) * share)}
    return prior | {"low": rounded(0.01 * value)} if wide else prior
