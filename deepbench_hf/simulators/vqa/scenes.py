"""Questions in words, the programs that answer them, and scenes that have the answer wanted."""

import hashlib
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.kernel import kernel

SHAPES, COLOURS = ("circle", "square", "triangle"), ("red", "green", "blue")
WORDS = (*SHAPES, *COLOURS)
RELATIONS = ("above", "below", "left_of", "right_of")
HOPS = ("none", "one", "two")


def question(hops: int, subject: int, target: int, relation: int, second: int) -> str:
    """The question in words.

    >>> question(2, 0, 3, 1, 2), question(0, 5, 1, 0, 0)
    ('is a circle below left of a red shape', 'is a blue shape a square')
    """
    words = ["is a", _noun(subject)]
    if hops == 0:
        words.append(f"a {WORDS[target]}" if WORDS[target] in SHAPES else WORDS[target])
        return " ".join(words)
    words += [RELATIONS[r].replace("_", " ") for r in (relation, second)[:hops]]
    return " ".join([*words, "a", _noun(target)])


def program(hops: int, subject: int, target: int, relation: int, second: int) -> str:
    """The program that answers it.

    >>> program(2, 0, 3, 1, 2)
    'any(mask(circle) & shift(shift(mask(red), left_of), below))'
    """
    text = f"mask({WORDS[target]})"
    for r in reversed((relation, second)[:hops]):
        text = f"shift({text}, {RELATIONS[r]})"
    return f"any(mask({WORDS[subject]}) & {text})"


def _noun(word: int) -> str:
    return WORDS[word] if WORDS[word] in SHAPES else f"{WORDS[word]} shape"


@lru_cache
def listed() -> NDArray[np.int64]:
    """All 756 questions by number, (756, 5): hops, subject, object and relations, 0 for none.

    They are in the order of the SHA-256 digests of their words, so that the first so many are a
    sample that never changes.

    >>> len(listed()), question(*listed()[0].tolist())
    (756, 'is a blue shape right of below a red shape')
    """
    relations = range(len(RELATIONS))
    found = [
        (hops, subject, target, *(*said, 0, 0)[:2])
        for hops in range(len(HOPS))
        for subject, target in product(range(len(WORDS)), repeat=2)
        for said in product(relations, repeat=hops)
    ]
    found.sort(key=lambda one: hashlib.sha256(question(*one).encode()).digest())
    table = np.array(found)
    table.flags.writeable = False
    return table


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
                    numbers, cell = drawn[i, place : place + PER_CELL], scene[i, :, row, column]
                    _fill(numbers, fill[i], pair[i], cell)
                    place += PER_CELL
            if pair[i] == ALWAYS:
                where = np.int64(spot[i] * (side * side))
                scene[i, 0, where // side, where % side] = _SQUARE
                scene[i, 1, where // side, where % side] = _GREEN
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
