"""What only the whole recipe can judge: names, limits, levels, and equal columns in all splits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from deepbench_hf.errors import did_you_mean
from deepbench_hf.model import OneOf
from deepbench_hf.noise import NOISES
from deepbench_hf.priors import PRIORS, Classes, Conditional, Constant, Prior
from deepbench_hf.reading import NAME, name_rule
from deepbench_hf.simulators import SIMULATORS
from deepbench_hf.simulators.base import Parameter
from deepbench_hf.truths import all_parameters

__all__ = ["Problem", "name_problems", "problems", "told_once"]

Problem = tuple[tuple[Any, ...], str]
"""The path of an entry, and what is wrong with it."""

READ_PRIOR = OneOf(PRIORS, number=lambda value: Constant(value=value))
READ_NOISE = OneOf(NOISES)
READ_SIMULATOR = OneOf(SIMULATORS)

MOST_LINES = 50
"""Problems that are told of one recipe."""

RESERVED = {"all", "con", "prn", "aux", "nul"} | {
    f"{p}{n}" for p in ("com", "lpt") for n in "123456789"
}
"""Words that `datasets` or a file system keeps for itself."""


def problems(data: Mapping[str, Any]) -> list[Problem]:
    """Everything wrong with a resolved recipe that its types do not tell.

    Entries whose own form is broken are passed over: their models report them.
    """
    splits = _mapping(data, "splits")
    found = [*_section_problems(data, splits), *_output_problems(data)]
    for name, split in splits.items():
        if isinstance(split, dict):
            inside = _section_problems(split, splits)
            found += [(("splits", name, *place), text) for place, text in inside]
            found += [(("splits", name, *place), text) for place, text in _unlike(data, split)]
    return found


def name_problems(name: str, data: Mapping[str, Any]) -> list[Problem]:
    """Names that could not become folders, files or splits."""
    found: list[Problem] = []
    if not NAME.fullmatch(name) or name.lower() in RESERVED:
        found.append((("name",), f"{name!r} {name_rule()}"))
    if "name" in data:
        found.append((("name",), "is the file's name; leave it out"))
    splits = _mapping(data, "splits")
    for split in splits:
        fits = isinstance(split, str) and NAME.fullmatch(split)
        if not fits or not split.replace("_", "a").isalnum() or split.lower() in RESERVED:
            rule = "must be 1 to 80 letters, digits and '_', and no reserved word"
            found.append((("splits",), f"split name {split!r} {rule}"))
        elif [str(name).lower() for name in splits].count(split.lower()) > 1:
            found.append((("splits",), f"split name {split!r} has a twin but for capitals"))
    return found


def told_once(found: Iterable[Problem]) -> list[str]:
    """One sentence for each problem; one that a split inherits is told at its origin only."""
    found = list(found)
    at_top = {problem for problem in found if problem[0][:1] != ("splits",)}
    own = [p for p in found if not (p[0][:1] == ("splits",) and (p[0][2:], p[1]) in at_top)]
    lines = list(dict.fromkeys(f"{'.'.join(map(str, place))}: {text}" for place, text in own))
    more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
    return lines[:MOST_LINES] + more


def _output_problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Rows must have an output, and level names must be fit for columns."""
    simulator = _read(READ_SIMULATOR, data.get("simulator"))
    if simulator and data.get("clean") is False:
        arrays = {name: field for name, field in simulator.fields.items() if field.shape}
        pictures = any(field.is_image for field in arrays.values())
        if not pictures and not arrays.keys() & _mapping(data, "noise").keys():
            yield ("clean",), "false leaves no output, as no output has noise"
    if simulator and data.get("masks") is True and not simulator.layers:
        yield ("masks",), f"{simulator.kind} has no masks"
    if simulator and data.get("uncertainty") is True and not _mapping(data, "noise"):
        yield ("uncertainty",), "needs noise; this recipe has none"
    for name in _mapping(data, "levels"):
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", str(name)):
            yield ("levels",), f"level name {name!r} must be lower-case letters, digits and '_'"


def _section_problems(data: Mapping[str, Any], splits: Mapping[str, Any]) -> Iterator[Problem]:
    simulator = _read(READ_SIMULATOR, data.get("simulator"))
    levels, priors, noises = (_mapping(data, key) for key in ("levels", "priors", "noise"))
    yield from _truths_problems(data, levels, splits)
    if simulator is None:
        return
    yield from _prior_problems(priors, simulator, levels)
    yield from _joint_problems(priors, simulator)
    yield from _noise_problems(noises, simulator, levels)
    yield from _over_problems(noises, priors, simulator)
    for name in sorted(noises.keys() & simulator.parameters.keys() - priors.keys()):
        yield ("noise", name), "has noise but no prior, so there is no true value beside it"


def _prior_problems(priors: Mapping, simulator: Any, levels: Mapping) -> Iterator[Problem]:
    parameters = all_parameters(simulator)
    for name, raw in priors.items():
        place, prior = ("priors", name), _read(READ_PRIOR, raw)
        parameter = parameters.get(name)
        if parameter is None:
            known = did_you_mean(name, parameters)
            yield place, f"unknown parameter of {simulator.kind}; {known}"
        elif isinstance(prior, Conditional):
            yield from _level_problems(place, prior, levels)
            objects = simulator.objects
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
        got = f"reaches [{low:g}, {high:g}]{unit}"
        yield place, f"{got}; the model accepts [{parameter.low:g}, {parameter.high:g}]{unit}"
    values = getattr(prior, "values", getattr(prior, "support", ()))
    if parameter.whole and not (prior.discrete and all(float(v).is_integer() for v in values)):
        yield place, "is a whole number; give choice, poisson or a number"


