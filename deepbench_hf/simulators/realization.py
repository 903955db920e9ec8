"""Random fields as pure functions: the number of a realization is a parameter of the example."""

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.exact.draws import add_normals, uniforms_of_blocks
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import Parameter

REALIZATION = Parameter(
    "1", "number of the realization of the random field", 0, 2**53 - 1, whole=True, symbol="j"
)
"""Its prior is ``{kind: integers, high: 9007199254740991}``."""


def white(realization: NDArray, purpose: str, size: int) -> NDArray[np.float32]:
    """Independent standard normal numbers that a realization always has, (n, size).

    Two examples with the same realization (whole, 0 to 2^53 - 1) have the same numbers for a
    purpose, whatever else they differ in: a field under another spectrum, or a longer series, has
    the same phases.

    >>> bool((white(np.array([7]), "a", 3) == white(np.array([6, 7]), "a", 9)[1, :3]).all())
    True
    """
    numbers = np.zeros((len(realization), size), np.float32)
    key = stream_key("realization", purpose)
    add_normals(numbers, np.ones(len(numbers)), key, realization.astype(np.int64))
    return numbers


def uniform(realization: NDArray, purpose: str, size: int) -> NDArray[np.float64]:
    """Independent uniform numbers in [0, 1) that a realization always has, (n, size); see `white`.

    >>> bool((uniform(np.array([7]), "a", 3) == uniform(np.array([6, 7]), "a", 9)[1, :3]).all())
    True
    """
    numbers = np.repeat(realization.astype(np.int64), size)
    key = stream_key("realization", purpose)
    blocks = np.tile(np.arange(size), len(realization))
    return uniforms_of_blocks(key, numbers, blocks).reshape(len(realization), size)
