"""The tab where a recipe is played with: a control for each parameter, and what follows.

It is one part of the page, a form that ``play.js`` asks answers for: a component for each control
would take Gradio a tenth of a second a move, and more with every config that was looked at before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

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
COPIED = {"python": ("Python", as_python), "yaml": ("YAML", as_yaml)}
"""What can be copied: code, and a recipe."""
SWEPT, POINTS = 4, 65
"""Parameters that outputs of one number are drawn over, and values of each."""
ROWS = 1000
"""The rows whose noise can be taken are the first of them."""

known_of = lru_cache(64)(controls)


def play(place: gr.State) -> None:
    """Add the form of the recipe and split of a place."""
    script = Path(__file__).with_name("play.js").read_text("utf-8")
    form = gr.HTML(elem_classes=["view", "play"], js_on_load=script, server_functions=[drawn])
    place.change(lambda where: _form(*where), place, form, show_progress="hidden")


async def drawn(said: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from a form: its picture, and the codes that are open.

    Args:
        said: ``source`` and ``split``, and what stands in the form: ``view``, ``output``, ``row``,
            ``values``, ``switches`` and ``codes``.
    """
    return await asyncio.to_thread(_drawn, said)


def _drawn(said: Mapping[str, Any]) -> dict[str, Any]:
    codes = {
        name: _code(said, write) for name, (_, write) in COPIED.items() if name in said["codes"]
    }
    return {"picture": told(_answer)(said), "codes": codes}


def _form(source: str, split: str) -> str:
    """The controls of a recipe and a split in HTML, and what follows from where they stand."""
    recipe, known = recipe_of(source), known_of(recipe_of(source), split)
    part, outputs = recipe.splits[split], views.outputs(recipe)
    scene = objects_of(recipe.simulator)
    taken = "noise and objects are" if scene else "noise is"
    row = _slider("row", f"row whose {taken} taken", 0, min(part.size, ROWS) - 1, 0, 1)
    row = row if scene or part.noise else f"<div hidden>{row}</div>"
    switches = "".join(
        f'<label><input type="checkbox" name="switch" checked> noise on {escape(name)}</label>'
        for name in part.noise
    )
    choices = [SIGNAL, NUMBERS]
    if sensitive(part.simulator):
        choices[1:1] = [DERIVATIVES, *([BOUNDS] if recipe.noise else [])]
    radios = "".join(
        f'<label><input type="radio" name="view" value="{view}"'
        f"{' checked' * (view == SIGNAL)}> {view}</label>"
        for view in choices
    )
    codes = "".join(
        f'<details id="{name}"><summary>copy as {language}</summary>'
        '<button type="button">Copy</button><pre><code></code></pre></details>'
        for name, (language, _) in COPIED.items()
    )
    said = {
        **{"source": source, "split": split, "view": SIGNAL, "output": (outputs or [""])[0]},
        **{"row": 0, "values": [control.value for control in known], "codes": []},
        "switches": [True for _ in part.noise],
    }
    return (
        f'<form data-source="{escape(source)}" data-split="{escape(split)}"><div class="controls">'
        f"{''.join(map(_control, known))}{row}"
        f'{switches}</div><div class="answer"><fieldset id="view" aria-label="view">{radios}'
        f"{_choice('output', 'output', outputs, len(outputs) < 2)}</fieldset>"
        f'<div id="picture" aria-live="polite">{_drawn(said)["picture"]}</div>{codes}</div></form>'
    )


def _control(control: Control) -> str:
    if control.names:
        return _choice("value", control.label, list(control.names), value=str(control.value))
    if control.is_slider:
        ends = control.low, control.high, float(control.value), control.step
        return _slider("value", control.label, *ends)
    label = escape(control.label)
    return (
        f'<label class="control"><span>{label}</span>'
        f'<input type="number" name="value" step="any" value="{control.value}"></label>'
    )


def _slider(name: str, label: str, low: float, high: float, value: float, step: float) -> str:
    """A slider, and its number to be typed in; the latter is what counts, and may lie beyond."""
    label, value = escape(label), int(value) if step == 1 else value
    return (
        f'<div class="control"><span>{label}</span><input type="range" min="{low}" max="{high}"'
        f' step="{step}" value="{value}" aria-label="{label}, slider">'
        f'<input type="number" name="{name}" step="any" value="{value}" aria-label="{label}"></div>'
    )


def _choice(name: str, label: str, names: list[str], hidden: bool = False, value: str = "") -> str:
    options = "".join(
        f"<option{' selected' * (one == value)}>{escape(one)}</option>" for one in names
    )
    return (
        f'<label class="control"{" hidden" * hidden}><span>{escape(label)}</span>'
        f'<select name="{name}">{options}</select></label>'
    )


def _values(said: Mapping[str, Any]) -> Values:
    """What each control stands at; none for a noise that is switched off.

    Raises:
        ValueError: a number is missing.
    """
    recipe = recipe_of(said["source"])
    known = known_of(recipe, said["split"])
    on = dict(zip(recipe.splits[said["split"]].noise, said["switches"], strict=True))
    found = {}
    for control, value in zip(known, said["values"], strict=True):
        if value == "":
            raise ValueError(f"{control.label}: give a value")
        off = control.section == "noise" and not on[control.name]
        found[control] = None if off else value if control.names else float(value)
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


def _answer(said: Mapping[str, Any]) -> str:
    """The view of what the controls say."""
    recipe, values = recipe_of(said["source"]), _values(said)
    split, view, output = said["split"], said["view"], said["output"]
    own = chosen(recipe, split, values, uncertainty=view == BOUNDS)
    row = row_of(own, split, int(said["row"] or 0))
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


def _code(said: Mapping[str, Any], write: Callable[[Recipe, str, Values, int], str]) -> str:
    recipe, split = recipe_of(said["source"]), said["split"]
    try:
        values = _values(said)
        chosen(recipe, split, values)
        return write(recipe, split, values, int(said["row"] or 0))
    except ValueError as error:
        return f"# {error}"
