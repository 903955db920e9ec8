"""Cramer-Rao bounds from sensitivities and variances, by exact operations only.

Independent samples with the means m_s and variances V_s carry the Fisher information

    F_ij = sum_s (dm_s / dp_i) (dm_s / dp_j) / V_s,

exactly for Gaussian noise of known strength, and for counts where they are many (the information in
their variance is left out). The bound of p_i, all parameters unknown, is 1 / sqrt(F_ii - what the
others explain of it): one over the root of the Schur complement, by a Cholesky factorisation.
A number g that follows from the parameters takes the place of one of them.

Sources: S. M. Kay, Fundamentals of Statistical Signal Processing: Estimation Theory, sections 3.6
to 3.9; G. H. Golub, C. F. Van Loan, Matrix Computations, section 4.2.
"""

import numpy as np

from deepbench_hf.exact.kernel import kernel

UNBOUNDED = 1e30
"""The bound of a parameter that the data cannot tell from the others; float32 holds it."""

EXPLAINED = 1e-12
"""A parameter of whose information only this share is its own is not told from the others."""


@kernel
def add_information(slopes, variance, largest, information):
    """Add the information of samples (n, S) to that of their rows, F (n, P, P), lower triangle.

    The slopes (P, n, S) are derivatives of the means; a variance of 0 beside others is of no
    weight. Information is in units of 1 / largest, a variance of each row above zero, (n,).
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
    """Fill in the least standard deviations (P, n) of unbiased estimates, all parameters unknown.

    F (n, P, P), its lower triangle, is in units of 1 / largest; where that is 0 there is no noise,
    and the bound is 0. It is `UNBOUNDED` where the data do not tell.
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


@kernel
def _leading(gradient, fisher) -> int:
    """The parameter that a number depends on most, by what the data tell of each alone."""
    found, most = 0, 0.0
    for i in range(gradient.size):
        told = np.sqrt(fisher[i, i])
        share = abs(gradient[i]) / told if told > 0.0 else abs(gradient[i]) * UNBOUNDED
        if share > most:
            found, most = i, share
    return found


@kernel
def _in_place(gradient, i: int, k: int) -> tuple[float, float]:
    """The shares of dm / dp_i and of dm / dp_k in the derivative that is told as number i."""
    return (0.0, 1.0 / gradient[k]) if i == k else (1.0, -gradient[i] / gradient[k])


@kernel
def _substitute(fisher, gradient, k: int, other) -> None:
    """Fill in the information, lower triangle, where a number g is told in place of parameter k.

    dm / dg = (dm / dp_k) / g_k, and dm / dp_i - (dm / dp_k) g_i / g_k for the other parameters.
    """
    for i in range(gradient.size):
        own, of_k = _in_place(gradient, i, k)
        along_i = fisher[max(i, k), min(i, k)]
        for j in range(i + 1):
            also, too_of_k = _in_place(gradient, j, k)
            along_j = fisher[max(j, k), min(j, k)]
            mixed = own * too_of_k * along_i + also * of_k * along_j
            other[i, j] = own * also * fisher[i, j] + mixed + of_k * too_of_k * fisher[k, k]
        other[i, i] = max(other[i, i], 0.0)


@kernel(allocates=True)
def bounds_of(gradient, information, largest, bound) -> None:
    """Fill in the smallest standard deviations (n,) of unbiased estimates of a number.

    The gradient (P, n) are its derivatives with respect to the parameters, the rest is as in
    `bounds`; 0 where the number depends on nothing.
    """
    size = information.shape[1]
    other, each = np.empty((1, size, size)), np.empty((size, 1))
    for row in range(bound.size):
        slopes = gradient[:, row].copy()
        k = _leading(slopes, information[row])
        bound[row] = 0.0
        if slopes[k] != 0.0:
            _substitute(information[row], slopes, k, other[0])
            bounds(other, largest[row : row + 1], each)
            bound[row] = each[k, 0]
