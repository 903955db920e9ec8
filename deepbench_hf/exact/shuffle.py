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
    found, halves = np.empty_like(places), (bits // 2, bits - bits // 2)
    _permute(np.uint64(key), places.copy(), np.arange(places.size), n, *halves, rounds, found)
    return found


@kernel
def _permute(key, number, place, n, high: int, low: int, rounds: int, found: Int64s) -> None:
    """Fill in `permuted` of the positions ``number``, of which each is to go to its ``place``.

    Both are overwritten. The halves have `high` and `low` bits.
    """
    count = number.size
    while count > 0:
        _mix(number[:count], key, high, low, rounds)
        again = 0
        for i in range(count):
            found[place[i]] = number[i]
            if number[i] >= n:
                number[again], place[again] = number[i], place[i]
                again += 1
        count = again


@kernel
def _mix(number: Int64s, key: np.uint64, high: int, low: int, rounds: int) -> None:
    """Replace numbers below 2^(high + low) by what the network makes of them.

    A round for all of them at a time, as that vectorises.
    """
    tops, bottoms = (1 << high) - 1, (1 << low) - 1
    for turn in range(rounds):
        odd = turn & 1 == 1
        deciding, source = (bottoms, 0) if odd else (tops, low)
        changed, target = (tops, low) if odd else (bottoms, 0)
        for i in range(number.size):
            word = np.int64(words(turn, (number[i] >> source) & deciding, key)[0])
            number[i] ^= (word & changed) << target
