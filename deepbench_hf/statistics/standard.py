"""The statistics by which two samples are compared, with bins that both samples decide alike."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from deepbench_hf.metrics.estimates import Array
from deepbench_hf.statistics.minkowski import minkowski_functionals
from deepbench_hf.statistics.sampling import Sample
from deepbench_hf.statistics.summaries import (
    intensity_histogram,
    power_spectrum,
    structure_function,
)

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
    shares = [intensity_histogram(s.values, edges, s.valid) for s in (a, b)]
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
    first, second = (power_spectrum(s.values, spacing, count) for s in (a, b))
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
    found = [structure_function(t, s.values, edges, s.valid) for t, s in pairs]
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
