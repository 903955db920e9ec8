"""Machine code on disk: one file for each kernel, argument types and processor.

Numba's own ``cache=True`` looks at the file of one function only, so an edit of `exact` leaves old
machine code in the kernels of other files; it makes folders at import and fails to import where
nothing can be written; and it runs whatever it finds. Here a file's name holds the hash of all
that the machine code depends on, its content is checked before it is used, and where nothing can be
kept kernels are compiled in every process. `docs/decisions/0029-kernel-cache.md` gives the rules.
"""

import hashlib
import os
import pickle
import secrets
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from huggingface_hub import constants
from numba.core import config
from numba.core.compiler import CompileResult
from numba.core.runtime.nrt import rtsys
from numba.core.serialize import dumps

from deepbench_hf.exact.kernel_sources import fingerprint, origin_of, unchanged

compiled: list[str] = []
"""The kernels that this process has compiled, as the cache did not hold them."""

_under_way: list[float] = []
"""When the compilations that are under way began, the outermost first."""
_spent: list[float] = [0.0]
"""How many seconds those before took together."""

VERSIONS = (numba.__version__, llvmlite.__version__, np.__version__, sys.version_info[:2])
SETTINGS = (
    *("BOUNDSCHECK", "DEBUGINFO_DEFAULT", "DISABLE_INTEL_SVML", "LOOP_VECTORIZE"),
    *("NRT_STATS", "OPT", "SLP_VECTORIZE"),
)
"""Settings of Numba (``NUMBA_...`` variables) that change what it compiles."""

DIGEST_SIZE = hashlib.sha256().digest_size
OTHERS_WRITE = 0o022
LONG = 2.0
"""Seconds of compilation that deserve a word."""


class KernelCache:
    """The machine code of one kernel on disk, with the methods that Numba's dispatcher calls.

    Numba calls them while it holds its lock on the compiler, a kernel before those that call it.
    There is no index as in Numba's own cache: that can pair one process's entry with the code of
    another when both write at once.
    """

    def __init__(
        self,
        function: Callable,
        allocates: bool,
        pack: Callable[[CompileResult], tuple[Any, ...]],
        unpack: Callable[..., CompileResult],
    ) -> None:
        """Remember the sources as they are now, when the function is defined.

        Args:
            function: the kernel in Python.
            allocates: whether it counts references.
            pack: what is stored of a result; a function of its module.
            unpack: the result again, from Numba's context and what was stored.
        """
        self.function, self.allocates = function, allocates
        self.pack, self.unpack = pack, unpack
        self.origin = origin_of(function.__code__.co_filename)
        self.sources: str | None = None
        with suppress(OSError):
            self.sources = fingerprint(self.origin)

    @property
    def cache_path(self) -> str:
        """The folder of all kernels, whether it exists or not."""
        return str(kernel_folder())

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """Return the stored machine code of a signature, None if there is none."""
        rtsys.initialize(target_context)  # what machine code may call; Numba's types can wait
        if self._is_fresh():
            stored = read_checked(kernel_folder() / self._file_name(sig, target_context.codegen()))
            with suppress(Exception):  # whatever `pickle` makes of what it does not know
                if stored is not None:
                    parts = pickle.loads(stored)  # noqa: S301 (a trusted writer's whole file)
                    return self.unpack(target_context, *parts)
        self._begin()
        return None

    def save_overload(self, sig: Any, data: CompileResult) -> None:
        """Store machine code, unless its sources have changed or the folder cannot be written.

        Raises:
            TypeError: the function returns an array whose references nobody counts.
        """
        began = _under_way.pop()
        if not _under_way:
            _spent[0] += time.monotonic() - began
        compiled.append(f"{self.function.__module__}.{self.function.__qualname__}")
        result = data.target_context.data_model_manager[data.signature.return_type]
        if result.contains_nrt_meminfo() and not self.allocates:
            raise TypeError(
                f"{self.function.__name__} returns an array: use kernel(allocates=True)"
            )
        if data.lifted or data.library.has_dynamic_globals or not self._is_fresh():
            return
        path = kernel_folder() / self._file_name(sig, data.codegen)
        try:
            write_checked(path, dumps(self.pack(data)))
        except OSError as error:
            say_once(
                f"compiled kernels cannot be kept in {path.parent} ({error.strerror}), so every "
                "process compiles them; NUMBA_CACHE_DIR can name another folder"
            )

    def flush(self) -> None:
        """Leave the disk alone from now on: Numba asks for this when a kernel is wanted anew."""
        self.sources = None

    def _begin(self) -> None:
        """Note that a compilation begins, maybe within another, and say so if all take long."""
        _under_way.append(time.monotonic())
        long = _spent[0] + _under_way[-1] - _under_way[0] > LONG
        if long and not progress_bars_disabled():
            say_once("compiling kernels, once: this takes up to half a minute")

    def _is_fresh(self) -> bool:
        """Whether all sources could be read and none was edited since."""
        return self.sources is not None and unchanged(self.origin)

    def _file_name(self, sig: Any, codegen: Any) -> str:
        """The name for this function, its sources and closure, signature, processor and Numba."""
        function, code = self.function, self.function.__code__
        constants_ = [value for value in code.co_consts if not hasattr(value, "co_code")]
        closure = tuple(cell.cell_contents for cell in function.__closure__ or ())
        key = (
            (VERSIONS, [repr(getattr(config, name, None)) for name in SETTINGS]),
            (self.sources, function.__module__, function.__qualname__, code.co_firstlineno),
            self.pack.__name__,
            (code.co_code, constants_, dumps(closure), str(sig), _processor(codegen)),
        )
        name = function.__qualname__.replace("<", "").replace(">", "")
        return f"{name}-{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}.nbc"


