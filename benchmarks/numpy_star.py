"""A Moffat star under a detector in plain NumPy: what one would write without this package."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.objects import SIDE, pixel_centres
from benchmarks.timing import Contestant, timed


def contestant(batches: int, count: int) -> Contestant:
    """Parameters, stars and noise of `sky_stars` without its point-spread function."""
    random = np.random.default_rng(0)

    def work() -> None:
        for _ in range(batches):
            noisy_stars(random, count)

    return timed(f"NumPy: Moffat star, detector noise, batches of {count}", batches * count, work)


def noisy_stars(random: np.random.Generator, count: int) -> NDArray[np.float32]:
    """Stars at the pixels' centres, counted: N ~ Poisson(t (S + B)) + sigma z.

    Returns:
        (N / t - B) / gain, (count, 64, 64).
    """
    exposure = _log_uniform(random, 20, 200, count)
    sky, read, gain = _uniform(random, [[1], [2], [1]], [[4], [8], [4]], count)
    photons = random.poisson(exposure * (stars(random, count) + sky))
    reads = random.standard_normal((count, SIDE, SIDE), np.float32)
    return (((photons + read * reads) / exposure - sky) / gain).astype(np.float32)


def stars(random: np.random.Generator, count: int) -> NDArray[np.float64]:
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
