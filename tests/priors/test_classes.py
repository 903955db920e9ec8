"""Priors of classes: by weights, in turn, and what depends on the class."""

import numpy as np
import pytest

from deepbench_hf import RecipeError
from deepbench_hf.priors import PRIORS
from tests.support.recipes import extended

U = np.concatenate([np.linspace(0, 1, 5001, endpoint=False), [2.0**-53, 1 - 2.0**-53]])


def test_classes_are_drawn_by_their_weights():
    prior = PRIORS["classes"](names=["star", "elliptical", "spiral"], weights=[5, 3, 2])
    found = np.bincount(prior.quantile((np.arange(1000) + 0.5) / 1000).astype(int))
    assert found.tolist() == [500, 300, 200]


def test_classes_in_turn_follow_the_objects_number_and_start_anew():
    prior = PRIORS["in_turn"](names=["star", "elliptical", "spiral"])
    numbers = prior.quantile(prior.uniforms(np.arange(7)))
    assert numbers.tolist() == [0, 1, 2, 0, 1, 2, 0]


@pytest.mark.parametrize("count", range(1, 200))
def test_classes_in_turn_are_never_off_by_rounding(count):
    prior = PRIORS["in_turn"](names=[f"c{n}" for n in range(count)])
    assert prior.quantile(prior.uniforms(np.arange(count))).tolist() == list(range(count))


def test_classes_in_turn_are_for_the_objects_of_a_scene_only():
    in_turn = {"kind": "in_turn", "names": ["circle", "line"]}
    with pytest.raises(RecipeError, match="priors.label: is of a row; classes in turn are for"):
        extended("shapes", priors={"label": in_turn})


def test_a_conditional_prior_gives_each_class_its_own():
    cases = {"circle": {"kind": "uniform", "low": 1, "high": 2}, "line": 7}
    prior = PRIORS["conditional"](given="label", cases=cases, otherwise=3)
    assert prior.support == (1, 7)
    assert [prior.case(name).support for name in ("circle", "line", "arc")] == [
        (1, 2),
        (7, 7),
        (3, 3),
    ]
    assert not prior.discrete
    with pytest.raises(TypeError, match="needs the class of label"):
        prior.quantile(U)
