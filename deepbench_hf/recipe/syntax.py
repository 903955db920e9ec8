"""What the YAML parser says of text that it cannot read, in one line with its place."""

from typing import Any

TABS = "a tab stands where YAML wants spaces; indent with spaces"
COLON = "mapping values are not allowed"
QUOTES = "; put a text that holds a colon in quotes"


def one_line(error: Exception, text: str) -> str:
    """The problem with a text that is no YAML, and where it is.

    Args:
        error: what the parser raised.
        text: the text that it read.
    """
    mark = getattr(error, "problem_mark", None)
    if mark is not None and _is_tab(text, mark):
        return TABS + at(mark)
    problem = " ".join((getattr(error, "problem", None) or str(error)).split())
    problem += QUOTES if problem.startswith(COLON) else ""
    begun = getattr(error, "context_mark", None)
    if mark is not None and begun is not None and begun.line != mark.line:
        problem += f" for what begins in line {begun.line + 1}"
    return problem + at(mark)


def at(mark: Any) -> str:
    """The place that a mark of the parser names; empty without one."""
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""


def _is_tab(text: str, mark: Any) -> bool:
    lines = text.splitlines()
    return mark.line < len(lines) and lines[mark.line][mark.column : mark.column + 1] == "\t"
