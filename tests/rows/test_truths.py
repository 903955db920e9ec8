"""True parameters: as the priors say, shared where declared only; and statistics of columns."""

import numpy as np
import pytest

from deepbench_hf import generate, load_recipe, statistics_of
from deepbench_hf.priors import Constant
from deepbench_hf.rows import summary
from deepbench_hf.simulators.base import all_parameters
from tests.support.draws import (
    ALPHA,
    continuous,
    drawn,
    fewer,
    goodness,
    identical,
    spread,
    true_rows,
    uniformity,
)


def test_no_label_is_constant(recipe):
    for split in recipe.splits:
        rows = spread(recipe, split, fewer(recipe, 300))
        for name, pairs in drawn(recipe, split, rows).items():
            for prior, values in pairs:
                few = len(np.unique(prior.quantile(np.linspace(0, 1, 99, endpoint=False))))
                wanted = 1 if isinstance(prior, Constant) else min(few, 10)
                assert len(values) < 30 or len(np.unique(values)) >= min(wanted, 2 + few // 2), name


def test_parameters_follow_their_priors(recipe):
    for split, part in recipe.splits.items():
        rows = spread(recipe, split, fewer(recipe, 1000))
        parameters = all_parameters(part.simulator)
        for name, pairs in drawn(recipe, split, rows).items():
            for prior, values in pairs:
                p_value = goodness(prior, values, parameters[name])
                assert p_value > ALPHA, (split, name, prior, p_value)


def test_the_prior_test_fails_on_a_planted_defect():
    recipe = load_recipe("pendulum")
    prior = recipe.priors["length_m"]
    values = generate(recipe, "train", 0, 1000)["length_m"]
    assert uniformity(prior, values) > ALPHA
    assert uniformity(prior, prior.support[0] + 0.8 * (values - prior.support[0])) < ALPHA
    scene = load_recipe("sky")
    count = generate(scene, "train", 0, 1000)["n_objects"]
    limits = scene.simulator.parameters["n_objects"]
    assert goodness(scene.priors["n_objects"], count, limits) > ALPHA
    assert goodness(scene.priors["n_objects"], np.minimum(count, 5), limits) < ALPHA


def test_a_seed_shares_nothing_with_its_neighbour(recipe):
    other = load_recipe(recipe.name, seed=recipe.seed + 1)
    n = fewer(recipe, 500)
    one, two = (true_rows(each, "train", range(n)) for each in (recipe, other))
    theirs = dict(continuous(other, "train", two))
    for name, values in continuous(recipe, "train", one):
        assert not np.isin(values, theirs[name]).any(), name


def test_splits_with_other_truths_share_nothing(recipe):
    n = fewer(recipe, 1000)
    train, test = (true_rows(recipe, split, range(n)) for split in ("train", "test"))
    theirs = dict(continuous(recipe, "test", test))
    for name, values in continuous(recipe, "train", train):
        assert not np.isin(values, theirs[name]).any(), name


def test_all_configs_of_the_family_hold_the_same_pendulums():
    reference = generate(load_recipe("pendulum"), "test", 0, 100)
    for name in ("pendulum_noisy", "pendulum_small_angle", "pendulum_damped"):
        rows = generate(load_recipe(name), "test", 0, 100)
        for column in ("length_m", "gravity_m_s2", "theta0_rad", "time_s"):
            assert np.array_equal(rows[column], reference[column])


def test_images_of_a_family_hold_the_same_objects():
    one, noisy = (generate(load_recipe(n), "test", 0, 50) for n in ("shapes", "shapes_noisy"))
    assert all(np.array_equal(one[name], noisy[name]) for name in load_recipe("shapes").priors)
    scenes = generate(load_recipe("shapes_scene"), "test", 0, 50)["objects"]
    assert np.array_equal(scenes["center_x_px"][:, 0], one["center_x_px"])
    sky, counted = (generate(load_recipe(n), "test", 0, 50) for n in ("sky", "sky_noisy"))
    assert identical({"objects": sky["objects"]}, {"objects": counted["objects"]})


@pytest.fixture(scope="module")
def pendulums():
    """A config of 700 rows of train."""
    sizes = dict.fromkeys(load_recipe("pendulum_noisy").splits, 300) | {"train": 700}
    return load_recipe("pendulum_noisy", num_examples=sizes)


def test_mean_spread_range_and_quantiles_are_those_of_all_values(pendulums, monkeypatch):
    monkeypatch.setattr(summary, "AT_ONCE", 1)
    found, rows = statistics_of(pendulums), generate(pendulums, "train")
    assert {"index"} == rows.keys() - found.keys()
    for name in ("length_m", "x_observed_m"):
        values = rows[name].astype(np.float64).ravel()
        wanted = {
            **{"count": len(values), "mean": values.mean(), "std": values.std()},
            **{"min": values.min(), "max": values.max(), "q05": np.quantile(values, 0.05)},
            **{"q50": np.median(values), "q95": np.quantile(values, 0.95)},
        }
        for key, value in wanted.items():
            assert found[name][key] == pytest.approx(value, rel=1e-6), (name, key)


def test_quantiles_of_many_values_are_those_of_rows_in_equal_steps(pendulums, monkeypatch):
    monkeypatch.setattr(summary, "MOST_VALUES", 100 * 70)
    monkeypatch.setattr(summary, "AT_ONCE", 1)
    values = generate(pendulums, "train")["x_m"][::10]
    assert statistics_of(pendulums)["x_m"]["q25"] == pytest.approx(
        np.quantile(values, 0.25), rel=1e-6
    )


def test_numbers_that_are_finite_in_few_rows_have_quantiles_too(pendulums, monkeypatch):
    monkeypatch.setattr(summary, "MOST_VALUES", 10)
    rows = generate(pendulums, "train")
    rows["length_m"][np.arange(len(rows["length_m"])) != 3] = np.nan
    found = summary.summary(pendulums, "train", [rows])["length_m"]
    kept = pytest.approx(rows["length_m"][3], rel=1e-6)
    assert (found["count"], found["q05"], found["q95"]) == (1, kept, kept)


def test_any_split_and_any_name_will_do(pendulums):
    test = statistics_of("pendulum_noisy", split="test", num_examples={"test": 300, "train": 1})
    assert test == statistics_of(pendulums, split="test")
    with pytest.raises(KeyError, match="no split 'tset'"):
        statistics_of(pendulums, split="tset")


def test_objects_count_as_often_as_they_are_there_and_classes_not_at_all():
    recipe = load_recipe("shapes_scene", num_examples={"train": 64})
    found, rows = statistics_of(recipe), generate(recipe, "train", 0, 64)
    assert found["objects.center_x_px"]["count"] == rows["n_objects"].sum()
    assert "objects.kind" not in found
