"""DeepBench's physics objects: the Newtonian and the Hamiltonian pendulum."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from deepbench_hf.importing.draft import Draft, rounded, spread
from deepbench_hf.importing.entries import Entries

__all__ = ["NAMES", "physics"]

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
    noise = image.section("noise_std_percent")
    planet = not image.has("acceleration_due_to_gravity") and image.has(*PLANET)
    for key, column in list(COLUMNS.items())[: 2 if planet else 3]:
        value = image.number(key)
        draft.put(column, _drawn(key, value, noise, jitter, image, draft), image.at(key))
    if planet:
        _planet(image, noise, draft)
    _kind(name, planet, image, draft)
    _close(planet, noise, jitter, image, draft)
    draft.simulator["time"] = _times(objects, draft)


def _drawn(key: str, value: float, noise: Entries, jitter: float, image: Entries, draft: Draft):
    """A parameter's prior: normal under its own noise, else uniform under the noise of all."""
    strength = _strength(noise, key)
    if strength and value:
        return _normal(key, value, strength, noise, draft)
    if jitter:
        draft.tell("jitter of parameters", "parameter_noise")
    return spread(value, jitter)


def _strength(noise: Entries, key: str) -> float:
    return noise.number(key, 0.0, least=0.0, most=1.0)


def _normal(key: str, value: float, strength: float, noise: Entries, draft: Draft) -> dict:
    draft.tell("parameter draw", noise.at(key))
    prior = {"kind": "normal", "mean": value, "sigma": rounded(abs(value) * strength)}
    if key != "starting_angle_radians" and 8 * strength > 0.99:
        draft.tell("positive", noise.at(key))
        prior["low"] = rounded(0.01 * value)
    return prior


def _planet(image: Entries, noise: Entries, draft: Draft) -> None:
    """G, and a planet with M = Phi r^2; relative noise on Phi is the same on M."""
    area = EARTH_RADIUS_M * EARTH_RADIUS_M
    columns = ("gravitational_constant_m3_kg_s2", "planet_mass_kg")
    for key, column, factor in zip(PLANET, columns, (1.0, area), strict=True):
        value, strength = rounded(image.number(key, above=0.0) * factor), _strength(noise, key)
        if strength:
            draft.tell("drawn once", noise.at(key))
        prior = _normal(key, value, strength, noise, draft) if strength else value
        draft.put(column, prior, image.at(key))
        draft.origins["priors"] = image.at(key)
    draft.put("planet_radius_m", EARTH_RADIUS_M, image.at("phi_planet"))
    draft.tell("planet", image.at("phi_planet"))


def _kind(name: str, planet: bool, image: Entries, draft: Draft) -> None:
    """The simulator, and the parameters that it alone has."""
    friction = image.number("coefficient_friction", 0.0, least=0.0)
    draft.simulator["kind"] = "pendulum_hierarchical" if planet else "pendulum"
    if name == "HamiltonianPendulum":
        draft.simulator["kind"] = "pendulum_hamiltonian"
        draft.put("mass_kg", image.number("mass_pendulum_bob", 10.0), image.at("mass_pendulum_bob"))
        sigma = {"kind": "gaussian", "sigma": PHASE_NOISE}
        draft.noise = {"q_rad": sigma, "p_kg_m2_s": dict(sigma)}
        for law in ("unreachable", "start", "energy", "phase noise"):
            draft.tell(law, "object_name")
    else:
        draft.tell("motion", "object_name")
    if friction and draft.simulator["kind"] != "pendulum":
        image.refuse("coefficient_friction", "0 for HamiltonianPendulum and with big_G_newton")
    elif friction:
        draft.simulator["kind"] = "pendulum_damped"
        draft.put("damping_1_s", friction, image.at("coefficient_friction"))
        draft.tell("friction", image.at("coefficient_friction"))


def _close(planet: bool, noise: Entries, jitter: float, image: Entries, draft: Draft) -> None:
    """What is left: entries that decide nothing, and unknown ones."""
    if "mass_kg" not in draft.priors and image.take("mass_pendulum_bob") is not None:
        draft.tell("mass", image.at("mass_pendulum_bob"))
    drawn = [prior for prior in draft.priors.values() if isinstance(prior, dict)]
    if jitter and (planet or any(prior["kind"] == "normal" for prior in drawn)):
        draft.tell("one noise", "parameter_noise")
    for entries in (noise, image):
        entries.asked += PLANET
        for key in PLANET:
            if entries.has(key) and not planet:
                entries.refuse(key, "left out where acceleration_due_to_gravity is given")
    noise.close()
    image.close()


def _times(objects: Entries, draft: Draft) -> dict[str, Any]:
    """The grid of the times."""
    times = objects.take("time")
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
