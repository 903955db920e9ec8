"""Schedules and transitions of a night at a telescope, with their best rewards."""

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled, uniform
from deepbench_hf.simulators.telescope.assignment import rewards, schedule
from deepbench_hf.simulators.telescope.sky import NIGHTS, evenings, watch

BLOCKS, SLOTS, TARGETS = 1875, 24, 24
DAY_S = 86400.0
SEASON_DEG = 20.0
"""Least range of the Sun's longitude: a shorter one has no full Moon in nine years."""

SEEN = {
    "altitude_deg": Field("deg", "altitude"),
    "azimuth_deg": Field("deg", "azimuth, from north through east"),
    "airmass": Field("1", "air mass; 38.6 at and below the horizon", low=0.0),
    "moon_separation_deg": Field("deg", "distance to the Moon", low=0.0),
    "observable": Field("1", "whether it may be observed", dtype="bool", low=0.0),
    "reward": Field("1", "inverse of the air mass where it may be observed, 0 elsewhere", low=0.0),
}
"""What is told of each target at each time."""


class _Night(Simulator):
    """What schedules and transitions have in common."""

    NIGHT: ClassVar[Parameters] = {
        "block": Parameter(
            "1", "number of the block of eight nights since MJD 55000, of the first night tried",
            0, BLOCKS - 1, whole=True, symbol="B",
        ),
        "night": Parameter(
            "1", "number of the night in its block", 0, NIGHTS - 1, whole=True, symbol="N"
        ),
        "cadence_s": Parameter(
            "s", "time from a slot to the next", 60, 1200, 600.0, symbol=r"\Delta t"
        ),
        "cloud": Parameter("1", "chance of a slot to be lost to clouds", 0, 1, 0.0, symbol="f"),
        "realization": REALIZATION,
    }  # fmt: skip
    latitude_deg: Annotated[float, pydantic.Field(ge=-50, le=50)] = 38.28869
    longitude_deg: Annotated[float, pydantic.Field(ge=-180, le=180)] = -122.504
    sun_longitude_deg: Annotated[tuple[float, float], pydantic.Field(strict=False)] = (0.0, 360.0)
    least_moon: Annotated[float, pydantic.Field(ge=0, le=0.95)] = 0.0

    @pydantic.field_validator("sun_longitude_deg")
    @classmethod
    def _is_a_season(cls, ends: tuple[float, float]) -> tuple[float, float]:
        if not (ends[0] >= 0.0 and ends[1] <= 360.0 and ends[1] - ends[0] >= SEASON_DEG):
            accepted = f"two from 0 to 360, the second at least {SEASON_DEG:g} above the first"
            raise ValueError(f"got {ends[0]:g} and {ends[1]:g}; accepted: {accepted}")
        return ends

    @property
    def known(self) -> dict[str, Field]:
        """What is known of a night and its targets."""
        told = "illuminated share of the Moon at the first slot"
        return {
            "start_d": Field("d", "time of the first slot, MJD", role="label"),
            "moon_share": Field("1", told, low=0.0, role="label"),
            "ra_deg": Field("deg", "right ascension", (TARGETS,), low=0.0, role="label"),
            "dec_deg": Field("deg", "declination", (TARGETS,), role="label"),
        }

    def watched(self, row: Columns, first: NDArray, times: int) -> tuple[Columns, Columns]:
        """What is known of the nights, and what is seen from slot ``first`` on, (n, times, K)."""
        n, number = len(first), row["realization"]
        place = uniform(number, "targets", 2 * TARGETS).reshape(n, TARGETS, 2)
        known = {name: np.empty((n, *field.shape)) for name, field in self.known.items()}
        site = self.latitude_deg, self.longitude_deg
        wanted = (*self.sun_longitude_deg, self.least_moon)
        evenings(row["block"], row["night"], *site, *wanted, known["start_d"])
        lost = uniform(number, "clouds", SLOTS) < row["cloud"][:, None]
        geometry = np.empty((4, n, times, TARGETS), np.float32)
        observable = np.empty((n, times, TARGETS), np.bool_)
        reward = np.empty((n, times, TARGETS), np.float32)
        watch(
            place, known["start_d"], first, row["cadence_s"] / DAY_S, lost, *site,
            known["moon_share"], known["ra_deg"], known["dec_deg"], geometry, observable, reward,
        )  # fmt: skip
        return known, dict(zip(SEEN, (*geometry, observable, reward), strict=True))


