"""The verb that opens the explorer in a browser."""

from pathlib import Path

import click

from deepbench_hf.cli.options import CONFIG, examples, note

NEEDS = 'the explorer needs Gradio: pip install -e ".[explore]" in a copy of the source'


@click.command(epilog=examples("explore", "explore galaxy_morphology", "explore --export my-space"))
@click.argument("name", type=CONFIG, default="pendulum_noisy")
@click.option("--port", type=click.IntRange(1, 65535), help="Of the page.  [default: a free one]")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--export", "folder", metavar="FOLDER", help="Write a Space of the Hub instead.")
def explore(name: str, port: int | None, no_browser: bool, folder: str | None) -> None:
    """Play with a config in the browser: parameters are sliders.

    The page is served to this machine alone, and nothing is asked of any other. Rows of every
    split can be browsed and compared, and what the sliders say copied as Python or as a recipe.
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
