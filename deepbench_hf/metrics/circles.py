"""What goes round, such as an angle: its values on the turns where they can be compared as numbers.

A prediction is moved by whole turns to within half a turn of the truth: 359 degrees for 1 degree is
an error of -2. Draws of a posterior are cut open opposite to their mean direction, that of the
resultant sum exp(2 pi i x / period), to which the truth counts as one draw more. Of an exact
posterior the truth and its draws can be exchanged, and so they can be under any cut to which all
give alike: the rank of the truth is then uniform, however few the draws and however wide they are.
A cut at the mean of the draws alone would follow them and not the truth.

Source: K. V. Mardia, P. E. Jupp, Directional Statistics (2000), section 2.2, for the direction; S.
Talts et al., arXiv:1804.06788, for ranks of what can be exchanged. The cut is ours.
"""

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.metrics.estimates import Array, finite, positive


def nearest_turn(values: ArrayLike, near: ArrayLike, period: ArrayLike) -> Array:
    """Values moved by whole periods to within half a period of others.

    Args:
        values: ``(n, ...)``, any unit.
        near: the others, ``(n, ...)``, in this unit.
        period: in this unit, a number or ``(n, ...)``.

    Returns:
        The values on these turns, ``(n, ...)``, in their unit.

    Raises:
        ValueError: a value is not finite, or a period is not above 0.

    Source: the definition.

    >>> nearest_turn([359.0, 10.0], [1.0, 1.0], 360.0)
    array([-1., 10.])
    """
    values, near = finite("values", values), finite("near", near)
    period = positive("period", np.atleast_1d(np.asarray(period, np.float64)))
    return values - period * np.round((values - near) / period)


def unwrapped(
    truth: ArrayLike, draws: ArrayLike, period: ArrayLike, *others: ArrayLike
) -> tuple[Array, ...]:
    """Draws of what goes round as numbers that ranks, widths and distances can be taken of.

    They are moved by whole periods: all of a row lie within half a period of one place, the mean
    direction of the truth and its draws, and the truth stays what it is.

    Args:
        truth: ``(n,)``, any unit.
        draws: ``(n, k)``, in this unit.
        period: in this unit, a number or ``(n,)``.
        *others: other draws of the same rows, ``(n, m)``, which are cut open at the same places.

    Returns:
        The draws ``(n, k)``, and the others ``(n, m)``, in their unit.

    Raises:
        ValueError: shapes differ, a value is not finite, or a period is not above 0.

    Source: that of this module.

    >>> unwrapped([1.0], [[359.0, 2.0]], 360.0)[0]
    array([[-1.,  2.]])
    """
    truth, draws = finite("truth", truth), finite("draws", draws)
    if draws.ndim != 2 or truth.shape != draws.shape[:1]:
        raise ValueError(f"truth {truth.shape}, draws {draws.shape}; give (n,) and (n, k)")
    turn = positive("period", np.broadcast_to(np.asarray(period, np.float64), truth.shape))[:, None]
    every = np.concatenate([truth[:, None], draws], axis=1)
    middle = np.angle(np.exp(2j * np.pi * every / turn).sum(1, keepdims=True)) * turn / (2 * np.pi)
    own = truth[:, None]
    shift = own - nearest_turn(own, middle, turn)
    return tuple(
        nearest_turn(of, np.broadcast_to(middle, np.shape(of)), turn) + shift
        for of in (draws, *others)
    )
