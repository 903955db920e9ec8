"""The verbs that build past one machine: plan, work, finish and status."""

import os
from typing import Any

import click

from deepbench_hf.cli import options

target = click.argument("target", metavar="TARGET")


@click.command(
    epilog=options.examples(
        "plan pendulum_noisy -o s3://bucket/out --num-examples 1000000",
        "plan shapes my.yaml -o /shared/out --shard-size 500",
    )
)
@click.argument("names", type=options.CONFIG, nargs=-1, required=True, metavar="NAME...")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="TARGET",
    help="Where files go: a folder, s3://, gs://, hf://buckets/.",
)
@click.option(
    "--shard-size",
    metavar="MB",
    type=click.IntRange(1),
    help="Uncompressed rows in one file.  [default: 134]",
)
@options.recipe_options
@options.output_options
@options.formats
def plan(
    names: tuple[str, ...],
    output: str,
    shard_size: int | None,
    splits: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    **overrides: Any,
) -> None:
    """Plan a build that many machines share.

    This writes a plan to TARGET, a place that all machines can write to. Then run `work` on any
    number of machines, and `finish` once. Running `plan` again changes nothing.
    """
    from deepbench_hf.recipe.catalog import load_recipe
    from deepbench_hf.tables.building import applicable
    from deepbench_hf.tables.parquet import FILE_BYTES
    from deepbench_hf.tables.plan import Plan
    from deepbench_hf.tables.target import Target
    from deepbench_hf.tables.work import lay

    overrides["splits"] = list(splits) or None
    own = applicable(names, overrides, options.note)
    recipes = [load_recipe(name, **changes) for name, changes in zip(names, own, strict=True)]
    place = Target(output)
    size = shard_size * 10**6 if shard_size else FILE_BYTES
    made = lay(Plan.of(recipes, size), place)
    told = {"id": made.id, "target": place.shown, "shards": len(made), "rows": made.rows}
    text = f"{made.rows:,} rows in {len(made):,} shards, planned at {place.shown}"
    options.show(told, text, str(len(made)), as_json, quiet)


@click.command(
    epilog=options.examples("work s3://bucket/out --task 2/4", "work /shared/out --num-proc 8")
)
@target
@click.option(
    "--task",
    metavar="I/N",
    callback=lambda _context, _option, value: _task(value),
    help="The I-th of N shares, from 1.  [default: that of a Slurm array, or all]",
)
@options.num_proc
@options.formats
def work(target: str, task: tuple[int, int], num_proc: int, as_json: bool, quiet: bool) -> None:
    """Write the files of a plan, or a share of them.

    Files that are complete are left as they are, so after any failure run it again. It does no harm
    if two processes write one file: they write the same bytes.
    """
    from deepbench_hf.tables import work as library
    from deepbench_hf.tables.building import progress
    from deepbench_hf.tables.target import Target

    place = Target(target)
    laid = library.plan_at(place)
    numbers = library.share(laid, *task)
    rows = sum(laid[number].rows for number in numbers)
    with progress(rows, 0, quiet or as_json) as bar:
        library.work(place, laid, numbers, num_proc, bar.update)
    told = {"target": place.shown, "task": task[0], "tasks": task[1], "shards": len(numbers)}
    text = f"share {task[0]} of {task[1]}: {rows:,} rows in {len(numbers):,} shards are written"
    options.show({**told, "rows": rows}, text, str(len(numbers)), as_json, quiet)


@click.command(epilog=options.examples("status s3://bucket/out", "status /shared/out --json"))
@target
@options.formats
def status(target: str, as_json: bool, quiet: bool) -> None:
    """Say which files of a plan are missing, and why."""
    from deepbench_hf.tables.target import Target
    from deepbench_hf.tables.work import plan_at, state_of

    place = Target(target)
    state = state_of(plan_at(place), place)
    done, total = len(state.written), len(state.plan)
    head = f"{done:,} of {total:,} shards, {state.rows:,} of {state.plan.rows:,} rows are written"
    told = {"written": done, "shards": total, "rows": state.rows}
    missing = [{"shard": n, "path": state.plan[n].path, "why": w} for n, w in state.missing.items()]
    numbers = "\n".join(map(str, state.missing))
    options.show(
        {**told, "missing": missing}, "\n".join([head, *state.lines(20)]), numbers, as_json, quiet
    )


@click.command(epilog=options.examples("finish s3://bucket/out"))
@target
@options.formats
def finish(target: str, as_json: bool, quiet: bool) -> None:
    """Make what a plan's workers wrote visible, once all of it is there.

    TARGET then holds what `build -o` writes on one machine, byte for byte.
    """
    from deepbench_hf.tables.building import finish as sum_up
    from deepbench_hf.tables.target import Target

    built = sum_up(Target(target))
    text = "\n".join(f"{entry['name']}: {entry['rows']} rows in {entry['path']}" for entry in built)
    options.show(built, text, "\n".join(entry["path"] for entry in built), as_json, quiet)


def _task(text: str | None) -> tuple[int, int]:
    """A share and how many there are: 2/4, or what Slurm says, or all."""
    if text is None:
        return _slurm_task()
    number, _, count = text.partition("/")
    if not (number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise click.BadParameter(f"{text!r} is no share I/N with I from 1 to N, such as 2/4")
    return int(number), int(count)


def _slurm_task() -> tuple[int, int]:
    """The place of this task in a Slurm array whose numbers may begin and step as they like.

    A task whose number is on none of the steps, as in ``--array=5,6,9``, takes all that is missing:
    Slurm does not tell it which share nobody else has.
    """
    if "SLURM_ARRAY_TASK_ID" not in os.environ:
        return 1, 1
    names = ("ID", "MIN", "STEP", "COUNT")
    try:
        told = [int(os.environ.get(f"SLURM_ARRAY_TASK_{name}") or 1) for name in names]
    except ValueError:
        raise click.UsageError("SLURM_ARRAY_TASK_... are no numbers; give --task") from None
    number, first, step, count = told
    place, beside = divmod(number - first, step)
    return (1, 1) if beside or place >= count else (place + 1, count)
