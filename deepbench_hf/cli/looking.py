"""The verbs that show what there is."""

import json

import click

from deepbench_hf.cli import reports
from deepbench_hf.cli.options import examples, formats, show


@click.command("list", epilog=examples("list", "list -q"))
@formats
def list_(as_json: bool, quiet: bool) -> None:
    """List the shipped configs."""
    data = reports.listing()
    names = "\n".join(entry["name"] for entry in data)
    show(data, reports.listing_text(data), names, as_json, quiet)


@click.command(epilog=examples("info pendulum_noisy", "info my.yaml --json"))
@click.argument("name")
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
    """Check a recipe; every problem is told at once."""
    if schema == (file is not None):
        raise click.UsageError("Give either a FILE or --schema.")
    if schema:
        click.echo(json.dumps(reports.json_schema(), indent=2))
        return
    data = reports.validated(str(file))
    text = f"{data['name']} {data['version']} is valid: fingerprint {data['fingerprint'][:16]}"
    show(data, text, data["fingerprint"], as_json, quiet)


@click.command(epilog=examples("env", "env --json"))
@formats
def env(as_json: bool, quiet: bool) -> None:
    """Show versions and folders, for bug reports."""
    data = reports.environment()
    text = "\n".join(f"- {key}: {value}" for key, value in data.items())
    show(data, text, text, as_json, quiet)
