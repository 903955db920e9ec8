"""How much one variable says about another: mutual information from nearest neighbours."""

import operator

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import KDTree
from scipy.special import digamma

from deepbench_hf.exact import shuffle
from deepbench_hf.exact.words import stream_key
from deepbench_hf.metrics.estimates import Array, Estimate, finite

HALVINGS = 16
"""Random halves that give the error."""


def mutual_information(x: ArrayLike, y: ArrayLike, neighbours: int = 3) -> Estimate:
    """The mutual information of two continuous variables, by the estimator of Kraskov et al. (KSG).

        I = psi(k) + psi(n) - <psi(n_x + 1) + psi(n_y + 1)>

    with n_x and n_y the examples that are nearer in x alone, or in y alone, than the k-th neighbour
    is in (x, y), by the largest difference of coordinates. It is nearly free of bias where x and y
    are independent, low where they nearly determine each other, and may come out below 0. The
    information is that of any monotone function of x or y: take the logarithm, say, of what has
    a long tail, for then the estimate is better. Equal values break the estimator.

    Args:
        x: ``(n,)`` or ``(n, dimensions)``, any unit; each coordinate is scaled by its spread.
        y: the same number of examples.
        neighbours: k; more have less variance and more bias.

    Returns:
        Value in nats, and its standard error from halves of the examples: those of a half are
        independent of the other's, and the variance falls as 1 / n. It is known to 18 %, and NaN
        where halves have no more examples than neighbours.

            error^2 = <(I_a - I_b)^2> / 4  over random halves a, b

        Terms of neighbouring examples go together, so that the scatter of all terms would give an
        error that is 20 % too small.

    Raises:
        ValueError: shapes do not fit, a value is not finite or a coordinate constant, or there are
            no more examples than neighbours.

    Source: A. Kraskov, H. Stogbauer, P. Grassberger, Phys. Rev. E 69 (2004) 066138, equation 8. The
    error from independent parts: C. M. Holmes, I. Nemenman, arXiv:1903.09280 (2019); that they are
    halves is ours, as the variance of smaller parts is below this law.

    >>> z = np.random.default_rng(0).normal(size=(2, 2000))
    >>> mutual_information(z[0], 0.8 * z[0] + 0.6 * z[1]).value.round(1)  # 0.51 exactly
    np.float64(0.5)
    """
    x, y = _scaled("x", x), _scaled("y", y)
    n, k = len(x), operator.index(neighbours)
    if len(y) != n or not 1 <= k < n:
        raise ValueError(f"x has {n} examples, y {len(y)}; give as many of both, above {k}")
    value, half = _information(x, y, k), n // 2
    if half <= k:
        return Estimate(value, np.float64(np.nan))
    squares = []
    for number in range(HALVINGS):
        order = shuffle.permuted(stream_key("mutual_information", number), np.arange(n), n)
        parts = (order[:half], order[half:])
        first, second = (_information(x[part], y[part], k) for part in parts)
        squares.append((first - second) ** 2)
    return Estimate(value, np.sqrt(np.mean(squares)) / 2)


def _information(x: Array, y: Array, k: int) -> np.float64:
    both = np.hstack([x, y])
    distance = KDTree(both).query(both, k + 1, p=np.inf)[0][:, -1]
    radius = np.nextafter(distance, 0)  # nearer than the neighbour, not as near
    # The ball holds the example itself, which makes n_x + 1 of n_x.
    near = [KDTree(v).query_ball_point(v, radius, p=np.inf, return_length=True) for v in (x, y)]
    return digamma(k) + digamma(len(x)) - np.mean(digamma(near[0]) + digamma(near[1]))


def _scaled(name: str, values: ArrayLike) -> Array:
    """Coordinates ``(n, d)`` of like size, as one distance is taken over all of them."""
    array = finite(name, values)
    array = array[:, None] if array.ndim == 1 else array
    spread = array.std(0)
    if array.ndim != 2 or not (spread > 0).all():
        raise ValueError(f"{name}: shape {array.shape}; give (n,) or (n, d), and no constant")
    return array / spread
