"""Two-body decays of moving particles: momenta of the daughters, in the laboratory."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import TWO_PI
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, one_of
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import filled

PION, KAON, PROTON, MUON = 0.13957039, 0.493677, 0.93827208816, 0.1056583755
"""Masses of charged particles, GeV."""

DECAYS: Mapping[str, tuple[float, float, float, float]] = {
    "k_short": (0.497611, PION, PION, 26.844),
    "lambda": (1.115683, PROTON, PION, 78.46),
    "phi": (1.019461, KAON, KAON, 0.0),
    "j_psi": (3.0969, MUON, MUON, 0.0),
    "d_zero": (1.86484, KAON, PION, 0.123005),
    "z": (91.1876, MUON, MUON, 0.0),
    "pi_zero": (0.1349768, 0.0, 0.0, 2.52725e-5),
}
"""By class: mass of the parent and of its daughters, GeV, and c tau of the parent, mm.

Source: Particle Data Group, Prog. Theor. Exp. Phys. 2022, 083C01, doi:10.1093/ptep/ptac097; the
mean life of the Lambda, 2.617e-10 s, is that of the group's later listings,
https://pdglive.lbl.gov/Particle.action?node=S018 (2.632e-10 s before). Those that decay by the
strong or electromagnetic force before they move, but for pi0, have c tau = 0.
"""
UNRELATED = "unrelated"
"""Two pions that have nothing to do with each other, as background."""

_TABLE = np.array([*DECAYS.values(), (0.0, PION, PION, 0.0)])


class TwoBodyDecay(Simulator):
    r"""A particle decays into two; the daughters' momenta and energies in the laboratory.

    In the rest frame of the parent, with masses M, m_1, m_2,

        p* = sqrt((M^2 - (m_1 + m_2)^2) (M^2 - (m_1 - m_2)^2)) / 2 M,   E_i* = sqrt(m_i^2 + p*^2),

    back to back along a direction; then both are boosted along the parent's momentum:

        p = p* + ((gamma - 1) (n . p*) + gamma beta E*) n,   E = gamma (E* + beta n . p*).

    The class `unrelated` has no parent: one pion has the parent's momentum, another one a momentum
    of the same size in the direction of the decay.

    Args:
        label: which decay, (n,).
        momentum_GeV: momentum of the parent, GeV/c, (n,).
        direction_cos, direction_rad: cosine of its polar angle, and its azimuth, (n,).
        decay_cos, decay_rad: the same of daughter 1 in the rest frame, from the same axes, (n,).
        lifetimes: how long it lived, in units of its mean life, (n,).

    Returns:
        momentum_1_GeV and momentum_2_GeV (n, 3), energy_1_GeV and energy_2_GeV (n,);
        parent_mass_GeV M, rest_momentum_GeV p* and flight_mm = gamma beta c tau times lifetimes.

    Accuracy: four-momentum is conserved to 1e-12 of the parent's energy.

    Source: Particle Data Group, as `DECAYS`, section 49 (kinematics).
    """

    kind: Literal["two_body_decay"] = "two_body_decay"
    parameters: ClassVar[Parameters] = {
        "label": one_of("what decays", (*DECAYS, UNRELATED), symbol="k"),
        "momentum_GeV": Parameter("GeV", "momentum of the parent", 0, 1e4, symbol="p"),
        "direction_cos": Parameter("1", "cosine of its polar angle", -1, 1, symbol=r"\cos\Theta"),
        "direction_rad": Parameter("rad", "its azimuth", -7, 7, symbol=r"\Phi", period=TWO_PI),
        "decay_cos": Parameter(
            "1", "cosine of daughter 1's polar angle, rest frame", -1, 1, symbol=r"\cos\theta^*"
        ),
        "decay_rad": Parameter(
            "rad", "its azimuth in the rest frame", -7, 7, symbol=r"\phi^*", period=TWO_PI
        ),
        "lifetimes": Parameter(
            "1", "life of the parent over its mean life", 0, 100, 1.0, symbol=r"t/\tau"
        ),
    }  # fmt: skip
    sensitive: ClassVar[tuple[str, ...]] = tuple(parameters)[1:6]

    @property
    def columns(self) -> Fields:
        mass = "mass of the parent; 0 where there is none"
        return {
            "parent_mass_GeV": Field("GeV", mass, low=0.0, role="label"),
            "rest_momentum_GeV": Field(
                "GeV", "momentum of a daughter in the rest frame", low=0.0, role="label"
            ),
            "flight_mm": Field("mm", "how far the parent flew", low=0.0, role="label"),
            "momentum_1_GeV": Field("GeV", "momentum of daughter 1, (x, y, z)", (3,)),
            "momentum_2_GeV": Field("GeV", "momentum of daughter 2, (x, y, z)", (3,)),
            "energy_1_GeV": Field("GeV", "energy of daughter 1", low=0.0),
            "energy_2_GeV": Field("GeV", "energy of daughter 2", low=0.0),
            "mass_GeV": Field(
                "GeV",
                "invariant mass of the measured momenta, with the masses of the true daughters",
                low=0.0,
                role="estimate",
                needs=frozenset({"label", "momentum_1_observed_GeV", "momentum_2_observed_GeV"}),
            ),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        masses = _TABLE[row.pop("label").astype(np.int64)]
        first, second, rest = _decay(masses, *(row[n] for n in tuple(self.parameters)[1:6]))
        flight = np.zeros(len(masses))
        moved = masses[:, 0] > 0.0
        ratio = row["momentum_GeV"][moved] / masses[moved, 0]
        flight[moved] = ratio * masses[moved, 3] * row["lifetimes"][moved]
        return {
            "parent_mass_GeV": masses[:, 0].copy(),
            "rest_momentum_GeV": rest,
            "flight_mm": flight,
            "momentum_1_GeV": first[:, 1:].copy(),
            "momentum_2_GeV": second[:, 1:].copy(),
            "energy_1_GeV": first[:, 0].copy(),
            "energy_2_GeV": second[:, 0].copy(),
        }

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of momenta and energies in closed form; 0 by a cosine of 1 or -1."""
        row = filled(self.parameters, inputs)
        slopes = np.zeros((2, len(self.sensitive), len(row["label"]), 4))
        masses = _TABLE[row["label"].astype(np.int64)]
        _slopes(masses, *(row[name] for name in self.sensitive), slopes)
        found: dict[str, Columns] = {}
        for k, own in enumerate(slopes, start=1):
            parts = dict(zip(self.sensitive, own, strict=True)).items()
            found[f"momentum_{k}_GeV"] = {name: slope[:, 1:].copy() for name, slope in parts}
            found[f"energy_{k}_GeV"] = {name: slope[:, 0].copy() for name, slope in parts}
        return found

    def estimate(self, rows: Columns) -> Columns:
        """The invariant mass of what was measured, GeV, (n,)."""
        masses = _TABLE[rows["label"].astype(np.int64), 1:3]
        energy, total = np.zeros(len(masses)), np.zeros((len(masses), 3))
        for k, mass in enumerate(masses.T, start=1):
            momentum = rows[f"momentum_{k}_observed_GeV"].astype(np.float64)
            x, y, z = momentum.T
            energy += np.sqrt(mass * mass + (x * x + y * y + z * z))
            total += momentum
        x, y, z = total.T
        return {"mass_GeV": np.sqrt(np.maximum(energy * energy - (x * x + y * y + z * z), 0.0))}


