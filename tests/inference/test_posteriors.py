"""Reference posteriors against closed forms and grids, and against the truths of many rows."""

import emcee
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from deepbench_hf.inference.priors import cases
from scipy import special, stats

from deepbench_hf import generate, load_recipe, log_likelihood, log_prior, metrics, posterior
from deepbench_hf.inference import importance, posteriors
from deepbench_hf.inference.likelihoods import observations
from deepbench_hf.inference.space import space_of


def ranks(found):
    """The rank of the truth among the draws, between 0 and 1, of all parameters of usable rows."""
    parts = []
    for name, draws in found.draws.items():
        below = (draws < found.truth[name][:, None]).sum(1)[found.usable]
        parts.append((below + 0.5) / (draws.shape[1] + 1))
    return np.concatenate(parts)


def test_the_slope_of_a_line_has_the_truncated_normal_of_the_closed_form():
    rows = generate("deepuq_linear", "test", 0, 4)
    found = posterior("deepuq_linear", "test", np.arange(4), draws=4000)
    x, y = rows["x"], rows["y_observed"].astype(float)
    mean, sigma = (x * y).sum(1) / (x * x).sum(1), 0.05 / np.sqrt((x * x).sum(1))
    law = stats.truncnorm((0.1 - mean) / sigma, (0.4 - mean) / sigma, mean, sigma)
    draws = found.draws["slope"]
    np.testing.assert_allclose((draws.mean(1) - law.mean()) / law.std(), 0, atol=0.06)
    np.testing.assert_allclose(draws.std(1) / law.std(), 1, atol=0.04)
    peak = stats.norm(mean[:, None] * x, 0.05).logpdf(y).sum(1)
    share = special.ndtr((0.4 - mean) / sigma) - special.ndtr((0.1 - mean) / sigma)
    evidence = peak + np.log(sigma * np.sqrt(2 * np.pi) * share / 0.3)
    np.testing.assert_allclose(found.log_evidence, evidence, atol=0.02)


def test_a_halo_has_the_evidence_and_the_means_of_a_grid():
    found = posterior("halo_nfw", "test", [0], draws=4000)
    truth, spread = found.truth, {n: 5 * d[0].std() for n, d in found.draws.items()}
    axes = {
        n: np.linspace(d[0].mean() - spread[n], d[0].mean() + spread[n], 121)
        for n, d in found.draws.items()
    }
    grid = dict(
        zip(axes, (a.ravel() for a in np.meshgrid(*axes.values(), indexing="ij")), strict=True)
    )
    density = log_likelihood("halo_nfw", "test", 0, **grid) + log_prior("halo_nfw", "test", **grid)
    cell = np.prod([a[1] - a[0] for a in axes.values()])
    assert found.log_evidence[0] == pytest.approx(
        special.logsumexp(density) + np.log(cell), abs=0.02
    )
    weight = special.softmax(density)
    for name in truth:
        mean = weight @ grid[name]
        width = np.sqrt(weight @ (grid[name] - mean) ** 2)
        assert abs(found.draws[name][0].mean() - mean) < 0.06 * width
        assert found.draws[name][0].std() == pytest.approx(width, rel=0.05)


def test_truths_are_draws_of_the_posterior_and_a_width_that_is_wrong_is_found():
    found = posterior("pendulum_noisy", "test", np.arange(80), draws=200, proposals=2000)
    assert found.usable.mean() > 0.95
    assert stats.kstest(ranks(found), "uniform").pvalue > 1e-3
    for scale in (0.5, 2.0):
        wrong = {
            n: d.mean(1, keepdims=True) + scale * (d - d.mean(1, keepdims=True))
            for n, d in found.draws.items()
        }
        other = posteriors.Posterior(
            found.index, found.truth, wrong, found.units, found.log_evidence,
            found.effective_draws, found.pareto_k,
        )  # fmt: skip
        assert stats.kstest(ranks(other), "uniform").pvalue < 1e-3


