"""Tables of predictions: from a file or from arrays, every value checked."""

import errno
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import Field
from deepbench_hf.metrics.estimates import Array

INDEX = "index"

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Predictions:
    """A checked table."""

    source: str  # the file, for messages
    index: NDArray[np.int64]  # the predicted rows, ``(n,)``
    columns: dict[str, NDArray]  # the other columns, ``(n,)`` each
    targets: list[str]  # the predicted columns of the recipe

    def mean(self, name: str, here: Mask) -> Array:
        """The means of those rows that have this parameter.

        Raises:
            ValueError: there are none, or one is not finite.
        """
        if name not in self.columns:
            raise ValueError(f"{self.source}: {name}_sigma without {name}; add the column {name}")
        return self._numbers(name, here)

    def sigma(self, name: str, here: Mask) -> Array | None:
        """The standard deviations, if there are any.

        Raises:
            ValueError: one is not above 0.
        """
        if f"{name}_sigma" not in self.columns:
            return None
        sigma = self._numbers(f"{name}_sigma", here)
        self._refuse(f"{name}_sigma", here, sigma, sigma > 0, "it must be above 0")
        return sigma

    def classes(self, name: str, names: tuple[str, ...], here: Mask) -> NDArray[np.int64] | None:
        """The numbers of predicted classes, if the column is there.

        Raises:
            ValueError: one is no class.
        """
        if name not in self.columns:
            return None
        values = self.columns[name][here]
        if values.dtype.kind in "OUT":
            number = {word: place for place, word in enumerate(names)}
            known = np.array([value in number for value in values])
            self._refuse(name, here, values, known, lambda value: did_you_mean(value, names))
            return np.array([number[value] for value in values], np.int64)
        values = self._numbers(name, here)
        good = (values >= 0) & (values < len(names)) & (values == np.floor(values))
        self._refuse(
            name, here, values, good, f"give a name or a number from 0 to {len(names) - 1}"
        )
        return values.astype(np.int64)

    def probabilities(
        self, name: str, names: tuple[str, ...], here: Mask, seen: Iterable[int]
    ) -> Array | None:
        """The probability of each class, ``(n, len(names))``, if there are any; 0 where not given.

        Raises:
            ValueError: those of a row are no distribution, or a class of ``seen`` has no column.
        """
        columns = [f"{name}_probability_{word}" for word in names]
        if not any(column in self.columns for column in columns):
            return None
        for number in seen:
            if columns[number] not in self.columns:
                raise ValueError(
                    f"{self.source}: no column {columns[number]}; rows have this class"
                )
        nothing = np.zeros(int(here.sum()))
        given = [self._numbers(c, here) if c in self.columns else nothing for c in columns]
        for column, values in zip(columns, given, strict=True):
            self._refuse(column, here, values, values >= 0, "it must be from 0 to 1")
        total = np.sum(given, axis=0)
        what = f"the sum of {name}_probability_*"
        self._refuse(what, here, total, np.abs(total - 1) < 1e-3, "it must be 1")
        return np.stack(given, axis=1)

    def _numbers(self, name: str, here: Mask) -> Array:
        try:
            values = self.columns[name].astype(np.float64)[here]
        except (TypeError, ValueError):
            raise ValueError(f"{self.source}: column {name} must hold numbers") from None
        self._refuse(name, here, values, np.isfinite(values), "every row needs a finite number")
        return values

    def _refuse(self, what: str, here: Mask, values: NDArray, good: Mask, accepted: Any) -> None:
        """Say which row is wrong; ``accepted`` is a phrase, or makes one from the value."""
        if not good.all():
            value = values[~good][0]
            got = f"{value:g}" if isinstance(value, float) else str(value)
            hint = accepted(value) if callable(accepted) else accepted
            row = self.index[here][~good][0]
            raise ValueError(f"{self.source}: {what} of index {row} is {got}; {hint}")


def read(
    predictions: str | Path | Mapping[str, ArrayLike], fields: Mapping[str, Field], size: int
) -> Predictions:
    """A table of predictions of some of ``fields``, in a split of ``size`` rows.

    Raises:
        ValueError: a column is unknown or has another length, or the index is missing, leaves the
            split or names a row twice.
        OSError: the file cannot be read.
        TypeError: they are neither a file nor a mapping.
    """
    owners = _owners(fields)
    if isinstance(predictions, Mapping):
        source = "predictions"
        _check_names(source, list(predictions), owners)
        columns = {name: given_array(source, name, v) for name, v in predictions.items()}
    elif not isinstance(predictions, (str, Path)):
        raise TypeError(f"predictions: got {type(predictions).__name__}; give a file or a dict")
    else:
        source, columns = str(predictions), _from_file(Path(predictions), owners, size)
    index = index_of(source, columns.pop(INDEX), size)
    for name, values in columns.items():
        if values.shape != index.shape:
            raise ValueError(f"{source}: {name} has shape {values.shape}; give {index.shape}")
    if not columns:
        raise ValueError(f"{source}: it predicts nothing; {did_you_mean('', fields)}")
    return Predictions(source, index, columns, list(dict.fromkeys(owners[n] for n in columns)))


