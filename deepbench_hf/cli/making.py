"""The verbs that make rows, digests, pictures and cards."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import click

from deepbench_hf.cli import options


@click.command(
    epilog=options.examples(
        "build pendulum_noisy", "build shapes my.yaml -o out --image-size 28 --split test"
    )
)
@click.argument("names", type=options.CONFIG, nargs=-1, required=True, metavar="NAME...")
@click.option(
    "-o", "--output", metavar="TARGET", help="Write Parquet files here; else fill the cache."
)
@options.num_proc
@options.recipe_options
@options.output_options
@click.option(
    "--scheduler",
    metavar="ADDRESS|local",
    help="Build on the Dask cluster of this address, or on one of --num-proc processes here.",
)
@options.formats
def build(
    names: tuple[str, ...],
    output: str | None,
    splits: tuple[str, ...],
    num_proc: int,
    scheduler: str | None,
    as_json: bool,
    quiet: bool,
    **overrides: Any,
) -> None:
    """Build configs into the cache, a folder or a store.

    Without -o the rows go into the cache, as load_dataset does it. With -o a folder gets Parquet
    files that load_dataset reads without this package, beside the configs that are already there.
    An option that means nothing to one of several configs is left out for that one. A store is
    an address that fsspec knows, such as s3://bucket/out or hf://buckets/user/name/out.
    """
    from deepbench_hf.tables.building import build as build_all

    overrides["splits"] = list(splits) or None
    with _client(scheduler, num_proc) as client:
        built = build_all(names, output, num_proc, quiet, options.note, client=client, **overrides)
    text = "\n".join(f"{entry['name']}: {entry['rows']} rows in {entry['path']}" for entry in built)
    options.show(built, text, "\n".join(entry["path"] for entry in built), as_json, quiet)


def _client(scheduler: str | None, workers: int) -> AbstractContextManager[Any]:
    if scheduler is None:
        return nullcontext()
    from deepbench_hf.tables.cluster import connected

    return connected(scheduler, workers)


@click.command(
    epilog=options.examples("preview pendulum_noisy -o x.png", "preview shapes_scene --outlines")
)
@click.argument("name", type=options.CONFIG)
@click.option("-o", "--output", metavar="FILE", help="Picture to write.  [default: NAME.png]")
@click.option("--split", default="train", show_default=True, help="Which split.")
@click.option(
    "--rows",
    type=click.IntRange(1, 24),
    default=6,
    show_default=True,
    help="How many rows to draw.",
)
@click.option("--outlines", is_flag=True, help="Draw a line round every object of an image.")
@options.seed
@options.image_size
@options.formats
def preview(
    name: str,
    output: str | None,
    split: str,
    rows: int,
    outlines: bool,
    as_json: bool,
    quiet: bool,
    **overrides: Any,
) -> None:
    """Draw the first examples of a split."""
    from deepbench_hf.figures import save_preview
    from deepbench_hf.recipe.catalog import load_recipe

    recipe = load_recipe(name, **overrides)
    file = output if output is not None else f"{recipe.name}.png"
    save_preview(recipe, file, split, rows, outlines)
    options.show({"file": file}, f"{recipe.name}, split {split}: {file}", file, as_json, quiet)


@click.command(
    epilog=options.examples("digest pendulum_noisy", "digest pendulum --split test --stop 256")
)
@click.argument("name", type=options.CONFIG)
@click.option("--split", help="Only this split.")
@click.option("--start", type=int, default=0, help="First row; a multiple of 256.")
@click.option("--stop", type=int, help="One past the last row; a multiple of 256, or the end.")
@options.recipe_options
@options.formats
def digest(
    name: str,
    split: str | None,
    start: int,
    stop: int | None,
    as_json: bool,
    quiet: bool,
    **overrides: Any,
) -> None:
    """Print the sha256 of blocks of 256 rows.

    Equal digests are equal bits, on any machine.
    """
    rows = _digests(name, split, start, stop, **overrides)
    if as_json:
        click.echo(json.dumps(list(rows), indent=2))
        return
    for row in rows:
        place = "" if quiet else f"  {row['split']} {row['start']}:{row['stop']}"
        click.echo(f"{row['sha256']}{place}")


def _digests(
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


@click.command(epilog=options.examples("card pendulum_noisy", "card shapes sky -o out/README.md"))
@click.argument("names", type=options.CONFIG, nargs=-1, required=True, metavar="NAME...")
@click.option("-o", "--output", metavar="FILE", help="Write here, with figures beside it.")
@click.option("--repo-id", metavar="REPO_ID", help="The repository that the examples name.")
@click.option(
    "--preview/--no-preview", default=True, help="Describe the column of small pictures, too."
)
@options.recipe_options
@options.formats
def card(
    names: tuple[str, ...],
    output: str | None,
    repo_id: str | None,
    preview: bool,
    as_json: bool,
    quiet: bool,
    **overrides: Any,
) -> None:
    """Write the dataset card of configs.

    Without -o the card's front page is printed. With -o the pages of the families, with equations
    and tables, and the figures are written beside it; a README that is there keeps its other
    configs and its other text, and configs that `build -o` wrote are told with their digests.
    """
    from deepbench_hf.cards import card_text, write_card
    from deepbench_hf.recipe.catalog import load_recipe

    recipes = [load_recipe(name, **overrides) for name in names]
    if output is None:
        text = card_text(recipes, repo_id, preview)
        options.show({"README.md": text}, text, text, as_json, quiet)
        return
    files = [str(file) for file in write_card(recipes, output, repo_id, preview)]
    text = f"{files[0]}, and {len(files) - 1} files beside it"
    options.show({"files": files}, text, "\n".join(files), as_json, quiet)
