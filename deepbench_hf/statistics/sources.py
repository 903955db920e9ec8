"""Where examples are read from: a recipe, a folder, a file, a dataset or an array."""

import zipfile
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
from deepbench_hf.metrics.predictions import given_array, regular_file
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.generation import rows_at, split_of
from deepbench_hf.tables.arrow import array_columns, stacked

USUAL = "test"
"""The split that is taken where none is named."""

FIRST = ("observed", "clean", "derived")
"""Roles of columns in the order in which one is likely meant."""

MOST_BYTES = 4 << 30
"""What an archive may unpack to, and what the rows that are compared may take as float64."""

SAVED = ("state.json", "dataset_dict.json")
"""What marks a folder that `datasets` has saved."""


@dataclass(frozen=True)
class ArraySource:
    """Examples of which columns of arrays can be read."""

    name: str  # what the user calls it
    columns: Sequence[str]  # those of arrays, in the order in which they are likely meant
    read: Callable[[str, int], NDArray]  # gives one column of the first rows, ``(n, ...)``
    coordinate: str | None = None  # the column of a series' times, if it is known
    ranked: bool = False  # whether the first of many columns can be taken for the one that is meant


def find_source(place: Any, **overrides: Any) -> ArraySource:
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
        return _of_arrays("array", {"": given_array("array", "it", place)})
    path, split = _split_off(str(place))
    if Path(path).is_dir():
        return _of_folder(str(place), Path(path), split)
    kind = Path(path).suffix.lower()
    if kind in (".npy", ".npz"):
        return _of_arrays(str(place), _loaded(Path(path)))
    if kind == ".parquet":
        return _of_files(str(place), [regular_file(Path(path))])
    return _of_recipe(load_recipe(path, **overrides), split or USUAL)


def _split_off(text: str) -> tuple[str, str | None]:
    """A place and its split; a file's own name may hold a colon."""
    head, colon, tail = text.rpartition(":")
    if not colon or Path(text).exists() or not tail.isidentifier():
        return text, None
    return head, tail


def _of_recipe(recipe: Recipe, split: str) -> ArraySource:
    size, known = split_of(recipe, split).size, schema(recipe)
    arrays = [n for n, c in known.items() if c.field.shape and not c.field.fields]
    here = (n for n in arrays if known[n].role in FIRST)
    ranked = sorted(here, key=lambda n: FIRST.index(known[n].role))

    def read(name: str, rows: int) -> NDArray:
        return rows_at(recipe, split, np.arange(min(rows, size)), [name])[name]

    others = [name for name in arrays if name not in ranked]
    coordinate = next(iter(of_role(recipe.simulator.columns, "coordinate")), None)
    return ArraySource(f"{recipe.name}:{split}", [*ranked, *others], read, coordinate, ranked=True)


def _of_arrays(name: str, arrays: dict[str, NDArray]) -> ArraySource:
    columns = [key for key, array in arrays.items() if array.ndim in (2, 3)]

    def read(column: str, rows: int) -> NDArray:
        found = arrays[column][:rows]
        if found.size * 8 > MOST_BYTES:
            size = f"{len(found)} rows of {found.shape[1:]} are {found.size * 8 / 1e9:.1f} GB"
            raise ValueError(f"{name}: {size}; take fewer rows")
        return found

    return _checked(ArraySource(name, columns, read))


def _loaded(file: Path) -> dict[str, NDArray]:
    """The array of an ``.npy`` file, in memory as far as it is used, or those of an ``.npz`` one.

    Raises:
        ValueError: it is no such file, holds no numbers, or unpacks to more than memory may hold.
    """
    regular_file(file)
    try:
        if file.suffix.lower() == ".npy":
            arrays = {"": np.load(file, mmap_mode="r")}
        else:
            with zipfile.ZipFile(file) as packed:
                size = sum(member.file_size for member in packed.infolist())
            if size > MOST_BYTES:
                raise ValueError(f"unpacks to {size / 1e9:.1f} GB; save one array as .npy")
            with np.load(file) as packed:
                arrays = {name: packed[name] for name in packed.files}
    except (ValueError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0]
        if "pickle" in reason or "Python objects" in reason:
            reason = "holds no array of numbers"
        raise ValueError(f"{file}: {reason}") from None
    for array in arrays.values():
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{file}: holds {array.dtype}; give numbers")
    return arrays


def _of_dataset(name: str, dataset: datasets.Dataset) -> ArraySource:
    def read(column: str, rows: int) -> NDArray:
        chosen = dataset.select_columns([column]).select(range(min(rows, len(dataset))))
        table: Any = chosen.with_format("arrow")[:]
        return stacked(f"{name}: {column}", table[column])

    columns = list(array_columns(dataset.features.arrow_schema))
    return _checked(ArraySource(name, columns, read))


def _of_files(name: str, files: list[Path]) -> ArraySource:
    paths = [str(file) for file in files]
    try:
        columns = list(array_columns(pq.read_schema(paths[0])))
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"{paths[0]}: is no Parquet file: {str(error).splitlines()[0]}") from None

    def read(column: str, rows: int) -> NDArray:
        try:
            table = pads.dataset(paths).head(rows, columns=[column])
        except (pa.ArrowException, OSError) as error:
            raise ValueError(f"{name}: {str(error).splitlines()[0]}") from None
        return stacked(f"{name}: {column}", table[column])

    return _checked(ArraySource(name, columns, read))


def _of_folder(name: str, folder: Path, split: str | None) -> ArraySource:
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
        accepted = "give the folder of one config, or one of .npy files"
        raise ValueError(f"{name}: Parquet files are {found}; {accepted}")
    files = sorted(filled[0].glob("*.parquet"))
    splits: dict[str, list[Path]] = {}
    for file in files:
        splits.setdefault(file.stem.split("-")[0], []).append(file)
    return _of_files(name, splits[_one_split(name, splits, split)])


def _of_single_files(name: str, files: list[Path]) -> ArraySource:
    """One example in each file, or ``(n, H, W)`` maps in each."""

    def read(_: str, rows: int) -> NDArray:
        parts = [_loaded(file)[""] for file in files[:rows]]
        for file, part in zip(files, parts, strict=False):
            if part.ndim not in (1, 2, 3) or part.shape[-2:] != parts[0].shape[-2:]:
                got = f"{file.name} {part.shape}, {files[0].name} {parts[0].shape}"
                raise ValueError(f"{name}: {got}; give series (T,) or maps (H, W) of one size")
        return np.concatenate([one if one.ndim == 3 else one[None] for one in parts])[:rows]

    return ArraySource(name, [""], read)


def _one_split(name: str, splits: Iterable[str], split: str | None) -> str:
    known = list(splits)
    chosen = split or (known[0] if len(known) == 1 else USUAL)
    if chosen not in known:
        raise KeyError(f"{name}: no split {chosen!r}; {did_you_mean(chosen, known)}")
    return chosen


def _checked(source: ArraySource) -> ArraySource:
    if not source.columns:
        raise ValueError(f"{source.name}: holds no series (n, T) and no maps (n, H, W)")
    return source
