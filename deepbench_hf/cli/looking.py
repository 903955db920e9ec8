"""The verbs that show what there is, what a file means, and how two sets differ."""

import json
import os
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from deepbench_hf.cli import reports
from deepbench_hf.cli.options import CONFIG, examples, formats, image_size, note, seed, show
from deepbench_hf.cli.reports import aligned
from deepbench_hf.files import write_whole


@click.command("list", epilog=examples("list -q", "list --family sky --task classification"))
@click.option("--family", metavar="NAME", help="Only configs of this family, such as sky.")
@click.option(
    "--task",
    metavar="NAME",
    help="Only configs for regression, classification, detection, segmentation or denoising.",
)
@formats
def list_(family: str | None, task: str | None, as_json: bool, quiet: bool) -> None:
    """List the shipped configs, or those of a family or for a task."""
    data = reports.listing(family, task)
    names = "\n".join(entry["name"] for entry in data)
    show(data, reports.listing_text(data), names, as_json, quiet)


@click.command(epilog=examples("info pendulum_noisy", "info my.yaml --json"))
@click.argument("name", type=CONFIG)
@formats
def info(name: str, as_json: bool, quiet: bool) -> None:
    """Show a config's parameters, noise, splits and columns, with units."""
    data = reports.description(name)
    show(data, reports.description_text(data), data["fingerprint"], as_json, quiet)


@click.command(epilog=examples("validate my.yaml", "validate --schema > deepbench.schema.json"))
@click.argument("file", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of recipes, for editors.")
@formats
def validate(file: str | None, schema: bool, as_json: bool, quiet: bool) -> None:
    """Check a recipe; every problem is reported at once, with its line.

    With --json the problems are JSON as well. The exit code is 1 if there are any.
    """
    if schema == (file is not None):
        raise click.UsageError("Give either a FILE or --schema.")
    if schema:
        from deepbench_hf.recipe.recipe import file_schema

        click.echo(json.dumps(file_schema(), indent=2))
        return
    data = reports.validated(str(file))
    if data["valid"]:
        text = f"{data['name']} {data['version']} is valid: fingerprint {data['fingerprint'][:16]}"
        show(data, text, data["fingerprint"], as_json, quiet)
        return
    if as_json:
        show(data, "", "", as_json, quiet)
    for problem in () if as_json else data["problems"]:
        line = f", line {problem['line']}" if problem["line"] else ""
        note(f"Error: {file}{line}: {problem['message']}")
    click.get_current_context().exit(1)


@click.command(
    "import", epilog=examples("import deepbench.yaml", "import deepbench.yaml -o my.yaml")
)
@click.argument("file")
@click.option(
    "-o", "--output", metavar="FILE", help="Write the recipe here instead of printing it."
)
@formats
def import_(file: str, output: str | None, as_json: bool, quiet: bool) -> None:
    """Turn a configuration of DeepBench into a recipe.

    The recipe is printed, or written with -o. Whatever means something else here is listed on
    stderr: what DeepBench does wrong, what a recipe can say only approximately, and what has no
    effect. Other commands and load_dataset take a file of DeepBench as it is. With -q the recipe
    alone is printed.
    """
    from deepbench_hf.recipe.deepbench import read

    found = read(file)
    if output is not None:
        write_whole(Path(output), found.to_yaml())
    data = {"recipe": found.recipe, "changes": [asdict(change) for change in found.changes]}
    text = output if output is not None else found.to_yaml().rstrip("\n")
    show(data, text, text, as_json, quiet)
    for change in () if as_json or quiet else found.changes:
        note(change)


@click.command(epilog=examples("env", "env --json"))
@formats
def env(as_json: bool, quiet: bool) -> None:
    """Show versions and folders, for bug reports."""
    from datasets import config
    from huggingface_hub import constants

    from deepbench_hf.recipe.recipe import GENERATOR_VERSION
    from deepbench_hf.rows.digest import versions

    data = {
        **versions(),
        "generator": str(GENERATOR_VERSION),
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": f"{platform.machine()}, {os.cpu_count()} cores",
        "HF_HOME": str(constants.HF_HOME),
        "HF_DATASETS_CACHE": str(config.HF_DATASETS_CACHE),
        "HF_HUB_OFFLINE": str(constants.HF_HUB_OFFLINE),
    }
    text = "\n".join(f"- {key}: {value}" for key, value in data.items())
    show(data, text, text, as_json, quiet)


NEEDS = 'the explorer needs Gradio: pip install -e ".[explore]" in a copy of the source'


@click.command(epilog=examples("explore", "explore galaxy_morphology", "explore --export my-space"))
@click.argument("name", type=CONFIG, default="pendulum_noisy")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="Port of the page.  [default: a free one]"
)
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option(
    "--export", "folder", metavar="FOLDER", help="Write the page as a Space of the Hub instead."
)
def explore(name: str, port: int | None, no_browser: bool, folder: str | None) -> None:
    """Play with a config in the browser: parameters are sliders.

    Rows of every split can be browsed and compared, and the sliders' values copied as Python or
    as a recipe. The page is served to this machine alone, and needs no network.
    """
    from deepbench_hf.recipe.catalog import list_recipes, load_recipe

    recipe = load_recipe(name)
    try:
        from deepbench_hf.cli.explorer import page, space
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{NEEDS} ({error.name} is missing)") from None
    if folder is not None:
        click.echo(f"{len(space.export(folder, recipe.name))} files in {folder}")
        return
    text = name if name in list_recipes() else Path(name).read_text(encoding="utf-8")
    note("Ctrl-C ends it")
    page.launch(text, port, not no_browser)


