"""Posterior draws in a file against the truths of a split, and against reference posteriors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.fields import Columns
from deepbench_hf.markup import table
from deepbench_hf.metrics.calibration import expected_calibration_error, pit_of_samples
from deepbench_hf.metrics.circles import unwrapped
from deepbench_hf.metrics.domains import sliced_wasserstein
from deepbench_hf.metrics.drawn import checked_draws, read_draws
from deepbench_hf.metrics.estimates import Estimate, average, spread
from deepbench_hf.metrics.evaluation import known_truths, present, truth_rows
from deepbench_hf.metrics.posteriors import (
    classifier_two_sample_test,
    contraction,
    log_probability_of_truth,
    posterior_z_scores,
    rank_uniformity,
    tarp,
)
from deepbench_hf.metrics.results import central, without_error
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.posteriors import posterior
from deepbench_hf.simulators.base import periods


@dataclass(frozen=True)
class PosteriorEvaluation:
    """How good the posteriors of a split are.

    Args:
        config: name of the recipe.
        version, fingerprint: of the recipe.
        split: which split.
        index: of the rows, ``(n,)``.
        names, units: of the parameters.
        truth: ``(n, d)``; NaN where a row's class has no such parameter.
        draws: ``(n, k, d)``; those of an angle on the turns that `unwrapped` gives.
        reference: draws of the exact posteriors of some of them, ``(m, k, d)``; none if m is 0.
        compared: which of the n rows these are, ``(m,)``.
    """

    config: str
    version: str
    fingerprint: str
    split: str
    index: NDArray[np.int64]
    names: tuple[str, ...]
    units: tuple[str, ...]
    truth: NDArray[np.float64]
    draws: NDArray[np.float64]
    reference: NDArray[np.float64]
    compared: NDArray[np.int64]

    @property
    def pit(self) -> NDArray[np.float64]:
        """The rank of each truth among its draws, as `pit_of_samples` has it, ``(n, d)``.

        NaN where a row has no such parameter.
        """
        here = np.isfinite(self.truth)
        ranks = pit_of_samples(np.where(here, self.truth, 0.0), self.draws.transpose(0, 2, 1))
        return np.where(here, ranks, np.nan)

    def scores(self) -> dict[str, dict[str, Estimate]]:
        """The metrics of each parameter by its name, and of all together as ``joint``.

        Those of a parameter are of the rows that have it, joint ones of rows that have them all.
        """
        ranks, count = self.pit, self.draws.shape[1]
        found = {}
        for k, name in enumerate(self.names):
            here = np.isfinite(self.truth[:, k])
            pit, truth, draws = ranks[here, k], self.truth[here, k : k + 1], self.draws[here]
            z = posterior_z_scores(truth, draws[..., k : k + 1])[:, 0]
            wide = truth.std()
            found[name] = {
                "rank_p": without_error(rank_uniformity(pit, count)),
                **central(pit),
                "ece": without_error(expected_calibration_error(pit)),
                "z_mean": _of_finite(average, z),
                "z_std": _of_finite(spread, z),
                "contraction": average(contraction(draws[..., k : k + 1], [wide])[:, 0])
                if wide > 0
                else without_error(np.nan),
            }
        whole = self.whole
        if whole.any():
            truth, draws = self.truth[whole], self.draws[whole]
            near, density = tarp(truth, draws), log_probability_of_truth(truth, draws)
            found["joint"] = {
                "tarp_p": without_error(rank_uniformity(near, count)),
                "tarp_ece": without_error(expected_calibration_error(near)),
                "log_probability": _of_finite(average, density),
            }
        if len(self.compared):
            found["joint"] = found.get("joint", {}) | self._against_reference()
        return found

    @property
    def whole(self) -> NDArray[np.bool_]:
        """Which rows have all parameters, ``(n,)``."""
        return np.asarray(np.isfinite(self.truth).all(1))

    def _against_reference(self) -> dict[str, Estimate]:
        """Mean over rows, distances in standard deviations of the reference."""
        alike, apart = [], []
        for row, reference in zip(self.compared, self.reference, strict=True):
            sigma = reference.std(0)
            unit = np.where(sigma > 0, sigma, 1.0)
            alike.append(classifier_two_sample_test(self.draws[row], reference))
            apart.append(sliced_wasserstein(self.draws[row] / unit, reference / unit))
        return {"c2st": average(alike), "sliced_wasserstein": average(apart)}

    def _repr_html_(self) -> str:
        """What notebooks show: every score with its standard error."""
        scores = [
            (parameter, name, *each.texts)
            for parameter, of in self.scores().items()
            for name, each in of.items()
        ]
        head = f"<h4>{escape(self.config)}, {escape(self.split)}</h4>"
        told = f"<p>{len(self.index)} rows, {self.draws.shape[1]} draws of each</p>"
        return head + told + table(("parameter", "score", "value", "error"), scores)

    def to_mapping(self) -> dict[str, Any]:
        """All of it as JSON can hold it; None for what is not finite."""
        own = {k: getattr(self, k) for k in ("config", "version", "fingerprint", "split")}
        scores = {
            name: {key: one.plain for key, one in of.items()} for name, of in self.scores().items()
        }
        counts = {"rows": len(self.index), "draws": self.draws.shape[1]}
        units = dict(zip(self.names, self.units, strict=True))
        return {**own, **counts, "compared": len(self.compared), "units": units, "scores": scores}


def evaluate_posterior(
    recipe: Recipe | str | Path,
    draws: str | Path | Mapping[str, ArrayLike],
    split: str = "test",
    reference: int = 0,
) -> PosteriorEvaluation:
    """Judge posterior draws against the truths, which are made anew, and exact posteriors.

    Args:
        recipe: what was inferred, or its name or file.
        draws: a file that ends in ``.parquet``, ``.npz`` or ``.h5``, or a mapping: ``index``
            ``(n,)``, and for each parameter its draws ``(n, k)`` by the column's name, in its unit.
        split: which split of the recipe.
        reference: of how many of the rows the exact posterior is made for comparison, too.

    Raises:
        KeyError: no such split.
        ValueError: what is wrong with the draws, or there is no closed likelihood to refer to.

    >>> import numpy as np
    >>> guess = {"index": [0, 1], "length_m": np.linspace(0.5, 10, 40).reshape(2, 20, order="F")}
    >>> sorted(evaluate_posterior("pendulum_noisy", guess).scores())
    ['joint', 'length_m']
    """
    recipe = as_recipe(recipe)
    source = str(draws) if isinstance(draws, (str, Path)) else "draws"
    given = read_draws(draws)
    index, names = checked_draws(recipe, split, source, given)
    rows = truth_rows(recipe, split, index)
    known = known_truths(recipe)
    found, compared = np.empty((0, 1, len(names))), np.empty(0, np.int64)
    truth = np.stack([_truth(recipe, name, rows) for name in names], axis=1)
    drawn = np.stack([given[name].astype(np.float64) for name in names], axis=-1)
    for name, values in zip(names, truth.T, strict=True):
        if not np.isfinite(values).any():
            raise ValueError(f"{source}: none of its rows has a {name}; leave the column out")
    if reference < 0:
        raise ValueError(f"reference: {reference}; give the number of rows, 0 or more")
    if reference:
        exact = posterior(recipe, split, index[:reference], given[names[0]].shape[1])
        if others := [name for name in names if name not in exact.draws]:
            raise ValueError(f"{source}: exact posteriors have no {others[0]}; leave it out")
        found = np.stack([exact.draws[name] for name in names], axis=-1)
        compared = np.flatnonzero(exact.usable & np.isfinite(found).all((1, 2)))
        found = found[compared]
    for k, name in enumerate(names):
        if (period := periods(recipe.simulator, name, rows)) is not None:
            own = np.where(np.isfinite(truth[:, k]), truth[:, k], drawn[:, 0, k])
            if len(compared):
                those = own[compared], drawn[compared, :, k], period[compared]
                found[..., k] = unwrapped(*those, found[..., k])[1]
            drawn[..., k] = unwrapped(own, drawn[..., k], period)[0]
    return PosteriorEvaluation(
        recipe.name,
        recipe.version,
        recipe.fingerprint,
        split,
        index,
        names,
        tuple(known[name].unit for name in names),
        truth,
        drawn,
        found,
        compared,
    )


def _truth(recipe: Recipe, name: str, rows: Columns) -> NDArray[np.float64]:
    """The true values, NaN in rows of classes that have none."""
    return np.where(present(recipe, name, rows), rows[name].astype(np.float64), np.nan)


def _of_finite(mean: Callable[[ArrayLike], Estimate], values: NDArray[np.float64]) -> Estimate:
    """An average; of draws that leave no doubt and miss the truth it is infinite, or not known."""
    if np.isfinite(values).all():
        return mean(values)
    with np.errstate(invalid="ignore"):
        return without_error(values.sum() if mean is average else np.nan)
