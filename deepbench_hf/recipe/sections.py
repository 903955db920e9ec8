"""Priors, noise and levels of a recipe or a split: names, limits, and what fits together."""

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from deepbench_hf.errors import did_you_mean, reach, short
from deepbench_hf.fields import Parameter, of_role
from deepbench_hf.priors import Classes, Conditional, Grid, Integers, InTurn, Prior
from deepbench_hf.recipe import parts
from deepbench_hf.recipe.parts import READ_NOISE, READ_PRIOR, READ_SIMULATOR, Problem, mapping, read
from deepbench_hf.simulators.base import all_parameters, clean_fields, objects_of, targets

_NAMELESS = "a column's name is missing; write {}: {{kind: ...}}"


def section_problems(data: Mapping[str, Any], splits: Mapping[str, Any]) -> Iterator[Problem]:
    """All that is wrong with the sections of a recipe or of one of its splits."""
    simulator = read(READ_SIMULATOR, data.get("simulator"))
    levels = mapping(data, "levels")
    yield from _truths_problems(data, levels, splits)
    if simulator is None:
        return
    # None where an entry cannot be read, of which its model tells.
    priors = {name: read(READ_PRIOR, raw) for name, raw in mapping(data, "priors").items()}
    noises = {name: read(READ_NOISE, raw) for name, raw in mapping(data, "noise").items()}
    problems = [*_prior_problems(priors, simulator, levels)]
    yield from problems or _joint_problems(priors, simulator)
    yield from _grid_problems(data.get("size"), priors, simulator)
    yield from _noise_problems(noises, priors, simulator, levels)
    yield from _over_problems(noises, priors, simulator)
    yield from _perturbation_problems(mapping(data, "perturbation"), noises, simulator)
    for name in sorted(noises.keys() & simulator.parameters.keys() - priors.keys()):
        yield ("noise", name), "has noise but no prior, so there is no true value beside it"


def _prior_problems(priors: Mapping, simulator: Any, levels: Mapping) -> Iterator[Problem]:
    parameters = all_parameters(simulator)
    for name, prior in priors.items():
        place, parameter = ("priors", name), parameters.get(name)
        if parameter is None:
            known = did_you_mean(name, parameters)
            yield place, f"unknown parameter of {simulator.kind}; {known}"
        elif isinstance(prior, Conditional):
            yield from _level_problems(place, prior, levels)
            objects = objects_of(simulator)
            own = objects if name in objects else simulator.parameters
            yield from _condition_problems(place, prior, priors, own, parameter)
        elif prior is not None:
            yield from _level_problems(place, prior, levels)
            yield from _range_problems(place, prior, parameter)
    for name, parameter in parameters.items():
        if name not in priors and parameter.default is None:
            yield ("priors", name), f"is missing: {parameter.meaning}, {parameter.unit}"


def _range_problems(place: tuple, prior: Prior, parameter: Parameter) -> Iterator[Problem]:
    """Values must be classes where those are wanted, whole where those are, within the limits."""
    if isinstance(prior, Classes) or parameter.names:
        unknown = [n for n in getattr(prior, "names", ()) if n not in parameter.names]
        if not parameter.names:
            yield place, "is a number; give it a distribution of numbers"
        elif not isinstance(prior, Classes):
            accepted = f"{{kind: classes, names: [{', '.join(parameter.names)}]}}"
            yield place, f"is one of some classes; give {accepted}, or some of these names"
        for name in unknown:
            yield place, f"unknown class {name!r}; {did_you_mean(name, parameter.names)}"
        return
    low, high = prior.support
    if not (parameter.low <= low and high <= parameter.high):
        unit = "" if parameter.unit == "1" else f" {parameter.unit}"
        got = reach(low, high, parameter.unit)
        yield place, f"{got}; the model accepts [{parameter.low:g}, {parameter.high:g}]{unit}"
    if parameter.whole and not _is_whole(prior):
        yield place, "is a whole number; give integers, choice, poisson or a number"


