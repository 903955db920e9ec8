"""Minkowski functionals of maps: area, boundary and connectedness of what is above a threshold."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from deepbench_hf.metrics.estimates import Array
from deepbench_hf.statistics.summaries import check_positive, chunks, places, rising, samples, sums

Derivatives = tuple[Array, Array, Array, Array, Array]
"""By x, by y, twice by x, by x and y, twice by y."""


def minkowski_functionals(
    maps: ArrayLike, thresholds: ArrayLike, spacing: float = 1.0, periodic: bool = False
) -> Array:
    """The three Minkowski functionals of the excursion sets of each map, per area.

        V0 = <[f > t]>                                      share of the area
        V1 = <delta(f - t) |grad f|> / 4                    length of the boundary / 4
        V2 = <delta(f - t) (2 fx fy fxy - fx^2 fyy - fy^2 fxx) / |grad f|^2> / (2 pi)
                                                            Euler characteristic

    The delta function is a box that reaches half way to the next threshold. Thresholds that lie
    apart by a quarter of the field's standard deviation bend V1 by 0.3 % of its peak.

    Args:
        maps: f, ``(n, H, W)``, any unit.
        thresholds: t, two or more that rise, ``(k,)``, in this unit.
        spacing: between pixels, any unit of length or angle.
        periodic: whether opposite sides of the map meet. Derivatives are then those of its
            Fourier series, and else central differences.

    Returns:
        ``(n, 3, k)``: pure numbers, per length, and per area.

    Raises:
        ValueError: shapes do not fit, a value is not finite, the thresholds fall, or the spacing is
            not above 0.

    Source: J. Schmalzing and K. M. Gorski, MNRAS 297 (1998) 355, equations 11 to 13.

    >>> minkowski_functionals(np.eye(4)[None], [-0.5, 0.5])[0, 0]
    array([1.  , 0.25])
    """
    maps, thresholds = samples("maps", maps, 3), rising("thresholds", thresholds)
    if not np.isfinite(thresholds).all() or min(maps.shape[1:]) < 2:
        raise ValueError(f"maps {maps.shape}: give 2 pixels a side, and finite thresholds")
    check_positive(spacing=spacing)
    derive = _series if periodic else _differences
    found = [_functionals(part, thresholds, derive(part, spacing)) for part in chunks(maps)]
    return np.concatenate(found)


def _functionals(maps: Array, thresholds: Array, derivatives: Derivatives) -> Array:
    fx, fy, fxx, fxy, fyy = derivatives
    square = fx**2 + fy**2
    bend = 2 * fx * fy * fxy - fx**2 * fyy - fy**2 * fxx
    curvature = np.divide(bend, square, out=np.zeros_like(bend), where=square > 0)
    middle = (thresholds[1:] + thresholds[:-1]) / 2
    outer = 2 * thresholds[[0, -1]] - middle[[0, -1]]
    edges = np.concatenate([outer[:1], middle, outer[1:]])
    width, place = np.diff(edges), places(edges, maps)
    boundary = sums(place, len(width), np.sqrt(square)) / (4 * width)
    euler = sums(place, len(width), curvature) / (2 * np.pi * width)
    passed = 1 + np.searchsorted(thresholds, maps)  # 1 and as many as the pixel is above
    below = sums(passed, len(thresholds) + 1).cumsum(1)[:, :-1]
    return np.stack([maps[0].size - below, boundary, euler], axis=1) / maps[0].size


def _differences(maps: Array, spacing: float) -> Derivatives:
    def slope(values: Array, axis: int) -> Array:
        return np.asarray(np.gradient(values, spacing, axis=axis))

    fx, fy = slope(maps, 2), slope(maps, 1)
    return fx, fy, slope(fx, 2), slope(fx, 1), slope(fy, 1)


def _series(maps: Array, spacing: float) -> Derivatives:
    height, width = maps.shape[1:]
    ky = 2 * np.pi * np.fft.fftfreq(height, spacing)[:, None]
    kx = 2 * np.pi * np.fft.rfftfreq(width, spacing)
    # A wave of the Nyquist wavenumber has no slope at the pixels.
    odd_y, odd_x = (np.where(np.abs(k) * spacing < np.pi * (1 - 1e-9), k, 0) for k in (ky, kx))
    modes = np.fft.rfft2(maps)

    def back(factor: NDArray) -> Array:
        return np.fft.irfft2(modes * factor, s=(height, width))

    return back(1j * odd_x), back(1j * odd_y), back(-(kx**2)), back(-odd_x * odd_y), back(-(ky**2))


def gaussian_minkowski(thresholds: ArrayLike, sigma0: float, sigma1: float) -> Array:
    """The Minkowski functionals per area of a Gaussian field of mean 0, on average.

        V0 = erfc(nu / sqrt2) / 2
        V1 = s1 / (8 sqrt2 s0) e^{-nu^2 / 2}
        V2 = s1^2 / (2 s0^2) (2 pi)^{-3/2} nu e^{-nu^2 / 2},  nu = t / s0

    Args:
        thresholds: t, ``(k,)``, in the unit of the field.
        sigma0: s0, the standard deviation of the field, in its unit.
        sigma1: s1, the root mean square of its gradient, in its unit per length.

    Returns:
        ``(3, k)``, as `minkowski_functionals` has them.

    Raises:
        ValueError: a standard deviation is not above 0.

    Source: H. Tomita, Prog. Theor. Phys. 76 (1986) 952; P. Coles and J. D. Barrow, MNRAS 228 (1987)
    407.

    >>> gaussian_minkowski([0.0], sigma0=1.0, sigma1=1.0).round(4)
    array([[0.5   ],
           [0.0884],
           [0.    ]])
    """
    check_positive(sigma0=sigma0, sigma1=sigma1)
    nu, ratio = np.asarray(thresholds, np.float64) / sigma0, sigma1 / sigma0
    bell = np.exp(-(nu**2) / 2)
    length = ratio / (8 * np.sqrt(2)) * bell
    euler = ratio**2 / 2 * (2 * np.pi) ** -1.5 * nu * bell
    return np.stack([special.ndtr(-nu), length, euler])


def lognormal_minkowski(thresholds: ArrayLike, shift: float, sigma0: float, sigma1: float) -> Array:
    """The Minkowski functionals per area of a shifted lognormal field, on average.

        f = lam (e^{g - s0^2 / 2} - 1):  those of g at ln(1 + t / lam) + s0^2 / 2

    since f is above t exactly where the Gaussian field g is above this threshold.

    Args:
        thresholds: t, above -lam, ``(k,)``, in the unit of the field.
        shift: lam, above 0, in this unit.
        sigma0: s0, the standard deviation of g, a pure number.
        sigma1: the root mean square of the gradient of g, per length.

    Returns:
        ``(3, k)``, as `minkowski_functionals` has them.

    Raises:
        ValueError: a threshold is not above -lam, or a number that must be above 0 is not.

    Source: A. Taruya et al., ApJ 571 (2002) 638, section 3.

    >>> lognormal_minkowski([0.0], shift=1.0, sigma0=1.0, sigma1=1.0)[0].round(4)
    array([0.3085])
    """
    check_positive(shift=shift)
    share = 1 + np.asarray(thresholds, np.float64) / shift
    if not (share > 0).all():
        raise ValueError(f"thresholds: they must be above {-shift:g}, the least value of the field")
    return gaussian_minkowski(np.log(share) + sigma0**2 / 2, sigma0, sigma1)