def _condition_problems(
    place: tuple, prior: Conditional, priors: Mapping, own: Mapping, parameter: Parameter
) -> Iterator[Problem]:
    """The deciding parameter must be a class with a plain prior, and every class be covered."""
    deciding = _read(READ_PRIOR, priors.get(prior.given))
    classes = [n for n, p in own.items() if p.names and n in priors and p is not parameter]
    if prior.given not in classes:
        hint = did_you_mean(prior.given, classes)
        yield (*place, "given"), f"{prior.given!r} is no class with a prior; {hint}"
    elif not isinstance(deciding, Classes):
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
    read = {name: _read(READ_PRIOR, raw) for name, raw in priors.items()}
    known = all_parameters(simulator)
    complete = all(name in priors or known[name].default is not None for name in known)
    if complete and all(read.values()) and priors.keys() <= known.keys():
        reason = simulator.refuse({name: prior.support for name, prior in read.items()})
        if reason:
            yield ("priors",), reason


def _noise_problems(noises: Mapping, simulator: Any, levels: Mapping) -> Iterator[Problem]:
    targets = simulator.targets
    for name, raw in noises.items():
        place, noise = ("noise", name), _read(READ_NOISE, raw)
        if name not in targets:
            yield place, f"unknown parameter or output; {did_you_mean(name, targets)}"
        elif noise is not None:
            yield from _level_problems(place, noise, levels)
            for setting, prior in noise.priors.items():
                yield from _level_problems((*place, setting), prior, levels)
            if reason := noise.refuse(targets[name]):
                yield place, reason


def _over_problems(noises: Mapping, priors: Mapping, simulator: Any) -> Iterator[Problem]:
    """What a strength is divided by must be a number with a prior, and never zero."""
    numbers = [n for n, p in simulator.parameters.items() if n in priors and not p.names]
    for name, raw in noises.items():
        noise = _read(READ_NOISE, raw)
        over = noise and noise.over
        if over is not None and over not in numbers:
            hint = did_you_mean(over, numbers)
            yield ("noise", name, "over"), f"{over!r} is no number with a prior; {hint}"
        elif over is not None and (prior := _read(READ_PRIOR, priors[over])) is not None:
            low, high = prior.support
            if low <= 0 <= high:
                reason = f"{over} reaches [{low:g}, {high:g}]; it must stay away from zero"
                yield ("noise", name, "over"), reason


def _level_problems(place: tuple, entry: Any, levels: Mapping) -> Iterator[Problem]:
    if entry.level is not None and entry.level not in levels:
        yield (
            (*place, "level"),
            f"unknown level {entry.level!r}; {did_you_mean(entry.level, levels)}",
        )


def _truths_problems(data: Mapping, levels: Mapping, splits: Mapping) -> Iterator[Problem]:
    named = [(("truths",), data.get("truths"))]
    named += [
        (("levels", name, "truths"), level.get("truths"))
        for name, level in levels.items()
        if isinstance(level, dict)
    ]
    for place, truths in named:
        if isinstance(truths, str) and truths not in splits:
            yield place, f"unknown split {truths!r}; {did_you_mean(truths, splits)}"
    other = splits.get(named[0][1]) if isinstance(named[0][1], str) else None
    if isinstance(other, dict) and other is not data:
        if other.get("truths") != data["truths"]:
            origin = f"split {data['truths']!r} takes them from {other.get('truths')!r} itself"
            yield ("truths",), f"must name the split whose draws they are; {origin}"
        if other.get("levels", {}) != data.get("levels", {}):
            yield ("truths",), f"split {data['truths']!r} has other levels; give this one the same"


def _unlike(data: Mapping[str, Any], split: Mapping[str, Any]) -> Iterator[Problem]:
    """A split must have the columns of the recipe: the same priors, noises, levels and outputs."""
    for section in ("priors", "noise", "levels"):
        ours, theirs = data.get(section, {}), split.get(section, {})
        if not isinstance(ours, dict) or not isinstance(theirs, dict):
            continue
        extra = sorted(map(str, ours.keys() ^ theirs.keys()))
        extra += [
            str(key)
            for key in sorted(ours.keys() & theirs.keys(), key=str)
            if _column_kind(section, ours[key]) != _column_kind(section, theirs[key])
        ]
        if extra:
            text = f"every split must have the same columns; {', '.join(extra)} would differ"
            yield (section,), text
    one, other = (_read(READ_SIMULATOR, part.get("simulator")) for part in (data, split))
    if one and other and (one.kind, one.fields) != (other.kind, other.fields):
        yield ("simulator",), "every split must have the same outputs, in kind and shape"
    elif one and other and data.get("uncertainty") and one.sensitive != other.sensitive:
        yield ("simulator",), "with uncertainty every split must offer the same derivatives"


def _column_kind(section: str, raw: Any) -> Any:
    """What decides which columns an entry makes."""
    if section == "noise":
        noise = _read(READ_NOISE, raw)
        return noise and (*noise.priors, noise.unitless, getattr(noise, "in_adu", None))
    return section == "levels" and isinstance(raw, dict) and raw.get("rows") == "all"


def _mapping(data: Mapping[str, Any], key: str) -> dict:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _read(reader: OneOf, raw: Any) -> Any:
    """The model that ``raw`` describes, or None: its own problems are reported elsewhere."""
    try:
        return reader.read(raw)
    except (ValidationError, ValueError):
        return None
