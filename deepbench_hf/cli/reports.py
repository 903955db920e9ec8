"""What the command line prints: plain data first, and its text."""

from textwrap import shorten
from typing import Any

from deepbench_hf.errors import BuildError, HubError, RecipeError


def listing(family: str | None = None, task: str | None = None) -> list[dict[str, Any]]:
    """The shipped configs, of a family or for a task."""
    from deepbench_hf.recipe.catalog import list_recipes, load_recipe
    from deepbench_hf.recipe.purposes import tasks_of

    recipes = (load_recipe(name) for name in list_recipes(family, task))
    return [
        {
            "name": r.name,
            "version": r.version,
            "family": r.family,
            "tasks": tasks_of(r),
            "train": r.splits["train"].size,
            "splits": len(r.splits),
            "description": r.description,
        }
        for r in recipes
    ]


def listing_text(data: list[dict[str, Any]]) -> str:
    """One line for each config, with the beginning of its description."""
    keys = ("name", "version", "family", "train", "splits")
    rows = [[*(str(entry[key]) for key in keys), _first(entry["description"])] for entry in data]
    return "\n".join(aligned([[*keys, "description"], *rows]))


def _first(description: str) -> str:
    """The first sentence, at most 60 characters of it."""
    return shorten(description.partition(". ")[0].rstrip("."), 60, placeholder=" ...")


def description(name: str) -> dict[str, Any]:
    """Everything about one config that a user can rely on."""
    from deepbench_hf.recipe.catalog import load_recipe
    from deepbench_hf.recipe.columns import row_bytes, schema

    recipe = load_recipe(name)
    width = row_bytes(recipe)
    return {
        "name": recipe.name,
        "version": recipe.version,
        "family": recipe.family,
        "simulator": recipe.simulator.kind,
        "description": recipe.description,
        "fingerprint": recipe.fingerprint,
        "seed": recipe.seed,
        "bytes_per_row": width,
        "bytes": width * recipe.rows,
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
    return {
        "unit": field.unit,
        "shape": list(field.shape),
        "dtype": "records" if parts else field.type_name,
        "meaning": field.meaning,
        **({"names": list(field.names)} if field.names else {}),
        **({"fields": parts} if parts else {}),
    }


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
        [name, p["unit"], _range(p), p["prior"], _accepted(p), p["meaning"]]
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
    heads = ["name", "unit", "range", "prior", "accepted", "meaning"]
    sections = [
        [f"{data['name']} {data['version']} ({data['simulator']})", data["description"]],
        [f"fingerprint {data['fingerprint']}"],
        [f"{_size(data['bytes'])} at most, {_size(data['bytes_per_row'])} a row"],
        ["", "Parameters", *aligned([heads, *parameters])],
        ["", "Noise", *aligned([["on", "kind", "setting", "value"], *noise])] if noise else [],
        ["", "Splits", *aligned([["name", "rows", "differs in"], *splits])],
        ["", "Columns", *aligned([["name", "role", "unit", "type", "meaning"], *columns])],
    ]
    return "\n".join(line for section in sections for line in section)


def validated(file: str) -> dict[str, Any]:
    """The name, version and fingerprint of a recipe, or its problems, each with its line."""
    from deepbench_hf.recipe.catalog import load_recipe
    from deepbench_hf.recipe.text import line_of

    try:
        recipe = load_recipe(file)
    except RecipeError as error:
        lines = [{"line": line_of(file, text), "message": text} for text in error.problems]
        return {"valid": False, "problems": lines}
    about = {"name": recipe.name, "version": recipe.version, "fingerprint": recipe.fingerprint}
    return {"valid": True, **about, "problems": []}


def error_lines(error: BaseException, verb: str = "") -> list[str]:
    """An error as one line for each problem, and a hint."""
    root, ours = error, (RecipeError, BuildError, HubError)
    while root.__cause__ is not None and not isinstance(root, ours):
        root = root.__cause__
    text = str(root.args[0]) if isinstance(root, KeyError) and root.args else str(root)
    if isinstance(root, OSError) and root.strerror:
        text = f"{root.filename}: {root.strerror}" if root.filename else root.strerror
    lines = [f"Error: {line}" for line in (text or type(root).__name__).splitlines()]
    expected = isinstance(root, (*ours, ValueError, KeyError, OSError, ImportError))
    own_help = f"see `deepbench-hf {verb} --help`".replace("  ", " ")
    return [*lines, f"Hint: {own_help if expected else 'set HF_DEBUG=1 for the traceback'}"]


def _parameters(recipe: Any) -> dict[str, Any]:
    """Those that have a prior, then those that are at the model's default."""
    from deepbench_hf.priors import Classes, Constant
    from deepbench_hf.simulators.base import all_parameters

    found, known = {}, all_parameters(recipe.simulator)
    defaults = {
        name: Classes(names=(one.names[int(one.default)],))
        if one.names
        else Constant(value=one.default)
        for name, one in known.items()
        if name not in recipe.priors and one.default is not None
    }
    for name, prior in {**recipe.priors, **defaults}.items():
        parameter, (low, high) = known[name], prior.support
        found[name] = {
            "unit": parameter.unit,
            "meaning": parameter.meaning,
            "prior": "default" if name in defaults else prior.kind,
            "settings": prior.model_dump(mode="json", exclude={"kind", "level"}, exclude_none=True),
            "low": low,
            "high": high,
            "model_low": parameter.low,
            "model_high": parameter.high,
            **({"names": classes_of(prior)} if parameter.names else {}),
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


def classes_of(prior: Any) -> list[str]:
    """The classes that a prior can give, in its order."""
    parts = getattr(prior, "parts", [prior])
    return list(dict.fromkeys(name for part in parts for name in part.names))


def _range(parameter: dict[str, Any]) -> str:
    if names := parameter.get("names"):
        return f"{len(names)} classes" if len(names) > 3 else ", ".join(names)
    settings = parameter["settings"]
    shape = [f"{key} {settings[key]:g}" for key in ("mean", "median", "sigma") if key in settings]
    ends = (parameter["low"], parameter["high"])
    return ", ".join([*shape, " to ".join(f"{end:g}" for end in dict.fromkeys(ends))])


def _accepted(parameter: dict[str, Any]) -> str:
    """What the model takes, which a recipe of one's own may reach; of classes nothing to add."""
    names = parameter.get("names")
    return "" if names else f"{parameter['model_low']:g} to {parameter['model_high']:g}"


def _size(count: float) -> str:
    """Bytes for people.

    >>> _size(812), _size(12_345), _size(9_870_000)
    ('812 bytes', '12.3 kB', '9.87 MB')
    """
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if count < 999.5 or unit == "TB":
            break
        count /= 1000
    return f"{count:.3g} {unit}"


def _strength(sigma: dict[str, Any]) -> str:
    if sigma["kind"] == "constant":
        return f"{sigma['value']:g}"
    return f"{sigma['kind']} {sigma.get('low', '')} to {sigma.get('high', '')}"


def aligned(rows: list[Any]) -> list[str]:
    """Rows of words, each on one line, as lines with aligned columns."""
    cells = [[" ".join(str(word).split()) for word in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ("  ".join(w.ljust(n) for w, n in zip(row, widths, strict=True)) for row in cells)
    return [f"  {line.rstrip()}" for line in lines]
