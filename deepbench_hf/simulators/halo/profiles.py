"""Dark matter halos: density against radius, shells of particles, and maps of surface density."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf.exact.constants import LN_10
from deepbench_hf.exact.kernel import Array
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.exact.quantiles import exponential
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, Supports, of_role
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.differences import slopes
from deepbench_hf.simulators.halo import density
from deepbench_hf.simulators.inputs import filled

_NODES = 8
STEP = 0.02
"""Largest step of a difference, in the unit of each parameter."""
LABELS: Fields = {
    "concentration": Field("1", "R200m over the scale radius", low=0.0, role="label"),
    "radius_200m_kpc": Field("kpc", "radius of 200 mean densities", low=0.0, role="label"),
}


def _radius(shells: int) -> Field:
    """The radii: from 0.01 to 3 R200m in equal steps of the logarithm, or a user's own."""
    meaning, ends = "distance from the centre", (1e-6, 1e9)
    return Field("kpc", meaning, (shells,), low=0.0, role="coordinate", accepts=ends, rising=True)


class Halo(Simulator):
    """What all models of a halo share: its mass and its concentration."""

    parameters: ClassVar[Parameters] = {
        "log10_mass_Msun": Parameter(
            "1", "decimal logarithm of the mass within R200m over that of the Sun", 9, 16.5,
            symbol=r"\log_{10} M",
        ),
        "concentration_offset_dex": Parameter(
            "dex", "scatter of the concentration about its mean at this mass", -1, 1, 0.0,
            symbol=r"\Delta\log_{10} c",
        ),
    }  # fmt: skip

    def placed(self, given: Mapping[str, Any]) -> tuple[Columns, Array, Columns]:
        """The parameters of a call, its halos as `density.halos`, and their labels."""
        row = filled(self.parameters, given)
        halo = density.halos(row["log10_mass_Msun"], row["concentration_offset_dex"])
        labels = {"concentration": halo[:, 1].copy(), "radius_200m_kpc": halo[:, 0].copy()}
        return row, halo, labels

    def refuse(self, supports: Supports) -> str | None:
        """Some mass and scatter together have a concentration that no halo has."""
        ends = [np.array(supports.get(name, (0.0, 0.0))) for name in Halo.parameters]
        high, low = density.concentrations(ends[0], ends[1][::-1])
        if low >= 0.5 and high <= 200.0:
            return None
        return f"concentrations reach [{low:.3g}, {high:.3g}]; accepted are 0.5 to 200"


class _Shells(Halo):
    """Models of a halo against radius."""

    shells: Annotated[int, pydantic.Field(ge=2, le=4096)] = 24

    def locate(self, **parameters: NDArray) -> Columns:
        return {"radius_kpc": density.radii(np.asarray(parameters["log10_mass_Msun"]), self.shells)}

    @property
    def sensitive(self) -> tuple[str, ...]:
        """All parameters that the profile depends on, whose particles are known."""
        return tuple(name for name in self.parameters if not name.startswith("particle"))

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """Derivatives of the outputs at given radii by differences, 1e-8 of the largest."""
        outputs = of_role(self.columns, "output")
        return slopes(self, dict.fromkeys(self.sensitive, STEP), inputs, outputs)


