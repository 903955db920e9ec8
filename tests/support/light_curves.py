"""The covariance of light curves by the formula of the papers."""

import numpy as np


def kernel(dt, sigma, tau, rho):
    """The covariance of two magnitudes, as the papers write it."""
    dt = np.abs(dt)
    if rho == tau:
        return sigma**2 * (1 + dt / tau) * np.exp(-dt / tau)
    fast = rho * np.exp(-dt / rho) if rho else 0.0
    return sigma**2 * (tau * np.exp(-dt / tau) - fast) / (tau - rho)
