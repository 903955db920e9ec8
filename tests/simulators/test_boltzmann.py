"""Boltzmann machines: all states in NumPy, samples by chi-square, and thermodynamics."""

import numpy as np
import pytest
from scipy import special, stats

from deepbench_hf import generate, simulate

STATES = (np.arange(4096)[:, None] >> np.arange(12)) & 1


def log_weights(rows, row, beta):
    """-F of all states of the machine of a row."""
    field = rows["hidden_bias"][row] + STATES @ rows["weights"][row].T.astype(float)
    return beta * STATES @ rows["visible_bias"][row] + np.logaddexp(0, beta * field).sum(axis=1)


def numbers(samples):
    """The states (n, 12, m) by their number, (n, m)."""
    return (1 << np.arange(12)) @ samples


@pytest.mark.parametrize("split", ["train", "test_cold", "test_other_couplings"])
def test_partition_function_entropy_and_likelihood_are_sums_over_all_states(split):
    rows = generate("boltzmann", split, 0, 20)
    for row in range(20):
        log_weight = log_weights(rows, row, rows["inverse_temperature"][row])
        log_sum = special.logsumexp(log_weight)
        log_p = log_weight - log_sum
        assert rows["log_partition"][row] == pytest.approx(log_sum, rel=1e-12)
        entropy = -(np.exp(log_p) * log_p).sum()
        assert rows["entropy"][row] == pytest.approx(entropy, rel=1e-9)
        likelihood = log_p[numbers(rows["samples"][row : row + 1])[0]].sum()
        assert rows["log_likelihood"][row] == pytest.approx(likelihood, rel=1e-10)


@pytest.mark.parametrize("beta", [0.3, 1.0, 3.0])
def test_samples_have_the_exact_probabilities_by_chi_square(beta):
    rows = simulate("boltzmann", inverse_temperature=beta, instance=7, realization=np.arange(300))
    p = special.softmax(log_weights(rows, 0, beta))
    seen = np.bincount(numbers(rows["samples"]).ravel(), minlength=4096)
    order = np.argsort(p)
    group = np.minimum(np.cumsum(p[order]) * seen.sum() // 20, 2000).astype(int)  # of some 20
    observed, expected = (np.bincount(group, w[order]) for w in (seen, p * seen.sum()))
    kept = expected > 0
    assert kept.sum() > 15
    assert stats.chisquare(observed[kept], expected[kept]).pvalue > 1e-3


def test_the_mean_of_a_unit_is_that_of_the_states():
    rows = simulate("boltzmann", inverse_temperature=0.8, instance=3, realization=np.arange(200))
    p = special.softmax(log_weights(rows, 0, 0.8))
    mean = p @ STATES
    pull = (rows["samples"].mean(axis=(0, 2)) - mean) / np.sqrt(mean * (1 - mean) / 51200)
    assert np.abs(pull).max() < 4


def test_without_coupling_to_the_hidden_units_the_entropy_is_that_of_free_units():
    rows = simulate("boltzmann", inverse_temperature=0.0, instance=5, realization=1)
    assert rows["entropy"] == pytest.approx(12 * np.log(2), rel=1e-14)
    assert rows["log_partition"] == pytest.approx(18 * np.log(2), rel=1e-14)


def test_errors_of_the_couplings_change_the_samples_and_not_what_is_told_of_the_machine():
    clean, noisy = (
        generate("boltzmann", split, 0, 50) for split in ("test", "test_noisy_couplings")
    )
    assert np.array_equal(clean["weights"], noisy["weights"])
    change = noisy["log_partition"] - clean["log_partition"]
    assert 0.01 < np.abs(change / clean["inverse_temperature"]).mean() < 0.5
    assert 0.5 < (clean["samples"] == noisy["samples"]).mean() < 1
