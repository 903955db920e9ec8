"""Objective functions of optimisation, seen at random points of a space of many dimensions."""

from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Fields, Parameter, Parameters, one_of
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import REALIZATION, filled, uniform, white
from deepbench_hf.simulators.objectives import bases
from deepbench_hf.simulators.objectives.bases import BASES, MINIMA, PLACES

POINTS, MOST, LOW = 64, 64, 6
"""Points of a row, most dimensions of the space, and most of those that matter."""


class Objective(Simulator):
    r"""A function of a few directions of a space, evaluated at 64 points.

        f(x) = base(c + h u),  u = A x + s,  c and h middle and half width of the base's box,

    with A of d orthonormal rows in D dimensions, Gram-Schmidt of a normal matrix, or the first d
    coordinates (``embedded: false``). x is uniform in [-1, 1]^D. The minimum of the base is at
    x = A^T (u* - s), and points with equal u have equal f whatever lies across: collisions that a
    representation should keep, and all others not.

    Args:
        label: base, (n,): branin and camel of 2, hartmann of 6 dimensions, exposure, the best split
            of a night between two bands, of 1, others of ``intrinsic``.
        intrinsic: d of the others, 2 to 6, (n,).
        dimension: D, (n,), or d where that is larger.
        shift: largest size of s along each direction, (n,); 0 by default.
        realization: number of A, s and x, (n,).
        embedded: whether A is random.

    Returns:
        x (n, 64, 64) and u (n, 64, 6), 0 beyond D and d; y (n, 64); x_minimum (n, 64), which may
        lie outside the box of x, y_minimum, directions d and lipschitz, (n,): two values differ by
        at most lipschitz times the distance of their u, for the points and anywhere in the base's
        box.

    Source: S. Surjanovic and D. Bingham, Virtual library of simulation experiments,
    https://www.sfu.ca/~ssurjano, for the functions. The question is that of F. Zhang, B. Nord and
    Y. Chen, Learning representation for Bayesian optimization with collision-free regularization
    (2022), arXiv:2203.08656; the list of functions is ours.
    """

    kind: Literal["objective"] = "objective"
    parameters: ClassVar[Parameters] = {
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
    def columns(self) -> Fields:
        least = "value at the minimum"
        slope = "bound of the slope along the directions where there are points"
        return {
            "directions": Field("1", "dimensions that matter", dtype="int64", low=1, role="label"),
            "x": Field("1", "the points", (POINTS, MOST), role="label"),
            "u": Field("1", "the same along the directions", (POINTS, LOW), role="label"),
            "x_minimum": Field("1", "where the least value is", (MOST,), role="label"),
            "y_minimum": Field("1", least, role="label"),
            "lipschitz": Field("1", slope, low=0.0, role="label"),
            "y": Field("1", "values of the function", (POINTS,)),
        }

    def __call__(self, **inputs: Any) -> Columns:
        row = filled(self.parameters, inputs)
        n, number = len(row["realization"]), row["realization"]
        label = row["label"].astype(np.int64)
        own = np.array([2, 2, 0, 0, 0, LOW, 1])[label]
        low = np.where(own > 0, own, row["intrinsic"]).astype(np.int64)
        x, u, y = np.zeros((n, POINTS, MOST)), np.zeros((n, POINTS, LOW)), np.empty((n, POINTS))
        best, rows = np.zeros((n, MOST)), np.zeros((n, LOW, MOST))
        z = white(number, "directions", LOW * MOST).reshape(n, LOW, MOST)
        drawn = uniform(number, "points", LOW + POINTS * MOST)
        wide = np.maximum(row["dimension"].astype(np.int64), low)
        _directions(low, wide, z, self.embedded, rows)
        bound = np.empty(n)
        _evaluate(label, low, wide, row["shift"], drawn, rows, x, u, y, best, bound)
        return {
            "directions": low,
            "x": x,
            "u": u,
            "x_minimum": best,
            "y_minimum": MINIMA[label],
            "lipschitz": bound,
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
def _evaluate(label, low, wide, shift, drawn, rows, x, u, y, best, bound):
    """Fill in points x and u, values y, the place of the minimum and the bound of the slope."""
    for i in range(label.size):
        for a in range(low[i]):
            moved = shift[i] * (2.0 * drawn[i, a] - 1.0)
            place = PLACES[label[i], a] - bases.MIDDLE[label[i], a]
            away = place / bases.HALF[label[i]] - moved
            for k in range(wide[i]):
                best[i, k] += rows[i, a, k] * away
        reach = 1.0
        for j in range(u.shape[1]):
            for k in range(wide[i]):
                x[i, j, k] = 2.0 * drawn[i, u.shape[2] + j * x.shape[2] + k] - 1.0
            for a in range(low[i]):
                total = shift[i] * (2.0 * drawn[i, a] - 1.0)
                for k in range(wide[i]):
                    total += rows[i, a, k] * x[i, j, k]
                u[i, j, a] = total
                reach = max(reach, abs(total))
            y[i, j] = bases.base(label[i], low[i], u[i, j])
        bound[i] = bases.steepest(label[i], low[i], reach)
