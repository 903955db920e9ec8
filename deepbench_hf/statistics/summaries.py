"""Summary statistics of each example: histogram, power spectrum, structure function; their bins."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.metrics.estimates import Array, finite

NUMBERS_AT_ONCE = 1 << 17
"""Numbers of fields that are worked on together: what they need then fits in a cache."""


class Spectrum(NamedTuple):
    """Binned power.

    Args:
        wavenumber: mean of the modes of a bin, ``(bins,)``, radians per unit of length or time.
        power: of each example, ``(n, bins)``.
        modes: how many a bin has, k and -k both counted, ``(bins,)``.
    """

    wavenumber: Array
    power: Array
    modes: NDArray[np.int64]


def intensity_histogram(
    fields: ArrayLike, edges: ArrayLike, valid: ArrayLike | None = None
) -> Array:
    """The share of each example's values that lies in each bin.

        h_b = #(e_b <= v < e_{b+1}) / #(v)

    The last bin holds its upper edge as well. Values outside all bins count in the denominator
    only; edges of minus and plus infinity leave none outside.

    Args:
        fields: series ``(n, T)`` or maps ``(n, H, W)``, any unit.
        edges: of the bins, rising, ``(bins + 1,)``, in this unit.
        valid: which values count, in the shape of the fields; None for all.

    Returns:
        Shares ``(n, bins)``, pure numbers; NaN for an example without a valid value.

    Raises:
        ValueError: shapes do not fit, a value is not finite, or the edges fall.

    Source: the definition.

    >>> intensity_histogram([[0.0, 0.1, 0.7, 1.0]], edges=[0.0, 0.5, 1.0])
    array([[0.5, 0.5]])
    """
    fields, edges = samples("fields", fields, 2, 3), rising("edges", edges)
    use = _used(valid, fields.shape)
    pairs = zip(chunks(fields), chunks(use), strict=True)
    return np.concatenate([_shares(values, weights, edges) for values, weights in pairs])


def _shares(values: Array, use: NDArray[np.bool_], edges: Array) -> Array:
    place = places(edges, values) - (values == edges[-1])
    counts = sums(place, len(edges) - 1, use)
    with np.errstate(invalid="ignore"):  # nothing valid: 0 / 0
        return counts / use.reshape(len(use), -1).sum(1, keepdims=True)


def power_spectrum(
    fields: ArrayLike, spacing: float = 1.0, bins: int | ArrayLike | None = None
) -> Spectrum:
    """The power spectrum of each example, averaged over the modes of a bin.

        P_b = <|F(k)|^2>_{|k| in b} d^D / N,  F(k) = sum_x f(x) e^{-i k x}

    with N values at a distance d in D dimensions, so that a periodic field with
    <f~(k) f~*(k')> = (2 pi)^D delta(k - k') P(k) gives P on average. Of a Gaussian one, a bin of
    one example scatters by P sqrt(2 / modes). The mean (k = 0) and the corners beyond the Nyquist
    wavenumber pi / d are left out. The field is taken as periodic; where it is not, the jump at
    its ends adds power.

    Args:
        fields: series ``(n, T)`` or maps ``(n, H, W)`` of equally spaced values, any unit.
        spacing: d, a length, an angle or a time; of a map in radians, k is the multipole l.
        bins: how many of equal width; or their edges ``(bins + 1,)`` in radians per unit; None for
            one around each harmonic of the longest side.

    Returns:
        Wavenumbers, power in (unit of the field)^2 (unit of spacing)^D, and numbers of modes.

    Raises:
        ValueError: shapes do not fit, a value is not finite, a bin has no mode, or the spacing is
            not above 0.

    Source: J. A. Peacock, Cosmological Physics (1999), section 16.2.

    >>> wave = np.cos(2 * np.pi * 3 * np.arange(16) / 16)
    >>> power_spectrum([wave]).power.round(6)
    array([[0., 0., 4., 0., 0., 0., 0., 0.]])
    """
    fields = samples("fields", fields, 2, 3)
    check_positive(spacing=spacing)
    k = _wavenumbers(fields.shape[1:], spacing)
    edges = _edges(max(fields.shape[1:]), spacing, bins)
    place = np.searchsorted(edges, k, side="right") - 1
    used = (k > 0) & (place >= 0) & (place < len(edges) - 1)
    modes = np.bincount(place[used], minlength=len(edges) - 1)
    if not modes.all():
        raise ValueError(f"bins: {np.flatnonzero(modes == 0)[0]} of {len(modes)} has no mode")
    order = np.flatnonzero(used)[np.argsort(place[used], kind="stable")]
    starts = np.cumsum(modes) - modes

    def mean(values: Array) -> Array:
        return np.add.reduceat(values[:, order], starts, axis=1) / modes

    scale = spacing ** (fields.ndim - 1) / k.size
    power = np.concatenate([mean(_squares(part)) for part in chunks(fields)])
    return Spectrum(mean(k[None])[0], power * scale, modes)


def _squares(fields: Array) -> Array:
    """|F|^2 of all modes, ``(n, N)``."""
    modes = np.fft.fftn(fields, axes=range(1, fields.ndim)).reshape(len(fields), -1)
    return modes.real**2 + modes.imag**2


def _wavenumbers(sides: tuple[int, ...], spacing: float) -> Array:
    """|k| of all modes, ``(N,)``."""
    axes = [2 * np.pi * np.fft.fftfreq(side, spacing) for side in sides]
    squares = [axis**2 for axis in np.meshgrid(*axes, indexing="ij")]
    return np.sqrt(np.sum(squares, axis=0)).reshape(-1)


def _edges(side: int, spacing: float, bins: int | ArrayLike | None) -> Array:
    if bins is not None and np.ndim(bins):
        return rising("bins", bins)
    harmonics = side // 2
    count = harmonics if bins is None else int(np.asarray(bins))
    if not 1 <= count <= harmonics:
        raise ValueError(f"bins: {count}; a side of {side} has 1 to {harmonics}")
    return np.linspace(0.5, harmonics + 0.5, count + 1) * 2 * np.pi / (side * spacing)


def structure_function(
    times: ArrayLike, values: ArrayLike, edges: ArrayLike, valid: ArrayLike | None = None
) -> Array:
    """The mean squared difference of pairs of values of a series, by their lag.

        D_b = <(m(t_i) - m(t_j))^2> over pairs with e_b <= |t_i - t_j| < e_{b+1}

    Times may have any spacing and order. A stationary process of covariance k gives
    2 (k(0) - k(lag)) on average, and measurement errors add twice their variance.

    Args:
        times: ``(n, T)``, or ``(T,)`` for all series, any unit.
        values: m, ``(n, T)``, any unit.
        edges: of the bins in lag, rising, ``(bins + 1,)``, in the unit of the times.
        valid: which samples count, ``(n, T)``; None for all.

    Returns:
        ``(n, bins)``, in the unit of the values squared; NaN where a series has no pair.

    Raises:
        ValueError: shapes do not fit, a value is not finite, or the edges fall.

    Source: J. H. Simonetti, J. M. Cordes, D. S. Heeschen, ApJ 296 (1985) 46, equation 1.

    >>> structure_function([0.0, 1.0, 3.0], [[0.0, 1.0, 3.0]], edges=[0.5, 1.5, 3.5])
    array([[1. , 6.5]])
    """
    values, edges = samples("values", values, 2), rising("edges", edges)
    times = samples("times", times, 1, 2)
    if times.shape not in (values.shape, values.shape[1:]):
        raise ValueError(f"times: shape {times.shape}; give {values.shape} or {values.shape[1:]}")
    times = np.broadcast_to(times, values.shape)
    rows = zip(times, values, _used(valid, values.shape), strict=True)
    return np.stack([_of_one(t[here], m[here], edges) for t, m, here in rows])


def _used(valid: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which values count, of this shape."""
    use = np.ones(shape, bool) if valid is None else np.asarray(valid) != 0
    if use.shape != shape:
        raise ValueError(f"valid: shape {use.shape}; give {shape}")
    return use