def test_the_class_of_a_shape_is_drawn_with_the_rest():
    found = posterior(
        load_recipe("shapes_noisy", image_size=32), "test", np.arange(2), draws=50, proposals=600
    )
    assert found.draws["label"].shape == (2, 50)
    assert found.units["radius_px"] == "pix"


def test_an_angle_that_goes_round_stays_in_one_piece():
    """A halo at 0 degrees: half of its posterior lies just below 180."""
    recipe = load_recipe("halo_map", image_size=16)
    (one,) = observations(recipe, "test", np.array([0]))
    (case,) = cases(one.plan.simulator.parameters, recipe.splits["test"].priors)
    assert space_of(case, one).turns == {"angle_deg": 1}


def test_the_same_row_has_the_same_draws_whatever_is_asked_for_beside_it():
    alone = posterior("pendulum_noisy", "test", [5], draws=50, proposals=1000)
    among = posterior("pendulum_noisy", "test", [4, 5], draws=50, proposals=1000)
    for name in alone.draws:
        assert np.array_equal(alone.draws[name][0], among.draws[name][1])


def test_rows_with_bad_weights_have_no_draws():
    found = posterior("pendulum_noisy", "test", [0], draws=50, proposals=100)
    assert not found.usable[0]
    assert all(np.isnan(draws).all() for draws in found.draws.values())


def test_a_saved_posterior_holds_draws_truths_and_diagnostics(tmp_path):
    found = posterior("deepuq_linear", "test", [3, 7], draws=40, proposals=1000)
    found.save(tmp_path / "reference.parquet")
    table = pa.parquet.read_table(tmp_path / "reference.parquet")
    assert table["index"].to_pylist() == [3, 7]
    assert np.array_equal(np.array(table["slope"].to_pylist()), found.draws["slope"])
    assert np.array_equal(table["slope_truth"].to_numpy(), found.truth["slope"])
    assert table["pareto_k"].to_numpy().max() < 0.7
    judged = metrics.evaluate_posterior("deepuq_linear", tmp_path / "reference.parquet")
    assert judged.names == ("slope",)


def log_density(values, one, names, split):
    """Prior times likelihood of points ``(n, d)``, for a sampler that is not ours."""
    given = dict(zip(names, values.T, strict=True))
    found = log_prior(*split, **given)
    here = np.isfinite(found)
    found[here] += one.log_likelihood({n: v[here] for n, v in given.items()})
    return found


@pytest.mark.parametrize("name", ["pendulum_noisy", "halo_profile"])
def test_a_chain_of_emcee_has_the_same_means_and_widths(name):
    found = posterior(name, "test", [1], draws=4000)
    (one,) = observations(load_recipe(name), "test", np.array([1]))
    names, d = list(found.draws), len(found.draws)
    start = np.stack([found.draws[n][0, :80] for n in names], axis=1)
    np.random.seed(7)
    given = (one, names, (name, "test"))
    chain = emcee.EnsembleSampler(80, d, log_density, args=given, vectorize=True)
    chain.run_mcmc(start, 400)
    other = chain.get_chain(discard=50, flat=True)
    for k, n in enumerate(names):
        width = other[:, k].std()
        assert abs(found.draws[n][0].mean() - other[:, k].mean()) < 0.1 * width
        assert found.draws[n][0].std() == pytest.approx(width, rel=0.08)


def test_the_shape_of_a_tail_is_found():
    """Of the inverse of a uniform number to the power k, the tail has the shape k."""
    u = (np.random.default_rng(3).permutation(20_000) + 0.5) / 20_000
    for k in (0.2, 0.5, 0.9):
        assert importance.pareto_shape(-k * np.log(u)) == pytest.approx(k, abs=0.1)


def test_what_is_a_random_field_has_no_posterior():
    with pytest.raises(ValueError, match="realization is a random field"):
        posterior("sz_cutouts", "test", [0])
