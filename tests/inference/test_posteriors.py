"""Reference posteriors against closed forms and grids, and against the truths of many rows."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from scipy import special, stats

from deepbench_hf import generate, load_recipe, log_likelihood, log_prior, metrics, posterior
from deepbench_hf.inference import posteriors
from deepbench_hf.inference.symmetry import space_of
from deepbench_hf.recipe.cases import cases
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.likelihoods import observations
from tools.judges import judged


def ranks(found, scale=1.0):
    """The rank of the truth among draws that are so much wider, of all parameters and rows."""
    parts = []
    for name, draws in found.draws.items():
        mean = draws.mean(1, keepdims=True)
        wide = mean + scale * (draws - mean)
        below = (wide < found.truth[name][:, None]).sum(1)[found.usable]
        parts.append((below + 0.5) / (draws.shape[1] + 1))
    return np.concatenate(parts)


def grid_of(axes):
    """All places of a grid: of each parameter ``(n,)``."""
    places = np.meshgrid(*axes.values(), indexing="ij")
    return dict(zip(axes, (values.ravel() for values in places), strict=True))


def assert_moments(found, grid, density, error):
    """The first row has the means and the widths of a density on a grid, logarithm ``(n,)``."""
    weight = special.softmax(density)
    for name in found.draws:
        mean = weight @ grid[name]
        width = np.sqrt(weight @ (grid[name] - mean) ** 2)
        assert abs(found.mean[name][0] - mean) < error * width
        assert found.sigma[name][0] == pytest.approx(width, rel=error)


def test_the_slope_of_a_line_has_the_truncated_normal_of_the_closed_form():
    rows = generate("deepuq_linear", "test", 0, 4)
    found = posterior("deepuq_linear", "test", np.arange(4))
    x, y = rows["x"], rows["y_observed"].astype(float)
    mean, sigma = (x * y).sum(1) / (x * x).sum(1), 0.05 / np.sqrt((x * x).sum(1))
    law = stats.truncnorm((0.1 - mean) / sigma, (0.4 - mean) / sigma, mean, sigma)
    np.testing.assert_allclose((found.mean["slope"] - law.mean()) / law.std(), 0, atol=1e-3)
    np.testing.assert_allclose(found.sigma["slope"] / law.std(), 1, atol=1e-3)
    peak = stats.norm(mean[:, None] * x, 0.05).logpdf(y).sum(1)
    share = special.ndtr((0.4 - mean) / sigma) - special.ndtr((0.1 - mean) / sigma)
    evidence = peak + np.log(sigma * np.sqrt(2 * np.pi) * share / 0.3)
    np.testing.assert_allclose(found.log_evidence, evidence, atol=1e-3)


def test_a_halo_has_the_evidence_and_the_means_of_a_grid():
    found = posterior("halo_nfw", "test", [0])
    assert str(found).startswith("<posteriors of 1 rows, 1 usable: log10_mass_Msun (1, ")
    axes = {n: found.mean[n][0] + np.linspace(-7, 7, 121) * found.sigma[n][0] for n in found.draws}
    grid = grid_of(axes)
    density = log_likelihood("halo_nfw", "test", 0, **grid) + log_prior("halo_nfw", "test", **grid)
    cell = np.prod([a[1] - a[0] for a in axes.values()])
    evidence = special.logsumexp(density) + np.log(cell)
    assert found.log_evidence[0] == pytest.approx(evidence, abs=1e-3)
    assert_moments(found, grid, density, 1e-3)


def test_truths_are_draws_of_the_posterior_and_a_width_that_is_wrong_is_found():
    found = posterior("pendulum_noisy", "test", np.arange(80), draws=200, proposals=2000)
    assert found.usable.mean() > 0.95
    assert stats.kstest(ranks(found), "uniform").pvalue > 1e-3
    for scale in (0.5, 2.0):
        assert stats.kstest(ranks(found, scale), "uniform").pvalue < 1e-3


@pytest.mark.parametrize("name", ["pendulum_noisy", "deepuq_linear", "oscillator_noisy"])
def test_more_than_a_tenth_of_the_points_are_effective(name):
    """Of the oscillator the frequency has many peaks, of which lines find the right one."""
    found = posterior(name, "test", np.arange(6), draws=50)
    assert found.usable.all()
    assert np.median(found.effective_draws) > 2000
    for parameter, truth in found.truth.items():
        off = np.abs(found.mean[parameter] - truth) / found.sigma[parameter]
        assert off.max() < 5.0


def test_a_curved_ridge_is_drawn_from_end_to_end():
    """A small swing tells length times angle and gravity over length, and hardly more.

    Against a grid along the ridge of row 0 up to 6.5 m: 3.4676 +- 0.4391 m, evidence 287.012.
    """
    found = posterior("pendulum_ladder", "test", [0, 6], draws=50, proposals=10_000)
    assert found.usable.all()
    assert abs(found.mean["length_m"][0] - 3.4676) < 0.05 * 0.4391
    assert found.sigma["length_m"][0] == pytest.approx(0.4391, rel=0.05)
    assert found.log_evidence[0] == pytest.approx(287.012, abs=0.05)


@pytest.fixture(scope="module")
def planets():
    """Three pendulums on each planet, whose gravity is measured once."""
    content = load_recipe("pendulum_noisy").to_mapping()
    content["levels"] = {"planet": {"rows": 3}}
    content["priors"]["gravity_m_s2"]["level"] = "planet"
    content["noise"]["gravity_m_s2"]["level"] = "planet"
    content["splits"] = {"train": {"size": 3}, "test": {"size": 3}}
    return Recipe.from_mapping("planets", content)


def test_rows_that_share_a_parameter_are_inferred_together(planets):
    """What each row adds to the one measurement that they share, as precisions of ln g."""
    found = posterior(planets, "test", [0, 1, 2], level="planet")
    alone, name = posterior(planets, "test", [0, 1, 2]), "gravity_m_s2"
    assert found.usable.all()
    assert all(np.array_equal(found.draws[name][0], other) for other in found.draws[name])
    own, seen = 0.05**-2, generate(planets, "test", 0, 1)["gravity_measured_m_s2"]
    precision = (alone.mean[name] / alone.sigma[name]) ** 2
    total = precision.sum() - 2 * own
    expected = (precision @ np.log(alone.mean[name]) - 2 * own * np.log(seen[0])) / total
    assert abs(np.log(found.mean[name][0]) - expected) < 0.1 * total**-0.5
    assert found.sigma[name][0] / found.mean[name][0] == pytest.approx(total**-0.5, rel=0.05)
    assert (found.sigma["length_m"] < 1.02 * alone.sigma["length_m"]).all()
    last = posterior(planets, "test", [2], level="planet")
    np.testing.assert_array_equal(last.draws["length_m"][0], found.draws["length_m"][2])


@pytest.mark.parametrize(
    ("name", "level", "reason"),
    [
        ("pendulum_hierarchical", "planets", "did you mean 'planet'"),
        ("pendulum_hierarchical", "universe", "too many to be inferred together"),
        ("galaxy_shear", "field", "100 rows are too many"),
    ],
)
def test_a_level_that_cannot_be_inferred_says_why(name, level, reason):
    with pytest.raises(ValueError, match=reason):
        posterior(name, "test", [0], level=level)


def test_the_class_of_a_shape_is_drawn_with_the_rest():
    found = posterior(
        load_recipe("shapes_noisy", image_size=20), "test", [0], draws=50, proposals=600
    )
    assert found.draws["label"].shape == (1, 50)
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


def test_rows_with_bad_weights_have_no_draws(monkeypatch):
    monkeypatch.setattr(posteriors, "ROUNDS", 0)
    found = posterior("pendulum_noisy", "test", [0], draws=50, proposals=100)
    assert not found.usable[0]
    assert all(np.isnan(draws).all() for draws in found.draws.values())


def test_too_few_draws_are_refused_in_one_line():
    with pytest.raises(ValueError, match=r"^draws: must be greater than or equal to 1; got 0$"):
        posterior("pendulum_noisy", "test", [0], draws=0)


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


def test_a_chain_of_emcee_has_the_same_means_and_widths():
    mean, width = judged(load_recipe("pendulum_noisy"), 1, 1000)
    assert mean < 0.03
    assert width < 0.05


def test_what_is_a_random_field_has_no_posterior():
    with pytest.raises(ValueError, match="realization is a random field"):
        posterior("sz_cutouts", "test", [0])


def test_a_posterior_at_a_wall_has_the_means_of_a_grid():
    """The spread of a beam's energy cannot be negative; energy and spread lie on a bent ridge."""
    found = posterior("bragg_coarse", "test", [1])
    axes = {
        "energy_MeV": np.linspace(91.9, 92.75, 501),
        "energy_spread": np.arange(5e-5, 0.02, 1e-4),
    }
    grid = grid_of(axes)
    density = log_likelihood("bragg_coarse", "test", 1, **grid)
    density += log_prior("bragg_coarse", "test", **grid)
    cell = 0.85 / 500 * 1e-4
    assert found.log_evidence[0] == pytest.approx(
        special.logsumexp(density) + np.log(cell), abs=5e-3
    )
    assert_moments(found, grid, density, 5e-3)


