"""AMIS of proposals, walkers and mixtures on targets whose answers are known."""

import numpy as np
import pytest
from scipy import stats

from deepbench_hf.inference.amis import AMIS, Sample
from deepbench_hf.inference.mixtures import Proposal, log_mixture, mixture
from deepbench_hf.inference.pareto import pareto_shape, tail_shape
from deepbench_hf.inference.walkers import walked

CURVE = 0.6


def banana(_, x):
    """A normal distribution in five dimensions, bent: the evidence is 1."""
    bent = x.copy()
    bent[:, 1] = x[:, 1] - CURVE * (x[:, 0] ** 2 - 4.0)
    return stats.norm.logpdf(bent, 0.0, [2.0, 1.0, 1.0, 0.5, 0.5]).sum(axis=1)


def uniforms(seed):
    """Random numbers in their order."""
    return np.random.default_rng(seed).random


def begun(width):
    """A proposal about the peak of the bent distribution, so wide."""
    center = np.array([0.0, -4.0 * CURVE, 0.0, 0.0, 0.0])
    return [Proposal(0, center, width * np.eye(5), 1.0)]


def test_rounds_find_a_bent_posterior_from_a_proposal_that_sees_little_of_it():
    rounds, random = AMIS(banana, begun(0.7), 20_000), uniforms(2)
    first = rounds.add(random)
    found = [rounds.add(random) for _ in range(4)][-1]
    assert first.effective < 1000 < 20_000 < found.effective
    assert pareto_shape(found.log_weight) < 0.5
    assert found.log_evidence == pytest.approx(0.0, abs=0.01)
    weight, x = found.weight, found.points[0][:, 0]
    mean, sigma = weight @ x, np.sqrt(weight @ x**2)
    assert abs(mean) < 0.03
    assert sigma == pytest.approx(2.0, rel=0.02)


def test_weights_are_those_of_all_proposals_together():
    """Each point over the mean density of both rounds, in two cases."""
    first = [*begun(2.0), Proposal(1, np.zeros(5), np.eye(5), 1.0)]
    first = [Proposal(p.case, p.center, p.root, 0.5) for p in first]
    rounds, random = AMIS(banana, first, 500), uniforms(3)
    rounds.add(random)
    proposed, found = [rounds.proposed], rounds.add(random)
    proposed.append(rounds.proposed)
    for case, x in found.points.items():
        own = [[p for p in of if p.case == case] for of in proposed]
        density = np.logaddexp(*[log_mixture(of, x) for of in own]) - np.log(2.0)
        expected = banana(case, x) - density
        np.testing.assert_allclose(found.log_weight[found.case == case], expected, rtol=1e-9)
    assert len(found.case) == 1000


def test_a_bad_round_spoils_nothing(monkeypatch):
    """The points of a round that proposes in the wrong place have weights as small as they are."""
    rounds, random = AMIS(banana, begun(2.0), 4000), uniforms(4)
    good = rounds.add(random)
    wrong = [Proposal(0, np.full(5, 9.0), 0.1 * np.eye(5), 0.9)]
    monkeypatch.setattr(rounds, "_followed", lambda _: wrong)
    found = rounds.add(random)
    assert found.effective > 0.9 * good.effective


def test_walkers_go_where_the_target_is():
    x = np.random.default_rng(5).normal(size=(200, 5)) * 0.3
    places = x
    for seed in range(4):
        places = walked(lambda y: banana(0, y), x, banana(0, x), uniforms(seed))
        x = places[-200:]
    assert places[:, 0].std() == pytest.approx(2.0, rel=0.15)
    assert places[:, 3].std() == pytest.approx(0.5, rel=0.15)


def test_a_mixture_follows_two_heaps():
    random = np.random.default_rng(6)
    heaps = [random.normal(size=(700, 2)) * [1.0, 0.1], random.normal(size=(300, 2)) * 0.3 + 6.0]
    parts = mixture(4, random.permutation(np.concatenate(heaps)), 40.0)
    assert len(parts) == 2
    assert {p.case for p in parts} == {4}
    low, high = sorted(parts, key=lambda p: p.center[0])
    assert low.share == pytest.approx(0.7, abs=0.02)
    np.testing.assert_allclose(high.center, 6.0, atol=0.1)
    assert log_mixture(parts, heaps[1]).mean() > log_mixture([low], heaps[1]).mean() + 3.0


def test_points_go_to_the_case_whose_weights_vary_most():
    """Neyman's allocation: of two cases of equal mass the one with a single heavy point."""
    case = np.repeat([0, 1], [1000, 1000])
    weight = np.concatenate([np.full(1000, 1e-3), [1.0], np.full(999, 1e-9)])
    drawn = Sample(case, {0: np.zeros((1000, 1)), 1: np.zeros((1000, 1))}, np.log(weight))
    needs = AMIS._needs(drawn)
    assert needs[1] / needs[0] == pytest.approx(1000**0.5, rel=1e-3)
    assert sum(needs.values()) == pytest.approx(1.0)


def test_the_shape_of_a_tail_is_found():
    """Of the inverse of a uniform number to the power k, the tail has the shape k."""
    u = (np.random.default_rng(3).permutation(20_000) + 0.5) / 20_000
    for k in (0.2, 0.5, 0.9):
        assert pareto_shape(-k * np.log(u)) == pytest.approx(k, abs=0.1)


def test_a_rare_case_of_larger_weights_bends_no_tail():
    """A frequent case whose weights are nearly equal, and a rare one with the tail k above it."""
    random, points = np.random.default_rng(1), {0: np.empty((0, 1)), 1: np.empty((0, 1))}
    frequent, case = 0.05 * random.normal(size=80_000), np.repeat([0, 1], [80_000, 3000])
    for k, low, high in ((0.4, 0.0, 0.6), (1.2, 0.8, 1.6)):
        rare = 2.0 - k * np.log(random.random(3000))
        both = Sample(case, points, np.concatenate([frequent, rare]))
        assert low < tail_shape(both) < high
    few = np.concatenate([frequent, rare[:300] / 3])
    assert pareto_shape(few) > 1.0
    assert tail_shape(Sample(case[:80_300], points, few)) < 0.7
