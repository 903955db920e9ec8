"""The verbs that show what there is, and what a file means."""

import json
import os
import platform
from dataclasses import asdict
from pathlib import Path

import click

from deepbench_hf.cli import reports
from deepbench_hf.cli.options import CONFIG, examples, formats, note, show
from deepbench_hf.files import write_whole


@click.command("list", epilog=examples("list", "list -q"))
@formats
def list_(as_json: bool, quiet: bool) -> None:
    """List the shipped configs."""
    data = reports.listing()
    names = "\n".join(entry["name"] for entry in data)
    show(data, reports.listing_text(data), names, as_json, quiet)


@click.command(epilog=examples("info pendulum_noisy", "info my.yaml --json"))
@click.argument("name", type=CONFIG)
@formats
def info(name: str, as_json: bool, quiet: bool) -> None:
    """Show a config's parameters, splits and columns."""
    data = reports.description(name)
    show(data, reports.description_text(data), data["fingerprint"], as_json, quiet)


@click.command(epilog=examples("validate my.yaml", "validate --schema > deepbench.schema.json"))
@click.argument("file", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of recipes, for editors.")
@formats
def validate(file: str | None, schema: bool, as_json: bool, quiet: bool) -> None:
    """Check a recipe; every problem is told at once, with its line.

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

    The recipe goes to stdout or into FILE, and every meaning that is another here to stderr: what
    DeepBench does wrong, what a recipe says only nearly, and what decides nothing. Other verbs and
    load_dataset take a file of DeepBench as it is. With -q the recipe alone is printed.
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
