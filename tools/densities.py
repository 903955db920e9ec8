"""The densities of all kinds of noise by SciPy, from what rows hold: an oracle for likelihoods."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from deepbench_hf import generate
from deepbench_hf.fields import Columns
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.unknowns import informative
from deepbench_hf.simulators.base import Marginal
from deepbench_hf.simulators.kappa.modes import gaussian, lognormal

Law = Callable[[NDArray, NDArray, Columns], NDArray]
"""Of what is seen and true, and the settings, ``(n, ...)``: the logarithm of the density of each
sample, or ``(n,)`` of the example."""


def by_scipy(recipe: Recipe, split: str, rows: int, power: int = 1) -> NDArray[np.float64]:
    """Log-likelihoods of the first rows at their true parameters, ``(rows,)``, nats.

    With ``power`` 2 a Gaussian has the variance for its standard deviation: a planted defect.
    """
    recipe = recipe.model_copy(update={"clean": True, "uncertainty": False})
    columns, total = generate(recipe, split, 0, rows), np.zeros(rows)
    plan = recipe.plan(split)
    if isinstance(plan.simulator, Marginal):
        law = {"quasar": _quasars}.get(plan.simulator.kind, _maps)
        return law(plan.simulator, columns)
    for step in informative(recipe, split, plan):
        one = step.measurement
        settings = {name: columns[column] for name, column in one.settings.items()}
        settings = {name: values.astype(np.float64) for name, values in settings.items()}
        seen, true = columns[one.column].astype(np.float64), columns[step.clean]
        settings["power"] = np.full(rows, float(power))
        found = LAWS[one.noise.kind](seen, true.astype(np.float64), settings)
        valid = getattr(one.target, "valid", "")
        if valid and found.ndim > 1:
            found = np.where(columns[valid], found, 0.0)
        total += found.reshape(rows, -1).sum(axis=1)
    return total


def _like(setting: NDArray, values: NDArray) -> NDArray:
    """A setting in front of the samples of each example."""
    if setting.ndim == values.ndim:
        return setting
    return setting.reshape(-1, *[1] * (values.ndim - 1))


def _normal(seen: NDArray, true: NDArray, settings: Columns) -> NDArray:
    width = _like(settings["sigma"], true) ** settings["power"][0]
    return stats.norm(true, np.where(width > 0.0, width, 1.0)).logpdf(seen)


def _log_normal(seen: NDArray, true: NDArray, settings: Columns) -> NDArray:
    return stats.lognorm(settings["sigma"], scale=true).logpdf(seen)


def _counts(seen: NDArray, true: NDArray, settings: Columns) -> NDArray:
    return stats.poisson(np.maximum(true, 0.0)).logpmf(seen)


def _resolution(seen: NDArray, true: NDArray, settings: Columns) -> NDArray:
    a, b, c = (_like(settings[name], true) for name in ("stochastic", "constant", "noise"))
    value = np.maximum(true, 0.0)
    width = np.sqrt(a**2 * value + b**2 * value**2 + c**2)
    exact = np.where(seen == true, 0.0, -np.inf)  # where nothing is, nothing is measured
    return np.where(
        width > 0.0, stats.norm(true, np.where(width > 0, width, 1)).logpdf(seen), exact
    )


def _poisson(seen: NDArray, true: NDArray, settings: Columns) -> NDArray:
    scale = _like(settings["counts_per_unit"], true)
    back = _like(settings["background_level"], true)
    mean = scale * np.maximum(true + back, 0.0)
    return stats.poisson(mean).logpmf(np.round(scale * (seen + back)))


def _detector(seen: NDArray, true: NDArray, settings: Columns) -> NDArray:
    """The sum over all counts that are within 12 standard deviations of what is read."""
    names = ("exposure_s", "sky_e_s_px", "read_noise_e")
    t, sky, sigma = (_like(settings[name], true) for name in names)
    gain = settings.get("gain_e_adu") if settings.get("in_adu") else None
    electrons, mean = t * (seen + sky), t * np.maximum(true + sky, 0.0)
    assert gain is None
    total = np.empty(true.shape)
    for i in range(len(true)):
        reach = np.arange(-np.ceil(12 * sigma[i].max()), np.ceil(12 * sigma[i].max()) + 1)
        k = np.round(electrons[i])[..., None] + reach
        terms = stats.poisson.logpmf(k, mean[i][..., None])
        terms = terms + stats.norm.logpdf(electrons[i][..., None] - k, 0.0, sigma[i][..., None])
        total[i] = special.logsumexp(terms, axis=-1) + np.log(t[i])
    return total


def _tracker(seen: NDArray, true: NDArray, settings: Columns) -> NDArray:
    """Of the vector in the frame of the true direction: gnomonic coordinates and the length."""
    size, found = np.linalg.norm(true, axis=1), np.empty(len(true))
    for i, (p, q) in enumerate(zip(true, seen, strict=True)):
        along = p / size[i]
        turn = np.linalg.svd(along[None])[2][1:]
        length, angle = np.linalg.norm(q), 1e-3 * settings["angle_mrad"][i]
        cosine = q @ along / length
        s = np.hypot(settings["scattering"][i], settings["curvature"][i] * size[i])
        found[i] = stats.norm(size[i], s * size[i]).logpdf(np.sign(cosine) * length)
        found[i] += stats.norm(0.0, angle).logpdf(turn @ q / (q @ along)).sum()
        found[i] -= 2.0 * np.log(length) + 3.0 * np.log(abs(cosine))
    return found


LAWS: dict[str, Law] = {
    "gaussian": _normal,
    "relative_gaussian": _normal,
    "heteroscedastic": _normal,
    "log_normal": _log_normal,
    "counts": _counts,
    "poisson": _poisson,
    "resolution": _resolution,
    "detector": _detector,
    "tracker": _tracker,
}


def _quasars(simulator: Any, rows: Columns) -> NDArray[np.float64]:
    """Of the whole light curve by its covariance matrix."""
    found = np.empty(len(rows["index"]))
    for i in range(len(found)):
        here = rows["valid"][i].astype(bool)
        time = rows["time_d"][i][here]
        error = np.broadcast_to(rows["magnitude_noise_sigma_mag"][i], here.shape)[here]
        lag = np.abs(time[:, None] - time)
        tau = rows["tau_d"][i]
        rho = rows["rho_d"][i] if "rho_d" in rows else 0.0
        kernel = tau * np.exp(-lag / tau) - (rho * np.exp(-lag / rho) if rho > 0.0 else 0.0)
        covariance = rows["sigma_mag"][i] ** 2 * kernel / (tau - rho)
        covariance += np.diag(error.astype(np.float64) ** 2)
        seen = rows["magnitude_observed_mag"][i][here].astype(np.float64)
        found[i] = stats.multivariate_normal(np.zeros(len(seen)), covariance).logpdf(seen)
    return found


def _maps(simulator: Any, rows: Columns) -> NDArray[np.float64]:
    """Of maps by the eigenvectors of their covariance; of lognormal ones by their logarithms."""
    found, side = np.empty(len(rows["index"])), rows["image"].shape[1]
    for i, image in enumerate(rows["image"].astype(np.float64)):
        row = {
            name: float(rows[name][i]) for name in ("amplitude", "tilt", "shift") if name in rows
        }
        head = side, getattr(simulator, "side_deg"), row["amplitude"], row["tilt"]  # noqa: B009
        variance = (lognormal(*head, row["shift"]) if "shift" in row else gaussian(*head)).variance
        field, change = image, 0.0
        if "shift" in row:
            logarithm = np.log(image + row["shift"])
            field, change = logarithm - logarithm.mean(), logarithm.sum()
        waves = np.arange(side)
        whole = variance[:, np.minimum(waves, side - waves)]
        flipped = variance[-waves[:, None] % side, np.minimum(waves, side - waves)[None]]
        whole = np.where(waves[None] > side // 2, flipped, whole)
        correlation = np.fft.fft2(whole).real
        y, x = (part.ravel() for part in np.mgrid[:side, :side])
        covariance = correlation[(y[:, None] - y) % side, (x[:, None] - x) % side]
        value, vector = np.linalg.eigh(covariance)
        here = value > 1e-9 * value.max()
        inside = vector.T @ field.ravel()
        found[i] = stats.norm(0.0, np.sqrt(value[here])).logpdf(inside[here]).sum() - change
    return found
