"""A galaxy behind a lens: every point of the sky has the brightness of where its light comes from.

    beta = theta - alpha(theta),  kappa = theta_E / 2 sqrt(q u^2 + v^2 / q)

with u and v along the axes of the lens: a singular isothermal ellipsoid, for q = 1 a sphere. With
psi^2 = q^2 u^2 + v^2 and f^2 = 1 - q^2

    alpha_u = theta_E sqrt(q) / f arctan(f u / psi)
    alpha_v = theta_E sqrt(q) / f artanh(f v / psi)

The image is sampled at the points of a lattice in each pixel and spread by the point-spread
function as the arms of the sky family are.

Source: R. Kormann, P. Schneider, M. Bartelmann, Isothermal elliptical gravitational lens models,
Astronomy and Astrophysics 284 (1994) 285; theta_E as the geometric mean of the ellipse's axes.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import LOG2_E
from deepbench_hf.exact.float32 import exp2f, float32s, log2f
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import padded
from deepbench_hf.simulators.sky.blur import add_point, add_smooth, margin_around, room_for
from deepbench_hf.simulators.sky.mixtures import PROFILE, PSF, TERMS, Tables, psf_mixture
from deepbench_hf.simulators.sky.profiles import sersic_b, sersic_flux
from deepbench_hf.simulators.sky.waves import point_of

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

FLAT, SMALL = 1.5, 0.4
"""Sersic index up to which, and semi-minor half-light axis, px, from which a few points suffice."""
COARSE, FINE = (13, 8), (233, 144)
"""Points and generator of the lattice of such a source, and of a cuspier or smaller one."""
COUNTED = 3e-4
"""Share of a point-spread function's flux below which its Gaussians do not spread arcs."""
_ROUND = 1e-5  # f below which an ellipsoid is a sphere, to f^2
_TINY = float32s(1e-12)[0]


@kernel(inline=True)
def deflection(u: float, v: float, q: float) -> tuple[float, float]:
    """Deflection by an isothermal ellipsoid over its Einstein radius.

    Args:
        u, v: distance from the lens along its major and its minor axis, any unit.
        q: axis ratio of the surfaces of equal convergence.

    Returns:
        alpha_u, alpha_v, dimensionless; 0 at the centre, where there is no direction.
    """
    f = np.sqrt((1.0 - q) * (1.0 + q))
    f = f if f > _ROUND else _ROUND
    psi = np.sqrt(q * q * u * u + v * v)
    scale, z = np.sqrt(q) / f, f * v / (psi if psi > 0.0 else 1.0)
    return scale * exact.atan2(f * u, psi), scale * 0.5 * exact.log((1.0 + z) / (1.0 - z))


@kernel
def fill_lensed(one, corner, size, plane) -> None:
    """Fill in what is seen of a source of unit flux behind a lens, px^-2.

    Args:
        one: a record of `LENSED`.
        corner: place of the first point of the first row, px; others are a pixel apart.
        size: rows and columns of points; the plane may have more, which are 0.
        plane: output (rows, columns), float32.
    """
    left, low = corner
    s, c = exact.sincosd(one.angle_deg)
    sine, cosine = exact.sincosd(one.source_angle_deg)
    n, radius, q = one.source_index, one.source_radius, one.source_ratio
    top = np.float32(-exact.log2(sersic_flux(n) * radius * radius * q))
    fall, power = np.float32(-LOG2_E * sersic_b(n)), np.float32(0.5 / n)
    off_x, off_y = one.x - one.source_x, one.y - one.source_y
    plane[:] = np.float32(0.0)
    for j in range(size[0]):
        for i in range(size[1]):
            dx, dy = left + i - one.x, low + j - one.y
            u, v = c * dx + s * dy, c * dy - s * dx
            bend_u, bend_v = deflection(u, v, one.axis_ratio)
            u, v = u - one.einstein_radius * bend_u, v - one.einstein_radius * bend_v
            dx, dy = c * u - s * v + off_x, s * u + c * v + off_y
            along, across = cosine * dx + sine * dy, (cosine * dy - sine * dx) / q
            plane[j, i] = (along * along + across * across) / (radius * radius)
        line = plane[j, : size[1]]
        for i in range(line.size):
            square = line[i] if line[i] > _TINY else _TINY
            line[i] = exp2f(fall * exp2f(power * log2f(square)) + top)


@kernel(allocates=True)
def add_arcs(
    lensed: NDArray,
    psf: int,
    psf_fwhm_px: NDArray[np.float64],
    psf_beta: NDArray[np.float64],
    tables: Tables,
    image: NDArray[np.float32],
    light: NDArray[np.float64],
) -> None:
    """Add what is seen of the galaxies behind lenses, under a PSF, to images.

    Args:
        lensed: records of `LENSED`, (n,).
        psf: 1 Gaussian, 2 Moffat.
        psf_fwhm_px: full width at half maximum of the PSF, px, (n,).
        psf_beta: exponent of a Moffat PSF, (n,).
        tables: of `sky.mixtures.mixture_tables`.
        image: (n, H, W), electrons / s / px, to which is added.
        light: output (n,): what was added, electrons / s.
    """
    n, rows, columns = image.shape
    profile, optics = np.empty((TERMS, PROFILE)), np.empty((TERMS, PSF))
    alone = np.empty((1, rows, padded(columns)), np.float32)
    for row in range(n):
        one = lensed[row]
        light[row] = 0.0
        if one.source_flux > 0.0:
            side = max(rows, columns)
            terms = psf_mixture(psf, psf_fwhm_px[row], psf_beta[row], side, tables, profile, optics)
            alone[:] = np.float32(0.0)
            _add_arc(one, optics[:terms], alone)
            for j in range(rows):
                for i in range(columns):
                    image[row, j, i] += alone[0, j, i]
                    light[row] += alone[0, j, i]


@kernel(allocates=True)
def _add_arc(one, optics, image) -> None:
    """Add the arcs of one lens to an image."""
    far = 1.0 * image.shape[1] * image.shape[1]
    margin = min(margin_around(optics, COUNTED, far), max(image.shape[1], image.shape[2]))
    planes, edge, room = room_for(1, margin, optics, image)
    size = image.shape[1] + 2 * edge, image.shape[2] + 2 * edge
    narrow = one.source_radius * one.source_ratio < SMALL
    lattice = FINE if narrow or one.source_index > FLAT else COARSE
    for number in range(lattice[0]):
        ox, oy, weight = point_of(number, lattice)
        fill_lensed(one, (ox - edge, oy - edge), size, planes[0])
        place = ox, oy, one.source_flux * weight
        add_point(planes, edge, place, optics, None, room, image)
    add_smooth(margin, optics, None, room, image)
