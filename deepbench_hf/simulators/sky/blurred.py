"""How stars and ellipticals answer to their parameters: means over pixels, blurred or not.

The derivatives are those of the model, the mean over each pixel of the blurred brightness, in
float64; the images themselves are float32 and drawn to a part in a thousand.
"""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns
from deepbench_hf.simulators.sky.edges import add_edges
from deepbench_hf.simulators.sky.flows import ANSWERS, FLOWS, WIDTH, WING, answer
from deepbench_hf.simulators.sky.light import digamma
from deepbench_hf.simulators.sky.moffat import moffat_gamma
from deepbench_hf.simulators.sky.psf import GAUSSIAN, MOFFAT
from deepbench_hf.simulators.sky.rings import add_rings
from deepbench_hf.simulators.sky.slopes import sersic_constants

_FWHM = 2.3548200450309493
_LN_2 = 0.6931471805599453
_DUST = 1e-10  # of the light of a pixel, that Gaussians may miss
GAUSSIANS = 64
"""The most Gaussians of a point-spread function."""


Optics = tuple[int, NDArray[np.float64], NDArray[np.float64]]
"""The kind of the point-spread function, its full width at half maximum, px, and its exponent."""


def star_answers(stars: NDArray, size: tuple[int, int], *optics: *Optics) -> Columns:
    """The derivatives of the images of stars by parameter, (n, H, W) each.

    Args:
        stars: records, (n,).
        size: height and width of the images, px.
        optics: of the point-spread function.
    """
    fwhm, beta = (stars[name].copy() for name in ("fwhm_px", "beta"))
    gamma, growth = np.empty_like(fwhm), np.empty_like(fwhm)
    _star_scales(fwhm, beta, gamma, growth)
    laws = np.zeros((6, fwhm.size))
    laws[1] = beta
    round_ = (np.ones_like(fwhm), np.zeros_like(fwhm))
    found = _answers(stars, (gamma, *round_), laws, size, optics)
    slope, shape = found.pop("log_scale"), found.pop("shape")
    return {**found, "fwhm_px": slope / _lifted(fwhm), "beta": shape + _lifted(growth) * slope}


def elliptical_answers(galaxies: NDArray, size: tuple[int, int], *optics: *Optics) -> Columns:
    """The same for ellipticals."""
    radius, index, *rest = (
        galaxies[name].copy()
        for name in ("half_light_radius_px", "sersic_index", "axis_ratio", "angle_deg")
    )
    b, log_flux, b_n, log_flux_n = sersic_constants(index)
    psi = np.empty_like(index)
    _set_psi(index, psi)
    laws = np.stack([index, b, log_flux, b_n, log_flux_n, psi])
    found = _answers(galaxies, (radius, *rest), laws, size, optics)
    found["half_light_radius_px"] = found.pop("log_scale") / _lifted(radius)
    found["sersic_index"] = found.pop("shape")
    return found


def _answers(
    objects: NDArray,
    outline: tuple[NDArray[np.float64], ...],
    laws: NDArray[np.float64],
    size: tuple[int, int],
    optics: Optics,
) -> Columns:
    """The derivatives by what all profiles have, with those by scale and shape by themselves."""
    x, y, flux = (objects[name].copy() for name in ("center_x_px", "center_y_px", "flux_e_s"))
    slopes = np.empty((len(ANSWERS), flux.size, *size))
    _blurred_slopes(np.stack([x, y, *outline]), flux, laws, *optics, slopes)
    found = dict(zip(ANSWERS, slopes, strict=True))
    found["psf_fwhm_px"] = found.pop("log_width") / _lifted(optics[1])
    return found


def _lifted(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """One number for each image."""
    return values[:, None, None]


@kernel
def _star_scales(fwhm, beta, gamma, growth) -> None:
    for row in range(fwhm.size):
        gamma[row], growth[row] = moffat_gamma(fwhm[row], beta[row]), _widening(beta[row])


@kernel
def _set_psi(index, psi) -> None:
    for row in range(index.size):
        psi[row] = digamma(2.0 * index[row])


@kernel
def _widening(beta: float) -> float:
    """Derivative of ln gamma of a Moffat function with respect to beta, at a constant FWHM."""
    power = exact.exp2(1.0 / beta)
    return 0.5 * _LN_2 * power / (beta * beta * (power - 1.0))


@kernel(allocates=True)
def _blurred_slopes(places, flux, laws, psf: int, psf_fwhm, psf_beta, slopes) -> None:
    """Fill in the derivatives of images of one profile each.

    Args:
        places: x, y, scale length (px), axis ratio, angle (degrees), (5, n).
        flux: electrons / s, (n,).
        laws: of `light.Law`, (6, n).
        psf: 0 none, 1 Gaussian, 2 Moffat.
        psf_fwhm, psf_beta: of the point-spread function, px and exponent, (n,).
        slopes: output (9, n, H, W), in the order of `flows.ANSWERS`.
    """
    flows, terms = np.empty((*slopes.shape[2:], FLOWS)), np.empty((3, GAUSSIANS))
    for row in range(flux.size):
        s, c = exact.sincosd(places[4, row])
        place = (places[0, row], places[1, row], places[2, row], places[3, row], c, s)
        law = (laws[0, row], laws[1, row], laws[2, row], laws[3, row], laws[4, row], laws[5, row])
        flows[:] = 0.0
        count = set_gaussians(psf, psf_fwhm[row], psf_beta[row], terms)
        for g in range(count):
            add_rings(law, place, terms[0, g], terms[1, g], terms[2, g], flows)
        if count == 0:
            add_edges(law, place, flows)
        if psf == MOFFAT:
            widen(flows, psf_beta[row])
        answer(place, flux[row], flows, slopes[:, row])


@kernel
def widen(flows, beta: float) -> None:
    """Add to WING that a Moffat function of another exponent has another gamma."""
    by_beta = _widening(beta)
    for j in range(flows.shape[0]):
        for i in range(flows.shape[1]):
            flows[j, i, WING] += by_beta * flows[j, i, WIDTH]


@kernel
def set_gaussians(psf: int, fwhm: float, beta: float, terms) -> int:
    """Fill in the Gaussians of a point-spread function; return their number.

    Those of a Moffat function are as in `psf_terms`, but to the end.

    Args:
        psf: 0 none, 1 Gaussian, 2 Moffat.
        fwhm: full width at half maximum, px.
        beta: exponent of a Moffat function.
        terms: output (3, GAUSSIANS): standard deviation, px; share of the flux; the derivative of
            that with respect to the exponent, at a constant gamma.
    """
    if psf != MOFFAT:
        terms[0, 0], terms[1, 0], terms[2, 0] = fwhm / _FWHM, 1.0, 0.0
        return 1 if psf == GAUSSIAN else 0
    gamma, step = moffat_gamma(fwhm, beta), min(0.3, 1.0 / np.sqrt(beta))
    norm, mean = exact.log_gamma(beta - 1.0), digamma(beta - 1.0)
    log_t, count = exact.log(beta + 6.0 * np.sqrt(beta) + 20.0), 0
    t, seen = exact.exp(log_t), 1.0
    while (t > beta or seen > _DUST) and count < GAUSSIANS:
        share = step * exact.exp((beta - 1.0) * log_t - t - norm)
        sigma, seen = gamma / np.sqrt(2.0 * t), share * t
        if seen > _DUST:
            terms[0, count], terms[1, count] = sigma, share
            terms[2, count] = share * (log_t - mean)
            count += 1
        log_t -= step
        t = exact.exp(log_t)
    return count
