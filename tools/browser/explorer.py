"""The explorer in a browser: sliders, views, tabs, what is copied, and what is told of mistakes."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import numpy as np
from playwright.sync_api import Browser, Page  # pyright: ignore

from deepbench_hf.cli.explorer import views
from deepbench_hf.cli.explorer.chosen import Values, chosen, parameters, row_of
from deepbench_hf.cli.explorer.controls import controls
from deepbench_hf.cli.explorer.play import pictured
from deepbench_hf.recipe.catalog import load_recipe
from deepbench_hf.rows.simulation import simulate
from tools.browser.moves import MOST_MS, MOVES, SHOWN, Moves, empty_event, is_busy, same_html, step
from tools.browser.watched import SHOTS, Watched

FIRST, ROW = "slider", "row whose"
CONFIGS = {
    "pendulum_noisy": FIRST,
    "shapes_noisy": FIRST,
    "galaxy_morphology": FIRST,
    "scinet_linear": FIRST,
    "lartpc_pair": ROW,  # a thousandth of the lifetime changes no colour
}
"""A series, a shape, a galaxy, numbers alone, and a scene; words of the slider that is moved."""
PICTURE = "#picture img, #picture svg"
QUICK = ("pendulum_noisy", "shapes_noisy")
"""Configs whose moves are to be felt at once."""


def explorer(browser: Browser, watched: Watched, base: str) -> None:
    """Move a slider of each config, and compare, copy and mistake things."""
    page = watched.page(browser)
    floor = empty_event(page)
    start = time.perf_counter()
    page.goto(base)
    page.wait_for_selector(PICTURE)
    busy = os.getloadavg()[0] / (os.cpu_count() or 1)
    print(f"first picture: {time.perf_counter() - start:.2f} s ({busy:.1f} programs a processor)")
    by_keys(page, watched)
    views_of(page, watched)
    for name, words in CONFIGS.items():
        choose(page, name)
        moved(page, watched, name, words, floor)
        page.screenshot(path=SHOTS / f"explorer_{name}.png")
    page.get_by_role("tab", name="Compare").click()
    page.wait_for_selector("#compared svg, #compared img")
    page.screenshot(path=SHOTS / "explorer_compare.png")
    page.get_by_role("tab", name="Docs").click()
    page.locator("#about").get_by_text("lifetime_ms").first.wait_for()
    page.screenshot(path=SHOTS / "explorer_docs.png")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="open in docs").click()
    found = opened.value.title()
    watched.check("lartpc_pair" in found, f"'open in docs' leads to {found!r}")
    opened.value.close()
    page.get_by_role("tab", name="Rows").click()
    page.locator("#row input").fill("100000000")
    page.locator("#row input").press("Enter")
    told = page.locator("#row_picture .problem").inner_text()
    watched.check("numbered from 0 to" in told, f"a row that is not there is told as {told!r}")
    own_recipe(page, watched)
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
        page.wait_for_selector(PICTURE)
        page.screenshot(path=SHOTS / f"explorer_{width}_{scheme}.png", full_page=width == 390)
        page.context.close()


def by_keys(page: Page, watched: Watched) -> None:
    """Reach the first slider by Tab alone and move it by an arrow; the other tabs, too."""
    focused = "document.activeElement.matches({!r})"
    for _ in range(40):
        if page.evaluate(focused.format("input[type=range]")):
            break
        page.keyboard.press("Tab")
    before = shown(page)
    page.keyboard.press("ArrowRight")
    changed(page, before)
    page.get_by_role("tab", name="Play").focus()
    page.keyboard.press("Tab")
    there = page.evaluate(focused.format("[role=tab]"))
    page.keyboard.press("Enter")
    visible = page.locator("#row input").is_visible()
    watched.check(there and visible, "keys alone do not lead from tab to tab")
    page.get_by_role("tab", name="Play").click()


def views_of(page: Page, watched: Watched) -> None:
    """The other views of a pendulum: derivatives, bounds and numbers, then the signal again."""
    for view, told in (
        ("derivatives", "derivative of x_m"),
        ("Cramer-Rao bounds", "least standard deviation"),
        ("numbers", "period_s"),
        ("signal", "clean (line) and observed"),
    ):
        before = shown(page)
        page.locator("#view").get_by_label(view).check()
        changed(page, before)
        found = page.locator("#picture").inner_html()
        watched.check(told in found, f"the view {view} shows {found[:80]!r}")


def own_recipe(page: Page, watched: Watched) -> None:
    """Explore the recipe that stands in the editor: its sliders have the ranges of it."""
    page.get_by_role("tab", name="Recipe").click()
    page.locator("#use").click()
    page.get_by_role("tab", name="Play").click()
    slider = page.locator("input[type=range][aria-label*='length [m]']").first
    slider.wait_for()
    step(page, slider)
    problems = page.locator("#picture .problem").count()
    watched.check(not problems, "a recipe of one's own is not drawn")


def choose(page: Page, name: str) -> None:
    """Take another config, with keys alone."""
    field = page.locator("#config input")
    if field.input_value() != name:
        before = shown(page)
        field.fill(name)
        field.press("Enter")
        changed(page, before)


def shown(page: Page) -> str:
    """The pictures and tables of the view, without the marks of what is under way."""
    return page.evaluate(SHOWN)


def changed(page: Page, before: str) -> float:
    """Wait until the picture is another one; the seconds that it took."""
    start = time.perf_counter()
    page.wait_for_function(
        f"before => {{ const now = {SHOWN}; return now && now != before }}", arg=before
    )
    return time.perf_counter() - start


def moved(page: Page, watched: Watched, name: str, words: str, floor: Moves) -> None:
    """Move a slider; hold every picture against the library's own rows, and the copied code."""
    page.wait_for_timeout(1500)
    recipe = load_recipe(name)
    split = next(iter(recipe.splits))
    known = {control: control.value for control in controls(recipe, split)}
    slider = page.locator(f"input[type=range][aria-label*='{words}']").first
    first = next((control for control in known if control.is_slider), None)
    times, output = [], next(iter(views.outputs(recipe)), None)
    for _ in range(MOVES):
        times.append(step(page, slider))
        stands = float(slider.input_value())
        values, index = (known, int(stands)) if words == ROW else ({**known, first: stands}, 0)
        own = chosen(recipe, split, values)
        row = row_of(own, split, index)
        same = same_html(page, pictured(own, row, output))
        watched.check(same, f"{name}: the picture is not that of {values} and row {index}")
        page.wait_for_timeout(200)
    moves = Moves(times)
    print(f"{name}: a move takes {moves}; an empty event {floor}")
    if name in QUICK and not is_busy():
        watched.check(moves.median <= MOST_MS, f"{name}: a move takes more than {MOST_MS} ms")
    copied(page, watched, name, index, values)


