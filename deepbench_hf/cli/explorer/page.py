"""The page itself, in Gradio: play with a recipe, browse its rows, compare splits, edit it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any, Literal

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # no request leaves the machine
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr  # pyright: ignore[reportMissingImports] - an extra
import numpy as np
from starlette.middleware import Middleware  # pyright: ignore[reportMissingImports]

from deepbench_hf.cli.explorer import views
from deepbench_hf.cli.explorer.chosen import (
    as_python,
    as_yaml,
    chosen,
    parameters,
    recipe_of,
    row_of,
)
from deepbench_hf.cli.explorer.controls import Control, controls
from deepbench_hf.fields import Columns
from deepbench_hf.figures.distributions import draw_distributions, varied
from deepbench_hf.priors import Constant
from deepbench_hf.recipe.catalog import list_recipes
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.simulation import simulate
from deepbench_hf.simulators.base import objects_of, sensitive

SIGNAL, DERIVATIVES, BOUNDS, NUMBERS = "signal", "derivatives", "Cramer-Rao bounds", "numbers"
NO_NOISE = "no noise"
SWEPT, POINTS = 4, 65
"""Parameters that outputs of one number are drawn over, and values of each."""

EXAMPLE = """extends: pendulum_noisy
version: 1.0.0
priors:
  length_m: {kind: uniform, low: 1, high: 2}
