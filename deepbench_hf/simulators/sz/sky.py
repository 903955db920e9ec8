"""What lies behind and before a cluster: the microwave background, dust, and point sources."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import ARCMIN, DEGREE, TWO_PI
from deepbench_hf.exact.kernel import Array, kernel
from deepbench_hf.exact.poisson import poisson_number
from deepbench_hf.simulators.cmb.spectra import spectra
from deepbench_hf.simulators.inputs import uniform

PATCH_ARCMIN = 64.0
"""Side of the periodic patch of the background, in whose middle the cutout lies."""
MODES = 32
"""Modes of the patch in a row or column, those of Nyquist left out."""
DUST_SLOPE, DUST_PIVOT = -1.2, 3000.0
SOURCES = 192
"""Most point sources round a cutout."""
FAINTEST_MJY, BRIGHTEST_MJY = 0.5, 10.0
COUNTS_DEG2 = 60.0
"""Point sources above 1 mJy at 148 GHz on a square degree; N(>S) falls as S^-1.5."""
FIELD_ARCMIN, MARGIN_ARCMIN = 16.0, 8.0
"""Least side of the square, round the middle of the cutout, in which there are point sources, and
by how much it is larger than a cutout."""
RADIO_SHARE, RADIO_SLOPE, DUSTY_SLOPE = 0.7, -0.5, 3.5
"""Share of sources whose flux falls with frequency, its slope, and the slope of the others."""
_ARCMIN_IN_DEGREE = 60.0


@lru_cache(2)
def background_power() -> tuple[Array, Array, Array]:
    """Variances of the modes, uK^2, of the background and of dust with D_3000 = 1 uK^2, and l."""
    power = spectra(MODES, PATCH_ARCMIN / _ARCMIN_IN_DEGREE)
    square = power.l_x * power.l_x + power.l_y * power.l_y
    side = PATCH_ARCMIN / _ARCMIN_IN_DEGREE * DEGREE
    return power.temperature, _dust(square, power.temperature > 0.0, side * side), np.sqrt(square)


@kernel(allocates=True)
def _dust(square: Array, there: NDArray[np.bool_], area: float) -> Array:
    """C_l = 2 pi D_3000 / (3000 x 3001) (l / 3000)^-1.2 over the area, for D_3000 = 1 uK^2."""
    out = np.zeros(square.shape)
    level = TWO_PI / (DUST_PIVOT * (DUST_PIVOT + 1.0) * area)
    rows, columns = square.shape
    for i in range(rows):
        for j in range(columns):
            if there[i, j]:
                ratio = np.sqrt(square[i, j]) / DUST_PIVOT
                out[i, j] = level * exact.power(ratio, DUST_SLOPE)
    return out


@kernel(allocates=True)
def add_modes(field: Array, real: Array, imaginary: Array, pixel: float) -> None:
    """Add the real field of modes (n, n / 2 + 1) to a cutout (H, W) in the middle of the patch.

    sum over k of a[k] e^(2 pi i (k_x x + k_y y) / side): rows and columns part, so a mode costs a
    line of pixels and not an image. The side of a pixel is in arcmin.
    """
    rows, columns = field.shape
    n, half = real.shape[0], real.shape[1] - 1
    sine, cosine = np.empty((2 * half, columns)), np.empty((2 * half, columns))
    for m in range(1 - half, half):
        for i in range(columns):
            place = (i - 0.5 * (columns - 1.0)) * pixel / PATCH_ARCMIN
            sine[m + half, i], cosine[m + half, i] = exact.sincosd(360.0 * m * place)
    line_re, line_im = np.empty(columns), np.empty(columns)
    for k in range(half):
        factor = 1.0 if k == 0 else 2.0
        line_re[:], line_im[:] = 0.0, 0.0
        for m in range(1 - half, half):
            a, b = real[m % n, k], imaginary[m % n, k]
            if a == 0.0 and b == 0.0:
                continue
            for i in range(columns):
                s, c = sine[m + half, i], cosine[m + half, i]
                line_re[i] += a * c - b * s
                line_im[i] += a * s + b * c
        for j in range(rows):
            place = (j - 0.5 * (rows - 1.0)) * pixel / PATCH_ARCMIN
            s, c = exact.sincosd(360.0 * k * place)
            for i in range(columns):
                field[j, i] += factor * (line_re[i] * c - line_im[i] * s)


def point_sources(realization: NDArray, side_arcmin: float = 0.0) -> Array:
    """Flux at 148 GHz (mJy), slope, x and y (arcmin) of the sources of one realization, (n, 4).

    They lie in and round a cutout of a side. Their number is Poisson, and N(>S) of their fluxes
    falls as S^-1.5 between 0.5 and 10 mJy. The counts are ours.
    """
    u = uniform(realization, "point sources", 1 + 4 * SOURCES)[0]
    field = max(FIELD_ARCMIN, side_arcmin + MARGIN_ARCMIN)
    return _sources(u[0], u[1:].reshape(SOURCES, 4).copy(), field)


@kernel(allocates=True)
def _sources(number: float, u: Array, field: float) -> Array:
    """The sources in a square from uniform numbers: one for how many, four for each."""
    faint = exact.power(FAINTEST_MJY, -1.5)
    bright = exact.power(BRIGHTEST_MJY, -1.5)
    side = field / _ARCMIN_IN_DEGREE
    mean = COUNTS_DEG2 * (faint - bright) * side * side
    count = poisson_number(number, mean, SOURCES)
    out = np.empty((count, 4))
    for i in range(count):
        out[i, 0] = exact.power(bright + (faint - bright) * (1.0 - u[i, 0]), -2.0 / 3.0)
        out[i, 1] = RADIO_SLOPE if u[i, 1] < RADIO_SHARE else DUSTY_SLOPE
        out[i, 2] = field * (u[i, 2] - 0.5)
        out[i, 3] = field * (u[i, 3] - 0.5)
    return out


@kernel
def add_sources(field, sources, ratio, unit, sigma, pixel):
    """Add point sources behind a Gaussian beam to a cutout (H, W), uK.

    The ratio is that of the frequency to 148 GHz, the unit is the temperature for 1 Jy / sr, uK;
    sigma of the beam and the side of a pixel are in arcmin.
    """
    rows, columns = field.shape
    radian = sigma * ARCMIN
    for k in range(sources.shape[0]):
        flux = 1e-3 * sources[k, 0] * exact.power(ratio, sources[k, 1])
        peak = unit * flux / (TWO_PI * radian * radian)
        for j in range(rows):
            dy = ((j - 0.5 * (rows - 1.0)) * pixel - sources[k, 3]) / sigma
            for i in range(columns):
                dx = ((i - 0.5 * (columns - 1.0)) * pixel - sources[k, 2]) / sigma
                field[j, i] += peak * exact.exp(max(-0.5 * (dx * dx + dy * dy), -700.0))
