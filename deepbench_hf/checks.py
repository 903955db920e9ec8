"""What only the whole recipe can judge: names, limits, levels, and equal columns in all splits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from deepbench_hf.errors import did_you_mean
from deepbench_hf.model import OneOf
from deepbench_hf.noise import NOISES
from deepbench_hf.priors import PRIORS, Constant
from deepbench_hf.reading import NAME, name_rule
from deepbench_hf.simulators import SIMULATORS

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
        series = [name for name, field in simulator.fields.items() if field.shape]
        if not set(series) & _mapping(data, "noise").keys():
            yield ("clean",), "false leaves no output, as no output has noise"
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
    for name in sorted(noises.keys() & simulator.parameters.keys() - priors.keys()):
        yield ("noise", name), "has noise but no prior, so there is no true value beside it"


def _prior_problems(priors: Mapping, simulator: Any, levels: Mapping) -> Iterator[Problem]:
    for name, raw in priors.items():
        place, prior = ("priors", name), _read(READ_PRIOR, raw)
        parameter = simulator.parameters.get(name)
        if parameter is None:
            known = did_you_mean(name, simulator.parameters)
            yield place, f"unknown parameter of {simulator.kind}; {known}"
        elif prior is not None:
            yield from _level_problems(place, prior, levels)
            low, high = prior.support
            if not (parameter.low <= low and high <= parameter.high):
                got = f"reaches [{low:g}, {high:g}] {parameter.unit}"
                accepted = f"[{parameter.low:g}, {parameter.high:g}] {parameter.unit}"
                yield place, f"{got}; the model accepts {accepted}"
    for name, parameter in simulator.parameters.items():
        if name not in priors and parameter.default is None:
            yield ("priors", name), f"is missing: {parameter.meaning}, {parameter.unit}"


def _joint_problems(priors: Mapping, simulator: Any) -> Iterator[Problem]:
    """What the simulator says of all priors together, once each of them is in order."""
    read = {name: _read(READ_PRIOR, raw) for name, raw in priors.items()}
    known = simulator.parameters
    complete = all(name in priors or known[name].default is not None for name in known)
    if complete and all(read.values()) and priors.keys() <= known.keys():
        reason = simulator.refuse({name: prior.support for name, prior in read.items()})
        if reason:
            yield ("priors",), reason


def _noise_problems(noises: Mapping, simulator: Any, levels: Mapping) -> Iterator[Problem]:
    targets = {**simulator.parameters, **simulator.fields}
    for name, raw in noises.items():
        place, noise = ("noise", name), _read(READ_NOISE, raw)
        if name not in targets:
            yield place, f"unknown parameter or output; {did_you_mean(name, targets)}"
        elif noise is not None:
            yield from _level_problems(place, noise, levels)
            yield from _level_problems((*place, "sigma"), noise.sigma, levels)
            if reason := noise.refuse(targets[name]):
                yield place, reason


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


def _column_kind(section: str, raw: Any) -> Any:
    """What decides which columns an entry makes."""
    if section == "noise":
        noise = _read(READ_NOISE, raw)
        return noise and noise.unitless
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
