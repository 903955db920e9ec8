"""Objective functions of optimisation, seen at random points of a space of many dimensions."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Parameter, one_of
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.realization import REALIZATION, uniform, white

BASES = ("branin", "camel", "rastrigin", "ackley", "rosenbrock", "hartmann")
POINTS, MOST, LOW = 64, 64, 6
"""Points of a row, most dimensions of the space, and most of those that matter."""
_PI = 3.141592653589793
_HEIGHTS = np.array([1.0, 1.2, 3.0, 3.2])
_WIDTHS = np.array(
    [
        [10.0, 3.0, 17.0, 3.5, 1.7, 8.0],
        [0.05, 10.0, 17.0, 0.1, 8.0, 14.0],
        [3.0, 3.5, 1.7, 10.0, 17.0, 8.0],
        [17.0, 8.0, 0.05, 10.0, 0.1, 14.0],
    ]
)
_CENTRES = 1e-4 * np.array(
    [
        [1312.0, 1696.0, 5569.0, 124.0, 8283.0, 5886.0],
        [2329.0, 4135.0, 8307.0, 3736.0, 1004.0, 9991.0],
        [2348.0, 1451.0, 3522.0, 2883.0, 3047.0, 6650.0],
        [4047.0, 8828.0, 8732.0, 5743.0, 1091.0, 381.0],
    ]
)
_BOX = np.array([[-5.0, 10.0], [-2, 2], [-5.12, 5.12], [-32.768, 32.768], [-5, 10], [0, 1]])
_MINIMA = np.array([0.39788735772973816, -1.0316284534898774, 0.0, 0.0, 0.0, -3.3223680114155147])
_PLACES = np.array(
    [
        [_PI, 2.275, 0, 0, 0, 0],
        [0.08984201, -0.71265641, 0, 0, 0, 0],
        [0.0, 0, 0, 0, 0, 0],
        [0.0, 0, 0, 0, 0, 0],
        [1.0, 1, 1, 1, 1, 1],
        [0.20168951, 0.15001069, 0.47687397, 0.27533243, 0.31165162, 0.65730053],
    ]
)
"""Where each base has its minimum, in its own box."""


class Objective(Simulator):
    r"""A function of a few directions of a space, evaluated at 64 points.

        f(x) = base(c + h u),  u = A x + s,  c and h middle and half width of the base's box,

    with A of d orthonormal rows in D dimensions, Gram-Schmidt of a normal matrix, or the first d
    coordinates (``embedded: false``). x is uniform in [-1, 1]^D. The minimum of the base is at
    x = A^T (u* - s), and points with equal u have equal f whatever lies across: collisions that a
    representation should keep, and all others not.

    Args:
        label: base, (n,): branin and camel of 2, hartmann of 6 dimensions, others of ``intrinsic``.
        intrinsic: d of the others, 2 to 6, (n,).
        dimension: D, (n,), or d where that is larger.
        shift: largest size of s along each direction, (n,); 0 by default.
        realization: number of A, s and x, (n,).
        embedded: whether A is random.

    Returns:
        x (n, 64, 64) and u (n, 64, 6), 0 beyond D and d; y (n, 64); x_minimum (n, 64), which may
        lie outside the box of x, y_minimum and directions d, (n,).

    Source: S. Surjanovic and D. Bingham, Virtual library of simulation experiments,
    https://www.sfu.ca/~ssurjano, for the functions. The question is that of F. Zhang, B. Nord and
    Y. Chen, Learning representation for Bayesian optimization with collision-free regularization
    (2022), arXiv:2203.08656; the list of functions is ours.
    """

    kind: Literal["objective"] = "objective"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "label": one_of("the function", BASES, symbol="k"),
        "intrinsic": Parameter(
            "1", "dimensions that matter", 2, LOW, 2, whole=True, symbol="d",
            only={"label": ("rastrigin", "ackley", "rosenbrock")}, absent=0,
        ),
        "dimension": Parameter("1", "dimensions of the space", 2, MOST, whole=True, symbol="D"),
        "shift": Parameter("1", "largest shift along each direction", 0, 0.5, 0.0, symbol="s"),
        "realization": REALIZATION,
    }  # fmt: skip
    embedded: bool = True

    @property
    def columns(self) -> Mapping[str, Field]:
        least = "value at the minimum"
        return {
            "directions": Field("1", "dimensions that matter", dtype="int64", low=2, role="label"),
            "x": Field("1", "the points", (POINTS, MOST), role="label"),
            "u": Field("1", "the same along the directions", (POINTS, LOW), role="label"),
            "x_minimum": Field("1", "where the least value is", (MOST,), role="label"),
            "y_minimum": Field("1", least, role="label"),
            "y": Field("1", "values of the function", (POINTS,)),
        }

    def __call__(self, **inputs: Any) -> Columns:
        """The points and values."""
        row = filled(self.parameters, inputs)
        n, number = len(row["realization"]), row["realization"]
        label = row["label"].astype(np.int64)
        own = np.array([2, 2, 0, 0, 0, LOW])[label]
        low = np.where(own > 0, own, row["intrinsic"]).astype(np.int64)
        x, u, y = np.zeros((n, POINTS, MOST)), np.zeros((n, POINTS, LOW)), np.empty((n, POINTS))
        best, rows = np.zeros((n, MOST)), np.zeros((n, LOW, MOST))
        z = white(number, "directions", LOW * MOST).reshape(n, LOW, MOST)
        drawn = uniform(number, "points", LOW + POINTS * MOST)
        wide = np.maximum(row["dimension"].astype(np.int64), low)
        _directions(low, wide, z, self.embedded, rows)
        _evaluate(label, low, wide, row["shift"], drawn, rows, x, u, y, best)
        return {
            "directions": low,
            "x": x,
            "u": u,
            "x_minimum": best,
            "y_minimum": _MINIMA[label],
            "y": y,
        }


@kernel
def _directions(low, wide, z, embedded, rows):
    """Fill in orthonormal rows (n, d, D): Gram-Schmidt of z, twice for all digits."""
    for i in range(low.size):
        for a in range(low[i]):
            for k in range(wide[i]):
                rows[i, a, k] = np.float64(z[i, a, k]) if embedded else 1.0 * (a == k)
            for _ in range(2):
                for b in range(a):
                    along = 0.0
                    for k in range(wide[i]):
                        along += rows[i, a, k] * rows[i, b, k]
                    for k in range(wide[i]):
                        rows[i, a, k] -= along * rows[i, b, k]
                square = 0.0
                for k in range(wide[i]):
                    square += rows[i, a, k] * rows[i, a, k]
                for k in range(wide[i]):
                    rows[i, a, k] /= np.sqrt(square)


@kernel
def _evaluate(label, low, wide, shift, drawn, rows, x, u, y, best):
    """Fill in points x and u, values y, and the place of the minimum."""
    for i in range(label.size):
        middle = 0.5 * (_BOX[label[i], 0] + _BOX[label[i], 1])
        half = 0.5 * (_BOX[label[i], 1] - _BOX[label[i], 0])
        for a in range(low[i]):
            moved = shift[i] * (2.0 * drawn[i, a] - 1.0)
            away = (_PLACES[label[i], a] - _middle(label[i], a, middle)) / half - moved
            for k in range(wide[i]):
                best[i, k] += rows[i, a, k] * away
        for j in range(u.shape[1]):
            for k in range(wide[i]):
                x[i, j, k] = 2.0 * drawn[i, u.shape[2] + j * x.shape[2] + k] - 1.0
            for a in range(low[i]):
                total = shift[i] * (2.0 * drawn[i, a] - 1.0)
                for k in range(wide[i]):
                    total += rows[i, a, k] * x[i, j, k]
                u[i, j, a] = total
            y[i, j] = base(label[i], low[i], u[i, j])


@kernel
def _middle(label, a, middle):
    """The middle of the box along a coordinate: that of branin differs between both."""
    return 7.5 if label == 0 and a == 1 else middle


@kernel
def base(label, low, u):
    """The value of a function at u (d,), its box being [-1, 1]^d."""
    middle = 0.5 * (_BOX[label, 0] + _BOX[label, 1])
    half = 0.5 * (_BOX[label, 1] - _BOX[label, 0])
    a, b = _middle(label, 0, middle) + half * u[0], _middle(label, 1, middle) + half * u[1]
    if label == 0:
        bent = b - 5.1 / (4.0 * _PI * _PI) * a * a + 5.0 / _PI * a - 6.0
        return bent * bent + 10.0 * (1.0 - 1.0 / (8.0 * _PI)) * exact.cos(a) + 10.0
    if label == 1:
        square = a * a
        first = (4.0 - 2.1 * square + square * square / 3.0) * square
        return first + a * b + (4.0 * b * b - 4.0) * b * b
    total, waves = 0.0, 0.0
    if label == 5:
        for k in range(4):
            inner = 0.0
            for j in range(low):
                gap = middle + half * u[j] - _CENTRES[k, j]
                inner += _WIDTHS[k, j] * gap * gap
            total -= _HEIGHTS[k] * exact.exp(max(-inner, -700.0))
        return total
    for j in range(low):
        v = middle + half * u[j]
        if label == 2:
            total += 10.0 + v * v - 10.0 * exact.cos(2.0 * _PI * v)
        elif label == 3:
            total += v * v / low
            waves += exact.cos(2.0 * _PI * v) / low
        elif j + 1 < low:
            gap = middle + half * u[j + 1] - v * v
            total += 100.0 * gap * gap + (1.0 - v) * (1.0 - v)
    if label == 3:
        depth = 20.0 * exact.exp(-0.2 * np.sqrt(total)) + exact.exp(waves)
        return 20.0 + 2.718281828459045 - depth
    return total