@click.command(
    epilog=examples(
        "compare shapes_noisy emulated.npy -o comparison.png",
        "compare shapes_noisy:train shapes_noisy:test --rows 500",
        "compare pendulum_noisy mine.parquet --column x_observed_m --json",
    )
)
@click.argument("a", type=CONFIG)
@click.argument("b", type=CONFIG)
@click.option("--column", help="Which column to compare.  [default: the one that both have]")
@click.option(
    "--times",
    metavar="COLUMN",
    help="Column of the times of series.  [default: as the recipe says]",
)
@click.option(
    "--rows", type=click.IntRange(2), default=1000, show_default=True, help="Rows of each set."
)
@click.option(
    "--bins", type=click.IntRange(3), default=20, show_default=True, help="Bins of each statistic."
)
@click.option("--periodic", is_flag=True, help="Maps are periodic: opposite sides meet.")
@click.option("-o", "--output", metavar="FILE", help="Picture of both sets to write.")
@seed
@image_size
@formats
def compare(a: str, b: str, output: str | None, as_json: bool, quiet: bool, **options: Any) -> None:
    """Compare two sets of maps or series by their statistics.

    A and B are each a config, of which rows are made; a folder that build -o or save_to_disk wrote;
    a Parquet, .npy or .npz file of arrays; or a folder of .npy files, one map or series each.
    NAME:SPLIT and FOLDER:SPLIT name a split, else it is test.

    Each statistic has a p-value: if both sets come from one distribution, it is uniform between 0
    and 1; a very small one says that they differ. KS p is the smallest Kolmogorov-Smirnov p-value
    of the bins; max |z| is the largest difference of means, in standard errors.
    """
    from deepbench_hf.statistics import compare as compared

    found = compared(a, b, **options)
    data = found.to_mapping()
    if output is not None:
        from deepbench_hf.figures import save_comparison

        save_comparison(found, output)
        data["file"] = output
    show(data, _text(data), _values(data), as_json, quiet)


def _text(data: dict[str, Any]) -> str:
    from deepbench_hf.statistics import p_text

    rows = [["statistic", "bins", "KS p", "max |z|", "chi2/dof", "p"]]
    for name, found in data["statistics"].items():
        chi2 = "-" if found["chi2"] is None else f"{found['chi2']:.1f} / {found['dof']}"
        z = "-" if found["z_largest"] is None else f"{found['z_largest']:.1f}"
        p = [p_text(found[key]).removeprefix("= ") for key in ("ks_p_least", "p")]
        rows.append([name, str(found["bins"]), p[0], z, chi2, p[1]])
    end = [f"p {p_text(data['p'])}: the least of all p-values, times their number"]
    file = [data["file"]] if "file" in data else []
    return "\n".join([*_sets(data), "", *aligned(rows), "", *end, *file])


def _sets(data: dict[str, Any]) -> list[str]:
    """A line for each set: where it is from, which column, how many examples of which shape."""
    parts = zip(("a", "b"), data["columns"], data["rows"], strict=True)
    shape = " x ".join(map(str, data["shape"]))
    rows = [
        [side.upper(), data[side], column, f"{rows} of {shape}"] for side, column, rows in parts
    ]
    return [line[2:] for line in aligned(rows)]


def _values(data: dict[str, Any]) -> str:
    """The p-value of everything, and those of each statistic: name, KS, mean."""
    lines = [f"p {data['p']}"]
    for name, found in data["statistics"].items():
        lines.append(f"{name.replace(' ', '_')} {found['ks_p_least']} {found['p']}")
    return "\n".join(lines)
