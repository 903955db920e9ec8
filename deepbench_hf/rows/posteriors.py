"""Reference posteriors of any rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasets.utils import tqdm
from numpy.typing import ArrayLike, NDArray
from pydantic import ValidationError

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.inference.posteriors import trusted
from deepbench_hf.markup import table
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe, Reference, split_of
from deepbench_hf.recipe.steps import Infer
from deepbench_hf.recipe.unknowns import DIAGNOSTICS, unknown
from deepbench_hf.rows.generation import rows_at
from deepbench_hf.rows.priors import row_numbers

SHOWN = 10
"""Posteriors that a notebook lists."""

ENDING = re.compile("_(truth|mean|sigma)$")

AT_ONCE = 16
"""Rows between two steps of the progress bar."""


@dataclass(frozen=True)
class Posterior:
    """Posteriors of rows.

    Args:
        index: of the rows, ``(n,)``.
        truth: the true value of each parameter, ``(n,)``.
        draws: of each parameter, ``(n, draws)``; NaN in rows that are not `usable`.
        units: of the parameters.
        mean, sigma: mean and standard deviation of each parameter over all weighted points,
            ``(n,)``: more exact than those of the draws; NaN likewise. An angle is counted on from
            the heaviest point, to half a turn on both sides.
        log_evidence: logarithm of the density of what was measured, all parameters integrated
            over, nats, ``(n,)``.
        effective_draws: independent draws that the weighted ones are worth, ``(n,)``.
        pareto_k: shape of the tail of the weights, ``(n,)``.
    """

    index: NDArray[np.int64]
    truth: Columns
    draws: Columns
    units: Mapping[str, str]
    mean: Columns
    sigma: Columns
    log_evidence: Array
    effective_draws: Array
    pareto_k: Array

    @property
    def usable(self) -> NDArray[np.bool_]:
        """Which rows have draws, ``(n,)``: k up to 0.7, and 400 effective draws or more."""
        return trusted(self.pareto_k, self.effective_draws)

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {values.shape}" for name, values in self.draws.items())
        return f"<posteriors of {len(self.index)} rows, {self.usable.sum()} usable: {told}>"

    def _repr_html_(self) -> str:
        """What notebooks show: truth, mean and standard deviation, and how good the draws are."""
        rows = []
        for k, index in enumerate(self.index[:SHOWN]):
            answers = [self._answer(name, k) for name in self.draws]
            rows.append(
                (index, *answers, f"{self.effective_draws[k]:.0f}", f"{self.pareto_k[k]:.2f}")
            )
        heads = [f"{name} [{self.units[name]}]" for name in self.draws]
        told = f"<p>{len(self.index)} posteriors: mean ± standard deviation (truth)"
        told += (
            ", of a class the most probable one</p>" if len(self.mean) < len(self.draws) else "</p>"
        )
        return told + table(("row", *heads, "effective draws", "Pareto k"), rows)

    def _answer(self, name: str, k: int) -> str:
        """What a cell of that says of a parameter."""
        truth = f"({self.truth[name][k]:.4g})"
        if not self.usable[k]:
            return f"no draws {truth}"
        if name in self.mean:
            return f"{self.mean[name][k]:.4g} ± {self.sigma[name][k]:.2g} {truth}"
        values, counts = np.unique(self.draws[name][k], return_counts=True)
        return f"{values[counts.argmax()]:g}, {counts.max() / counts.sum():.0%} {truth}"

    def save(self, file: str | Path) -> None:
        """Write the rows that are `usable` to a Parquet file: draws as lists, truths, diagnostics.

        ``evaluate --posterior`` and ``datasets`` read it; units are in its schema.
        """
        here = self.usable
        beside = {"truth": self.truth, "mean": self.mean, "sigma": self.sigma}
        more = {f"{n}_{word}": v[here] for word, of in beside.items() for n, v in of.items()}
        numbers = {name: getattr(self, name)[here] for name in DIAGNOSTICS}
        lists = {
            name: pa.array(list(values[here]), pa.list_(pa.from_numpy_dtype(values.dtype)))
            for name, values in self.draws.items()
        }
        written = pa.table({"index": self.index[here], **lists, **more, **numbers})
        file_schema = pa.schema(
            field.with_metadata({"unit": self.units.get(ENDING.sub("", field.name), "1")})
            for field in written.schema
        )
        pq.write_table(written.cast(file_schema), file)


def posterior(
    recipe: Recipe | str | Path,
    split: str,
    indices: ArrayLike,
    draws: int = 1000,
    proposals: int = 20_000,
    level: str | None = None,
) -> Posterior:
    """Draws from the posterior of rows, all continuous parameters and classes together.

        p(theta | measured) = p(measured | theta) p(theta) / evidence

    Modes are found from the measured values and from points of the prior by damped Gauss-Newton
    steps, for every combination of classes; Student distributions about them propose points, and
    these are drawn again by their importance weights. The numbers are the same again on the same
    machine.

    Rows that share parameters, such as those of a planet, are seen alone, unless ``level`` names
    what they share: then the whole group is inferred together, each row given what all of its
    group measured. The draws of one number are then one joint draw of the group, and evidence and
    diagnostics are those of the group.

    Args:
        recipe: a recipe, its name or its file.
        split: which split of it.
        indices: of the rows, ``(n,)``.
        draws: for each row.
        proposals: weighted points for each row, in each round that it needs.
        level: of the recipe's hierarchy.

    Returns:
        A `Posterior`; rows whose diagnostics are bad have no draws.

    Raises:
        KeyError: no such split.
        IndexError: no such row.
        ValueError: rows that are no whole numbers, too few draws or proposals, no closed
            likelihood, too many combinations of classes, or rows of the level that cannot be
            inferred together.

    Source: T. Kloek, H. K. van Dijk, Econometrica 46 (1978) 1, importance sampling;
    arXiv:1507.02646 for its diagnostic; of groups arXiv:1309.3339.

    >>> from deepbench_hf import posterior
    >>> found = posterior("pendulum_noisy", "test", [0], draws=100, proposals=2000)
    >>> found.draws["length_m"].shape, bool(found.usable[0])
    ((1, 100), True)
    """
    recipe, rows = as_recipe(recipe), row_numbers(indices)
    parameters = split_of(recipe, split).simulator.parameters
    try:
        asked = Reference(draws=draws, proposals=proposals, level=level)
    except ValidationError as error:
        told = [f"{line['loc'][0]}: {line['msg']}" for line in error.errors()]
        raise ValueError("; ".join(told)) from None
    reference = recipe.model_copy(update={"posterior": asked})
    names, parts = unknown(recipe, split), []
    (step,) = reference.plan(split).of(Infer)
    at_once = max(AT_ONCE, step.group)
    with tqdm(total=len(rows), unit=" rows", desc="Posteriors", disable=len(rows) < 64) as bar:
        for start in range(0, max(len(rows), 1), at_once):
            parts.append(rows_at(reference, split, rows[start : start + at_once]))
            bar.update(len(parts[-1]["index"]))
    found = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    numbers = [name for name in names if f"{name}_mean" in found]
    return Posterior(
        rows,
        {name: found[f"{name}_truth"] for name in names},
        {name: found[name] for name in names},
        {name: parameters[name].unit for name in names},
        {name: found[f"{name}_mean"] for name in numbers},
        {name: found[f"{name}_sigma"] for name in numbers},
        *(found[name] for name in DIAGNOSTICS),
    )
