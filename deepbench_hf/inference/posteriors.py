"""Reference posteriors: draws, evidence and diagnostics of any row."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasets.utils import tqdm
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.exact.draws import add_normals
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Columns
from deepbench_hf.inference.importance import (
    FREEDOM,
    Sample,
    pareto_shape,
    proposals,
    refined,
    sample,
    scattered,
)
from deepbench_hf.inference.laplace import TRIED, modes
from deepbench_hf.inference.likelihoods import Observation, observations
from deepbench_hf.inference.priors import Case, cases
from deepbench_hf.inference.space import Space, space_of
from deepbench_hf.markup import table
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import rows_at, split_of
from deepbench_hf.simulators.base import Marginal

Array = NDArray[np.floating]

PROPOSALS = 20_000
LARGEST_SHAPE, FEWEST = 0.7, 400.0
"""Of a row with draws: the Pareto k at most, the effective draws at least."""

DIAGNOSTICS = ("log_evidence", "effective_draws", "pareto_k")

ROUNDS = 3
"""How often the proposals follow what they found, where it is not enough."""

SHOWN = 10
"""Posteriors that a notebook lists."""

ROWS = 64
"""Rows that are made together."""


@dataclass(frozen=True)
class Posterior:
    """Posteriors of rows.

    Args:
        index: of the rows, ``(n,)``.
        truth: the true value of each parameter, ``(n,)``.
        draws: of each parameter, ``(n, draws)``; NaN in rows that are not `usable`.
        units: of the parameters.
        log_evidence: logarithm of the density of what was measured, all parameters integrated
            over, nats, ``(n,)``.
        effective_draws: independent draws that the weighted ones are worth, ``(n,)``.
        pareto_k: shape of the tail of the weights, ``(n,)``.
    """

    index: NDArray[np.int64]
    truth: Columns
    draws: Columns
    units: Mapping[str, str]
    log_evidence: Array
    effective_draws: Array
    pareto_k: Array

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which rows have draws, ``(n,)``: k up to 0.7, and 400 effective draws or more."""
        return (self.pareto_k <= LARGEST_SHAPE) & (self.effective_draws >= FEWEST)

    def _repr_html_(self) -> str:
        """What notebooks show: truth, mean and standard deviation, and how good the draws are."""
        rows = []
        for k, index in enumerate(self.index[:SHOWN]):
            answers = [
                f"{values[k].mean():.4g} ± {values[k].std():.2g} ({self.truth[name][k]:.4g})"
                for name, values in self.draws.items()
            ]
            rows.append(
                (index, *answers, f"{self.effective_draws[k]:.0f}", f"{self.pareto_k[k]:.2f}")
            )
        heads = [f"{name} [{self.units[name]}]" for name in self.draws]
        told = f"<p>{len(self.index)} posteriors: mean ± standard deviation (truth)</p>"
        return told + table(("row", *heads, "effective draws", "Pareto k"), rows)

    def save(self, file: str | Path) -> None:
        """Write the rows that are `usable` to a Parquet file: draws as lists, truths, diagnostics.

        ``evaluate --posterior`` and ``datasets`` read it; units are in its schema.
        """
        here = self.usable
        truth = {f"{name}_truth": values[here] for name, values in self.truth.items()}
        numbers = {name: getattr(self, name)[here] for name in DIAGNOSTICS}
        lists = {name: pa.array(list(values[here])) for name, values in self.draws.items()}
        table = pa.table({"index": self.index[here], **lists, **truth, **numbers})
        file_schema = pa.schema(
            field.with_metadata({"unit": self.units.get(field.name.removesuffix("_truth"), "1")})
            for field in table.schema
        )
        pq.write_table(table.cast(file_schema), file)


def posterior(
    recipe: Recipe | str | Path,
    split: str,
    indices: ArrayLike,
    draws: int = 1000,
    proposals: int = PROPOSALS,
) -> Posterior:
    """Draws from the posterior of rows, all continuous parameters and classes together.

        p(theta | measured) = p(measured | theta) p(theta) / evidence

    Modes are found from the measured values and from points of the prior by damped Gauss-Newton
    steps, for every combination of classes; Student distributions about them propose points, and
    these are drawn again by their importance weights. Each row is seen alone, even where rows
    share a parameter. The numbers are the same again on the same machine.

    Args:
        recipe: a recipe, its name or its file.
        split: which split of it.
        indices: of the rows, ``(n,)``.
        draws: for each row.
        proposals: weighted points for each row.

    Returns:
        A `Posterior`; rows whose diagnostics are bad have no draws.

    Raises:
        KeyError: no such split.
        IndexError: no such row.
        ValueError: the config has no closed likelihood, or too many combinations of classes.

    Source: T. Kloek, H. K. van Dijk, Econometrica 46 (1978) 1, importance sampling;
    arXiv:1507.02646 for its diagnostic.

    >>> from deepbench_hf import posterior
    >>> found = posterior("pendulum_noisy", "test", [0], draws=100, proposals=2000)
    >>> found.draws["length_m"].shape, bool(found.usable[0])
    ((1, 100), True)
    """
    recipe, rows = as_recipe(recipe), np.atleast_1d(np.asarray(indices)).astype(np.int64)
    found, names = [], unknown(recipe, split)
    with tqdm(total=len(rows), unit=" rows", desc="Posteriors", disable=len(rows) < ROWS) as bar:
        for start in range(0, len(rows), ROWS):
            part = rows[start : start + ROWS]
            seen = observations(recipe, split, part)
            for index, one in zip(part, seen, strict=True):
                with np.errstate(all="ignore"):  # of points far away the density is 0
                    found.append(_one(recipe, split, int(index), one, draws, proposals))
                bar.update(1)
    truth = rows_at(recipe, split, rows, names)
    parameters = split_of(recipe, split).simulator.parameters
    nothing = np.full(draws, np.nan)
    return Posterior(
        rows,
        {name: truth[name] for name in names},
        {name: np.array([row.draws.get(name, nothing) for row in found]) for name in names},
        {name: parameters[name].unit for name in names},
        np.array([row.log_evidence for row in found]),
        np.array([row.effective for row in found]),
        np.array([row.shape for row in found]),
    )


