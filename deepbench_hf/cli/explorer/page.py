"""The page itself, in Gradio: play with a recipe, browse its rows, compare splits, edit it."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # no request leaves the machine
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr  # pyright: ignore[reportMissingImports] - an extra
from starlette.middleware import Middleware  # pyright: ignore[reportMissingImports]
from starlette.routing import Mount  # pyright: ignore[reportMissingImports]
from starlette.staticfiles import StaticFiles  # pyright: ignore[reportMissingImports]

from deepbench_hf.cli.explorer import docs, views
from deepbench_hf.cli.explorer.chosen import recipe_of, row_of
from deepbench_hf.cli.explorer.play import pictured, play, told
from deepbench_hf.fields import Columns
from deepbench_hf.figures.distributions import draw_distributions, varied
from deepbench_hf.markup import table
from deepbench_hf.recipe.catalog import list_recipes
from deepbench_hf.recipe.recipe import Recipe

EXAMPLE = """extends: pendulum_noisy
version: 1.0.0
priors:
  length_m: {kind: uniform, low: 1, high: 2}
"""
DELIMITERS: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]
WIDE: dict[str, Any] = {"interactive": True, "min_width": 300}
"""Of choices with long names: in a narrow window each has a line of its own."""
WIDE_INCHES = 9.6
FONTS = ["system-ui", "sans-serif"]
THEME = gr.themes.Default(  # pyright: ignore[reportPrivateImportUsage]
    font=FONTS, font_mono=["ui-monospace", "monospace"]
)
CSS = Path(__file__).with_name("page.css").read_text("utf-8")
HEAD = "<meta name='referrer' content='no-referrer'>"
SECURITY = (
    "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; "
    "connect-src 'self' ws: wss: data: blob:"
)
"""What a browser may ask for: this server alone."""


def page(name: str = "pendulum_noisy") -> gr.Blocks:
    """The explorer, beginning with a config.

    Args:
        name: of a shipped config, or the text of a recipe.
    """
    with gr.Blocks(title="deepbench_hf explorer", analytics_enabled=False) as blocks:
        gr.Markdown(
            "# deepbench_hf explorer\nMove a slider: the picture is the model's own answer."
        )
        source, place = gr.State(name), gr.State()
        with gr.Row():
            config = gr.Dropdown(
                list_recipes(), value=name if name in list_recipes() else None,
                label="config", elem_id="config", interactive=True,
            )  # fmt: skip
            # Radios: a dropdown of Gradio 6 fails when it gets fewer choices than it had.
            split = gr.Radio(label="split", elem_id="split", choices=[], **WIDE)
        about, docs_link = gr.Markdown(), gr.HTML(elem_id="docs")
        with gr.Tab("Play"):
            play(place)
        with gr.Tab("Rows"):
            _rows(place)
        with gr.Tab("Compare"):
            one, other = _compare(source)
        with gr.Tab("Recipe"):
            _editor(source)
        with gr.Tab("Docs"):
            told_of = gr.Markdown(latex_delimiters=DELIMITERS, elem_id="about")
        config.input(lambda chosen_name: chosen_name, config, source, show_progress="hidden")
        for trigger in (blocks.load, source.change):
            shown = [place, split, one, other, about, docs_link, told_of]
            trigger(_opened, source, shown, show_progress="hidden")
        split.input(lambda *chosen_place: chosen_place, [source, split], place)
    return blocks


def launch(
    name: str = "pendulum_noisy", port: int | None = None, open_browser: bool = True
) -> None:
    """Serve the explorer to this machine alone until it is interrupted.

    Args:
        name: of a config, or the text of a recipe.
        port: of the server; None for the first free one from 7860.
        open_browser: whether a browser is opened.
    """
    server: dict[str, Any] = {"server_name": "127.0.0.1", "server_port": port}
    page(name).launch(inbrowser=open_browser, **server, **APPEARANCE)


class OnlyHere:
    """Tells the browser with every page to ask no other server (ASGI middleware)."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve a request with the header."""

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                header = (b"content-security-policy", SECURITY.encode())
                message = {**message, "headers": [*message["headers"], header]}
            await send(message)

        await self.app(scope, receive, guarded)


SITE = docs.built_site()

APPEARANCE: dict[str, Any] = {
    "theme": THEME,
    "css": CSS,
    "head": HEAD,
    "footer_links": [],
    "app_kwargs": {
        "middleware": [Middleware(OnlyHere)],
        "routes": [Mount(docs.PLACE, StaticFiles(directory=SITE, html=True))] if SITE else [],
    },
}
"""How the page is launched."""


def _opened(source: str) -> tuple[Any, ...]:
    """The place, the splits to choose from, and what is said of the recipe."""
    recipe = recipe_of(source)
    names = list(recipe.splits)
    starts = (names[0], names[0], names[-1])
    updates = (gr.update(choices=names, value=name) for name in starts)
    address = docs.page_of(source)
    link = f'<a href="{address}" target="_blank">open in docs</a>' if address else ""
    return (source, names[0]), *updates, recipe.description, link, docs.about(recipe)


def _rows(place: gr.State) -> None:
    index = gr.Number(0, label="row", precision=0, elem_id="row", interactive=True)
    shown = gr.HTML(elem_classes="view", elem_id="row_picture")

    def show_row(where: tuple[str, str], number: float) -> str:
        recipe, split_name = recipe_of(where[0]), where[1]
        row = row_of(recipe, split_name, int(number or 0))
        heads = ("column", "value", "unit", "meaning")
        return "".join([*_all_pictures(recipe, row), table(heads, views.numbers(recipe, row))])

    for trigger in (index.change, place.change):
        trigger(told(show_row), [place, index], shown, show_progress="hidden")


def _all_pictures(recipe: Recipe, row: Columns) -> list[str]:
    return [pictured(recipe, row, output) for output in views.outputs(recipe)]


def _compare(source: gr.State) -> tuple[gr.Radio, gr.Radio]:
    with gr.Row():
        one = gr.Radio(label="split A", choices=[], **WIDE)
        other = gr.Radio(label="split B", choices=[], **WIDE)
        index = gr.Number(0, label="row", precision=0, interactive=True)
    shown = gr.HTML(elem_classes="view", elem_id="compared")

    def compared(text: str, a: str, b: str, number: float) -> str:
        recipe, parts = recipe_of(text), []
        for name in (a, b):
            row = row_of(recipe, name, int(number or 0))
            parts += [
                f"<h3>{escape(name)}, row {int(number or 0)}</h3>",
                *_all_pictures(recipe, row),
            ]
        both = recipe.model_copy(update={"splits": {name: recipe.splits[name] for name in (a, b)}})
        if varied(both):
            words = f"distributions of {a} and {b}"
            parts.append(views.picture(draw_distributions(both, WIDE_INCHES), words))
        return "".join(parts)

    for part in (one, other, index):
        part.change(told(compared), [source, one, other, index], shown, show_progress="hidden")
    return one, other


def _editor(source: gr.State) -> None:
    gr.Markdown("A recipe of your own: mistakes are told below, each with its place.")
    text = gr.Code(
        EXAMPLE,
        language="yaml", elem_id="editor", interactive=True, label="my.yaml",
    )  # fmt: skip
    button = gr.Button("Explore this recipe", variant="primary", elem_id="use")
    problem = gr.HTML(elem_id="problem")

    def use(written: str) -> tuple[Any, str]:
        try:
            recipe_of(written)
        except ValueError as error:
            return gr.skip(), f'<div class="problem" role="alert">{escape(str(error))}</div>'
        return written, "It is valid: see the other tabs."

    button.click(use, text, [source, problem], show_progress="hidden")
