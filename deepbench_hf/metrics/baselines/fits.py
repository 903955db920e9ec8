"""Fits of few numbers: a halo of two to a profile, and the mass of what decayed."""

from collections.abc import Callable
from typing import cast

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.templates import span
from deepbench_hf.metrics.estimates import Prediction
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.decay import DECAYS, UNRELATED
from deepbench_hf.simulators.halo import HaloNFW, HaloProfile

Predict = Callable[[Recipe, Columns], Prediction]

PROFILE = ("log10_mass_Msun", "concentration_offset_dex")
ROUNDS, STEP, INSIDE = 8, 1e-4, 1.0
"""Newton steps, the step of a difference, and the largest radius of a fit, in R200m."""


def of_halo(place: int) -> Predict:
    """The baseline that fits a halo of Navarro, Frenk and White, and the mean, within R200m.

    Least squares by Gauss and Newton for the mass and the scatter of the concentration; of counts
    with their Poisson variance, of logarithms of the density with that of the noise.

    Args:
        place: which of the two.

    Source: J. Navarro, C. Frenk, S. White, ApJ 490 (1997) 493, arXiv:astro-ph/9611107.
    """
    return lambda recipe, rows: _fit(recipe, rows, place)


def _fit(recipe: Recipe, rows: Columns, place: int) -> Prediction:
    counted = "shell_counts" in rows
    radius = rows["radius_kpc"]
    seen = rows["shell_counts" if counted else "log10_density"].astype(np.float64)
    model = recipe.simulator.model_copy(update={"truncated": False}) if counted else HaloNFW()
    model = cast(HaloProfile | HaloNFW, model)
    extra = {"particle_mass_Msun": rows["particle_mass_Msun"]} if counted else {}
    output = "shell_counts" if counted else "log10_density"

    def expected(at: NDArray) -> Array:
        given = dict(zip(PROFILE, at, strict=True))
        return model(**given, **extra, radius_kpc=radius)[output]

    sigma = rows.get("log10_density_noise_sigma", np.ones(len(radius)))
    ends = [span(recipe, name) for name in PROFILE]
    at = np.array([np.full(len(radius), np.mean(pair)) for pair in ends])
    within = radius < INSIDE * radius[:, :1] * 100  # the first radius is 0.01 R200m
    covariance = np.empty((len(radius), 2, 2))
    for _ in range(ROUNDS):
        mean = expected(at)
        slopes = [
            (expected(at + STEP * unit[:, None]) - mean) / STEP for unit in np.eye(len(PROFILE))
        ]
        variance = np.maximum(mean, 1) if counted else sigma[:, None] ** 2
        weight = within / variance
        matrix = np.stack(slopes, axis=-1)
        normal = np.einsum("nk,nki,nkj->nij", weight, matrix, matrix)
        covariance = np.linalg.pinv(normal)
        moved = np.einsum("nij,nk,nkj->ni", covariance, weight * (seen - mean), matrix)
        low, high = np.array(ends).T[:, :, None]
        at = np.clip(at + np.clip(moved.T, -1, 1), low - 1, high + 1)
    return at[place], np.sqrt(covariance[:, place, place])


def invariant_mass(recipe: Recipe, rows: Columns) -> Prediction:
    """The invariant mass of what was measured, with the masses of the true daughters."""
    return rows["mass_GeV"], None


def decay_of_mass(recipe: Recipe, rows: Columns) -> Prediction:
    """The decay whose daughters have an invariant mass nearest to their parent's, in its logarithm.

    A pair that is farther than a tenth of its logarithm from all of them is unrelated.
    """
    distance = []
    momenta = [rows[f"momentum_{k}_GeV"].astype(np.float64) for k in (1, 2)]
    for parent, *daughters, _ in DECAYS.values():
        pairs = zip(daughters, momenta, strict=True)
        energies = [np.sqrt(mass**2 + (p**2).sum(axis=1)) for mass, p in pairs]
        square = (energies[0] + energies[1]) ** 2 - ((momenta[0] + momenta[1]) ** 2).sum(axis=1)
        distance.append(abs(np.log(np.sqrt(np.maximum(square, 1e-12)) / parent)))
    nearest = np.array(distance)
    names = recipe.simulator.parameters["label"].names
    best = np.array([names.index(name) for name in DECAYS])[nearest.argmin(axis=0)]
    return np.where(nearest.min(axis=0) > 0.1, names.index(UNRELATED), best), None
