"""Closed forms of series and numbers, and fits of few numbers: lines, halos, masses."""

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import special

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.metrics.baselines.templates import Predict, first_rows, span
from deepbench_hf.metrics.estimates import Prediction
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.decay import DECAYS, UNRELATED
from deepbench_hf.simulators.halo import HaloNFW, HaloProfile

TURNS = np.geomspace(0.02, 3.1, 4000)
"""Frequencies that are tried for a period, radians a sample: up to half the sampling rate."""

Wave = NDArray[np.complex128]


def given_estimate(recipe: Recipe, rows: Columns) -> Prediction:
    """The estimate that the rows hold, g = 4 pi^2 L / T^2, with its error to first order."""
    return rows["gravity_estimate_m_s2"], rows["gravity_estimate_sigma_m_s2"]


def gravity_of_frequency(recipe: Recipe, rows: Columns) -> Prediction:
    """The g from 0.3 to 30 m/s^2 with most power at w = sqrt(g / L) / (1 + theta0^2 / 16)."""
    gravity, time = np.geomspace(0.3, 30, 400), rows["time_s"]
    root = np.sqrt(rows["length_measured_m"]) * (1 + rows["theta0_measured_rad"] ** 2 / 16)
    turn = np.exp(1j * np.sqrt(gravity) * ((time[:, 1] - time[:, 0]) / root)[:, None])
    wave = np.zeros_like(turn)
    for seen in rows["x_m"].astype(np.float64).T:  # sum_k x_k turn^(T - 1 - k), as Horner did
        wave = wave * turn + seen[:, None]
    return gravity[np.abs(wave).argmax(axis=1)], None


def period_of(series: str) -> Predict:
    """The baseline that finds the period of an evenly sampled series."""
    return lambda recipe, rows: (_period(rows["time_s"], rows[series]), None)


def _period(time: NDArray, series: NDArray) -> NDArray[np.float64]:
    """The period of the one wave that takes most of the squares, a cos w t + b sin w t.

    Source: N. R. Lomb, Least-squares frequency analysis, Astrophys. Space Sci. 39 (1976) 447.
    """
    turn = np.outer(np.arange(time.shape[1]), TURNS)
    cos, sin, seen = np.cos(turn), np.sin(turn), series.astype(np.float64)
    a, b = seen @ cos, seen @ sin
    cc, cs, ss = (cos * cos).sum(0), (cos * sin).sum(0), (sin * sin).sum(0)
    power = (a * a * ss - 2 * a * b * cs + b * b * cc) / (cc * ss - cs * cs)
    place = np.clip(power.argmax(axis=1), 1, len(TURNS) - 2)
    low, top, high = (np.take_along_axis(power, place[:, None] + k, 1)[:, 0] for k in (-1, 0, 1))
    # The vertex of the parabola through three neighbours, which are evenly spaced in ln w.
    shift = np.clip((low - high) / np.minimum(2 * (low - 2 * top + high), -1e-300), -1, 1)
    best = TURNS[place] * (TURNS[1] / TURNS[0]) ** shift
    return 2 * np.pi / best * (time[:, 1] - time[:, 0])


def resonant_amplitude(recipe: Recipe, rows: Columns) -> Prediction:
    """A = 1 / (2 sqrt((1 - omega)^2 + gamma^2)): right where omega is near 1 and gamma small.

    Source: L. D. Landau, E. M. Lifshitz, Mechanics, section 26, the vicinity of the resonance.
    """
    return 0.5 / np.hypot(1 - rows["omega"], rows["gamma"]), None


def resonant_phase(recipe: Recipe, rows: Columns) -> Prediction:
    """The phase atan2(gamma, 1 - omega), as `resonant_amplitude`."""
    return np.arctan2(rows["gamma"], 1 - rows["omega"]), None


def damping(recipe: Recipe, rows: Columns) -> Prediction:
    """The damping of a pendulum as if it were harmonic, x ~ e^(-b t / 2) cos(w t)."""
    step = rows["time_s"][:, 1] - rows["time_s"][:, 0]
    return -2 * np.log(np.abs(_root(rows["x_m"]))) / step, None


