"""Ranks of truths among draws: uniform of what is calibrated, ties and few draws included."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from deepbench_hf import metrics
from deepbench_hf.figures.posteriors import draw_ranks

RNG = np.random.default_rng(11)


def test_ranks_among_few_draws_are_judged_at_the_edges_of_their_steps():
    """Calibrated ranks are rarely refused, however many; a bias of a tenth of a sigma always is."""
    k, n = 20, 4000
    truth, draws = RNG.normal(size=(200, n)), RNG.normal(size=(200, n, k))
    good = [metrics.pit_of_samples(*one) for one in zip(truth, draws, strict=True)]
    p = np.array([metrics.rank_uniformity(one, k) for one in good])
    assert 0 < (p < 0.2).mean() < 0.2 + 3 * np.sqrt(0.2 * 0.8 / len(p))
    biased = metrics.pit_of_samples(truth[0] + 0.1, draws[0])
    narrow = metrics.pit_of_samples(1.1 * truth[0], draws[0])
    assert max(metrics.rank_uniformity(one, k) for one in (biased, narrow)) < 1e-3
    u = RNG.uniform(size=50)
    tests = [stats.kstest(one, "uniform").pvalue for one in (u, np.abs(2 * u - 1))]
    assert metrics.rank_uniformity(u) == pytest.approx(min(1.0, 2 * min(tests)), rel=1e-12)


def test_ranks_of_whole_numbers_are_uniform():
    """The truth and its draws are of one distribution of three values, or two classes."""
    truth, draws = RNG.integers(0, 3, (1000, 2)), RNG.integers(0, 3, (1000, 50, 2))
    ranks = metrics.pit_of_samples(truth, draws.transpose(0, 2, 1))
    for pit in (*ranks.T, metrics.tarp(truth, draws)):
        assert metrics.rank_uniformity(pit, 50) > 1e-3
    table = {"index": np.arange(1000), "length_m": draws[..., 0]}
    found = metrics.evaluate_posterior("pendulum_noisy", table)
    found = replace(found, truth=truth[:, :1].astype(float))
    assert found.scores()["length_m"]["rank_p"].value > 1e-3
    biased = metrics.pit_of_samples(np.minimum(truth + 1, 2), draws.transpose(0, 2, 1))
    assert metrics.rank_uniformity(biased[:, 0], 50) < 1e-6


def test_bins_of_ranks_hold_like_numbers_of_ranks():
    """Each of 31 ranks is there as often: the histogram is flat, though 31 is no multiple of 20."""
    k = 30
    draws = np.linspace(1.0, 8.0, k)
    truth = np.append(draws - 0.1, 9.0)
    table = {"index": np.arange(k + 1), "length_m": np.tile(draws, (k + 1, 1))}
    found = metrics.evaluate_posterior("pendulum_noisy", table)
    (bars,) = draw_ranks(replace(found, truth=truth[:, None])).axes[0].patches[1:]
    np.testing.assert_allclose(bars.get_data().values, 1.0)