class HaloProfile(_Shells):
    r"""Density of a halo against radius, over the mean density of matter, and counts in shells.

    With x = c r / R, R = R200m and m(c) = ln(1 + c) - c / (1 + c),

        rho / rho_m = (200/3) c^3 / m(c) / (x (1 + x)^2) [1 + (r / r_t)^6]^(-2/3)
                      + b_e (r / 5 R)^(-s_e) + 1,
        r_t / R     = 0.43 (1 + 0.92 Omega_m) (1 + 2.18 e^(-Gamma / 1.91)):

    a profile of Navarro, Frenk and White, cut off the further inside the faster the halo grows, in
    the matter around it. M and R200m are those of the first factor alone: the whole profile has
    0.8 to 1.25 M within R200m. A shell holds int 4 pi r^2 rho dr / m_p particles.

    Args:
        log10_mass_Msun: of M, in solar masses, (n,).
        concentration_offset_dex: scatter of the concentration about its mean, dex, (n,).
        accretion_rate: Gamma, d ln M / d ln a, (n,).
        outer_amplitude: b_e, (n,).
        outer_slope: s_e, (n,).
        particle_mass_Msun: m_p, solar masses, (n,).
        radius_kpc: radii, kpc, (n, K).
        shells: K.
        truncated: whether the cut-off and the outer term are there; without them NFW and the mean.

    Returns:
        log10_density (n, K); shell_counts (n, K), expected; concentration, radius_200m_kpc and
        splashback_radius_kpc, where the slope is steepest, (n,).

    Source: B. Diemer and A. Kravtsov, ApJ 789 (2014) 1, arXiv:1401.1216, in the form for a given
    accretion rate; the concentration as in `density.concentrations`. L. Lucie-Smith et al., Phys.
    Rev. D 105 (2022) 103533, arXiv:2203.08827, learnt from such profiles.
    """

    kind: Literal["halo_profile"] = "halo_profile"
    parameters: ClassVar[Parameters] = {
        **Halo.parameters,
        "log10_mass_Msun": replace(
            Halo.parameters["log10_mass_Msun"],
            meaning="decimal logarithm of the mass that the uncut NFW profile alone has within "
            "R200m, over that of the Sun",
        ),
        "accretion_rate": Parameter("1", "growth, d ln M / d ln a", 0, 20, 1.0, symbol=r"\Gamma"),
        "outer_amplitude": Parameter("1", "matter around it, at 5 R", 0, 10, 1.0, symbol="b_e"),
        "outer_slope": Parameter("1", "slope of the matter around it", 0, 3, 1.5, symbol="s_e"),
        "particle_mass_Msun": Parameter(
            "Msun", "mass of a particle of the simulation", 1e3, 1e13, 1e8, symbol="m_p"
        ),
    }
    truncated: bool = True

    @property
    def columns(self) -> Fields:
        size = (self.shells,)
        splashback = "radius of the steepest slope beyond a tenth of R200m"
        mean = "decimal logarithm of the density over the mean"
        return {
            **LABELS,
            "radius_200m_kpc": replace(
                LABELS["radius_200m_kpc"],
                meaning="radius of 200 mean densities of the uncut NFW profile alone",
            ),
            "splashback_radius_kpc": Field("kpc", splashback, low=0.0, role="label"),
            "radius_kpc": _radius(self.shells),
            "log10_density": Field("1", mean, size),
            "shell_counts": Field("1", "particles in a shell", size, low=0.0),
            "log10_density_observed": Field(
                "1",
                f"{mean}, of the particles counted; of half a particle where there is none",
                size,
                role="estimate",
                needs=frozenset({"radius_kpc", "particle_mass_Msun", "shell_counts_observed"}),
            ),
        }

    def __call__(self, *, radius_kpc: NDArray, **inputs: Any) -> Columns:
        row, halo, labels = self.placed(inputs)
        outer = np.where(self.truncated, row["outer_amplitude"], 0.0)
        cut = density.cuts(halo[:, 0], row["accretion_rate"], self.truncated)
        shape = halo, cut, outer, row["outer_slope"]
        radius = np.ascontiguousarray(radius_kpc)
        if np.any(radius[:, -1] <= radius[:, 0]):
            raise ValueError("radius_kpc needs two different radii, as shells lie between them")
        profile, counts = density.profiles(radius, *shape, *gauss_legendre(_NODES))
        return {
            **labels,
            "splashback_radius_kpc": density.steepest(*shape),
            "log10_density": profile,
            "shell_counts": counts / row["particle_mass_Msun"][:, None],
        }

    def derivatives(self, **inputs: Any) -> dict[str, Columns]:
        """As of all shells; by b_e in closed form where a step leads to 0 or close to it."""
        found = super().derivatives(**inputs)
        outer = filled(self.parameters, inputs)["outer_amplitude"]
        least = outer < 10.0 * STEP
        if np.any(least):
            # Density and counts are linear in b_e.
            amplitudes = outer, np.ones(len(outer)), np.zeros(len(outer))
            here, one, no = (self(**{**inputs, "outer_amplitude": b}) for b in amplitudes)
            rho, more, none = (_density(made["log10_density"]) for made in (here, one, no))
            own = {
                "log10_density": (more - none) / (LN_10 * rho),
                "shell_counts": one["shell_counts"] - no["shell_counts"],
            }
            for name, slope in own.items():
                found[name]["outer_amplitude"][least] = slope[least]
        return found

    def estimate(self, rows: Columns) -> Columns:
        """The density of what was counted: its mass over the volumes of the shells, (n, K)."""
        mass = rows["shell_counts_observed"] * rows["particle_mass_Msun"][:, None]
        least = 0.5 * rows["particle_mass_Msun"]
        return {"log10_density_observed": density.counted(rows["radius_kpc"], mass, least)}


def _density(logarithm: Array) -> Array:
    """What decimal logarithms are of, (n, K)."""
    return exponential(LN_10 * logarithm.ravel()).reshape(logarithm.shape)


class HaloNFW(_Shells):
    r"""A halo of Navarro, Frenk and White alone, where everything has a closed form.

        rho = rho_s / (x (1 + x)^2),  M(<r) = M m(x) / m(c),  Sigma(r) = 2 rho_s r_s f(x)

    with x = r / r_s, f(x) = (1 - arccosh(1/x) / sqrt(1 - x^2)) / (x^2 - 1) below x = 1, and its
    continuation above.

    Args:
        log10_mass_Msun, concentration_offset_dex, radius_kpc, shells: as in `HaloProfile`.

    Returns:
        log10_density (n, K) over the mean of matter; enclosed_mass_Msun (n, K); surface_Msun_kpc2
        (n, K), the density along a line of sight at the projected distance radius_kpc;
        concentration and radius_200m_kpc (n,).

    Source: J. F. Navarro, C. S. Frenk, S. D. M. White, ApJ 490 (1997) 493, arXiv:astro-ph/9611107;
    C. O. Wright and T. G. Brainerd, ApJ 534 (2000) 34, for the surface density.
    """

    kind: Literal["halo_nfw"] = "halo_nfw"

    @property
    def columns(self) -> Fields:
        size = (self.shells,)
        return {
            **LABELS,
            "radius_kpc": _radius(self.shells),
            "log10_density": Field("1", "decimal logarithm of the density over the mean", size),
            "enclosed_mass_Msun": Field("Msun", "mass within the radius", size, low=0.0),
            "surface_Msun_kpc2": Field("Msun kpc-2", "surface density", size, low=0.0),
        }

    def __call__(self, *, radius_kpc: NDArray, **inputs: Any) -> Columns:
        _, halo, labels = self.placed(inputs)
        found = density.nfw(np.ascontiguousarray(radius_kpc), halo)
        names = ("log10_density", "enclosed_mass_Msun", "surface_Msun_kpc2")
        return labels | dict(zip(names, found, strict=True))
