"""Where the rows of a stream come from: made on the spot, or gathered from what is published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import datasets
import numpy as np
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError, HFValidationError
from numpy.typing import NDArray

from deepbench_hf.arrow import column
from deepbench_hf.catalog import load_recipe
from deepbench_hf.errors import HubError, did_you_mean
from deepbench_hf.generation import rows_at, split_of
from deepbench_hf.index import RECIPES
from deepbench_hf.model import FrozenDict
from deepbench_hf.recipe import Recipe
from deepbench_hf.schema import schema
from deepbench_hf.shuffling import LARGEST
from deepbench_hf.simulators.base import Columns

__all__ = ["Generated", "Published", "Source", "endless_rows", "generated", "published"]


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


@dataclass(frozen=True)
class Published:
    """Rows that were published, from Arrow files that are mapped into memory.

    Args:
        recipe: what they were made from.
        dataset: the split, with the wanted columns, in the format of Arrow.
    """

    recipe: Recipe
    dataset: datasets.Dataset

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.dataset)

    def rows(self, indices: NDArray[np.int64]) -> Columns:
        """The rows at ``indices``."""
        table: Any = self.dataset[indices.tolist()]
        fields = schema(self.recipe)
        found = {name: column(table[name], fields[name].field) for name in table.column_names}
        return {name: np.require(values, requirements="W") for name, values in found.items()}


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


def published(
    place: str, split: str, columns: Iterable[str] | None, config: str, revision: str | None
) -> Published:
    """The rows of a split of a dataset repository, or of a folder that `build -o` wrote.

    Raises:
        KeyError: no such split or column.
        HubError: the place is not what `push` or `build -o` leave.
    """
    recipe = load_recipe(_recipe_file(place, config, revision))
    size = split_of(recipe, split).size
    names = wanted_columns(recipe, columns)
    found = datasets.load_dataset(place, config, split=split, revision=revision)
    assert isinstance(found, datasets.Dataset)
    if len(found) != size:
        raise HubError(f"{place}: {config}/{split} has {len(found)} rows, its recipe {size}")
    return Published(recipe, found.select_columns(list(names)).with_format("arrow"))


def _recipe_file(place: str, config: str, revision: str | None) -> Path:
    """The recipe that lies beside published rows."""
    name = f"{RECIPES}/{config}.yaml"
    missing = f"{place}: has no {name}; only what `push` or `build -o` wrote can be streamed"
    if Path(place).is_dir():
        if not Path(place, name).is_file():
            raise HubError(missing)
        return Path(place, name)
    try:
        return Path(hf_hub_download(place, name, repo_type="dataset", revision=revision))
    except (HfHubHTTPError, HFValidationError, OSError) as error:
        if isinstance(error, EntryNotFoundError) and isinstance(error, HfHubHTTPError):
            raise HubError(missing) from None
        reason = str(error).strip().splitlines()[0]
        raise HubError(f"{place}: there is no such folder, and the Hub says: {reason}") from error
