"""Gaussian maps whose spectrum is known, made by `numpy.fft`."""

import numpy as np


def wavenumbers(side):
    """|k| of the modes of `numpy.fft.rfft2`, radians per pixel."""
    ky, kx = np.fft.fftfreq(side), np.fft.rfftfreq(side)
    return 2 * np.pi * np.hypot(*np.meshgrid(ky, kx, indexing="ij"))


def gaussian_maps(rng, count, side, length):
    """Periodic maps of mean 0 and variance 1 with P(k) as exp(-k^2 length^2).

    The mean square of their gradient is 1 / length^2.
    """
    filters = np.exp(-((wavenumbers(side) * length) ** 2) / 2)
    norm = np.sqrt(4 * np.pi) * length  # of so narrow a spectrum the sum over modes is an integral
    white = rng.normal(size=(count, side, side))
    return norm * np.fft.irfft2(np.fft.rfft2(white) * filters, s=(side, side))


def spectrum(k, length):
    """P(k) of these maps, pixels^2."""
    return 4 * np.pi * length**2 * np.exp(-((k * length) ** 2))
