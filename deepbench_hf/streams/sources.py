"""Where the rows of a stream come from: made when asked for, or mapped Arrow files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

import datasets
import numpy as np
import pyarrow as pa
from datasets.exceptions import DatasetsError
from huggingface_hub import hf_hub_download
from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError
from numpy.typing import NDArray
from yaml import YAMLError

from deepbench_hf.errors import HubError, did_you_mean, first_line, refuse_missing_folder
from deepbench_hf.exact.shuffle import LARGEST
from deepbench_hf.fields import Columns, Field
from deepbench_hf.model import FrozenDict
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import rows_at, split_of
from deepbench_hf.tables.arrow import column
from deepbench_hf.tables.manifest import RECIPES

Rows = NDArray[np.int64]
"""Numbers of rows."""


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

    def rows(self, indices: Rows) -> Columns:
        """The rows ``(n, ...)`` at ``indices`` (n,), in memory that is the caller's."""
        ...


@dataclass(frozen=True)
class Generated:
    """Rows that are made when they are asked for."""

    recipe: Recipe  # what to make
    split: str  # which split of it
    columns: tuple[str, ...]  # those that are wanted

    @property
    def size(self) -> int:
        """How many rows there are."""
        return self.recipe.splits[self.split].size

    def rows(self, indices: Rows) -> Columns:
        """The rows at ``indices``."""
        return rows_at(self.recipe, self.split, indices, self.columns)


def wanted_columns(recipe: Recipe, columns: Iterable[str] | None) -> tuple[str, ...]:
    """The wanted columns in the order of the recipe's.

    Raises:
        KeyError: there is no such column.
        ValueError: none is wanted.
    """
    known = schema(recipe)
    chosen = known.keys() if columns is None else list(columns)
    if isinstance(columns, str):
        raise KeyError(f"columns: got {columns!r}; give a list, [{columns!r}]")
    if not chosen:
        raise ValueError("columns: got none of them; leave it out for all")
    for name in chosen:
        if name not in known:
            raise KeyError(f"{recipe.name} has no column {name!r}; {did_you_mean(name, known)}")
    return tuple(name for name in known if name in chosen)


def generated(recipe: Recipe, split: str, columns: Iterable[str] | None) -> Generated:
    """The rows of a split. Raises KeyError: no such split or column."""
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


class Published:
    """Rows of a split that `datasets` has loaded.

    Args:
        recipe: what they were made from.
        dataset: the split, with the wanted columns only.
    """

    def __init__(self, recipe: Recipe, dataset: datasets.Dataset) -> None:
        self.recipe, self.dataset = recipe, dataset

    def __reduce__(self) -> tuple[type, tuple]:
        return type(self), (self.recipe, self.dataset)  # views of files would be copied

    @property
    def size(self) -> int:
        """How many rows there are."""
        return len(self.dataset)

    def rows(self, indices: Rows) -> Columns:
        """The rows ``(n, ...)`` at ``indices`` (n,)."""
        chunks = np.searchsorted(self._starts, indices, side="right") - 1
        places = {int(chunk): np.flatnonzero(chunks == chunk) for chunk in np.unique(chunks)}
        local = indices - self._starts[chunks]
        found = {}
        for name, columns in self._columns.items():
            field = columns[0].field
            found[name] = np.empty((len(indices), *field.shape), field.array_dtype)
            for chunk, here in places.items():
                found[name][here] = columns[chunk].take(local[here])
        return found

    @cached_property
    def _starts(self) -> Rows:
        """The first row of each chunk of the files, and the number of rows."""
        return np.cumsum([0, *map(len, self._batches)], dtype=np.int64)

    @cached_property
    def _batches(self) -> list[pa.RecordBatch]:
        return self.dataset.data.table.to_batches()

    @cached_property
    def _columns(self) -> dict[str, list[_Column]]:
        """Each column by chunks."""
        fields = {name: schema(self.recipe)[name].field for name in self.dataset.column_names}
        return {
            name: [_Column(batch.column(name), field) for batch in self._batches]
            for name, field in fields.items()
        }


class _Column:
    """One column of one chunk; only what is taken is read from the disk."""

    def __init__(self, array: pa.Array, field: Field) -> None:
        self.array, self.field = array, field

    def take(self, places: Rows) -> NDArray:
        """Some rows of it."""
        if self.field.fields or self.field.is_text:  # what has any length has no view
            return _values(self.array.take(pa.array(places)), self.field)
        return self._view[places]

    @cached_property
    def _view(self) -> NDArray:
        return _values(self.array, self.field)


def _values(array: pa.Array, field: Field) -> NDArray:
    return column(pa.chunked_array([array]), field)


def published(
    place: str, split: str, columns: Iterable[str] | None, config: str, revision: str | None
) -> Published:
    """The rows of a split of a dataset repository, or of a folder that `build -o` wrote.

    Raises:
        KeyError: no such split or column.
        HubError: the place is not what `push` or `build -o` leave.
    """
    file = _recipe_file(place, config, revision)
    if not Path(place).is_dir():
        revision = file.parents[1].name  # its commit: another may land before the rows are read
    recipe = load_recipe(file)
    size = split_of(recipe, split).size
    names = wanted_columns(recipe, columns)
    load = partial(datasets.load_dataset, place, config, split=split, revision=revision)
    try:
        found = load()
        if _is_older(found, Path(place, config).glob(f"{split}-*")):
            found = load(download_mode="force_redownload")
    except (OSError, ValueError, TypeError, YAMLError, DatasetsError) as error:
        raise HubError(f"{place}: `datasets` cannot load {config}: {first_line(error)}") from error
    assert isinstance(found, datasets.Dataset)
    if len(found) != size:
        raise HubError(f"{place}: {config}/{split} has {len(found)} rows, its recipe {size}")
    return Published(recipe, found.select_columns(list(names)))


def _is_older(found: datasets.Dataset, files: Iterable[Path]) -> bool:
    """Whether `datasets` kept its copy since before a file was written.

    It looks at the front matter alone, so of a folder that was mended it has the rows from before.
    """
    kept = [Path(one["filename"]).stat().st_mtime_ns for one in found.cache_files]
    return bool(kept) and any(file.stat().st_mtime_ns > min(kept) for file in files)


def _recipe_file(place: str, config: str, revision: str | None) -> Path:
    """The recipe that lies beside published rows."""
    name = f"{RECIPES}/{config}.yaml"
    missing = f"{place}: has no {name}; only what `push` or `build -o` wrote can be streamed"
    if Path(place).is_dir():
        if revision is not None:
            raise HubError(f"{place}: a folder has no revisions; got {revision!r}")
        if not Path(place, name).is_file():
            raise HubError(missing)
        return Path(place, name)
    if place.endswith("/") or place.count("/") > 1:
        raise HubError(f"{place}: there is no such folder")
    refuse_missing_folder(place)
    try:
        return Path(hf_hub_download(place, name, repo_type="dataset", revision=revision))
    except (HfHubHTTPError, ValueError, OSError) as error:  # a name or a token that cannot be one
        if isinstance(error, EntryNotFoundError) and isinstance(error, HfHubHTTPError):
            raise HubError(missing) from None
        reason = str(error).strip().splitlines()[0]
        raise HubError(f"{place}: there is no such folder, and the Hub says: {reason}") from error
