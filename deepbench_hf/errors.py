"""The errors that this package raises on purpose."""

from collections.abc import Iterable
from difflib import get_close_matches
from operator import index
from pathlib import Path
from typing import Any
from unicodedata import category


class RecipeError(ValueError):
    """A recipe that cannot be used: every problem, one per line, each with its place.

    Args:
        source: name or path of the recipe.
        problems: one sentence each.
    """

    def __init__(self, source: str, problems: Iterable[str]) -> None:
        self.source = source
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{source}: {problem}" for problem in self.problems))

    def __reduce__(self) -> tuple[type, tuple]:
        return type(self), (self.source, self.problems)


class BuildError(RuntimeError):
    """A build that could not be finished; its message says what of it can be seen."""


class HubError(RuntimeError):
    """The Hub could not be asked, refused, or holds something else than it should."""


MOST_LISTED = 12
"""Accepted words that a message lists; of more it names the nearest only."""


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Half a sentence for an unknown word: the nearest known ones, and all if they are few.

    >>> did_you_mean("hihg", ["low", "high"])
    "did you mean 'high'? accepted: low, high"
    >>> did_you_mean("rwo7", [f"row{n}" for n in range(100)])
    "did you mean 'row7' or 'row97' or 'row87'?"
    >>> did_you_mean("x_obs", ["x_observed_m", *(f"row{n}" for n in range(100))])
    "did you mean 'x_observed_m'?"
    """
    known = [str(name) for name in known]
    word = word if isinstance(word, str) else short(word)
    lower = {name.lower(): name for name in known}
    most = 1 if len(known) <= MOST_LISTED else 3
    near = get_close_matches(word.lower(), lower, n=most)
    if not near and word:  # only the beginning of a long name is far from it in letters
        near = [name for name in lower if name.startswith(word.lower())][:most]
    near = [lower[name] for name in near]
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else ""
    if len(known) <= MOST_LISTED:
        return f"{hint} accepted: {', '.join(known) or 'nothing'}".lstrip()
    return hint or f"there are {len(known)}, such as {known[0]!r}"


def short(value: object) -> str:
    """What was got, for a message: its beginning, where it is long.

    >>> short("a" * 100)
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa..."
    """
    try:
        text = repr(value)
    except ValueError:  # Python does not print whole numbers of thousands of digits
        text = f"{type(value).__name__} of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def first_line(error: BaseException) -> str:
    """The first line of what an error says that is not blank; its name if there is none."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def refuse_missing_folder(place: str | Path) -> None:
    """Refuse a place that is no folder, or has no revisions, and cannot be a repository.

    Raises:
        HubError: it is written as a path, or has no owner.
    """
    is_path = isinstance(place, Path) or place.startswith((".", "/", "~"))
    if Path(place).is_dir() and (is_path or "/" not in str(place)):
        raise HubError(f"{place}: a folder has no revisions; leave the revision out")
    if is_path:
        raise HubError(f"{place}: there is no such folder")
    if "/" not in str(place):
        raise HubError(f"{place}: there is no such folder here, and a repository is user/name")


def whole(name: str, value: Any) -> int:
    """A whole number, of Python or NumPy.

    Raises:
        TypeError: it is something else, such as 10.0.
    """
    try:
        return index(value)
    except TypeError:
        raise TypeError(f"{name}: must be a whole number; got {short(value)}") from None


def beyond(split: str, size: int, wanted: str) -> str:
    """The message for rows that a split does not have."""
    known = f"{split} has {size} rows, numbered from 0 to {size - 1}"
    return f"{known}; got {wanted}; num_examples={{{split!r}: N}} makes another number of them"


def reach(low: float, high: float, unit: str = "1") -> str:
    """What values reach, for a message that goes on with the limits.

    >>> reach(-1.0, -1.0, "m"), reach(0.0, 4.0, "rad"), reach(0.0, 2.0)
    ('is -1 m', 'reaches [0, 4] rad', 'reaches [0, 2]')
    """
    got = f"is {low:g}" if low == high else f"reaches [{low:g}, {high:g}]"
    return got if unit == "1" else f"{got} {unit}"


def install_command(release: str = "") -> str:
    """How to install this package: the one place that says it.

    The package is in no registry yet: the address is that of ``[project.urls]`` in
    ``pyproject.toml``, ``Repository``; without one it is installed from a copy of its source.

    Args:
        release: a version; the newest one unless given.
    """
    if address := project_address("repository"):
        return f"pip install git+{address}" + (f"@v{release}" if release else "")
    return "pip install .  # in a copy of the source of deepbench_hf" + f" {release}".rstrip()


def project_address(label: str) -> str | None:
    """An address of ``[project.urls]`` in ``pyproject.toml``, if it is there."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        urls = metadata("deepbench-hf").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    named = dict(url.split(", ", 1) for url in urls)
    return next((url for name, url in named.items() if name.lower() == label), None)


def printable(text: str) -> str:
    r"""Text with what could steer a terminal escaped; newlines and tabs stay.

    >>> print(printable("a\x1b[31m"))
    a\x1b[31m
    """
    unseen = ("Cc", "Cf", "Cs", "Zl", "Zp")
    keep = {"\n", "\t"}
    return "".join(
        c.encode("unicode_escape").decode() if category(c) in unseen and c not in keep else c
        for c in text
    )
