"""Check the links of the built site: ``problems`` opens every page.

A link within the site leads to a file that is there, and to a heading of it that is there. Of a
link to another site only the form is checked, as pages are built without a network: its address,
and the numbers of arXiv and of a DOI.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

OUTSIDE = re.compile(r"https://[\w-]+(\.[\w-]+)+(:\d+)?(/[^\s<>\"]*)?(#\S*)?")
NUMBERS = {
    "arxiv.org": re.compile(r"/(abs|pdf)/(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?"),
    "doi.org": re.compile(r"/10\.\d{4,9}/\S+"),
}
"""The path of an address, by the site whose addresses are numbers."""


class Page(HTMLParser):
    """The places of a page that links can lead to, and the links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag says of itself and of others."""
        for name, value in attrs:
            if name in ("id", "name") and value:
                self.places.add(value)
            elif name in ("href", "src") and value:
                self.links.append(value)
            elif name == "style" and value:
                self.links += re.findall(r"url\(([^)]+)\)", value)


def problems(folder: Path) -> list[str]:
    """What is wrong with the links of a site, a line for each."""
    pages = {file: Page(file.read_text("utf-8")) for file in sorted(folder.rglob("*.html"))}
    found = [
        f"{file.relative_to(folder)}: {link}: {problem}"
        for file, page in pages.items()
        for link in dict.fromkeys(page.links)
        for problem in _wrong(file, link, pages)
    ]
    outside = {link for page in pages.values() for link in page.links if "://" in link}
    print(f"{len(pages)} pages; of {len(outside)} addresses elsewhere the form alone is checked")
    return found


def _wrong(file: Path, link: str, pages: dict[Path, Page]) -> Iterator[str]:
    parts = urlsplit(link)
    if parts.scheme in ("data", "mailto"):
        return
    if parts.scheme or parts.netloc:
        number = NUMBERS.get(parts.netloc)
        if not OUTSIDE.fullmatch(link):
            yield "is no https address"
        elif number and not number.fullmatch(unquote(parts.path)):
            yield f"is no number of {parts.netloc}"
        return
    target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
    target = target / "index.html" if target.is_dir() else target
    if not target.is_file():
        yield "leads nowhere"
    elif parts.fragment and unquote(parts.fragment) not in pages[target].places:
        yield "leads to no heading"
