"""Angles: errors, ranks and coverage on the circle, and after which turn outputs repeat."""

import numpy as np
import pytest

from deepbench_hf import generate, load_recipe, metrics, posterior, simulate
from deepbench_hf.inference.symmetry import space_of
from deepbench_hf.recipe.unknowns import split_cases
from deepbench_hf.rows.likelihoods import observations
from deepbench_hf.simulators.base import periods

RNG = np.random.default_rng(3)
N = 4000
ROUND = {
    "shapes": ["angle_deg"],
    "sky_spirals": ["angle_deg", "arm_phase_deg"],
    "lens_finding": ["angle_deg", "second_direction_deg", "second_angle_deg"],
    "halo_map": ["angle_deg"],
    "galaxy_shear": ["position_angle_deg", "shear_angle_deg"],
    "two_body_decay": ["direction_rad", "decay_rad"],
    "scinet_copernicus": ["sun_start_rad", "mars_start_rad"],
    "two_body": ["node_rad", "pericentre_rad", "mean_anomaly_rad"],
    "oscillator_noisy": ["phase_rad"],
}


def outputs(recipe, parameters):
    """What is simulated, flat for each example and of size 1; angles as points on a circle."""
    found = []
    for name, values in simulate(recipe, **parameters).items():
        plain = np.exp(1j * values) if name.endswith("_rad") else np.asarray(values)
        plain = plain.reshape(len(plain), -1)
        found.append(plain / max(np.abs(plain).max(), 1e-300))
    return np.concatenate(found, axis=1)


@pytest.mark.parametrize(("name", "angle"), [(n, a) for n, of in ROUND.items() for a in of])
def test_outputs_are_the_same_after_a_turn_and_not_after_half_of_it(name, angle):
    recipe = load_recipe(name)
    rows = generate(recipe, "test", 0, 40)
    known = recipe.simulator.parameters
    own = {n: rows[n] for n in recipe.priors if n in known}
    here = rows[angle] != known[angle].absent
    if "arms" in own and angle == "angle_deg":
        here &= own["arms"] % 2 == 0  # the place of odd arms in a disc turns with its axis
    own, period = (
        {n: v[here] for n, v in own.items()},
        periods(recipe.simulator, angle, rows)[here],
    )
    own[angle] = np.zeros_like(period)
    first, half, whole = (
        outputs(recipe, {**own, angle: share * period}) for share in (0.0, 0.5, 1.0)
    )
    assert np.abs(first - whole).max() < 1e-5
    assert np.abs(first - half).max() > 1e-2


def test_all_that_goes_round_is_known():
    for name, angles in ROUND.items():
        recipe = load_recipe(name)
        known = recipe.simulator.parameters
        assert [n for n in recipe.priors if n in known and known[n].period] == angles


@pytest.mark.parametrize(
    "name", ["shapes_noisy", "sky_spirals", "halo_map", "galaxy_shear", "two_body"]
)
def test_what_inference_sees_go_round_is_known_with_its_turn(name):
    """It looks at the outputs at both ends of the prior, and in between."""
    recipe = load_recipe(name)
    small = {"image_size": 24} if name == "sky_spirals" else {}
    (one,) = observations(load_recipe(name, **small), "test", np.array([0]))
    found = 0
    for case in split_cases(recipe, "test"):
        rows = {n: np.array([v]) for n, v in case.fixed.items()}
        rows |= {n: np.zeros(1) for n in case.free}
        for angle, parts in space_of(case, one).turns.items():
            low, high = case.free[angle].support
            assert periods(recipe.simulator, angle, rows) == pytest.approx((high - low) / parts)
            found += 1
    assert found


def test_errors_of_angles_are_those_on_the_circle():
    """Ellipses look the same after half a turn, squares after a quarter of one."""
    rows = generate("shapes", "test", 0, 400)
    names = load_recipe("shapes").simulator.parameters["label"].names
    turn = {"arc": 360.0, "ellipse": 180.0, "square": 90.0}
    for name, period in turn.items():
        here = np.flatnonzero(rows["label"] == names.index(name))
        off = np.where(np.arange(len(here)) % 2, 3.0, -3.0)
        for turns in (0, 1, -3):
            guess = rows["angle_deg"][here] + off + turns * period
            table = {"index": here, "angle_deg": guess, "angle_deg_sigma": np.full(len(here), 2.0)}
            (one,) = metrics.evaluate("shapes", table).results
            scores = one.scores()
            assert scores["rmse"].value == pytest.approx(3.0)
            assert scores["coverage_683"].value == 0.0
            assert scores["coverage_954"].value == 1.0
            np.testing.assert_allclose(np.abs(metrics.pulls(one.truth, one.mean, one.sigma)), 1.5)