def _is_whole(prior: Prior) -> bool:
    values = getattr(prior, "values", prior.support)
    steps = isinstance(prior, Integers) or prior.discrete
    return steps and all(float(value).is_integer() for value in values)


def _condition_problems(
    place: tuple, prior: Conditional, priors: Mapping, own: Mapping, parameter: Parameter
) -> Iterator[Problem]:
    """The deciding parameter must be a class with a plain prior, and every class be covered."""
    classes = [n for n, p in own.items() if p.names and n in priors and p is not parameter]
    if prior.given not in classes:
        hint = did_you_mean(prior.given, classes)
        yield (*place, "given"), f"{prior.given!r} is no class with a prior; {hint}"
    elif not isinstance(priors[prior.given], Classes):
        yield (*place, "given"), f"{prior.given} must not be conditional itself"
    else:
        names = own[prior.given].names
        for case in prior.cases.keys() - set(names):
            yield (*place, "cases"), f"unknown class {case!r}; {did_you_mean(case, names)}"
        missing = [] if prior.otherwise else [n for n in names if n not in prior.cases]
        if missing:
            yield place, f"says nothing of {', '.join(missing)}; add them or otherwise"
    for case, part in [*prior.cases.items(), ("otherwise", prior.otherwise)]:
        if part is not None:
            yield from _range_problems((*place, case), part, parameter)


def _joint_problems(priors: Mapping, simulator: Any) -> Iterator[Problem]:
    """What the simulator says of all priors together, once each of them is in order."""
    known = all_parameters(simulator)
    complete = all(name in priors or known[name].default is not None for name in known)
    if complete and all(priors.values()) and priors.keys() <= known.keys():
        reasons = (simulator.refuse(supports) for supports in _supports(priors, known))
        if reason := next(filter(None, reasons), None):
            yield ("priors",), reason


def _supports(
    priors: Mapping[str, Any], parameters: Mapping[str, Parameter]
) -> Iterator[dict[str, tuple[float, float]]]:
    """What the priors reach, for each choice of classes that they allow."""
    for deciding in _choices(priors):
        settled = {
            name: prior.case(deciding[prior.given]) if isinstance(prior, Conditional) else prior
            for name, prior in priors.items()
        }
        rest = {name: prior for name, prior in settled.items() if name not in deciding}
        for others in _choices(rest):
            chosen = {n: parameters[n].names.index(c) for n, c in {**deciding, **others}.items()}
            numbers = {name: (float(k), float(k)) for name, k in chosen.items()}
            yield {name: prior.support for name, prior in settled.items()} | numbers


