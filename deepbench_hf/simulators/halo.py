"""Dark matter haloes: density against radius, shells of particles, and maps of surface density."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pydantic
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.images import Picture, scalars

Array = NDArray[np.float64]

OMEGA_M = 0.3
"""Matter of a flat universe with h = 0.7, over the critical density."""
RHO_M = OMEGA_M * 135.99295
"""Mean density of matter today, Msun / kpc^3."""
OVERDENSITY = 200.0
INNERMOST, OUTERMOST = 0.01, 3.0
"""The first and the last radius, in units of R200m."""
_LN_10 = 2.302585092994046
_NODES = 8
_SHELL_PI = 4.0 * 3.141592653589793


def concentration_of(log10_mass: Array, offset_dex: Array) -> Array:
    """c = 10.14 (h M / 2e12 Msun)^-0.081 10^offset, ``(n,)``.

    Source: A. R. Duffy et al., MNRAS 390 (2008) L64, arXiv:0804.2486, for R200m at redshift 0.
    """
    return _concentration(log10_mass, offset_dex)


class _Halo(Simulator):
    """What all models of a halo share: its mass and its concentration."""

    parameters: ClassVar[Mapping[str, Parameter]] = {
        "log10_mass_msun": Parameter(
            "1", "decimal logarithm of the mass within R200m over that of the Sun", 9, 16.5,
            symbol=r"\log_{10} M",
        ),
        "concentration_offset_dex": Parameter(
            "dex", "scatter of the concentration about its mean at this mass", -1, 1, 0.0,
            symbol=r"\Delta\log_{10} c",
        ),
    }  # fmt: skip

    def refuse(self, supports: Mapping[str, tuple[float, float]]) -> str | None:
        """Some mass and scatter together have a concentration that no halo has."""
        ends = [np.array(supports.get(name, (0.0, 0.0))) for name in _Halo.parameters]
        high, low = concentration_of(ends[0], ends[1][::-1])
        if 1.0 <= low and high <= 100.0:
            return None
        return f"concentrations reach [{low:.3g}, {high:.3g}]; accepted are 1 to 100"


class HaloProfile(_Halo):
    r"""Density of a halo against radius, over the mean density of matter, and counts in shells.

    With x = c r / R, R = R200m and m(c) = ln(1 + c) - c / (1 + c),

        rho / rho_m = (200/3) c^3 / m(c) / (x (1 + x)^2) [1 + (r / r_t)^6]^(-2/3)
                      + b_e (r / 5 R)^(-s_e) + 1,
        r_t / R     = 0.43 (1 + 0.92 Omega_m) (1 + 2.18 e^(-Gamma / 1.91)):

    a profile of Navarro, Frenk and White, cut off the further inside the faster the halo grows, in
    the matter around it. A shell holds int 4 pi r^2 rho dr / m_p particles.

    Args:
        log10_mass_msun: of M within R200m, in solar masses, (n,).
        concentration_offset_dex: scatter of the concentration about its mean, dex, (n,).
        accretion_rate: Gamma, d ln M / d ln a, (n,).
        outer_amplitude: b_e, (n,).
        outer_slope: s_e, (n,).
        particle_mass_msun: m_p, solar masses, (n,).
        radius_kpc: radii, kpc, (n, K).
        shells: K.
        truncated: whether the cut-off and the outer term are there; without them NFW and the mean.

    Returns:
        log10_density (n, K); shell_counts (n, K), expected; concentration, radius_200m_kpc and
        splashback_radius_kpc, where the slope is steepest, (n,).

    Source: B. Diemer and A. Kravtsov, ApJ 789 (2014) 1, arXiv:1401.1216, in the form for a given
    accretion rate; the concentration as in `concentration_of`. What is learnt from such profiles
    is that of L. Lucie-Smith et al., Phys. Rev. D 105 (2022) 103533, arXiv:2203.08827.
    """

    kind: Literal["halo_profile"] = "halo_profile"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        **_Halo.parameters,
        "accretion_rate": Parameter("1", "growth, d ln M / d ln a", 0, 20, 1.0, symbol=r"\Gamma"),
        "outer_amplitude": Parameter("1", "matter around it, at 5 R", 0, 10, 1.0, symbol="b_e"),
        "outer_slope": Parameter("1", "slope of the matter around it", 0, 3, 1.5, symbol="s_e"),
        "particle_mass_msun": Parameter(
            "Msun", "mass of a particle of the simulation", 1e3, 1e13, 1e8, symbol="m_p"
        ),
    }
    shells: Annotated[int, pydantic.Field(ge=2, le=4096)] = 24
    truncated: bool = True

    @property
    def coordinates(self) -> Mapping[str, Field]:
        """The radii, from 0.01 to 3 R200m in equal steps of the logarithm."""
        return {"radius_kpc": Field("kpc", "distance from the centre", (self.shells,), low=0.0)}

    @property
    def fields(self) -> Mapping[str, Field]:
        """The profile, the shells, and what follows from the mass."""
        return {
            "concentration": Field("1", "R200m over the scale radius", low=0.0),
            "radius_200m_kpc": Field("kpc", "radius of 200 mean densities", low=0.0),
            "splashback_radius_kpc": Field("kpc", "radius of the steepest slope", low=0.0),
            "log10_density": Field(
                "1", "decimal logarithm of the density over the mean", (self.shells,)
            ),
            "shell_counts": Field("1", "particles in a shell", (self.shells,), low=0.0),
        }

    def locate(self, **parameters: NDArray) -> Columns:
        """The radii ``radius_kpc`` (n, shells)."""
        return {"radius_kpc": _radii(np.asarray(parameters["log10_mass_msun"]), self.shells)}

    def __call__(self, *, radius_kpc: NDArray, **inputs: Any) -> Columns:
        """The profiles."""
        row = scalars(self.parameters, inputs)
        halo = _haloes(row["log10_mass_msun"], row["concentration_offset_dex"])
        outer = np.where(self.truncated, row["outer_amplitude"], 0.0)
        cut = _cuts(halo[:, 0], row["accretion_rate"], self.truncated)
        shape = halo, cut, outer, row["outer_slope"]
        radius = np.ascontiguousarray(radius_kpc)
        density, counts = _profiles(radius, *shape, *gauss_legendre(_NODES))
        return {
            "concentration": halo[:, 1].copy(),
            "radius_200m_kpc": halo[:, 0].copy(),
            "splashback_radius_kpc": _steepest(*shape),
            "log10_density": density,
            "shell_counts": counts / row["particle_mass_msun"][:, None],
        }


class HaloNFW(_Halo):
    r"""A halo of Navarro, Frenk and White alone, where everything has a closed form.

        rho = rho_s / (x (1 + x)^2),  M(<r) = M m(x) / m(c),  Sigma(r) = 2 rho_s r_s f(x),  x = r / r_s

    with f(x) = (1 - arccosh(1/x) / sqrt(1 - x^2)) / (x^2 - 1) below x = 1 and its continuation above.

    Args:
        log10_mass_msun, concentration_offset_dex, radius_kpc, shells: as in `HaloProfile`.

    Returns:
        log10_density (n, K) over the mean of matter; enclosed_mass_msun (n, K); surface_msun_kpc2
        (n, K), the density along a line of sight at the projected distance radius_kpc;
        concentration and radius_200m_kpc (n,).

    Source: J. F. Navarro, C. S. Frenk, S. D. M. White, ApJ 490 (1997) 493, arXiv:astro-ph/9611107;
    C. O. Wright and T. G. Brainerd, ApJ 534 (2000) 34, for the surface density.
    """

    kind: Literal["halo_nfw"] = "halo_nfw"
    shells: Annotated[int, pydantic.Field(ge=2, le=4096)] = 24

    @property
    def coordinates(self) -> Mapping[str, Field]:
        """The radii, as in `HaloProfile`."""
        return {"radius_kpc": Field("kpc", "distance from the centre", (self.shells,), low=0.0)}

    @property
    def fields(self) -> Mapping[str, Field]:
        """Density, mass and surface density."""
        size = (self.shells,)
        return {
            "concentration": Field("1", "R200m over the scale radius", low=0.0),
            "radius_200m_kpc": Field("kpc", "radius of 200 mean densities", low=0.0),
            "log10_density": Field("1", "decimal logarithm of the density over the mean", size),
            "enclosed_mass_msun": Field("Msun", "mass within the radius", size, low=0.0),
            "surface_msun_kpc2": Field("Msun kpc-2", "surface density", size, low=0.0),
        }

    def locate(self, **parameters: NDArray) -> Columns:
        """The radii ``radius_kpc`` (n, shells)."""
        return {"radius_kpc": _radii(np.asarray(parameters["log10_mass_msun"]), self.shells)}

    def __call__(self, *, radius_kpc: NDArray, **inputs: Any) -> Columns:
        """The profiles."""
        row = scalars(self.parameters, inputs)
        halo = _haloes(row["log10_mass_msun"], row["concentration_offset_dex"])
        found = _nfw(np.ascontiguousarray(radius_kpc), halo)
        names = ("log10_density", "enclosed_mass_msun", "surface_msun_kpc2")
        return {
            "concentration": halo[:, 1].copy(),
            "radius_200m_kpc": halo[:, 0].copy(),
            **dict(zip(names, found, strict=True)),
        }


class HaloMap(_Halo, Picture):
    """Surface density of a halo whose contours are ellipses, over a square of 4 R200m.

    Sigma of `HaloNFW` at R^2 = q x^2 + y^2 / q, with x and y along the axes of the ellipse, at the
    middle of each pixel; the halo lies in the middle of the image, between four pixels.

    Args:
        log10_mass_msun, concentration_offset_dex: as in `HaloProfile`.
        axis_ratio: q, (n,); 1 by default.
        angle_deg: of the long axis from +x towards +y, degrees, (n,); 0 by default.

    Returns:
        image (n, H, W) float32, decimal logarithm of Sigma in solar masses / kpc^2; concentration
        and radius_200m_kpc (n,).

    Source: as `HaloNFW`.
    """

    kind: Literal["halo_map"] = "halo_map"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        **_Halo.parameters,
        "axis_ratio": Parameter("1", "short over long axis of the contours", 0.1, 1, 1.0, symbol="q"),
        "angle_deg": Parameter("deg", "angle of the long axis", 0, 180, 0.0, symbol=r"\theta"),
    }

    @property
    def fields(self) -> Mapping[str, Field]:
        """The map, and what follows from the mass."""
        unit = "dex(Msun kpc-2)"
        return {
            "concentration": Field("1", "R200m over the scale radius", low=0.0),
            "radius_200m_kpc": Field("kpc", "radius of 200 mean densities", low=0.0),
            "image": Field(unit, "logarithm of the surface density", self.image_size, "float32"),
        }

    def __call__(self, **inputs: Any) -> Columns:
        """The maps."""
        row = scalars(self.parameters, inputs)
        halo = _haloes(row["log10_mass_msun"], row["concentration_offset_dex"])
        image = np.empty((len(halo), *self.image_size), np.float32)
        _maps(halo, row["axis_ratio"], row["angle_deg"], image)
        return {
            "concentration": halo[:, 1].copy(), "radius_200m_kpc": halo[:, 0].copy(), "image": image,
        }  # fmt: skip


@kernel(allocates=True)
def _concentration(log10_mass: Array, offset_dex: Array) -> Array:
    out = np.empty(log10_mass.size)
    pivot = exact.log(2e12 / 0.7)
    for i in range(out.size):
        offset = _LN_10 * offset_dex[i]
        out[i] = 10.14 * exact.exp(offset - 0.081 * (_LN_10 * log10_mass[i] - pivot))
    return out


@kernel
def _radius_200m(log10_mass: float) -> float:
    """(3 M / (800 pi rho_m))^(1/3), kpc."""
    pivot = exact.log(_SHELL_PI * OVERDENSITY * RHO_M / 3.0)
    return exact.exp((_LN_10 * log10_mass - pivot) / 3.0)


@kernel(allocates=True)
def _haloes(log10_mass: Array, offset_dex: Array) -> Array:
    """R200m (kpc), c, r_s (kpc) and rho_s / rho_m, (n, 4)."""
    out, c = np.empty((log10_mass.size, 4)), _concentration(log10_mass, offset_dex)
    for i in range(log10_mass.size):
        radius = _radius_200m(log10_mass[i])
        out[i, 0], out[i, 1], out[i, 2] = radius, c[i], radius / c[i]
        out[i, 3] = OVERDENSITY / 3.0 * c[i] * c[i] * c[i] / _mass(c[i])
    return out


@kernel
def _mass(x: float) -> float:
    """ln(1 + x) - x / (1 + x); by its series where the two nearly cancel."""
    if x > 0.02:
        return exact.log(1.0 + x) - x / (1.0 + x)
    total = 0.0
    for k in range(12, 1, -1):
        total = total * -x + (k - 1.0) / k
    return total * x * x


@kernel(allocates=True)
def _radii(log10_mass: Array, shells: int) -> Array:
    out = np.empty((log10_mass.size, shells))
    first, last = exact.log(INNERMOST), exact.log(OUTERMOST)
    for i in range(log10_mass.size):
        radius = _radius_200m(log10_mass[i])
        for k in range(shells):
            part = (first * (shells - 1.0 - k) + last * k) / (shells - 1.0)
            out[i, k] = radius * exact.exp(part)
    return out


@kernel(allocates=True)
def _cuts(radius: Array, rate: Array, truncated: bool) -> Array:
    """1 / r_t, 1 / kpc, (n,); 0 where there is no cut-off."""
    out = np.zeros_like(radius)
    for i in range(radius.size):
        if truncated:
            wide = 1.0 + 2.18 * exact.exp(-rate[i] / 1.91)
            out[i] = 1.0 / (0.43 * (1.0 + 0.92 * OMEGA_M) * wide * radius[i])
    return out


@kernel
def _terms(r: float, halo: Array, cut: float, outer: float, slope: float):
    """The two terms beside the mean, over it, and their logarithmic slopes, and that of the first's.

    Returns:
        inner, outer, d ln inner / d ln r, d^2 ln inner / d (ln r)^2.
    """
    x, u = r / halo[2], r * cut
    cube = u * u * u
    sixth = cube * cube
    inner = halo[3] / (x * (1.0 + x) * (1.0 + x)) * exact.exp(-2.0 / 3.0 * exact.log(1.0 + sixth))
    around = outer * exact.exp(-slope * exact.log(r / (5.0 * halo[0]))) if outer > 0.0 else 0.0
    falling = -(1.0 + 3.0 * x) / (1.0 + x) - 4.0 * sixth / (1.0 + sixth)
    bend = -2.0 * x / ((1.0 + x) * (1.0 + x)) - 24.0 * sixth / ((1.0 + sixth) * (1.0 + sixth))
    return inner, around, falling, bend


@kernel(allocates=True)
def _profiles(radius, halo, cut, outer, slope, nodes, weights):
    """Decimal logarithm of rho / rho_m, and the mass of each shell in solar masses, (n, K) each."""
    density, mass = np.empty_like(radius), np.empty_like(radius)
    last = radius.shape[1] - 1
    for i in range(radius.shape[0]):
        for k in range(last + 1):
            r = radius[i, k]
            inner, around, _, _ = _terms(r, halo[i], cut[i], outer[i], slope[i])
            density[i, k] = exact.log(inner + around + 1.0) / _LN_10
            # The edges of a shell lie half-way, in ln r, to its neighbours.
            up = exact.log(radius[i, k + 1] / r) if k < last else exact.log(r / radius[i, k - 1])
            down = exact.log(r / radius[i, k - 1]) if k > 0 else exact.log(radius[i, k + 1] / r)
            half, total = 0.25 * (up + down), 0.0
            for j in range(nodes.size):
                at = r * exact.exp(0.25 * (up - down) + half * nodes[j])
                inner, around, _, _ = _terms(at, halo[i], cut[i], outer[i], slope[i])
                total += weights[j] * at * at * at * (inner + around + 1.0)
            mass[i, k] = _SHELL_PI * RHO_M * half * total
    return density, mass


@kernel
def _steepening(r, halo, cut, outer, slope):
    """d^2 ln rho / d (ln r)^2 times rho^2: below zero where the profile still gets steeper."""
    inner, around, falling, bend = _terms(r, halo, cut, outer, slope)
    rho = inner + around + 1.0
    first = inner * falling - around * slope
    second = inner * (falling * falling + bend) + around * slope * slope
    return second * rho - first * first


@kernel(allocates=True)
def _steepest(halo, cut, outer, slope):
    """The radius of the steepest slope, kpc, (n,): where the curvature first changes its sign.

    From 0.1 R200m outwards in steps of a tenth of a factor e, then by bisection.
    """
    out = np.empty(halo.shape[0])
    for i in range(out.size):
        low = 0.1 * halo[i, 0]
        high, step = low, exact.exp(0.1)
        for _ in range(80):
            low, high = high, high * step
            if _steepening(high, halo[i], cut[i], outer[i], slope[i]) > 0.0:
                break
        for _ in range(60):
            middle = 0.5 * (low + high)
            if _steepening(middle, halo[i], cut[i], outer[i], slope[i]) > 0.0:
                high = middle
            else:
                low = middle
        out[i] = 0.5 * (low + high)
    return out


@kernel
def _surface(x: float) -> float:
    """f(x) of the surface density; by its series near x = 1, where it is 0 / 0."""
    d = x - 1.0
    if abs(d) < 2e-3:
        return 1 / 3 + d * (-2 / 5 + d * (13 / 35 + d * (-20 / 63 + d * 295 / 1155)))
    if x < 1.0:
        root = np.sqrt((1.0 - x) * (1.0 + x))
        arc = exact.log((1.0 + root) / x)
    else:
        root = np.sqrt((x - 1.0) * (x + 1.0))
        arc = exact.atan2(root, 1.0)
    return (1.0 - arc / root) / ((x - 1.0) * (x + 1.0))


@kernel(allocates=True)
def _nfw(radius, halo):
    """Decimal logarithm of rho / rho_m, mass within (Msun), surface density (Msun / kpc^2)."""
    out = np.empty((3, *radius.shape))
    for i in range(radius.shape[0]):
        r_s, rho_s = halo[i, 2], halo[i, 3]
        for k in range(radius.shape[1]):
            x = radius[i, k] / r_s
            out[0, i, k] = exact.log(rho_s / (x * (1.0 + x) * (1.0 + x))) / _LN_10
            out[1, i, k] = _SHELL_PI * RHO_M * rho_s * r_s * r_s * r_s * _mass(x)
            out[2, i, k] = 2.0 * RHO_M * rho_s * r_s * _surface(x)
    return out


@kernel
def _maps(halo, ratio, angle, image):
    """Fill in the decimal logarithm of the surface density at the middle of every pixel."""
    n, rows, columns = image.shape
    for i in range(n):
        s, c = exact.sincosd(angle[i])
        pixel = 4.0 * halo[i, 0] / max(rows, columns)
        scale = 2.0 * RHO_M * halo[i, 3] * halo[i, 2]
        for y in range(rows):
            for x in range(columns):
                dx, dy = (x - 0.5 * (columns - 1)) * pixel, (y - 0.5 * (rows - 1)) * pixel
                along, across = c * dx + s * dy, c * dy - s * dx
                square = ratio[i] * along * along + across * across / ratio[i]
                near = np.sqrt(max(square, 0.0625 * pixel * pixel)) / halo[i, 2]
                image[i, y, x] = np.float32(exact.log(scale * _surface(near)) / _LN_10)
