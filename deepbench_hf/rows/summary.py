"""Mean, standard deviation, range and quantiles of every numeric column: to normalise with."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns, absences, counted, present
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.recipe.columns import row_bytes, schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import BLOCK, generate, split_of

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_VALUES = 1 << 20
"""Values of a column that quantiles are taken of: all, or those of rows in equal steps."""

NUMBERS = ("float32", "float64", "int16", "int64")
"""The types of columns that have statistics; truth values and text have none."""

DIGITS = 7
"""Significant digits that are kept: machines differ in the last bits of a sum."""

AT_ONCE = 32 << 20
"""Bytes of rows that are made together."""

Summary = dict[str, dict[str, float]]


def statistics_of(name: str | Path | Recipe, split: str | None = None, **overrides: Any) -> Summary:
    """Statistics of the numeric columns of a split, made from the recipe alone.

    Args:
        name: a shipped config, the path of a recipe, or a recipe.
        split: which split; the first one, ``train``, unless given.
        **overrides: as `load_recipe` takes them; not with a recipe.

    Returns:
        For each column ``count``, ``mean``, ``std``, ``min``, ``max`` and the quantiles ``q05``,
        ``q25``, ``q50``, ``q75`` and ``q95``, in the column's unit. Classes and indices have none;
        of objects each field has its own, ``"objects.flux_e_s"``. Values that are not finite,
        and those of classes that do not have the parameter, do not count.

    >>> from deepbench_hf import statistics_of
    >>> length = statistics_of("pendulum_noisy")["length_m"]
    >>> round(length["min"], 1), round(length["max"], 1)
    (0.5, 10.0)
    """
    recipe = name if isinstance(name, Recipe) else load_recipe(name, **overrides)
    return summary(recipe, split)


def summary(
    recipe: Recipe, split: str | None = None, pieces: Iterable[Columns] | None = None
) -> Summary:
    """The same of a recipe; of its rows in ``pieces``, where these are there already."""
    split = split or next(iter(recipe.splits))
    size = split_of(recipe, split).size
    step = max(1, AT_ONCE // row_bytes(recipe) // BLOCK) * BLOCK
    found: dict[str, _Moments] = {}
    starts = range(0, size, step)
    for rows in pieces or (generate(recipe, split, a, min(a + step, size)) for a in starts):
        for column, values in _numbers(recipe, rows):
            found.setdefault(column, _Moments(size)).add(values)
    return {column: moments.result() for column, moments in found.items()}


def _numbers(recipe: Recipe, rows: Columns) -> Iterator[tuple[str, NDArray]]:
    """The columns of numbers, ``(n, ...)``, those that are there; of records each field."""
    fields = {name: column.field for name, column in schema(recipe).items()}
    for name, column in schema(recipe).items():
        field, values = column.field, rows[name]
        if field.fields:
            used = values[present(rows[counted(name)], values.shape[1])]
            for part, inner in field.fields.items():
                if not inner.names:
                    own = {n: used[n] for n in used.dtype.names or ()}
                    yield f"{name}.{part}", used[part][~absences(part, field.fields, own)]
        elif column.role not in ("index", "group") and field.dtype in NUMBERS and not field.names:
            yield name, values[~absences(name, fields, rows)] if field.may_be_null else values


class _Moments:
    """What is known of a column so far; its mean and squares are merged block by block.

    Source: T. F. Chan, G. H. Golub and R. J. LeVeque, Updating formulae and a pairwise algorithm
    for computing sample variances, COMPSTAT 1982.
    """

    def __init__(self, rows: int) -> None:
        self.rows, self.seen = rows, 0
        self.count, self.mean, self.squares = 0, 0.0, 0.0
        self.low, self.high = np.inf, -np.inf
        self.kept: list[NDArray] = []

    def add(self, values: NDArray) -> None:
        """More rows, ``(n, ...)``; those without a finite number are passed over."""
        values = values[np.isfinite(values).any(axis=tuple(range(1, values.ndim)))]
        self._keep(values)
        plain = np.asarray(values, np.float64).reshape(-1)
        plain = plain[np.isfinite(plain)]
        if not len(plain):
            return
        count, mean = len(plain), float(plain.mean())
        shift, total = mean - self.mean, self.count + count
        self.squares += float(np.square(plain - mean).sum())
        self.squares += shift * shift * self.count * count / total
        self.mean += shift * count / total
        self.count = total
        self.low, self.high = min(self.low, plain.min()), max(self.high, plain.max())

    def _keep(self, values: NDArray) -> None:
        """Values for the quantiles."""
        width = max(1, values[:1].size)
        step = -(-self.rows * width // MOST_VALUES)
        self.kept.append(np.array(values[-self.seen % step :: step]).reshape(-1))
        self.seen += len(values)

    def result(self) -> dict[str, float]:
        """The statistics, rounded."""
        if not self.count:
            return {"count": 0}
        kept = np.concatenate(self.kept).astype(np.float64)
        quantiles = np.quantile(kept[np.isfinite(kept)], QUANTILES)
        found = {
            "mean": self.mean,
            "std": (self.squares / self.count) ** 0.5,
            "min": float(self.low),
            "max": float(self.high),
            **{f"q{100 * q:02.0f}": float(v) for q, v in zip(QUANTILES, quantiles, strict=True)},
        }
        rounded = {name: float(f"{value:.{DIGITS}g}") for name, value in found.items()}
        return {"count": self.count, **rounded}
