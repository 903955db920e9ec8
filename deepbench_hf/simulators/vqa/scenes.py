"""Scenes of coloured shapes that have the answer that is wanted of a question."""

import numpy as np

from deepbench_hf.exact.kernel import kernel

MOST_SCENES, PER_CELL = 64, 3
"""Scenes that are drawn at most, and numbers that a cell takes."""
NEVER, ALWAYS = 1, 2
"""Whether scenes show the pair that may be held out, a green square."""
_SQUARE, _GREEN = 1, 1


@kernel
def _holds(scene, row, column, word):
    """Whether a cell holds a shape, or a shape of a colour; none does beyond the grid."""
    side = scene.shape[1]
    if row < 0 or column < 0 or row >= side or column >= side or scene[0, row, column] < 0:
        return False
    return scene[0, row, column] == word if word < 3 else scene[1, row, column] == word - 3


@kernel
def _answer(scene, asked):
    """Whether a scene (2, grid, grid) has what is asked: hops, subject, object and relations."""
    side = scene.shape[1]
    for row in range(side):
        for column in range(side):
            if not _holds(scene, row, column, asked[1]):
                continue
            y, x, inside = row, column, True
            for hop in range(asked[0]):  # from the subject back to what it lies at
                relation = asked[3 + hop]
                y += (relation == 1) * 1 - (relation == 0) * 1
                x += (relation == 2) * 1 - (relation == 3) * 1
                inside = inside and 0 <= y < side and 0 <= x < side
            if inside and _holds(scene, y, x, asked[2]):
                return True
    return False


@kernel
def draw(asked, fill, wanted, pair, drawn, spot, scene, answer):
    """Fill in scenes (n, 2, grid, grid), -1 where a cell is empty, and their answers, (n,).

    Args:
        asked: hops, subject, object and relations, (n, 5).
        fill: chance of a cell to hold a shape, (n,).
        wanted: scenes are drawn until their answer is 0 or 1; 2 for the first, (n,).
        pair: `NEVER` paints green squares red or blue, `ALWAYS` puts one there, (n,).
        drawn: uniform numbers, (n, at least MOST_SCENES cells PER_CELL).
        spot: where that one is, uniform, (n,).
    """
    side = scene.shape[2]
    for i in range(fill.size):
        place = 0
        for _ in range(MOST_SCENES):
            for row in range(side):
                for column in range(side):
                    _fill(
                        drawn[i, place : place + PER_CELL],
                        fill[i],
                        pair[i],
                        scene[i, :, row, column],
                    )
                    place += PER_CELL
            if pair[i] == ALWAYS:
                cell = np.int64(spot[i] * (side * side))
                scene[i, 0, cell // side, cell % side] = _SQUARE
                scene[i, 1, cell // side, cell % side] = _GREEN
            answer[i] = _answer(scene[i], asked[i])
            if wanted[i] == 2.0 or answer[i] == (wanted[i] == 1.0):
                break


@kernel
def _fill(drawn, fill, pair, cell):
    """Draw the shape and the colour of a cell, (2,), -1 where it is empty."""
    there = drawn[0] < fill
    cell[0] = np.int64(3.0 * drawn[1]) if there else -1
    cell[1] = np.int64(3.0 * drawn[2]) if there else -1
    if pair == NEVER and cell[0] == _SQUARE and cell[1] == _GREEN:
        cell[1] = 2 * (drawn[2] >= 0.5)
