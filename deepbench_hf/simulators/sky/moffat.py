"""Moffat's law of the brightness of a star: its constants.

I(r) = I(0) (1 + r^2 / gamma^2)^(-beta)

Source: A. F. J. Moffat, A theoretical investigation of focal stellar images, A&A 3 (1969), 455.
"""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

PI = 3.141592653589793


@kernel
def moffat_gamma(fwhm_px: float, beta: float) -> float:
    """Moffat's core radius gamma = FWHM / (2 sqrt(2^(1/beta) - 1)).

    Args:
        fwhm_px: full width at half maximum, px.
        beta: exponent, above 0, dimensionless.

    Returns:
        gamma, px.
    """
    return 0.5 * fwhm_px / np.sqrt(exact.exp2(1.0 / beta) - 1.0)


@kernel
def moffat_flux(gamma_px: float, beta: float) -> float:
    """Flux of a Moffat profile with a central brightness of 1: pi gamma^2 / (beta - 1).

    Args:
        gamma_px: core radius, px.
        beta: exponent, above 1 (the flux of others is infinite), dimensionless.

    Returns:
        The flux over the central brightness, px^2.
    """
    return PI * gamma_px * gamma_px / (beta - 1.0)
