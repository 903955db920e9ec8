"""The errors that this package raises on purpose."""

from collections.abc import Iterable
from difflib import get_close_matches


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
    """A build that could not be finished; nothing of it is left visible."""


class HubError(RuntimeError):
    """The Hub could not be asked, refused, or holds something else than it should."""


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Half a sentence for an unknown word: the nearest known one, and all that are accepted.

    >>> did_you_mean("hihg", ["low", "high"])
    "did you mean 'high'? accepted: low, high"
    """
    known = [str(name) for name in known]
    near = get_close_matches(str(word), known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}accepted: {', '.join(known) if known else 'nothing'}"
