"""Which galaxies to observe with a limited budget: information, costs, and the exact optimum."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel
from deepbench_hf.fields import Columns, Field, Parameter
from deepbench_hf.simulators.base import Simulator
from deepbench_hf.simulators.inputs import filled
from deepbench_hf.simulators.realization import REALIZATION, uniform

MOST, MOST_EDGES = 16, 120
QUARTER_H = 0.25
"""Exposures are whole quarters of an hour, at least one."""
BRIGHT_MAG, FAINT_MAG, NEAR, FAR = 20.0, 24.0, 0.2, 1.2
MIDDLE = 0.7
"""Redshift about which the cosmological parameters are expanded."""
EARLY_SHARE, LATE_SIGMA = 0.4, 1.5
"""Share of galaxies of early type, and the error of the others in units of theirs."""
FIBRE = 0.03
"""Of two galaxies that are closer only one can be observed."""
STEPS = 200
_PER_GALAXY = 5


class Allocation(Simulator):
    r"""A set of galaxies on the sky and the best choice among them within a budget of time.

        U(S) = 1/2 ln det(1 + sum over S of f f^T),
        f = (1, z - 0.7, (z - 0.7)^2) sqrt(b) / sigma,  b = 1 + interaction (number of neighbours),
        cost = 10^(0.8 (m - 22)) hours, in whole quarters,

    so that U is the information of three parameters of a smooth function of redshift, and a galaxy
    is worth more beside others. Galaxies closer than 0.03 cannot share a night. The optimum is
    found among all subsets. The bound holds for fractions of galaxies as well: the best value of
    Frank and Wolfe's steps and the gap that is left of it.

    Args:
        n_galaxies: how many there are, 2 to 16, (n,).
        budget_share: budget over the cost of all, (n,).
        link_radius: distance of neighbours, (n,).
        interaction: what a neighbour adds, (n,).
        realization: number of the galaxies, (n,).

    Returns:
        x, y in the unit square, magnitude_mag, redshift, early (n, 16), with valid; edges, n_edges
        of them, between neighbours, and whether they exclude each other; cost_h (n, 16), budget_h;
        chosen and chosen_greedy (n, 16); utility_optimal, utility_greedy, utility_bound (n,).

    Source: M. Cranmer, P. Melchior and B. Nord, Unsupervised resource allocation with graph neural
    networks (2021), arXiv:2106.09761, for the problem; its numbers here are ours. M. Frank and
    P. Wolfe, Naval Research Logistics Quarterly 3 (1956) 95, doi:10.1002/nav.3800030109.
    """

    kind: Literal["allocation"] = "allocation"
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "n_galaxies": Parameter("1", "number of galaxies", 2, MOST, whole=True, symbol="N"),
        "budget_share": Parameter("1", "budget over the cost of all", 0.01, 1, symbol=r"\beta"),
        "link_radius": Parameter("1", "distance of neighbours", 0.03, 1, 0.2, symbol="r"),
        "interaction": Parameter("1", "what a neighbour adds to the worth", 0, 2, symbol="g"),
        "realization": REALIZATION,
    }

    @property
    def columns(self) -> Mapping[str, Field]:
        each: Any = {"shape": (MOST,), "valid": "valid"}
        yes: Any = {"shape": (MOST,), "dtype": "bool", "low": 0, "role": "label"}
        edge = {
            "source": Field("1", "number of the first galaxy", dtype="int16"),
            "target": Field("1", "number of the second galaxy", dtype="int16"),
            "exclusive": Field("1", "whether only one can be observed", dtype="bool"),
        }
        told = "utility that no choice, of fractions either, exceeds"
        return {
            "valid": Field("1", "whether there is a galaxy", **yes),
            "n_edges": Field("1", "number of edges", dtype="int64", low=0, role="label"),
            "edges": Field("1", "pairs of neighbours", (MOST_EDGES,), fields=edge, role="label"),
            "early": Field("1", "whether it is of early type", **yes),
            "cost_h": Field("h", "exposure that it needs", (MOST,), low=0.0, role="label"),
            "budget_h": Field("h", "exposure that there is", low=0.0, role="label"),
            "chosen": Field("1", "the best choice", **yes),
            "chosen_greedy": Field("1", "the choice by most gain per cost", **yes),
            "utility_optimal": Field("1", "utility of the best choice", low=0.0, role="label"),
            "utility_greedy": Field("1", "utility of the greedy choice", low=0.0, role="label"),
            "utility_bound": Field("1", told, low=0.0, role="label"),
            "x": Field("1", "place on the sky along x", **each),
            "y": Field("1", "place on the sky along y", against="x", **each),
            "magnitude_mag": Field("mag", "magnitude", **each),
            "redshift": Field("1", "redshift", **each),
        }

    def __call__(self, **inputs: Any) -> Columns:
        """The galaxies and the choices."""
        row = filled(self.parameters, inputs)
        n, number = len(row["realization"]), row["n_galaxies"].astype(np.int64)
        u = uniform(row["realization"], "galaxies", _PER_GALAXY * MOST)
        u = u.reshape(n, MOST, _PER_GALAXY)
        valid = np.arange(MOST) < number[:, None]
        galaxies = np.zeros((5, n, MOST))
        vectors, cost = np.zeros((n, MOST, 3)), np.zeros((n, MOST), np.int64)
        ends, count = np.zeros((3, n, MOST_EDGES), np.int16), np.zeros(n, np.int64)
        clash = np.zeros((n, MOST), np.int64)
        shape = row["link_radius"], row["interaction"]
        _galaxies(u, number, *shape, galaxies, vectors, cost, clash, ends, count)
        total = np.add.reduce(cost, axis=1)
        budget = np.floor(row["budget_share"] * total).astype(np.int64)
        chosen, greedy = np.zeros((n, MOST), bool), np.zeros((n, MOST), bool)
        utility = np.zeros((3, n))
        choose(number, vectors, cost, budget, clash, chosen, greedy, utility)
        edges = np.zeros((n, MOST_EDGES), self.columns["edges"].array_dtype)
        edges["source"], edges["target"], edges["exclusive"] = ends
        return {
            "valid": valid,
            "n_edges": count,
            "edges": edges,
            "early": (galaxies[4] > 0.0) & valid,
            "cost_h": QUARTER_H * cost,
            "budget_h": QUARTER_H * budget,
            "chosen": chosen,
            "chosen_greedy": greedy,
            "utility_optimal": utility[0],
            "utility_greedy": utility[1],
            "utility_bound": utility[2],
            "x": galaxies[0],
            "y": galaxies[1],
            "magnitude_mag": galaxies[2],
            "redshift": galaxies[3],
        }


@kernel
def _galaxies(u, number, link, interaction, galaxies, vectors, cost, clash, ends, count):
    """Fill in galaxies (5, n, most), their vectors, costs in quarters of an hour, and edges.

    ``clash`` has the bits of those that each excludes, (n, most).
    """
    for i in range(number.size):
        for a in range(number[i]):
            galaxies[0, i, a], galaxies[1, i, a] = u[i, a, 0], u[i, a, 1]
            galaxies[2, i, a] = BRIGHT_MAG + (FAINT_MAG - BRIGHT_MAG) * u[i, a, 2]
            galaxies[3, i, a] = NEAR + (FAR - NEAR) * u[i, a, 3]
            galaxies[4, i, a] = 1.0 if u[i, a, 4] < EARLY_SHARE else 0.0
            hours = exact.exp(2.302585092994046 * 0.8 * (galaxies[2, i, a] - 22.0))
            cost[i, a] = max(np.int64(np.floor(hours / QUARTER_H + 0.5)), 1)
            vectors[i, a, 0] = 1.0  # neighbours, counted first
        for a in range(number[i]):
            for b in range(a + 1, number[i]):
                dx, dy = u[i, a, 0] - u[i, b, 0], u[i, a, 1] - u[i, b, 1]
                square = dx * dx + dy * dy
                if square >= link[i] * link[i]:
                    continue
                vectors[i, a, 0] += interaction[i]
                vectors[i, b, 0] += interaction[i]
                k = count[i]
                ends[0, i, k], ends[1, i, k] = np.int16(a), np.int16(b)
                if square < FIBRE * FIBRE:
                    ends[2, i, k] = np.int16(1)
                    clash[i, a] |= np.int64(1) << np.int64(b)
                    clash[i, b] |= np.int64(1) << np.int64(a)
                count[i] += 1
        for a in range(number[i]):
            sigma = 1.0 if galaxies[4, i, a] > 0.0 else LATE_SIGMA
            size = np.sqrt(vectors[i, a, 0]) / sigma
            away = galaxies[3, i, a] - MIDDLE
            vectors[i, a, 0] = size
            vectors[i, a, 1], vectors[i, a, 2] = size * away, size * away * away


@kernel
def _add(matrix, vector, weight):
    """Add weight f f^T to the upper half of a symmetric matrix, (6,)."""
    a, b, c = vector[0], vector[1], vector[2]
    matrix[0] += weight * (a * a)
    matrix[1] += weight * (b * b)
    matrix[2] += weight * (c * c)
    matrix[3] += weight * (a * b)
    matrix[4] += weight * (a * c)
    matrix[5] += weight * (b * c)


@kernel
def _determinant(m):
    """Of 1 and a symmetric matrix (6,) together."""
    a, b, c = 1.0 + m[0], 1.0 + m[1], 1.0 + m[2]
    first = a * (b * c - m[5] * m[5])
    return first - m[3] * (m[3] * c - m[5] * m[4]) + m[4] * (m[3] * m[5] - b * m[4])


@kernel
def _gain(m, determinant, f):
    """f^T (1 + M)^-1 f: a galaxy multiplies the determinant by 1 and this."""
    a, b, c = 1.0 + m[0], 1.0 + m[1], 1.0 + m[2]
    d, e, g = m[3], m[4], m[5]
    total = f[0] * f[0] * (b * c - g * g) + f[1] * f[1] * (a * c - e * e)
    total += f[2] * f[2] * (a * b - d * d) + 2.0 * f[0] * f[1] * (e * g - d * c)
    total += 2.0 * f[0] * f[2] * (d * g - b * e) + 2.0 * f[1] * f[2] * (d * e - a * g)
    return total / determinant


@kernel(allocates=True)
def choose(number, vectors, cost, budget, clash, chosen, greedy, utility):
    """The best subset, the greedy one, and the bound of each row.

    Args:
        number: galaxies of each row, (n,).
        vectors: f, (n, most, 3).
        cost, budget: whole numbers, (n, most) and (n,).
        clash: bits of the galaxies that each excludes, (n, most).
        chosen, greedy: what is filled, (n, most), False before.
        utility: of the best, of the greedy, and the bound, (3, n).
    """
    most = cost.shape[1]
    sums, price = np.empty((1 << most, 6)), np.empty(1 << most, np.int64)
    weight, slope, corner = np.empty(most), np.empty(most), np.empty(most)
    for i in range(number.size):
        best = _enumerate(number[i], vectors[i], cost[i], budget[i], clash[i], sums, price)
        for a in range(number[i]):
            chosen[i, a] = best >> a & 1 == 1
        utility[0, i] = 0.5 * exact.log(_determinant(sums[best]))
        utility[1, i] = _greedily(number[i], vectors[i], cost[i], budget[i], clash[i], greedy[i])
        utility[2, i] = _bound(number[i], vectors[i], cost[i], budget[i], weight, slope, corner)


@kernel
def _enumerate(number, vectors, cost, budget, clash, sums, price):
    """The bits of the best subset; a price above the budget marks those that are not allowed."""
    best, largest = 0, 1.0
    price[0] = 0
    for k in range(6):
        sums[0, k] = 0.0
    for a in range(number):
        for rest in range(1 << a):
            own = rest | 1 << a
            price[own] = price[rest] + cost[a]
            if clash[a] & rest:
                price[own] = budget + 1
            if price[own] > budget:
                price[own] = budget + 1
                continue
            for k in range(6):
                sums[own, k] = sums[rest, k]
            _add(sums[own], vectors[a], 1.0)
            found = _determinant(sums[own])
            if found > largest:
                best, largest = own, found
    return best


@kernel(allocates=True)
def _greedily(number, vectors, cost, budget, clash, greedy):
    """Take what gains most for its cost until nothing fits; return the utility."""
    matrix = np.zeros(6)
    left, taken = budget, 0
    while True:
        best, most, determinant = -1, 0.0, _determinant(matrix)
        for a in range(number):
            if greedy[a] or cost[a] > left or clash[a] & taken:
                continue
            gain = exact.log(1.0 + _gain(matrix, determinant, vectors[a])) / cost[a]
            if gain > most:
                best, most = a, gain
        if best < 0:
            return 0.5 * exact.log(determinant)
        greedy[best] = True
        taken |= 1 << best
        left -= cost[best]
        _add(matrix, vectors[best], 1.0)


@kernel(allocates=True)
def _bound(number, vectors, cost, budget, weight, slope, corner):
    """An upper bound of the utility of weights in [0, 1] within the budget."""
    bound = 1e300
    weight[:number] = 0.0
    for step in range(STEPS):
        matrix = np.zeros(6)
        for a in range(number):
            _add(matrix, vectors[a], weight[a])
        determinant = _determinant(matrix)
        for a in range(number):
            slope[a] = 0.5 * _gain(matrix, determinant, vectors[a])
        _fill_knapsack(number, slope, cost, budget, corner)
        gap = 0.0
        for a in range(number):
            gap += slope[a] * (corner[a] - weight[a])
        bound = min(bound, 0.5 * exact.log(determinant) + gap)
        share = 2.0 / (step + 2.0)
        for a in range(number):
            weight[a] += share * (corner[a] - weight[a])
    return bound


@kernel
def _fill_knapsack(number, slope, cost, budget, corner):
    """The weights in [0, 1] of the largest sum of slopes: most slope for its cost first."""
    corner[:number] = -1.0
    left = np.float64(budget)
    for _ in range(number):
        best = -1
        for a in range(number):
            if corner[a] < 0.0 and (best < 0 or slope[a] * cost[best] > slope[best] * cost[a]):
                best = a
        corner[best] = min(left / cost[best], 1.0)
        left -= corner[best] * cost[best]
