"""Pages of a browser that are watched: what they ask for, and what goes wrong in them."""

import re

from playwright.sync_api import Browser, Page  # pyright: ignore

from tests.support.paths import ROOT

SHOTS = ROOT / "build" / "browser"
"""Where screenshots go."""
HERE = re.compile(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:")
PATIENCE_MS = 90_000


class Watched:
    """What went wrong in the pages of a browser."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def page(self, browser: Browser, width: int = 1280, scheme: str = "light") -> Page:
        """A new page, watched."""
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.on("request", lambda r: self.check(HERE.match(r.url), f"asks {r.url}"))
        page.on("pageerror", lambda error: self.check(False, f"error in the page: {error}"))
        return page

    def check(self, good: object, problem: str) -> None:
        """Note a problem where something is not good."""
        if not good:
            self.problems.append(problem)
            print(f"PROBLEM: {problem}", flush=True)
