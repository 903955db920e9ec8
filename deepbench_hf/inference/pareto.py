"""The shape k of the tail of weights, which tells whether their mean can be trusted.

The largest weights follow a generalised Pareto distribution. Moments of an order below 1 / k are
finite: up to k = 0.5 the variance of weights is, and up to 0.7 their mean settles in practice.

Source: A. Vehtari et al., Pareto smoothed importance sampling, arXiv:1507.02646.
"""

import numpy as np
from scipy import special

from deepbench_hf.exact.kernel import Array
from deepbench_hf.inference.amis import Sample

COUNTS = 0.01
"""The share of the evidence from which on the tail of a case's weights counts."""

EQUAL = 1e-12
"""The share of the largest weight by which others may be off, and be equal but for rounding."""


def tail_shape(sample: Sample) -> float:
    """The shape k of all weights, or that of the worst case where it is less.

    Where a rare case has larger weights than a frequent one, the tail of both together bends, and
    the fit takes the bend for a heavy tail.
    """
    whole, weight = pareto_shape(sample.log_weight), sample.weight
    if len(sample.points) == 1:
        return whole
    cases = (sample.case == number for number in sample.points)
    shapes = [pareto_shape(sample.log_weight[c]) for c in cases if weight[c].sum() > COUNTS]
    return min(whole, max(shapes, default=whole))


def pareto_shape(log_weight: Array) -> float:
    """The shape k of the tail of weights ``(n,)``: above 0.7 their mean is not to be trusted.

    Of weights the largest of which are equal, as where only a class is unknown, it is 0.

    Source: J. Zhang, M. A. Stephens, Technometrics 51 (2009) 316, with the prior of
    arXiv:1507.02646, appendix C.
    """
    if not np.isfinite(log_weight).any():
        return np.inf
    n = len(log_weight)
    size = int(min(0.2 * n, 3.0 * np.sqrt(n)))
    tail = np.sort(np.exp(log_weight - log_weight.max()))[-size - 1 :]
    over = tail[1:] - tail[0]
    if len(over) and over[-1] < EQUAL:  # there is no tail
        return 0.0
    over = over[over > 0.0]
    if len(over) < 5:
        return np.inf
    m = len(over)
    count = 30 + int(np.sqrt(m))
    b = 1.0 / over[-1] + (1.0 - np.sqrt(count / (np.arange(1, count + 1) - 0.5))) / (
        3.0 * over[int(m / 4 + 0.5) - 1]
    )
    k = np.log1p(-b[:, None] * over).mean(axis=1)
    profile = m * (np.log(-b / k) - k - 1.0)
    best = (b * special.softmax(profile)).sum()
    shape = float(np.log1p(-best * over).mean())
    return (shape * m + 5.0) / (m + 10.0)
