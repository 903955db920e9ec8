"""Whole files: other processes see all of one or nothing."""

import hashlib
import io
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape, has_magic
from pathlib import Path
from typing import Any


def as_pattern(file: Any) -> Any:
    """The path of a file as a pattern that means this file alone; of a list, each.

    >>> as_pattern(Path("my.yaml"))
    'my.yaml'
    """
    if isinstance(file, list):
        return [as_pattern(one) for one in file]
    if not isinstance(file, (str, Path)):
        return file
    whole = str(Path(file).absolute())
    return escape(whole) if has_magic(whole) and Path(file).is_file() else str(file)


def write_whole(file: Path, content: bytes | str) -> None:
    """Write a file beside its place and rename it: an error leaves what was there.

    A link in its place is replaced, and what it leads to stays.

    Args:
        file: in a folder that exists.
        content: bytes, or text that is stored as UTF-8 with plain newlines.

    Raises:
        OSError: the disk is full, or the place is no ordinary file's.
    """
    with replacing(file) as hidden:
        hidden.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """A new, empty, hidden file, which takes the place of ``file`` at the end if all went well.

    Its name cannot be guessed, its ending is that of ``file``, and nobody had it before.

    Raises:
        OSError: as `write_whole`.
    """
    if file.exists() and not file.is_file():
        raise FileExistsError(None, "is there and is no ordinary file", str(file))
    hidden = file.with_name(f".{secrets.token_hex(8)}.incomplete{file.suffix}")
    try:
        os.close(os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from None
    try:
        yield hidden
        os.replace(hidden, file)
    except BaseException:
        hidden.unlink(missing_ok=True)
        raise


class HashingWriter(io.BufferedWriter):
    """A new file whose sha256 is taken while it is written, from its first byte to its last.

    Args:
        file: where; what is there is replaced.
    """

    def __init__(self, file: Path) -> None:
        super().__init__(io.FileIO(file, "w"))
        self.sha256, self.size = hashlib.sha256(), 0

    def write(self, data: Any, /) -> int:
        """Write bytes at the end."""
        self.sha256.update(data)
        self.size += len(data)
        return super().write(data)