"""
FONTS = ["system-ui", "sans-serif"]
THEME = gr.themes.Default(  # pyright: ignore[reportPrivateImportUsage]
    font=FONTS, font_mono=["ui-monospace", "monospace"]
)
CSS = """
.gradio-container { max-width: 1240px !important; margin: auto; }
.view img { width: 100%; max-width: 960px; background: #fff; border-radius: 4px; }
.view .images { display: flex; flex-wrap: wrap; gap: 12px; }
.view .images figure { margin: 0; flex: 1 1 200px; max-width: 420px; }
.view .images img { image-rendering: pixelated; }
.view figcaption { font-size: 0.8rem; }
.view table { font-size: 0.85rem; border-collapse: collapse; display: block; overflow-x: auto; }
.view td, .view th { padding: 2px 12px 2px 0; text-align: left; }
.problem { color: #b00020; white-space: pre-wrap; font-weight: 600; }
.dark .problem { color: #ff8a80; }
"""
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
            split = gr.Dropdown(label="split", elem_id="split", choices=[], interactive=True)
        about = gr.Markdown()
        with gr.Tab("Play"):
            _play(place)
        with gr.Tab("Rows"):
            _rows(place)
        with gr.Tab("Compare"):
            one, other = _compare(source)
        with gr.Tab("Recipe"):
            _editor(source)
        config.input(lambda chosen_name: chosen_name, config, source, show_progress="hidden")
        for trigger in (blocks.load, source.change):
            trigger(_opened, source, [place, split, one, other, about], show_progress="hidden")
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


APPEARANCE: dict[str, Any] = {
    "theme": THEME,
    "css": CSS,
    "head": HEAD,
    "footer_links": [],
    "app_kwargs": {"middleware": [Middleware(OnlyHere)]},
}
"""How the page is launched."""


def _opened(source: str) -> tuple[Any, ...]:
    """The place, the splits to choose from, and what the recipe says of itself."""
    recipe = recipe_of(source)
    names = list(recipe.splits)
    starts = (names[0], names[0], names[-1])
    updates = (gr.update(choices=names, value=name) for name in starts)
    return (source, names[0]), *updates, recipe.description


def _play(place: gr.State) -> None:
    @gr.render(place, [place.change], show_progress="hidden")
    def show_controls(where: tuple[str, str] | None) -> None:
        if where is None:
            return
        recipe, split_name = recipe_of(where[0]), where[1]
        own = f"{recipe.fingerprint} {split_name}"  # no component takes over another's value
        known = controls(recipe, split_name)
        outputs = views.outputs(recipe)
        draw, write = (partial(f, recipe, split_name, known) for f in (_drawn, _written))
        start = [*(c.value for c in known), *(True for _ in recipe.splits[split_name].noise)]
        first = (SIGNAL, outputs[0] if outputs else None, 0, *start)
        choices = [SIGNAL, NUMBERS]
        if sensitive(recipe.splits[split_name].simulator):
            choices[1:1] = [DERIVATIVES, *([BOUNDS] if recipe.noise else [])]
        with gr.Row():
            with gr.Column(scale=2, min_width=280):
                moved = [_component(control, own) for control in known]
                objects = bool(objects_of(recipe.simulator))
                index = gr.Slider(
                    0, min(recipe.splits[split_name].size - 1, 999), 0, step=1,
                    label="row whose noise" + (" and objects are" if objects else " is") + " taken",
                    interactive=True, key=f"{own} row",
                )  # fmt: skip
                noises = list(recipe.splits[split_name].noise)
                switches = [
                    gr.Checkbox(True, label=f"noise on {n}", interactive=True, key=f"{own} {n}")
                    for n in noises
                ]
            with gr.Column(scale=5, min_width=320):
                with gr.Row():
                    view = gr.Radio(
                        choices, value=SIGNAL, label="view", elem_id="view", interactive=True
                    )
                    output = gr.Dropdown(
                        outputs, value=outputs[0] if outputs else None, label="output",
                        visible=len(outputs) > 1, interactive=True, key=f"{own} output",
                    )  # fmt: skip
                shown = gr.HTML(draw(*first), elem_classes="view", elem_id="picture")
                python, yaml = (
                    _code(text, language)
                    for text, language in zip(write(*first), ("python", "yaml"), strict=True)
                )
        inputs = [view, output, index, *moved, *switches]
        hasty: dict[str, Any] = {"show_progress": "hidden", "trigger_mode": "always_last"}
        for part in inputs:
            part.change(draw, inputs, shown, queue=False, **hasty)
            part.change(write, inputs, [python, yaml], queue=False, **hasty)


def _code(text: str, language: Literal["python", "yaml"]) -> gr.Code:
    with gr.Accordion(f"copy as {'Python' if language == 'python' else 'YAML'}", open=False):
        return gr.Code(text, language=language, elem_id=language, interactive=False)


def _component(control: Control, own: str) -> Any:
    usual: dict[str, Any] = {"value": control.value, "label": control.label, "interactive": True}
    usual["key"] = f"{own} {control.label}"
    if control.names:
        return gr.Dropdown(list(control.names), **usual)
    if control.is_slider:
        return gr.Slider(control.low, control.high, step=control.step, **usual)
    return gr.Number(**usual)


def _values(
    recipe: Recipe, split: str, known: list[Control], given: tuple[Any, ...]
) -> dict[Control, Any]:
    """What each control stands at; none for a noise whose switch, behind the values, is off.

    Raises:
        ValueError: a number is missing.
    """
    values, switches = given[: len(known)], given[len(known) :]
    on = dict(zip(recipe.splits[split].noise, switches, strict=True))
    found = {}
    for control, value in zip(known, values, strict=True):
        if value is None:
            raise ValueError(f"{control.label}: give a value")
        off = control.section == "noise" and not on[control.name]
        found[control] = None if off else value
    return found


def _told(make: Callable[..., str]) -> Callable[..., str]:
    """The same, with errors as text in the page."""

    def made(*arguments: Any) -> str:
        try:
            return make(*arguments)
        except (ValueError, KeyError, IndexError) as error:
            text = str(error.args[0]) if isinstance(error, KeyError) else str(error)
            return f'<div class="problem" role="alert">{escape(text)}</div>'

    return made


def _drawn(recipe: Recipe, split: str, known: list[Control], *inputs: Any) -> str:
    return _told(_answer)(recipe, split, known, *inputs)


def _answer(
    recipe: Recipe,
    split: str,
    known: list[Control],
    view: str,
    output: str | None,
    index: int,
    *given: Any,
) -> str:
    """The view of what the controls say."""
    values = _values(recipe, split, known, given)
    own = chosen(recipe, split, values, uncertainty=view == BOUNDS)
    row = row_of(own, split, int(index))
    if view == BOUNDS:
        heads = ("parameter", "value", "least standard deviation", "of the value", "unit")
        return views.table(heads, views.bounds(own, row)) if own.noise else NO_NOISE
    if view == DERIVATIVES and output:
        slopes = views.draw_derivatives(own, parameters(recipe, values), output)
        return views.picture(slopes, f"derivatives of {output} of {recipe.name}")
    if view == NUMBERS or (not output and not _swept(own)):
        heads = ("column", "value", "unit", "meaning")
        return views.table(heads, views.numbers(own, row))
    return _pictured(own, row, output)


def _pictured(recipe: Recipe, row: Columns, output: str | None) -> str:
    if output:
        return views.row_html(recipe, row, output)
    sweeps = {name: _sweep(recipe, row, name, low, high) for name, low, high in _swept(recipe)}
    words = f"outputs of {recipe.name} over its parameters"
    return views.picture(views.draw_numbers_of(recipe, row, sweeps), words)


def _swept(recipe: Recipe) -> list[tuple[str, float, float]]:
    """The parameters that numbers are drawn over, with their ranges in the shipped config."""
    usual = recipe_of(recipe.name) if recipe.name in list_recipes() else recipe
    found = []
    for name, prior in usual.priors.items():
        parameter = recipe.simulator.parameters.get(name)
        if parameter and not parameter.names and not isinstance(prior, Constant):
            found.append((name, *prior.support))
    return found[:SWEPT]


def _sweep(recipe: Recipe, row: Columns, name: str, low: float, high: float) -> Columns:
    own = {n: row[n][0] for n in recipe.simulator.parameters if n in row}
    values = np.linspace(low, high, POINTS)
    if recipe.simulator.parameters[name].whole:
        values = np.unique(np.round(values))
    return {name: values, **simulate(recipe, **{**own, name: values})}


def _written(recipe: Recipe, split: str, known: list[Control], *inputs: Any) -> tuple[str, str]:
    _, _, index, *given = inputs
    try:
        values = _values(recipe, split, known, tuple(given))
        chosen(recipe, split, values)
    except ValueError as error:
        return f"# {error}", f"# {error}"
    return as_python(recipe, split, values, int(index)), as_yaml(recipe, split, values)


def _rows(place: gr.State) -> None:
    index = gr.Number(0, label="row", precision=0, elem_id="row", interactive=True)
    shown = gr.HTML(elem_classes="view", elem_id="row_picture")

    def show_row(where: tuple[str, str], number: float) -> str:
        recipe, split_name = recipe_of(where[0]), where[1]
        row = row_of(recipe, split_name, int(number or 0))
        heads = ("column", "value", "unit", "meaning")
        return "".join(
            [*_all_pictures(recipe, row), views.table(heads, views.numbers(recipe, row))]
        )

    for trigger in (index.change, place.change):
        trigger(_told(show_row), [place, index], shown, show_progress="hidden")


def _all_pictures(recipe: Recipe, row: Columns) -> list[str]:
    return [_pictured(recipe, row, output) for output in views.outputs(recipe)]


def _compare(source: gr.State) -> tuple[gr.Dropdown, gr.Dropdown]:
    with gr.Row():
        one = gr.Dropdown(label="split A", choices=[], interactive=True)
        other = gr.Dropdown(label="split B", choices=[], interactive=True)
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
            parts.append(views.picture(draw_distributions(both, views.SIZE[0]), words))
        return "".join(parts)

    for part in (one, other, index):
        part.change(_told(compared), [source, one, other, index], shown, show_progress="hidden")
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
