"""The charge of straight tracks on every wire in every tick: recombination, drift and diffusion.

A track loses dE/dx evenly along its length, or as a particle that stops. Of the electrons that this
frees a share R escapes the ions (Birks' law); they drift to the wires, and those of one place
arrive in

    t +- sqrt(2 D t / v^2).

What a wire gets of a track is cut into steps of at most one tick, each a normal distribution whose
variance is that of diffusion and of the step's own length; a tick gets its exact share. Diffusion
across the wires, less than a fifth of their distance, is left out.

Sources: S. Amoruso et al. (ICARUS), Study of electron recombination in liquid argon with the ICARUS
TPC, Nuclear Instruments and Methods A 523 (2004) 275 (Birks' law and its constants).
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import erff
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.simulators.lartpc.wires import CM_WIRE, DIFFUSION, ELECTRONS_MEV, TAIL

BIRKS, BIRKS_LOSS = 0.800, 0.0486 / (1.396 * 0.5)  # k / (density x field), cm/MeV
ROOT_TWO = 1.4142135623730951
SIGMAS = 5.0
FLAT = 1e-9  # of a wire: a track that rises less stays on it

LOSSES = np.array([17.0, 8.0])
"""A of dE/dx = A r^-0.42 for protons and muons that stop, MeV cm^-0.58."""
POWER = 0.58
"""1 - 0.42: the exponent of the energy that is left at a residual range."""
RISING_CM = 30.0
"""Residual range from which on the loss rises; before it, it stays as it is there."""


@kernel
def recombined(loss: float) -> float:
    """Electrons for each cm that escape recombination, where a track loses `loss` MeV/cm."""
    return ELECTRONS_MEV * loss * BIRKS / (1.0 + BIRKS_LOSS * loss)


@kernel
def energy_left(particle: int, range_cm: float) -> float:
    """Energy that a particle loses on the last `range_cm` of its track, MeV."""
    near = min(range_cm, RISING_CM)
    spent = exact.power(near, POWER) / POWER if near > 0.0 else 0.0
    even = exact.power(RISING_CM, POWER - 1.0) * (range_cm - near)
    return LOSSES[particle] * (spent + even)


@kernel
def _ends(track) -> tuple[float, float, float, float, float]:
    """First tick and wire of a track, how many it crosses, and its length, cm."""
    up, across = exact.sincosd(track["angle_deg"])
    length = 0.1 * track["length_mm"]
    seen = length * exact.sincosd(track["dip_deg"])[1]
    wires, ticks = seen * up / CM_WIRE[0], seen * across / CM_WIRE[1]
    x, y = track["center_x_px"] - 0.5 * ticks, track["center_y_px"] - 0.5 * wires
    return x, ticks, y, wires, length


@kernel
def _span(wire: int, y: float, wires: float) -> tuple[float, float]:
    """From which to which share of its length a track is nearest to a wire."""
    if abs(wires) < FLAT:
        return (0.0, 1.0) if np.floor(y + 0.5) == wire else (0.0, 0.0)
    one, other = (wire - 0.5 - y) / wires, (wire + 0.5 - y) / wires
    return max(0.0, min(one, other)), min(1.0, max(one, other))


@kernel
def _arrive(line, x: float, sigma: float, electrons: float) -> float:
    """Add electrons that arrive at tick x +- sigma; return how many of them the line holds."""
    first, last = np.floor(x - SIGMAS * sigma + 0.5), np.floor(x + SIGMAS * sigma + 0.5)
    below, held = 0.0, 0.0
    for k in range(int(last - first) + 1):
        tick = int(first) + k
        at = np.float32((tick + 0.5 - x) / (sigma * ROOT_TWO))
        above = 1.0 if tick == last else 0.5 + 0.5 * np.float64(erff(at))
        if 0 <= tick < line.size:
            line[tick] += electrons * (above - below)
            held += electrons * (above - below)
        below = above
    return held


@kernel
def _cross(line, wire: int, end, loss: float, particle: int) -> float:
    """Add what a wire gets of a track to the wire's line; return how much that is."""
    x, ticks, y, wires, length = end
    start, stop = _span(wire, y, wires)
    held = 0.0
    if stop > start:
        steps = max(1, int(np.ceil(abs(ticks) * (stop - start))))
        part = (stop - start) / steps
        own = ticks * part * ticks * part / 12.0
        electrons = length * recombined(loss) * part
        for k in range(steps):
            at = x + ticks * (start + part * (k + 0.5))
            sigma = np.sqrt(DIFFUSION * max(at, 0.0) + own + 1e-6)
            if abs(at - 0.5 * line.size) < 0.5 * line.size + SIGMAS * sigma + 1.0:
                if loss == 0.0:
                    left, way = length * (1.0 - start - part * k), length * part
                    lost = energy_left(particle, left) - energy_left(particle, max(left - way, 0.0))
                    electrons = way * recombined(lost / way)
                held += _arrive(line, at, sigma, electrons)
    return held


@kernel(allocates=True)
def deposit(tracks, count, loss, charge, told) -> None:
    """Fill in the charge of tracks, electrons, (n, wires, ticks), and what of each is held, (n, K).

    The tracks are records of the parameters of `Tracks`, (n, K), of which ``count`` (n,) are there;
    their even losses, (n, K), MeV/cm, are 0 of particles that stop. Nothing arrives in the last
    `TAIL` ticks.
    """
    line, ends = np.empty(charge.shape[2] - TAIL), np.empty((tracks.shape[1], 5))
    for row in range(tracks.shape[0]):
        told[row] = 0.0
        for k in range(count[row]):
            ends[k, 0], ends[k, 1], ends[k, 2], ends[k, 3], ends[k, 4] = _ends(tracks[row, k])
        for wire in range(charge.shape[1]):
            line[:] = 0.0
            for k in range(count[row]):
                particle = tracks[row, k]["kind"]
                told[row, k] += _cross(line, wire, ends[k], loss[row, k], particle)
            charge[row, wire, line.size :] = 0.0
            for tick in range(line.size):
                charge[row, wire, tick] = line[tick]


@kernel(allocates=True)
def energies(tracks, count) -> Array:
    """The energy that tracks of particles that stop lose on their length, MeV, (n, K)."""
    found = np.zeros(tracks.shape)
    for row in range(tracks.shape[0]):
        for k in range(count[row]):
            track = tracks[row, k]
            found[row, k] = energy_left(track["kind"], 0.1 * track["length_mm"])
    return found
