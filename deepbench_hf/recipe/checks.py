"""What only the whole recipe can judge: names, limits, levels, and equal columns in all splits."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from deepbench_hf.errors import MOST_LISTED
from deepbench_hf.fields import of_role
from deepbench_hf.recipe.parts import READ_NOISE, READ_SIMULATOR, Problem, mapping, read
from deepbench_hf.recipe.sections import section_problems
from deepbench_hf.recipe.text import NAME, NAME_RULE
from deepbench_hf.simulators.base import Layered, clean_fields, sensitive

MOST_LINES = 50
"""Problems that are told of one recipe."""

RESERVED = {"all", "con", "prn", "aux", "nul"} | {
    f"{p}{n}" for p in ("com", "lpt") for n in "123456789"
}
"""Words that `datasets` or a file system keeps for itself."""

FOLDER_FILES = ("manifest.json", "readme.md", "recipes", "croissant.json", "figures", "docs")
"""What a folder of configs holds beside them: no config may be called so."""


def problems(data: Mapping[str, Any]) -> list[Problem]:
    """Everything wrong with a resolved recipe that its types do not tell.

    Entries whose own form is broken are passed over: their models report them.
    """
    splits = mapping(data, "splits")
    if data.get("posterior"):  # of which one split is enough, though it may name others
        levels = mapping(data, "levels")
        named = (mapping(levels, name).get("truths") for name in levels)
        splits = {**{name: None for name in named if isinstance(name, str)}, **splits}
    found = [*section_problems(data, splits), *_output_problems(data)]
    for name, split in splits.items():
        if isinstance(split, dict):
            inside = section_problems(split, splits)
            found += [(("splits", name, *place), text) for place, text in inside]
            found += [(("splits", name, *place), text) for place, text in _unlike(data, split)]
    return found


def name_problems(name: str, data: Mapping[str, Any]) -> list[Problem]:
    """Names that could not become folders, files or splits."""
    found: list[Problem] = []
    if not NAME.fullmatch(name) or name.lower() in RESERVED:
        found.append((("name",), f"{name!r} {NAME_RULE}"))
    if name.lower() in FOLDER_FILES:
        found.append((("name",), f"{name!r} is something else in a folder of configs; rename it"))
    if "name" in data:
        found.append((("name",), "is the file's name; leave it out"))
    splits = mapping(data, "splits")
    twins = Counter(str(split).lower() for split in splits)
    for split in splits:
        fits = isinstance(split, str) and NAME.fullmatch(split)
        if not fits or not split.replace("_", "a").isalnum() or split.lower() in RESERVED:
            rule = "must be 1 to 80 letters, digits and '_', and no reserved word"
            found.append((("splits",), f"split name {split!r} {rule}"))
        elif twins[split.lower()] > 1:
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
    simulator = read(READ_SIMULATOR, data.get("simulator"))
    if simulator and data.get("clean") is False:
        outputs = of_role(simulator.columns, "output")
        pictures = any(field.is_image for field in outputs.values())
        if not pictures and not outputs.keys() & mapping(data, "noise").keys():
            yield ("clean",), "false leaves no output, as no output has noise"
    clean = clean_fields(simulator) if simulator else {}
    arrays = any(field.shape for field in clean.values())
    if simulator and data.get("preview") is True and not arrays:
        yield ("preview",), f"{simulator.kind} has numbers only, of which there is no picture"
    if simulator and data.get("masks") is True and not isinstance(simulator, Layered):
        yield ("masks",), f"{simulator.kind} has no masks"
    if simulator and data.get("uncertainty") is True and not mapping(data, "noise"):
        yield ("uncertainty",), "needs noise; this recipe has none"
    for name in mapping(data, "levels"):
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", str(name)):
            yield ("levels",), f"level name {name!r} must be lower-case letters, digits and '_'"


def _unlike(data: Mapping[str, Any], split: Mapping[str, Any]) -> Iterator[Problem]:
    """A split must have the columns of the recipe: the same priors, noises and so on."""
    for section in ("priors", "noise", "levels", "perturbation"):
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
            more = extra[MOST_LISTED:]
            named = ", ".join(extra[:MOST_LISTED]) + (f" and {len(more)} more" if more else "")
            text = f"every split must have the same columns; {named} would differ"
            yield (section,), text
    one, other = (read(READ_SIMULATOR, part.get("simulator")) for part in (data, split))
    if one and other and (one.kind, one.columns) != (other.kind, other.columns):
        yield ("simulator",), "every split must have the same outputs, in kind and shape"
    elif one and other and data.get("uncertainty") and sensitive(one) != sensitive(other):
        yield ("simulator",), "with uncertainty every split must offer the same derivatives"


def _column_kind(section: str, raw: Any) -> Any:
    """What decides which columns an entry makes."""
    if section == "noise":
        noise = read(READ_NOISE, raw)
        in_adu = getattr(noise, "in_adu", None)  # the observed unit
        return noise and (*noise.priors, noise.unitless, noise.per_sample, in_adu)
    return section == "levels" and isinstance(raw, dict) and raw.get("rows") == "all"
