"""Straight tracks in a liquid-argon chamber: the charge, and the voltages of two wire planes."""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.fields import COUNT, OBJECTS, Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.images import LARGEST, MOST_OBJECTS, Frame, class_of, count_up_to
from deepbench_hf.simulators.inputs import filled, packed
from deepbench_hf.simulators.lartpc.charge import deposit, energies
from deepbench_hf.simulators.lartpc.wires import (
    COLLECTION,
    INDUCTION,
    LONGEST_PEAKING_US,
    TAIL,
    read_out,
)

TRACK: Parameters = {
    "center_x_px": Parameter(
        "pix", "tick at which the middle of the track arrives", -LARGEST, 2 * LARGEST, symbol="x"
    ),
    "center_y_px": Parameter(
        "pix", "wire at which the middle of the track is", -LARGEST, 2 * LARGEST, symbol="y"
    ),
    "length_mm": Parameter("mm", "length of the track in space", 1, 5000, symbol="L"),
    "angle_deg": Parameter(
        "deg",
        "angle of the track on the plane of drift and wires, from the drift towards higher wires",
        0, 360, symbol=r"\theta",
    ),
    "dip_deg": Parameter(
        "deg", "angle between the track and that plane", 0, 89, 0.0, symbol=r"\delta"
    ),
    "energy_loss_MeV_cm": Parameter(
        "MeV cm-1", "energy that the track loses", 0.1, 100, symbol="dE/dx"
    ),
}  # fmt: skip
READOUT: Parameters = {
    "lifetime_ms": Parameter(
        "ms", "mean life of a drifting electron", 0.05, 1000, symbol=r"\tau_e"
    ),
    "peaking_time_us": Parameter(
        "us", "peaking time of the electronics", 0.5, LONGEST_PEAKING_US, symbol="t_p"
    ),
    "induction_crosstalk": Parameter(
        "1", "share of a charge that the wires beside its own see, induction plane", 0, 0.5, 0.0,
        symbol="a_{1,i}",
    ),
    "collection_crosstalk": Parameter(
        "1", "the same, collection plane", 0, 0.5, 0.0, symbol="a_{1,c}"
    ),
    "far_crosstalk": Parameter(
        "1", "the same of the wires after those, both planes", 0, 0.5, 0.0, symbol="a_2"
    ),
}  # fmt: skip
PARTICLES = ("proton", "muon")
AXES = ("wire", "time tick")
"""What the rows and the columns of an image count."""

TOLD = {"charge_e": Field("electron", "charge of the track that arrives within the frame", low=0.0)}


class Tracks(Frame):
    """Straight tracks, their charge, and what an induction and a collection plane read of it.

    u_w = (k * q_w + kz * (a1 (q_w-1 + q_w+1) + a2 (q_w-2 + q_w+2))) * h,  q = Q e^(-t / lifetime),
    h(t) = G (t / tp)^4 e^(4 (1 - t / tp)); Q is the charge that escapes recombination, spread by
    diffusion on its drift, w the wire. Rows of an image are wires, 4.7 mm
    apart, columns are ticks of 0.5 us, in which electrons drift 0.8 mm.

    Args:
        n_objects: number of tracks, (n,).
        objects: records, (n, K), of center_x_px and center_y_px, the tick and wire of the middle;
            length_mm; angle_deg; dip_deg; energy_loss_MeV_cm.
        lifetime_ms: of a drifting electron, (n,).
        peaking_time_us: tp, (n,).
        induction_crosstalk, collection_crosstalk: a1 of each plane, (n,); 0 by default.
        far_crosstalk: a2 of both, (n,); 0 by default.
        max_objects: K, the most that a row can have.

    Returns:
        truth_charge (n, H, W) float32, electrons: Q, before any is lost on the drift; induction and
        collection (n, H, W) float32, mV; objects: records of charge_e, (n, K).

    Source: charge and response as in `charge.deposit` and `wires.read_out`.
    """

    kind: Literal["lartpc_tracks"] = "lartpc_tracks"
    kinds: ClassVar[tuple[str, ...]] = ("track",)
    only_kind: ClassVar[str] = "track"
    table: ClassVar[Parameters] = TRACK
    parameters: ClassVar[Parameters] = {COUNT: count_up_to(), **READOUT}
    objects: ClassVar[Parameters] = TRACK
    max_objects: Annotated[int, pydantic.Field(ge=1, le=MOST_OBJECTS)] = 4

    @pydantic.field_validator("image_size")
    @classmethod
    def _has_room(cls, size: tuple[int, int]) -> tuple[int, int]:
        if size[1] <= TAIL:
            raise ValueError(f"must have more than {TAIL} ticks; got {size[0]} x {size[1]}")
        return size

    @property
    def columns(self) -> Fields:
        size = (self.image_size, "float32")
        charge = "charge on every wire in every tick, none of it lost on its drift"
        return {
            "induction": Field("mV", "voltage of the induction plane", *size, axes=AXES),
            "collection": Field("mV", "voltage of the collection plane", *size, axes=AXES),
            "truth_charge": Field("electron", charge, *size, low=0.0, axes=AXES),
        }

    @property
    def object_fields(self) -> Fields:
        return TOLD

    def __call__(self, **inputs: Any) -> Columns:
        tracks, count = self.drawn(inputs)
        lifetime, peaking, *near, far = filled(READOUT, inputs).values()
        size = (len(count), *self.image_size)
        found = {name: np.empty(size, np.float32) for name in self.columns}
        told = np.empty(tracks.shape)
        deposit(tracks, count, self.losses(tracks), found["truth_charge"], told)
        planes = {"induction": INDUCTION, "collection": COLLECTION}
        for (name, lobe), share in zip(planes.items(), near, strict=True):
            read_out(found["truth_charge"], lifetime, peaking, share, far, lobe, found[name])
        return {**found, OBJECTS: packed({"charge_e": told, **self.energies(tracks, count)})}

    def losses(self, tracks: NDArray) -> NDArray:
        """The even loss of energy of each track, MeV/cm, (n, K); 0 of one that stops."""
        return tracks["energy_loss_MeV_cm"]

    def energies(self, tracks: NDArray, count: NDArray) -> Columns:
        """What is told of each track beside its charge, (n, K)."""
        return {}


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
    table: ClassVar[Parameters] = {
        name: parameter for name, parameter in TRACK.items() if not name.startswith("energy")
    }
    objects: ClassVar[Parameters] = {"kind": class_of(PARTICLES), **table}

    @property
    def object_fields(self) -> Fields:
        """How much of each track's charge arrives, and the energy that it loses."""
        return {**TOLD, "energy_MeV": Field("MeV", "energy that the track loses", low=0.0)}

    def losses(self, tracks: NDArray) -> NDArray:
        return np.zeros(tracks.shape)

    def energies(self, tracks: NDArray, count: NDArray) -> Columns:
        return {"energy_MeV": energies(tracks, count)}
