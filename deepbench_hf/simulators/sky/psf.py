"""The point spread function as a sum of round Gaussians, and its mean over a pixel.

A Moffat function is a continuous mixture of Gaussians of the variance gamma^2 / 2t,

    (1 + r^2 / gamma^2)^(-beta) = 1 / Gamma(beta) int t^(beta - 1) e^(-t) e^(-t r^2 / gamma^2) dt,

which a sum over equal steps of ln t renders to 1e-4. So every PSF is separable, term by term.

Source: DLMF 5.9.1; the error of the sum by Poisson's formula is |Gamma(beta + 2 pi i / step)|.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.float32 import erff, float32s
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.moffat import moffat_gamma

GAUSSIAN, MOFFAT = 1, 2
TERMS = 64
"""The most Gaussians of a PSF."""
SIGMAS = 4.0
"""A Gaussian is cut off at this many standard deviations (and half a pixel)."""
LOST = 3e-4
"""A Moffat PSF is cut off where less than this share of its flux is left."""
_STEP = 0.65  # of ln t
_DUST = 1e-5  # share of the flux that the narrowest Gaussians may miss
_WIDEST = 1.0  # standard deviation over the size of the frame, of the widest Gaussian kept
_FWHM = 2.3548200450309493
_ROOT_HALF = 0.7071067811865476
_HALF = float32s(0.5)[0]


@kernel
def psf_terms(psf: int, fwhm: float, beta: float, size: float, sigma, weight) -> int:
    """Fill in standard deviations, px, and shares of the flux of a PSF's Gaussians.

    Args:
        psf: 0 none, 1 Gaussian, 2 Moffat.
        fwhm: full width at half maximum, px.
        beta: exponent of a Moffat PSF.
        size: longer side of the frame, px: wider Gaussians are left out, as light far outside.
        sigma, weight: outputs (TERMS,).

    Returns:
        The number of Gaussians; 0 without a PSF.
    """
    if psf != MOFFAT:
        sigma[0], weight[0] = fwhm / _FWHM, 1.0
        return 1 if psf == GAUSSIAN else 0
    gamma = moffat_gamma(fwhm, beta)
    norm = exact.log_gamma(beta - 1.0)
    # t from far above its mean on downwards.
    log_t, count = exact.log(beta + 4.0 * np.sqrt(beta) + 6.0), 0
    while count < TERMS:
        t = exact.exp(log_t)
        width = gamma / np.sqrt(2.0 * t)
        if width > _WIDEST * size and count > 0:
            break
        share = _STEP * exact.exp((beta - 1.0) * log_t - t - norm)
        if share > _DUST:
            sigma[count], weight[count] = width, share
            count += 1
        elif log_t < exact.log(beta) - 3.0:
            break
        log_t -= _STEP
    return count


@kernel
def psf_reach(psf, fwhm, beta, sigma, terms: int, size: int) -> int:
    """Pixels from the light to where the PSF is cut off; not beyond the size of the frame."""
    widest = 0.0
    for g in range(terms):
        widest = max(widest, sigma[g])
    reach = SIGMAS * widest
    if psf == MOFFAT:
        far = np.sqrt(exact.exp2(min(-exact.log2(LOST) / (beta - 1.0), 60.0)) - 1.0)
        reach = min(reach, moffat_gamma(fwhm, beta) * far)
    return int(min(np.ceil(reach + 0.5), size))


@kernel
def gaussian_shares(shares, start: float, step: float, sigma: float) -> None:
    """Fill in the shares of a Gaussian's flux below start, start + step, ...: all px, float32.

    The share below x is (1 + erf(x / sqrt(2) sigma)) / 2; error at most 3e-7.
    """
    scale = _ROOT_HALF / sigma
    first, wide = np.float32(start * scale), np.float32(step * scale)
    for i in range(shares.size):
        shares[i] = _HALF + _HALF * erff(first + wide * np.float32(np.int32(i)))
