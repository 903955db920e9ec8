"""The verb that reads files of DeepBench."""

from dataclasses import asdict

import click

from deepbench_hf.cli.options import examples, formats, show


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
    from deepbench_hf.recipe.deepbench import read, save

    found = save(file, output) if output is not None else read(file)
    data = {"recipe": found.recipe, "changes": [asdict(change) for change in found.changes]}
    text = output if output is not None else found.to_yaml().rstrip("\n")
    show(data, text, text, as_json, quiet)
    for change in () if as_json or quiet else found.changes:
        click.echo(change, err=True)
