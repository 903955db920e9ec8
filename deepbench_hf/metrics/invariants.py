"""How well a conserved quantity is conserved."""

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.metrics.estimates import Array, finite, positive


def invariant_residuals(values: ArrayLike, scale: ArrayLike | None = None) -> Array:
    """The relative spread along time of a quantity that should not change.

        r = (max_t v - min_t v) / scale

    Args:
        values: the quantity at each time, such as an energy, ``(n, T, ...)``.
        scale: what counts as large, in the unit of the quantity, ``(n, ...)`` or a number; None for
            max_t |v|. A quantity that is conserved at zero, such as a total momentum, needs one.

    Returns:
        The residual of each example, ``(n, ...)``, pure numbers.

    Raises:
        ValueError: no time axis, a value that is not finite, or a scale of another shape or not
            above 0.

    Source: E. Hairer, C. Lubich, G. Wanner, Geometric Numerical Integration (2006), chapter IX.

    >>> invariant_residuals([[2.0, 2.0, 1.5]])
    array([0.25])
    """
    values = finite("values", values)
    if values.ndim < 2:
        raise ValueError(f"values: shape {values.shape}; give (n, T, ...)")
    span = np.ptp(values, axis=1)
    if scale is not None:
        shape = span.shape if np.ndim(scale) else (1,)
        return span / positive("scale", finite("scale", np.atleast_1d(scale), shape))
    largest = np.abs(values).max(1)
    return np.divide(span, largest, out=np.zeros_like(span), where=largest > 0)
