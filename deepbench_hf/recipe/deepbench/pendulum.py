"""DeepBench's physics objects: the Newtonian and the Hamiltonian pendulum."""

from itertools import pairwise
from typing import Any

from deepbench_hf.recipe.deepbench.draft import Draft, rounded, spread
from deepbench_hf.recipe.deepbench.entries import Entries

NAMES = ("Pendulum", "HamiltonianPendulum")
EARTH_RADIUS_M = 6.371e6
PHASE_NOISE = 0.1
"""What DeepBench adds to angle and momentum."""

COLUMNS = {
    "pendulum_arm_length": "length_m",
    "starting_angle_radians": "theta0_rad",
    "acceleration_due_to_gravity": "gravity_m_s2",
}
PLANET = ("big_G_newton", "phi_planet")
UNEVEN = 0.01
"""Largest deviation from equal spacing, in steps."""


def physics(name: str, image: Entries, objects: Entries, jitter: float, draft: Draft) -> None:
    """Write the recipe of a pendulum.

    Args:
        name: of DeepBench's class.
        image: its ``image_parameters``: the pendulum.
        objects: its ``object_parameters``: the times.
        jitter: its ``parameter_noise``.
        draft: where the recipe is written.
    """
    planet = not image.has("acceleration_due_to_gravity") and image.has(*PLANET)
    noiseless = objects.flag("noiseless", False)
    noise = _Noise(image, planet, noiseless, jitter, draft)
    for key, column in list(COLUMNS.items())[: 2 if planet else 3]:
        draft.put(column, noise.prior(key, image.number(key)), image.at(key))
    if planet:
        _planet(image, noise, draft)
    _kind(name, planet, image, draft)
    if noiseless and draft.noise:
        draft.noise = {}
        draft.tell("noiseless", objects.at("noiseless"))
    if image.take("mass_pendulum_bob") is not None and "mass_kg" not in draft.priors:
        draft.tell("mass", image.at("mass_pendulum_bob"))
    image.close()
    draft.simulator["time"] = _times(objects, draft)


class _Noise:
    """How the parameters of a pendulum are drawn: normal by their own noise, else uniform."""

    def __init__(
        self, image: Entries, planet: bool, noiseless: bool, jitter: float, draft: Draft
    ) -> None:
        self.entries, self.jitter, self.draft = image.section("noise_std_percent"), jitter, draft
        keys = [*COLUMNS, *PLANET]
        drawn = {key: self.entries.number(key, 0.0, least=0.0, most=1.0) for key in keys}
        self.strengths = dict.fromkeys(keys, 0.0) if noiseless else drawn
        image.asked += PLANET
        used = "big_G_newton" if planet else "acceleration_due_to_gravity"
        for key in keys[2:3] if planet else PLANET:
            for entries in (image, self.entries):
                if entries.has(key):
                    entries.refuse(key, f"left out where {used} is given")
        self.entries.close()
        if jitter and (planet or any(self.strengths.values())):
            draft.tell("one noise", "parameter_noise")

    def prior(self, key: str, value: float) -> Any:
        """The distribution of length, angle or gravity around its value."""
        if self.strengths[key] and value:
            return self.normal(key, value)
        if self.jitter:
            self.draft.tell("jitter of parameters", "parameter_noise")
        return spread(value, self.jitter)

    def normal(self, key: str, value: float) -> Any:
        """Normal with a standard deviation in shares of the value; the value without one."""
        strength, where = self.strengths[key], self.entries.at(key)
        if not strength:
            return value
        self.draft.tell("parameter draw", where)
        prior = {"kind": "normal", "mean": value, "sigma": rounded(abs(value) * strength)}
        if key != "starting_angle_radians" and 8 * strength > 0.99:
            self.draft.tell("positive", where)
            prior["low"] = rounded(0.01 * value)
        if key in PLANET:
            self.draft.tell("drawn once", where)
        return prior


def _planet(image: Entries, noise: _Noise, draft: Draft) -> None:
    """G, and a planet with M = Phi r^2; relative noise on Phi is the same on M."""
    area = EARTH_RADIUS_M * EARTH_RADIUS_M
    columns = ("gravitational_constant_m3_kg_s2", "planet_mass_kg")
    for key, column, factor in zip(PLANET, columns, (1.0, area), strict=True):
        value = rounded(image.number(key, above=0.0) * factor)
        draft.put(column, noise.normal(key, value), image.at(key))
    draft.put("planet_radius_m", EARTH_RADIUS_M, image.at("phi_planet"))
    draft.origins["priors"] = image.at("phi_planet")
    draft.tell("planet", image.at("phi_planet"))


def _kind(name: str, planet: bool, image: Entries, draft: Draft) -> None:
    """The simulator, and the parameters that it alone has."""
    draft.simulator["kind"] = "pendulum_hierarchical" if planet else "pendulum"
    friction = image.number("coefficient_friction", 0.0, least=0.0)
    if friction and (planet or name != "Pendulum"):
        image.refuse("coefficient_friction", "0 for HamiltonianPendulum and with big_G_newton")
    elif friction:
        draft.simulator["kind"] = "pendulum_damped"
        draft.put("damping_1_s", friction, image.at("coefficient_friction"))
        draft.tell("friction", image.at("coefficient_friction"))
    if name == "Pendulum":
        draft.tell("motion", "object_name")
        return
    if planet:
        image.refuse("big_G_newton", "left out for HamiltonianPendulum, with phi_planet")
    draft.simulator["kind"] = "pendulum_hamiltonian"
    draft.put("mass_kg", image.number("mass_pendulum_bob", 10.0), image.at("mass_pendulum_bob"))
    draft.noise = {n: {"kind": "gaussian", "sigma": PHASE_NOISE} for n in ("q_rad", "p_kg_m2_s")}
    for law in ("unreachable", "start", "energy", "phase noise"):
        draft.tell(law, "object_name")


def _times(objects: Entries, draft: Draft) -> dict[str, Any]:
    """The grid of the times."""
    times = objects.take("time")
    if objects.take("seed") is not None:
        draft.tell("seed", objects.at("seed"))
    objects.take("verbose")
    objects.close()
    numbers = isinstance(times, list) and all(type(t) in (int, float) for t in times)
    if not numbers or len(times) < 2:
        objects.refuse("time", "a list of two or more times, s")
        return {}
    start, stop = float(times[0]), float(times[-1])
    step = (stop - start) / (len(times) - 1)
    off = max(abs(t - start - i * step) for i, t in enumerate(times))
    rises = all(a < b for a, b in pairwise(times))
    if not (rises and off <= UNEVEN * step):
        objects.refuse("time", "equally spaced and rising, s")
    if off > 1e-9 * step:
        draft.tell("even times", objects.at("time"))
    if all(isinstance(t, int) for t in times):
        draft.tell("whole times", objects.at("time"))
    draft.origins["simulator.time"] = objects.at("time")
    return {"unit": "s", "start": start, "stop": stop, "samples": len(times)}
