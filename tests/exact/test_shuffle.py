"""The shuffle is one-to-one, known at any position, and random as far as statistics can tell.

Every statistical test has fixed keys and a false-alarm probability of at most 1e-6; the network
with a single round, which shuffles badly, fails it.
"""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from deepbench_hf.exact.shuffle import LARGEST, permuted
from deepbench_hf.exact.words import stream_key, words

ALARM = 1e-6
KEY = stream_key("test of shuffling")
N, EPOCHS = 10_000, 8


def shuffles(rounds=None, n=N):
    """Whole permutations under several keys."""
    keys = [stream_key("test of shuffling", epoch) for epoch in range(EPOCHS)]
    return [permuted(key, np.arange(n), n, rounds) for key in keys]


@given(st.integers(1, 3000), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_shuffle_holds_every_number_once(n, seed):
    order = permuted(stream_key("once", seed), np.arange(n), n)
    assert np.array_equal(np.sort(order), np.arange(n))


@pytest.mark.parametrize("n", [2**31 - 1, 2**31 + 1, 10**9, 10**18 + 7, LARGEST - 1, LARGEST])
def test_numbers_up_to_the_largest_are_shuffled(n):
    positions = np.unique(np.concatenate([np.arange(500), n - 1 - np.arange(500)]))
    order = permuted(KEY, positions, n)
    assert order.min() >= 0
    assert order.max() < n
    assert len(set(order.tolist())) == len(positions)


def test_a_position_gives_the_same_alone_and_in_any_company():
    whole = permuted(KEY, np.arange(N), N)
    some = np.array([9999, 0, 77, 5000, 77])
    assert permuted(KEY, some, N).tolist() == whole[some].tolist()
    assert permuted(KEY, [], N).shape == (0,)


def by_hand(key, position, n, rounds):
    """One number of a shuffle, by the formula of the module's page."""
    bits = (n - 1).bit_length()
    low_bits, number = bits - bits // 2, position
    while True:
        high, low = divmod(number, 2**low_bits)
        for turn in range(rounds):
            if turn % 2 == 0:
                low ^= int(words(turn, np.int64(high), key)[0]) % 2**low_bits
            else:
                high ^= int(words(turn, np.int64(low), key)[0]) % 2 ** (bits // 2)
        number = high * 2**low_bits + low
        if number < n:
            return number


@pytest.mark.parametrize(("n", "rounds"), [(1, 24), (10, 24), (256, 24), (257, 12), (10**9, 12)])
def test_the_order_is_that_of_the_formula_for_ever(n, rounds):
    positions = np.arange(min(n, 20))
    expected = [by_hand(KEY, int(position), n, rounds) for position in positions]
    assert permuted(KEY, positions, n).tolist() == expected


def test_another_key_is_another_order():
    one, other = shuffles()[:2]
    # of two random orders about one place is the same
    assert np.count_nonzero(one == other) < 12


def alarms(orders, n):
    """p-values of what a bad shuffle gets wrong."""
    bins = 16
    table, steps, meetings = np.zeros((bins, bins)), np.zeros(64), np.zeros((bins, bins))
    for order, following in zip(orders, orders[1:] + orders[:1], strict=True):
        np.add.at(table, (np.arange(n) * bins // n, order * bins // n), 1)
        np.add.at(steps, np.diff(order) % n * 64 // n, 1)
        np.add.at(meetings, (order * bins // n, following * bins // n), 1)
    ties = [stats.spearmanr(order[:-1], order[1:]).pvalue for order in orders]
    return [*(stats.chisquare(seen.ravel()).pvalue for seen in (table, steps, meetings)), *ties]


def test_places_steps_and_epochs_are_as_random_as_they_should_be():
    assert min(alarms(shuffles(), N)) > ALARM


def test_a_shuffle_of_one_round_is_found_out():
    assert min(alarms(shuffles(rounds=1), N)) < ALARM


def orders_of_few(n, rounds=None):
    """p-value of all orders of a handful coming equally often."""
    keys = (stream_key("few", number) for number in range(20_000))
    seen = Counter(permuted(key, np.arange(n), n, rounds).tobytes() for key in keys)
    counts = [*seen.values()] + [0] * (math.factorial(n) - len(seen))
    return stats.chisquare(counts).pvalue


@pytest.mark.parametrize("n", [2, 3, 5, 6])
def test_all_orders_of_a_handful_come_equally_often(n):
    assert orders_of_few(n) > ALARM


def test_too_few_rounds_for_a_handful_are_found_out():
    assert orders_of_few(5, rounds=8) < ALARM


@pytest.mark.parametrize(
    ("positions", "n", "message"),
    [
        ([0], 0, "n: got 0, accepts 1 to 2"),
        ([0], LARGEST + 1, "accepts 1 to 2"),
        ([0, 5], 5, "positions: got 5, accepts 0 to 4"),
        ([-1], 5, "got -1"),
        ([0.5], 5, "accepts integers"),
    ],
)
def test_what_cannot_be_shuffled_is_refused(positions, n, message):
    with pytest.raises(ValueError, match=message):
        permuted(KEY, positions, n)
