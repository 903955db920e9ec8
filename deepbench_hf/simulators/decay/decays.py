"""Two-body decays of moving particles: momenta of the daughters, in the laboratory."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, one_of
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.decay.slopes import decay_slopes
from deepbench_hf.simulators.inputs import filled

PION, KAON, PROTON, MUON = 0.13957039, 0.493677, 0.93827208816, 0.1056583755
"""Masses of charged particles, GeV."""

DECAYS: Mapping[str, tuple[float, float, float, float]] = {
    "k_short": (0.497611, PION, PION, 26.844),
    "lambda": (1.115683, PROTON, PION, 78.46),
    "phi": (1.019461, KAON, KAON, 0.0),
    "j_psi": (3.0969, MUON, MUON, 0.0),
    "d_zero": (1.86484, KAON, PION, 0.12302),
    "z": (91.1876, MUON, MUON, 0.0),
    "pi_zero": (0.1349768, 0.0, 0.0, 2.526e-5),
}
"""By class: mass of the parent and of its daughters, GeV, and c tau of the parent, mm.

Source: Particle Data Group, Prog. Theor. Exp. Phys. 2022, 083C01, doi:10.1093/ptep/ptac097. Those
that decay by the strong or electromagnetic force before they move, but for pi0, have c tau = 0.
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
        "direction_rad": Parameter("rad", "its azimuth", -7, 7, symbol=r"\Phi"),
        "decay_cos": Parameter(
            "1", "cosine of the polar angle of daughter 1 in the rest frame", -1, 1,
            symbol=r"\cos\theta^*",
        ),
        "decay_rad": Parameter("rad", "its azimuth in the rest frame", -7, 7, symbol=r"\phi^*"),
        "lifetimes": Parameter(
            "1", "life of the parent over its mean life", 0, 100, 1.0, symbol=r"t/\tau"
        ),
    }  # fmt: skip

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

    @property
    def sensitive(self) -> tuple[str, ...]:
        return tuple(self.parameters)[1:6]

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of momenta and energies in closed form; 0 by a cosine of 1 or -1."""
        row = filled(self.parameters, inputs)
        slopes = np.zeros((2, len(self.sensitive), len(row["label"]), 4))
        masses = _TABLE[row["label"].astype(np.int64)]
        decay_slopes(masses, *(row[name] for name in self.sensitive), slopes)
        found: dict[str, Columns] = {}
        for k, own in enumerate(slopes, start=1):
            found[f"momentum_{k}_GeV"] = {
                name: slope[:, 1:].copy() for name, slope in zip(self.sensitive, own, strict=True)
            }
            found[f"energy_{k}_GeV"] = {
                name: slope[:, 0].copy() for name, slope in zip(self.sensitive, own, strict=True)
            }
        return found

    def estimate(self, rows: Columns) -> Columns:
        """The invariant mass of what was measured, GeV, (n,)."""
        masses = _TABLE[rows["label"].astype(np.int64), 1:3]
        momenta = rows["momentum_1_observed_GeV"], rows["momentum_2_observed_GeV"]
        return {"mass_GeV": _invariant(masses, momenta)}


def _invariant(masses: NDArray, momenta: tuple[NDArray, ...]) -> Array:
    """The invariant mass of two particles of given masses (n, 2) and momenta (n, 3), (n,)."""
    energy, total = np.zeros(len(masses)), np.zeros((len(masses), 3))
    for mass, momentum in zip(masses.T, momenta, strict=True):
        momentum = momentum.astype(np.float64)
        x, y, z = momentum.T
        energy += np.sqrt(mass * mass + (x * x + y * y + z * z))
        total += momentum
    x, y, z = total.T
    return np.sqrt(np.maximum(energy * energy - (x * x + y * y + z * z), 0.0))


@kernel
def _unit(cosine: float, azimuth: float) -> tuple[float, float, float]:
    """The unit vector of a direction."""
    sine = np.sqrt(max((1.0 - cosine) * (1.0 + cosine), 0.0))
    s, c = exact.sincos(azimuth)
    return sine * c, sine * s, cosine


@kernel(allocates=True)
def _decay(masses, momentum, cosine, azimuth, rest_cosine, rest_azimuth):
    """Energy and momentum of both daughters, (n, 4) each, and p*, (n,)."""
    n = momentum.size
    first, second, rest = np.empty((n, 4)), np.empty((n, 4)), np.zeros(n)
    for i in range(n):
        big, one, two, p = masses[i, 0], masses[i, 1], masses[i, 2], momentum[i]
        nx, ny, nz = _unit(cosine[i], azimuth[i])
        dx, dy, dz = _unit(rest_cosine[i], rest_azimuth[i])
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
