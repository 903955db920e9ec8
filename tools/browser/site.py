"""The site in a browser: screenshots at two widths, light and dark, and the search."""

import contextlib
import functools
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser  # pyright: ignore

from tools.browser.watched import SHOTS, Watched

PAGES = (
    *("index.html", "choose.html", "configs/pendulum_noisy.html", "families/sky.html"),
    *("api/deepbench_hf.html", "gallery.html", "physics.html", "search.html?q=pendulum"),
)
WIDTHS, SCHEMES = (1280, 390), ("light", "dark")


def site(browser: Browser, watched: Watched, base: str) -> None:
    """Screenshots of the site."""
    for width in WIDTHS:
        for scheme in SCHEMES:
            page = watched.page(browser, width, scheme)
            for name in PAGES:
                page.goto(base + name)
                page.wait_for_timeout(1000)
                wide = page.evaluate("document.documentElement.scrollWidth")
                watched.check(wide <= width, f"{name}: {wide} wide in a window of {width}")
                stem = re.sub(r"\W+", "_", name.split(".html")[0])
                page.screenshot(path=SHOTS / f"{stem}_{width}_{scheme}.png")
            found = page.locator("#search-results li").count()
            watched.check(found > 3, f"search finds {found} pages on pendulums")
            page.context.close()


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """The files of a folder, on this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words: object) -> None:
            """Nothing."""

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
