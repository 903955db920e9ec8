"""Two sets of examples, such as an emulator's and a simulator's, compared by their statistics."""

from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from deepbench_hf.markup import table
from deepbench_hf.metrics.estimates import Array
from deepbench_hf.statistics.differences import MeanDifference, ks_per_bin, mean_difference
from deepbench_hf.statistics.sources import find_source
from deepbench_hf.statistics.standard import Curves, curves, read_pair

LEAST_P = 1e-300
"""Smaller p-values come out as 0, as no float64 holds their like."""


@dataclass(frozen=True)
class Compared:
    """One statistic of both sets, and its tests.

    Args:
        curves: its values of all examples.
        ks: the Kolmogorov-Smirnov p-value of each bin, ``(bins,)``.
        mean: the difference of the means.
    """

    curves: Curves
    ks: Array
    mean: MeanDifference

    @property
    def p(self) -> float:
        """The least p-value of its tests, times their number."""
        return min(1.0, 2 * min(len(self.ks) * float(self.ks.min()), self.mean.p))


@dataclass(frozen=True)
class Comparison:
    """How far two sets differ.

    Args:
        a: name of the one.
        b: name of the other.
        columns: what was compared, of each; empty for an array.
        rows: how many examples of each.
        shape: of an example of ``a``.
        results: one for each statistic.
    """

    a: str
    b: str
    columns: tuple[str, str]
    rows: tuple[int, int]
    shape: tuple[int, ...]
    results: list[Compared]

    @property
    def p(self) -> float:
        """The least p-value of all tests, times their number.

        If nothing differs it is below any level at most as often as that level says. What is below
        1e-300 may be 0.
        """
        return min(1.0, len(self.results) * min(result.p for result in self.results))

    def to_mapping(self) -> dict[str, Any]:
        """All of it as JSON can hold it; None for what is not finite."""
        own = {key: value for key, value in vars(self).items() if key != "results"}
        return {
            **own,
            "p": self.p,
            "statistics": {result.curves.name: _plain(result) for result in self.results},
        }

    def _repr_html_(self) -> str:
        """What notebooks show: the tests of every statistic."""
        rows = [
            (
                *(one.curves.name, len(one.curves.x), f"{one.ks.min():.2g}"),
                *(f"{np.abs(one.mean.z).max():.3g}", f"{one.mean.chi2:.4g} / {one.mean.dof}"),
                f"{one.mean.p:.2g}",
            )
            for one in self.results
        ]
        head = f"<h4>{escape(self.a)} and {escape(self.b)}: p {escape(p_text(self.p))}</h4>"
        heads = ("statistic", "bins", "least KS p", "largest z", "chi2 / dof", "p of the means")
        told = f"<p>{self.rows[0]} and {self.rows[1]} examples</p>"
        return head + told + table(heads, rows)


def p_text(p: float) -> str:
    """A p-value; one that no number holds is below the least.

    >>> p_text(0.0123), p_text(0.0)
    ('= 0.012', '< 1e-300')
    """
    return f"= {p:.2g}" if p > LEAST_P else f"< {LEAST_P:g}"


def _plain(result: Compared) -> dict[str, Any]:
    """A result as JSON can hold it."""
    drawn, mean = result.curves, result.mean
    return {
        "bins": len(drawn.x),
        "ks_p_least": float(result.ks.min()),
        "z_largest": _number(np.abs(mean.z).max()),
        "chi2": _number(mean.chi2),
        "dof": mean.dof,
        "p": mean.p,
        "x": drawn.x.tolist(),
        "ks_p": result.ks.tolist(),
        "z": [_number(z) for z in mean.z],
        "mean": [drawn.a.mean(0).tolist(), drawn.b.mean(0).tolist()],
        "std": [drawn.a.std(0).tolist(), drawn.b.std(0).tolist()],
    }


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def compare(
    a: Any,
    b: Any,
    *,
    column: str | None = None,
    times: str | None = None,
    rows: int = 1000,
    bins: int = 20,
    periodic: bool = False,
    **overrides: Any,
) -> Comparison:
    """Compare two sets of maps or series: do both come from one distribution?

    Of maps: the histogram of intensities, the power spectrum, the three Minkowski functionals. Of
    series: the histogram, the power spectrum where times are equally spaced, the structure
    function. Each is judged by `ks_per_bin` and by `mean_difference`. Bins lie between the values
    that 0.5 % and 99.5 % of all pixels have, of both sets together.

    Args:
        a: the one set: a recipe, its name or its file, of which the first rows are made; a folder
            that ``build -o`` or ``save_to_disk`` wrote; a Parquet, ``.npy`` or ``.npz`` file; a
            folder of ``.npy`` files, one example each; a dataset of `datasets`; or an array
            ``(n, T)`` or ``(n, H, W)``. ``:SPLIT`` behind a name or a folder names its split, else
            ``test`` or the only one.
        b: the other.
        column: which column; None for the one that both have, or the first that a recipe observes.
        times: the column of the times of series; None for that of the recipe. Without, samples
            are numbered.
        rows: the most that are taken of each, from the first on.
        bins: of each statistic, at most.
        periodic: whether opposite sides of maps meet.
        **overrides: of `load_recipe`, for recipes by name or file: ``seed``, ``image_size``.

    Raises:
        KeyError: no such split or column.
        ValueError: what cannot be compared, or too few rows for the covariance of the bins.
        OSError: a file cannot be read.

    >>> maps = np.random.default_rng(0).normal(size=(2, 100, 16, 16))
    >>> compare(maps[0], maps[1]).p > 0.01, compare(maps[0], 1.1 * maps[1]).p < 1e-6
    (True, True)
    """
    if bins < 3 or rows < 1:
        raise ValueError(f"bins {bins}, rows {rows}; give 3 bins or more, and a row")
    sources = [find_source(place, **overrides) for place in (a, b)]
    first, second = read_pair(sources[0], sources[1], column, times, rows)
    found = [_judged(drawn) for drawn in curves(first, second, bins, periodic)]
    counts = len(first.values), len(second.values)
    columns = first.column, second.column
    return Comparison(first.name, second.name, columns, counts, first.values.shape[1:], found)


def _judged(drawn: Curves) -> Compared:
    try:
        mean = mean_difference(drawn.a, drawn.b)
    except ValueError as error:
        raise ValueError(f"{drawn.name}: {error}; or take fewer bins") from None
    return Compared(drawn, ks_per_bin(drawn.a, drawn.b), mean)
