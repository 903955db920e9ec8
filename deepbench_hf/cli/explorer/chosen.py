"""A recipe whose values are chosen: what the sliders say, as a recipe, as YAML and as Python."""

from __future__ import annotations

import pprint
import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from deepbench_hf.cli.explorer.controls import Control, had
from deepbench_hf.fields import Columns
from deepbench_hf.recipe.catalog import list_recipes, load_recipe
from deepbench_hf.recipe.recipe import Recipe
from deepbench_hf.recipe.syntax import yaml_text
from deepbench_hf.rows.generation import generate
from deepbench_hf.simulators.base import objects_of, sensitive

Values = Mapping[Control, Any]
"""What each control stands at; None for a noise that is switched off."""

OWN = "my"
"""The name of a recipe that was typed in."""


@lru_cache(64)
def recipe_of(source: str) -> Recipe:
    """A shipped recipe by its name, or the recipe that a text of YAML is.

    Raises:
        RecipeError: every problem of it.
    """
    if source in list_recipes():
        return load_recipe(source)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{OWN}.yaml"
        file.write_text(source, encoding="utf-8")
        return load_recipe(file)


def parameters(recipe: Recipe, values: Values) -> dict[str, Any]:
    """The parameters that an example of the chosen classes has."""
    own = had(recipe, {c.name: value for c, value in values.items() if c.names})
    return {
        c.name: value if c.names else float(value)
        for c, value in values.items()
        if c.section == "priors" and c.name in own
    }


def changes(recipe: Recipe, split: str, values: Values) -> dict[str, Any]:
    """The sections of a recipe whose one split has these values in every row."""
    classes = {c.name for c in values if c.names}
    priors: dict[str, Any] = {
        name: {"kind": "classes", "names": [value]} if name in classes else value
        for name, value in parameters(recipe, values).items()
    }
    noise: dict[str, Any] = {}
    for control, value in values.items():
        if control.section == "priors":
            continue
        if value is None:
            noise[control.name] = None
        elif noise.setdefault(control.name, {}) is not None:
            noise[control.name][control.setting] = float(value)
    kinds = {name: one.kind for name, one in recipe.splits[split].noise.items()}
    for name, settings in noise.items():
        if settings is not None:
            noise[name] = {"kind": kinds[name], **settings}
    return {"priors": priors, "noise": noise}


def chosen(recipe: Recipe, split: str, values: Values, uncertainty: bool = False) -> Recipe:
    """The recipe with these values, of one split of the same name.

    Raises:
        RecipeError: a value does not fit, each with its place.
    """
    data, part = recipe.to_mapping(), recipe.splits[split]
    one = part.model_dump(mode="json", exclude_none=True)
    changed = changes(recipe, split, values)
    if uncertainty:  # a constant is known, and has no bound
        changed["priors"] = {n: _unknown(value) for n, value in changed["priors"].items()}
    noise = {k: v for k, v in {**one["noise"], **changed["noise"]}.items() if v is not None}
    data |= {
        **{key: one[key] for key in ("simulator", "levels", "perturbation") if key in one},
        "priors": {**one["priors"], **changed["priors"]},
        "noise": noise,
        "clean": True,
        "uncertainty": bool(noise) and uncertainty and bool(sensitive(part.simulator)),
        "splits": {split: {"size": part.size, "truths": split}},
    }
    for level in data.get("levels", {}).values():  # it may draw from a split that is left out
        if level.get("truths"):
            level["truths"] = split
    if not noise:
        data.pop("perturbation", None)
    data.pop("card", None)
    return Recipe.from_mapping(recipe.name, data)


def _unknown(value: Any) -> Any:
    """A number as a distribution that gives no other."""
    return {"kind": "choice", "values": [value]} if isinstance(value, float) else value


def row_of(recipe: Recipe, split: str, index: int) -> Columns:
    """One row, with its clean output, as columns of one example.

    Raises:
        IndexError: there is no such row.
    """
    whole = recipe.model_copy(update={"clean": True})
    return generate(whole, split, index, index + 1)


def as_yaml(recipe: Recipe, split: str, values: Values, index: int = 0) -> str:
    """The choice as a recipe file: what differs from the recipe that it extends.

    Its split has 1000 rows, or so many that the row ``index`` is one of them.
    """
    rows = max(1000, index + 1)
    if recipe.name in list_recipes():
        part = recipe.splits[split]
        changed = changes(recipe, split, values)
        one = part.model_dump(mode="json", exclude_none=True)
        data: dict[str, Any] = {"extends": recipe.name, "version": "1.0.0"}
        if part.simulator != recipe.simulator:
            data["simulator"] = one["simulator"]
        data |= {key: section for key, section in changed.items() if section}
        others: dict[str, Any] = {name: None for name in recipe.splits if name != split}
        data["splits"] = {**others, split: {"size": rows}}
        return yaml_text(data)
    data = chosen(recipe, split, values).to_mapping()
    data["splits"][split]["size"] = rows
    return yaml_text(data)


def as_python(recipe: Recipe, split: str, values: Values, index: int) -> str:
    """Code that makes the clean output and the observed rows of the choice.

    A scene has the objects of a row of the split.
    """
    text = as_yaml(recipe, split, values, index)
    arguments = pprint.pformat(parameters(recipe, values), sort_dicts=False, width=88)
    lines = ["from pathlib import Path", "", "import deepbench_hf", ""]
    name = repr(recipe.name)
    if recipe.name not in list_recipes():
        name = '"my.yaml"'
    if objects_of(recipe.simulator):
        lines += ["# the observed rows, with other objects in each"]
    else:
        call = f"deepbench_hf.simulate({name}, **values)"
        lines += [f"values = {arguments}"]
        if name != '"my.yaml"':
            lines += [f"clean = {call}"]
        lines += ["", "# the same with its noise"]
    lines += [f'Path("my.yaml").write_text("""{text}""")']
    if name == '"my.yaml"' and not objects_of(recipe.simulator):
        lines += ['clean = deepbench_hf.simulate("my.yaml", **values)']
    lines += [f'rows = deepbench_hf.generate("my.yaml", "{split}", {index}, {index + 1})']
    return "\n".join(lines) + "\n"
