"""Drive the site and the explorer in Chromium: ``python -m tools.browser``, after ``make docs``.

It needs the extra ``browser`` and Debian's package ``chromium``. Screenshots of the site, at two
widths, light and dark, and of the explorer, are written to build/browser, to be looked at. The run
fails if a page asks another machine for anything, is wider than its window or has an error, if the
explorer's picture is not that of `simulate`, if copied code does not run, or if a mistake is not
told.
"""

import base64
import contextlib
import functools
import http.server
import io
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright  # pyright: ignore

from deepbench_hf.cli.explorer import views
from deepbench_hf.cli.explorer.chosen import row_of
from deepbench_hf.recipe.catalog import load_recipe
from tests.support.paths import ROOT

HTML, SHOTS = ROOT / "build" / "site" / "html", ROOT / "build" / "browser"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PAGES = (
    *("index.html", "choose.html", "configs/pendulum_noisy.html", "families/sky.html"),
    *("api/deepbench_hf.html", "gallery.html", "search.html?q=pendulum"),
)
WIDTHS, SCHEMES = (1280, 390), ("light", "dark")
CONFIGS = ("pendulum_noisy", "shapes_noisy", "galaxy_morphology", "scinet_linear", "lartpc_pair")
"""A series, a shape, a galaxy, numbers alone, and a scene of several images."""

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


def explorer(browser: Browser, watched: Watched, base: str) -> None:
    """Move a slider of each config, and compare, copy and mistake things."""
    page = watched.page(browser)
    start = time.perf_counter()
    page.goto(base)
    page.wait_for_selector("#picture img")
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    print(f"first picture: {time.perf_counter() - start:.2f} s ({busy:.1f} programs a processor)")
    by_keys(page, watched)
    views_of(page, watched)
    for name in CONFIGS:
        choose(page, name)
        moved(page, watched, name)
        page.screenshot(path=SHOTS / f"explorer_{name}.png")
    page.get_by_role("tab", name="Compare").click()
    page.wait_for_selector("#compared img")
    page.screenshot(path=SHOTS / "explorer_compare.png")
    page.get_by_role("tab", name="Docs").click()
    told = page.locator("#about").inner_text()
    watched.check("lifetime_ms" in told, f"the docs of the last config say {told[:80]!r}")
    page.screenshot(path=SHOTS / "explorer_docs.png")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="open in docs").click()
    found = opened.value.title()
    watched.check(CONFIGS[-1] in found, f"'open in docs' leads to {found!r}")
    opened.value.close()
    page.get_by_role("tab", name="Rows").click()
    page.locator("#row input").fill("100000000")
    page.locator("#row input").press("Enter")
    told = page.locator("#row_picture .problem").inner_text()
    watched.check("it has rows 0 to" in told, f"a row that is not there is told as {told!r}")
    page.get_by_role("tab", name="Recipe").click()
    page.locator("#editor .cm-content").fill("extends: pendulum\nversion: 1\nseeed: 3\n")
    page.locator("#use").click()
    told = page.locator("#problem .problem").inner_text()
    watched.check("write 1.0.0" in told and "seed" in told, f"mistakes are told as {told!r}")
    page.screenshot(path=SHOTS / "explorer_mistake.png")
    page.context.close()
    for width, scheme in ((390, "light"), (390, "dark"), (1280, "dark")):
        page = watched.page(browser, width, scheme)
        page.goto(base)
        page.wait_for_selector("#picture img")
        page.screenshot(path=SHOTS / f"explorer_{width}_{scheme}.png", full_page=width == 390)
        page.context.close()


def by_keys(page: Page, watched: Watched) -> None:
    """Reach the first slider by Tab alone and move it by an arrow; the other tabs, too."""
    focused = "document.activeElement.matches({!r})"
    for _ in range(40):
        if page.evaluate(focused.format("input[type=range]")):
            break
        page.keyboard.press("Tab")
    before = page.locator("#picture").inner_html()
    page.keyboard.press("ArrowRight")
    changed(page, before)
    page.get_by_role("tab", name="Play").focus()
    page.keyboard.press("Tab")
    there = page.evaluate(focused.format("[role=tab]"))
    page.keyboard.press("Enter")
    shown = page.locator("#row input").is_visible()
    watched.check(there and shown, "keys alone do not lead from tab to tab")
    page.get_by_role("tab", name="Play").click()


