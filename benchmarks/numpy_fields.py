"""Maps, light curves and oscillators as people make them with NumPy, random numbers included."""

import numpy as np

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
