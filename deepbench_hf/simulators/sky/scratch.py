"""Scratch of the sky's kernels: allocated once per call, used again for each row."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import kernel
from deepbench_hf.simulators.sky.arms import ELEMENTS
from deepbench_hf.simulators.sky.armsflux import ANGLES, FLUX_POINTS
from deepbench_hf.simulators.sky.cells import CELL_POINTS
from deepbench_hf.simulators.sky.core import CORE_SIDE, STRIDE
from deepbench_hf.simulators.sky.means import LANES
from deepbench_hf.simulators.sky.profile import SIZE
from deepbench_hf.simulators.sky.psf import TERMS
from deepbench_hf.simulators.sky.zones import RULES_MEAN

LEVELS = 3
HIGHEST = 4
"""The levels of a canvas are 1, 2 and 4."""


class Scratch(NamedTuple):
    """Arrays that hold nothing between two uses, and how spirals are to be drawn."""

    z: NDArray[np.float32]
    part: NDArray[np.float32]
    total: NDArray[np.float32]
    near: NDArray[np.float32]
    fine: NDArray[np.float32]
    masked: NDArray[np.float32]
    core: NDArray[np.float32]
    tall: NDArray[np.float32]
    line: NDArray[np.float32]
    share_x: NDArray[np.float32]
    share_y: NDArray[np.float32]
    sums: NDArray[np.float32]
    planes: NDArray[np.float32]
    half_done: NDArray[np.float32]
    points: NDArray[np.float32]
    cells: NDArray[np.float64]
    edges: NDArray[np.float64]
    radii: NDArray[np.float64]
    below: NDArray[np.float32]
    taps: NDArray[np.float64]
    view_x: NDArray[np.float32]
    view_y: NDArray[np.float32]
    ring_points: NDArray[np.float32]
    rings: NDArray[np.float64]
    pieces: NDArray[np.float64]
    sigma: NDArray[np.float64]
    weight: NDArray[np.float64]
    fine_profile: NDArray[np.float64]


@kernel(allocates=True)
def new_scratch(rows: int, columns: int, margin: int, planes: int, arms: int) -> Scratch:
    """Scratch for frames of a size, canvases of a margin, px, and numbers of planes and spirals."""
    high, wide = rows + 2 * margin + 2, columns + 2 * margin + 34
    longer, side = max(rows, columns) + LANES, max(high, wide)
    box = max(high * wide, 64 * (wide + LANES))
    return Scratch(
        np.empty(box, np.float32),
        np.empty(box, np.float32),
        np.empty(box, np.float32),
        np.empty(box, np.float32),
        np.empty(CORE_SIDE * CORE_SIDE, np.float32),
        np.empty(CORE_SIDE * CORE_SIDE, np.float32),
        np.zeros((CORE_SIDE, STRIDE), np.float32),
        np.empty(STRIDE, np.float32),
        np.empty(longer, np.float32),
        np.empty((CORE_SIDE + 1, longer), np.float32),
        np.empty((CORE_SIDE + 1, longer), np.float32),
        np.empty(wide, np.float32),
        np.empty(planes * high * wide, np.float32),
        np.empty(rows * wide, np.float32),
        np.empty((4, CELL_POINTS), np.float32),
        np.empty((3, 3)),
        np.empty((2, 4, 3)),
        np.empty(RULES_MEAN),
        np.empty(longer * 2 * HIGHEST + CORE_SIDE + 2 * margin, np.float32),
        np.empty(2 * margin + 3),
        np.empty((TERMS, HIGHEST, side), np.float32),
        np.empty((TERMS, HIGHEST, side), np.float32),
        np.empty((3, FLUX_POINTS), np.float32),
        np.empty((2, FLUX_POINTS // ANGLES)),
        np.empty((arms, ELEMENTS, 9)),
        np.empty(TERMS),
        np.empty(TERMS),
        np.empty(SIZE),
    )
