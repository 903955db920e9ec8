"""Allocation: the optimum by brute force, the bound by SciPy, and the laws of information."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.simulators.allocation.choice import choose


@pytest.fixture(scope="module")
def rows():
    return generate(load_recipe("allocation", clean=True), "train", 0, 200)


def vectors_of(rows, row):
    """The information vectors of a row from its own columns."""
    n, edges = rows["n_galaxies"][row], rows["edges"][row][: rows["n_edges"][row]]
    near = np.bincount(np.concatenate([edges["source"], edges["target"]]), minlength=n)
    z = rows["redshift"][row][:n] - 0.7
    size = np.sqrt(1 + rows["interaction"][row] * near) / np.where(rows["early"][row][:n], 1, 1.5)
    return np.stack([np.ones(n), z, z**2], axis=1) * size[:, None]


def utility(f, weight):
    return 0.5 * np.linalg.slogdet(np.eye(3) + (f * np.asarray(weight)[:, None]).T @ f)[1]


def test_the_choice_is_the_best_of_all_subsets():
    found = simulate(
        "allocation", n_galaxies=8, budget_share=0.3, interaction=0.5, realization=np.arange(8)
    )
    found |= {"n_galaxies": np.full(8, 8), "interaction": np.full(8, 0.5)}
    for row in range(8):
        f, cost = vectors_of(found, row), found["cost_h"][row]
        edges = found["edges"][row][: found["n_edges"][row]]
        banned = {(e["source"], e["target"]) for e in edges if e["exclusive"]}
        best = 0.0
        for k in range(1, 9):
            for subset in combinations(range(8), k):
                if sum(cost[list(subset)]) <= found["budget_h"][row] and not banned & set(
                    combinations(subset, 2)
                ):
                    best = max(best, utility(f, np.isin(np.arange(8), subset)))
        assert found["utility_optimal"][row] == pytest.approx(best, rel=1e-12)
        assert utility(f, found["chosen"][row][:8]) == pytest.approx(best, rel=1e-12)


def test_choices_keep_budget_and_fibres_and_lie_below_the_bound(rows):
    for chosen in (rows["chosen"], rows["chosen_greedy"]):
        assert ((chosen * rows["cost_h"]).sum(axis=1) <= rows["budget_h"] + 1e-9).all()
        assert not (chosen & ~rows["valid"]).any()
        for row in range(200):
            edges = rows["edges"][row][: rows["n_edges"][row]]
            both = chosen[row][edges["source"]] & chosen[row][edges["target"]]
            assert not (both & edges["exclusive"]).any()
    assert (rows["utility_greedy"] <= rows["utility_optimal"] + 1e-12).all()
    assert (rows["utility_optimal"] <= rows["utility_bound"] + 1e-12).all()
    assert 0.9 < (rows["utility_greedy"] / rows["utility_optimal"]).mean() < 1


def test_the_bound_is_that_of_a_convex_solver(rows):
    for row in range(3):
        f, cost = vectors_of(rows, row), rows["cost_h"][row][:12]
        budget = {"type": "ineq", "fun": lambda w, c=cost, r=row: rows["budget_h"][r] - w @ c}
        start = np.full(12, 0.5 * rows["budget_share"][row])
        solved = minimize(
            lambda w, f=f: -utility(f, w), start, bounds=[(0, 1)] * 12, constraints=[budget]
        )
        bound = rows["utility_bound"][row]
        assert -solved.fun <= bound + 1e-9
        assert bound == pytest.approx(-solved.fun, abs=0.02)


def solved(f, cost, budget):
    """Optimal and greedy utilities of problems without exclusions."""
    n, most, _ = f.shape
    flags, found = np.zeros((2, n, most), bool), np.zeros((3, n))
    arguments = np.full(n, most), f, cost, np.full(n, budget), np.zeros((n, most), np.int64)
    choose(*arguments, *flags, found)
    return flags[0], found


def fractions(f, cost, budget):
    """The best utility of fractions of galaxies, from below: Frank and Wolfe's steps in NumPy."""
    n, most, _ = f.shape
    weight = np.zeros((n, most))
    for step in range(200):
        matrix = np.eye(3) + np.einsum("na,nai,naj->nij", weight, f, f)
        slope = np.einsum("nai,nij,naj->na", f, np.linalg.inv(matrix), f)
        order = np.argsort(-slope / cost, axis=1)
        price = np.take_along_axis(cost, order, axis=1)
        share = np.clip((budget[:, None] - (np.cumsum(price, axis=1) - price)) / price, 0, 1)
        corner = np.empty((n, most))
        np.put_along_axis(corner, order, share, axis=1)
        weight += 2 / (step + 2) * (corner - weight)
    matrix = np.eye(3) + np.einsum("na,nai,naj->nij", weight, f, f)
    return 0.5 * np.linalg.slogdet(matrix)[1]


def test_no_fractions_exceed_the_bound_whatever_is_left_of_the_budget():
    # 7 / 25 * 25 is more than 7: what is left after a fraction must not fall below nothing.
    rng = np.random.default_rng(5)
    f = rng.normal(size=(800, 6, 3))
    cost, budget = rng.integers(1, 160, (800, 6)), rng.integers(5, 300, 800)
    cost[:100, 0], f[:100, 0], budget[:100] = 25, 9 * f[:100, 0], 7
    flags, found = np.zeros((2, 800, 6), bool), np.zeros((3, 800))
    choose(np.full(800, 6), f, cost, budget, np.zeros((800, 6), np.int64), *flags, found)
    best = fractions(f, cost, budget)
    assert (found[2] >= best - 1e-9).all()
    assert (found[2] <= best + 0.05).all()
    assert (found[0] <= found[2] + 1e-12).all() and (found[1] <= found[0]).all()


def test_the_order_of_galaxies_does_not_matter_and_greedy_is_near_for_equal_costs():
    rng = np.random.default_rng(3)
    f, order = rng.normal(size=(100, 12, 3)), rng.permutation(12)
    cost = np.ones((100, 12), np.int64)
    chosen, found = solved(f, cost, 4)
    other, again = solved(np.ascontiguousarray(f[:, order]), cost, 4)
    np.testing.assert_allclose(found[0], again[0], rtol=1e-12)
    assert np.array_equal(chosen[:, order], other)
    assert (found[1] >= (1 - 1 / np.e) * found[0]).all()
    assert (found[1] / found[0]).mean() > 0.98


def test_information_is_submodular(rows):
    f = vectors_of(rows, 0)
    for extra in range(2, 12):
        small, large = np.zeros(12), np.zeros(12)
        small[0] = large[:2] = 1
        alone = utility(f, small + (np.arange(12) == extra)) - utility(f, small)
        assert 0 < utility(f, large + (np.arange(12) == extra)) - utility(f, large) < alone
