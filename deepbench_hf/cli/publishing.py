"""The verbs that publish rows and compare what is published."""

import json
from dataclasses import asdict
from typing import Any

import click

from deepbench_hf.cli import options, reports
from deepbench_hf.errors import HubError, printable

timeout = click.option(
    "--timeout",
    type=click.FloatRange(0),
    default=120,
    show_default=True,
    help="Give up after this many seconds of failed requests to the Hub.",
)


@click.command(
    epilog=options.examples(
        "push pendulum_noisy user/deepbench",
        "push shapes sky my.yaml user/deepbench --dry-run",
        "push pendulum shapes sky user/deepbench --per-family",
        "push --delete pendulum user/deepbench",
    )
)
@click.argument("names", type=options.CONFIG, nargs=-1, metavar="[NAME...]")
@click.argument("repo_id", metavar="REPO_ID")
@click.option("--delete", multiple=True, metavar="NAME", help="Remove a config; can be repeated.")
@click.option("--per-family", is_flag=True, help="A repository REPO_ID-FAMILY for each family.")
@click.option("--private/--no-private", default=None, help="Whether a new repository is private.")
@click.option("--revision", metavar="BRANCH", help="Commit to this branch; made if it is missing.")
@click.option("--create-pr", is_flag=True, help="Open a pull request instead of committing.")
@click.option("--commit-message", metavar="TEXT", help="The title of the commit.")
@options.token
@options.num_proc
@options.seed
@options.num_examples
@click.option(
    "--max-shard-size", metavar="MB", type=click.IntRange(1), help="Uncompressed rows in one file."
)
@click.option("--preview/--no-preview", default=True, help="Add small pictures of images.")
@click.option("--tag/--no-tag", default=True, help="Tag the commit vX.Y.Z, as the recipes say.")
@click.option(
    "--benchmark", is_flag=True, help="Add eval.yaml, which lists the tasks of a Hub benchmark."
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")
@click.option("--force", is_flag=True, help="Replace other content of the same name and version.")
@timeout
@options.formats
def push(
    names: tuple[str, ...],
    repo_id: str,
    per_family: bool,
    max_shard_size: int | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    **asked: Any,
) -> None:
    """Publish configs with their card in one commit.

    Other configs of the repository stay. What it holds already is not sent again. A push that was
    interrupted changes nothing that readers see: run it again.

    Rows that differ from those published under the same version are refused: raise the recipe's
    version. So is a push after which load_dataset could no longer read what it reads now. Tags
    that exist stay where they are.
    """
    from deepbench_hf.hub import pushing

    if max_shard_size:
        asked["max_shard_size"] = max_shard_size * 10**6
    asked |= {"dry_run": dry_run, "quiet": quiet or as_json}
    if per_family and asked.pop("delete"):
        raise click.UsageError("--delete names a config of one repository; not with --per-family")
    if per_family:
        done = pushing.push_families(names, repo_id, **asked)
        text = "\n".join(one.text(dry_run) for one in done)
        urls = "\n".join(one.url for one in done)
        options.show([asdict(one) for one in done], text, urls, as_json, quiet)
        return
    pushed = pushing.push(names, repo_id, **asked)
    options.show(asdict(pushed), pushed.text(dry_run), pushed.url, as_json, quiet)


@click.command(
    epilog=options.examples(
        "verify user/deepbench",
        "verify user/deepbench --config shapes --revision v1.0.0 --all",
        "verify user/deepbench --config pendulum --regenerate 17",
    )
)
@click.argument("place", metavar="REPO_OR_FOLDER")
@click.option("--config", help="Only this config.")
@click.option("--split", help="Only this split.")
@click.option("--revision", help="A branch, a tag or a commit of a repository.")
@click.option(
    "--sample",
    type=click.IntRange(1),
    help="Blocks of 256 rows to compare in each split, always the same.  [default: 4 of a"
    " repository, all of a folder]",
)
@click.option("--all", "all_rows", is_flag=True, help="Compare every row.")
@click.option(
    "--regenerate", type=int, metavar="ROW", help="Print this row, from the recipe alone."
)
@options.token
@timeout
@options.formats
def verify(
    place: str,
    sample: int | None,
    all_rows: bool,
    regenerate: int | None,
    as_json: bool,
    quiet: bool,
    **asked: Any,
) -> None:
    """Compare published rows with what their recipes make.

    Rows are made again and compared bit for bit; of a repository only the compared rows are
    downloaded. Manifest, card and files are checked too.

    The exit code is 0 if all is identical, 1 if something differs, 2 if something could not be
    compared because another version wrote it, and 3 if nothing could: there is no such place, or
    the Hub cannot be reached.
    """
    from deepbench_hf.hub import verifying

    context = click.get_current_context()
    try:
        if regenerate is not None:
            del asked["timeout"]
            click.echo(json.dumps(verifying.regenerate(place, regenerate, **asked), indent=2))
            return
        chosen = None if all_rows else sample or "auto"
        found = verifying.verify(place, sample=chosen, quiet=quiet or as_json, **asked)
    except HubError as error:
        for line in reports.error_lines(error, "verify"):
            click.echo(printable(line), err=True)
        context.exit(3)
    options.show(
        found.to_mapping(), printable(found.text()), found.conclusion.split(":")[0], as_json, quiet
    )
    context.exit(found.exit_code)
