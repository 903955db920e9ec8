"""What figures share: panels, and the words of axes and captions, with values and units."""

import io
from collections import Counter
from collections.abc import Iterable
from textwrap import fill

import astropy.units as u
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from deepbench_hf.fields import COUNT, OBJECTS, Columns, Field, Parameter, absences
from deepbench_hf.noise.measurement import word_of
from deepbench_hf.recipe.columns import schema
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.simulators.base import all_parameters, objects_of
from deepbench_hf.simulators.inputs import REALIZATION

DOTS = 100
"""Dots an inch in a notebook."""


class Picture(Figure):
    """A figure that a notebook shows, whether pyplot is in use or not."""

    def _repr_png_(self) -> bytes:
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=DOTS)
        return file.getvalue()


def panels(
    count: int, across: int, inches: tuple[float, float], title: str
) -> tuple[Picture, list[Axes]]:
    """A figure of so many inches with a title and ``count`` panels, ``across`` in a line."""
    figure = Picture(figsize=inches, layout="constrained")
    axes = figure.subplots(-(-count // across), across, squeeze=False).flat
    for axis in axes[count:]:
        axis.set_axis_off()
    figure.suptitle(title, fontsize=10)
    return figure, list(axes[:count])


def legend_below(figure: Figure, axes: list[Axes], order: Iterable[str] = ()) -> None:
    """One legend for all panels, below them; each label is there once, those of ``order`` first."""
    found = {}
    for axis in axes:
        handles, labels = axis.get_legend_handles_labels()
        found |= dict(zip(labels, handles, strict=True))
    shown = [label for label in dict.fromkeys([*order, *found]) if label in found]
    if shown:
        place = {"loc": "outside lower center", "ncols": 4, "frameon": False}
        figure.legend([found[label] for label in shown], shown, fontsize=8, **place)


LINES = 3
"""Lines of a caption at most."""

SYMBOLS = {
    **{"theta": "θ", "theta0": "θ₀", "omega": "ω", "omega0": "ω₀", "gamma": "γ"},  # noqa: RUF001
    **{"dq_dt": "dq/dt", "dp_dt": "dp/dt", "ringermacher_mead": "Ringermacher-Mead"},
}
"""How whole names are printed."""

WORDS = {
    **{"fwhm": "FWHM", "psf": "PSF", "snr": "S/N", "sersic": "Sérsic"},
    **{"gaussian": "Gaussian", "weinman": "Weinman"},
}
"""How words of names are printed."""

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def spelt(name: str) -> str:
    """The words of a name: ``"psf_fwhm"`` is ``"PSF FWHM"``."""
    return SYMBOLS.get(name) or " ".join(WORDS.get(word, word) for word in name.split("_"))


def axis_label(name: str, unit: str) -> str:
    """A quantity with its unit, ``"x [m]"``."""
    return spelt(name) if unit == "1" else f"{spelt(name)} [{unit_text(unit)}]"


def column_label(name: str, what: Field | Parameter) -> str:
    """A column with its unit, which its name need not repeat: ``"x_m"`` gives ``"x [m]"``."""
    return axis_label(word_of(name, what.unit), what.unit)


def quantity_label(recipe: Recipe, name: str) -> str:
    """A parameter, or another column, with its unit."""
    columns = {n: column.field for n, column in schema(recipe).items()}
    what = {**columns, **all_parameters(recipe.simulator)}.get(name)
    return spelt(name) if what is None else column_label(name, what)


def unit_text(unit: str) -> str:
    """A unit as people write it, ``"m s⁻²"``; nothing for pure numbers."""
    text = "" if unit == "1" else u.Unit(unit).to_string("unicode")
    return {"pix": "pixel", "electron": "e⁻"}.get(text, text)


def number_text(value: float, digits: int = 3) -> str:
    """A number for people.

    >>> number_text(3.291e24), number_text(1234.5)
    ('3.29 × 10²⁴', '1230')
    """
    mantissa, _, power = f"{float(f'{value:.{digits}g}'):g}".partition("e")
    raised = str(int(power)).translate(RAISED) if power else ""
    return f"{mantissa} × 10{raised}" if raised else mantissa  # noqa: RUF001


def heading(recipe: Recipe, split: str) -> str:
    """What a figure shows: config, version and split."""
    return f"{recipe.name} {recipe.version}, split {split}"


def truth(recipe: Recipe, examples: Columns, row: int, width: int) -> str:
    """The true parameters of one example, in at most three lines of ``width`` signs.

    Constants, numbers of realizations, what nothing depends on, and what the example does not have,
    are left out; of a scene the objects are counted.
    """
    values, parameters = _values(recipe, examples, row)
    shown = [
        _phrase(name, value, parameters[name])
        for name, value in values.items()
        if recipe.priors[name].kind != "constant"
        if name != COUNT and parameters[name] is not REALIZATION
    ]
    objects = _counted(recipe, examples, row) if OBJECTS in examples else []
    return _filled([*objects, *shown, *_perturbed(examples, row)], width)


def gist(recipe: Recipe, examples: Columns, row: int, width: int) -> str:
    """The classes of one example and its signal-to-noise ratio, or how many objects there are."""
    values, parameters = _values(recipe, examples, row)
    words = [_phrase(n, value, parameters[n]) for n, value in values.items() if parameters[n].names]
    if COUNT in values:
        words.append(_plural(values[COUNT], "object"))
    if "snr" in examples:
        words.append(_ratio(examples["snr"][row]))
    return _filled([*words, *_perturbed(examples, row)], width)


def _values(recipe: Recipe, examples: Columns, row: int) -> tuple[dict, dict[str, Parameter]]:
    """The parameters that an example has and that something depends on, and what they are."""
    parameters = recipe.simulator.parameters
    values = {name: examples[name][row] for name in recipe.priors if name in parameters}
    has = [
        n
        for n in values
        if not absences(n, parameters, values) and (n == "label" or not parameters[n].decoy)
    ]
    return {name: values[name] for name in has}, dict(parameters)


def _filled(phrases: list[str], width: int) -> str:
    """Phrases that are not broken, three lines of them; an ellipsis stands for the rest."""
    text = ", ".join(phrase.replace(" ", "\N{NO-BREAK SPACE}") for phrase in phrases)
    return fill(
        text, max(width, max(map(len, phrases), default=0) + 1), max_lines=LINES, placeholder=" …"
    )


def _phrase(name: str, value: float, parameter: Parameter) -> str:
    if parameter.names:
        chosen = spelt(parameter.names[int(value)])
        return chosen if name == "label" else f"{spelt(name)} {chosen}"
    word = spelt(word_of(name, parameter.unit))
    number = f"{value:.0f}" if parameter.whole else number_text(value)
    phrase = f"{word} {number} {unit_text(parameter.unit)}".rstrip().replace(" °", "°")
    return phrase.replace("-", "\N{MINUS SIGN}")


def _ratio(snr: float) -> str:
    """A signal-to-noise ratio; none where there is no noise, whatever stands for that."""
    if not 0 < snr < np.inf:
        return "no noise"
    return f"S/N {snr:.{1 if snr < 10 else 0}f}"


def _perturbed(examples: Columns, row: int) -> list[str]:
    """What was done to the image of an example after its noise."""
    if "perturbation" not in examples:
        return []
    quality, x, y = (examples[n][row] for n in ("jpeg_quality", "pixel_x_px", "pixel_y_px"))
    jpeg = [f"JPEG quality {quality}"] if quality else []
    return [*jpeg, *([f"pixel {x}, {y} changed"] if x >= 0 else [])]


def _counted(recipe: Recipe, examples: Columns, row: int) -> list[str]:
    """How many objects of each kind a scene has."""
    objects = examples[OBJECTS][row][: examples[COUNT][row]]
    if "kind" not in objects_of(recipe.simulator):
        return [_plural(len(objects), "object")]
    names = recipe.simulator.objects["kind"].names
    counted = Counter(spelt(names[kind]) for kind in objects["kind"])
    return [_plural(number, name) for name, number in counted.items()] or ["no objects"]


def _plural(number: int, word: str) -> str:
    """A number of things.

    >>> _plural(1, "star"), _plural(2, "cross"), _plural(2, "galaxy")
    ('1 star', '2 crosses', '2 galaxies')
    """
    if number != 1:
        word = f"{word[:-1]}ies" if word[-1] == "y" else f"{word}{'es' * (word[-1] in 'sx') or 's'}"
    return f"{number} {word}"
