"""Simulation-based calibration of reference posteriors, and of the likelihoods they rest on.

It has two parts. The rank of the true value among the draws is uniform if simulator, prior,
likelihood and sampler agree (arXiv:1804.06788). It sees a noise that is mis-stated by 3 % only as
posteriors 3 % too wide, which takes some 50 000 ranks; so the likelihood of what was measured is
ranked, too, among those of repetitions under the stated noise, at the same truth.
"""

import time
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from deepbench_hf import posterior
from deepbench_hf.fields import Columns
from deepbench_hf.metrics import rank_uniformity
from deepbench_hf.model import FrozenDict
from deepbench_hf.recipe.recipe import LARGEST, Recipe
from deepbench_hf.recipe.steps import Measure
from deepbench_hf.rows.generation import drawn_settings, rows_at
from deepbench_hf.rows.likelihoods import observations
from deepbench_hf.rows.posteriors import Posterior
from deepbench_hf.simulators.base import Marginal

REPETITIONS = 19
SAMPLES = 40_000
"""Measured numbers that are looked at: 3 % of their noise are eight standard errors."""

TRUTHS = ("config", "rows", "s a row", "% without draws", "effective of 20 000", "p of truths")
DATA = ("config", "rows", "p of data", "p of data, noise stated 3 % too strong")

WRONG = 1.03
"""How much a mis-stated noise is too strong."""

POWERS = {
    **dict.fromkeys(("sigma", "stochastic", "constant", "noise"), 1),
    **dict.fromkeys(("scattering", "curvature", "angle_mrad"), 1),
    **{"exposure_s": -2, "counts_per_unit": -2, "read_noise_e": -1},
}
"""The power of its strength with which each setting of a noise goes."""


def misstated(recipe: Recipe, factor: float = WRONG) -> Recipe:
    """The recipe with every noise of its split ``test`` stronger by a factor.

    Counts as such have no strength.
    """
    split = recipe.splits["test"]
    noise = {}
    for name, one in split.noise.items():
        changed = {
            s: p.stretched(factor ** POWERS[s], 0.0) for s, p in one.priors.items() if s in POWERS
        }
        noise[name] = one.model_copy(update=changed)
    changed = split.model_copy(update={"noise": FrozenDict(noise)})
    return recipe.model_copy(update={"splits": FrozenDict({"test": changed})})


def truth_ranks(found: Posterior) -> dict[str, NDArray[np.float64]]:
    """The rank of each parameter's truth among the draws of usable rows, ``(rows,)``."""
    ranks, here = {}, found.usable
    for number, (name, draws) in enumerate(found.draws.items()):
        truth = np.nan_to_num(found.truth[name][here].astype(np.float64))[:, None]
        if len(np.unique(truth)) > 1:
            draws = np.nan_to_num(draws[here].astype(np.float64))
            equal = (draws == truth).sum(1)
            place = _spread(len(equal), number) * (equal + 1)
            ranks[name] = ((draws < truth).sum(1) + place) / (draws.shape[1] + 1)
    return ranks


def _spread(rows: int, number: int = 0) -> NDArray[np.float64]:
    """Even numbers between 0 and 1, ``(rows,)``: they break ties, as ranks are whole numbers."""
    return ((np.arange(rows) + 0.5) * 0.6180339887498949 + number * 0.7548776662466927) % 1.0


def uniformity(ranks: Mapping[str, NDArray[np.float64]]) -> float:
    """The p-value of the parameter whose ranks are least uniform, times their number."""
    found = [rank_uniformity(one) for one in ranks.values()]
    return min(1.0, len(found) * min(found)) if found else np.nan


