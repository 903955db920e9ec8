"""What the command line prints: plain data first, and its text."""

import os
import platform
from collections.abc import Iterator
from typing import Any

from deepbench_hf.errors import BuildError, HubError, RecipeError


def listing() -> list[dict[str, Any]]:
    """The shipped configs."""
    from deepbench_hf.recipe.catalog import list_recipes, load_recipe

    recipes = (load_recipe(name) for name in list_recipes())
    return [
        {
            "name": r.name,
            "version": r.version,
            "family": r.family,
            "train": r.splits["train"].size,
            "splits": len(r.splits),
            "description": r.description,
        }
        for r in recipes
    ]


def listing_text(data: list[dict[str, Any]]) -> str:
    """One line for each config."""
    keys = ("name", "version", "family", "train", "splits")
    lines = aligned([keys, *([str(entry[key]) for key in keys] for entry in data)])
    return "\n".join(lines)


def description(name: str) -> dict[str, Any]:
    """Everything about one config that a user can rely on."""
    from deepbench_hf.recipe.catalog import load_recipe
    from deepbench_hf.recipe.columns import row_bytes, schema

    recipe = load_recipe(name)
    width = row_bytes(recipe)
    rows = sum(split.size for split in recipe.splits.values())
    return {
        "name": recipe.name,
        "version": recipe.version,
        "family": recipe.family,
        "simulator": recipe.simulator.kind,
        "description": recipe.description,
        "fingerprint": recipe.fingerprint,
        "seed": recipe.seed,
        "bytes_per_row": width,
        "bytes": width * rows,
        "parameters": _parameters(recipe),
        "noise": {k: v.model_dump(mode="json", exclude_none=True) for k, v in recipe.noise.items()},
        "splits": _splits(recipe),
        "columns": {
            name: {"role": column.role, **_field(column.field)}
            for name, column in schema(recipe).items()
        },
    }


def _field(field: Any) -> dict[str, Any]:
    parts = {name: _field(part) for name, part in field.fields.items()}
    told = {
        "unit": field.unit,
        "shape": list(field.shape),
        "dtype": "records" if parts else field.dtype,
        "meaning": field.meaning,
    }
    names = {"names": list(field.names)} if field.names else {}
    return told | names | ({"fields": parts} if parts else {})


def _flat(columns: dict[str, Any]) -> dict[str, Any]:
    """Columns, and the fields of their records below them."""
    found = {}
    for name, column in columns.items():
        found[name] = column
        for part, field in column.get("fields", {}).items():
            found[f"  .{part}"] = {**field, "role": ""}
    return found


def description_text(data: dict[str, Any]) -> str:
    """The same for people."""
    parameters = [
        [name, p["unit"], _range(p), p["prior"], p["meaning"]]
        for name, p in data["parameters"].items()
    ]
    noise = [
        [name, n["kind"], setting, _strength(prior)]
        for name, n in data["noise"].items()
        for setting, prior in n.items()
        if isinstance(prior, dict)
    ]
    splits = [[name, str(s["size"]), s["differs"]] for name, s in data["splits"].items()]
    columns = [
        [name, c["role"], c["unit"], f"{c['dtype']}{c['shape'] or ''}", c["meaning"]]
        for name, c in _flat(data["columns"]).items()
    ]
    sections = [
        [f"{data['name']} {data['version']} ({data['simulator']})", data["description"]],
        [f"fingerprint {data['fingerprint']}"],
        [f"about {data['bytes'] / 1e6:.0f} MB, {data['bytes_per_row']} bytes a row"],
        ["", "Parameters", *aligned([["name", "unit", "range", "prior", "meaning"], *parameters])],
        ["", "Noise", *aligned([["on", "kind", "setting", "value"], *noise])] if noise else [],
        ["", "Splits", *aligned([["name", "rows", "differs in"], *splits])],
        ["", "Columns", *aligned([["name", "role", "unit", "type", "meaning"], *columns])],
    ]
    return "\n".join(line for section in sections for line in section)


