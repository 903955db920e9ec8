"""Arcs: the image of a galaxy behind a lens, under a point-spread function.

A few points of each pixel would miss a cusp that is seen through a lens. So the image is sampled as
if a Gaussian of a quarter of a pixel had spread it already, and the point-spread function is that
much narrower. The source is a mixture of Gaussians; each, spread in the sky by a variance s, is to
second order again one in the source, of the covariance

    C + s A A',  A = d beta / d theta = 1 - 2 kappa t t',

t being the direction across that to the lens, about the mean beta - s grad(kappa). As A changes
within the Gaussian, s^2 (theta_E / R^2)^2 is added across, R^2 = q u^2 + v^2 / q. At the centre
of a lens, where directions turn, the mean is taken over points.

The expansion is ours.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.constants import LOG2_E, TWO_PI
from deepbench_hf.exact.float32 import exp2f, float32s
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import padded
from deepbench_hf.simulators.sky.blur import add_points, add_smooth, room_for
from deepbench_hf.simulators.sky.mixtures import (
    PROFILE,
    PSF,
    SERSIC_LAW,
    TERMS,
    Tables,
    mixture,
    psf_mixture,
)
from deepbench_hf.simulators.sky.pixels import (
    FIBONACCI,
    QUARTERS,
    margin_around,
    point_of,
    points_through,
    row_of,
)
from deepbench_hf.simulators.sky.waves import COUNTED
from deepbench_hf.simulators.survey.lensing import PLACES, fill_places

SOFT, NARROW = 0.05, 0.5
"""Variance by which light is spread before it is sampled: at most so many px^2, and at most this
share of the narrowest Gaussian's of the point-spread function."""
BENT, SMALL, LEAST = 1 / 20, 0.4, 4e-3
"""Nor is it more than the square of a share of theta_E, or a share of the square of the source's
semi-minor axis, unless it is as small as the last. All set by trial."""
SPACING = 0.4
"""That variance over the square of the distance between points, at least."""
LATTICES = FIBONACCI[1:]
ALIKE, REACH = 1 / 24, 28.0
"""Gaussians of a source whose variance is less than this share of that variance count as one; twice
the exponent from which on a Gaussian is not computed."""
HALF, STEP, TURNING, REST = 4, 0.6, 3.0, 0.15
"""Near the centre of a lens: points to either side of a square of them; the distance between these,
and that up to which a place is near, in standard deviations; the share of the variance that is left
to each of the points."""
FAINTEST = float32s(-100.0)[0]  # log2 of what is left of a Gaussian


@kernel
def _shine(source, power, count, work, line) -> None:
    """Fill in the light of a source of r_e = 1, a mixture of Gaussians of a flux, along a row."""
    half, least, reach = np.float32(-0.5 * LOG2_E), np.float32(1e-30), np.float32(REACH)
    nearest = np.float32(np.inf)
    for i in range(count):
        line[i] = np.float32(0.0)
        nearest = min(nearest, work[0, i] - reach * work[2, i])
    for k in range(source.shape[1]):
        s, share = np.float32(source[0, k]), np.float32(power * source[1, k] / TWO_PI)
        for i in range(count if reach * s >= nearest else 0):
            over = np.float32(1.0) / (s * s + s * work[2, i] + work[3, i] + least)
            fall = half * (s * work[0, i] + work[1, i]) * over
            line[i] += share * np.sqrt(over) * exp2f(fall if fall > FAINTEST else FAINTEST)


@kernel
def _at_centre(one, x, y, soft, source, power, work, line) -> float:
    """The light near the centre of a lens, by the points of a square about a place."""
    total, weight, count, step = 0.0, 0.0, 2 * HALF + 1, STEP * np.sqrt(soft)
    for j in range(count):
        fill_places(one, x - HALF * step, y + (j - HALF) * step, step, REST * soft, count, work)
        _shine(source, power, count, work, line)
        for i in range(count):
            square = (i - HALF) * (i - HALF) + (j - HALF) * (j - HALF)
            share = exact.exp(-0.5 * STEP * STEP / (1.0 - REST) * square)
            total, weight = total + share * line[i], weight + share
    return total / weight


@kernel
def _source_of(one, soft, tables, profile) -> int:
    """Fill in the Gaussians of a source of r_e = 1, and return their number."""
    count = mixture(SERSIC_LAW, one.source_index, tables, np.inf, profile)
    least = ALIKE * soft / (one.source_radius * one.source_radius)
    core, share, spread = 0, 0.0, 0.0
    while core < count and profile[0, core] < least:
        share, spread = share + profile[1, core], spread + profile[1, core] * profile[0, core]
        core += 1
    if core == 0:
        return count
    profile[0, core - 1], profile[1, core - 1] = spread / share, share
    for k in range(count - core + 1):
        profile[0, k], profile[1, k] = profile[0, core - 1 + k], profile[1, core - 1 + k]
    return count - core + 1


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
    profile, optics = np.empty((PROFILE, TERMS)), np.empty((TERMS, PSF))
    alone = np.empty((1, rows, padded(columns)), np.float32)
    for row in range(n):
        one = lensed[row]
        light[row] = 0.0
        if one.source_flux > 0.0:
            seen, side = (psf, psf_fwhm_px[row], psf_beta[row]), max(rows, columns)
            terms = psf_mixture(seen, side, tables, profile, optics)
            alone[:] = np.float32(0.0)
            _add_arc(one, optics[:terms], tables, profile, alone)
            for j in range(rows):
                for i in range(columns):
                    image[row, j, i] += alone[0, j, i]
                    light[row] += alone[0, j, i]


@kernel(allocates=True)
def _add_arc(one, optics, tables, profile, image) -> None:
    """Add the arcs of one lens to an image; `optics` and `profile` change."""
    bend, minor = BENT * one.einstein_radius, one.source_radius * one.source_ratio
    soft = min(max(min(bend * bend, SMALL * minor * minor), LEAST), SOFT, NARROW * optics[0, 0])
    source = profile[:, : _source_of(one, soft, tables, profile)]
    power = 1.0 / (one.source_radius * one.source_radius * one.source_ratio)
    for g in range(optics.shape[0]):
        optics[g, 0] -= soft
    far = 1.0 * image.shape[1] * image.shape[1]
    margin = min(margin_around(optics, COUNTED, far), max(image.shape[1], image.shape[2]))
    planes, edge, room = room_for(1, margin, QUARTERS, optics, image)
    rows, columns = image.shape[1] + 2 * edge + 1, image.shape[2] + 2 * edge
    work, line = np.empty((PLACES, columns), np.float32), np.empty(columns, np.float32)
    chosen, near = 0, TURNING * TURNING * soft
    while LATTICES[chosen][0] * soft < SPACING and chosen < len(LATTICES) - 1:
        chosen += 1
    planes[:] = np.float32(0.0)
    for number in range(LATTICES[chosen][0]):
        ox, oy, weight = point_of(number, LATTICES[chosen])
        points = points_through(ox, oy, edge, QUARTERS, 0)
        for j in range(rows):
            y, light = row_of(points, j)[1], planes[0, j, :columns]
            fill_places(one, ox - edge, y, 1.0, soft, columns, work)
            _shine(source, power, columns, work, light)
            for i in range(columns):
                x = ox - edge + i
                if (x - one.x) * (x - one.x) + (y - one.y) * (y - one.y) < near:
                    light[i] = _at_centre(one, x, y, soft, source, power, work, line)
        weight *= one.source_flux
        add_points(planes, edge, points, weight, optics, None, room, image)
    add_smooth(margin, optics, None, room, image)
