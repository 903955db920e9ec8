"""Two samples of the same quantity: which columns they are, and their arrays."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.metrics.estimates import Array
from deepbench_hf.statistics.sources import ArraySource
from deepbench_hf.statistics.summaries import samples

VALID = "valid"
"""The column that says which samples of a padded series are there."""


@dataclass(frozen=True)
class Sample:
    """Some examples."""

    name: str  # where they come from
    column: str  # which of its columns
    values: Array  # series ``(n, T)`` or maps ``(n, H, W)``
    times: Array | None = None  # of a series, ``(n, T)``; None where they are not known
    # which samples of a series count, ``(n, T)``; None for all
    valid: NDArray[np.bool_] | None = None


def read_pair(
    a: ArraySource, b: ArraySource, column: str | None, times: str | None, rows: int
) -> tuple[Sample, Sample]:
    """The same column of two sources: the one that is named, that both have, or a recipe's first.

    A source of one column has it under any name. Times are those of the recipe unless named.

    Raises:
        KeyError: a source lacks the column.
        ValueError: it is not clear which is meant, or the arrays cannot be compared.
    """
    times = times or a.coordinate or b.coordinate
    names = _columns(_choices(a, times), _choices(b, times), column)
    first, second = (_read(s, n, times, rows) for s, n in zip((a, b), names, strict=True))
    alike = first.values.shape[1:] == second.values.shape[1:]
    if first.values.ndim != second.values.ndim or (first.values.ndim == 3 and not alike):
        shapes = ", ".join(f"{s.name} {s.values.shape}" for s in (first, second))
        raise ValueError(f"{shapes}: give two of series, or of maps of one size")
    return first, second


def _choices(source: ArraySource, times: str | None) -> ArraySource:
    """The source with those columns only that can be meant."""
    columns = [name for name in source.columns if name not in (times, VALID)]
    return replace(source, columns=columns or source.columns)


def _columns(a: ArraySource, b: ArraySource, column: str | None) -> list[str]:
    """The column of each source; one that has a single column has it under any name."""
    several = sorted((s for s in (a, b) if len(s.columns) > 1), key=lambda s: not s.ranked)
    if column is None and several:
        first = several[0]
        common = [name for name in first.columns if all(name in s.columns for s in several)]
        if not common:
            raise ValueError(f"{a.name} and {b.name} have no column of arrays in common")
        if len(common) > 1 and not first.ranked:
            raise ValueError(f"{first.name}: which column? give one of {', '.join(common)}")
        column = common[0]
    if column is not None:
        either = (f"{a.name} or {b.name}", [*a.columns, *b.columns])
        for name, known in [(s.name, s.columns) for s in several] or [either]:
            if column not in known:
                hint = did_you_mean(column, known)
                raise KeyError(f"{name}: no column {column!r} of arrays; {hint}")
    return [column if column and column in s.columns else s.columns[0] for s in (a, b)]


def _read(source: ArraySource, column: str, times: str | None, rows: int) -> Sample:
    where, found = f"{source.name}: {column}".rstrip(": "), source.read(column, rows)
    if np.ndim(found) != 2:
        return Sample(source.name, column, samples(where, found, 2, 3))
    beside = {
        name: source.read(name, rows)
        for name in {times, VALID} & set(source.columns) - {column}
        if name is not None
    }
    for name, values in beside.items():
        if values.shape != found.shape:
            raise ValueError(f"{where} has shape {found.shape}, {name} {values.shape}")
    valid = beside[VALID] != 0 if VALID in beside else None
    kept = found if valid is None else np.where(valid, found, 0)
    when = beside.get(times or "")
    if when is not None:
        when = samples(f"{source.name}: {times}", when if valid is None else when * valid, 2)
    return Sample(source.name, column, samples(where, kept, 2), when, valid)
