"""Deeply Uncertain: the published estimate, its pulls and biases, and the exact period."""

import json

import numpy as np
import pytest
from scipy import special, stats

from deepbench_hf import generate, load_recipe, simulate
from deepbench_hf.simulators.pendulum.period import standard_error
from tests.support.paths import ORACLES
from tests.support.recipes import extended

ROWS = 100_000
CHANCE = 1e-6
FAR = stats.norm.isf(CHANCE / 2)
"""Standard deviations beyond which a fluctuation is less likely than 1e-6."""


def rows_of(name):
    return generate(load_recipe(name, num_examples=ROWS), "train")


@pytest.fixture(scope="module")
def t20():
    """1e5 rows of the noisiest rung."""
    return rows_of("deeply_uncertain_t20")


def pulls(rows):
    estimate, sigma = rows["gravity_estimate_m_s2"], rows["gravity_estimate_sigma_m_s2"]
    return (estimate - rows["gravity_m_s2"]) / sigma


def relative(rows):
    return rows["gravity_estimate_m_s2"] / rows["gravity_m_s2"] - 1


def near(values, expected, rounding=0.0):
    """Whether a mean is the expected one, but for chance and for the last digit printed."""
    return abs(values.mean() - expected) < FAR * values.std() / np.sqrt(values.size) + rounding


def test_the_estimate_and_its_error_are_those_published(t20):
    rows = {name: values[:1000] for name, values in t20.items()}
    length, period = rows["length_measured_m"], rows["period_observed_s"].astype(float)
    n, mean = 10, period.mean(axis=1)
    error = period.std(axis=1) / np.sqrt(2) * special.gamma((n - 1) / 2) / special.gamma(n / 2)
    scale = 4 * np.pi**2 / mean**2
    sigma = scale * np.hypot(2 * length * error / mean, 0.02 * length)
    np.testing.assert_allclose(rows["gravity_estimate_m_s2"], scale * length, rtol=1e-12)
    np.testing.assert_allclose(rows["gravity_estimate_sigma_m_s2"], sigma, rtol=1e-12)


def test_the_estimate_and_its_error_are_those_of_the_published_program():
    file = ORACLES / "deeply_uncertain.json"
    items = json.loads(file.read_text(encoding="utf-8"))["items"]
    length = np.array([item["L_true"] for item in items])
    rows = {
        "length_m": length,
        "length_noise_sigma_m": length * [item["rel_sigma_L"] for item in items],
        "length_measured_m": np.array([item["L_measured"] for item in items]),
        "period_observed_s": np.array([item["T_measured"] for item in items]),
    }
    found = load_recipe("deeply_uncertain_t20").simulator.estimate(rows)
    estimate, sigma = ([item[key] for item in items] for key in ("g_hat", "delta_g"))
    np.testing.assert_allclose(found["gravity_estimate_m_s2"], estimate, rtol=1e-13)
    np.testing.assert_allclose(found["gravity_estimate_sigma_m_s2"], sigma, rtol=1e-13)


@pytest.mark.parametrize("count", [2, 3, 10, 101])
def test_the_standard_error_is_unbiased_and_right_for_any_number_of_measurements(count):
    values = np.random.default_rng(1).normal(5, 2, (20, count))
    mean, error = standard_error(values)
    c4 = np.sqrt(2 / (count - 1)) * np.exp(
        special.gammaln(count / 2) - special.gammaln((count - 1) / 2)
    )
    np.testing.assert_allclose(mean, values.mean(axis=1), rtol=1e-13)
    expected = values.std(axis=1, ddof=1) / c4 / np.sqrt(count)
    np.testing.assert_allclose(error, expected, rtol=1e-12)


def test_pulls_are_as_published(t20):
    z = pulls(t20)
    assert near(z, -0.06, 0.005)
    squares = (z - z.mean()) ** 2
    assert near(squares, 1.07**2, 2 * 1.07 * 0.005)
    assert near(abs(z) < 1, 0.676, 0.0005)
    assert not near(z, 0.0, 0.005)  # it can fail
    assert not near(abs(z) < 1, 0.6827, 0.0005)


def test_the_estimate_is_biased_by_its_convexity(t20):
    error = relative(t20)
    s = t20["period_noise_sigma_s"] / t20["period_s"][:, 0]
    assert near(error, 0.0042, 0.00005)
    assert near(error - 3 * s**2 / 10, 0.0, 5e-5)  # s^4 terms are below 15 E[s^4] / 100
    assert near(error**2, 0.079**2, 2 * 0.079 * 0.0005)
    assert not near(error, 0.0)


