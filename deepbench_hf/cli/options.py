"""What the verbs share: options, the end of a help text, and ways to print."""

import json
from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from deepbench_hf.errors import printable


def examples(*lines: str) -> str:
    """The end of a command's help."""
    return "\b\nExamples\n" + "\n".join(f"  $ deepbench-hf {line}" for line in lines)


def formats(command: Callable[..., Any]) -> Callable[..., Any]:
    """The two options that every command with data has."""
    quiet = click.option(
        "-q", "--quiet", is_flag=True, help="Print only names or values, one a line."
    )
    as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    return quiet(as_json(command))


def show(data: Any, text: str, quiet_text: str, as_json: bool, quiet: bool) -> None:
    """Print data as JSON, as a text, or as names and values alone; nothing steers a terminal."""
    if as_json:
        click.echo(json.dumps(data, indent=2))
    else:
        click.echo(printable(quiet_text if quiet else text))


def note(line: Any) -> None:
    """Print a line to stderr."""
    click.echo(printable(str(line)), err=True)


class ConfigName(click.ParamType):
    """A shipped config or the path of a recipe, which the shell completes."""

    name = "text"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The configs that begin so; where none does, files."""
        from deepbench_hf.recipe.text import shipped_files

        names = sorted(name for name in shipped_files() if name.startswith(incomplete))
        return [*map(CompletionItem, names)] or [CompletionItem(incomplete, type="file")]


CONFIG = ConfigName()

seed = click.option("--seed", type=int, help="Another seed: other rows of the same kind.")
num_examples = click.option(
    "--num-examples", type=int, help="How many rows the training splits have."
)
num_proc = click.option(
    "--num-proc",
    type=click.IntRange(1),
    default=1,
    help="How many workers make rows at once.",
    show_default=True,
)
token = click.option(
    "--token",
    metavar="TOKEN",
    help="Access token. Other users of this machine can see it: better set HF_TOKEN or run hf auth"
    " login.",
)
image_size = click.option(
    "--image-size",
    metavar="SIDE|HxW",
    callback=lambda _context, _option, value: _sides(value),
    help="Another size of images, in pixels, such as 28 or 32x48; lengths are stretched with it.",
)


def _sides(text: str | None) -> int | tuple[int, int] | None:
    """A side, or height and width: 64 or 33x57."""
    if text is None:
        return None
    sides = text.lower().split("x")
    if len(sides) > 2 or not all(side.isdecimal() for side in sides):
        raise click.BadParameter(
            f"{text!r} is not a size; give a side, 64, or height x width, 33x57"
        )
    return int(sides[0]) if len(sides) == 1 else (int(sides[0]), int(sides[1]))


def recipe_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What makes other rows of the same recipe."""
    return seed(num_examples(image_size(command)))


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What the verbs that write rows can be told of them."""
    said = (
        ("--split", "Only this split; can be repeated."),
        ("--clean/--no-clean", "Add clean outputs, or leave them out."),
        ("--masks/--no-masks", "Add masks, and images of single objects."),
        ("--uncertainty/--no-uncertainty", "Add variances and Cramer-Rao bounds."),
        ("--preview/--no-preview", "Add a small picture of each row."),
    )
    for option, meaning in reversed(said):
        how: dict[str, Any] = {"default": None} if "/" in option else {"multiple": True}
        names = (option,) if "/" in option else (option, "splits")
        command = click.option(*names, help=meaning, **how)(command)
    return command
