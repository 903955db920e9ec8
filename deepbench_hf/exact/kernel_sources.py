"""The sources that a kernel is compiled from: its own file and all that it imports, by their text.

Numba compiles into a kernel the kernels and the constants that it names, wherever they were
defined. So its sources are the closure of its file under `import`: the imports are read from the
text (Python's `ast`), those that the package or the file's own folder can answer are followed, and
their files are named relative to the folder that `import` would look in. The same sources in two
places are the same, and a file that nobody imports is no source.

A package's `__init__.py` is a source of those who take a name from it, not of those who take a
module out of the package. The `__init__.py` at the top of this package holds no names of its own.
"""

import ast
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
NEXT_STATEMENT = re.compile(rb"\n(?=[A-Za-z_@])")


@dataclass(frozen=True)
class Source:
    """One file as it was when it was first asked for.

    Attributes:
        name: its path relative to the folder that `import` looks in.
        digest: SHA-256 of its bytes.
        identity: what the file system says of it; another after every edit.
        imports: the files that it imports, of the package and beside it.
    """

    name: str
    digest: str
    identity: tuple[int, ...]
    imports: frozenset[Path]


@cache
def origin_of(filename: str) -> Path:
    """Return the file that a function's code was read from."""
    return Path(filename).resolve()


@cache
def fingerprint(origin: Path) -> str:
    """Return the SHA-256 of a file's sources, as they were when each was first asked for.

    Raises:
        OSError: one of them cannot be read, or there is no file, as in a notebook.
    """
    sources = sorted((source(file).name, source(file).digest) for file in closure(origin))
    return hashlib.sha256(repr(sources).encode()).hexdigest()


def unchanged(origin: Path) -> bool:
    """Whether all sources of a file are still those of its `fingerprint`."""
    try:
        return all(identity(file) == source(file).identity for file in closure(origin))
    except OSError:
        return False


@cache
def closure(origin: Path) -> frozenset[Path]:
    """Return a file and the files that it imports, and those that they import, and so on."""
    seen, waiting = {origin}, [origin]
    while waiting:
        new = source(waiting.pop()).imports - seen
        seen |= new
        waiting += new
    return frozenset(seen)


@cache
def source(file: Path) -> Source:
    """Return what there is to know of a file."""
    before, text, home = identity(file), file.read_bytes(), home_of(file)
    imports = frozenset(imported_files(text, home, file.parent.relative_to(home).parts))
    name = file.relative_to(home).as_posix()
    return Source(name, hashlib.sha256(text).hexdigest(), before, imports)


def identity(file: Path) -> tuple[int, ...]:
    """Return times, size and number of a file: no edit leaves all of them as they were."""
    stat = os.stat(file)  # noqa: PTH116 (called for every source of every kernel)
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino


def home_of(file: Path) -> Path:
    """Return the folder of a file's topmost package, or its own folder if it is in none."""
    folder = PACKAGE if PACKAGE in file.parents else file.parent
    while (folder / "__init__.py").is_file():
        folder = folder.parent
    return folder


def imported_files(text: bytes, home: Path, package: tuple[str, ...]) -> Iterator[Path]:
    """Yield the files that a text imports.

    Args:
        text: the source text of a module.
        home: the folder that its absolute imports are looked for in.
        package: the names of the packages that the module is in, from the top.
    """
    for node in ast.walk(beginning(text)):
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            module = (*above, *(node.module or "").split(".")) if node.module else above
            found = module_file(home, package, module)
            for name in node.names:
                if found and found[0].name != "__init__.py":
                    yield found[0]
                else:
                    yield from module_file(home, package, (*module, name.name)) or found
        elif isinstance(node, ast.Import):
            for parts in (tuple(name.name.split(".")) for name in node.names):
                if parts[0] == PACKAGE.name:  # any module may be named by dots
                    yield from PACKAGE.rglob("*.py")
                for end in range(len(parts)):
                    yield from module_file(home, package, parts[: end + 1])


def beginning(text: bytes) -> ast.Module:
    """Parse a text as far as there can be imports: the rest takes nearly all of the time."""
    before, word, after = text.rpartition(b"import")
    try:
        return ast.parse(before + word + NEXT_STATEMENT.split(after, maxsplit=1)[0])
    except SyntaxError:  # cut within a statement
        return ast.parse(text)


@cache
def module_file(home: Path, package: tuple[str, ...], module: tuple[str, ...]) -> tuple[Path, ...]:
    """Return the file of a module, if the package has it or the importing file's own folder.

    A file in a package sees its own package only: what else lies beside that one is not its own.
    """
    ours = module[:1] == (PACKAGE.name,)
    if not module or not (ours or not package or module[0] == package[0]):
        return ()
    place = "/".join((str(PACKAGE.parent if ours else home), *module))
    for file in (f"{place}/__init__.py", f"{place}.py"):
        if os.path.isfile(file):  # noqa: PTH113 (a thousand times at the first import)
            return (Path(file),) if module != (PACKAGE.name,) else ()
    return ()
