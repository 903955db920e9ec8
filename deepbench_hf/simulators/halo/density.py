"""The density of halos: the profile of Navarro, Frenk and White, its cut-off, what is around."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.constants import LN_10, PI
from deepbench_hf.exact.kernel import Array, kernel

OMEGA_M = 0.3
"""Matter of a flat universe with h = 0.7, over the critical density."""
RHO_CRIT = 135.99295
"""Critical density today for h = 0.7, Msun / kpc^3."""
RHO_M = OMEGA_M * RHO_CRIT
"""Mean density of matter today, Msun / kpc^3."""
OVERDENSITY = 200.0
INNERMOST, OUTERMOST = 0.01, 3.0
"""The first and the last radius, in units of R200m."""
_SHELL_PI = 4.0 * PI
_OUTWARDS = 50
"""Steps in which a slope is looked for: up to 15 R200m, where all is mean density."""


@kernel(allocates=True)
def concentrations(log10_mass: Array, offset_dex: Array) -> Array:
    """The concentration, 10.14 (h M / 2e12 Msun)^-0.081 10^offset, (n,).

    Source: A. R. Duffy et al., MNRAS 390 (2008) L64, arXiv:0804.2486, for R200m at redshift 0.
    """
    out = np.empty(log10_mass.size)
    pivot = exact.log(2e12 / 0.7)
    for i in range(out.size):
        offset = LN_10 * offset_dex[i]
        out[i] = 10.14 * exact.exp(offset - 0.081 * (LN_10 * log10_mass[i] - pivot))
    return out


@kernel
def _radius_200m(log10_mass: float) -> float:
    """(3 M / (800 pi rho_m))^(1/3), kpc."""
    pivot = exact.log(_SHELL_PI * OVERDENSITY * RHO_M / 3.0)
    return exact.exp((LN_10 * log10_mass - pivot) / 3.0)


@kernel(allocates=True)
def halos(log10_mass: Array, offset_dex: Array) -> Array:
    """R200m (kpc), c, r_s (kpc) and rho_s / rho_m, (n, 4)."""
    out, c = np.empty((log10_mass.size, 4)), concentrations(log10_mass, offset_dex)
    for i in range(log10_mass.size):
        radius = _radius_200m(log10_mass[i])
        out[i, 0], out[i, 1], out[i, 2] = radius, c[i], radius / c[i]
        out[i, 3] = OVERDENSITY / 3.0 * c[i] * c[i] * c[i] / mass_within(c[i])
    return out


@kernel
def mass_within(x: float) -> float:
    """ln(1 + x) - x / (1 + x); by its series where the two nearly cancel."""
    if x > 0.02:
        return exact.log(1.0 + x) - x / (1.0 + x)
    total = 0.0
    for k in range(12, 1, -1):
        total = total * -x + (k - 1.0) / k
    return total * x * x


@kernel(allocates=True)
def radii(log10_mass: Array, shells: int) -> Array:
    """Radii from 0.01 to 3 R200m in equal steps of the logarithm, kpc, (n, shells)."""
    out = np.empty((log10_mass.size, shells))
    first, last = exact.log(INNERMOST), exact.log(OUTERMOST)
    for i in range(log10_mass.size):
        radius = _radius_200m(log10_mass[i])
        for k in range(shells):
            part = (first * (shells - 1.0 - k) + last * k) / (shells - 1.0)
            out[i, k] = radius * exact.exp(part)
    return out


@kernel(allocates=True)
def cuts(radius: Array, rate: Array, truncated: bool) -> Array:
    """1 / r_t, 1 / kpc, (n,); 0 where there is no cut-off."""
    out = np.zeros_like(radius)
    for i in range(radius.size):
        if truncated:
            wide = 1.0 + 2.18 * exact.exp(-rate[i] / 1.91)
            out[i] = 1.0 / (0.43 * (1.0 + 0.92 * OMEGA_M) * wide * radius[i])
    return out


@kernel(inline=True)
def _terms(r: float, halo: Array, cut: float, outer: float, slope: float):
    """The two terms beside the mean, over the mean, and the logarithmic slopes of the first.

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


@kernel
def _edges(radius: Array, k: int) -> tuple[float, float]:
    """How far the edges of shell k lie below and above its radius, in ln r: half-way to the next.

    The first and the last shell are as wide on the other side.
    """
    last = radius.size - 1
    up = exact.log(radius[k + 1] / radius[k]) if k < last else exact.log(radius[k] / radius[k - 1])
    down = (
        exact.log(radius[k] / radius[k - 1]) if k else exact.log(radius[min(1, last)] / radius[0])
    )
    return 0.5 * down, 0.5 * up


@kernel(allocates=True)
def counted(radius: Array, mass: Array, least: Array) -> Array:
    """Decimal logarithm of the density over the mean, from the mass (Msun) in shells, (n, K).

    Below the least mass, (n,), that stands for it.
    """
    out = np.empty_like(radius)
    for i in range(radius.shape[0]):
        for k in range(radius.shape[1]):
            down, up = _edges(radius[i], k)
            inner, outer = radius[i, k] * exact.exp(-down), radius[i, k] * exact.exp(up)
            volume = _SHELL_PI / 3.0 * (outer * outer * outer - inner * inner * inner)
            out[i, k] = exact.log(max(mass[i, k], least[i]) / (RHO_M * volume)) / LN_10
    return out