class NightSchedule(_Night):
    r"""A night of 24 slots and 24 targets: where they are, what they yield, and the best schedule.

    The night begins when the Sun sinks below -14 degrees. A target may be observed while the Sun is
    lower than that, above air mass 2, further than 20 degrees from the Moon and not behind clouds;
    it yields the inverse of its air mass. A schedule visits each target at most once. Right
    ascensions are uniform and sines of declinations uniform from -0.4 to 1.

    Args:
        block, night: which night: 8 block + night days after MJD 55000, (n,).
        spare_slots: how many of the 24 slots, the last ones, are not used, (n,); 0 by default.
        cadence_s: from a slot to the next, s, (n,); 600 by default.
        cloud: chance of each slot to be lost, (n,); 0 by default.
        realization: number of the targets and clouds, (n,).
        latitude_deg, longitude_deg: of the site, to the north and the east; Stone Edge by default.
        sun_longitude_deg, least_moon: the night is moved on by eight days until the Sun's ecliptic
            longitude lies between two, and at least this share of the Moon is illuminated.

    Returns:
        altitude_deg, azimuth_deg, airmass, moon_separation_deg and reward float32, observable,
        (n, 24, 24) by slot and target; assignment and assignment_greedy (n, 24): the target of each
        slot, -1 for none; reward_optimal, reward_greedy and reward_random, the mean over random
        schedules, (n,); start_d, moon_share (n,), ra_deg, dec_deg (n, 24).

    Source: positions and air mass as in `sky`. The task is that of F. Terranova et al.,
    Self-driving telescopes: autonomous scheduling of astronomical observation campaigns with
    offline reinforcement learning (2023), arXiv:2311.18094, whose site and limits these are;
    rewards and targets are ours.
    """

    kind: Literal["telescope_schedule"] = "telescope_schedule"
    parameters: ClassVar[Parameters] = {
        **_Night.NIGHT,
        "spare_slots": Parameter(
            "1", "slots at the end that are not used", 0, SLOTS - 1, 0, whole=True, symbol="n"
        ),
    }

    @property
    def columns(self) -> Fields:
        visit: Any = {"shape": (SLOTS,), "dtype": "int64", "low": -1.0, "role": "label"}
        total: Any = {"low": 0.0, "role": "label"}
        return {
            **self.known,
            "assignment": Field("1", "target of each slot in the best schedule", **visit),
            "assignment_greedy": Field("1", "target of each slot, best first", **visit),
            "reward_optimal": Field("1", "reward of the best schedule", **total),
            "reward_greedy": Field("1", "reward of the greedy schedule", **total),
            "reward_random": Field("1", "mean reward of random schedules", **total),
            **_shaped((SLOTS, TARGETS)),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        slots = SLOTS - row["spare_slots"].astype(np.int64)
        known, seen = self.watched(row, np.zeros(len(slots), np.int64), SLOTS)
        beyond = np.arange(SLOTS) >= slots[:, None]
        seen["observable"][beyond], seen["reward"][beyond] = False, 0.0
        visits = np.empty((2, len(slots), SLOTS), np.int64)
        schedule(seen["reward"], slots, *visits)
        total = np.empty((3, len(slots)))
        rewards(seen["reward"], visits, total)
        names = ("assignment", "assignment_greedy", "reward_optimal", "reward_greedy")
        found = dict(zip((*names, "reward_random"), (*visits, *total), strict=True))
        return {**known, **found, **seen}


class NightTransition(_Night):
    r"""One step of a telescope that points at a target: state, action, reward and next state.

    Nights, targets and rewards are those of `NightSchedule`; a target may be visited again.

    Args:
        block, night, cadence_s, cloud, realization: as for `NightSchedule`.
        latitude_deg, longitude_deg, sun_longitude_deg, least_moon: likewise.
        slot: number of the slot, 0 to 22, (n,).
        action: number of the target that is observed, (n,).

    Returns:
        altitude_deg, azimuth_deg, airmass, moon_separation_deg, observable and reward of all
        targets in this slot and the next, (n, 2, 24); reward_taken that of the action, and
        reward_best the largest of this slot, (n,).

    Source: as `NightSchedule`.
    """

    kind: Literal["telescope_transition"] = "telescope_transition"
    parameters: ClassVar[Parameters] = {
        **_Night.NIGHT,
        "slot": Parameter("1", "number of the slot", 0, SLOTS - 2, whole=True, symbol="t"),
        "action": Parameter(
            "1", "number of the target that is observed", 0, TARGETS - 1, whole=True, symbol="a"
        ),
    }

    @property
    def columns(self) -> Fields:
        best = "largest reward of all targets"
        return {
            **self.known,
            "reward_best": Field("1", best, low=0.0, role="label"),
            "reward_taken": Field("1", "reward of the action", low=0.0),
            **_shaped((2, TARGETS)),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        known, seen = self.watched(row, row["slot"].astype(np.int64), 2)
        reward = seen["reward"][:, 0].astype(np.float64)
        taken = np.take_along_axis(reward, row["action"].astype(np.int64)[:, None], axis=1)
        return {
            **known,
            "reward_best": np.max(reward, axis=1),
            "reward_taken": taken[:, 0].copy(),
            **seen,
        }


def _shaped(shape: tuple[int, int]) -> dict[str, Field]:
    """What is seen, as matrices by slot and target; numbers as float32."""
    return {
        name: Field(
            field.unit, field.meaning, shape,
            "float32" if field.dtype == "float64" else field.dtype, field.low,
            axes=("slot", "target"),
        )
        for name, field in SEEN.items()
    }  # fmt: skip
