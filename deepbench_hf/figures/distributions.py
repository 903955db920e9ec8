"""What is drawn: a histogram of every parameter and noise setting, of shifted splits in colour."""

from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from deepbench_hf.exact.draws import uniforms
from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import absences
from deepbench_hf.figures.labels import legend_below, number_text, panels, quantity_label, spelt
from deepbench_hf.priors import Constant, Prior
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe, Split
from deepbench_hf.rows.truths import truths
from deepbench_hf.simulators.base import all_parameters
from deepbench_hf.simulators.inputs import REALIZATION

DRAWS = 20_000
ACROSS = 4
BINS = 40
FEW = 12
"""Of so many values each has a bar of its own, side by side whatever lies between them."""
TITLE = 36
"""Signs of a line of a title."""
MOST_SIGNS = 30
"""Of the numbers below bars, all together."""
IN_DISTRIBUTION = "in-distribution"
USUAL, COLOURS = "#9aa5b1", ("#d1603d", "#2a9d8f", "#c99700", "#4e79c7", "#b5179e", "#6a994e")

Drawn = dict[str, tuple[NDArray, str]]
"""For every label its draws and its colour."""


def varied(recipe: Recipe) -> list[str]:
    """The parameters, and the columns of noise settings, that are drawn in some split.

    Numbers of realizations are not among them: their distribution means nothing.
    """
    found = [_priors(split).items() for split in recipe.splits.values()]
    drawn = {n for items in found for n, prior in items if not isinstance(prior, Constant)}
    drawn -= {n for n, p in recipe.simulator.parameters.items() if p is REALIZATION}
    return [n for n in dict.fromkeys(n for items in found for n, _ in items) if n in drawn]


def draw_distributions(recipe: Recipe, width: float = 8.0) -> Figure:
    """A figure with a histogram of each varied quantity, each as high as the others.

    Grey is the distribution of train; a split that has another one, a distribution shift, has a
    colour.

    Raises:
        ValueError: everything is constant.
    """
    names = varied(recipe)
    if not names:
        raise ValueError(f"{recipe.name}: every parameter is constant")
    inches, title = (width, 1.5 * -(-len(names) // ACROSS) + 0.7), "how parameters are distributed"
    figure, axes = panels(len(names), ACROSS, inches, f"{recipe.name} {recipe.version}: {title}")
    for axis, name in zip(axes, names, strict=True):
        _draw(axis, recipe, name)
    figure.supylabel("frequency / highest", fontsize=8)
    legend_below(figure, axes, _colours(recipe))
    return figure


def _priors(part: Recipe | Split) -> dict[str, Prior]:
    """The distributions of parameters, and of the settings of noise by their columns."""
    found = dict(part.priors)
    for one in measurements(part).values():
        found |= {one.settings[name]: prior for name, prior in one.noise.priors.items()}
    return found


def _colours(recipe: Recipe) -> dict[str, str]:
    """The colour of the usual draws, and one for every split that draws something else."""
    usual = _priors(recipe)
    shifted = [name for name, split in recipe.splits.items() if _priors(split) != usual]
    coloured = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(shifted)}
    return {IN_DISTRIBUTION: USUAL, **coloured}


def _draw(axis: Axes, recipe: Recipe, name: str) -> None:
    usual, drawn = _priors(recipe).get(name), {}
    for label, colour in _colours(recipe).items():
        part = recipe.splits.get(label, recipe)
        prior = _priors(part).get(name)
        # What no example of the usual draws has is shown where it is first had.
        if prior is not None and (not drawn or prior != usual):
            values = _values(recipe, part, name)
            drawn |= {label: (values, colour)} if values.size else {}
    if not drawn:
        return
    parameter = all_parameters(recipe.simulator).get(name)
    log = usual is not None and usual.logarithmic
    axis.set_yticks([])
    axis.tick_params(labelsize=7, length=2)
    title = quantity_label(recipe, name) + ", log scale" * log
    axis.set_title(fill(title, TITLE), fontsize=8)
    axis.spines[["top", "right", "left"]].set_visible(False)
    if parameter is not None and parameter.names:
        _bars(axis, drawn, parameter.names)
    else:
        _histogram(axis, drawn, log)


def _histogram(axis: Axes, drawn: Drawn, log: bool) -> None:
    every = np.unique(np.concatenate([values for values, _ in drawn.values()]))
    if log:
        edges = np.geomspace(every[0], every[-1], BINS + 1)
        axis.set_xscale("log")
        ticks = np.geomspace(every[0], every[-1], 3)
        axis.set_xticks(ticks, [number_text(tick, 2) for tick in ticks])
        axis.set_xticks([], minor=True)
    elif len(every) <= FEW:
        places, words = np.arange(len(every)), [f"{value:g}" for value in every]
        edges = np.ravel([places - 0.3, places + 0.3], order="F")
        step = 1 + len("".join(words)) // MOST_SIGNS
        axis.set_xticks(places[::step], words[::step])
        drawn = {n: (np.searchsorted(every, values), c) for n, (values, c) in drawn.items()}
    else:
        edges = np.linspace(every[0], every[-1], BINS + 1)
    for label, (values, colour) in drawn.items():
        counts, _ = np.histogram(values, edges)
        axis.stairs(counts / counts.max(), edges, fill=True, color=colour, alpha=0.75, label=label)


def _bars(axis: Axes, drawn: Drawn, names: tuple[str, ...]) -> None:
    """The share of every class that some split has."""
    every = np.unique(np.concatenate([values for values, _ in drawn.values()]).astype(int))
    for label, (values, colour) in drawn.items():
        counts = np.bincount(np.searchsorted(every, values), minlength=len(every))
        axis.barh(range(len(every)), counts / counts.max(), color=colour, alpha=0.75, label=label)
    if len(every) > FEW:
        axis.set_title(f"{axis.get_title()}: {len(every)} classes", fontsize=8)
    else:
        for place, number in enumerate(every):
            axis.text(0.02, place, spelt(names[number]), fontsize=7, va="center")
    axis.set_xlim(0, 1)
    axis.set_xticks([])
    axis.invert_yaxis()


def _values(recipe: Recipe, part: Recipe | Split, name: str) -> NDArray:
    """Draws of a quantity, without those examples or objects that do not have it."""

    def uniform(of: str, prior: Prior) -> NDArray[np.float64]:
        key = stream_key(recipe.stream, recipe.seed, "figure", "parameter", of)
        return uniforms(key, np.arange(DRAWS))

    if name not in part.priors:
        prior = _priors(part)[name]
        return prior.quantile(uniform(name, prior))
    parameters = all_parameters(part.simulator)
    found = truths(parameters, part.priors, uniform)
    return found[name][~absences(name, parameters, found)]
