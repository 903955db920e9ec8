"""Posterior draws in a file against the truths of a split, and against reference posteriors."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import Columns
from deepbench_hf.markup import table
from deepbench_hf.metrics.calibration import expected_calibration_error, pit_of_samples
from deepbench_hf.metrics.domains import sliced_wasserstein
from deepbench_hf.metrics.estimates import Estimate, average, spread
from deepbench_hf.metrics.evaluation import known_truths, truth_rows
from deepbench_hf.metrics.posteriors import (
    classifier_two_sample_test,
    contraction,
    log_probability_of_truth,
    posterior_z_scores,
    rank_uniformity,
    tarp,
)
from deepbench_hf.metrics.predictions import INDEX, index_of
from deepbench_hf.metrics.results import central, without_error
from deepbench_hf.recipe.catalog import as_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.unknowns import DIAGNOSTICS
from deepbench_hf.rows.generation import split_of
from deepbench_hf.rows.posteriors import posterior

ENDINGS = (".parquet", ".npz", ".h5", ".hdf5")


@dataclass(frozen=True)
class PosteriorEvaluation:
    """How good the posteriors of a split are.

    Args:
        config: name of the recipe.
        version, fingerprint: of the recipe.
        split: which split.
        index: of the rows, ``(n,)``.
        names, units: of the parameters.
        truth: ``(n, d)``.
        draws: ``(n, k, d)``.
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
        """The rank of each truth among its draws, ``(n, d)``, between 0 and 1."""
        return pit_of_samples(self.truth, self.draws.transpose(0, 2, 1))

    def scores(self) -> dict[str, dict[str, Estimate]]:
        """The metrics of each parameter by its name, and of all together as ``joint``."""
        z, share = posterior_z_scores(self.truth, self.draws), self._contraction()
        ranks, count, found = self.pit, self.draws.shape[1], {}
        for k, name in enumerate(self.names):
            pit = ranks[:, k]
            found[name] = {
                "rank_p": without_error(rank_uniformity(pit, count)),
                **central(pit),
                "ece": without_error(expected_calibration_error(pit)),
                "z_mean": average(z[:, k]),
                "z_std": spread(z[:, k]),
                "contraction": average(share[:, k]),
            }
        near = tarp(self.truth, self.draws)
        found["joint"] = {
            "tarp_p": without_error(rank_uniformity(near, count)),
            "tarp_ece": without_error(expected_calibration_error(near)),
            "log_probability": average(log_probability_of_truth(self.truth, self.draws)),
        }
        if len(self.compared):
            found["joint"] |= self._against_reference()
        return found

    def _contraction(self) -> NDArray[np.float64]:
        wide = self.truth.std(0)
        return contraction(self.draws, np.where(wide > 0, wide, 1.0))

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
    given = _read(draws)
    index, names = _checked(recipe, split, source, given)
    rows = truth_rows(recipe, split, index)
    known = known_truths(recipe)
    found, compared = np.empty((0, 1, len(names))), np.empty(0, np.int64)
    if reference:
        exact = posterior(recipe, split, index[:reference], given[names[0]].shape[1])
        compared = np.flatnonzero(exact.usable)
        found = np.stack([exact.draws[name][compared] for name in names], axis=-1)
    return PosteriorEvaluation(
        recipe.name,
        recipe.version,
        recipe.fingerprint,
        split,
        index,
        names,
        tuple(known[name].unit for name in names),
        np.stack([rows[name].astype(np.float64) for name in names], axis=1),
        np.stack([given[name].astype(np.float64) for name in names], axis=-1),
        found,
        compared,
    )


def _read(draws: str | Path | Mapping[str, ArrayLike]) -> Columns:
    """Columns of a file by its ending."""
    if isinstance(draws, Mapping):
        return {name: np.asarray(values) for name, values in draws.items()}
    ending = Path(draws).suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(f"{draws}: ends in {ending or 'nothing'}; accepted: {', '.join(ENDINGS)}")
    if ending == ".npz":
        with np.load(draws) as file:
            return dict(file)
    if ending == ".parquet":
        table = pyarrow.parquet.read_table(draws)
        return {str(name): _stacked(draws, name, table[name]) for name in table.column_names}
    import h5py

    with h5py.File(draws) as file:
        return {str(name): np.asarray(file[name]) for name in file}


def _stacked(draws: str | Path, name: str, column: Any) -> NDArray:
    """A column of numbers, or of lists of one length, as an array."""
    try:
        return np.array(column.to_pylist())
    except ValueError:
        raise ValueError(f"{draws}: {name}: give each row as many draws") from None


def _checked(
    recipe: Recipe, split: str, source: str, given: Columns
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The rows and the parameters of a table of draws."""
    size, known = split_of(recipe, split).size, known_truths(recipe)
    if INDEX not in given:
        raise ValueError(f"{source}: has no column index; add the rows that the draws are of")
    index = index_of(source, given[INDEX], size)
    told = ("truth", "mean", "sigma")
    beside = {INDEX, *DIAGNOSTICS} | {f"{name}_{word}" for name in known for word in told}
    names = tuple(name for name in given if name not in beside)
    if not names:
        raise ValueError(f"{source}: has no draws; add a column by a parameter's name")
    shape = given[names[0]].shape
    for name in names:
        if name not in known:
            raise ValueError(f"{source}: {name!r} is no parameter; {did_you_mean(name, known)}")
        array = given[name]
        if array.ndim != 2 or array.shape != shape or len(array) != len(index):
            wanted = f"({len(index)}, k), k the same for all"
            raise ValueError(f"{source}: {name} has the shape {array.shape}; give {wanted}")
        if not np.isfinite(array.astype(np.float64)).all():
            row = index[np.argwhere(~np.isfinite(array.astype(np.float64)))[0, 0]]
            raise ValueError(f"{source}: {name}, row {row}: draws must be finite; leave it out")
    return index, names
