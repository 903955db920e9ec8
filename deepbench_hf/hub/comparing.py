"""Two copies of some rows, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns


@dataclass(frozen=True)
class Difference:
    """How published rows differ from what the recipe makes.

    Args:
        rows: how many of them differ.
        row: the first that does.
        column: the first of its columns that does.
        ulp: the largest difference of a float of any of these rows, in units in the last place.
        published: the first differing value of that row and column as it is published.
        made: the same as the recipe makes it.
    """

    rows: int
    row: int
    column: str
    ulp: int | None
    published: str
    made: str

    def and_then(self, later: Difference | None) -> Difference:
        """This one, and one of rows behind it."""
        if later is None:
            return self
        largest = max((u for u in (self.ulp, later.ulp) if u is not None), default=None)
        told = (self.row, self.column, largest, self.published, self.made)
        return Difference(self.rows + later.rows, *told)


def compare(published: Columns, made: Columns, start: int) -> Difference | None:
    """The difference between rows, or None where all bits are the same.

    Args:
        published: columns, as `deepbench_hf.generate` gives them.
        made: the same columns, in the order in which they are told.
        start: the number of the first row.
    """
    pairs = [(name, *pair) for name in made for pair in _plain(published[name], made[name])]
    differs = {i: _differs(one, other) for i, (_, one, other) in enumerate(pairs)}
    rows = np.any(list(differs.values()), axis=0)
    if not rows.any():
        return None
    row = int(np.argmax(rows))
    first = next(i for i, where in differs.items() if where[row])
    name, one, other = pairs[first]
    ulps = [_ulps(o, t) for i, (_, o, t) in enumerate(pairs) if differs[i].any()]
    largest = max((u for u in ulps if u is not None), default=None)
    values = _first_values(one[row], other[row])
    return Difference(int(rows.sum()), start + row, name, largest, *values)


def _plain(one: NDArray, other: NDArray) -> Iterator[tuple[NDArray, NDArray]]:
    """The arrays themselves, or those of the fields of their records."""
    if not other.dtype.names:
        yield one, other
    for field in other.dtype.names or ():
        yield np.ascontiguousarray(one[field]), np.ascontiguousarray(other[field])


def _bits(array: NDArray) -> NDArray:
    """The bits as whole numbers."""
    array = np.ascontiguousarray(array)
    return array.view(f"u{array.dtype.itemsize}") if array.dtype.kind in "fiub" else array


def _differs(one: NDArray, other: NDArray) -> NDArray[np.bool_]:
    """Which rows differ, (n,)."""
    return (_bits(one) != _bits(other)).reshape(len(one), -1).any(axis=1)


def _ulps(one: NDArray, other: NDArray) -> int | None:
    """The largest difference of floats, counted in floats that lie between; None for others."""
    if other.dtype.kind != "f":
        return None
    a, b = _ordered(one), _ordered(other)
    return int((np.maximum(a, b) - np.minimum(a, b)).max())


def _ordered(array: NDArray) -> NDArray[np.uint64]:
    """Floats as whole numbers in the order of their values; neighbours differ by one."""
    bits, sign = _bits(array), 8 * array.dtype.itemsize - 1
    top = bits.dtype.type(1 << sign)
    return np.where(bits >> np.uint8(sign) == 1, ~bits + bits.dtype.type(1), bits | top).astype(
        np.uint64
    )


def _first_values(one: NDArray, other: NDArray) -> tuple[str, str]:
    one, other = np.atleast_1d(one), np.atleast_1d(other)
    where = int(np.argmax((_bits(one) != _bits(other)).reshape(-1)))
    return repr(one.reshape(-1)[where].item()), repr(other.reshape(-1)[where].item())
