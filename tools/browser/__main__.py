"""Drive the site and the explorer in Chromium: ``python -m tools.browser``, after ``make docs``.

It needs the extra ``browser`` and Debian's package ``chromium``. Screenshots of the site, at two
widths, light and dark, and of the explorer, are written to build/browser, to be looked at. The run
fails if a page asks another machine for anything, is wider than its window or has an error, if the
explorer's picture is not that of `simulate`, if copied code does not run, or if a mistake is not
told.
"""

import os
import sys

from playwright.sync_api import sync_playwright  # pyright: ignore

from tests.support.paths import ROOT
from tools.browser.explorer import explored, explorer
from tools.browser.site import served, site
from tools.browser.watched import SHOTS, Watched

HTML = ROOT / "build" / "site" / "html"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def main() -> int:
    """Drive both; the exit code is 1 if anything is wrong."""
    if not HTML.is_dir():
        sys.exit(f"{HTML}: there is no site; run `make docs` first")
    SHOTS.mkdir(parents=True, exist_ok=True)
    watched = Watched()
    with sync_playwright() as playwright:
        options = {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}
        browser = playwright.chromium.launch(**options)
        with served(HTML) as base:
            site(browser, watched, base)
        with explored() as base:
            explorer(browser, watched, base)
        browser.close()
    print(f"{len(watched.problems)} problems; screenshots in {SHOTS}")
    return int(bool(watched.problems))


if __name__ == "__main__":
    sys.exit(main())
