"""What lenses do to the microwave background and to faint galaxies, by quadratic estimators.

A lens makes modes of the background depend on each other; the sum of products of two modes finds
it, with known weights. A shear stretches galaxies; the mean of their second moments finds it.

Sources: W. Hu, Mapping the dark matter through the cosmic microwave background damping tail, ApJ
557 (2001) L79, arXiv:astro-ph/0105424; N. Kaiser, G. Squires, T. Broadhurst, A method for weak
lensing observations, ApJ 449 (1995) 460, arXiv:astro-ph/9411005.
"""

from functools import lru_cache
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.constants import DEGREE
from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.templates import Predict, first_rows
from deepbench_hf.metrics.estimates import Prediction
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.cmb import LensedBackground
from deepbench_hf.simulators.cmb.spectra import spectra

Modes = NDArray[np.complex128]

SEEN = ("temperature_uK", "temperature_uK_noise_sigma", "beam_fwhm_arcmin")
"""What the reconstruction of a lens looks at."""
LEARNT, GALAXIES = 48, 1000
"""Rows of train that show how maps scatter, and how moments of galaxies go with ellipticity."""
WEIGHT_PX, ROUNDS = 4.0, 3
"""Standard deviation of the weight of second moments, and how often it is centred anew."""


class _Filter(NamedTuple):
    """What turns the modes of a map into those of the potential, [k_x, k_y >= 0]."""

    clean: Array
    inverse: Array
    waves: tuple[Array, Array]
    noise: Array


def quadratic_convergence(recipe: Recipe, rows: Columns) -> Array:
    r"""The convergence, ``(n, H, W)``, a pure number, by the quadratic estimator of temperature.

        phi(L) = N_L sum over l of (L . l) C_l T_l / C'_l T_(L - l) / C'_(L - l),

    T the modes without the beam, C their unlensed variance and C' that of what is observed, after
    maps of train, and N_L such that phi is right to first order; kappa = L^2 phi / 2.

    Args:
        recipe: of the simulator `cmb_lensing`, with even noise on the temperature.
        rows: the columns ``SEEN``, the temperature as it is observed.

    Source: W. Hu, ApJ 557 (2001) L79, arXiv:astro-ph/0105424.
    """
    modes, used = _modes(recipe, rows), _filter(recipe)
    square = used.waves[0] ** 2 + used.waves[1] ** 2
    found = 0.5 * square * used.noise * _products(used, modes)
    return np.fft.irfft2(found, recipe.simulator.image_size, norm="forward").swapaxes(1, 2)


def lens_amplitude(recipe: Recipe, rows: Columns) -> Prediction:
    """The factor of the lens's power: that of the reconstruction, less what has no lens.

    How it goes with the factor is the straight line through rows of train.
    """
    slope, offset, error = _line(recipe)
    found = offset + slope * _power(recipe, rows)
    return found, np.full(len(found), error)


def _modes(recipe: Recipe, rows: Columns) -> Modes:
    """The modes of the temperature without its beam, (n, H, W / 2 + 1)."""
    seen = rows["temperature_uK"].swapaxes(1, 2).astype(np.float64)
    power = spectra(seen.shape[1], cast(LensedBackground, recipe.simulator).side_deg)
    sigma = rows["beam_fwhm_arcmin"] * DEGREE / 60 / np.sqrt(8 * np.log(2))
    square = power.l_x**2 + power.l_y**2
    beam = np.exp(-0.5 * (square + np.sqrt(square)) * np.reshape(sigma**2, (-1, 1, 1)))
    return np.where(power.temperature > 0, np.fft.rfft2(seen, norm="forward") / beam, 0)


@lru_cache(4)
def _filter(recipe: Recipe) -> _Filter:
    power = spectra(
        recipe.simulator.image_size[0], cast(LensedBackground, recipe.simulator).side_deg
    )
    modes = _modes(recipe, first_rows(recipe, SEEN, LEARNT))
    clean, waves = power.temperature, (power.l_x, power.l_y)
    ring = np.rint(np.sqrt(power.l_x**2 + power.l_y**2) / power.l_y[0, 1]).astype(int)
    total, count = (
        np.bincount(ring.ravel(), w.ravel()) for w in ((abs(modes) ** 2).mean(0), clean > 0)
    )
    seen = (total / np.maximum(count, 1))[ring]
    inverse = np.divide(1, seen, out=np.zeros_like(seen), where=(clean > 0) & (seen > 0))
    used = _Filter(clean, inverse, waves, np.ones_like(clean))
    return used._replace(noise=_normalisation(used))


