"""Is there a cluster? The matched filter of three bands, whose noise is correlated.

With t the signal of a cluster in all pixels of all bands and C the covariance of what else is
there, background, dust, point sources and noise, the best linear statistic of a cutout d is

    S = t^T C^-1 d / sqrt(t^T C^-1 t),

a standard normal number where there is no cluster; the largest over places and sizes counts.

Source: J.-B. Melin, J. G. Bartlett, J. Delabrouille, Catalog extraction in SZ cluster surveys: a
matched filter approach, Astronomy and Astrophysics 459 (2006) 341, arXiv:astro-ph/0602424.
"""

from functools import lru_cache
from typing import NamedTuple, cast

import numpy as np
from scipy import linalg

from deepbench_hf.exact.constants import ARCMIN, FWHM
from deepbench_hf.exact.kernel import Array
from deepbench_hf.exact.quadrature import gauss_legendre
from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.templates import first_rows, span
from deepbench_hf.metrics.estimates import Prediction
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.sz import sky
from deepbench_hf.simulators.sz.beam import RADII, add_cluster
from deepbench_hf.simulators.sz.cutouts import BANDS, T_CMB_UK, ClusterCutout
from deepbench_hf.simulators.sz.pressure import table
from deepbench_hf.simulators.sz.profiles import CORE

MAPS = tuple(f"map_{band}_uK" for band in BANDS)
SEEN = (*MAPS, *(f"{name}_noise_sigma" for name in MAPS))
"""What the filter looks at."""
SIZES_ARCMIN = (1.2, 2.0, 3.5)
"""theta500 of the templates."""
STEP_ARCMIN = 0.75


class _Filters(NamedTuple):
    """C^-1 t over its norm, and the norm sqrt(t^T C^-1 t), of each template."""

    weights: Array
    norms: Array


def statistic(recipe: Recipe, rows: Columns) -> tuple[Array, Array]:
    """The largest S of each cutout, and the y0 of a cluster of that place and size, (n,) each."""
    sigma = tuple(float(rows[name][0]) for name in SEEN[len(MAPS) :])
    low, high = (round(end, 6) for end in span(recipe, "x_arcmin"))
    filters = _filters(recipe, sigma, (low, high))
    seen = np.concatenate([rows[name].reshape(len(rows[name]), -1) for name in MAPS], axis=1)
    found = seen.astype(np.float64) @ filters.weights
    best = found.argmax(axis=1)
    top = found[np.arange(len(best)), best]
    return top, top / filters.norms[best]


def is_cluster(recipe: Recipe, rows: Columns) -> Prediction:
    """A cluster, where S is above the level that parts rows of train best."""
    found, _ = statistic(recipe, rows)
    return (found > _level(recipe)).astype(np.int64), None


@lru_cache(4)
def _level(recipe: Recipe) -> float:
    rows = first_rows(recipe, (*SEEN, "label"))
    found, _ = statistic(recipe, rows)
    order = found.argsort()
    label = rows["label"][order]
    # How many are right with the level before each: empty ones below it, clusters from it on.
    right = np.r_[0, np.cumsum(label == 0)] + np.r_[np.cumsum(label[::-1])[::-1], 0]
    place = min(max(int(right.argmax()), 1), len(order) - 1)
    return float(found[order[place - 1 : place + 1]].mean())


def _dust(recipe: Recipe) -> float:
    """The mean of the prior of dust, as far as a thousand uniforms tell it."""
    uniforms = (np.arange(1000) + 0.5) / 1000
    prior = recipe.priors.get("dust_uK2")
    return 1.0 if prior is None else float(prior.quantile(uniforms).mean())


@lru_cache(4)
def _filters(recipe: Recipe, sigma: tuple[float, ...], ends: tuple[float, float]) -> _Filters:
    simulator = cast(ClusterCutout, recipe.simulator)
    covariance = _covariance(simulator, _dust(recipe))
    pixels = covariance.shape[0] // len(MAPS)
    covariance[np.diag_indices_from(covariance)] += np.repeat(np.square(sigma), pixels)
    signals = _signals(simulator, ends)
    weights = linalg.solve(covariance, signals, assume_a="pos")
    norms = np.sqrt((weights * signals).sum(axis=0))
    return _Filters(weights / norms, norms)