@dataclass(frozen=True)
class _Row:
    draws: Columns
    log_evidence: float
    effective: float
    shape: float


def _one(recipe: Recipe, split: str, index: int, one: Observation, draws: int, count: int) -> _Row:
    """The posterior of one row."""
    spaces = [space_of(case, one) for case in _cases(recipe, split)]
    most = max(len(space.names) for space in spaces)

    def normals(purpose: str, n: int, width: int) -> Array:
        key = stream_key(recipe.noise_stream, recipe.seed, split, "posterior", purpose)
        found = np.zeros((1, n * width))
        add_normals(found, np.ones(1), key, np.array([index]))
        return found.reshape(n, width)

    start = normals("start", TRIED, max(most, 1))
    peaks = {k: modes(one, s, start[:, : len(s.names)]) for k, s in enumerate(spaces)}
    proposed = proposals(peaks)
    if not proposed:
        return _Row({}, -np.inf, 0.0, np.inf)
    drawn = sample(one, spaces, proposed, normals("round 0", count, most + FREEDOM + 1))
    for number in range(1, ROUNDS + 1):
        enough = drawn.effective >= max(FEWEST, count / 10)
        if enough and pareto_shape(drawn.log_weight) <= LARGEST_SHAPE:
            break
        proposed = (refined if number > 1 else scattered)(proposed, drawn)
        drawn = sample(one, spaces, proposed, normals(f"round {number}", count, most + FREEDOM + 1))
    shape = pareto_shape(drawn.log_weight)
    kept = {}
    if shape <= LARGEST_SHAPE and drawn.effective >= FEWEST:
        kept = _resampled(spaces, drawn, draws, float(normals("resampling", 1, 1)[0, 0]))
    return _Row(kept, drawn.log_evidence, drawn.effective, shape)


def _cases(recipe: Recipe, split: str) -> list[Case]:
    """The combinations of classes; a path that is integrated over is none."""
    part = split_of(recipe, split)
    priors, parameters = dict(part.priors), part.simulator.parameters
    for name in list(priors):
        if name in parameters and parameters[name].whole and not priors[name].discrete:
            if not isinstance(part.simulator, Marginal):
                raise ValueError(
                    f"{recipe.name}, split {split}: no posterior in closed form: its {name} "
                    "is a random field"
                )
            del priors[name]
    try:
        return cases(parameters, priors)
    except ValueError as error:
        raise ValueError(f"{recipe.name}, split {split}: no posterior: {error}") from None


def unknown(recipe: Recipe, split: str) -> list[str]:
    """The parameters that are not the same in all rows, in the order of their columns."""
    values: dict[str, set[float]] = {}
    free = set()
    for case in _cases(recipe, split):
        free |= case.free.keys()
        for name, value in case.fixed.items():
            values.setdefault(name, set()).add(value)
    several = free | {name for name, of in values.items() if len(of) > 1}
    return [name for name in split_of(recipe, split).priors if name in several]


def _resampled(spaces: list[Space], drawn: Sample, draws: int, z: float) -> Columns:
    """Equally likely draws, by systematic resampling, in the order in which they were proposed.

    Source: J. Carpenter, P. Clifford, P. Fearnhead, IEE Proc. Radar Sonar Navig. 146 (1999) 2.
    """
    steps = (np.arange(draws) + 0.5 * (1.0 + np.tanh(z))) / draws
    chosen = np.minimum(np.searchsorted(np.cumsum(drawn.weight), steps), len(drawn.weight) - 1)
    found: Columns = {}
    for number, x in drawn.points.items():
        place = np.cumsum(drawn.case == number) - 1
        here = drawn.case[chosen] == number
        for name, values in spaces[number].parameters(x[place[chosen[here]]]).items():
            found.setdefault(name, np.empty(draws))[here] = values
    return found
