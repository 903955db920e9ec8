"""Where the rows of a stream come from: made when they are asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.exact.shuffle import LARGEST
from deepbench_hf.fields import Columns
from deepbench_hf.model import FrozenDict
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import rows_at, split_of


class Source(Protocol):
    """Rows of one split by their numbers; ``recipe`` is what made them."""

    @property
    def recipe(self) -> Recipe:
        """What made the rows."""
        ...

    @property
    def size(self) -> int:
        """How many rows there are."""
        ...

    def rows(self, indices: NDArray[np.int64]) -> Columns:
        """The rows ``(n, ...)`` at ``indices`` (n,), in memory that is the caller's."""
        ...


@dataclass(frozen=True)
class Generated:
    """Rows that are made when they are asked for.

    Args:
        recipe: what to make.
        split: which split of it.
        columns: those that are wanted.
    """

    recipe: Recipe
    split: str
    columns: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return self.recipe.splits[self.split].size

    def rows(self, indices: NDArray[np.int64]) -> Columns:
        """The rows at ``indices``."""
        return rows_at(self.recipe, self.split, indices, self.columns)


def wanted_columns(recipe: Recipe, columns: Iterable[str] | None) -> tuple[str, ...]:
    """The wanted columns in the order of the recipe's.

    Raises:
        KeyError: there is no such column.
    """
    known = schema(recipe)
    chosen = known.keys() if columns is None else list(columns)
    for name in chosen:
        if name not in known:
            raise KeyError(f"{recipe.name} has no column {name!r}; {did_you_mean(name, known)}")
    return tuple(name for name in known if name in chosen)


def generated(recipe: Recipe, split: str, columns: Iterable[str] | None) -> Generated:
    """The rows of a split.

    Raises:
        KeyError: no such split or column.
    """
    split_of(recipe, split)
    return Generated(recipe, split, wanted_columns(recipe, columns))


def endless_rows(recipe: Recipe, split: str, columns: Iterable[str] | None) -> Generated:
    """Rows like those of a split that no split holds, as many as anybody can use.

    Their draws are those of a split called ``<split>/endless``: no recipe can name one so.

    Raises:
        KeyError: no such split or column.
    """
    part, name = split_of(recipe, split), f"{split}/endless"
    more = part.model_copy(update={"size": LARGEST, "truths": f"{part.truths}/endless"})
    splits = FrozenDict({**recipe.splits, name: more})
    return generated(recipe.model_copy(update={"splits": splits}), name, columns)
