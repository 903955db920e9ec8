"""Scenes of shapes in painter's order: a later object hides what lies under it, exactly.

From the top down, an object of coverage m under objects whose union covers U shows m - h, where h
is the area that both cover. In a pixel where m or U is 0 or 1 that is m U; elsewhere `overlap`
finds it. So the visible parts add up to the union, and the union never exceeds 1.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import Array, Array32, Int64s, kernel
from deepbench_hf.simulators.shapes.coverage import accumulate, box, scratch
from deepbench_hf.simulators.shapes.outline import area
from deepbench_hf.simulators.shapes.overlap import Room, hidden_area, polygons
from deepbench_hf.simulators.shapes.pieces import MOST_PIECES, PIECE, convex_pieces

GRAIN = 6144.0  # 1.5 * 2^12: adding and taking it away rounds to multiples of 2^-40
PART = 1e-9
"""A coverage closer than this to 0 or 1 counts as 0 or 1."""


def paint(objects: Any, count: Int64s, image: Array32, visible_fraction: Array) -> None:
    """Draw scenes of shapes (n, K), the last one on top; ``count`` (n,) of the K are there.

    The image (n, H, W) gets the coverage of their union, visible_fraction (n, K) the share of an
    object's area that is in the frame and not hidden by later ones.
    """
    _compose(objects, count, image, visible_fraction, _overlaps(objects), None)


def layers(objects: Any, count: Int64s, mask: Array32, visible: Array32, segmentation: Any) -> None:
    """Draw each object on its own, (n, K, H, W), and what can be seen of it, of the same shape.

    The segmentation (n, H, W) gets the number from 1 of the object that covers at least half of the
    pixel visibly, the topmost if two do, 0 where none does.
    """
    image = np.empty((len(mask), *mask.shape[2:]), np.float32)
    fraction = np.empty(objects.shape)
    mask[:] = visible[:] = 0.0
    segmentation[:] = 0
    _compose(objects, count, image, fraction, _overlaps(objects), (mask, visible))
    _label_all(count, visible, segmentation)


def _overlaps(objects: Any) -> tuple[Any, Room] | None:
    """Room for the pieces of a scene's objects and for what they hide; None for single objects."""
    number = objects.shape[1]
    return (np.empty((number, MOST_PIECES), PIECE), polygons(number)) if number > 1 else None


@kernel
def _label_all(count: Int64s, visible: Array32, segmentation: NDArray[np.int16]) -> None:
    """Label the pixels of all scenes."""
    for i in range(count.size):
        for k in range(count[i]):
            _label(visible[i, k], k + 1, segmentation[i])


@kernel
def _label(visible: Array32, number: int, segmentation: NDArray[np.int16]) -> None:
    """Write the number of an object where at least half of the pixel shows it."""
    for j in range(visible.shape[0]):
        for i in range(visible.shape[1]):
            if visible[j, i] >= 0.5:
                segmentation[j, i] = number


@kernel(allocates=True)
def _compose(objects, count, image, fraction, overlaps, masks) -> None:
    """Draw the scenes from the top down.

    What `overlaps` is for is compiled only if there are some, and masks if there is room for them.
    """
    height, width = image.shape[1], image.shape[2]
    covers, shows = np.zeros((height + 1) * width), np.empty((height + 1) * width)
    space, sums = scratch(height, width), np.empty(width)
    for n in range(len(image)):
        ready, bare = False, True
        image[n], fraction[n] = 0.0, 0.0
        for k in range(count[n] - 1, -1, -1):
            o = objects[n, k]
            j0, i0, rows, columns = box(o, height, width)
            if rows * columns == 0:
                continue
            size = (rows + 1) * columns
            cover = covers[:size].reshape((rows + 1, columns))
            show = shows[:size].reshape((rows + 1, columns))
            total = sums[:columns]
            accumulate(o, j0, i0, cover, space)
            _sum_up(cover, total)
            if bare:
                bare, show = False, cover  # nothing lies above
            elif overlaps is not None and _share(cover, image[n], j0, i0, show) > 0:
                pieces, room = overlaps
                if not ready:
                    ready = True
                    for m in range(count[n]):
                        convex_pieces(objects[n, m], pieces[m])
                _part(k, count[n], j0, i0, cover, image[n], show, pieces, room)
            _add(show, image[n], j0, i0, total)
            fraction[n, k] = _ratio(total, area(o))
            if masks is not None:
                _store(cover, j0, i0, masks[0][n, k])
                _store(show, j0, i0, masks[1][n, k])
            covers[:size] = 0.0


@kernel
def _sum_up(cover: Array, total: Array) -> None:
    """Turn signed areas into coverage, which is their sum from the lowest row up to a pixel's."""
    total[:] = 0.0
    for j in range(cover.shape[0] - 1):
        row = cover[j]
        for x in range(total.size):
            total[x] += row[x]
            rounded = (total[x] + GRAIN) - GRAIN
            rounded = rounded if rounded > 0.0 else 0.0
            row[x] = rounded if rounded < 1.0 else 1.0


@kernel
def _is_part(coverage: float) -> bool:
    """Whether a pixel is covered neither wholly nor not at all."""
    return PART < coverage < 1.0 - PART


@kernel
def _share(cover: Array, image: Array32, j0: int, i0: int, show: Array) -> int:
    """Fill in m - m U; return in how many pixels both are fractions, so that it is not exact."""
    shared, columns = 0, cover.shape[1]
    for j in range(cover.shape[0] - 1):
        row, union, output = cover[j], image[j0 + j, i0 : i0 + columns], show[j]
        for x in range(columns):
            above = np.float64(union[x])
            output[x] = row[x] - row[x] * above
            shared += 1 if _is_part(row[x]) & _is_part(above) else 0
    return shared


@kernel
def _part(k, count, j0, i0, cover, image, show, pieces, room) -> None:
    """Replace m - m U by what is visible of object k where both are fractions."""
    for j in range(cover.shape[0] - 1):
        for x in range(cover.shape[1]):
            own, above = cover[j, x], np.float64(image[j0 + j, i0 + x])
            if _is_part(own) and _is_part(above):
                hidden = hidden_area(k, count, i0 + x, j0 + j, pieces, room)
                low, high = max(0.0, own + above - 1.0), min(own, above)
                show[j, x] = own - min(max(hidden, low), high)


@kernel
def _add(show: Array, image: Array32, j0: int, i0: int, total: Array) -> None:
    """Add what is visible to the union, and fill in its sums over the columns."""
    columns = total.size
    total[:] = 0.0
    for j in range(show.shape[0] - 1):
        row, union = show[j], image[j0 + j, i0 : i0 + columns]
        for x in range(columns):
            total[x] += row[x]
            above = np.float32(union[x] + row[x])
            union[x] = above if above < 1.0 else np.float32(1.0)


@kernel
def _ratio(total: Array, whole: float) -> float:
    """Visible share of an area, at most 1; 0 of nothing."""
    shown = 0.0
    for x in range(total.size):
        shown += total[x]
    return min(1.0, shown / whole) if whole > 0.0 else 0.0


@kernel
def _store(rows: Array, j0: int, i0: int, output: Array32) -> None:
    """Write the rows of a box into an image."""
    for j in range(rows.shape[0] - 1):
        row, target = rows[j], output[j0 + j, i0 : i0 + rows.shape[1]]
        for x in range(row.size):
            target[x] = row[x]