def _choices(priors: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Each choice of one class for every parameter whose prior is of classes."""
    names = {name: prior.names for name, prior in priors.items() if isinstance(prior, Classes)}
    for chosen in itertools.product(*names.values()):
        yield dict(zip(names, chosen, strict=True))


def _grid_problems(size: Any, priors: Mapping, simulator: Any) -> Iterator[Problem]:
    """Grids are of rows, no more than they have points; classes in turn are of objects."""
    grids = {name: prior for name, prior in priors.items() if isinstance(prior, Grid)}
    for name in grids.keys() & objects_of(simulator).keys():
        yield ("priors", name), "is of an object; a grid is for parameters of a row"
    for name, prior in priors.items():
        if isinstance(prior, InTurn) and name not in objects_of(simulator):
            yield ("priors", name), "is of a row; classes in turn are for objects of a scene"
    points = math.prod(grid.count for grid in grids.values())
    if grids and isinstance(size, int) and size > points:
        axes = " x ".join(f"{name} ({grid.count})" for name, grid in grids.items())
        got = f"{points} points; got {short(size)}"
        yield ("size",), f"the grid {axes} has {got}, accepted: up to that"


def _noise_problems(
    noises: Mapping, priors: Mapping, simulator: Any, levels: Mapping
) -> Iterator[Problem]:
    known = targets(simulator)
    for name, noise in noises.items():
        place = ("noise", name)
        if name not in known:
            what = f"unknown parameter or output; {did_you_mean(name, known)}"
            yield place, _NAMELESS.format(next(iter(known))) if name == "kind" else what
        elif noise is not None:
            yield from _level_problems(place, noise, levels)
            for setting, prior in noise.priors.items():
                yield from _level_problems((*place, setting), prior, levels)
            reason = noise.refuse(known[name])
            reason = reason and noise.refuse(_narrowed(known[name], priors.get(name)))
            if reason := reason or parts.refuse_light(noise, priors, simulator):
                yield place, reason


def _narrowed(target: Any, prior: Prior | None) -> Any:
    """A parameter within the range of its prior: how strong its noise may be depends on that."""
    if prior is None or not isinstance(target, Parameter) or prior.support[0] <= target.low:
        return target
    return replace(target, low=prior.support[0])


def _over_problems(noises: Mapping, priors: Mapping, simulator: Any) -> Iterator[Problem]:
    """What a strength is divided by: a number with a prior, or a label, that is never zero."""
    known = simulator.parameters.items()
    numbers = [n for n, p in known if n in priors and not (p.names or p.only)]
    labels = of_role(simulator.columns, "label").items()
    numbers += [name for name, field in labels if not field.shape and field.low > 0]
    for name, noise in noises.items():
        over = noise and noise.divisor
        if over is not None and over not in numbers:
            hint = did_you_mean(over, numbers)
            yield ("noise", name, "over"), f"{over!r} is no number with a prior; {hint}"
        elif prior := priors.get(over):
            low, high = prior.support
            if low <= 0 <= high:
                reason = f"{over} {reach(low, high)}; it must stay away from zero"
                yield ("noise", name, "over"), reason


def _perturbation_problems(
    perturbed: Mapping, noises: Mapping, simulator: Any
) -> Iterator[Problem]:
    """Only a grey image that is observed with noise can be perturbed."""
    images = [name for name, field in clean_fields(simulator).items() if len(field.shape) == 2]
    for name in perturbed:
        if name not in images:
            hint = did_you_mean(name, images) if images else f"{simulator.kind} makes none"
            what = _NAMELESS.format(images[0]) if name == "kind" and images else "unknown image"
            yield ("perturbation", name), f"{what}; {hint}"
        elif name not in noises:
            yield ("perturbation", name), "is perturbed after its noise, and has none; give it one"


def _level_problems(place: tuple, entry: Any, levels: Mapping) -> Iterator[Problem]:
    if entry.level is not None and entry.level not in levels:
        yield (
            (*place, "level"),
            f"unknown level {entry.level!r}; {did_you_mean(entry.level, levels)}",
        )


def _truths_problems(data: Mapping, levels: Mapping, splits: Mapping) -> Iterator[Problem]:
    named = [((key,), data.get(key)) for key in ("truths", "noise_of")]
    named += [
        (("levels", name, "truths"), level.get("truths"))
        for name, level in levels.items()
        if isinstance(level, dict)
    ]
    for place, truths in named:
        if isinstance(truths, str) and truths not in splits:
            yield place, f"unknown split {truths!r}; {did_you_mean(truths, splits)}"
    for key in ("truths", "noise_of"):
        whose = data.get(key)
        other = splits.get(whose) if isinstance(whose, str) else None
        if isinstance(other, dict) and other is not data:
            yield from _origin_problems(key, whose, data, other)


def _origin_problems(key: str, whose: Any, data: Mapping, other: Mapping) -> Iterator[Problem]:
    """A split whose draws are taken must have draws of its own, for the same groups of rows."""
    if other.get(key) not in (None, whose):
        origin = f"split {whose!r} takes them from {other[key]!r} itself"
        yield (key,), f"must name the split whose draws they are; {origin}"
    if other.get("levels", {}) != data.get("levels", {}):
        yield (key,), f"split {whose!r} has other levels; give this one the same"
