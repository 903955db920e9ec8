"""Tables in HTML, for notebooks and the explorer; all text is escaped."""

from collections.abc import Iterable, Sequence
from html import escape


def table(heads: Iterable[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with a line of headings.

    >>> table(["name", "unit"], [("length", "m"), ("<x>", "")]).count("<tr>")
    3
    """
    head = "".join(f"<th>{escape(word)}</th>" for word in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def folded(title: str, heads: Iterable[str], rows: Sequence[Sequence[object]]) -> str:
    """A table that opens on a click, below how many rows of what it has."""
    summary = f"<summary>{len(rows)} {escape(title)}</summary>"
    return f"<details>{summary}{table(heads, rows)}</details>"