@kernel
def _turns(cosine: float, azimuth: float):
    """A unit vector and its derivatives by the cosine and by the azimuth."""
    sine = np.sqrt(max((1.0 - cosine) * (1.0 + cosine), 0.0))
    s, c = exact.sincos(azimuth)
    falling = -cosine / sine if sine > 0.0 else 0.0
    return (
        (sine * c, sine * s, cosine),
        (falling * c, falling * s, 1.0 if sine > 0.0 else 0.0),
        (-sine * s, sine * c, 0.0),
    )


@kernel(allocates=True)
def _decay(masses, momentum, cosine, azimuth, rest_cosine, rest_azimuth):
    """Energy and momentum of both daughters, (n, 4) each, and p*, (n,)."""
    n = momentum.size
    first, second, rest = np.empty((n, 4)), np.empty((n, 4)), np.zeros(n)
    for i in range(n):
        big, one, two, p = masses[i, 0], masses[i, 1], masses[i, 2], momentum[i]
        nx, ny, nz = _turns(cosine[i], azimuth[i])[0]
        dx, dy, dz = _turns(rest_cosine[i], rest_azimuth[i])[0]
        if big == 0.0:
            first[i, 1], first[i, 2], first[i, 3] = p * nx, p * ny, p * nz
            second[i, 1], second[i, 2], second[i, 3] = p * dx, p * dy, p * dz
            first[i, 0], second[i, 0] = np.sqrt(p * p + one * one), np.sqrt(p * p + two * two)
            continue
        away, apart = one + two, one - two
        rest[i] = 0.5 / big * np.sqrt((big - away) * (big + away) * (big - apart) * (big + apart))
        energy = np.sqrt(big * big + p * p)
        gamma, boost = energy / big, p / big  # gamma and gamma beta
        along = rest[i] * (nx * dx + ny * dy + nz * dz)
        # gamma - 1 = (gamma beta)^2 / (gamma + 1) keeps its digits for slow parents.
        stretch = boost * boost / (gamma + 1.0)
        for k in range(2):
            mass, sign = (one, 1.0) if k == 0 else (two, -1.0)
            out = first if k == 0 else second
            own = np.sqrt(mass * mass + rest[i] * rest[i])
            added = sign * stretch * along + boost * own
            out[i, 0] = gamma * own + sign * boost * along
            out[i, 1] = sign * rest[i] * dx + added * nx
            out[i, 2] = sign * rest[i] * dy + added * ny
            out[i, 3] = sign * rest[i] * dz + added * nz
    return first, second, rest


