"""The best choice within a budget by enumeration, the greedy one, and an upper bound."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

STEPS = 200
"""Steps of Frank and Wolfe towards the bound."""


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
        taken = _greedily(number[i], vectors[i], cost[i], budget[i], clash[i], greedy[i])
        # Both from the table of subsets: the greedy one never exceeds the best, not by rounding.
        utility[0, i] = 0.5 * exact.log(_determinant(sums[best]))
        utility[1, i] = 0.5 * exact.log(_determinant(sums[taken]))
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
    """Take what gains most for its cost until nothing fits; return the bits of what is taken."""
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
            return taken
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
        left = max(left - corner[best] * cost[best], 0.0)  # below 0 is: not filled yet