def check_positive(**numbers: float) -> None:
    """Raises ValueError: the first number that is not above 0, or not finite."""
    for name, value in numbers.items():
        if not 0 < value < np.inf:
            raise ValueError(f"{name}: {value:g}; give a number above 0")


def _of_one(times: Array, values: Array, edges: Array) -> Array:
    first, second = np.triu_indices(len(times), 1)
    place = np.searchsorted(edges, np.abs(times[first] - times[second]), side="right") - 1
    inside = (place >= 0) & (place < len(edges) - 1)
    squares = (values[first] - values[second])[inside] ** 2
    counts, sums = (np.bincount(place[inside], w, len(edges) - 1) for w in (None, squares))
    return np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)


def samples(name: str, values: ArrayLike, *axes: int) -> Array:
    """An argument ``(n, ...)`` as finite float64 with one of these numbers of axes.

    Raises:
        ValueError: it is not.
    """
    array = finite(name, values)
    if array.ndim not in axes:
        shapes = {1: "(n,)", 2: "(n, T)", 3: "(n, H, W)"}
        accepted = " or ".join(shapes[number] for number in axes)
        raise ValueError(f"{name}: shape {array.shape}; give {accepted}")
    return array


def rising(name: str, values: ArrayLike, least: int = 2) -> Array:
    """Edges or thresholds ``(k,)`` that rise; the outer ones may be infinite.

    Raises:
        ValueError: they do not.
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 1 or len(array) < least or not (array[1:] > array[:-1]).all():
        raise ValueError(f"{name}: shape {array.shape}; give {least} or more numbers that rise")
    return array


def chunks(fields: NDArray) -> Iterator[NDArray]:
    """The examples of ``(n, ...)`` in their order, some at a time."""
    step = max(1, NUMBERS_AT_ONCE * len(fields) // fields.size)
    return (fields[start : start + step] for start in range(0, len(fields), step))


def places(edges: Array, values: Array) -> NDArray[np.int64]:
    """Which bin each value is in, from 1; 0 for what is below all, one more for what is above.

    A bin holds its lower edge.
    """
    return np.searchsorted(edges, values, side="right")


def sums(place: NDArray[np.int64], bins: int, weights: NDArray | None = None) -> Array:
    """The weights of each example's values by their bin, ``(n, bins)``; 1 each for None."""
    rows, width = len(place), bins + 2
    number = (place.reshape(rows, -1) + width * np.arange(rows)[:, None]).reshape(-1)
    flat = None if weights is None else weights.reshape(-1)
    found = np.bincount(number, flat, rows * width).reshape(rows, width)
    return np.asarray(found[:, 1:-1], np.float64)