def test_the_error_tends_to_its_asymptote_in_the_mean_square(t20):
    s2 = (t20["period_noise_sigma_s"] / t20["period_s"][:, 0]) ** 2
    told = (t20["gravity_estimate_sigma_m_s2"] / t20["gravity_estimate_m_s2"]) ** 2
    quiet = s2 < 0.05**2
    ratio = told[quiet] / (4 * s2[quiet] / 10 + 0.02**2)
    assert abs(ratio.mean() - 1) < 0.06  # c4^-2 - 1 = 5.7 % on the part of the periods


def test_relative_errors_of_the_period_are_uniform_up_to_each_rung(t20):
    for name, most in (("t05", 0.05), ("t10", 0.10), ("t20", 0.20)):
        rows = (
            t20
            if name == "t20"
            else generate(load_recipe(f"deeply_uncertain_{name}"), "train", 0, 5000)
        )
        s = rows["period_noise_sigma_s"] / rows["period_s"][:, 0]
        uniform = stats.uniform(0.01, most - 0.01)
        assert stats.kstest(s[:5000], uniform.cdf).pvalue > CHANCE
        z = (rows["period_observed_s"] - rows["period_s"]) / rows["period_noise_sigma_s"][:, None]
        assert stats.kstest(z[:5000].ravel(), "norm").pvalue > CHANCE


def test_the_exact_period_is_the_elliptic_one():
    angle = np.radians([1e-6, 5.0, 10.0, 15.0, 90.0, 170.0])
    rod = {"length_m": np.full(6, 0.5), "gravity_m_s2": np.full(6, 9.8), "theta0_rad": angle}
    exact = simulate("deeply_uncertain_exact", **rod)["period_s"]
    small = simulate("deeply_uncertain_t20", **rod)["period_s"]
    np.testing.assert_allclose(small, 2 * np.pi * np.sqrt(0.5 / 9.8), rtol=1e-15)
    factor = 2 / np.pi * special.ellipk(np.sin(angle / 2) ** 2)
    np.testing.assert_allclose(exact / small, factor[:, None] * np.ones(10), rtol=1e-13)
    bias = ((small / exact) ** 2 - 1)[1:4, 0]
    np.testing.assert_allclose(bias, -(angle[1:4] ** 2) / 8, rtol=0.003)  # to leading order


def test_rungs_hold_the_same_pendulums():
    names = ("length_m", "gravity_m_s2", "theta0_rad", "mass_kg")
    rows = [
        generate(load_recipe(f"deeply_uncertain_{rung}"), "test", 0, 100)
        for rung in ("t05", "t10", "t20", "exact")
    ]
    for other in rows[1:]:
        assert all(np.array_equal(rows[0][name], other[name]) for name in names)
        z, theirs = ((r["length_measured_m"] / r["length_m"] - 1) / 0.02 for r in (rows[0], other))
        assert not np.isclose(z, theirs).any()


RANGES = {
    "test_length_08_12": ("length_m", 0.8, 1.2),
    "test_length_12_16": ("length_m", 1.2, 1.6),
    "test_gravity_15_20": ("gravity_m_s2", 15, 20),
    "test_length": ("length_m", 0.2, 1.6),
    "test_gravity": ("gravity_m_s2", 10, 25),
}


def test_shifted_splits_lie_where_they_are_said_to():
    recipe = load_recipe("deeply_uncertain_t20")
    assert {name for name in recipe.splits if name.startswith("test_")} == RANGES.keys()
    for split, (column, low, high) in RANGES.items():
        values = generate(recipe, split, 0, 200)[column]
        assert low <= values.min() <= values.max() <= high, split


def test_every_bin_of_length_and_gravity_has_about_a_thousand_rows():
    recipe = load_recipe("deeply_uncertain_t20")
    for split, step in (("test_length", 0.1), ("test_gravity", 1.0)):
        column, low, high = RANGES[split]
        bins = np.arange(low, high + step / 2, step)
        counts, _ = np.histogram(generate(recipe, split)[column], bins)
        assert counts.min() > 850, split
        assert counts.max() < 1150, split


def test_a_row_whose_length_is_not_measured_has_no_estimate():
    rows = generate(extended("deeply_uncertain_t10", noise={"length_m": None}), "train", 0, 2)
    assert not [name for name in rows if "estimate" in name]