@kernel
def _dot(a, b) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@kernel
def _slopes(masses, momentum, cosine, azimuth, rest_cosine, rest_azimuth, slopes) -> None:
    """Fill in the derivatives of energy and momentum of both daughters, (2, 5, n, 4).

    With n the parent's direction and d the daughter's, its momentum is

        +-p* d + A n,  A = +-(gamma - 1) p* n . d + gamma beta E*,
        E = gamma E* +- gamma beta p* n . d,

    and gamma beta = p / M; the other daughter has the lower signs.
    """
    for i in range(momentum.size):
        big, p = masses[i, 0], momentum[i]
        n, n_cosine, n_azimuth = _turns(cosine[i], azimuth[i])
        d, d_cosine, d_azimuth = _turns(rest_cosine[i], rest_azimuth[i])
        if big == 0.0:
            for k in range(2):
                own, turns = (n, (n_cosine, n_azimuth)) if k == 0 else (d, (d_cosine, d_azimuth))
                mass = masses[i, 1 + k]
                slopes[k, 0, i, 0] = p / np.sqrt(p * p + mass * mass) if p > 0.0 else 0.0
                for axis in range(3):
                    slopes[k, 0, i, 1 + axis] = own[axis]
                    for j in range(2):
                        slopes[k, 1 + 2 * k + j, i, 1 + axis] = p * turns[j][axis]
            continue
        away, apart = masses[i, 1] + masses[i, 2], masses[i, 1] - masses[i, 2]
        rest = 0.5 / big * np.sqrt((big - away) * (big + away) * (big - apart) * (big + apart))
        boost = p / big
        gamma = np.sqrt(1.0 + boost * boost)
        stretch, along = boost * boost / (gamma + 1.0), rest * _dot(n, d)
        for k in range(2):
            sign, mass = (1.0, masses[i, 1]) if k == 0 else (-1.0, masses[i, 2])
            own = np.sqrt(mass * mass + rest * rest)
            added = sign * stretch * along + boost * own
            slopes[k, 0, i, 0] = (boost / gamma * own + sign * along) / big
            longer = (sign * boost / gamma * along + own) / big
            for axis in range(3):
                slopes[k, 0, i, 1 + axis] = longer * n[axis]
            for j in range(2):
                turn_n, turn_d = (n_cosine, d_cosine) if j == 0 else (n_azimuth, d_azimuth)
                by_n, by_d = sign * rest * _dot(turn_n, d), sign * rest * _dot(n, turn_d)
                slopes[k, 1 + j, i, 0], slopes[k, 3 + j, i, 0] = boost * by_n, boost * by_d
                for axis in range(3):
                    slopes[k, 1 + j, i, 1 + axis] = stretch * by_n * n[axis] + added * turn_n[axis]
                    moved = sign * rest * turn_d[axis]
                    slopes[k, 3 + j, i, 1 + axis] = moved + stretch * by_d * n[axis]
