"""Schedules of a night: each target at most once, the best by the Hungarian algorithm."""

import numpy as np

from deepbench_hf.exact.kernel import Array, kernel


@kernel(allocates=True)
def schedule(reward, slots, best, greedy):
    """Fill in the number of the target of each slot, (n, T), -1 where it yields nothing.

    Args:
        reward: float32 (n, T, K), 0 or more, K at least T.
        slots: how many of the T slots there are, (n,).
        best: those of the largest sum of rewards that visits each target at most once.
        greedy: in each slot the best target that is left.
    """
    for i in range(slots.size):
        best[i] = -1
        greedy[i] = -1
        _assign(reward[i], slots[i], best[i])
        free = np.ones(reward.shape[2], np.bool_)
        for t in range(slots[i]):
            largest = np.float32(0.0)
            for k in range(free.size):
                if free[k] and reward[i, t, k] > largest:
                    largest, greedy[i, t] = reward[i, t, k], k
            if greedy[i, t] >= 0:
                free[greedy[i, t]] = False


@kernel(allocates=True)
def _assign(reward, slots, chosen):
    """The best assignment of targets to slots, by shortest augmenting paths.

    Slots are added one by one. For each, Dijkstra's algorithm on costs that prices of slots and
    targets keep from being negative finds the cheapest chain of exchanges to a free target.

    Source: H. W. Kuhn, Naval Research Logistics Quarterly 2 (1955) 83,
    doi:10.1002/nav.3800020109; in the form of R. Jonker and A. Volgenant, Computing 38 (1987) 325,
    doi:10.1007/BF02278710.
    """
    targets = reward.shape[1]
    slot_price, price = np.zeros(slots + 1), np.zeros(targets + 1)
    owner, before = np.zeros(targets + 1, np.int64), np.zeros(targets + 1, np.int64)
    for t in range(1, slots + 1):  # 0 stands for none
        owner[0], here = t, 0
        nearest, done = np.full(targets + 1, np.inf), np.zeros(targets + 1, np.bool_)
        while owner[here] != 0:
            done[here] = True
            row, least, after = owner[here], np.inf, 0
            for k in range(1, targets + 1):
                if done[k]:
                    continue
                cost = -np.float64(reward[row - 1, k - 1]) - slot_price[row] - price[k]
                if cost < nearest[k]:
                    nearest[k], before[k] = cost, here
                if nearest[k] < least:
                    least, after = nearest[k], k
            for k in range(targets + 1):
                if done[k]:
                    slot_price[owner[k]] += least
                    price[k] -= least
                else:
                    nearest[k] -= least
            here = after
        while here != 0:
            owner[here] = owner[before[here]]
            here = before[here]
    for k in range(1, targets + 1):
        if owner[k] != 0 and reward[owner[k] - 1, k - 1] > 0.0:
            chosen[owner[k] - 1] = k - 1


@kernel
def rewards(reward, visits, total: Array):
    """Fill in the sums of the best and the greedy schedule, and of all rewards over K, (3, n)."""
    for i in range(reward.shape[0]):
        total[:, i] = 0.0
        for t in range(reward.shape[1]):
            for way in range(2):
                if visits[way, i, t] >= 0:
                    total[way, i] += np.float64(reward[i, t, visits[way, i, t]])
            for k in range(reward.shape[2]):
                total[2, i] += np.float64(reward[i, t, k]) / reward.shape[2]
