"""The tab where a recipe is played with: a control for each parameter, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any, Literal

import gradio as gr  # pyright: ignore[reportMissingImports] - an extra
import numpy as np

from deepbench_hf.cli.explorer import views
from deepbench_hf.cli.explorer.chosen import (
    Values,
    as_python,
    as_yaml,
    chosen,
    parameters,
    recipe_of,
    row_of,
)
from deepbench_hf.cli.explorer.controls import Control, controls
from deepbench_hf.fields import Columns
from deepbench_hf.markup import table
from deepbench_hf.priors import Constant
from deepbench_hf.recipe.catalog import list_recipes
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.rows.simulation import simulate
from deepbench_hf.simulators.base import objects_of, sensitive

SIGNAL, DERIVATIVES, BOUNDS, NUMBERS = "signal", "derivatives", "Cramer-Rao bounds", "numbers"
NO_NOISE = "no noise"
Writer = Callable[[Recipe, str, Values, int], str]
COPIED: dict[str, Writer] = {"Python": as_python, "YAML": as_yaml}
"""What can be copied: code, and a recipe."""
SWEPT, POINTS = 4, 65
"""Parameters that outputs of one number are drawn over, and values of each."""


def play(place: gr.State) -> None:
    """Add the controls of the recipe and split of a place, and the pictures that follow them."""

    @gr.render(place, [place.change], show_progress="hidden")
    def show_controls(where: tuple[str, str] | None) -> None:
        if where is None:
            return
        recipe, split_name = recipe_of(where[0]), where[1]
        own = f"{recipe.fingerprint} {split_name}"  # no component takes over another's value
        known = controls(recipe, split_name)
        outputs = views.outputs(recipe)
        draw = partial(_drawn, recipe, split_name, known)
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
                picture, *_ = draw(*(False for _ in COPIED), *first)
                shown = gr.HTML(picture, elem_classes="view", elem_id="picture")
                codes = [gr.State(False) for _ in COPIED]
                folds, texts = zip(*map(_code, COPIED), strict=True)
        inputs = [*codes, view, output, index, *moved, *switches]
        hasty: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
        for is_open, fold, text, write in zip(codes, folds, texts, COPIED.values(), strict=True):
            opened = partial(_opened, write, recipe, split_name, known)
            fold.expand(opened, inputs, [is_open, text], **hasty)
            fold.collapse(lambda: False, None, is_open, **hasty)
        moves = [part.change for part in inputs[len(codes) :]]
        gr.on(moves, draw, inputs, [shown, *texts], trigger_mode="always_last", **hasty)


def _code(name: str) -> tuple[gr.Accordion, gr.Code]:
    """Text to copy; it is written only while it is open, as an editor takes its time."""
    language: Literal["python", "yaml"] = "python" if name == "Python" else "yaml"
    with gr.Accordion(f"copy as {name}", open=False) as fold:
        return fold, gr.Code(language=language, elem_id=language, interactive=False)


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


def told(make: Callable[..., str]) -> Callable[..., str]:
    """The same, with errors as text in the page."""

    def made(*arguments: Any) -> str:
        try:
            return make(*arguments)
        except (ValueError, KeyError, IndexError) as error:
            text = str(error.args[0]) if isinstance(error, KeyError) else str(error)
            return f'<div class="problem" role="alert">{escape(text)}</div>'

    return made


def _drawn(recipe: Recipe, split: str, known: list[Control], *inputs: Any) -> tuple[Any, ...]:
    """The view of what the controls say, and the codes of it that are open."""
    are_open, (view, output, index, *given) = inputs[: len(COPIED)], inputs[len(COPIED) :]
    picture = told(_answer)(recipe, split, known, view, output, index, *given)
    texts = (
        _written(write, recipe, split, known, index, *given) if is_open else gr.skip()
        for is_open, write in zip(are_open, COPIED.values(), strict=True)
    )
    return picture, *texts


def _opened(
    write: Writer, recipe: Recipe, split: str, known: list[Control], *inputs: Any
) -> tuple[bool, str]:
    """That a code is open, and the code."""
    _, _, index, *given = inputs[len(COPIED) :]
    return True, _written(write, recipe, split, known, index, *given)


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
        return table(heads, views.bounds(own, row)) if own.noise else NO_NOISE
    if view == DERIVATIVES and output:
        return views.derivatives_html(own, parameters(recipe, values), output)
    if view == NUMBERS or (not output and not _swept(own)):
        heads = ("column", "value", "unit", "meaning")
        return table(heads, views.numbers(own, row))
    return pictured(own, row, output)


def pictured(recipe: Recipe, row: Columns, output: str | None) -> str:
    """A row as pictures: of an output, or of numbers over the parameters."""
    if output:
        return views.row_html(recipe, row, output)
    sweeps = {name: _sweep(recipe, row, name, low, high) for name, low, high in _swept(recipe)}
    return views.numbers_html(recipe, row, sweeps)


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


def _written(
    write: Writer, recipe: Recipe, split: str, known: list[Control], index: int, *given: Any
) -> str:
    try:
        values = _values(recipe, split, known, given)
        chosen(recipe, split, values)
    except ValueError as error:
        return f"# {error}"
    return write(recipe, split, values, int(index))
