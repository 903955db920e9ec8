"""What is observed less what is true: of the declared strength, and never twice the same."""

import numpy as np
from scipy import stats

from deepbench_hf import generate, load_recipe
from deepbench_hf.fields import Field
from deepbench_hf.priors import Constant
from deepbench_hf.recipe.columns import any_plan
from deepbench_hf.recipe.plan import measurements
from tests.support.draws import ALPHA, fewer

NOTHING = Constant(value=0.0)
"""The strength of a noise that a split leaves out."""
NOT_SINGLE = ("tracker",)
"""Kinds whose values are not independent: they have tests of their own."""
COUNTED = ("detector", "counts", "poisson")
"""Kinds that are not normal."""


def observed_arrays(recipe):
    """Residual over its standard deviation of up to 1 000 rows, (n, m), and its noise."""
    recipe = load_recipe(recipe.name, clean=True)
    n = fewer(recipe, 1000)
    rows = generate(recipe, "train", 0, n)
    for name, one in measurements(recipe).items():
        noise, target = one.noise, one.target
        array = isinstance(target, Field) and target.shape and noise.kind not in NOT_SINGLE
        if array and noise.priors.get("sigma") != NOTHING:
            clean = rows[any_plan(recipe).clean[name]].astype(float).reshape(n, -1)
            residual = rows[one.column].reshape(n, -1) - clean
            there = rows[target.valid].all(axis=0) if target.valid else slice(None)
            sigma = np.broadcast_to(deviation(one, clean, rows), clean.shape)
            there = np.arange(sigma.shape[1])[there]
            there = there[(sigma[:, there] > 0).all(axis=0)]  # beyond a range nothing is measured
            yield name, residual[:, there] / sigma[:, there], noise.kind


def deviation(one, clean, rows):
    """The standard deviation of each value."""
    if one.noise.kind == "readout":
        return rows[f"{one.name}_white_mV"][:, None]
    shaped = clean.reshape(len(clean), *one.target.shape)
    return np.sqrt(one.variance(shaped, rows)).reshape(clean.shape)


def test_residuals_are_independent_and_of_the_declared_strength_c1(recipe):
    for name, z, kind in observed_arrays(recipe):
        if kind not in COUNTED:
            assert stats.kstest(z.ravel()[:: max(1, z.size // 400_000)], "norm").pvalue > ALPHA, (
                name
            )
        assert abs(z.mean()) * np.sqrt(z.size) < 6, name
        assert abs((z**2).mean() - 1) * np.sqrt(z.size / 2.5) < 6, name
        # Sums over n products of independent standard normals have variance n.
        for pairs in (z[:-1] * z[1:], z[:, :-1] * z[:, 1:]):
            assert abs(pairs.sum()) / np.sqrt(pairs.size) < stats.norm.isf(ALPHA / 2), name
        neighbours = (z[:-1] * z[1:]).sum(axis=1) / np.sqrt(z.shape[1])
        assert abs(neighbours).max() < 7, name


def test_the_residual_test_fails_on_a_repeated_noise_field():
    (_, z, _), *_ = observed_arrays(load_recipe("pendulum_noisy"))
    repeated = np.broadcast_to(z[0], z.shape)
    assert abs((repeated[:-1] * repeated[1:]).sum()) / np.sqrt(z.size) > 7


def test_measured_parameters_have_one_error_each_p2(recipe):
    if not recipe.noise.keys() & recipe.simulator.parameters.keys():
        return
    rows = generate(recipe, "train", 0, 1000)
    for name, one in measurements(recipe).items():
        if name not in recipe.simulator.parameters:
            continue
        noise, sigma = one.noise, rows[one.settings["sigma"]]
        true, measured = rows[name], rows[one.column]
        assert measured.shape == (1000,)
        error = np.log(measured / true) if noise.unitless else measured - true
        z = np.unique(np.round(error / sigma, 9))
        level = recipe.levels.get(noise.level)
        members = 1000 if level is None else 1 if level.rows == "all" else -(-1000 // level.rows)
        assert len(z) == members, name
        if members > 20:
            assert stats.kstest(z, "norm").pvalue > ALPHA, name


def test_noise_differs_between_splits_and_configs():
    noisy = load_recipe("pendulum_noisy")
    rows = {split: generate(noisy, split, 0, 1) for split in ("train", "test")}
    residual = {s: (r["x_observed_m"] - r["x_m"]) / r["x_noise_sigma_m"] for s, r in rows.items()}
    assert not np.isclose(residual["train"], residual["test"], rtol=1e-3).any()