def views_of(page: Page, watched: Watched) -> None:
    """The other views of a pendulum: derivatives, bounds and numbers, then the signal again."""
    for view, told in (
        ("derivatives", "derivatives of x_m"),
        ("Cramer-Rao bounds", "least standard deviation"),
        ("numbers", "period_s"),
        ("signal", "x_m of pendulum_noisy"),
    ):
        before = page.locator("#picture").inner_html()
        page.locator("#view").get_by_label(view).check()
        changed(page, before)
        shown = page.locator("#picture").inner_html()
        watched.check(told in shown, f"the view {view} shows {shown[:80]!r}")


def choose(page: Page, name: str) -> None:
    """Take another config, with keys alone."""
    field = page.locator("#config input")
    if field.input_value() != name:
        before = page.locator("#picture").inner_html()
        field.fill(name)
        field.press("Enter")
        changed(page, before)


def changed(page: Page, before: str) -> float:
    """Wait until the picture is another one; the seconds that it took."""
    start = time.perf_counter()
    js = "b => { const p = document.querySelector('#picture'); return p && p.innerHTML != b }"
    page.wait_for_function(js, arg=before)
    return time.perf_counter() - start


def moved(page: Page, watched: Watched, name: str) -> None:
    """Move the first slider by a key, and hold the picture against the library's own rows."""
    page.wait_for_timeout(1500)
    times = []
    slider = page.locator("input[type=range]").first
    key = "ArrowLeft" if slider.evaluate("e => e.value == e.max") else "ArrowRight"
    for _ in range(4):
        before = page.locator("#picture").inner_html()
        slider.press(key)
        times.append(changed(page, before))
    page.wait_for_timeout(1500)
    print(f"{name}: a move takes {1000 * min(times):.0f} to {1000 * max(times):.0f} ms")
    page.get_by_role("button", name="copy as Python").click()
    page.locator("#python").get_by_role("button", name="Copy").click()
    page.wait_for_timeout(300)
    code = page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="copy as Python").click()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        scope: dict = {}
        exec(code, scope)
        watched.check("rows" in scope, f"{name}: copied code makes no rows")
        recipe = load_recipe("my.yaml")
        # The noise of a config has streams of its name; the explorer shows that of the config.
        recipe = recipe.model_copy(update={"noise_stream": name})
        split = next(iter(recipe.splits))
        row = row_of(recipe, split, 0)
    shown, expected = page.locator("#picture").inner_html(), views.outputs(recipe)
    if expected:
        same = pictures(views.row_html(recipe, row, expected[0])) == pictures(shown)
        watched.check(same, f"{name}: the picture is not that of the copied recipe")
    for output, clean in scope.get("clean", {}).items():
        column = recipe.plan(split).clean[output]
        watched.check(np.array_equal(clean, row[column][0]), f"{name}: {output} is not simulate's")


def pictures(html: str) -> list[bytes]:
    """The pixels of the pictures in a page."""
    found = re.findall(r"data:image/png;base64,([^\"]+)", html)
    return [Image.open(io.BytesIO(base64.b64decode(data))).tobytes() for data in found]


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


@contextlib.contextmanager
def explored() -> Iterator[str]:
    """The explorer, as its command serves it."""
    words = [sys.executable, "-u", "-m", "deepbench_hf", "explore", "--no-browser"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = (re.search(r"http://127\.0\.0\.1:\d+", line) for line in process.stdout)
            yield next(found[0] for found in lines if found)
        finally:
            process.kill()


def main() -> int:
    """Drive both; the exit code is 1 if anything is wrong."""
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