def posteriors(sigma, k, scale=1.0, bias=0.0):
    """Truths and draws that are wrapped normal about places all around the circle, degrees."""
    place = RNG.uniform(0.0, 360.0, N)
    truth = place + sigma * RNG.normal(size=N)
    draws = place[:, None] + bias * sigma + scale * sigma * RNG.normal(size=(N, k))
    return truth % 360.0, draws % 360.0


def uniformity(truth, draws):
    (moved,) = metrics.unwrapped(truth, draws, 360.0)
    return metrics.rank_uniformity(metrics.pit_of_samples(truth, moved), draws.shape[1])


@pytest.mark.parametrize("sigma", [2.0, 60.0, 100.0, 1000.0])
@pytest.mark.parametrize("k", [1, 3, 50])
def test_an_exact_posterior_on_a_circle_is_calibrated_however_wide(sigma, k):
    assert uniformity(*posteriors(sigma, k)) > 1e-3


def test_a_cut_at_the_mean_of_the_draws_alone_would_not_be():
    """Three draws of a posterior that knows nothing: the truth is as likely anywhere."""
    truth, draws = posteriors(1000.0, 3)
    middle = np.rad2deg(np.angle(np.exp(1j * np.deg2rad(draws)).sum(1)))
    truth = metrics.nearest_turn(truth, middle, 360.0)
    draws = metrics.nearest_turn(draws, np.repeat(middle[:, None], 3, 1), 360.0)
    assert metrics.rank_uniformity(metrics.pit_of_samples(truth, draws), 3) < 1e-6


@pytest.mark.parametrize("sigma", [2.0, 60.0])
def test_wrong_posteriors_on_a_circle_are_found(sigma):
    assert uniformity(*posteriors(sigma, 50, scale=0.8)) < 1e-6
    assert uniformity(*posteriors(sigma, 50, bias=0.2)) < 1e-6
    truth, draws = posteriors(sigma, 50)
    assert uniformity((truth + 180.0) % 360.0, draws) < 1e-6


def test_draws_of_angles_may_be_on_any_turn():
    """Coverage, errors and the distance to other draws are those of draws that are on one turn."""
    rows = generate("sky_ellipticals", "test", 0, 300)
    draws = rows["angle_deg"][:, None] + 5.0 * (RNG.normal(size=(300, 1)) + RNG.normal(size=80))
    turns = 180.0 * RNG.integers(-3, 4, draws.shape)
    plain, moved = (
        metrics.evaluate_posterior("sky_ellipticals", {"index": rows["index"], "angle_deg": d})
        for d in (draws, draws + turns)
    )
    np.testing.assert_allclose(plain.draws, draws[..., None], atol=1e-9)
    np.testing.assert_allclose(moved.draws, plain.draws, atol=1e-9)
    scores = moved.scores()["angle_deg"]
    assert scores["contraction"].value > 0.98
    assert scores["coverage_683"].value == pytest.approx(0.683, abs=0.08)


def test_exact_draws_are_cut_open_where_the_judged_ones_are():
    """Axes near 0 degrees, whose draws are near 180 as well."""
    angle = generate("halo_map", "test", 0, 400)["angle_deg"]
    index = np.flatnonzero(np.minimum(angle, 180.0 - angle) < 2.0)[:2]
    draws = posterior("halo_map", "test", index, draws=80).draws["angle_deg"]
    assert (np.ptp(draws, axis=1) > 150.0).any()
    table = {"index": index, "angle_deg": draws + 180.0 * RNG.integers(-3, 4, draws.shape)}
    found = metrics.evaluate_posterior("halo_map", table, reference=2)
    np.testing.assert_allclose(found.reference, found.draws, atol=1e-9)
    assert np.ptp(found.draws, axis=1).max() < 150.0
    assert found.scores()["joint"]["sliced_wasserstein"].value < 1e-9
