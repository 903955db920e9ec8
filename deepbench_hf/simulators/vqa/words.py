"""The questions in words, the programs that answer them, and the order in which they are listed."""

import hashlib
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

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
