"""Parameters that go round: one part of a turn stands for all, and draws come from all parts."""

import numpy as np
import pytest

from deepbench_hf import load_recipe
from deepbench_hf.inference.space import EDGE
from deepbench_hf.inference.symmetry import space_of
from deepbench_hf.recipe.unknowns import split_cases
from deepbench_hf.rows.likelihoods import observations

RNG = np.random.default_rng(7)


@pytest.fixture(scope="module")
def spirals():
    """An observation, and the coordinates of two, three and four arms."""
    recipe = load_recipe("sky_spirals", image_size=24)
    (one,) = observations(recipe, "test", np.array([0]))
    found = [space_of(case, one) for case in split_cases(recipe, "test")]
    return one, {space.case.fixed["arms"]: space for space in found}


@pytest.mark.parametrize("arms", [2, 3, 4])
def test_arms_look_the_same_after_a_part_of_a_turn(spirals, arms):
    one, space = spirals[0], spirals[1][arms]
    assert space.turns["arm_phase_deg"] == arms
    space = space.about(RNG.normal(size=len(space.names)))
    values = space.parameters(space.wrapped(RNG.normal(size=(6, len(space.names)))))
    turned = space.unfolded(values, lambda _, n: (np.arange(n) + 0.5) / n)
    off = np.abs(turned["arm_phase_deg"] - values["arm_phase_deg"])
    assert off.max() > 100.0
    assert turned["arm_phase_deg"].max() < 360.0
    first, second = (one.clean(v)[1]["image"] for v in (values, turned))
    np.testing.assert_allclose(first, second, atol=1e-5 * first.max())


def test_the_prior_of_a_part_has_the_integral_one(spirals):
    space = spirals[1][3].about(np.full(16, 1.1))
    k = space.names.index("arm_phase_deg")
    y = np.zeros((3000, len(space.names)))
    y[:, k] = np.linspace(-2.0 * EDGE, 2.0 * EDGE, len(y))
    chance = np.exp(space.log_prior(y, space.parameters(y), np.array([k])) - space.case.log_chance)
    assert chance.sum() * (y[1, k] - y[0, k]) == pytest.approx(1.0, abs=2e-3)
    inside = y[chance > 0.0, k]
    assert inside.mean() == pytest.approx(1.1, abs=0.01)
    np.testing.assert_allclose(space.wrapped(y)[chance > 0.0], y[chance > 0.0])