def answer(recipe: Recipe, rows: Columns) -> Prediction:
    """Where a damped oscillation will be: x = Re(c z^(t / step)), c by least squares."""
    time, x = rows["time_s"], rows["x_m"].astype(np.float64)
    first, step = time[:, 0], time[:, 1] - time[:, 0]
    rate = np.log(_root(x)) / step
    wave: Wave = np.exp(rate[:, None] * (time - first[:, None]))
    basis = np.stack([wave.real, -wave.imag], axis=2)
    part = (np.linalg.pinv(basis) @ x[..., None])[..., 0]
    asked: Wave = np.exp(rate * (rows["question_s"] - first))
    return part[:, 0] * asked.real - part[:, 1] * asked.imag, None


def _root(x: Array) -> Wave:
    """The z of x_k = Re(c z^k), from x_(k+1) = a x_k - b x_(k-1) by least squares, (n,).

    Source: F. B. Hildebrand, Introduction to Numerical Analysis, section 9.4, Prony's method.
    """
    x = x.astype(np.float64)
    before = np.stack([x[:, 1:-1], -x[:, :-2]], axis=2)
    a, b = (np.linalg.pinv(before) @ x[:, 2:, None])[..., 0].T
    root = (a + np.sqrt((a * a - 4 * b).astype(np.complex128))) / 2
    return np.where(root == 0, 1, root)  # what does not move is not damped


def slope_of_points(recipe: Recipe, rows: Columns) -> Prediction:
    """The slope of the line through the points; its error from the noise of x and y.

    Noise on x lowers it by the factor 1 / (1 + sigma_x^2 / var x), which is not mended.
    """
    x, y = (rows[name].astype(np.float64) for name in ("x_observed", "y_observed"))
    x, y = x - x.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    square = (x * x).sum(1)
    slope = (x * y).sum(1) / square
    noise = np.hypot(rows["y_noise_sigma"], slope * rows["x_noise_sigma"])
    return slope, noise / np.sqrt(square)


def learnt_line(recipe: Recipe, rows: Columns) -> Prediction:
    """The y on the line of least squares through the training rows."""
    x, y = first_rows(recipe, ("x", "y")).values()
    slope = np.linalg.pinv((x - x.mean())[:, None]) @ (y - y.mean())
    return y.mean() + slope * (rows["x"] - x.mean()), None


def learnt_step(recipe: Recipe, rows: Columns) -> Prediction:
    """The mean y of the training rows on either side of the largest step between neighbours."""
    x, y = first_rows(recipe, ("x", "y")).values()
    order = x.argsort()
    x, y = x[order], y[order]
    right = int(np.abs(np.diff(y, prepend=y[0])).argmax())
    left = max(right - 1, 0)  # the same where all y are equal
    above = rows["x"] > (x[left] + x[right]) / 2
    return np.where(above, y[right:].mean(), y[: left + 1].mean()), None


def normal_information(recipe: Recipe, rows: Columns) -> Prediction:
    """-ln(1 - r^2) / 2, r the correlation of normal scores: right for Gaussians, else too low."""
    x, y = (_scores(rows[name]) for name in ("x", "y"))
    r = (x * y).sum(1) / np.sqrt((x * x).sum(1) * (y * y).sum(1))
    return -0.5 * np.log1p(-(r**2)), None


def _scores(values: NDArray) -> NDArray:
    """Standard normal quantiles of the ranks, so that rising functions change nothing."""
    ranks = values.argsort(axis=1, kind="stable").argsort(axis=1)
    return special.ndtri((ranks + 0.5) / values.shape[1])


def noise_of(plane: str) -> Predict:
    """The baseline that takes the median deviation of a plane's samples for its white noise.

    Source: P. J. Huber, Robust Statistics (1981), section 5.1: tracks cover few of the samples.
    """
    normal = special.ndtri(0.75)  # the median of |z|, z standard normal
    return lambda recipe, rows: (np.median(np.abs(rows[plane]), axis=(1, 2)) / normal, None)


HALO = ("log10_mass_Msun", "concentration_offset_dex")
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
        given = dict(zip(HALO, at, strict=True))
        return model(**given, **extra, radius_kpc=radius)[output]

    sigma = rows.get("log10_density_noise_sigma", np.ones(len(radius)))
    ends = [span(recipe, name) for name in HALO]
    at = np.array([np.full(len(radius), np.mean(pair)) for pair in ends])
    within = radius < INSIDE * radius[:, :1] * 100  # the first radius is 0.01 R200m
    covariance = np.empty((len(radius), 2, 2))
    for _ in range(ROUNDS):
        mean = expected(at)
        slopes = [(expected(at + STEP * unit[:, None]) - mean) / STEP for unit in np.eye(len(HALO))]
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
