"""Stars under a detector, maps, light curves and oscillators as people make them with NumPy."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.objects import SIDE, pixel_centres
from benchmarks.timing import Contestant, timed

PATCH_RAD = np.deg2rad(3.5)


def fourier_maps(count: int, side: int) -> Contestant:
    """Gaussian maps of a power law's spectrum by `numpy.fft`, (side, side) float32 each."""
    random = np.random.default_rng(0)
    waves = 2 * np.pi / PATCH_RAD * np.fft.fftfreq(side, 1 / side)
    wave = np.hypot(waves[:, None], waves[None, : side // 2 + 1])
    wave[0, 0] = np.inf
    shape = np.sqrt(1e-9 * (wave / 1000) ** -1.3) * side / PATCH_RAD

    def work() -> None:
        for _ in range(count):
            noise = np.fft.rfft2(random.standard_normal((side, side)))
            np.fft.irfft2(noise * shape, (side, side)).astype(np.float32)

    return timed(f"numpy.fft: a map of {side} x {side}", count, work)


def gaussian_process(count: int, epochs: int) -> Contestant:
    """Damped random walks at irregular times by Cholesky factors, with noise, (epochs,) each."""
    random = np.random.default_rng(0)

    def work() -> None:
        for _ in range(count):
            time = np.sort(random.uniform(0, 3650, epochs))
            covariance = 0.02 * np.exp(-np.abs(time[:, None] - time) / 200)
            factor = np.linalg.cholesky(covariance + 1e-12 * np.eye(epochs))
            noise = random.uniform(0.005, 0.05, epochs) * random.standard_normal(epochs)
            factor @ random.standard_normal(epochs) + noise

    return timed(f"NumPy: Cholesky of {epochs} epochs", count, work)


def oscillators(count: int) -> Contestant:
    """Amplitude, phase and logarithm of driven oscillators in batches of 256, float64."""
    random, batch = np.random.default_rng(0), 256

    def work() -> None:
        for _ in range(count // batch):
            omega, gamma = random.normal([[1.5], [0.5]], 0.1, (2, batch))
            gamma = np.abs(gamma)
            amplitude = 1 / np.hypot(2 * gamma * omega, 1 - omega**2)
            np.arctan2(2 * gamma * omega, 1 - omega**2)
            np.log([omega, gamma, amplitude])

    return timed("NumPy: oscillators in batches of 256", count // batch * batch, work)


def noisy_stars(batches: int, count: int) -> Contestant:
    """Parameters, stars and noise of `sky_stars` without its point-spread function."""
    random = np.random.default_rng(0)

    def work() -> None:
        for _ in range(batches):
            _counted(random, count)

    return timed(f"NumPy: Moffat star, detector noise, batches of {count}", batches * count, work)


def _counted(random: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Stars at the pixels' centres, counted: N ~ Poisson(t (S + B)) + sigma z.

    Returns:
        (N / t - B) / gain, (count, 64, 64).
    """
    exposure = _log_uniform(random, 20, 200, count)
    sky, read, gain = _uniform(random, [[1], [2], [1]], [[4], [8], [4]], count)
    photons = random.poisson(exposure * (_stars(random, count) + sky))
    reads = random.standard_normal((count, SIDE, SIDE), np.float32)
    return (((photons + read * reads) / exposure - sky) / gain).astype(np.float32)


def _stars(random: np.random.Generator, count: int) -> NDArray[np.float64]:
    """S = A (1 + r^2 / gamma^2)^-beta, electrons / s, (count, 64, 64)."""
    x, y = pixel_centres()
    flux = _log_uniform(random, 30, 3000, count)
    low, high = [[20], [20], [2], [2.5]], [[43], [43], [6], [4.765]]
    center_x, center_y, fwhm, beta = _uniform(random, low, high, count)
    core2 = 0.25 * fwhm**2 / (2 ** (1 / beta) - 1)
    radius2 = (x - center_x) ** 2 + (y - center_y) ** 2
    return flux * (beta - 1) / (np.pi * core2) * (1 + radius2 / core2) ** -beta


def _uniform(
    random: np.random.Generator, low: list[list[float]], high: list[list[float]], count: int
) -> NDArray[np.float64]:
    """Draws (parameters, count, 1, 1)."""
    return random.uniform(low, high, (len(low), count))[..., None, None]


def _log_uniform(
    random: np.random.Generator, low: float, high: float, count: int
) -> NDArray[np.float64]:
    """Draws (count, 1, 1)."""
    return np.exp(random.uniform(np.log(low), np.log(high), (count, 1, 1)))
