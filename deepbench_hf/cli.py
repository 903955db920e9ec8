"""The command line: each verb reads its options, calls one function and prints."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, NoReturn

import click
from huggingface_hub import constants

from deepbench_hf import reports

__all__ = ["cli", "main"]

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def main() -> None:
    """Run the command line; errors are one line each, a traceback only under HF_DEBUG=1."""
    interrupted = _note_interrupts()
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        if interrupted:
            _abort()
        if constants.HF_DEBUG:
            raise
        for line in reports.error_lines(error):
            click.echo(line, err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        _abort()


def _note_interrupts() -> list[int]:
    """A list that is filled by Ctrl-C; worker processes then end without a word."""
    seen, owner = [], os.getpid()

    def interrupt(number: int, frame: Any) -> None:
        if os.getpid() != owner:
            os._exit(1)
        seen.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, interrupt)
    return seen


def _abort() -> NoReturn:
    click.echo("Error: interrupted; nothing half-written is left to see", err=True)
    sys.exit(1)


def _examples(*lines: str) -> str:
    """The end of a command's help."""
    return "\b\nExamples\n" + "\n".join(f"  $ deepbench-hf {line}" for line in lines)


def _formats(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options that every command with data has."""
    quiet = click.option("-q", "--quiet", is_flag=True, help="Only names or values, one a line.")
    as_json = click.option("--json", "as_json", is_flag=True, help="JSON output.")
    return quiet(as_json(command))


def _print(data: Any, text: str, quiet_text: str, as_json: bool, quiet: bool) -> None:
    if as_json:
        click.echo(json.dumps(data, indent=2))
    else:
        click.echo(quiet_text if quiet else text)


_seed = click.option("--seed", type=int, help="Another seed: other examples of the same kind.")
_num_examples = click.option("--num-examples", type=int, help="Size of train.")
_num_proc = click.option(
    "--num-proc", type=click.IntRange(1), default=1, help="Workers.", show_default=True
)
_token = click.option(
    "--token",
    metavar="TOKEN",
    help="Others can see it in the list of processes: better set HF_TOKEN or run hf auth login.",
)
_image_size = click.option(
    "--image-size",
    metavar="SIDE|HxW",
    callback=lambda _context, _option, value: _sides(value),
    help="Another size of images, in pixels; lengths are stretched with it.",
)


def _sides(text: str | None) -> int | tuple[int, int] | None:
    """A side, or height and width: 64 or 33x57."""
    if text is None:
        return None
    sides = text.lower().split("x")
    if len(sides) > 2 or not all(side.isdecimal() for side in sides):
        raise click.BadParameter(f"{text!r} is no side or HxW, such as 64 or 33x57")
    return int(sides[0]) if len(sides) == 1 else (int(sides[0]), int(sides[1]))


@click.group(
    context_settings=CONTEXT,
    epilog=_examples(
        "list", "preview pendulum_noisy -o pendulum.png", "build pendulum_noisy -o out"
    ),
)
@click.version_option(package_name="deepbench-hf", prog_name="deepbench-hf")
def cli() -> None:
    """Physics datasets with exact labels and known noise, made anew bit by bit anywhere.

    NAME is a shipped config (see `list`) or the path of your own recipe, such as my.yaml.
    """


@cli.command("list", epilog=_examples("list", "list -q"))
@_formats
def list_(as_json: bool, quiet: bool) -> None:
    """List the shipped configs."""
    data = reports.listing()
    names = "\n".join(entry["name"] for entry in data)
    _print(data, reports.listing_text(data), names, as_json, quiet)


@cli.command(epilog=_examples("info pendulum_noisy", "info my.yaml --json"))
@click.argument("name")
@_formats
def info(name: str, as_json: bool, quiet: bool) -> None:
    """Show a config's parameters, splits and columns."""
    data = reports.description(name)
    _print(data, reports.description_text(data), data["fingerprint"], as_json, quiet)


@cli.command(epilog=_examples("validate my.yaml", "validate --schema > deepbench.schema.json"))
@click.argument("file", required=False)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of recipes, for editors.")
@_formats
def validate(file: str | None, schema: bool, as_json: bool, quiet: bool) -> None:
    """Check a recipe; every problem is told at once."""
    if schema == (file is not None):
        raise click.UsageError("Give either a FILE or --schema.")
    if schema:
        click.echo(json.dumps(reports.json_schema(), indent=2))
        return
    data = reports.validated(str(file))
    text = f"{data['name']} {data['version']} is valid: fingerprint {data['fingerprint'][:16]}"
    _print(data, text, data["fingerprint"], as_json, quiet)


@cli.command(
    epilog=_examples("build pendulum_noisy", "build shapes my.yaml -o out --image-size 28")
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("-o", "--output", metavar="FOLDER", help="Write Parquet here; else fill the cache.")
@_num_proc
@_seed
@_num_examples
@_image_size
@click.option("--clean/--no-clean", default=None, help="Keep clean outputs beside observed ones.")
@click.option("--masks/--no-masks", default=None, help="Add masks and single objects of images.")
@click.option("--preview/--no-preview", default=None, help="Add a small picture of each row.")
@_formats
def build(
    names: tuple[str, ...],
    output: str | None,
    num_proc: int,
    as_json: bool,
    quiet: bool,
    **overrides: Any,
) -> None:
    """Build configs into the cache or a folder.

    Without -o the cache is filled as load_dataset does it; with -o the folder gets Parquet that
    stock load_dataset reads without this package, beside the configs that are already there.
    """
    from deepbench_hf.building import build as build_all

    built = build_all(names, output, num_proc, quiet, **overrides)
    text = "\n".join(f"{entry['name']}: {entry['rows']} rows in {entry['path']}" for entry in built)
    _print(built, text, "\n".join(entry["path"] for entry in built), as_json, quiet)


@cli.command(epilog=_examples("preview pendulum_noisy -o x.png", "preview shapes_scene --outlines"))
@click.argument("name")
@click.option("-o", "--output", metavar="FILE", help="Picture to write.  [default: NAME.png]")
@click.option("--split", default="train", show_default=True, help="Which split.")
@click.option("--rows", type=click.IntRange(1, 24), default=6, show_default=True, help="How many.")
@click.option("--outlines", is_flag=True, help="Draw a line round every object of an image.")
@_seed
@_image_size
@_formats
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
    from deepbench_hf.catalog import load_recipe
    from deepbench_hf.figures import save_preview

    recipe = load_recipe(name, **overrides)
    file = output if output is not None else f"{recipe.name}.png"
    save_preview(recipe, file, split, rows, outlines)
    _print({"file": file}, f"{recipe.name}, split {split}: {file}", file, as_json, quiet)


@cli.command(epilog=_examples("digest pendulum_noisy", "digest pendulum --split test --stop 256"))
@click.argument("name")
@click.option("--split", help="One split instead of all.")
@click.option("--start", type=int, default=0, help="First row; a multiple of 256.")
@click.option("--stop", type=int, help="One past the last row; a multiple of 256, or the end.")
@_seed
@_num_examples
@_image_size
@_formats
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
    rows = reports.digests(name, split, start, stop, **overrides)
    if as_json:
        click.echo(json.dumps(list(rows), indent=2))
        return
    for row in rows:
        place = "" if quiet else f"  {row['split']} {row['start']}:{row['stop']}"
        click.echo(f"{row['sha256']}{place}")


@cli.command(epilog=_examples("card pendulum_noisy", "card shapes sky -o out/README.md"))
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("-o", "--output", metavar="FILE", help="Write here, with figures beside it.")
@click.option("--repo-id", metavar="REPO_ID", help="The repository that the examples name.")
@click.option("--preview/--no-preview", default=True, help="Tell of small pictures of images.")
@_seed
@_num_examples
@_image_size
@_formats
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

    Without -o the card is printed. With -o a README that is there keeps its other configs and its
    other text, and configs that `build -o` wrote beside it are told with their digests.
    """
    from deepbench_hf.cards import card_text, write_card
    from deepbench_hf.catalog import load_recipe

    recipes = [load_recipe(name, **overrides) for name in names]
    if output is None:
        text = card_text(recipes, repo_id, preview)
        _print({"README.md": text}, text, text, as_json, quiet)
        return
    files = [str(file) for file in write_card(recipes, output, repo_id, preview)]
    _print(
        {"files": files},
        f"{files[0]}, and {len(files) - 1} files beside it",
        "\n".join(files),
        as_json,
        quiet,
    )


@cli.command(
    epilog=_examples(
        "push pendulum_noisy user/deepbench", "push shapes sky my.yaml user/deepbench --dry-run"
    )
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.argument("repo_id", metavar="REPO_ID")
@click.option("--private/--no-private", default=None, help="If the repository is made: for whom.")
@click.option("--revision", metavar="BRANCH", help="Another branch; made if it is missing.")
@click.option("--create-pr", is_flag=True, help="Open a pull request instead of committing.")
@click.option("--commit-message", metavar="TEXT", help="The title of the commit.")
@_token
@_num_proc
@_seed
@_num_examples
@click.option("--preview/--no-preview", default=True, help="Add small pictures of images.")
@click.option("--tag/--no-tag", default=True, help="Tag the commit vX.Y.Z, as the recipes say.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")
@click.option("--force", is_flag=True, help="Replace other content of the same name and version.")
@_formats
def push(
    names: tuple[str, ...],
    repo_id: str,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Publish configs with their card in one commit.

    Other configs of the repository stay. What it holds already is not sent again, and a push that
    was stopped shows nothing: run it again. A version that is published with other content is
    refused: raise the recipe's version. Tags that exist stay where they are.
    """
    from deepbench_hf.hub.pushing import push as push_all

    quiet_bars = quiet or as_json
    pushed = push_all(names, repo_id, dry_run=dry_run, quiet=quiet_bars, **options)
    _print(asdict(pushed), pushed.text(dry_run), pushed.url, as_json, quiet)


@cli.command(
    epilog=_examples(
        "verify user/deepbench",
        "verify user/deepbench --config shapes --revision v1.0.0 --all",
        "verify user/deepbench --config pendulum --regenerate 17",
    )
)
@click.argument("place", metavar="REPO_OR_FOLDER")
@click.option("--config", help="One config instead of all.")
@click.option("--split", help="One split instead of all.")
@click.option("--revision", help="A branch, a tag or a commit of a repository.")
@click.option(
    "--sample",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="Blocks of 256 rows to compare in each split: always the same.",
)
@click.option("--all", "all_rows", is_flag=True, help="Compare every row.")
@click.option(
    "--regenerate", type=int, metavar="ROW", help="Print this row, from the recipe alone."
)
@_token
@_formats
def verify(
    place: str,
    sample: int,
    all_rows: bool,
    regenerate: int | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Compare published rows with what their recipes make.

    Bit for bit; only what is compared is read. Manifest, card and files are compared too. The exit
    code is 0 if all is identical, 1 if not, and 2 if another generator version has to tell.
    """
    from deepbench_hf.hub import verifying

    if regenerate is not None:
        click.echo(json.dumps(verifying.regenerate(place, regenerate, **options), indent=2))
        return
    found = verifying.verify(
        place, sample=None if all_rows else sample, quiet=quiet or as_json, **options
    )
    word = ("identical", "different", "other generator version")[found.exit_code]
    _print(found.to_mapping(), found.text(), word, as_json, quiet)
    click.get_current_context().exit(found.exit_code)


@cli.command(epilog=_examples("env", "env --json"))
@_formats
def env(as_json: bool, quiet: bool) -> None:
    """Show versions and folders, for bug reports."""
    data = reports.environment()
    text = "\n".join(f"- {key}: {value}" for key, value in data.items())
    _print(data, text, text, as_json, quiet)