@kernel(allocates=True)
def profiles(radius, halo, cut, outer, slope, nodes, weights):
    """Decimal logarithm of rho / rho_m, and the mass of each shell in solar masses, (n, K) each."""
    density, mass, parts = np.empty_like(radius), np.empty_like(radius), np.empty(nodes.size)
    for i in range(radius.shape[0]):
        for k in range(radius.shape[1]):
            r = radius[i, k]
            inner, around, _, _ = _terms(r, halo[i], cut[i], outer[i], slope[i])
            density[i, k] = exact.log(inner + around + 1.0) / LN_10
            down, up = _edges(radius[i], k)
            half, total = 0.5 * (up + down), 0.0
            shell = r, 0.5 * (up - down), half
            _fill_shell(shell, halo[i], cut[i], outer[i], slope[i], nodes, weights, parts)
            for j in range(nodes.size):
                total += parts[j]
            mass[i, k] = _SHELL_PI * RHO_M * half * total
    return density, mass


@kernel
def _fill_shell(shell, halo, cut, outer, slope, nodes, weights, parts) -> None:
    """Fill in the parts of the mass of a shell, of which radius, middle and half width are given.

    The latter two in ln r, from the radius.
    """
    r, middle, half = shell
    for j in range(nodes.size):
        at = r * exact.exp(middle + half * nodes[j])
        inner, around, _, _ = _terms(at, halo, cut, outer, slope)
        parts[j] = weights[j] * at * at * at * (inner + around + 1.0)


@kernel
def _bends(r, halo, cut, outer, slope):
    """The logarithmic slope of the profile, and its derivative by ln r."""
    inner, around, falling, bend = _terms(r, halo, cut, outer, slope)
    rho = inner + around + 1.0
    first = inner * falling - around * slope
    second = inner * (falling * falling + bend) + around * slope * slope
    return first / rho, (second * rho - first * first) / (rho * rho)


@kernel(allocates=True)
def steepest(halo, cut, outer, slope):
    """The radius of the steepest slope beyond 0.1 R200m, kpc, (n,).

    A profile may steepen, flatten in the matter around it, and steepen again at its cut-off: of all
    places where the curvature turns from falling to rising, found in steps of a tenth of a factor e
    and by bisection, it is the one with the lowest slope.
    """
    out = np.empty(halo.shape[0])
    for i in range(out.size):
        high, step, least = 0.1 * halo[i, 0], exact.exp(0.1), 0.0
        out[i] = high
        rising = _bends(high, halo[i], cut[i], outer[i], slope[i])[1] > 0.0
        for _ in range(_OUTWARDS):
            low, high, before = high, high * step, rising
            rising = _bends(high, halo[i], cut[i], outer[i], slope[i])[1] > 0.0
            if before or not rising:
                continue
            place = _turn(low, high, halo[i], cut[i], outer[i], slope[i])
            fall = _bends(place, halo[i], cut[i], outer[i], slope[i])[0]
            if fall < least:
                out[i], least = place, fall
    return out


@kernel
def _turn(low, high, halo, cut, outer, slope):
    """Where between two radii the curvature turns from falling to rising, by bisection, kpc."""
    for _ in range(60):
        middle = 0.5 * (low + high)
        if _bends(middle, halo, cut, outer, slope)[1] > 0.0:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


@kernel
def surface(x: float) -> float:
    """f(x) of the surface density; by its series near x = 1, where it is 0 / 0.

    All three forms are found and one is chosen, as a loop over pixels then vectorises.
    """
    d = x - 1.0
    series = 1 / 3 + d * (-2 / 5 + d * (13 / 35 + d * (-20 / 63 + d * 295 / 1155)))
    square = d * (x + 1.0)
    root = np.sqrt((1.0 - x) * (1.0 + x) if x < 1.0 else square)
    within, beyond = exact.log((1.0 + root) / x), exact.atan2(root, 1.0)
    value = (1.0 - (within if x < 1.0 else beyond) / root) / square
    return series if abs(d) < 2e-3 else value


@kernel(allocates=True)
def nfw(radius, halo):
    """Decimal logarithm of rho / rho_m, mass within (Msun), surface density (Msun / kpc^2)."""
    out = np.empty((3, *radius.shape))
    for i in range(radius.shape[0]):
        _fill_nfw(radius[i], halo[i, 2], halo[i, 3], out[0, i], out[1, i], out[2, i])
    return out


@kernel
def _fill_nfw(radius, r_s: float, rho_s: float, density, mass, sigma) -> None:
    """Fill in `nfw` of one halo, in loops of their own, which vectorise."""
    for k in range(radius.size):
        x = radius[k] / r_s
        density[k] = exact.log(rho_s / (x * (1.0 + x) * (1.0 + x))) / LN_10
    for k in range(radius.size):
        mass[k] = _SHELL_PI * RHO_M * rho_s * r_s * r_s * r_s * mass_within(radius[k] / r_s)
    for k in range(radius.size):
        sigma[k] = 2.0 * RHO_M * rho_s * r_s * surface(radius[k] / r_s)
