"""A shuffle that needs no memory: a keyed permutation of 0 to n - 1, at any position in O(1).

A number of b bits is cut into two halves, and each round changes one of them by random bits that
the other decides:

    low <- low xor F(round, high),    high <- high xor F(round + 1, low),    and so on,

with F the first word of Philox4x32-10. Any F makes this one-to-one on 0 to 2^b - 1. A result that
is n or more goes through again until it is below n (cycle walking): one-to-one on 0 to n - 1, in
fewer than two turns on average, as b is chosen so that 2^b < 2 n.

Sources: Luby and Rackoff, How to construct pseudorandom permutations from pseudorandom functions
(1988); Black and Rogaway, Ciphers with arbitrary finite domains (2002), method 2.
"""

import numpy as np
from numpy.typing import ArrayLike

from deepbench_hf.exact.kernel import Int64s, kernel
from deepbench_hf.exact.words import as_indices, words

LARGEST = 1 << 62
"""Numbers that can be shuffled."""

ROUNDS, ROUNDS_OF_FEW = 12, 24
"""Of the network; up to 8 bits need more, or not all orders of a handful come equally often."""


def permuted(key: np.uint64, positions: ArrayLike, n: int, rounds: int | None = None) -> Int64s:
    """What stands at some positions of the numbers 0 to n - 1 in a random order.

    Args:
        key: of `words.stream_key`; every key is another order.
        positions: 0 to n - 1, shape (n_positions,).
        n: how many numbers are shuffled, at most 2^62.
        rounds: of the network; None for as many as n needs.

    Raises:
        ValueError: n or a position is out of range.

    >>> from deepbench_hf.exact.words import stream_key
    >>> order = permuted(stream_key("a shuffle"), np.arange(10), 10)
    >>> sorted(order.tolist()) == list(range(10))
    True
    """
    places = as_indices(positions)
    if not 1 <= n <= LARGEST:
        raise ValueError(f"n: got {n}, accepts 1 to 2^62")
    if places.size and places.max() >= n:
        raise ValueError(f"positions: got {places.max()}, accepts 0 to {n - 1}")
    bits = (n - 1).bit_length()
    if rounds is None:
        rounds = ROUNDS if bits > 8 else ROUNDS_OF_FEW
    return _permuted(np.uint64(key), places, n, bits // 2, bits - bits // 2, rounds)


@kernel(allocates=True)
def _permuted(key: np.uint64, places: Int64s, n: int, high: int, low: int, rounds: int) -> Int64s:
    """Return `permuted` of checked arguments; halves of `high` and `low` bits."""
    found = np.empty(places.size, np.int64)
    for i in range(places.size):
        number = _mixed(key, places[i], high, low, rounds)
        while number >= n:
            number = _mixed(key, number, high, low, rounds)
        found[i] = number
    return found


@kernel
def _mixed(key: np.uint64, number, high: int, low: int, rounds: int):
    """Return the number that the network makes of one below 2^(high + low)."""
    top, bottom = number >> low, number & ((1 << low) - 1)
    for turn in range(0, rounds, 2):
        bottom ^= np.int64(words(turn, top, key)[0]) & ((1 << low) - 1)
        if turn + 1 < rounds:
            top ^= np.int64(words(turn + 1, bottom, key)[0]) & ((1 << high) - 1)
    return (top << low) | bottom
