"""The pressure of clusters in simulations: it depends on mass and redshift, not on R500 alone."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.simulators.halo.density import mass_within
from deepbench_hf.simulators.sz.pressure import EDGE, RHO_CRIT, expansion

ELECTRONS = 1.0 / 1.932
"""Pressure of the electrons over that of all of the gas."""
BARYONS = 0.049 / 0.3
"""Share of the baryons in all matter."""
GRAVITY = 4.30091727e-6 * 4.22420e-13
"""G, kpc (km/s)^2 / Msun, times (Msun kpc^-3 (km/s)^2) in keV / cm^3."""
_LN_10 = 2.302585092994046


@kernel
def _over_200(concentration: float) -> float:
    """R500 / R200 of a halo of Navarro, Frenk and White: m(c t) = 5/2 t^3 m(c), by bisection."""
    low, high, whole = 0.3, 1.0, mass_within(concentration)
    for _ in range(50):
        t = 0.5 * (low + high)
        if mass_within(concentration * t) > 2.5 * t * t * t * whole:
            low = t
        else:
            high = t
    return 0.5 * (low + high)


@kernel
def mass_200(log10_m500: float, z: float) -> tuple[float, float]:
    """M200, solar masses, and R500 / R200, both over the critical density.

    The concentration is 5.71 (h M200 / 2e12 Msun)^-0.084 (1 + z)^-0.47.

    Source: A. R. Duffy et al., MNRAS 390 (2008) L64, arXiv:0804.2486, table 1, NFW, full sample.
    """
    m500 = exact.exp(_LN_10 * log10_m500)
    mass, ratio = 1.5 * m500, 0.65
    for _ in range(12):
        spread = exact.power(0.7 * mass / 2e12, -0.084) * exact.power(1.0 + z, -0.47)
        ratio = _over_200(5.71 * spread)
        mass = m500 / (2.5 * ratio * ratio * ratio)
    return mass, ratio


@kernel(allocates=True)
def battaglia(log10_m500, z, radius_kpc, u, nodes, weights) -> tuple[float, Array]:
    """P200 of the electrons, keV / cm^3, and F(u) of a cluster; u in R500, to 5 R500.

        P = P200 P0 (x / x_c)^-0.3 (1 + x / x_c)^-b,  x = r / R200,  m = M200 / 1e14 Msun,
        P0 = 18.1 m^0.154 (1 + z)^-0.758,  x_c = 0.497 m^-0.00865 (1 + z)^0.731,
        b = 4.35 m^0.0393 (1 + z)^0.415,  P200 = 100 G M200 rho_c(z) f_b / R200.

    Source: N. Battaglia et al., Astrophys. J. 758 (2012) 75, arXiv:1109.3711, equations 10 and 11
    and table 1.
    """
    mass, ratio = mass_200(log10_m500, z)
    m, growth = mass / 1e14, expansion(z)
    height = 18.1 * exact.power(m, 0.154) * exact.power(1.0 + z, -0.758)
    core = 0.497 * exact.power(m, -0.00865) * exact.power(1.0 + z, 0.731)
    fall = 4.35 * exact.power(m, 0.0393) * exact.power(1.0 + z, 0.415)
    density = RHO_CRIT * growth * growth * BARYONS
    whole = ELECTRONS * 100.0 * GRAVITY * mass * density * ratio / radius_kpc
    out = np.zeros(u.size)
    for i in range(u.size):
        if u[i] < EDGE:
            half = np.sqrt((EDGE - u[i]) * (EDGE + u[i]))
            for k in range(nodes.size):
                t = 0.5 * (1.0 + nodes[k])
                cube = t * t * t
                depth = half * cube * t
                x = ratio * np.sqrt(u[i] * u[i] + depth * depth) / core
                steep = exact.power(x, -0.3) * exact.power(1.0 + x, -fall)
                out[i] += weights[k] * 4.0 * half * cube * height * steep
    return whole, out
