"""The pixels that a Gaussian reaches, and the points whose weighted mean stands for one."""

import numpy as np

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.exact.lanes import LANES

POINTS = (
    (0.0, 1.0, 1.0, 1 / 12),
    (0.5081327481546148, 0.5, 0.5, 0.01878361089654304),
    (0.3458319986892238, 0.3189029737465915, 0.362194052506817, 0.007051887868281648),
)
"""For 1, 2 and 3 points to the side of a square: the distance between them, the weight of an outer
and of a middle one, and the variance, in sides of the square."""


@kernel
def padded(columns: int) -> int:
    """The length of a row that is drawn on: a multiple of `LANES`."""
    return (columns + LANES - 1) // LANES * LANES


@kernel
def span(middle: float, half: float, m: int, count: int) -> tuple[int, int]:
    """The first of `count` squares of side 1/m within `half` of a place, and the one after them."""
    first = min(max(np.ceil((middle - half + 0.5) * m - 0.5), 0.0), 1.0 * count)
    last = min(max(np.floor((middle + half + 0.5) * m + 0.5), first), 1.0 * count)
    return int(first), int(last)
