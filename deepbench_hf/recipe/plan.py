"""The way of a row: the steps that make it, with the names of their columns and random streams.

Names are spelt here and nowhere else. A stream's key is made of the name of the config or the
family, the seed, the split whose draws they are, a purpose and a column, so that adding a parameter
or a noise leaves every other draw as it was.

The columns of known uncertainty are

variance          of an observed output, given the truth
propagated sigma  of an output that is computed from the measured parameters, to all orders
Cramer-Rao bound  of every continuous parameter, and of every number that is ``bounded``, from the
                  observed outputs of the row alone
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from deepbench_hf.exact.words import stream_key
from deepbench_hf.fields import OBJECTS, Field, Role, of_role
from deepbench_hf.noise import Measurement
from deepbench_hf.noise.base import is_image
from deepbench_hf.noise.measurement import of_image, squared, tagged
from deepbench_hf.noise.perturbation import PURPOSES, perturbed_columns
from deepbench_hf.priors import Constant, Grid, Prior, strides
from deepbench_hf.recipe import steps as s
from deepbench_hf.recipe.steps import Measure, Names, Perturb, Simulate, Step, Stream, Truths
from deepbench_hf.recipe.unknowns import reference
from deepbench_hf.simulators.base import (
    Simulator,
    call_inputs,
    clean_fields,
    objects_of,
    sensitive,
    targets,
)

if TYPE_CHECKING:
    from deepbench_hf.recipe.recipe import Recipe, Split


@dataclass(frozen=True)
class Plan:
    """The steps of a split, in order; each makes columns, and needs those of steps before it.

    The simulator is called with the columns ``inputs``; the priors are those of its parameters.
    """

    simulator: Simulator
    priors: Mapping[str, Prior]
    inputs: Names
    steps: tuple[Step, ...]

    def of(self, kind: type) -> Any:
        """The steps of one kind."""
        return [step for step in self.steps if isinstance(step, kind)]

    @property
    def clean(self) -> Mapping[str, str]:
        """The column of each clean result: where an image has noise, ``image`` is the observed."""
        return self.of(Simulate)[0].clean

    @property
    def measurements(self) -> Mapping[str, Measurement]:
        """The noises of the split, by what they are on."""
        return {step.measurement.name: step.measurement for step in self.of(Measure)}

    def needed(self, wanted: Iterable[str]) -> list[tuple[Step, Names]]:
        """The steps that make wanted columns, in order, each with the columns used after it."""
        used, found = frozenset(wanted), []
        for step in reversed(self.steps):
            if step.makes & used:
                found.append((step, used))
                used |= step.needs
        return found[::-1]


@lru_cache(1024)
def plan(recipe: Recipe, split: str) -> Plan:
    """The steps that make the rows of a split."""
    part = recipe.splits[split]
    model: Any = part.simulator
    known, inputs = measurements(part), frozenset(call_inputs(model))
    clean = {
        name: f"{name}_clean" if field.is_image and name in known else name
        for name, field in clean_fields(model).items()
    }
    scene = {OBJECTS} if objects_of(model) else set()
    steps: list[Step] = [
        _truths(recipe, part),
        Simulate(frozenset({*clean.values(), *scene}), inputs, clean),
    ]
    for name, measurement in known.items():
        steps.append(_measure(recipe, split, measurement, clean.get(name, name)))
        if name in part.perturbation:
            steps.append(_perturb(recipe, split, measurement))
    if recipe.masks:
        steps.append(_separate(model, known, inputs))
    if recipe.uncertainty:
        steps.append(bounds(recipe, part, known, clean, inputs))
    steps.append(_estimate(model, recipe, frozenset().union(*(step.makes for step in steps))))
    found = Plan(model, part.priors, inputs, tuple(steps))
    if recipe.posterior is None:
        return found
    return replace(found, steps=(*steps, reference(recipe, split, found)))


def measurements(part: Recipe | Split) -> dict[str, Measurement]:
    """The noises of a recipe or a split, bound to what they are on, by the name of that."""
    known = targets(part.simulator)
    return {name: noise.on(name, known[name]) for name, noise in part.noise.items()}


def _draws(recipe: Recipe, part: Split, entry: Any, own: str, *purpose: str) -> Stream:
    """The draws of a prior or a noise: one for each row, or one for each group of a level."""
    truths = purpose[0] == "parameter"
    stream = recipe.stream if truths else recipe.noise_stream
    if entry.level is None:
        return Stream(stream_key(stream, recipe.seed, own, *purpose))
    level = part.levels[entry.level]
    key = stream_key(stream, recipe.seed, level.truths or own, *purpose)
    return Stream(key, None if level.rows == "all" else level.rows)


def _truths(recipe: Recipe, part: Split) -> Truths:
    simulator: Any = part.simulator
    streams = {
        name: _draws(recipe, part, prior, part.truths, "parameter", name)
        for name, prior in part.priors.items()
        if not isinstance(prior, Grid)
    }
    levels = {name: level.rows for name, level in part.levels.items() if level.rows != "all"}
    groups = {f"{name}_index": rows for name, rows in levels.items()}
    own = part.priors.keys() & simulator.parameters.keys()
    coordinates = of_role(simulator.columns, "coordinate")
    scene = {OBJECTS} if objects_of(simulator) else set()
    makes = frozenset({*groups, *own, *coordinates, *scene})
    on_grids = strides(simulator.parameters, part.priors)
    return Truths(makes, frozenset(), groups, streams, on_grids)


def _measure(recipe: Recipe, split: str, measurement: Measurement, clean: str) -> Measure:
    part, noise = recipe.splits[split], measurement.noise
    own = part.noise_of or split
    settings = {
        name: (prior, _draws(recipe, part, prior, own, "nuisance", measurement.settings[name]))
        for name, prior in noise.priors.items()
    }
    streams = [_draws(recipe, part, noise, own, "noise", name) for name in measurement.streams]
    makes = frozenset({*measurement.columns, measurement.column})
    valid = getattr(measurement.target, "valid", "")
    needs = frozenset(filter(None, (clean, noise.divisor, valid)))
    return Measure(makes, needs, measurement, clean, settings, tuple(streams))


def _perturb(recipe: Recipe, split: str, measurement: Measurement) -> Perturb:
    name = measurement.name
    columns = perturbed_columns(name, measurement.field)
    words = recipe.noise_stream, recipe.seed, split, "nuisance"
    streams = {own: Stream(stream_key(*words, of_image(name, own))) for own in PURPOSES}
    makes = frozenset({*columns, measurement.column})
    needs = frozenset({measurement.column, *measurement.settings.values()})
    how = recipe.splits[split].perturbation[name]
    return Perturb(makes, needs, measurement, how, columns, streams)


def _separate(model: Any, known: Mapping[str, Measurement], inputs: Names) -> s.Separate:
    columns = of_role(model.columns, "layer")
    first = next((one for one in known.values() if is_image(one.target)), None)
    needs = inputs | frozenset(first.settings.values() if first else ())
    return s.Separate(frozenset(columns), needs, model, columns, first)


def _estimate(model: Any, recipe: Recipe, made: Names) -> s.Estimate:
    roles: tuple[Role, ...] = ("estimate", "optimum") if recipe.uncertainty else ("estimate",)
    columns = of_role(model.columns, *roles)
    columns = {n: field for n, field in columns.items() if field.needs <= made and n not in made}
    needs = frozenset().union(*(field.needs for field in columns.values()))
    return s.Estimate(frozenset(columns), needs, model, columns)


Measurements = Mapping[str, Measurement]


def bounds(
    recipe: Recipe, part: Split, measurements: Measurements, clean: Mapping[str, str], inputs: Names
) -> s.Bounds:
    """The step for a split whose clean results have the columns ``clean``."""
    columns: dict[str, Field] = {}
    outputs = of_role(part.simulator.columns, "output")
    seen = {name: one for name, one in measurements.items() if name in outputs}
    parameters = _unknown(recipe) if seen else ()
    known, all_columns = targets(part.simulator), part.simulator.columns
    numbers = [name for name, field in all_columns.items() if field.bounded and parameters]
    bounded = {}
    for name in (*parameters, *numbers):
        field = known[name]
        bounded[name] = tagged(name, "crlb", field.unit, field.unit)
        columns[bounded[name]] = Field(
            field.unit,
            f"Cramer-Rao bound of {name}: smallest standard deviation of an unbiased estimate from "
            f"{', '.join(one.column for one in seen.values())}",
            low=0.0,
        )
    variances = {}
    for name, one in seen.items():
        unit, field = squared(one.field.unit), outputs[name]
        plain = tagged(name, "variance", field.unit, squared(field.unit))
        variances[name] = f"{name}_variance" if field.is_image else plain
        before = ", before its perturbation" if name in part.perturbation else ""
        meaning = f"variance of {one.column}, given the truth{before}"
        columns[variances[name]] = Field(unit, meaning, field.shape, "float32", low=0.0)
    propagated = {}
    answers = measurements.keys() & set(sensitive(part.simulator))
    for name, field in outputs.items() if answers else ():
        plain = tagged(name, "propagated_sigma", field.unit, field.unit)
        propagated[name] = f"{name}_propagated_sigma" if field.is_image else plain
        meaning = f"root mean square error of {name} if it is computed from measured parameters"
        columns[propagated[name]] = Field(field.unit, meaning, field.shape, low=0.0)
    true = {name: clean.get(name, name) for name in (*measurements, *propagated)}
    settings = {column for one in measurements.values() for column in one.settings.values()}
    needs = inputs | settings | frozenset(true.values())
    found = measurements, true, parameters, bounded, variances, propagated, columns
    return s.Bounds(frozenset(columns), needs, *found)


def _unknown(recipe: Recipe) -> tuple[str, ...]:
    """The sensitive parameters that differ between rows: a constant is known."""
    priors = [split.priors for split in recipe.splits.values()]
    drawn = {n for own in priors for n, prior in own.items() if not isinstance(prior, Constant)}
    return tuple(name for name in sensitive(recipe.simulator) if name in drawn)
