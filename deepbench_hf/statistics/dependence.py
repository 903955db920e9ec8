"""How much one variable tells of another: mutual information from nearest neighbours."""

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.metrics.estimates import Array, Estimate, average, finite
from deepbench_hf.statistics.fields import scipy


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
        Value in nats, and the standard error of the mean over examples, which takes their terms
        as independent.

    Raises:
        ValueError: shapes do not fit, a value is not finite or a coordinate constant, or there are
            no more examples than neighbours.
        ImportError: SciPy is not installed.

    Source: A. Kraskov, H. Stogbauer, P. Grassberger, Phys. Rev. E 69 (2004) 066138, equation 8.

    >>> z = np.random.default_rng(0).normal(size=(2, 2000))
    >>> mutual_information(z[0], 0.8 * z[0] + 0.6 * z[1]).value.round(1)  # 0.51 exactly
    np.float64(0.5)
    """
    x, y = _scaled("x", x), _scaled("y", y)
    n, k = len(x), neighbours
    if len(y) != n or not 1 <= k < n:
        raise ValueError(f"x has {n} examples, y {len(y)}; give as many of both, above {k}")
    trees = scipy("spatial").cKDTree
    both = np.hstack([x, y])
    distance = trees(both).query(both, k + 1, p=np.inf)[0][:, -1]
    radius = np.nextafter(distance, 0)  # nearer than the neighbour, not as near
    psi = scipy("special").digamma
    # The ball holds the example itself, which makes n_x + 1 of n_x.
    near = [trees(v).query_ball_point(v, radius, p=np.inf, return_length=True) for v in (x, y)]
    return average(psi(k) + psi(n) - psi(near[0]) - psi(near[1]))


def _scaled(name: str, values: ArrayLike) -> Array:
    """Coordinates ``(n, d)`` of like size, as one distance is taken over all of them."""
    array = finite(name, values)
    array = array[:, None] if array.ndim == 1 else array
    spread = array.std(0)
    if array.ndim != 2 or not (spread > 0).all():
        raise ValueError(f"{name}: shape {array.shape}; give (n,) or (n, d), and no constant")
    return array / spread
