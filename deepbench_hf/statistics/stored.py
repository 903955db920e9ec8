"""Arrays in ``.npy`` and ``.npz`` files: their shapes first, then the rows that are asked for.

A small file may unpack to more than any memory holds, so that nothing is read before its size is
known.
"""

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from deepbench_hf.metrics.predictions import regular_file

MOST_BYTES = 4 << 30
"""What the rows that are asked for may take in memory."""

HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


class Stored:
    """An array in a file, or in an archive.

    Args:
        file: ``.npy``, or ``.npz``.
        member: which array of an archive; None for a file of one.

    Raises:
        ValueError: it holds no numbers that can be read.
        OSError: the file cannot be read.
    """

    def __init__(self, file: Path, member: str | None = None) -> None:
        self.file, self.member = file, member
        with _named(file), self._opened() as stream:
            self.shape, self.columns_first, self.dtype = _header(stream)

    def __getitem__(self, rows: slice) -> NDArray:
        """The first rows, ``array[:n]``."""
        count = min(rows.stop, self.shape[0]) if self.shape else 1
        if self.columns_first:
            count = self.shape[0]  # the first rows lie all over the file
        numbers = count * math.prod(self.shape[1:])
        if numbers * self.dtype.itemsize > MOST_BYTES:
            size = (
                f"{count} rows of {self.shape[1:]} are {numbers * self.dtype.itemsize / 1e9:.1f} GB"
            )
            raise ValueError(f"{self.file}: {size}; take fewer, or give smaller examples")
        with _named(self.file), self._opened() as stream:
            _header(stream)
            data = stream.read(numbers * self.dtype.itemsize)
            if len(data) < numbers * self.dtype.itemsize:
                raise ValueError("is cut short")
        flat = np.frombuffer(data, self.dtype)
        if self.columns_first:
            return flat.reshape(self.shape[::-1]).T[: rows.stop]
        return flat.reshape(count, *self.shape[1:]) if self.shape else flat.reshape(())

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        regular_file(self.file)
        if self.member is None:
            with self.file.open("rb") as stream:
                yield stream
        else:
            with zipfile.ZipFile(self.file) as packed, packed.open(self.member) as stream:
                yield stream


def archive(file: Path) -> dict[str, Stored]:
    """The arrays of an ``.npz`` file by their names."""
    with _named(file), zipfile.ZipFile(regular_file(file)) as packed:
        members = [name for name in packed.namelist() if name.endswith(".npy")]
    return {name.removesuffix(".npy"): Stored(file, name) for name in members}


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether columns lie together, and type."""
    version = np.lib.format.read_magic(stream)
    if version not in HEADERS:
        raise ValueError(f"has format version {version}; save it with numpy.save")
    shape, columns_first, dtype = HEADERS[version](stream)
    if dtype.kind not in "biuf":
        raise ValueError(f"holds {dtype}; give numbers")
    return shape, columns_first, dtype


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Say which file is wrong."""
    try:
        yield
    except (ValueError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        reason = (str(error) or "is cut short").splitlines()[0]
        text = reason if reason.startswith(str(file)) else f"{file}: {reason}"
        raise ValueError(text) from None
