"""What a verification found: how two copies of some rows differ, and the verdict on all."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.fields import Columns


@dataclass(frozen=True)
class Difference:
    """How published rows differ from what the recipe makes."""

    rows: int  # how many of them differ
    row: int  # the first that does
    column: str  # the first of its columns that does
    # the largest difference of a float of any of these rows, in units in the last place
    ulp: int | None
    published: str  # the first differing value of that row and column as it is published
    made: str  # the same as the recipe makes it

    def and_then(self, later: Self | None) -> Self:
        """This one, and one of rows behind it."""
        if later is None:
            return self
        largest = max((u for u in (self.ulp, later.ulp) if u is not None), default=None)
        return replace(self, rows=self.rows + later.rows, ulp=largest)


@dataclass(frozen=True)
class SplitVerdict:
    """One split."""

    split: str  # its name
    rows: int  # how many it has
    compared: int = 0  # how many of them were compared
    # how the published rows differ; None where all bits are the same
    difference: Difference | None = None
    # what could not be compared, or contradicts the rows
    problems: list[str] = field(default_factory=list)

    @property
    def identical(self) -> bool:
        """Whether nothing is wrong."""
        return self.difference is None and not self.problems

    def line(self) -> str:
        """The difference, in words."""
        if self.difference is None:
            word = "identical" if self.compared else "not compared"
            return f"{self.split}: {self.compared} of {self.rows} rows compared: {word}"
        d = self.difference
        ulp = "" if d.ulp is None else f", by up to {d.ulp} ulp"
        values = f"{d.published} is published, the recipe gives {d.made}"
        rows = f"{d.rows} of {self.compared} compared rows differ{ulp}"
        return f"{self.split}: row {d.row}, column {d.column}: {values}; {rows}"


@dataclass(frozen=True)
class ConfigVerdict:
    """One config."""

    config: str  # its name
    version: str | None  # of its recipe
    generator_version: Any  # of the rows
    # one by one; none under another generator version
    splits: list[SplitVerdict] = field(default_factory=list)
    # what manifest, recipe and files contradict each other in
    problems: list[str] = field(default_factory=list)
    # how to get the version that can tell; None where this one can
    other_generator: str | None = None

    @property
    def identical(self) -> bool:
        """Whether nothing is wrong, as far as this version can tell."""
        return not self.problems and all(split.identical for split in self.splits)


@dataclass(frozen=True)
class Verdict:
    """What `verify` found.

    Args:
        source: the repository or folder.
        revision: the commit, in a repository.
        configs: one by one.
        problems: what card and manifest contradict the rest in.
        unchecked: what could not be compared.
    """

    source: str
    revision: str | None
    configs: list[ConfigVerdict]
    problems: list[str]
    unchecked: list[str] = field(default_factory=list)

    @property
    def identical(self) -> bool:
        """Whether all that was looked at is what the recipes make, and nothing was left out."""
        return self.exit_code == 0

    @property
    def exit_code(self) -> int:
        """0: identical; 1: something differs; 2: something could not be compared."""
        if self.problems or not all(config.identical for config in self.configs):
            return 1
        return 2 if self.unchecked or any(config.other_generator for config in self.configs) else 0

    @property
    def conclusion(self) -> str:
        """The verdict in a line."""
        splits = [split for config in self.configs for split in config.splits]
        compared, rows = (sum(getattr(s, key) for s in splits) for key in ("compared", "rows"))
        word = ("identical", "different", "not everything could be compared")[self.exit_code]
        return f"{word}: {compared} of {rows} rows compared"

    def to_mapping(self) -> dict[str, Any]:
        """Plain data."""
        return {"identical": self.identical, **asdict(self)}

    def text(self) -> str:
        """The same for people."""
        where = self.source + (f" at {self.revision[:7]}" if self.revision else "")
        return "\n".join([where, *(f"  {line}" for line in self._lines()), self.conclusion])

    def _lines(self) -> Iterator[str]:
        for config in self.configs:
            yield f"{config.config} {config.version or ''}".rstrip()
            yield from (f"  problem: {problem}" for problem in config.problems)
            if config.other_generator:
                yield f"  {config.other_generator}"
            for split in config.splits:
                yield f"  {split.line()}"
                yield from (f"    problem: {problem}" for problem in split.problems)
        yield from (f"problem: {problem}" for problem in self.problems)
        yield from (f"not compared: {what}" for what in self.unchecked)


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
    for name in other.dtype.names or ():
        yield np.ascontiguousarray(one[name]), np.ascontiguousarray(other[name])


def _bits(array: NDArray) -> NDArray:
    """The bits as whole numbers."""
    array = np.ascontiguousarray(array)
    return array.view(f"u{array.dtype.itemsize}") if array.dtype.kind in "fiub" else array


def _differs(one: NDArray, other: NDArray) -> NDArray[np.bool_]:
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


MEAN, WIDTH, EVIDENCE = 0.2, 0.15, 0.1
"""How much posteriors of two machines may differ: standard deviations, a share of one, nats."""


def like_posteriors(published: Columns, made: Columns) -> Columns:
    """Columns of reference posteriors as they are made, published values where they say the same.

    Means within `MEAN` standard deviations, widths within a share of `WIDTH`, and evidence within
    `EVIDENCE` nats, of the draws and of all weighted points; a row that is at the edge of having
    draws may have them on one machine alone.

    Args:
        published: columns of a config of posteriors, ``(n, ...)``.
        made: the same columns as the recipe makes them.
    """
    names = [name for name in made if f"{name}_mean" in made]
    here = np.ones(len(made["index"]), bool)
    for name in names:
        one, other = (rows[f"{name}_mean"] for rows in (published, made))
        sigma, wide = (rows[f"{name}_sigma"] for rows in (published, made))
        off = np.abs(one - other), np.abs(published[name].mean(axis=1) - other)
        few = 4.0 / np.sqrt(published[name].shape[1])  # of so many draws the mean scatters
        near = (off[0] <= MEAN * wide) & (off[1] <= (MEAN + few) * wide)
        near &= np.abs(sigma / np.where(wide > 0.0, wide, 1.0) - 1.0) <= WIDTH
        here &= near | (wide == 0.0) & (sigma == 0.0) | np.isnan(one) | np.isnan(other)
    evidence = published["log_evidence"], made["log_evidence"]
    here &= (np.abs(evidence[0] - evidence[1]) <= EVIDENCE) | ~np.isfinite(evidence).all(axis=0)
    settled = {"index"} | {name for name in made if name.endswith("_truth")}
    return {
        name: values
        if name in settled
        else np.where(here.reshape(-1, *[1] * (values.ndim - 1)), published[name], values)
        for name, values in made.items()
    }
