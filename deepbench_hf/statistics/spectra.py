"""Power spectra of maps, averaged over directions, and of series."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.metrics.estimates import Array
from deepbench_hf.statistics.fields import chunks, rising, samples


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
        ValueError: shapes do not fit, a value is not finite, or a bin has no mode.

    Source: J. A. Peacock, Cosmological Physics (1999), section 16.2.

    >>> wave = np.cos(2 * np.pi * 3 * np.arange(16) / 16)
    >>> power_spectrum([wave]).power.round(6)
    array([[0., 0., 4., 0., 0., 0., 0., 0.]])
    """
    fields = samples("fields", fields, 2, 3)
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