def validated(file: str) -> dict[str, Any]:
    """The name, version and fingerprint of a recipe that is valid.

    Raises:
        RecipeError: it is not.
    """
    from deepbench_hf.recipe.catalog import load_recipe

    recipe = load_recipe(file)
    return {"name": recipe.name, "version": recipe.version, "fingerprint": recipe.fingerprint}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of recipe files."""
    from deepbench_hf.recipe.recipe import file_schema

    return file_schema()


def digests(
    name: str, split: str | None, start: int, stop: int | None, **overrides: Any
) -> Iterator[dict[str, Any]]:
    """The digest of every block of a range of one split, or of all splits."""
    from deepbench_hf.recipe.catalog import load_recipe
    from deepbench_hf.rows.digest import block_digests, split_blocks

    recipe = load_recipe(name, **overrides)
    splits = recipe.splits if split is None else [split]
    ranges = {part: list(split_blocks(recipe, part, start, stop)) for part in splits}
    for part, found in ranges.items():
        made = block_digests(recipe, part, start, stop)
        for (first, last), sha256 in zip(found, made, strict=True):
            yield {"split": part, "start": first, "stop": last, "sha256": sha256}


def environment() -> dict[str, str]:
    """Versions, folders and the processor."""
    from datasets import config
    from huggingface_hub import constants

    from deepbench_hf.recipe.recipe import GENERATOR_VERSION
    from deepbench_hf.rows.digest import versions

    return {
        **versions(),
        "generator": str(GENERATOR_VERSION),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": f"{platform.machine()}, {os.cpu_count()} cores",
        "HF_HOME": str(constants.HF_HOME),
        "HF_DATASETS_CACHE": str(config.HF_DATASETS_CACHE),
        "HF_HUB_OFFLINE": str(constants.HF_HUB_OFFLINE),
    }


def error_lines(error: BaseException) -> list[str]:
    """An error as one line for each problem, and a hint."""
    root, ours = error, (RecipeError, BuildError, HubError)
    while root.__cause__ is not None and not isinstance(root, ours):
        root = root.__cause__
    text = str(root.args[0]) if isinstance(root, KeyError) and root.args else str(root)
    if isinstance(root, OSError) and root.strerror:
        text = f"{root.filename}: {root.strerror}" if root.filename else root.strerror
    lines = [f"Error: {line}" for line in (text or type(root).__name__).splitlines()]
    expected = isinstance(root, (*ours, ValueError, KeyError, OSError))
    hint = "see `deepbench-hf COMMAND --help`" if expected else "set HF_DEBUG=1 for the traceback"
    return [*lines, f"Hint: {hint}"]


def _parameters(recipe: Any) -> dict[str, Any]:
    from deepbench_hf.simulators.base import all_parameters

    found = {}
    for name, prior in recipe.priors.items():
        parameter, (low, high) = all_parameters(recipe.simulator)[name], prior.support
        found[name] = {
            "unit": parameter.unit,
            "meaning": parameter.meaning,
            "prior": prior.kind,
            "low": low,
            "high": high,
            "model_low": parameter.low,
            "model_high": parameter.high,
            **({"names": _classes(prior)} if parameter.names else {}),
        }
    return found


def _splits(recipe: Any) -> dict[str, Any]:
    from deepbench_hf.recipe.recipe import SECTIONS

    def differs(split: Any) -> str:
        changed = [
            f"{section}.{key}"
            for section in SECTIONS[1:]
            for key, value in getattr(split, section).items()
            if getattr(recipe, section).get(key) != value
        ]
        return ", ".join(
            [*(["simulator"] if split.simulator != recipe.simulator else []), *changed]
        )

    return {
        name: {
            "size": split.size,
            "truths": split.truths,
            **({"noise_of": split.noise_of} if split.noise_of else {}),
            "differs": differs(split),
        }
        for name, split in recipe.splits.items()
    }


def _classes(prior: Any) -> list[str]:
    """The classes that a prior can give, in its order."""
    parts = getattr(prior, "parts", [prior])
    return list(dict.fromkeys(name for part in parts for name in part.names))


def _range(parameter: dict[str, Any]) -> str:
    if names := parameter.get("names"):
        return f"{len(names)} classes" if len(names) > 3 else ", ".join(names)
    return f"{parameter['low']:g} to {parameter['high']:g}"


def _strength(sigma: dict[str, Any]) -> str:
    if sigma["kind"] == "constant":
        return f"{sigma['value']:g}"
    return f"{sigma['kind']} {sigma.get('low', '')} to {sigma.get('high', '')}"


def aligned(rows: list[Any]) -> list[str]:
    """Rows of words as lines with aligned columns."""
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(str(w).ljust(n) for w, n in zip(row, widths, strict=True)) for row in rows)
    return [f"  {line.rstrip()}" for line in lines]
