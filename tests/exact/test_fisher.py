"""Cramer-Rao bounds: of a combination of parameters, and of what the data do not tell."""

import numpy as np
import pytest

from deepbench_hf.exact.fisher import UNBOUNDED, bounds_of


def test_a_number_is_bounded_by_what_the_data_tell_of_it_only():
    rng = np.random.default_rng(3)
    slopes = rng.normal(size=(3, 40)) * [[1.0], [1e5], [1e-4]]
    fisher = slopes @ slopes.T
    alone = np.outer([1.0, 1.0, 0.0], [1.0, 1.0, 0.0])  # of p_0 + p_1 only
    cases = [(fisher, g) for g in (*np.eye(3), [1.0, -2e5, 3e-4], [0.0, 0.0, 0.0])]
    cases += [(alone, g) for g in ([2.0, 2.0, 0.0], [1.0, 0.0, 0.0], [2.0, 2.0, 1e-3])]
    gradient = np.array([g for _, g in cases]).T
    bound = np.empty(len(cases))
    bounds_of(gradient, np.array([f for f, _ in cases]), np.full(len(cases), 4.0), bound)
    variance = [g @ np.linalg.inv(fisher) @ g for g in gradient.T[:5]]
    assert bound[:5] == pytest.approx(2 * np.sqrt(variance), rel=1e-9)
    assert bound[5:].tolist() == [4.0, UNBOUNDED, UNBOUNDED]
