"""Where examples are read from: a recipe, a folder, a file, a dataset or an array."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
from numpy.typing import NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import of_role
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import rows_at, split_of
from deepbench_hf.statistics.tables import array_columns, stacked

USUAL = "test"
"""The split that is taken where none is named."""

FIRST = ("observed", "clean", "derived")
"""Roles of columns in the order in which one is likely meant."""

SAVED = ("state.json", "dataset_dict.json")
"""What marks a folder that `datasets` has saved."""


@dataclass(frozen=True)
class Source:
    """Examples of which columns of arrays can be read.

    Args:
        name: what the user calls it.
        columns: those of arrays, in the order in which they are likely meant.
        read: gives one column of the first rows, ``(n, ...)``.
        coordinate: the column of a series' times, if it is known.
        ranked: whether the first of many columns can be taken for the one that is meant.
    """

    name: str
    columns: Sequence[str]
    read: Callable[[str, int], NDArray]
    coordinate: str | None = None
    ranked: bool = False


def find_source(place: Any, **overrides: Any) -> Source:
    """The source that a name, a path or an object means.

    Args:
        place: a recipe, by its name, its file or itself; a folder that ``build -o`` or
            ``save_to_disk`` wrote; a Parquet, ``.npy`` or ``.npz`` file; each maybe with
            ``:SPLIT`` behind it. A folder of ``.npy`` files, one example each or maps
            ``(n, H, W)``. Or a dataset of `datasets`, or an array ``(n, ...)``.
        **overrides: of `load_recipe`, for a recipe by its name or file.

    Raises:
        KeyError: no such split.
        ValueError: there are no arrays in it.
        OSError: a file cannot be read.
    """
    if isinstance(place, datasets.Dataset):
        return _of_dataset("dataset", place)
    if isinstance(place, Recipe):
        return _of_recipe(place, USUAL)
    if not isinstance(place, (str, Path)):
        return _of_arrays("array", {"": np.asarray(place)})
    path, split = _split_off(str(place))
    if Path(path).is_dir():
        return _of_folder(str(place), Path(path), split)
    kind = Path(path).suffix.lower()
    if kind in (".npy", ".npz"):
        loaded = np.load(path, mmap_mode="r" if kind == ".npy" else None)
        return _of_arrays(str(place), {"": loaded} if kind == ".npy" else loaded)
    if kind == ".parquet":
        return _of_files(str(place), [Path(path)])
    return _of_recipe(load_recipe(path, **overrides), split or USUAL)


def _split_off(text: str) -> tuple[str, str | None]:
    """A place and its split; a file's own name may hold a colon."""
    head, colon, tail = text.rpartition(":")
    if not colon or Path(text).exists() or not tail.isidentifier():
        return text, None
    return head, tail


def _of_recipe(recipe: Recipe, split: str) -> Source:
    size, known = split_of(recipe, split).size, schema(recipe)
    arrays = [n for n, c in known.items() if c.field.shape and not c.field.fields]
    ranked = sorted((n for n in arrays if known[n].role in FIRST), key=_rank(known))

    def read(name: str, rows: int) -> NDArray:
        return rows_at(recipe, split, np.arange(min(rows, size)), [name])[name]

    others = [name for name in arrays if name not in ranked]
    coordinate = next(iter(of_role(recipe.simulator.columns, "coordinate")), None)
    return Source(f"{recipe.name}:{split}", [*ranked, *others], read, coordinate, ranked=True)


def _rank(known: Any) -> Callable[[str], int]:
    return lambda name: FIRST.index(known[name].role)


def _of_arrays(name: str, arrays: Any) -> Source:
    columns = [key for key in arrays if np.ndim(arrays[key]) in (2, 3)]
    return _checked(Source(name, columns, lambda key, rows: np.asarray(arrays[key][:rows])))


def _of_dataset(name: str, dataset: datasets.Dataset) -> Source:
    def read(column: str, rows: int) -> NDArray:
        chosen = dataset.select_columns([column]).select(range(min(rows, len(dataset))))
        table: Any = chosen.with_format("arrow")[:]
        return stacked(f"{name}: {column}", table[column])

    columns = list(array_columns(dataset.features.arrow_schema))
    return _checked(Source(name, columns, read))


def _of_files(name: str, files: list[Path]) -> Source:
    paths = [str(file) for file in files]
    try:
        columns = list(array_columns(pq.read_schema(paths[0])))
    except pa.ArrowInvalid as error:
        raise ValueError(f"{paths[0]}: is no Parquet file: {str(error).splitlines()[0]}") from None

    def read(column: str, rows: int) -> NDArray:
        table = pads.dataset(paths).head(rows, columns=[column])
        return stacked(f"{name}: {column}", table[column])

    return _checked(Source(name, columns, read))


def _of_folder(name: str, folder: Path, split: str | None) -> Source:
    if any((folder / mark).is_file() for mark in SAVED):
        saved = datasets.load_from_disk(str(folder))
        if isinstance(saved, datasets.DatasetDict):
            saved = saved[_one_split(name, map(str, saved), split)]
        return _of_dataset(name, saved)
    if singles := sorted(folder.glob("*.npy")):
        return _of_single_files(name, singles)
    places = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
    filled = [path for path in places if any(path.glob("*.parquet"))]
    if len(filled) != 1:
        found = f"in {', '.join(path.name for path in filled)}" if filled else "nowhere in it"
        told = "give the folder of one config, or one of .npy files"
        raise ValueError(f"{name}: Parquet files are {found}; {told}")
    files = sorted(filled[0].glob("*.parquet"))
    splits = {file.stem.split("-")[0]: [] for file in files}
    for file in files:
        splits[file.stem.split("-")[0]].append(file)
    return _of_files(name, splits[_one_split(name, splits, split)])


def _of_single_files(name: str, files: list[Path]) -> Source:
    """One example in each file, or ``(n, H, W)`` maps in each."""

    def read(_: str, rows: int) -> NDArray:
        parts = [np.load(file, mmap_mode="r") for file in files[:rows]]
        for file, part in zip(files, parts, strict=False):
            if part.ndim not in (1, 2, 3) or part.shape[-2:] != parts[0].shape[-2:]:
                got = f"{file.name} {part.shape}, {files[0].name} {parts[0].shape}"
                raise ValueError(f"{name}: {got}; give series (T,) or maps (H, W) of one size")
        many = [part if part.ndim == 3 else part[None] for part in parts]
        return np.concatenate(many)[:rows]

    return Source(name, [""], read)


def _one_split(name: str, splits: Iterable[str], split: str | None) -> str:
    known = list(splits)
    chosen = split or (known[0] if len(known) == 1 else USUAL)
    if chosen not in known:
        raise KeyError(f"{name}: no split {chosen!r}; {did_you_mean(chosen, known)}")
    return chosen


def _checked(source: Source) -> Source:
    if not source.columns:
        raise ValueError(f"{source.name}: holds no series (n, T) and no maps (n, H, W)")
    return source
