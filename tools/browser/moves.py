"""How long a move takes: from a slider's event until the new picture is painted."""

import contextlib
import json
import os
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

import gradio as gr  # pyright: ignore
from playwright.sync_api import Locator, Page  # pyright: ignore

from deepbench_hf.cli.explorer.page import APPEARANCE

MOVES = 12
MOST_MS = 100
"""Of a move of a pendulum or a shape, where the machine does nothing else."""
SHOWN = """[...document.querySelectorAll(
    '#picture img, #picture svg, #picture table, #picture .problem')]
    .map(e => e.src || e.outerHTML).join(' ')"""
"""The pictures and tables of the view, without the marks of what is under way."""
WATCH = f"""slider => {{
  const shown = () => {SHOWN}, before = shown(), out = document.querySelector('#picture');
  window.move = new Promise(done => {{
    let start;
    slider.addEventListener('input', e => start = e.timeStamp, {{once: true, capture: true}});
    const seen = new MutationObserver(async () => {{
      const now = shown();
      if (start === undefined || !now || now === before) return;
      seen.disconnect();
      await Promise.all([...out.querySelectorAll('img')].map(image => image.decode()));
      requestAnimationFrame(() => done(performance.now() - start));
    }});
    seen.observe(out, {{subtree: true, childList: true, attributes: true, characterData: true}});
  }});
}}"""
"""Begin to wait for the next move: its time is that of the event which the browser gives."""


@dataclass(frozen=True)
class Moves:
    """The times of some moves, in milliseconds."""

    times: list[float]

    @property
    def median(self) -> float:
        """Of the moves."""
        return statistics.median(self.times)

    def __str__(self) -> str:
        return f"{self.median:.0f} ms ({min(self.times):.0f} to {max(self.times):.0f})"


def step(page: Page, slider: Locator) -> float:
    """Move a slider by an arrow; the milliseconds until its new picture is there."""
    slider.evaluate(WATCH)
    is_last = slider.evaluate("e => e.value == e.max")
    slider.press("ArrowLeft" if is_last else "ArrowRight")
    return page.evaluate("window.move")


def empty_event(page: Page) -> Moves:
    """The moves of a slider whose event does nothing but write its value."""
    with _empty() as base:
        page.goto(base)
        slider = page.locator("input[type=range]")
        slider.wait_for()
        page.wait_for_timeout(1500)
        return Moves([step(page, slider) for _ in range(MOVES)])


def is_busy() -> bool:
    """Whether other programs use the processors that the browser and the server need."""
    return os.getloadavg()[0] > 0.75 * (os.cpu_count() or 1)


def same_html(page: Page, expected: str) -> bool:
    """Whether the view holds exactly this HTML, both as the browser reads it."""
    return page.evaluate(
        "html => { const part = document.createElement('div'); part.innerHTML = html;"
        " return document.querySelector('#picture').innerHTML.includes(part.innerHTML) }",
        expected,
    )


@contextlib.contextmanager
def _empty() -> Iterator[str]:
    with gr.Blocks(analytics_enabled=False) as blocks:
        slider = gr.Slider(0, 1000, 500, step=1)
        shown = gr.HTML(elem_id="picture")
        slider.change(
            lambda value: f"<table><tbody><tr><td>{json.dumps(value)}</td></tr></tbody></table>",
            slider, shown, queue=False, show_progress="hidden", trigger_mode="always_last",
        )  # fmt: skip
    here = {"prevent_thread_lock": True, "server_name": "127.0.0.1", "quiet": True}
    _, base, _ = blocks.launch(**here, **APPEARANCE)
    try:
        yield base
    finally:
        blocks.close(verbose=False)
