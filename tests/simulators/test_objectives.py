"""Objective functions against formulas in NumPy, minima by SciPy, and hidden directions."""

import numpy as np
import pytest
from scipy.optimize import minimize

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.simulators.objectives.bases import BASES, base, steepest

ALPHA = np.array([1.0, 1.2, 3.0, 3.2])
A = np.array(
    [
        [10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14],
    ]
)  # fmt: skip
P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381],
    ]
)  # fmt: skip


def branin(x):
    bent = x[1] - 5.1 / (4 * np.pi**2) * x[0] ** 2 + 5 / np.pi * x[0] - 6
    return bent**2 + 10 * (1 - 1 / (8 * np.pi)) * np.cos(x[0]) + 10


def camel(x):
    first = (4 - 2.1 * x[0] ** 2 + x[0] ** 4 / 3) * x[0] ** 2
    return first + x[0] * x[1] + (4 * x[1] ** 2 - 4) * x[1] ** 2


def rastrigin(x):
    return 10 * len(x) + (x**2 - 10 * np.cos(2 * np.pi * x)).sum()


def ackley(x):
    near, waves = np.sqrt((x**2).mean()), np.cos(2 * np.pi * x).mean()
    return 20 + np.e - 20 * np.exp(-0.2 * near) - np.exp(waves)


def rosenbrock(x):
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def hartmann(x):
    return -(ALPHA * np.exp(-(A * (x - P) ** 2).sum(axis=1))).sum()


def exposure(x):
    share = np.sin(np.pi * x[0] / 2) ** 2, np.cos(np.pi * x[0] / 2) ** 2
    way = np.sign(np.sin(np.pi * x[0] / 2)), np.sign(np.cos(np.pi * x[0] / 2))
    bands = ((30, 20), (10, 40))  # signal and background
    return -sum(
        w * f * t / np.sqrt((f + b) * t) for w, t, (f, b) in zip(way, share, bands, strict=True)
    )


FORMULAS = (branin, camel, rastrigin, ackley, rosenbrock, hartmann, exposure)
BOXES = ([[-5, 0], [10, 15]], [-2, 2], [-5.12, 5.12], [-32.768, 32.768], [-5, 10], [0, 1], [0, 1])


def padded(u):
    """As rows hold it."""
    return np.append(u, np.zeros(6 - len(u)))


def in_box(label, u):
    low, high = (np.array(end) for end in BOXES[label])
    return low + (high - low) * (u + 1) / 2


@pytest.mark.parametrize("label", range(len(BASES)))
def test_a_function_is_that_of_the_literature_and_its_minimum_one_by_scipy(label):
    d = {0: 2, 1: 2, 5: 6, 6: 1}.get(label, 4)
    rng = np.random.default_rng(label)
    for u in rng.uniform(-1, 1, (20, d)):
        expected = FORMULAS[label](in_box(label, u))
        assert base(label, d, padded(u)) == pytest.approx(expected, rel=1e-11, abs=1e-11)
    found = simulate(
        "objectives", label=BASES[label], intrinsic=d if label in (2, 3, 4) else 0,
        shift=0, realization=3,
    )  # fmt: skip
    best = found["x_minimum"][:d]
    assert base(label, d, padded(best)) == pytest.approx(found["y_minimum"], abs=1e-12)
    start = best + 0.001 * rng.normal(size=d)
    solved = minimize(lambda u: FORMULAS[label](in_box(label, u)), start, tol=1e-12)
    assert solved.fun >= found["y_minimum"] - 1e-9
    assert solved.fun == pytest.approx(found["y_minimum"], abs=1e-4)
    assert (found["y"] >= found["y_minimum"]).all()


@pytest.mark.parametrize("split", ["test", "test_high_dimension", "test_unseen", "test_exposure"])
def test_values_depend_on_a_few_orthonormal_directions(split):
    rows = generate(load_recipe("objectives_embedded", clean=True), split, 0, 60)
    for row in range(60):
        d, wide = rows["directions"][row], max(rows["dimension"][row], rows["directions"][row])
        x, u = rows["x"][row][:, :wide], rows["u"][row][:, :d]
        assert not rows["x"][row][:, wide:].any()
        if wide < 63:
            points = np.column_stack([x, np.ones(64)])
            fit, *_ = np.linalg.lstsq(points, u, rcond=None)
            np.testing.assert_allclose(points @ fit, u, atol=1e-12)
            np.testing.assert_allclose(fit[:-1].T @ fit[:-1], np.eye(d), atol=1e-11)
            least = np.append(rows["x_minimum"][row][:wide], 1.0) @ fit
            value = base(int(rows["label"][row]), int(d), np.append(least, np.zeros(6 - d)))
            assert value == pytest.approx(rows["y_minimum"][row], abs=1e-10)
        for point in (0, 63):
            value = FORMULAS[rows["label"][row]](in_box(rows["label"][row], u[point]))
            assert rows["y"][row][point] == pytest.approx(value, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("split", ["train", "test_high_dimension", "test_unseen", "test_exposure"])
def test_values_differ_by_no_more_than_the_slope_times_the_distance(split):
    rows = generate(load_recipe("objectives_embedded", clean=True), split, 0, 40)
    for u, y, bound in zip(rows["u"], rows["y"], rows["lipschitz"], strict=True):
        distance = np.sqrt(((u[:, None] - u) ** 2).sum(axis=-1))
        assert (np.abs(y[:, None] - y) <= bound * distance + 1e-9).all()


@pytest.mark.parametrize("label", range(len(BASES)))
def test_the_bound_of_the_slope_holds_all_over_the_box_and_is_no_more_than_ten_times_too_large(
    label,
):
    d = {0: 2, 1: 2, 5: 6, 6: 1}.get(label, 3)
    rng, step = np.random.default_rng(9), 1e-6
    largest = 0.0
    for u in np.vstack([rng.uniform(-1, 1, (300, d)), rng.choice([-1.0, 1.0], (20, d))]):
        slope = [
            (base(label, d, padded(u + step * one)) - base(label, d, padded(u - step * one)))
            / (2 * step)
            for one in np.eye(d)
        ]
        largest = max(largest, float(np.linalg.norm(slope)))
    assert 0.1 * steepest(label, d, 1.0) < largest < steepest(label, d, 1.0)
