"""The tables of a card, row by row: parameters, noise, splits and columns of a config."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from deepbench_hf.cards.phrases import (
    EQUATIONS,
    GLUE,
    PERTURBED,
    cell,
    kind_of_value,
    maths,
    prior,
    unit,
)
from deepbench_hf.fields import OBJECTS, Field
from deepbench_hf.recipe.columns import Column, schema
from deepbench_hf.recipe.plan import measurements
from deepbench_hf.recipe.recipe import Recipe, Split
from deepbench_hf.recipe.text import difference
from deepbench_hf.simulators.base import all_parameters, objects_of

Row = tuple[str, ...]
"""The cells of a line of a table, in Markdown."""

HEADS: dict[str, Row] = {
    "parameters": ("symbol", "column", "unit", "distribution and range"),
    "noise": ("measured", "equation", "setting", "column", "unit", "distribution and range"),
    "splits": ("split", "rows", "differs from the recipe in", "parameter draws"),
    "columns": ("column", "type", "unit", "role", "meaning"),
}
"""The headings of each table of a config, by the function that gives its rows."""

PREVIEW = Field("1", "the row as a small picture, for viewers; no part of a digest")


def parameters(recipe: Recipe) -> list[Row]:
    """Symbol, column, unit, and distribution with its range of every parameter."""
    known = all_parameters(recipe.simulator)
    return [
        (
            maths(known[name].symbol),
            f"`{_place(recipe, name)}`",
            unit(known[name].unit),
            prior(of, "<br>"),
        )
        for name, of in recipe.priors.items()
    ]


def noise(recipe: Recipe) -> list[Row]:
    """What is measured, the equation, and the distribution of each setting with its range."""
    found = []
    for one in measurements(recipe).values():
        model = one.noise
        whose = f"; one draw for each {model.level}" if model.level else ""
        head = f"`{one.column}`", maths(EQUATIONS[model.kind]) + whose
        for setting, of in model.priors.items():
            column = one.settings[setting]
            relative = model.kind == "relative_gaussian"
            symbol = r"\epsilon" if relative else _symbol(model, setting)
            measure = "1" if relative else unit(one.columns[column].unit)
            drawn = prior(of, "<br>") + (f", over `{model.divisor}`" if model.divisor else "")
            found.append((*head, maths(symbol), f"`{column}`", measure, drawn))
            head = "", ""
        if not model.priors:
            found.append((*head, "", "none", "", ""))
    return found


def splits(recipe: Recipe) -> list[Row]:
    """Rows, what differs from the recipe's own sections, and whose parameter draws they are."""
    return [
        (
            f"`{name}`",
            count(split.size),
            "<br>".join(_changes(recipe, split)) or "nothing",
            _draws(name, split),
        )
        for name, split in recipe.splits.items()
    ]


def _draws(name: str, split: Split) -> str:
    """Whose draws a split takes."""
    own = "its own" if split.truths == name else f"those of `{split.truths}`"
    return own if split.noise_of is None else f"{own}; noise of `{split.noise_of}`"


def count(rows: int) -> str:
    """A number of rows, its thousands apart."""
    return f"{rows:,}".replace(",", GLUE)


def columns(recipe: Recipe) -> list[Row]:
    """Name, type, unit, role and meaning of every column, and of the fields of records."""
    found = []
    for name, column in schema(recipe).items():
        found += list(_column(name, column))
    if recipe.preview:
        found.append(("`preview`", "PNG", "", "preview", PREVIEW.meaning))
    return found


def family_columns(recipes: Sequence[Recipe]) -> list[Row]:
    """The columns of all configs of a family, each once, and which configs have it."""
    found: dict[Row, list[str]] = {}
    for recipe in recipes:
        for row in columns(recipe):
            found.setdefault(row, []).append(recipe.name)
    names = [recipe.name for recipe in recipes]
    return [(*row, _among(having, names)) for row, having in found.items()]


def _among(having: Sequence[str], names: Sequence[str]) -> str:
    """Some of several names, in as few words as it takes."""
    without = [name for name in names if name not in having]
    if len(without) < len(having):
        return "all but " + ", ".join(f"`{n}`" for n in without) if without else "all"
    return ", ".join(f"`{name}`" for name in having)


def statistics(known: dict[str, dict[str, float]]) -> list[Row]:
    """Mean, standard deviation, range and median of every numeric column."""
    keys = ("mean", "std", "min", "q50", "max")
    return [
        (f"`{name}`", *(f"{found[key]:.4g}" for key in keys))
        for name, found in known.items()
        if isinstance(found, dict) and found.get("count")
    ]


def _column(name: str, column: Column) -> Iterator[Row]:
    field = column.field
    yield (
        f"`{name}`",
        kind_of_value(field),
        "" if field.fields else unit(field.unit),
        column.role,
        _told(field),
    )
    for part, inner in field.fields.items():
        yield f"`{name}.{part}`", kind_of_value(inner), unit(inner.unit), "", _told(inner)


def _told(field: Field) -> str:
    if not field.names:
        return cell(field.meaning)
    names = ", ".join(f"{number} {name}" for number, name in enumerate(field.names))
    return cell(f"{field.meaning}: {names}")


def _place(recipe: Recipe, name: str) -> str:
    """Where a parameter is in a row: a column, or a field of each object."""
    return f"{OBJECTS}.{name}" if name in objects_of(recipe.simulator) else name


def _symbol(model: Any, setting: str) -> str:
    return model.SETTINGS[setting].symbol


def _changes(recipe: Recipe, split: Split) -> Iterator[str]:
    """What a split changes, a phrase for each."""
    for name, value in _leaves(_dumped(recipe, "simulator"), _dumped(split, "simulator")):
        yield f"`{name}` {value:g}" if isinstance(value, float) else f"`{name}` {value}"
    for name, level in split.levels.items():
        if level != recipe.levels.get(name) and level.truths:
            yield f"each {name} is one of `{level.truths}`"
    for name, of in split.priors.items():
        if of != recipe.priors.get(name):
            yield f"`{name}`: {prior(of)}"
    for name, model in split.noise.items():
        base = recipe.noise.get(name)
        for setting, of in model.priors.items():
            if base is None or base.priors.get(setting) != of:
                yield f"noise of `{name}`, `{setting}`: {prior(of)}"
    for name, how in split.perturbation.items():
        if how != recipe.perturbation.get(name):
            yield f"`{name}`: {PERTURBED[how.kind](how)}"


def _dumped(part: Recipe | Split, section: str) -> dict[str, Any]:
    return getattr(part, section).model_dump(mode="json")


def _leaves(base: Mapping[str, Any], changed: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The settings that differ, with the path of each."""
    for key, value in difference(base, changed).items():
        if isinstance(value, dict):
            yield from ((f"{key}.{path}", leaf) for path, leaf in _leaves({}, value))
        else:
            yield key, value


def markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