def _signals(simulator: ClusterCutout, ends: tuple[float, float]) -> Array:
    """Clusters of y0 = 1 at places and of sizes, (pixels of all bands, templates)."""
    steps = np.arange(ends[0], ends[1] + 1e-9, STEP_ARCMIN)
    found = []
    for size in SIZES_ARCMIN:
        for y in steps:
            for x in steps:
                bands = []
                for response, _, fwhm in BANDS.values():
                    field = np.zeros(simulator.image_size)
                    add_cluster(
                        field, T_CMB_UK * response / CORE, size, x, y, fwhm / FWHM,
                        simulator.pixel_arcmin, *table(), *gauss_legendre(RADII),
                    )  # fmt: skip
                    bands.append(field.ravel())
                found.append(np.concatenate(bands))
    return np.array(found).T


def _covariance(simulator: ClusterCutout, dust: float) -> Array:
    """The covariance of all pixels of all bands without the noise, (3 n, 3 n).

    That of modes is the sum over them of products of their waves; that of point sources, whose
    number is Poisson, is <S^2> times the overlap of the beams at two pixels.
    """
    x, y = _places(simulator)
    found = np.zeros((len(MAPS) * x.size, len(MAPS) * x.size))
    waves = np.concatenate([_waves(dust, x, y, fwhm) for _, _, fwhm in BANDS.values()])
    np.matmul(waves, waves.T, out=found)
    square = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    for i, (one, (_, unit, fwhm)) in enumerate(BANDS.items()):
        for j, (other, (_, second, width)) in enumerate(BANDS.items()):
            spread = (fwhm**2 + width**2) / FWHM**2  # arcmin^2
            overlap = np.exp(-0.5 * square / spread) / (2 * np.pi * spread * ARCMIN**2)
            strength = unit * second * _sources(one / 148) @ _sources(other / 148)
            part = (slice(k * x.size, (k + 1) * x.size) for k in (i, j))
            found[tuple(part)] += strength * overlap
    return found


def _places(simulator: ClusterCutout) -> tuple[Array, Array]:
    """The x and y of all pixels, arcmin from the middle."""
    axes = [np.arange(float(side)) - 0.5 * (side - 1) for side in simulator.image_size]
    y, x = np.meshgrid(*axes, indexing="ij")
    return x.ravel() * simulator.pixel_arcmin, y.ravel() * simulator.pixel_arcmin


def _waves(dust: float, x: Array, y: Array, fwhm: float) -> Array:
    """Cosines and sines of all modes over the pixels, times their deviations, (n, 2 modes)."""
    power, dusty, ell = sky.background_power()
    along, across = np.meshgrid(*map(np.arange, power.shape), indexing="ij")
    along = np.where(along > len(power) // 2, along - len(power), along)
    here = (power > 0) & ((across > 0) | (along > 0))  # the others are their conjugates
    sigma = fwhm / FWHM * ARCMIN
    beam = np.exp(-0.5 * (ell**2 + ell) * sigma**2)
    deviation = (beam * np.sqrt(2 * (power + dust * dusty)))[here]
    turn = 2 * np.pi / sky.PATCH_ARCMIN * (np.outer(x, along[here]) + np.outer(y, across[here]))
    return np.concatenate([deviation * np.cos(turn), deviation * np.sin(turn)], axis=1)


def _sources(ratio: float) -> Array:
    """The roots of the mean squares of the fluxes of both kinds of sources on a steradian, Jy.

    N(>S) = k S^-1.5, so that the sum of S^2 is 3 k (sqrt(S_max) - sqrt(S_min)).
    """
    ends = np.sqrt(sky.BRIGHTEST_MJY) - np.sqrt(sky.FAINTEST_MJY)
    squares = 3 * sky.COUNTS_DEG2 * ends * 1e-6 / (60 * ARCMIN) ** 2
    shares = np.array([sky.RADIO_SHARE, 1 - sky.RADIO_SHARE])
    slopes = np.array([sky.RADIO_SLOPE, sky.DUSTY_SLOPE])
    return np.sqrt(squares * shares) * ratio**slopes