def copied(page: Page, watched: Watched, name: str, index: int, values: Values) -> None:
    """Run the code that is copied: its clean output is that of `simulate` and of the picture."""
    page.locator("#python summary").click()
    page.locator("#python").get_by_text("import deepbench_hf").wait_for()
    page.locator("#python").get_by_role("button", name="Copy").click()
    page.wait_for_timeout(300)
    code = page.evaluate("navigator.clipboard.readText()")
    page.locator("#python summary").click()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        scope: dict = {}
        exec(code, scope)
        watched.check("rows" in scope, f"{name}: copied code makes no rows")
        recipe = load_recipe("my.yaml")
        # The noise of a config has streams of its name; the explorer shows that of the config.
        recipe = recipe.model_copy(update={"noise_stream": name})
        split = next(iter(recipe.splits))
        row = row_of(recipe, split, index)
    expected = next(iter(views.outputs(recipe)), None)
    if expected:
        same = same_html(page, views.row_html(recipe, row, expected))
        watched.check(same, f"{name}: the picture is not that of the copied recipe")
    shipped = load_recipe(name)
    for output, clean in scope.get("clean", {}).items():
        column = recipe.plan(split).clean[output]
        watched.check(np.array_equal(clean, row[column][0]), f"{name}: {output} is not simulate's")
        told = simulate(shipped, **parameters(shipped, values))[output]
        watched.check(np.array_equal(clean, told), f"{name}: {output} is not of the sliders")


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
