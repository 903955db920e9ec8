"""The critical overdensity, and numbers in equal ratios."""

import numpy as np

from deepbench_hf import exact
from deepbench_hf.exact.kernel import kernel

CRITICAL = 1.686470199841145
"""Linear overdensity at which a sphere collapses: (3 / 20) (12 pi)^(2/3)."""
PI = 3.141592653589793


@kernel(allocates=True)
def ratios(first, last, count):
    """Numbers in equal ratios, the ends as they are."""
    out = np.empty(count)
    for k in range(count):
        out[k] = first * exact.exp(exact.log(last / first) * k / (count - 1))
    out[count - 1] = last
    return out
