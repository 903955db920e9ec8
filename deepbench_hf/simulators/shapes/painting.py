"""Scenes of shapes in painter's order: a later object hides what lies under it, exactly.

From the top down, an object of coverage m under objects whose union covers U shows m - h, where h
is the area that both cover. In a pixel where m or U is 0 or 1 that is m U; elsewhere `overlap`
finds it. So the visible parts add up to the union, and the union never exceeds 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.kernel import kernel
from deepbench_hf.simulators.shapes.coverage import accumulate, box, scratch
from deepbench_hf.simulators.shapes.measures import area
from deepbench_hf.simulators.shapes.overlap import hidden_area, polygons
from deepbench_hf.simulators.shapes.pieces import FIELDS, MOST_PIECES, convex_pieces

__all__ = ["layers", "paint"]

GRAIN = 6144.0  # 1.5 * 2^12: adding and taking it away rounds to multiples of 2^-40
PART = 1e-9
"""A coverage closer than this to 0 or 1 counts as 0 or 1."""


@kernel
def paint(
    objects: Any,
    count: NDArray[np.int64],
    image: NDArray[np.float32],
    visible_fraction: NDArray[np.float64],
) -> None:
    """Draw a batch of scenes, and how much of each object can be seen.

    Args:
        objects: Objects, the last one on top, shape (n, K); lengths in px, angles in degrees.
        count: How many of the K objects of a scene are drawn, shape (n,).
        image: Output, coverage of the union of the objects, shape (n, H, W).
        visible_fraction: Output, share of the area of an object that is in the frame and not
            hidden by later ones, shape (n, K).
    """
    nothing = np.empty((0, 0, 0, 0), np.float32)
    _compose(objects, count, image, visible_fraction, nothing, nothing)


@kernel
def layers(
    objects: Any,
    count: NDArray[np.int64],
    mask: NDArray[np.float32],
    visible: NDArray[np.float32],
    segmentation: NDArray[np.int16],
) -> None:
    """Draw each object of a batch of scenes on its own, and what can be seen of it.

    Args:
        objects, count: As in `paint`.
        mask: Output, coverage of each object alone, shape (n, K, H, W).
        visible: Output, coverage less what later objects hide, shape (n, K, H, W).
        segmentation: Output, number from 1 of the object that covers at least half of the pixel
            visibly, the topmost if two do, 0 where none does, shape (n, H, W).
    """
    n, number, height, width = mask.shape
    image = np.empty((n, height, width), np.float32)
    fraction = np.empty((n, number))
    mask[:] = 0.0
    visible[:] = 0.0
    segmentation[:] = 0
    _compose(objects, count, image, fraction, mask, visible)
    for i in range(n):
        for k in range(count[i]):
            _label(visible[i, k], k + 1, segmentation[i])


@kernel
def _label(visible: NDArray[np.float32], number: int, segmentation: NDArray[np.int16]) -> None:
    """Write the number of an object where at least half of the pixel shows it."""
    for j in range(visible.shape[0]):
        for i in range(visible.shape[1]):
            if visible[j, i] >= 0.5:
                segmentation[j, i] = number


@kernel
def _compose(
    objects: Any,
    count: NDArray[np.int64],
    image: NDArray[np.float32],
    fraction: NDArray[np.float64],
    mask: NDArray[np.float32],
    visible: NDArray[np.float32],
) -> None:
    """Draw the scenes from the top down; masks only if there is room for them."""
    number, height, width = objects.shape[1], image.shape[1], image.shape[2]
    keep = mask.size > 0
    signed, space = np.zeros((height + 1, width)), scratch(height, width)
    rows = np.empty((4, width))
    pieces, room = np.empty((number, MOST_PIECES, FIELDS)), polygons(number)
    for n in range(len(image)):
        ready = False
        _clear(image[n])
        for k in range(number):
            fraction[n, k] = 0.0
        for k in range(count[n] - 1, -1, -1):
            o = objects[n, k]
            j0, j1, i0, i1 = box(o, height, width)
            if j0 == j1 or i0 == i1:
                continue
            accumulate(o, signed, space)
            total, cover, show, seen = (
                rows[0, i0:i1],
                rows[1, i0:i1],
                rows[2, i0:i1],
                rows[3, i0:i1],
            )
            for x in range(i1 - i0):
                total[x] = 0.0
                seen[x] = 0.0
            for j in range(j0, j1):
                union = image[n, j, i0:i1]
                _cover(signed[j, i0:i1], total, cover)
                if _share(cover, union, show) > 0:
                    if not ready:
                        ready = True
                        for m in range(count[n]):
                            convex_pieces(objects[n, m], pieces[m])
                    for x in range(i1 - i0):
                        if _is_part(cover[x]) and _is_part(union[x]):
                            hidden = hidden_area(objects, k, count[n], i0 + x, j, pieces, room)
                            show[x] = _shown(cover[x], union[x], hidden)
                _add(show, union, seen)
                if keep:
                    _store(cover, mask[n, k, j, i0:i1])
                    _store(show, visible[n, k, j, i0:i1])
            for x in range(i0, i1):
                signed[j1, x] = 0.0
            whole = area(o)
            shown = 0.0
            for x in range(i1 - i0):
                shown += seen[x]
            fraction[n, k] = min(1.0, shown / whole) if whole > 0.0 else 0.0


@kernel
def _clear(image: NDArray[np.float32]) -> None:
    """Set an image to 0."""
    for j in range(image.shape[0]):
        for i in range(image.shape[1]):
            image[j, i] = 0.0


@kernel
def _cover(
    signed: NDArray[np.float64], total: NDArray[np.float64], cover: NDArray[np.float64]
) -> None:
    """Go up one row: the coverage is the sum of the signed areas below, which are then cleared."""
    for x in range(signed.size):
        total[x] += signed[x]
        signed[x] = 0.0
        rounded = (total[x] + GRAIN) - GRAIN
        rounded = rounded if rounded > 0.0 else 0.0
        cover[x] = rounded if rounded < 1.0 else 1.0


@kernel
def _is_part(coverage: float) -> bool:
    """Whether a pixel is covered neither wholly nor not at all."""
    return PART < coverage < 1.0 - PART


@kernel
def _share(
    cover: NDArray[np.float64], union: NDArray[np.float32], show: NDArray[np.float64]
) -> int:
    """Fill in m - m U; return in how many pixels both are fractions, so that it is not exact."""
    shared = 0
    for x in range(cover.size):
        above = np.float64(union[x])
        show[x] = cover[x] - cover[x] * above
        shared += 1 if _is_part(cover[x]) & _is_part(above) else 0
    return shared


@kernel
def _shown(cover: float, union: float, hidden: float) -> float:
    """What is left of a coverage, kept within what it and the union above allow."""
    low, high = cover + union - 1.0, min(cover, union)
    hidden = hidden if hidden > low else low
    hidden = hidden if hidden > 0.0 else 0.0
    return cover - (hidden if hidden < high else high)


@kernel
def _add(show: NDArray[np.float64], union: NDArray[np.float32], seen: NDArray[np.float64]) -> None:
    """Add a visible part to the union and, by columns, to what is seen of the object."""
    for x in range(show.size):
        seen[x] += show[x]
        above = np.float32(union[x] + show[x])
        union[x] = above if above < 1.0 else np.float32(1.0)


@kernel
def _store(row: NDArray[np.float64], output: NDArray[np.float32]) -> None:
    """Write a row as float32."""
    for x in range(row.size):
        output[x] = row[x]
