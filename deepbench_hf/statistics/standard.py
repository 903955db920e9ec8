"""Two samples of the same quantity, and the statistics by which they are compared.

Both samples decide the bins alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.metrics.estimates import Array
from deepbench_hf.statistics import summaries
from deepbench_hf.statistics.minkowski import minkowski_functionals
from deepbench_hf.statistics.sources import ArraySource

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
        KeyError: a source lacks the column, or both that of the times.
        ValueError: it is not clear which is meant, or the arrays cannot be compared.
    """
    known = [*a.columns, *b.columns]
    if times is not None and times not in known:
        hint = did_you_mean(times, known)
        raise KeyError(f"{a.name} or {b.name}: no column {times!r} of times; {hint}")
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
        return Sample(source.name, column, summaries.samples(where, found, 2, 3))
    beside = {
        name: source.read(name, rows)
        for name in {times, VALID} & set(source.columns) - {column}
        if name is not None
    }
    for name, values in beside.items():
        if values.shape != found.shape:
            raise ValueError(f"{where} has shape {found.shape}, {name} {values.shape}")
    valid = beside[VALID] != 0 if VALID in beside else None
    when = beside.get(times or "")
    if valid is not None:  # what pads a series may be anything, NaN as well
        found = np.where(valid, found, 0)
        when = None if when is None else np.where(valid, when, 0)
    if when is not None:
        when = summaries.samples(f"{source.name}: {times}", when, 2)
    return Sample(source.name, column, summaries.samples(where, found, 2), when, valid)


OUTSIDE = 0.005
"""The share of values below the first and above the last inner edge of the bins."""

LOOKED_AT = 1_000_000
"""Values of a sample, and of lags, that decide the bins at most."""

EVEN = 1e-6
"""By what share steps in time may differ and still be equal."""


@dataclass(frozen=True)
class Curves:
    """One statistic of all examples of both samples."""

    name: str  # of the statistic
    label: str  # what the bins are of
    x: Array  # where the bins are, ``(bins,)``
    a: Array  # of the one sample, ``(n, bins)``
    b: Array  # of the other, ``(m, bins)``
    scale: str = "linear"  # of both axes of a picture, ``linear`` or ``log``


def curves(a: Sample, b: Sample, bins: int, periodic: bool) -> Iterator[Curves]:
    """The statistics of maps, or of series.

    Raises:
        ValueError: times are known of one sample only and cannot be those of the other, or no bin
            of lags is filled by every series.
    """
    low, high = _range(a, b)
    inner = np.linspace(low, high, bins - 1)
    edges, step = [-np.inf, *inner, np.inf], inner[1] - inner[0]
    shares = [summaries.intensity_histogram(s.values, edges, s.valid) for s in (a, b)]
    middle = np.append(inner, high + step) - step / 2
    yield Curves("intensity", "value", middle, shares[0], shares[1])
    if a.values.ndim == 3:
        yield _spectra(a, b, 1.0, bins, "wavenumber [rad / pixel]")
        yield from _minkowski(a, b, np.linspace(low, high, bins), periodic)
    else:
        yield from _of_series(a, b, bins)


def _range(a: Sample, b: Sample) -> tuple[float, float]:
    """Between which values the inner bins lie; never both the same."""
    kept = [s.values.ravel() if s.valid is None else s.values[s.valid] for s in (a, b)]
    pooled = np.concatenate([values[:: -(-len(values) // LOOKED_AT)] for values in kept])
    low, high = np.quantile(pooled, [OUTSIDE, 1 - OUTSIDE])
    if not low < high:  # nearly all values are one, such as an empty sky
        low, high = min(v.min() for v in kept), max(v.max() for v in kept)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _spectra(a: Sample, b: Sample, spacing: float, bins: int, label: str) -> Curves:
    count = min(bins, max(a.values.shape[1:]) // 2)
    first, second = (summaries.power_spectrum(s.values, spacing, count) for s in (a, b))
    k, powers = first.wavenumber, (first.power, second.power)
    return Curves("power spectrum", label, k, *powers, scale="log")


def _minkowski(a: Sample, b: Sample, thresholds: Array, periodic: bool) -> Iterator[Curves]:
    first, second = (minkowski_functionals(s.values, thresholds, periodic=periodic) for s in (a, b))
    for number in range(3):
        name, both = f"Minkowski V{number}", (first[:, number], second[:, number])
        yield Curves(name, "threshold", thresholds, *both)


def _of_series(a: Sample, b: Sample, bins: int) -> Iterator[Curves]:
    when = _times(a, b)
    spacing = _spacing(a, b, when)
    if spacing is not None:
        yield _spectra(a, b, spacing, bins, "wavenumber [rad / unit of time]")
    edges = _lag_edges(a, b, when, bins)
    pairs = zip(when, (a, b), strict=True)
    found = [summaries.structure_function(t, s.values, edges, s.valid) for t, s in pairs]
    full = np.isfinite(np.concatenate(found)).all(0)
    if not full.any():
        raise ValueError(f"structure function: {bins} bins, none filled by all; give fewer")
    middle = np.sqrt(edges[1:] * edges[:-1])[full]
    filled = found[0][:, full], found[1][:, full]
    yield Curves("structure function", "lag", middle, *filled, scale="log")


def _times(a: Sample, b: Sample) -> tuple[Array, Array]:
    """The times of both: numbers of samples where neither has any."""
    first = _own_times(a, b) if a.times is None else a.times
    second = _own_times(b, a) if b.times is None else b.times
    return first, second


def _own_times(sample: Sample, other: Sample) -> Array:
    """The times of a sample that has none: those of the other, if all of its series share them."""
    shape = sample.values.shape
    if other.times is None:
        return np.broadcast_to(np.arange(shape[1], dtype=np.float64), shape)
    usual = other.times[0]
    if len(usual) != shape[1] or not (other.times == usual).all():
        hint = f"give it those of {other.name}, or a column of times"
        raise ValueError(f"{sample.name} {shape}: its times are not known; {hint}")
    return np.broadcast_to(usual, shape)


def _spacing(a: Sample, b: Sample, when: tuple[Array, Array]) -> float | None:
    """The step between times if it is everywhere the same, and the series are as long."""
    padded = a.valid is not None or b.valid is not None
    if padded or a.values.shape[1] != b.values.shape[1] or a.values.shape[1] < 2:
        return None
    steps = np.concatenate([np.diff(times) for times in when])
    even = steps[0, 0] > 0 and np.abs(steps / steps[0, 0] - 1).max() < EVEN
    return float(steps[0, 0]) if even else None


def _lag_edges(a: Sample, b: Sample, when: tuple[Array, Array], bins: int) -> Array:
    """Edges of equal width in the logarithm, from the least lag to half of the greatest."""
    lags = []
    for sample, times in zip((a, b), when, strict=True):
        rows = max(1, LOOKED_AT // times.shape[1] ** 2)
        valid = np.ones(times.shape, bool) if sample.valid is None else sample.valid
        for t, use in zip(times[:rows], valid[:rows], strict=True):
            lags.append(np.abs(np.subtract.outer(t[use], t[use])).ravel())
    every = np.concatenate(lags)
    every = every[every > 0]
    if not len(every):
        raise ValueError("structure function: no series has two times")
    low, high = every.min() * (1 - EVEN), every.max() / 2
    return np.geomspace(low, max(high, 2 * low), bins + 1)
