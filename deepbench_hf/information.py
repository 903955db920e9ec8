"""Cramer-Rao bounds from sensitivities and variances, by exact operations only.

Independent samples with the means m_s and variances V_s carry the Fisher information

    F_ij = sum_s (dm_s / dp_i) (dm_s / dp_j) / V_s,

exactly for Gaussian noise of known strength, and for counts where they are many (the information in
their variance is left out). The bound of p_i, all parameters unknown, is 1 / sqrt(F_ii - what the
others explain of it): one over the root of the Schur complement, by a Cholesky factorisation.

Sources: S. M. Kay, Fundamentals of Statistical Signal Processing: Estimation Theory, sections 3.6
to 3.9; G. H. Golub, C. F. Van Loan, Matrix Computations, section 4.2.
"""

from __future__ import annotations

import numpy as np

from deepbench_hf.kernel import kernel

__all__ = ["UNBOUNDED", "add_information", "bounds"]

UNBOUNDED = 1e30
"""The bound of a parameter that the data cannot tell from the others; float32 holds it."""

EXPLAINED = 1e-12
"""A parameter of whose information only this share is its own is not told from the others."""


@kernel
def add_information(slopes, variance, largest, information):
    """Add the information of some samples to that of their rows.

    Args:
        slopes: derivatives (P, n, S) of the means.
        variance: of the samples, (n, S); one of 0 beside others is of no weight.
        largest: a variance of each row, above zero, (n,): information is in units of 1 / largest.
        information: F (n, P, P), of which the lower triangle is filled in.
    """
    for row in range(variance.shape[0]):
        for s in range(variance.shape[1]):
            if variance[row, s] > 0.0:
                weight = largest[row] / variance[row, s]
                for i in range(slopes.shape[0]):
                    weighted = weight * slopes[i, row, s]
                    for j in range(i + 1):
                        information[row, i, j] += weighted * slopes[j, row, s]


@kernel
def _own(fisher, last: int, order, root) -> float:
    """The share of a parameter's information that the others do not explain."""
    size = fisher.shape[0]
    count = 0
    for i in range(size):
        if i != last:
            order[count] = i
            count += 1
    order[count] = last
    rest = 0.0
    for a in range(size):
        i = order[a]
        for b in range(a + 1):
            j = order[b]
            rest = fisher[max(i, j), min(i, j)]
            for c in range(b):
                rest -= root[a, c] * root[b, c]
            if b < a:
                root[a, b] = rest / root[b, b] if root[b, b] > 0.0 else 0.0
        root[a, a] = np.sqrt(rest) if rest > EXPLAINED else 0.0
    return rest


@kernel(allocates=True)
def bounds(information, largest, bound):
    """Fill in the smallest standard deviations of unbiased estimates, all parameters unknown.

    Args:
        information: F (n, P, P), its lower triangle, in units of 1 / largest.
        largest: (n,), not below zero; where it is 0 there is no noise, and the bound is 0.
        bound: output (P, n), in the parameters' units; `UNBOUNDED` where the data do not tell.
    """
    size = information.shape[1]
    fisher, root = np.empty((size, size)), np.zeros((size, size))
    scale, order = np.empty(size), np.empty(size, np.int64)
    for row in range(information.shape[0]):
        for i in range(size):
            scale[i] = np.sqrt(information[row, i, i])
        for i in range(size):
            for j in range(i + 1):
                both = scale[i] * scale[j]
                fisher[i, j] = information[row, i, j] / both if both > 0.0 else 0.0
        for i in range(size):
            own = _own(fisher, i, order, root) if scale[i] > 0.0 else 0.0
            smallest = UNBOUNDED
            if own > EXPLAINED:
                smallest = np.sqrt(largest[row] / own) / scale[i]
            bound[i, row] = min(smallest, UNBOUNDED)
