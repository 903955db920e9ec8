"""The verbs that publish rows and compare what is published."""

import json
from dataclasses import asdict
from typing import Any

import click

from deepbench_hf.cli.options import examples, formats, num_examples, num_proc, seed, show, token


@click.command(
    epilog=examples(
        "push pendulum_noisy user/deepbench", "push shapes sky my.yaml user/deepbench --dry-run"
    )
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.argument("repo_id", metavar="REPO_ID")
@click.option("--private/--no-private", default=None, help="If the repository is made: for whom.")
@click.option("--revision", metavar="BRANCH", help="Another branch; made if it is missing.")
@click.option("--create-pr", is_flag=True, help="Open a pull request instead of committing.")
@click.option("--commit-message", metavar="TEXT", help="The title of the commit.")
@token
@num_proc
@seed
@num_examples
@click.option("--preview/--no-preview", default=True, help="Add small pictures of images.")
@click.option("--tag/--no-tag", default=True, help="Tag the commit vX.Y.Z, as the recipes say.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")
@click.option("--force", is_flag=True, help="Replace other content of the same name and version.")
@formats
def push(
    names: tuple[str, ...], repo_id: str, dry_run: bool, as_json: bool, quiet: bool, **options: Any
) -> None:
    """Publish configs with their card in one commit.

    Other configs of the repository stay. What it holds already is not sent again, and a push that
    was stopped shows nothing: run it again. A version that is published with other content is
    refused: raise the recipe's version. Tags that exist stay where they are.
    """
    from deepbench_hf.hub.pushing import push as push_all

    quiet_bars = quiet or as_json
    pushed = push_all(names, repo_id, dry_run=dry_run, quiet=quiet_bars, **options)
    show(asdict(pushed), pushed.text(dry_run), pushed.url, as_json, quiet)


@click.command(
    epilog=examples(
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
@token
@formats
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
    show(found.to_mapping(), found.text(), word, as_json, quiet)
    click.get_current_context().exit(found.exit_code)
