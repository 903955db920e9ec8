"""Where the files of a build go: a folder, or any store that `fsspec` can write to."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from filelock import FileLock
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem, make_path_posix

from deepbench_hf.errors import BuildError, first_line
from deepbench_hf.files import write_whole

SCAFFOLD = ".deepbench-hf"
"""The folder of a target that holds the plan and the records until all is finished."""

LOCK = ".deepbench-hf.lock"
"""The file of a folder that a process locks while it changes what is there."""

AT_ONCE, THREADS = 1000, 32
"""Small files that are asked for together, and threads that read them."""


def is_url(place: str | Path) -> bool:
    """Whether a place is a store's address and not a path."""
    return "://" in str(place)


def without_password(text: str) -> str:
    """A text with the addresses in it less the name and password that some stores take.

    >>> without_password("ftp://me:secret@host/out: refused")
    'ftp://host/out: refused'
    """
    return re.sub(r"://[^/\s]*@", "://", text)


class Target:
    """A place for the files of a build; every file appears whole or not at all.

    Object stores cannot rename: a shard goes there by one put. In a folder it is written beside
    its place, below `SCAFFOLD`, and renamed.

    Args:
        url: a path, or an address such as ``s3://bucket/out`` or ``hf://buckets/user/name/out``.

    Raises:
        BuildError: no such kind of address, its library is missing, or it cannot take files.
    """

    def __init__(self, url: str | Path) -> None:
        self.url = str(url)
        if any("\ud800" <= sign <= "\udfff" for sign in self.url):  # bytes of no text
            raise BuildError(f"{self.url}: its name is no UTF-8 text; give another folder")
        if self.url.startswith("hf://datasets/"):
            why = "each file would be a commit, and commits are rate-limited"
            hint = "give a folder or hf://buckets/OWNER/NAME/FOLDER, then push that"
            raise BuildError(f"{self.url}: {why}; {hint}")
        if is_url(url):
            with self._one_line_errors("cannot be opened"):
                self.fs, root = url_to_fs(self.url)
        else:  # in a path "::" and "[" mean themselves
            self.fs, root = LocalFileSystem(), str(make_path_posix(self.url))
        self.root = root.rstrip("/")
        self.is_folder = isinstance(self.fs, LocalFileSystem)
        if self.is_folder:
            self.url = self.root  # a relative path means another folder on another machine

    @property
    def shown(self) -> str:
        """Its address for people: `without_password`."""
        return without_password(self.url)

    @property
    def name(self) -> str:
        """The last word of its address."""
        return self.root.rsplit("/", 1)[-1]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone in a folder: without builds, and plans that are laid. A store has no locks."""
        if not self.is_folder:
            yield
            return
        with self._one_line_errors("cannot be written"):
            Path(self.root).mkdir(parents=True, exist_ok=True)
            held = FileLock(self._place(LOCK)).acquire()
        with held:
            yield

    def read(self, path: str) -> bytes | None:
        """A small file; None where there is none."""
        with self._one_line_errors("cannot be read"):
            try:
                content: Any = self.fs.cat_file(self._place(path))
                return content
            except FileNotFoundError:
                return None

    def read_all(self, paths: Sequence[str]) -> Iterator[bytes | None]:
        """Many small files, in order; None for each that is not there."""
        with ThreadPoolExecutor(THREADS) as pool:
            for start in range(0, len(paths), AT_ONCE):
                yield from pool.map(self.read, paths[start : start + AT_ONCE])

    def write(self, path: str, text: str) -> None:
        """A small file, whole."""
        place = self._place(path)
        with self._one_line_errors("cannot be written"):
            if self.is_folder:
                Path(place).parent.mkdir(parents=True, exist_ok=True)
                write_whole(Path(place), text)
            else:
                self.fs.pipe_file(place, text.encode())

    @contextmanager
    def writing(self, path: str) -> Iterator[Path]:
        """A file of this machine, which is put at ``path`` at the end if all went well."""
        place = self._place(path)
        if self.is_folder:
            hidden = Path(self._place(f"{SCAFFOLD}/{secrets.token_hex(8)}.incomplete"))
            with self._one_line_errors("cannot be written"):
                hidden.parent.mkdir(parents=True, exist_ok=True)
                Path(place).parent.mkdir(parents=True, exist_ok=True)
                try:
                    yield hidden
                    os.replace(hidden, place)
                finally:
                    hidden.unlink(missing_ok=True)
            return
        here = f"cannot be written by way of {gettempdir()} (TMPDIR)"
        with self._one_line_errors(here), TemporaryDirectory(prefix="deepbench-hf-") as folder:
            hidden = Path(folder) / "shard"
            yield hidden
            with self._one_line_errors("cannot be written"):
                self.fs.put_file(str(hidden), place)

    def size(self, path: str) -> int | None:
        """Bytes of a file; None where there is none."""
        with self._one_line_errors("cannot be read"):
            self.fs.invalidate_cache()
            try:
                return self.fs.size(self._place(path))
            except FileNotFoundError:
                return None

    def sizes(self, folder: str) -> dict[str, int]:
        """The files of a folder, by path below the target, with their bytes."""
        with self._one_line_errors("cannot be read"):
            self.fs.invalidate_cache()
            try:
                found: Any = self.fs.find(self._place(folder), detail=True)
            except FileNotFoundError:
                return {}
        return {place[len(self.root) + 1 :]: told["size"] for place, told in found.items()}

    def fetch(self, path: str, file: Path) -> None:
        """Copy a file to this machine."""
        with self._one_line_errors("cannot be read"):
            self.fs.get_file(self._place(path), str(file))

    def remove(self, folder: str) -> None:
        """Remove a folder, if it is there."""
        with self._one_line_errors("cannot be cleared"):
            if self.is_folder:
                shutil.rmtree(self._place(folder), ignore_errors=True)
                return
            self.fs.invalidate_cache()
            if self.fs.exists(self._place(folder)):
                self.fs.rm(escape(self._place(folder)), recursive=True)

    def _place(self, path: str) -> str:
        return f"{self.root}/{path}".rstrip("/")

    @contextmanager
    def _one_line_errors(self, what: str) -> Iterator[None]:
        """Stores have errors of many kinds: all of them as one line that says where."""
        try:
            yield
        except BuildError:
            raise
        except Exception as error:
            reason = getattr(error, "strerror", None) or first_line(error)
            raise BuildError(without_password(f"{self.url}: {what}: {reason}")) from error
