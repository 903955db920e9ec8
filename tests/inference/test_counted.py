"""The likelihood of many images of one observation against the sum over counts of each."""

import numpy as np
import pytest

from deepbench_hf import load_recipe
from deepbench_hf.inference import counted
from deepbench_hf.inference.counted import Counted
from deepbench_hf.noise.count_density import log_densities
from deepbench_hf.rows.likelihoods import observations

RNG = np.random.default_rng(4)


def images(sigma, spread=0.2):
    """300 images about one that was counted: a wide pixel, one that is dark, one that is fixed."""
    clean = 30.0 * (1 + spread * RNG.normal(size=(300, 4, 5))).astype(np.float32)
    clean[:, 0, 0], clean[:, 1, 1] = 5.0, RNG.uniform(-3.0, 90.0, 300)
    clean[:, 2, 2] = RNG.uniform(-9.0, 0.0, 300)
    electrons = RNG.poisson(2.0 * (clean[0] + 1.0).clip(0.0)) + sigma * RNG.normal(size=(4, 5))
    return clean, electrons


@pytest.mark.parametrize("sigma", [0.0, 0.5, 4.0])
def test_polynomials_have_the_sums_over_counts_of_each_image(sigma):
    clean, electrons = images(sigma)
    ours = Counted(electrons.ravel(), 2.0, 1.0, sigma, 0.0)
    mean = 2.0 * np.maximum(clean.astype(np.float64) + 1.0, 0.0)
    expected = [log_densities(electrons[None], one[None], np.array([sigma]))[0] for one in mean]
    parts = [ours.log_likelihood(part) for part in np.split(clean, 3)]  # means go further each time
    np.testing.assert_allclose(np.concatenate(parts), expected, rtol=1e-12, atol=2e-8)


def test_a_polynomial_that_does_not_follow_is_found(monkeypatch):
    """Without the check of its last terms a wide pixel would be wrong."""
    clean, electrons = images(2.0, spread=0.8)
    exact = Counted(electrons.ravel(), 2.0, 1.0, 2.0, 0.0).log_likelihood(clean)
    monkeypatch.setattr(counted, "FOLLOWS", 1e3)
    loose = Counted(electrons.ravel(), 2.0, 1.0, 2.0, 0.0).log_likelihood(clean)
    assert np.abs(loose - exact).max() > 1e-3


def test_the_search_sees_counts_without_read_noise_as_they_are():
    clean, electrons = images(0.0)
    one = Counted(electrons.ravel(), 2.0, 20.0, 0.0, 0.0)
    off = one.near(clean) - one.log_likelihood(clean)
    assert np.ptp(off) < 1e-7


def test_the_slope_of_what_the_search_sees_is_that_of_mean_and_variance():
    """(e - mu) / (mu + sigma^2), that is, at one pixel after the other."""
    clean, electrons = images(3.0)
    one, at = Counted(electrons.ravel(), 2.0, 20.0, 3.0, 0.0), clean[:1].astype(np.float64)
    steps = 1e-4 * np.eye(20).reshape(20, 4, 5)
    slope = (one.near(at + steps) - one.near(at - steps)) / 2e-4
    mean = 2.0 * (at.ravel() + 20.0)
    expected = 2.0 * (electrons.ravel() - mean) / (mean + 9.0)
    np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["sky_stars", "shapes_poisson"])
def test_many_parameters_have_the_likelihoods_of_each_alone(name):
    (one,) = observations(load_recipe(name, image_size=20), "test", np.array([1]))
    scale = {"sky_stars": "flux_e_s", "shapes_poisson": "radius_px"}[name]
    values = one.rows[scale].astype(np.float64) * RNG.uniform(0.9, 1.1, 40)
    alone = [one.log_likelihood({scale: values[k : k + 1]})[0] for k in range(40)]
    np.testing.assert_allclose(one.log_likelihood({scale: values}), alone, rtol=1e-10)
