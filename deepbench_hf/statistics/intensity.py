"""How often a value occurs: the histogram of each example's pixels or samples."""

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.metrics.estimates import Array
from deepbench_hf.statistics.fields import chunks, places, rising, samples, sums


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

    >>> intensity_histogram([[0.0, 0.1, 0.7, 1.0]], edges=[0.0, 0.5, 1.0])
    array([[0.5, 0.5]])
    """
    fields, edges = samples("fields", fields, 2, 3), rising("edges", edges)
    use = np.ones(1) if valid is None else np.reshape(valid, fields.shape) != 0
    use = np.broadcast_to(use, fields.shape)
    pairs = zip(chunks(fields), chunks(use), strict=True)
    return np.concatenate([_shares(values, weights, edges) for values, weights in pairs])


def _shares(values: Array, use: Array, edges: Array) -> Array:
    place = places(edges, values) - (values == edges[-1])
    counts = sums(place, len(edges) - 1, use)
    with np.errstate(invalid="ignore"):  # nothing valid: 0 / 0
        return counts / use.reshape(len(use), -1).sum(1, keepdims=True)