def truths_of(
    recipe: Recipe, rows: int, seconds: float = np.inf, level: str | None = None
) -> tuple[str, ...]:
    """What the posteriors of so many rows are like, or of fewer where they would take longer.

    Of each group that shares parameters there is one row. The cells are those of `TRUTHS`.
    """
    sizes = [one.rows for one in recipe.splits["test"].levels.values() if one.rows != "all"]
    indices = np.arange(0, recipe.splits["test"].size, max(sizes, default=1))[:rows]
    posterior(recipe, "test", indices[:1], draws=2, level=level)  # compiled
    if seconds < np.inf:
        begun = time.process_time()
        posterior(recipe, "test", indices[1:4], draws=2, level=level)
        spent = time.process_time() - begun
        indices = indices[: int(min(rows, max(20.0, 3.0 * seconds / spent)))]
    begun = time.process_time()
    found = posterior(recipe, "test", indices, draws=400, level=level)
    spent = (time.process_time() - begun) / len(indices)
    return (
        str(len(indices)), f"{spent:.2g}", f"{100.0 * (1.0 - found.usable.mean()):.1f}",
        f"{np.median(found.effective_draws):.0f}", f"{uniformity(truth_ranks(found)):.2g}",
    )  # fmt: skip


def data_of(recipe: Recipe) -> tuple[str, ...]:
    """Whether what rows measured is as likely as it should be; the cells are those of `DATA`."""
    split = recipe.splits["test"].model_copy(update={"size": LARGEST})
    recipe = recipe.model_copy(update={"splits": FrozenDict({"test": split})})
    size = observations(recipe, "test", np.arange(1))[0].size
    rows, wrong = int(np.clip(SAMPLES / size, 50, 2000)), misstated(recipe)
    right = f"{rank_uniformity(data_ranks(recipe, rows)):.2g}"
    if wrong == recipe:
        return str(rows), right, ""
    return str(rows), right, f"{rank_uniformity(data_ranks(recipe, rows, wrong)):.1g}"


def data_ranks(recipe: Recipe, rows: int, stated: Recipe | None = None) -> NDArray[np.float64]:
    """The rank of each row's likelihood among those of repetitions under the stated noise."""
    stated, indices = stated or recipe, np.arange(rows)
    measured = [o.rows for o in observations(recipe, "test", indices)]
    known = {name: np.concatenate([row[name] for row in measured]) for name in measured[0]}
    seen = _likelihoods(stated, indices, known)
    repeated = [
        _likelihoods(stated, indices, _measured_again(stated, indices, number))
        for number in range(REPETITIONS)
    ]
    below = (np.array(repeated) < seen).sum(axis=0)
    return (below + _spread(rows)) / (REPETITIONS + 1)


def _measured_again(stated: Recipe, indices: NDArray, number: int) -> Columns:
    """What the same instruments, at the same settings, measure with other random numbers.

    Where a path or a field is integrated over, it is another one.
    """
    stream = f"{stated.noise_stream}, repetition {number}"
    again = stated.model_copy(update={"noise_stream": stream})
    clean, plan = stated.model_copy(update={"clean": True}), stated.plan("test")
    given = None
    if isinstance(plan.simulator, Marginal):
        random = np.random.default_rng([number, len(indices)])
        given = {"realization": random.integers(0, 1 << 53, len(indices))}
    rows = rows_at(clean, "test", indices, given=given)
    pairs = zip(plan.of(Measure), again.plan("test").of(Measure), strict=True)
    for step, other in pairs:
        one = step.measurement
        drawn = one.divided(drawn_settings(step, indices), rows)
        streams = [(stream.key, stream.draws(indices)) for stream in other.streams]
        made = one.draw(rows[step.clean].copy(), drawn, streams)
        rows[one.column] = one.without_padding(made, rows)[one.column]
    return rows


def _likelihoods(recipe: Recipe, indices: NDArray, known: Columns) -> NDArray[np.float64]:
    """Of what was measured, under the strengths that are stated."""
    measurements = recipe.plan("test").measurements.values()
    settings = {column for one in measurements for column in one.settings.values()}
    kept = {name: values for name, values in known.items() if name not in settings}
    return np.array([o.log_likelihood({})[0] for o in observations(recipe, "test", indices, kept)])
