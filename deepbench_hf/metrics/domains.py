"""Distances between two samples of features, such as the two sides of a domain pair."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.metrics.estimates import Array, two_sets

BLOCK, MOST_PAIRED = 1024, 1000
"""Rows of a kernel matrix that are in memory at once, and of each side in a median distance."""


def maximum_mean_discrepancy(
    source: ArrayLike, target: ArrayLike, bandwidth: float | None = None
) -> float:
    """The squared maximum mean discrepancy (MMD) of a Gaussian kernel, without bias.

        MMD^2 = <k(x, x')> + <k(y, y')> - 2 <k(x, y)>,  k(a, b) = exp(-|a - b|^2 / (2 h^2))

    Means go over pairs of different examples. Equal distributions give 0 on average, so that half
    of such values are negative. Features should be of like size: divide each by its spread.

    Args:
        source: features x, ``(n, features)``, n above 1.
        target: features y, ``(m, features)``, m above 1.
        bandwidth: h, in the unit of the features; None for the median distance between examples,
            of 1 000 from each side at most.

    Returns:
        The squared discrepancy, a pure number of at most 2.

    Raises:
        ValueError: shapes do not fit, a value is not finite, or the bandwidth is not above 0.

    Source: A. Gretton et al., J. Mach. Learn. Res. 13 (2012) 723, equation 3 and section 8.

    >>> maximum_mean_discrepancy([[0.0], [1.0]], [[0.0], [1.0]], 1.0) < 0
    True
    """
    x, y = two_sets(source=source, target=target)
    if len(x) < 2 or len(y) < 2:
        raise ValueError(f"source has {len(x)} rows, target {len(y)}; give at least 2 of each")
    h = _median_distance(x, y) if bandwidth is None else float(bandwidth)
    if not 0 < h < np.inf:
        raise ValueError(f"bandwidth: {h:g}; give one above 0")

    def inner(a: Array) -> float:
        return (_kernel_sum(a, a, h) - len(a)) / (len(a) * (len(a) - 1))

    return inner(x) + inner(y) - 2 * _kernel_sum(x, y, h) / (len(x) * len(y))


def sliced_wasserstein(
    source: ArrayLike, target: ArrayLike, order: int = 2, directions: int = 128, seed: int = 0
) -> float:
    """The Wasserstein distance of projections, averaged over directions.

        SW_p = <W_p(x . d, y . d)^p>^(1/p)

    W_p of two samples on a line is exact, whatever their sizes. The directions d are uniform on
    the sphere and the same for the same seed.

    Args:
        source: features x, ``(n, features)``.
        target: features y, ``(m, features)``, in the same units.
        order: p, 1 or more.
        directions: how many.
        seed: of the directions.

    Returns:
        The distance, in the unit of the features. A shift by s gives |s| / sqrt(features) for p 2.

    Raises:
        ValueError: shapes do not fit, a value is not finite, or there is no direction.

    Source: N. Bonneel, J. Rabin, G. Peyre, H. Pfister, J. Math. Imaging Vis. 51 (2015) 22.

    >>> sliced_wasserstein([[0.0], [1.0]], [[2.0], [3.0]])
    2.0
    """
    x, y = two_sets(source=source, target=target)
    if not 1 <= order < np.inf or directions < 1:
        raise ValueError(f"order {order}, directions {directions}; both must be 1 or more")
    d = _directions(x.shape[1], directions, seed)
    x, y = np.sort(x @ d, axis=0), np.sort(y @ d, axis=0)
    # Both quantile functions are constant between these steps.
    steps = np.union1d(np.arange(len(x) + 1) / len(x), np.arange(len(y) + 1) / len(y))
    middle, width = (steps[1:] + steps[:-1]) / 2, np.diff(steps)
    apart = np.abs(x[(middle * len(x)).astype(int)] - y[(middle * len(y)).astype(int)])
    return float((width @ apart**order).mean() ** (1 / order))


def _squares(a: Array, b: Array) -> Iterator[Array]:
    """Squared distances of all pairs, some rows at a time."""
    centre = b.mean(0)  # a common offset would cost digits
    a, b = a - centre, b - centre
    for start in range(0, len(a), BLOCK):
        part = a[start : start + BLOCK]
        square = (part**2).sum(1)[:, None] + (b**2).sum(1) - 2 * part @ b.T
        yield np.maximum(square, 0)


def _kernel_sum(a: Array, b: Array, h: float) -> float:
    return float(sum(np.exp(-square / (2 * h**2)).sum() for square in _squares(a, b)))


def _median_distance(x: Array, y: Array) -> float:
    pooled = np.concatenate([part[:: -(-len(part) // MOST_PAIRED)] for part in (x, y)])
    square = np.concatenate(list(_squares(pooled, pooled)))
    h = float(np.sqrt(np.median(square[np.triu_indices(len(pooled), 1)])))
    if h == 0:
        raise ValueError("bandwidth: most examples are equal; give one above 0")
    return h


def _directions(features: int, count: int, seed: int) -> Array:
    """Unit vectors ``(features, count)``."""
    from deepbench_hf.exact.draws import normals
    from deepbench_hf.exact.words import stream_key

    key = stream_key("sliced_wasserstein", seed)
    d = normals(key, np.arange(features * count)).reshape(features, count)
    return d / np.linalg.norm(d, axis=0)
