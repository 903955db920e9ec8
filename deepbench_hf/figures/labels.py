"""The words of figures: parameters with values and units."""

from collections import Counter
from textwrap import fill

import astropy.units as u
from numpy.typing import NDArray

from deepbench_hf.fields import COUNT, OBJECTS, Columns, Parameter, class_column, word_of
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.base import objects_of
from deepbench_hf.simulators.realization import REALIZATION

LINE = 32
"""Signs of a line below a small picture."""

SYMBOLS = {
    **{name: rf"$\{name}$" for name in ("theta", "omega", "gamma")},
    "dq_dt": "dq/dt",
    "dp_dt": "dp/dt",
}


def axis_label(name: str, unit: str) -> str:
    """A quantity with its unit, ``"x [m]"``."""
    word = SYMBOLS.get(name, name)
    return word if unit == "1" else f"{word} [{unit_text(unit)}]"


def unit_text(unit: str) -> str:
    """A unit as matplotlib writes it."""
    return "" if unit == "1" else u.Unit(unit).to_string("latex_inline")


def truth(recipe: Recipe, examples: Columns, row: int, across: int = 2) -> str:
    """The true parameters of one example, ``across`` to a line.

    Constants, numbers of realizations, and what the example does not have, are left out; of a scene
    the objects are counted.
    """
    parameters = recipe.simulator.parameters
    values = {name: examples[name][row] for name in recipe.priors if name in parameters}
    shown = [
        _phrase(name, value, parameters[name])
        for name, value in values.items()
        if recipe.priors[name].kind != "constant" and _has(name, values, parameters)
        if name != COUNT and parameters[name] is not REALIZATION
    ]
    if OBJECTS in examples:
        objects = examples[OBJECTS][row][: examples[COUNT][row]]
        shown.insert(0, _count(objects, recipe))
    shown += _done(examples, row)
    lines = [", ".join(shown[i : i + across]) for i in range(0, len(shown), across)]
    return "\n".join(lines)


def gist(recipe: Recipe, examples: Columns, row: int) -> str:
    """The classes of one example and its signal-to-noise ratio, or how many objects there are."""
    parameters = recipe.simulator.parameters
    values = {name: examples[name][row] for name in recipe.priors if name in parameters}
    words = [
        _phrase(name, value, parameters[name])
        for name, value in values.items()
        if parameters[name].names and _has(name, values, parameters)
    ]
    if COUNT in values:
        words.append(f"{values[COUNT]} objects")
    if "snr" in examples:
        ratio = examples["snr"][row]
        words.append(f"S/N {ratio:.{1 if ratio < 10 else 0}f}")
    return fill(", ".join([*words, *_done(examples, row)]), LINE)


def _done(examples: Columns, row: int) -> list[str]:
    """What was done to the image of an example after its noise."""
    if "perturbation" not in examples:
        return []
    quality, x, y = (examples[n][row] for n in ("jpeg_quality", "pixel_x_px", "pixel_y_px"))
    return [*([f"JPEG {quality}"] if quality else []), *([f"pixel {x}, {y}"] if x >= 0 else [])]


def _phrase(name: str, value: float, parameter: Parameter) -> str:
    if parameter.names:
        return parameter.names[int(value)].replace("_", " ")
    word = word_of(name, parameter.unit).replace("_", " ")
    number = f"{value:.0f}" if parameter.whole else f"{value:.3g}"
    return f"{word} {number} {unit_text(parameter.unit)}".rstrip()


def _has(name: str, values: dict, parameters: dict[str, Parameter]) -> bool:
    """Whether the example's classes have this parameter."""
    for other, classes in parameters[name].only.items():
        column = class_column(other, parameters)
        if column in values and parameters[column].names[int(values[column])] not in classes:
            return False
    return True


def _count(objects: NDArray, recipe: Recipe) -> str:
    if "kind" not in objects_of(recipe.simulator):
        return f"{len(objects)} objects"
    names = recipe.simulator.objects["kind"].names
    counted = Counter(names[kind] for kind in objects["kind"])
    return ", ".join(f"{number} {name}" for name, number in counted.items())
