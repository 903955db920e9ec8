"""The one Numba decorator: no fast-math, no GIL, and a disk cache that cannot serve stale code.

Numba's own ``cache=True`` looks at the file of one function only, so an edit of `exact.py` leaves
old machine code in the kernels of other files; it also makes folders at import and fails to import
where nothing can be written. Here the cache folder is named by the hash of all sources, it is made
on the first call, and where it cannot be made there is no caching.

Also what Numba lacks for kernels: the bits of a float as an integer, and back.
"""

import hashlib
import os
import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numba
from huggingface_hub import constants
from llvmlite import ir
from numba import njit, types
from numba.core import config
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.extending import intrinsic

PACKAGE = Path(__file__).resolve().parent.parent
WITHOUT_KERNELS = {
    *("cards", "cli", "figures", "hub", "metrics", "recipe", "statistics", "streams")
}
"""Parts of the package whose sources are not hashed: above the kernels, they hold none."""


def kernel(
    function: Callable | None = None, *, inline: bool = False, allocates: bool = False
) -> Any:
    """Compile `function` with Numba on its first call, so that it gives the same bits on every CPU.

    Used as ``@kernel``, ``@kernel(allocates=True)`` or ``@kernel(inline=True)``. Numba counts the
    references to every array and every part of one, by atomic operations that can take longer than
    the work on a row of pixels. A function that only uses the arrays it is given needs none of
    that: none are counted unless it is said to allocate.

    Args:
        function: The scalar or array function to compile.
        inline: Whether Numba pastes the function into its callers before LLVM sees it, which a big
            function needs if the loop around it is to vectorise.
        allocates: Whether it makes arrays, returns one, or calls a kernel that returns one.

    Returns:
        The compiled function, which Python and other kernels can call.
    """
    if function is None:
        return lambda wrapped: kernel(wrapped, inline=inline, allocates=allocates)
    options: Any = {"_nrt": allocates, "inline": "always" if inline else "never"}
    compiled: Any = njit(
        function, error_model="numpy", nogil=True, fastmath=False, boundscheck=False, **options
    )
    compiled._cache = KernelCache(function, allocates)
    return compiled


def _bit_cast(source: types.Type, target: types.Type) -> Any:
    """Return a function, for kernels, that reads the bits of a `source` as a `target`."""

    @intrinsic
    def cast(_typing_context: Any, _value: Any) -> Any:
        def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
            return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

        return target(source), generate

    return cast


int32_bits = _bit_cast(types.float32, types.int32)
float32_from_bits = _bit_cast(types.int32, types.float32)
int64_bits = _bit_cast(types.float64, types.int64)
float64_from_bits = _bit_cast(types.int64, types.float64)


class KernelCache:
    """The machine code of one kernel on disk, with the methods that Numba's dispatcher calls.

    One file per signature and CPU, and no index: Numba's index can pair one process's entry with
    the code of another when both write at once.
    """

    def __init__(self, function: Callable, allocates: bool) -> None:
        """Remember the sources as they are now, when the function is defined."""
        self.function, self.allocates = function, allocates
        self.places = source_places(Path(function.__code__.co_filename))
        self.sources: list[str | None] = [first_hash(place) for place in self.places]

    @property
    def cache_path(self) -> str:
        """The folder for the current sources, whether it exists or not."""
        base = (
            Path(getattr(config, "CACHE_DIR", "") or constants.HF_HOME) / "deepbench_hf" / "kernels"
        )
        name = hashlib.sha256(" ".join(map(str, self.sources)).encode()).hexdigest()[:16]
        return str(base / name)

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """Return the stored machine code of a signature, None if there is none."""
        target_context.refresh()
        with suppress(OSError, EOFError, pickle.UnpicklingError):
            if self._is_fresh():
                stored = self._file(sig, target_context.codegen()).read_bytes()
                parts = pickle.loads(stored)  # noqa: S301 (our own file in the user's own cache)
                return CompileResult._rebuild(target_context, *parts)
        return None

    def save_overload(self, sig: Any, data: CompileResult) -> None:
        """Store machine code, unless its sources have changed or the folder cannot be written.

        Raises:
            TypeError: the function returns an array whose references nobody counts.
        """
        result = data.target_context.data_model_manager[data.signature.return_type]
        if result.contains_nrt_meminfo() and not self.allocates:
            raise TypeError(
                f"{self.function.__name__} returns an array: use kernel(allocates=True)"
            )
        if data.lifted or data.library.has_dynamic_globals:
            return
        with suppress(OSError):
            if self._is_fresh():
                write_whole(self._file(sig, data.codegen), dumps(data._reduce()))

    def flush(self) -> None:
        """Leave the disk alone from now on: Numba asks for this when a kernel is wanted anew."""
        self.sources = [None]

    def _is_fresh(self) -> bool:
        """Whether all sources can be read and none was edited since its import."""
        current = [content_hash(place) for place in self.places]
        return None not in current and current == self.sources

    def _file(self, sig: Any, codegen: Any) -> Path:
        """The file of this function, closure, signature, CPU and Numba."""
        code = self.function.__code__
        closure = tuple(cell.cell_contents for cell in self.function.__closure__ or ())
        key = (
            (numba.__version__, code.co_filename, code.co_firstlineno, str(sig)),
            (sys.version_info[:2], codegen.magic_tuple(), code.co_code, dumps(closure)),
        )
        name = self.function.__qualname__.replace("<", "").replace(">", "")
        digest = hashlib.sha256(repr(key).encode()).hexdigest()[:16]
        return Path(self.cache_path) / f"{name}-{digest}.nbc"


def source_places(origin: Path) -> list[Path]:
    """Return where the sources are that a kernel of the file `origin` may be compiled from.

    They are the whole package and, for a kernel from elsewhere, its own file and those beside it.
    """
    return [PACKAGE] if PACKAGE in origin.resolve().parents else [PACKAGE, origin]


def content_hash(place: Path) -> str | None:
    """Return the hash of the sources in a place; None if there are none, as in a notebook."""
    if place == PACKAGE:
        files = [file for file in sorted(PACKAGE.rglob("*.py")) if _may_hold_kernels(file)]
    else:
        files = [place, *sorted(place.parent.glob("*.py"))]
    digest = hashlib.sha256()
    try:
        for file in files:
            content = file.read_bytes()
            name = file.relative_to(place if place == PACKAGE else place.parent).as_posix()
            digest.update(f"{name} {len(content)} ".encode() + content)
    except OSError:
        return None
    return digest.hexdigest()


def _may_hold_kernels(file: Path) -> bool:
    return file.relative_to(PACKAGE).parts[0] not in WITHOUT_KERNELS


first_hash = lru_cache(content_hash)
"""The hash of a place at its first import: code in memory that is older must not be cached."""
first_hash(PACKAGE)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that other processes see all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False)  # noqa: SIM115
    try:
        with draft:
            draft.write(content)
        os.replace(draft.name, path)
    except OSError:
        Path(draft.name).unlink()
        raise