def given_array(source: str, name: str, values: ArrayLike) -> NDArray:
    """A column of a table that is no file. Raises ValueError: it holds no plain numbers."""
    if np.ma.is_masked(values):
        raise ValueError(f"{source}: {name} has masked values; leave these rows out")
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{source}: {name}: give each row as many numbers") from None
    if array.dtype.kind == "c":
        raise ValueError(f"{source}: {name} is complex; give real numbers")
    return array


def _owners(fields: Mapping[str, Field]) -> dict[str, str]:
    """Every column that predictions may have, and what it predicts."""
    owners = {}
    for name, field in fields.items():
        parts = [f"probability_{word}" for word in field.names] if field.names else ["sigma"]
        owners |= {name: name, **{f"{name}_{part}": name for part in parts}}
    return owners


def index_of(source: str, index: NDArray, size: int) -> NDArray[np.int64]:
    """The predicted rows, ``(n,)``, of a split of ``size`` rows.

    Raises:
        ValueError: there are none, or no whole numbers, or they leave the split or are there twice.
    """
    if index.shape == (0,):
        raise ValueError(f"{source}: it has no rows")
    if index.dtype.kind not in "iu" or index.ndim != 1:
        got = f"{index.dtype} {index.shape}"
        raise ValueError(f"{source}: index is {got}; give whole numbers, one a row, no empty cell")
    outside = (index < 0) | (index >= size)
    if outside.any():
        raise ValueError(f"{source}: index {index[outside][0]}; the split has 0 to {size - 1}")
    found, times = np.unique(index, return_counts=True)
    if times.max() > 1:
        twice = f"index {found[times > 1][0]} is there {times[times > 1][0]} times"
        raise ValueError(f"{source}: {twice}; give every row once")
    return index.astype(np.int64)


def _check_names(source: str, names: list[str], owners: Mapping[str, str]) -> None:
    """Refuse what is no prediction, before any of it is read."""
    if INDEX not in names:
        found = ", ".join(names) or "none"
        raise ValueError(f"{source}: no column {INDEX!r}; add the row's index (columns: {found})")
    for name in names:
        if name not in owners and name != INDEX:
            what = f"column {name!r} is not a number or class that can be scored"
            raise ValueError(f"{source}: {what}; {did_you_mean(name, owners)}")
        if names.count(name) > 1:
            raise ValueError(f"{source}: column {name!r} is there twice; give it once")


def _from_file(file: Path, owners: Mapping[str, str], size: int) -> dict[str, NDArray]:
    """The columns of a Parquet or CSV file that holds at most ``size`` rows of known columns.

    Arrow opens the file itself: its threads may hold one that Python opened, and abort the process
    when it ends (github.com/apache/arrow, issues 34314 and 50482).
    """
    regular_file(file)
    try:
        if file.suffix.lower() == ".csv":
            table = pyarrow.csv.read_csv(file, pyarrow.csv.ReadOptions(use_threads=False))
            _check_names(str(file), table.column_names, owners)
        else:
            parquet = pyarrow.parquet.ParquetFile(file)
            _check_names(str(file), parquet.schema_arrow.names, owners)
            if parquet.metadata.num_rows > size:
                rows = parquet.metadata.num_rows
                raise ValueError(f"{file}: it has {rows} rows; the split has {size}")
            table = parquet.read(use_threads=False)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        hint = "give a Parquet file, or one that ends in .csv"
        raise ValueError(f"{file}: {hint}: {reason}") from None
    return {name: _array(table[name]) for name in table.column_names}


def regular_file(path: Path) -> Path:
    """The same path.

    Raises:
        OSError: there is no such file, or it is a folder.
        ValueError: it is no file with an end, such as a pipe.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise ValueError(f"{path}: is no regular file; save it to a file first")
    return path


def _array(column: pa.ChunkedArray) -> NDArray:
    """A column's values; a missing number is NaN, a missing word None."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return column.to_numpy()
