"""How far apart values of a series are that lie apart by a lag."""

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.metrics.estimates import Array
from deepbench_hf.statistics.fields import rising, samples


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
    times = np.broadcast_to(samples("times", times, 1, 2), values.shape)
    use = np.ones(values.shape, bool) if valid is None else np.reshape(valid, values.shape) != 0
    rows = zip(times, values, use, strict=True)
    return np.stack([_of_one(t[here], m[here], edges) for t, m, here in rows])


def _of_one(times: Array, values: Array, edges: Array) -> Array:
    first, second = np.triu_indices(len(times), 1)
    place = np.searchsorted(edges, np.abs(times[first] - times[second]), side="right") - 1
    inside = (place >= 0) & (place < len(edges) - 1)
    squares = (values[first] - values[second])[inside] ** 2
    counts, sums = (np.bincount(place[inside], w, len(edges) - 1) for w in (None, squares))
    return np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
