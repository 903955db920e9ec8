"""What of a recipe can be moved: a slider, a number or a choice for each parameter and noise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepbench_hf.cli.reports import classes_of
from deepbench_hf.fields import COUNT, Parameter, class_column
from deepbench_hf.figures.labels import axis_label, column_label, spelt
from deepbench_hf.noise.measurement import word_of
from deepbench_hf.priors import Constant, Exponential, LogNormal, Normal, Prior
from deepbench_hf.recipe.recipe import Recipe, Split
from deepbench_hf.rows.generation import generate, split_of
from deepbench_hf.simulators.base import objects_of

TAILED = (Normal, LogNormal, Exponential)
"""Distributions that reach far beyond where their draws are."""

MOST = 2**31
"""Whole numbers beyond it, such as those of realizations, are typed in instead."""


@dataclass(frozen=True)
class Control:
    """One thing to move.

    Args:
        section: ``priors`` or ``noise``.
        name: the parameter, or the column with the noise.
        setting: of the noise; empty for a parameter.
        label: name, symbol and unit for people.
        value: where it starts: the first row's.
        low: the smallest value of any split.
        high: the largest; not above ``low`` where any number may be typed in.
        names: the classes, for a choice among them.
        whole: whether only whole numbers make sense.
    """

    section: str
    name: str
    setting: str
    label: str
    value: float | str
    low: float = 0.0
    high: float = 0.0
    names: tuple[str, ...] = ()
    whole: bool = False

    @property
    def is_slider(self) -> bool:
        """Whether it has two ends that lie apart."""
        return self.low < self.high

    @property
    def step(self) -> float:
        """Of a slider: a whole number, or a thousandth of its way."""
        return 1.0 if self.whole else (self.high - self.low) / 1000


def controls(recipe: Recipe, split: str) -> list[Control]:
    """The parameters of an example, then the settings of its noise.

    Objects of scenes are not among them: they are those of a row.

    Args:
        recipe: whose.
        split: whose first row they start with.
    """
    part = split_of(recipe, split)
    row = {name: values[0] for name, values in generate(recipe, split, 0, 1).items()}
    return [*_parameters(recipe, part, row), *_noises(recipe, part, row)]


def _parameters(recipe: Recipe, part: Split, row: Mapping[str, Any]) -> Iterator[Control]:
    known, scene = part.simulator.parameters, objects_of(part.simulator)
    for name in part.priors:
        if name not in known or (name == COUNT and scene):
            continue
        parameter: Parameter = known[name]
        label = spelt(name) if parameter.names else column_label(name, parameter)
        for classes in parameter.only.values():
            label += f", of {', '.join(map(spelt, classes))}"
        priors = [one.priors[name] for one in recipe.splits.values() if name in one.priors]
        if parameter.names:
            names = tuple(dict.fromkeys(n for prior in priors for n in classes_of(prior)))
            value = parameter.names[int(row[name])]
            yield Control("priors", name, "", label, value, names=names or parameter.names)
            continue
        low, high = _ends(priors)
        value = float(row[name])
        if high - low > MOST:
            low = high = value
        value = min(max(value, low), high)
        yield Control("priors", name, "", label, value, low, high, whole=parameter.whole)


def had(recipe: Recipe, classes: Mapping[str, str]) -> set[str]:
    """The parameters that an example of these classes has.

    A class that others do not have is there as its neutral value, and decides as such.
    """
    known, settled = recipe.simulator.parameters, dict(classes)

    def has(name: str) -> bool:
        found = {class_column(other, known): of for other, of in known[name].only.items()}
        return all(settled[other] in of for other, of in found.items() if other in settled)

    for name in classes:
        if not has(name):
            settled[name] = known[name].names[int(known[name].absent)]
    return {name for name in known if has(name)}


def _noises(recipe: Recipe, part: Split, row: Mapping[str, Any]) -> Iterator[Control]:
    for name, noise in part.noise.items():
        for setting, prior in noise.priors.items():
            measured = recipe.simulator.columns.get(name) or part.simulator.parameters[name]
            unit = noise.SETTINGS[setting].unit
            unit = measured.unit if unit == "1" and not noise.unitless else unit
            everywhere = [
                one.noise[name].priors[setting]
                for one in recipe.splits.values()
                if name in one.noise and setting in one.noise[name].priors
            ]
            low, high = _ends(everywhere)
            value = prior.value if isinstance(prior, Constant) else (low + high) / 2
            if low == high:
                low, high = 0.0, 10 * high or 1.0
            of = spelt(word_of(name, measured.unit))
            label = f"noise of {of}: {axis_label(setting, unit)}"
            yield Control("noise", name, setting, label, float(value), low, high)


def _ends(priors: list[Prior]) -> tuple[float, float]:
    """The range of several distributions together, but for one draw in ten thousand of a tail."""
    ends = [(_end(prior, 1e-4), _end(prior, 1 - 1e-4)) for prior in priors]
    return min(low for low, _ in ends), max(high for _, high in ends)


def _end(prior: Prior, u: float) -> float:
    if isinstance(prior, TAILED):
        return float(prior.quantile(np.array([u]))[0])
    return prior.support[u > 0.5]
