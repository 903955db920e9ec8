"""Derivatives by differences, where there is no closed form."""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise

import numpy as np

from deepbench_hf.exact.kernel import Array
from deepbench_hf.fields import Columns
from deepbench_hf.simulators.inputs import laid_out

Arrays = tuple[Array, ...]


def richardson(function: Callable[[Array], Arrays], at: Array, step: Array) -> Arrays:
    """Derivatives of order six: central differences of three steps, extrapolated.

    D = D_0 + (D_0 - D_1) / (4 - 1) and so on, with D_j the difference of the step h / 2^j, for each
    of the arrays ``(n, ...)`` that a function gives of one argument ``(n,)``; h is the largest
    ``step``.

    Source: L. F. Richardson, Philosophical Transactions of the Royal Society A 210 (1911) 307.

    >>> (slope,) = richardson(lambda x: (x * x * x,), np.array([2.0]), np.array([0.1]))
    >>> slope.round(9)
    array([12.])
    """
    levels = [_central(function, at, step * scale) for scale in (1.0, 0.5, 0.25)]
    for power in (4.0, 16.0):
        pairs = pairwise(levels)
        levels = [
            tuple(b + (b - a) / (power - 1.0) for a, b in zip(coarse, fine, strict=True))
            for coarse, fine in pairs
        ]
    return levels[0]


def slopes(
    call: Callable[..., Columns],
    steps: Mapping[str, float],
    inputs: Columns,
    outputs: Iterable[str],
) -> dict[str, Columns]:
    """Derivatives of a model's outputs as `Differentiable.derivatives` gives them.

    Args:
        call: the model, of named arrays.
        steps: the largest step of each parameter, in its unit; a negative one is a share of the
            parameter's value.
        inputs: parameters ``(n,)`` and coordinates.
        outputs: which of its results.
    """
    names = list(outputs)
    found: dict[str, Columns] = {name: {} for name in names}
    for parameter, size in steps.items():
        at = laid_out(inputs[parameter])
        step = np.full(len(at), size) if size > 0 else -size * np.abs(at)

        def results(values: Array, own: str = parameter) -> Arrays:
            made = call(**{**inputs, own: values})
            return tuple(made[name] for name in names)

        for name, slope in zip(names, richardson(results, at, step), strict=True):
            found[name][parameter] = slope
    return found


def _central(function: Callable[[Array], Arrays], at: Array, step: Array) -> Arrays:
    above, below = at + step, at - step
    width = above - below
    pairs = zip(function(above), function(below), strict=True)
    return tuple((up - down) / width.reshape(-1, *[1] * (up.ndim - 1)) for up, down in pairs)
