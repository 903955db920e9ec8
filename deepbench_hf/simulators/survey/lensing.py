"""A galaxy behind a lens: every point of the sky has the brightness of where its light comes from.

    beta = theta - alpha(theta),  kappa = theta_E / 2 sqrt(q u^2 + v^2 / q)

with u and v along the axes of the lens: a singular isothermal ellipsoid, for q = 1 a sphere. With
psi^2 = q^2 u^2 + v^2 and f^2 = 1 - q^2

    alpha_u = theta_E sqrt(q) / f arctan(f u / psi)
    alpha_v = theta_E sqrt(q) / f artanh(f v / psi)

Each pixel is cut into four cells. Their means, from Gauss-Legendre points, go on a canvas of the
sky family; the PSF is narrowed by the variance of a cell, as a cell's light counts as its middle's.

Source: R. Kormann, P. Schneider, M. Bartelmann, Isothermal elliptical gravitational lens models,
Astronomy and Astrophysics 284 (1994) 285; theta_E as the geometric mean of the ellipse's axes.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.canvas import lay
from deepbench_hf.simulators.sky.convolve import offset
from deepbench_hf.simulators.sky.drawing import finish_level, start_level
from deepbench_hf.simulators.sky.means import box
from deepbench_hf.simulators.sky.profile import (
    COS,
    QA,
    QB,
    QC,
    RATIO,
    SCALE,
    SIN,
    X,
    Y,
    brightness,
    extent,
    set_sersic,
    shine,
)
from deepbench_hf.simulators.sky.psf import TERMS, psf_reach, psf_terms
from deepbench_hf.simulators.sky.quadrature import ORDERS, RULES
from deepbench_hf.simulators.sky.scratch import new_scratch

LENSED = np.dtype(
    [
        (name, "f8")
        for name in (
            *("x", "y", "axis_ratio", "angle_deg", "einstein_radius"),
            *("source_x", "source_y", "source_radius", "source_index", "source_ratio"),
            *("source_angle_deg", "source_flux"),
        )
    ]
)
"""A lens and the galaxy behind it: px, deg, electrons/s; without flux there is none."""

PLACE = 13
"""Numbers of a vector that says where a profile is, of `profile.py`."""
_LEVEL = 2
"""Cells along a pixel."""
_COARSE, _FINE = 1, 4  # rules of `quadrature.py`: 2 and 8 points a side
_CUSP_CELLS = 2.0  # cells from the middle of the source within which the fine rule is used
_NARROWEST = 1e-4  # px^2
_ZERO = np.float32(0.0)
_FARTHEST = 1.1  # of the deflections by an ellipsoid, over its Einstein radius
_ROUND = 1e-5  # f below which an ellipsoid is a sphere, to f^2
_RADIANS = 0.017453292519943295


@kernel
def deflection(u: float, v: float, q: float) -> tuple[float, float]:
    """Deflection by an isothermal ellipsoid over its Einstein radius.

    Args:
        u, v: distance from the lens along its major and its minor axis, any unit.
        q: axis ratio of the surfaces of equal convergence.

    Returns:
        alpha_u, alpha_v, dimensionless; 0 at the centre, where there is no direction.
    """
    f, psi = np.sqrt((1.0 - q) * (1.0 + q)), np.sqrt(q * q * u * u + v * v)
    if psi == 0.0:
        return 0.0, 0.0
    if f < _ROUND:
        return u / psi, v / psi
    scale, z = np.sqrt(q) / f, f * v / psi
    return scale * exact.atan2(f * u, psi), scale * 0.5 * exact.log((1.0 + z) / (1.0 - z))


@kernel
def _source_r2(x: float, y: float, lens, einstein: float, p) -> float:
    """Squared elliptical radius in the source, `profile.py`, of what is seen at a point, px."""
    c, s = lens[COS], lens[SIN]
    dx, dy = x - lens[X], y - lens[Y]
    u, v = c * dx + s * dy, c * dy - s * dx
    bend_u, bend_v = deflection(u, v, lens[RATIO])
    u, v = u - einstein * bend_u, v - einstein * bend_v
    dx, dy = c * u - s * v + (lens[X] - p[X]), s * u + c * v + (lens[Y] - p[Y])
    return (p[QA] * dx + p[QB] * dy) * dx + p[QC] * dy * dy


@kernel
def sample_lensed(lens, einstein, p, z, row, rows, column, columns, ox, oy) -> None:
    """Fill in the brightness of a lensed profile at the shifted pixel centres of a box.

    Args:
        lens: a vector of `profile.py` with the place, axis ratio and angle of the lens.
        einstein: Einstein radius, px.
        p: the vector of the profile, where it is without the lens.
        z: output, float32, row after row.
        row, rows, column, columns: first row and column of the box, and how many.
        ox, oy: shift of the points, px.
    """
    for j in range(rows):
        for i in range(columns):
            r2 = _source_r2(column + i + ox, row + j + oy, lens, einstein, p)
            z[j * columns + i] = r2
    shine(p, z[: rows * columns])


@kernel
def _lensed_means(lens, einstein, p, row, rows, column, columns, ox, oy, side, work) -> None:
    """Fill work.z with means over cells of a side, px; finely where the source has its cusp."""
    z, part = work.z[: rows * columns], work.part
    for i in range(z.size):
        z[i] = _ZERO
    for b in range(ORDERS[_COARSE]):
        for a in range(ORDERS[_COARSE]):
            x, y = ox + side * RULES[_COARSE, 0, a], oy + side * RULES[_COARSE, 0, b]
            sample_lensed(lens, einstein, p, part, row, rows, column, columns, x, y)
            weight = np.float32(RULES[_COARSE, 1, a] * RULES[_COARSE, 1, b])
            for i in range(z.size):
                z[i] += weight * part[i]
    near = _CUSP_CELLS * side / (p[SCALE] * p[RATIO])
    bright = brightness(p, near * near)
    for j in range(rows):
        for i in range(columns):
            if z[j * columns + i] > bright:
                x, y = column + i + ox, row + j + oy
                z[j * columns + i] = _fine_mean(lens, einstein, p, x, y, side)


@kernel
def _fine_mean(lens, einstein, p, x, y, side) -> float:
    """The mean over one cell."""
    total = 0.0
    for b in range(ORDERS[_FINE]):
        for a in range(ORDERS[_FINE]):
            at = x + side * RULES[_FINE, 0, a], y + side * RULES[_FINE, 0, b]
            value = brightness(p, _source_r2(at[0], at[1], lens, einstein, p))
            total += RULES[_FINE, 1, a] * RULES[_FINE, 1, b] * value
    return total


@kernel(allocates=True)
def add_arcs(
    lensed: NDArray,
    psf: int,
    psf_fwhm_px: NDArray[np.float64],
    psf_beta: NDArray[np.float64],
    image: NDArray[np.float32],
    light: NDArray[np.float64],
) -> None:
    """Add what is seen of the galaxies behind lenses, under a PSF, to images.

    Args:
        lensed: records of `LENSED`, (n,).
        psf: 1 Gaussian, 2 Moffat.
        psf_fwhm_px: full width at half maximum of the PSF, px, (n,).
        psf_beta: exponent of a Moffat PSF, (n,).
        image: (n, H, W), electrons / s / px, to which is added.
        light: output (n,): what was added, electrons / s.
    """
    n, rows, columns = image.shape
    size, level = max(rows, columns), np.int64(_LEVEL)
    sigma, weight, margin = np.empty(TERMS), np.empty(TERMS), 0
    for row in range(n):
        terms = psf_terms(psf, psf_fwhm_px[row], psf_beta[row], size, sigma, weight)
        margin = max(margin, psf_reach(psf, psf_fwhm_px[row], psf_beta[row], sigma, terms, size))
    work = new_scratch(rows, columns, margin, level * level, np.int64(1))
    lens, source = np.empty(PLACE), np.empty(PLACE)
    for row in range(n):
        one = lensed[row]
        light[row] = 0.0
        if one.source_flux > 0.0:
            set_sersic(lens, one.x, one.y, 1.0, 1.0, one.axis_ratio, one.angle_deg)
            at = (one.source_x, one.source_y, one.source_radius, one.source_index)
            set_sersic(source, *at, one.source_ratio, one.source_angle_deg)
            optics = (psf, psf_fwhm_px[row], psf_beta[row])
            light[row] = _add_arc(lens, source, one, optics, level, work, image[row])


@kernel
def _add_arc(lens, source, one, optics, level, work, image) -> float:
    """Add the arcs of one lens to an image; return their flux in the frame."""
    rows, columns = image.shape
    size = max(rows, columns)
    terms = psf_terms(*optics, size, work.sigma, work.weight)
    margin = psf_reach(*optics, work.sigma, terms, size)
    high, wide = rows + 2 * margin, columns + 2 * margin
    planes = work.planes[: level * level * high * wide].reshape(level * level, high, wide)
    side = 1.0 / level
    for g in range(terms):
        narrower = work.sigma[g] * work.sigma[g] - side * side / 12.0
        work.sigma[g] = np.sqrt(max(narrower, _NARROWEST))
    start_level(planes, level, rows, columns, margin, terms, work)
    where = _reach(lens, source, one, rows, columns, margin)
    total = 0.0
    if where[1] > 0 and where[3] > 0:
        for a in range(level):
            for b in range(level):
                ox, oy = offset(b, level), offset(a, level)
                _lensed_means(lens, one.einstein_radius, source, *where, ox, oy, side, work)
                flux = one.source_flux
                total += lay(where, flux, a, b, level, terms, margin, work, planes)
    finish_level(planes, level, margin, terms, work, image)
    return total / (level * level)


@kernel(allocates=True)
def _reach(lens, source, one, rows, columns, margin) -> tuple[int, int, int, int]:
    """The box, `means.box`, around a lens that holds all arcs of the source."""
    dx, dy = source[X] - lens[X], source[Y] - lens[Y]
    far = np.sqrt(dx * dx + dy * dy) + extent(source, one.source_flux)
    square = np.empty(PLACE)
    square[X], square[Y] = lens[X], lens[Y]
    square[COS], square[SIN], square[RATIO] = 1.0, 0.0, 1.0
    return box(square, far + _FARTHEST * one.einstein_radius, rows, columns, margin)
