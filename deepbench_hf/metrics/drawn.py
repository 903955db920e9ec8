"""Tables of posterior draws: from a file or from arrays, every value checked."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
from numpy.typing import ArrayLike, NDArray

from deepbench_hf.errors import did_you_mean
from deepbench_hf.fields import Columns
from deepbench_hf.metrics.evaluation import known_truths
from deepbench_hf.metrics.predictions import INDEX, given_array, index_of, regular_file
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.unknowns import DIAGNOSTICS
from deepbench_hf.rows.generation import split_of

ENDINGS = (".parquet", ".npz", ".h5", ".hdf5")


def read_draws(draws: str | Path | Mapping[str, ArrayLike]) -> Columns:
    """Columns of a file by its ending."""
    if isinstance(draws, Mapping):
        return {name: given_array("draws", name, values) for name, values in draws.items()}
    if not isinstance(draws, (str, Path)):
        raise TypeError(f"draws: got {type(draws).__name__}; give a file or a dict of arrays")
    ending = Path(draws).suffix.lower()
    if ending not in ENDINGS:
        raise ValueError(f"{draws}: ends in {ending or 'nothing'}; accepted: {', '.join(ENDINGS)}")
    file = regular_file(Path(draws))
    try:
        columns = _from_file(file, ending)
    except (OSError, ValueError, pyarrow.ArrowException, zipfile.BadZipFile):
        raise ValueError(f"{draws}: is no {ending} file of arrays") from None
    return {name: _stacked(draws, name, values) for name, values in columns.items()}


def _from_file(file: Path, ending: str) -> dict[str, Any]:
    """The columns of a file, each an array or a list with an entry for each row."""
    if ending == ".npz":
        with np.load(file) as packed:
            return dict(packed)
    if ending == ".parquet":
        return pyarrow.parquet.read_table(file).to_pydict()
    import h5py

    with h5py.File(file) as packed:
        return {str(name): np.asarray(packed[name]) for name in packed}


def _stacked(draws: str | Path, name: str, column: Any) -> NDArray:
    """A column of numbers, or of lists of one length, as an array."""
    try:
        return np.asarray(column)
    except ValueError:
        raise ValueError(f"{draws}: {name}: give each row as many draws") from None


def checked_draws(
    recipe: Recipe, split: str, source: str, given: Columns
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """The rows and the parameters of a table of draws."""
    size, known = split_of(recipe, split).size, known_truths(recipe)
    if INDEX not in given:
        raise ValueError(f"{source}: has no column index; add the rows that the draws are of")
    index = index_of(source, given[INDEX], size)
    told = ("truth", "mean", "sigma")
    beside = {INDEX, *DIAGNOSTICS} | {f"{name}_{word}" for name in known for word in told}
    names = tuple(name for name in given if name not in beside)
    if not names:
        raise ValueError(f"{source}: has no draws; add a column by a parameter's name")
    shape = given[names[0]].shape
    for name in names:
        if name not in known:
            raise ValueError(f"{source}: {name!r} is no parameter; {did_you_mean(name, known)}")
        array = given[name]
        if array.ndim != 2 or array.shape != shape or shape[1] < 2 or len(array) != len(index):
            wanted = f"({len(index)}, k), k above 1 and the same for all"
            raise ValueError(f"{source}: {name} has the shape {array.shape}; give {wanted}")
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{source}: {name} holds {array.dtype}; give numbers")
        if not np.isfinite(array).all():
            row = index[np.argwhere(~np.isfinite(array))[0, 0]]
            raise ValueError(f"{source}: {name}, row {row}: draws must be finite; leave it out")
    return index, names
