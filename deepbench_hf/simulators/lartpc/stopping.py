"""Tracks that end in the chamber: the loss of energy rises as a particle comes to rest."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.images import class_of
from deepbench_hf.simulators.lartpc.charge import _arrive, _span, recombined
from deepbench_hf.simulators.lartpc.tracks import TOLD, TRACK, Tracks
from deepbench_hf.simulators.lartpc.wires import CM_WIRE, DIFFUSION, TAIL

PARTICLES = ("proton", "muon")
LOSSES = np.array([17.0, 8.0])
"""A of dE/dx = A r^-0.42 for each particle, MeV cm^-0.58."""
POWER = 0.58
"""1 - 0.42: the exponent of the energy that is left at a residual range."""
RISING_CM = 30.0
"""Residual range from which on the loss rises; before it, it stays as it is there."""


class StoppingTracks(Tracks):
    r"""Straight tracks of particles that stop: their loss of energy rises towards their end.

        dE/dx = A min(r, 30 cm)^-0.42,

    r the residual range, the way that is left. The charge of a piece of track is that of its mean
    loss, (A / 0.58) (r_1^0.58 - r_2^0.58) / (r_1 - r_2) in the last 30 cm; all else is as in
    `Tracks`, whose even loss it takes the place of.

    Args:
        n_objects, lifetime_ms, peaking_time_us, ..._crosstalk: as in `Tracks`.
        objects: records, (n, K), of kind, 0 proton or 1 muon, and of center_x_px, center_y_px,
            length_mm, angle_deg, dip_deg. Tracks end where angle and dip point to.

    Returns:
        As `Tracks`; objects also have energy_MeV, the energy that the track loses on its length.

    Source: the exponent 0.42 and the 30 cm are those by which LArSoft tells particles apart (PIDA),
    https://github.com/LArSoft/larana, ParticleIdentification/pidalgorithms.fcl; A is ours, of the
    size that these particles have.
    """

    kind: Literal["lartpc_stopping"] = "lartpc_stopping"  # type: ignore[assignment]
    kinds: ClassVar[tuple[str, ...]] = PARTICLES
    only_kind: ClassVar[str] = ""
    table: ClassVar[Mapping[str, Parameter]] = {
        name: parameter for name, parameter in TRACK.items() if not name.startswith("energy")
    }
    objects: ClassVar[Mapping[str, Parameter]] = {"kind": class_of(PARTICLES), **table}

    @property
    def object_fields(self) -> Mapping[str, Field]:
        """How much of each track's charge arrives, and the energy that it loses."""
        return {**TOLD, "energy_MeV": Field("MeV", "energy that the track loses", low=0.0)}

    def charge(self, tracks: NDArray, count: NDArray, charge: NDArray, told: Columns) -> None:
        """Fill in the charge and what is told of each track."""
        deposit_stopping(tracks, count, charge, *told.values())


@kernel
def energy_left(particle: int, range_cm: float) -> float:
    """Energy that is lost on the last `range_cm` of a track, MeV."""
    near = min(range_cm, RISING_CM)
    spent = exact.power(near, POWER) / POWER if near > 0.0 else 0.0
    even = exact.power(RISING_CM, POWER - 1.0) * (range_cm - near)
    return LOSSES[particle] * (spent + even)


@kernel
def _cross(line, particle, wire, x, ticks, y, wires, length):
    """Add what a wire gets of a track to the wire's line; return how much that is."""
    start, stop = _span(wire, y, wires)
    held = 0.0
    if stop > start:
        steps = max(1, int(np.ceil(abs(ticks) * (stop - start))))
        part = (stop - start) / steps
        own = ticks * part * ticks * part / 12.0
        for k in range(steps):
            at = x + ticks * (start + part * (k + 0.5))
            if -1.0 < at < line.size + 1.0:
                left = length * (1.0 - start - part * k)
                way = length * part
                lost = energy_left(particle, left) - energy_left(particle, max(left - way, 0.0))
                sigma = np.sqrt(DIFFUSION * max(at, 0.0) + own + 1e-6)
                held += _arrive(line, at, sigma, way * recombined(lost / way))
    return held


@kernel(allocates=True)
def deposit_stopping(tracks, count, charge, told, energy) -> None:
    """Fill in the charge of tracks that stop, and how much of each the frame holds.

    Args:
        tracks: records of the parameters of `StoppingTracks`, (n, K).
        count: how many of the K there are, (n,).
        charge: output, electrons, (n, wires, ticks), float32; nothing arrives in the last `TAIL`.
        told, energy: output, electrons and MeV, (n, K).
    """
    line, ends = np.empty(charge.shape[2] - TAIL), np.empty((tracks.shape[1], 5))
    for row in range(tracks.shape[0]):
        told[row], energy[row] = 0.0, 0.0
        for k in range(count[row]):
            track = tracks[row, k]
            up, across = exact.sincosd(track["angle_deg"])
            length = 0.1 * track["length_mm"]
            seen = length * exact.sincosd(track["dip_deg"])[1]
            ends[k, 1], ends[k, 3] = seen * across / CM_WIRE[1], seen * up / CM_WIRE[0]
            ends[k, 0] = track["center_x_px"] - 0.5 * ends[k, 1]
            ends[k, 2] = track["center_y_px"] - 0.5 * ends[k, 3]
            ends[k, 4], energy[row, k] = length, energy_left(track["kind"], length)
        for wire in range(charge.shape[1]):
            line[:] = 0.0
            for k in range(count[row]):
                x, ticks, y, wires, length = ends[k]
                kind = tracks[row, k]["kind"]
                told[row, k] += _cross(line, kind, wire, x, ticks, y, wires, length)
            charge[row, wire, line.size :] = 0.0
            for tick in range(line.size):
                charge[row, wire, tick] = line[tick]
