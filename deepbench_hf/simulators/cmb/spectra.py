"""Power spectra of the microwave background and of the lensing potential, by splines."""

from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import numpy as np

from deepbench_hf.exact.constants import DEGREE, TWO_PI
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.quantiles import exponential, logarithm

_CLOSE = 1e-12


class Spectra(NamedTuple):
    """Variances of the modes of a patch, (n, n / 2 + 1), in the order of `real_series`.

    Args:
        temperature, e_mode: of temperature and E polarisation, uK^2.
        correlation: of both.
        potential: of the lensing potential.
        l_x, l_y: the multipole vector of each mode.
    """

    temperature: Array
    e_mode: Array
    correlation: Array
    potential: Array
    l_x: Array
    l_y: Array


@lru_cache(4)
def spectra(n: int, side_deg: float) -> Spectra:
    """The variances of the modes of a square patch of n x n pixels.

    C = 2 pi D / (l (l + 1)) divided by the area, of the potential 2 pi D / (l (l + 1))^2. Outside
    30 <= l <= 6000, at l = 0 and on the row and column of Nyquist they are zero.

    Source: spectra.csv holds D of CAMB (arXiv:astro-ph/9911177) at 139 multipoles, unlensed, for
    H0 67.36, Omega_b h^2 0.02237, Omega_c h^2 0.12, sum m_nu 0.06 eV, tau 0.0544, A_s 2.1e-9, n_s
    0.9649. Between them natural cubic splines, in l, of ln D and of the correlation: within 0.7 %
    (TT), 2.9 % (EE), 0.016 (correlation) and 0.09 % (potential).
    """
    node, tt, ee, te, phi = _table()
    unit = TWO_PI / (side_deg * DEGREE)
    number = np.where(np.arange(n) > n // 2, np.arange(n) - n, np.arange(n)).astype(np.float64)
    l_x = np.repeat(unit * number[:, None], n // 2 + 1, axis=1)
    l_y = np.repeat(unit * np.arange(n // 2 + 1, dtype=np.float64)[None], n, axis=0)
    multipole = np.sqrt(l_x * l_x + l_y * l_y)
    # A patch of 12 degrees has its longest waves at l = 30, but for rounding.
    there = (multipole >= (1.0 - _CLOSE) * node[0]) & (multipole <= (1.0 + _CLOSE) * node[-1])
    there[n // 2], there[:, n // 2] = False, False
    inside = np.ascontiguousarray(multipole[there])
    area = (side_deg * DEGREE) * (side_deg * DEGREE)
    found = [np.zeros(multipole.shape) for _ in range(4)]
    scale = TWO_PI / (inside * (inside + 1.0) * area)
    bent = 1.0 / (inside * (inside + 1.0))
    found[0][there] = exponential(_spline(node, logarithm(tt), inside)) * scale
    found[1][there] = exponential(_spline(node, logarithm(ee), inside)) * scale
    found[2][there] = _spline(node, te / np.sqrt(tt * ee), inside)
    found[3][there] = exponential(_spline(node, logarithm(phi), inside)) * scale * bent
    for values in (*found, l_x, l_y):
        values.flags.writeable = False
    temperature, e_mode, correlation, potential = found
    return Spectra(temperature, e_mode, correlation, potential, l_x, l_y)


@lru_cache
def _table() -> tuple[Array, ...]:
    """Multipoles, D_TT, D_EE and D_TE (uK^2), and D_phiphi."""
    text = (resources.files("deepbench_hf.simulators.cmb") / "spectra.csv").read_text(
        encoding="utf-8"
    )
    rows = [[float(number) for number in line.split(",")] for line in text.splitlines()[1:]]
    return tuple(np.array(column) for column in zip(*rows, strict=True))


@kernel(allocates=True)
def _spline(x: Array, y: Array, at: Array) -> Array:
    """The natural cubic spline through (x, y), ``(m,)`` each, at places within them."""
    last = x.size - 1
    bend, rest = np.zeros(x.size), np.zeros(x.size)
    for i in range(1, last):
        below, above = x[i] - x[i - 1], x[i + 1] - x[i]
        share = below / (below + above)
        pivot = share * bend[i - 1] + 2.0
        bend[i] = (share - 1.0) / pivot
        jump = (y[i + 1] - y[i]) / above - (y[i] - y[i - 1]) / below
        rest[i] = (6.0 * jump / (below + above) - share * rest[i - 1]) / pivot
    second = np.zeros(x.size)
    for i in range(last - 1, 0, -1):
        second[i] = bend[i] * second[i + 1] + rest[i]
    out = np.empty(at.size)
    for j in range(at.size):
        low = min(max(np.searchsorted(x, at[j]) - 1, 0), last - 1)
        width = x[low + 1] - x[low]
        a, b = (x[low + 1] - at[j]) / width, (at[j] - x[low]) / width
        curved = (a * a * a - a) * second[low] + (b * b * b - b) * second[low + 1]
        out[j] = a * y[low] + b * y[low + 1] + curved * width * width / 6.0
    return out