def test_an_orbit_among_many_peaks_is_found():
    """Of rows 3 and 23 the search ends on wrong periods, unless it begins with the first year."""
    found = posterior("two_body", "test", [3, 23], draws=50, proposals=5000)
    assert found.usable.all()
    for parameter in ("mass_1_Msun", "semi_major_axis_AU", "eccentricity"):
        off = np.abs(found.mean[parameter] - found.truth[parameter]) / found.sigma[parameter]
        assert off.max() < 5.0


def test_a_ridge_between_two_walls_has_its_closed_form():
    """Of length, gravity and mass the data tell g / l and m l^2 alone.

    With uniform priors ln l is then uniform between the walls, wherever the ridge meets them.
    """
    found = posterior("pendulum_hamiltonian", "test", [0, 1], draws=4000)
    priors = load_recipe("pendulum_hamiltonian").splits["test"].priors
    names = ("length_m", "gravity_m_s2", "mass_kg")
    for row in (0, 1):
        length, gravity, mass = (found.draws[name][row] for name in names)
        rate, inertia = gravity / length, mass * length**2
        (l0, l1), (g0, g1), (m0, m1) = (priors[name].support for name in names)
        low = np.maximum(np.maximum(l0, g0 / rate), np.sqrt(inertia / m1))
        high = np.minimum(np.minimum(l1, g1 / rate), np.sqrt(inertia / m0))
        wide = np.log(high / low)
        mean = ((high - low) / wide).mean()
        width = np.sqrt(((high**2 - low**2) / (2 * wide)).mean() - mean**2)
        assert abs(found.mean["length_m"][row] - mean) < 0.01 * width
        assert found.sigma["length_m"][row] == pytest.approx(width, rel=0.01)