@cache
def _processor(codegen: Any) -> tuple[str, ...]:
    """For which processor code is made; LLVM looks at it anew each time it is asked."""
    return codegen.magic_tuple()


def kernel_folder() -> Path:
    """Return the folder of all kernels: in Numba's folder if one is set, else in HF_HOME."""
    return Path(getattr(config, "CACHE_DIR", "") or constants.HF_HOME) / "deepbench_hf" / "kernels"


def read_checked(path: Path) -> bytes | None:
    """Return what `write_checked` wrote, None unless it is there, trusted and whole."""
    try:
        with path.open("rb") as file:
            owner = path.parents[2].stat().st_uid
            if not (
                is_trusted(path.parent.stat(), owner) and is_trusted(os.fstat(file.fileno()), owner)
            ):
                say_untrusted(path)
                return None
            content = file.read()
    except OSError:
        return None
    payload = content[DIGEST_SIZE:]
    return payload if content[:DIGEST_SIZE] == digest(path.name, payload) else None


def write_checked(path: Path, payload: bytes) -> None:
    """Write a file that its owner alone can change, and that others see whole or not at all.

    Nothing is written into a folder that `read_checked` would not trust.

    Raises:
        OSError: the file cannot be written.
    """
    base = path.parents[2]
    base.mkdir(parents=True, exist_ok=True)
    for folder in (path.parents[1], path.parent):
        folder.mkdir(mode=0o777 & ~OTHERS_WRITE, exist_ok=True)
    if not is_trusted(path.parent.stat(), base.stat().st_uid):
        return say_untrusted(path)
    draft = path.with_name(f"{secrets.token_hex(16)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with open(os.open(draft, flags, 0o666 & ~OTHERS_WRITE), "wb") as file:  # noqa: PTH123
            file.write(digest(path.name, payload) + payload)
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def digest(name: str, payload: bytes) -> bytes:
    """Return the checksum of a file under its name: no file stands in for another."""
    return hashlib.sha256(name.encode() + b"\0" + payload).digest()


def is_trusted(stat: os.stat_result, owner: int) -> bool:
    """Whether a file or folder was written by somebody who may run code as this user.

    Args:
        stat: its owner and mode.
        owner: who owns the folder that the user has named as the cache (HF_HOME).
    """
    if not hasattr(os, "geteuid"):
        return True  # Windows: access is not told by the mode
    return not stat.st_mode & OTHERS_WRITE and stat.st_uid in (0, os.geteuid(), owner)


def say_untrusted(path: Path) -> None:
    """Say why kernels are there and not used."""
    say_once(
        f"compiled kernels in {path.parent} are not used, as somebody else owns them or can write "
        "them: take that away (chmod go-w), or name your own folder by NUMBA_CACHE_DIR"
    )


def progress_bars_disabled() -> bool:
    """What `datasets` says; what it would say from the environment while it is not imported."""
    found = sys.modules.get("datasets.utils")
    if found is not None:
        return found.are_progress_bars_disabled()
    said = os.environ.get("HF_DATASETS_DISABLE_PROGRESS_BARS", "")
    return said.upper() in ("1", "ON", "YES", "TRUE")


@cache
def say_once(text: str) -> None:
    """Write a line to standard error."""
    if sys.stderr is not None:
        sys.stderr.write(f"deepbench_hf: {text}\n")