def _real(modes: NDArray) -> Array:
    return np.fft.irfft2(modes, norm="forward")


def _products(used: _Filter, modes: Modes) -> Modes:
    """The sums of products for each mode of the potential, without N_L."""
    weighted = used.inverse * modes
    plain, total = _real(weighted), 0
    for wave in used.waves:
        slope = _real(1j * wave * used.clean * weighted)
        total = total - 1j * wave * np.fft.rfft2(plain * slope, norm="forward")
    return cast(Modes, total)


def _normalisation(used: _Filter) -> Array:
    """N_L: 1 over the sum over l of (C_l L . l + C_m L . m)^2 / 2 C'_l C'_m, m = L - l."""
    flat, total = _real(used.inverse), np.zeros_like(used.clean)
    for a in used.waves:
        for b in used.waves:
            both = _real(a * b * used.clean**2 * used.inverse) * flat
            each = [_real(1j * wave * used.clean * used.inverse) for wave in (a, b)]
            total += a * b * np.fft.rfft2(both - each[0] * each[1], norm="forward").real
    return np.divide(1, total, out=np.zeros_like(total), where=(total > 0) & (used.clean > 0))


def _power(recipe: Recipe, rows: Columns) -> Array:
    """The power of the reconstructed potential over the expected one, the best weights, (n,)."""
    used, modes = _filter(recipe), _modes(recipe, rows)
    lens = spectra(len(used.clean), cast(LensedBackground, recipe.simulator).side_deg).potential
    found = abs(used.noise * _products(used, modes)) ** 2
    weight = np.divide(
        lens, (lens + used.noise) ** 2, out=np.zeros_like(lens), where=used.noise > 0
    )
    weight[:, 1:-1] *= 2  # modes whose conjugates are left out
    return (weight * found).sum((1, 2)) / (weight * lens).sum()


@lru_cache(4)
def _line(recipe: Recipe) -> tuple[float, float, float]:
    """Slope, offset and scatter of the amplitude against the power of the reconstruction."""
    rows = first_rows(recipe, (*SEEN, "lensing_amplitude"), LEARNT)
    power, amplitude = _power(recipe, rows), rows["lensing_amplitude"]
    slope, offset = np.polyfit(power, amplitude, 1)
    return slope, offset, float(np.std(amplitude - offset - slope * power, ddof=2))


def shear(part: int) -> Predict:
    """The baseline that takes the mean ellipticity of all rows of a field for their shear.

    Args:
        part: 1 or 2, which component.
    """

    def predict(recipe: Recipe, rows: Columns) -> Prediction:
        response, scatter = _response(recipe)
        seen = moments(rows["image"])[part - 1] / response
        _, own = np.unique(rows["field_index"], return_inverse=True)
        count = np.bincount(own)
        mean = np.bincount(own, seen) / count
        return mean[own], (scatter / np.sqrt(count))[own]

    return predict


def moments(images: NDArray) -> Array:
    """(Q_xx - Q_yy) / (Q_xx + Q_yy) and 2 Q_xy / (Q_xx + Q_yy) of weighted images, (2, n)."""
    light = images.astype(np.float64)
    y, x = np.indices(images.shape[1:]).astype(np.float64)
    centre = (
        np.full((2, len(light), 1, 1), 0.5) * (np.array(images.shape[1:]) - 1)[:, None, None, None]
    )
    dy, dx, weighted = y, x, light
    for _ in range(ROUNDS):
        dy, dx = y - centre[0], x - centre[1]
        weighted = light * np.exp(-0.5 * (dx * dx + dy * dy) / WEIGHT_PX**2)
        total = weighted.sum((1, 2))
        shift = (np.stack([(weighted * d).sum((1, 2)) for d in (dy, dx)]) / total)[..., None, None]
        centre = centre + np.clip(2 * shift, -1, 1)
    xx, yy, xy = ((weighted * d).sum((1, 2)) for d in (dx * dx, dy * dy, dx * dy))
    return np.stack([xx - yy, 2 * xy]) / (xx + yy)


@lru_cache(4)
def _response(recipe: Recipe) -> tuple[float, float]:
    """How much of an ellipticity moments show, and how they scatter for a shear, both over it."""
    names = ("image", "ellipticity_1", "ellipticity_2")
    rows = first_rows(recipe, names, GALAXIES)
    seen, true = moments(rows["image"]), np.stack([rows[name] for name in names[1:]])
    response = float((seen * true).sum() / (true * true).sum())
    return response, float(seen.std() / response)
